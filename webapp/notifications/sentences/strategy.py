"""Directions, programmes, measures, their money, and the proposals that are part of them."""

from __future__ import annotations

from webapp.journal.verbs import Verb
from webapp.kernel.i18n import gettext as _
from webapp.notifications.sentences.happening import Happening, Sentence


def _placed(it: Happening) -> str:
    if it.get("id"):
        return _("The moderator has confirmed what it is part of: %(title)s.", title=it.title)
    return _("The moderator has recorded that it is part of none of these.")


SAID: dict[str, Sentence] = {
    Verb.DIRECTION_PUBLISHED: lambda it: _("A direction was published: %(title)s.", title=it.title),
    Verb.DIRECTION_CHANGED: lambda it: _("A direction was changed: %(title)s.", title=it.title),
    Verb.DIRECTION_ENDED: lambda it: _("A direction was ended: %(title)s.", title=it.title),
    Verb.PROGRAMME_PUBLISHED: lambda it: _("A programme was published: %(title)s.", title=it.title),
    Verb.PROGRAMME_CHANGED: lambda it: _("A programme was changed: %(title)s.", title=it.title),
    Verb.PROGRAMME_ENDED: lambda it: _("A programme was ended: %(title)s.", title=it.title),
    Verb.MEASURE_PUBLISHED: lambda it: _("A measure was published: %(title)s.", title=it.title),
    Verb.MEASURE_CHANGED: lambda it: _("A measure was changed: %(title)s.", title=it.title),
    Verb.MEASURE_ENDED: lambda it: _("A measure was ended: %(title)s.", title=it.title),
    Verb.MEASURE_LESSONS: lambda it: _("The lessons of a measure were written down: %(title)s.", title=it.title),
    Verb.MONEY_ENTERED: lambda it: _(
        "An amount of %(amount)s was entered: %(title)s.", amount=it.amount("amount_tenge"), title=it.title
    ),
    Verb.COMMITMENT_MADE: lambda it: _(
        "Money was promised to a city, %(amount)s: %(title)s.", amount=it.amount("amount_tenge"), title=it.title
    ),
    Verb.COMMITMENT_ACCEPTED: lambda it: _(
        "The city accepted the promised money, %(amount)s: %(title)s.", amount=it.amount("amount_tenge"), title=it.title
    ),
    Verb.COMMITMENT_REFUSED: lambda it: _(
        "The city refused the promised money, %(amount)s: %(title)s.", amount=it.amount("amount_tenge"), title=it.title
    ),
    Verb.PROPOSAL_PLACED: _placed,
    Verb.PROPOSAL_BECAME_MEASURE: lambda it: _("Became a measure of the city: %(title)s.", title=it.title),
    Verb.PROPOSAL_JOINED_MEASURE: lambda it: _("Joined a measure of the city: %(title)s.", title=it.title),
}
