"""How a proposal arrives, is checked, is joined, and ends."""

from __future__ import annotations

from webapp.journal.verbs import Verb
from webapp.kernel.i18n import current_language, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.notifications.sentences.happening import Happening, Sentence


def _forwarded(it: Happening) -> str:
    if it.get("by") == "silence":
        return _("Moved up to this body automatically, because nobody looked at it in the term.")
    if it.get("department"):
        return _("Forwarded to the department %(name)s.", name=it.get("department")[current_language()])
    return _("Forwarded to the competent body.")


def _enlarged(it: Happening) -> str:
    supporters = it.number("supports")
    if supporters == 0:
        return _("A proposal on the same matter was joined to this one.")
    return ngettext(
        "A proposal on the same matter was joined to this one. It brought %(num)d supporter.",
        "A proposal on the same matter was joined to this one. It brought %(num)d supporters.",
        supporters,
    )


def _reduced(it: Happening) -> str:
    return ngettext(
        "A joined proposal was separated from this one again, with %(num)d supporter.",
        "A joined proposal was separated from this one again, with %(num)d supporters.",
        it.number("supports"),
    )


def _adopted(it: Happening) -> str:
    return ngettext(
        "Taken up here as one matter with %(num)d proposal of another place. An answer is due by %(date)s.",
        "Taken up here as one matter with %(num)d proposals of other places. An answer is due by %(date)s.",
        it.number("proposals", 2) - 1,
        date=it.due,
    )


SAID: dict[str, Sentence] = {
    Verb.PROPOSAL_SUBMITTED: lambda it: _("Received with the talon %(number)s.", number=it.get("number")),
    Verb.PROPOSAL_IMPORTED: lambda _it: _("Imported from another platform."),
    Verb.PROPOSAL_RETURNED: lambda it: _(
        "The moderator asks the author a question, to be answered by %(date)s.", date=it.due
    ),
    Verb.PROPOSAL_RESUBMITTED: lambda _it: _("The author has answered the question."),
    Verb.PROPOSAL_LAPSED: lambda _it: _("The question was not answered in the term, so the proposal was closed."),
    Verb.PROPOSAL_PUBLISHED: lambda it: _(
        "Checked and published. Support is collected until %(date)s.", date=it.date("closes_at")
    ),
    Verb.PROPOSAL_REJECTED: lambda it: _(
        "It was not published. An appeal to the next rung is possible by %(date)s.", date=it.due
    ),
    Verb.REJECTION_APPEALED: lambda _it: _("The author appealed because the proposal was not published."),
    Verb.PROPOSAL_FORWARDED: _forwarded,
    Verb.PROPOSAL_MERGED: lambda _it: _("Joined to a proposal on the same matter."),
    Verb.PROPOSAL_UNMERGED: lambda it: _(
        "Separated from the other proposal again. It goes on where it was; the next date is %(date)s.", date=it.due
    ),
    Verb.PROPOSAL_ENLARGED: _enlarged,
    Verb.PROPOSAL_REDUCED: _reduced,
    Verb.PROPOSAL_ADOPTED: _adopted,
    Verb.DECISION_UNDONE: lambda _it: _("The moderator took this decision back within a minute."),
    Verb.PROPOSAL_WITHDRAWN: lambda _it: _("Withdrawn by its author."),
    Verb.PROPOSAL_UNSUPPORTED: lambda _it: _("The period for support is over; the threshold was not reached."),
    Verb.PROPOSAL_CLOSED: lambda _it: _("The term for an appeal is over; the matter is closed."),
}
