"""What the journal says of something that has stalled, and of what moves again; named in `notifications.sentences`."""

from __future__ import annotations

from webapp.hanging.words import cause_labels
from webapp.journal.verbs import Verb
from webapp.kernel.i18n import gettext as _
from webapp.notifications.sentences.happening import Happening, Sentence


def _cause(it: Happening) -> str:
    return cause_labels().get(it.get("cause"), "")


SAID: dict[str, Sentence] = {
    Verb.STRATEGY_HANGS: lambda it: _("Stalled since %(date)s: %(cause)s.", cause=_cause(it), date=it.day("since")),
    Verb.STRATEGY_RESUMED: lambda it: _("No longer stalled: %(cause)s.", cause=_cause(it)),
}
