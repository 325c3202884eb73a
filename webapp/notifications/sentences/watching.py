"""Reports, hidings and their appeals; votes that are checked and counted again."""

from __future__ import annotations

from webapp.journal.rules import SMALLEST_CELL
from webapp.journal.verbs import Verb
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import ngettext
from webapp.notifications.sentences.happening import Happening, Sentence


def _reviewed(it: Happening) -> str:
    if it.get("what") == "photo":
        return _("Reports about the photo were looked at: it stays.")
    return _("Reports about the text were looked at: it stays.")


def _hidden(it: Happening) -> str:
    if it.get("what") == "photo":
        return _("The photo was hidden by a moderator. The author may appeal until %(date)s.", date=it.due)
    return _("The text was hidden by a moderator. The author may appeal until %(date)s.", date=it.due)


def _shown(it: Happening) -> str:
    if it.get("by") == "silence":
        return _("It is shown again automatically, because nobody decided on the appeal.")
    return _("Somebody else looked at the appeal: it is shown again.")


def _set_aside(it: Happening) -> str:
    votes = it.number("votes")
    if votes < SMALLEST_CELL:
        return _(
            "Fewer than %(count)s votes here were set aside for checking. They are not counted until the check is over.",
            count=str(SMALLEST_CELL),
        )
    return ngettext(
        "%(num)d vote was set aside for checking. It is not counted until the check is over.",
        "%(num)d votes were set aside for checking. They are not counted until the check is over.",
        votes,
    )


def _given_back(it: Happening) -> str:
    votes = it.number("votes")
    if votes < SMALLEST_CELL:
        return _(
            "The check has ended for fewer than %(count)s votes here: they are counted again.", count=str(SMALLEST_CELL)
        )
    return ngettext(
        "The check is over for %(num)d vote: it is counted again.",
        "The check is over for %(num)d votes: they are counted again.",
        votes,
    )


SAID: dict[str, Sentence] = {
    Verb.FLAGS_REVIEWED: _reviewed,
    Verb.CONTENT_HIDDEN: _hidden,
    Verb.HIDING_APPEALED: lambda it: _(
        "The author appealed against the hiding. Somebody else decides by %(date)s.", date=it.due
    ),
    Verb.HIDING_UPHELD: lambda _it: _("Somebody else looked at the appeal: it stays hidden."),
    Verb.CONTENT_SHOWN: _shown,
    Verb.PHOTO_REMOVED: lambda _it: _("The photo was removed."),
    Verb.TALLY_CORRECTED: lambda _it: _("The votes were counted again and the number was corrected."),
    Verb.VOTES_SET_ASIDE: _set_aside,
    Verb.VOTES_GIVEN_BACK: _given_back,
    Verb.CHECK_BEGUN: lambda _it: _("A check of votes has begun."),
    Verb.CHECK_ENDED: lambda it: (
        _("A check of votes has ended.") if it.get("whole") else _("A check of votes has ended in part.")
    ),
}
