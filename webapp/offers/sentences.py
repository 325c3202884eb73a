"""What the journal says of offers of business; named in `notifications.sentences`."""

from __future__ import annotations

from webapp.journal.verbs import Verb
from webapp.kernel.i18n import gettext as _
from webapp.notifications.sentences.happening import Happening, Sentence
from webapp.offers.choices import forms, stages


def _form(it: Happening) -> str:
    return forms().get(it.get("form"), "")


SAID: dict[str, Sentence] = {
    Verb.OFFER_MADE: lambda it: _("A business has made an offer: %(form)s.", form=_form(it)),
    Verb.OFFER_PUBLISHED: lambda it: _("An offer of a business is public now: %(form)s.", form=_form(it)),
    Verb.OFFER_WITHDRAWN: lambda it: _("A business has taken its offer back: %(form)s.", form=_form(it)),
    Verb.OFFER_TAKEN_UP: lambda it: _("An offer of a business was taken up: %(form)s.", form=_form(it)),
    Verb.OFFER_DECLINED: lambda it: _("An offer of a business was declined: %(form)s.", form=_form(it)),
    Verb.OFFER_STAGE: lambda it: _(
        "A stage of a partnership is completed: %(stage)s.", stage=stages().get(it.get("stage"), "")
    ),
    Verb.OFFER_OVERDUE: lambda it: _(
        "An offer of a business was not answered in the term that ended on %(date)s.", date=it.due
    ),
}
