"""How a proposal climbs, and what a body answers, in its term or not."""

from __future__ import annotations

from webapp.journal.verbs import Verb
from webapp.kernel.i18n import gettext as _
from webapp.notifications.sentences.happening import Happening, Sentence


def _climbed(it: Happening) -> str:
    if it.get("cause") == "silence":
        return _(
            "The proposal moved up automatically because the body did not answer. An answer is due here by %(date)s.",
            date=it.due,
        )
    return _("Support moved the proposal up to this rung. An answer is due here by %(date)s.", date=it.due)


def _silent(it: Happening) -> str:
    match it.get("what"):
        case "triage":
            return _("The proposal was not looked at in the term that ended on %(date)s.", date=it.due)
        case "flags" if it.get("at_top"):
            return _(
                "Reports were not looked at in the term that ended on %(date)s. There is no higher body: they stay here, overdue.",
                date=it.due,
            )
        case "flags":
            return _(
                "Reports were not looked at in the term that ended on %(date)s. The next rung has them now.",
                date=it.due,
            )
        case "hiding-appeal":
            return _("Nobody decided on the appeal in the term that ended on %(date)s.", date=it.due)
    return _("No answer was given in the term that ended on %(date)s. That is on record.", date=it.due)


def _extended(it: Happening) -> str:
    if not it.on_page:
        return _("The term for the answer was extended until %(date)s, with reasons.", date=it.due)
    return _(
        "The term for the answer was extended until %(date)s. Reasons: %(reasons)s",
        date=it.due,
        reasons=it.in_language("reason"),
    )


def _accepted(it: Happening) -> str:
    if it.on_page:
        return _("Accepted in part. The plan is below.") if it.get("in_part") else _("Accepted. The plan is below.")
    if it.get("in_part"):
        return _("Accepted in part. The plan is on the page of the proposal.")
    return _("Accepted. The plan is on the page of the proposal.")


def _declined(it: Happening) -> str:
    if not it.get("appeal_until"):
        return _("Declined with reasons.")
    return _("Declined with reasons. The author may appeal until %(date)s.", date=it.date("appeal_until"))


SAID: dict[str, Sentence] = {
    Verb.THRESHOLD_REACHED: lambda it: _(
        "The threshold is reached. Supporters: %(count)s. An answer is due by %(date)s.",
        count=it.get("supports"),
        date=it.due,
    ),
    Verb.PROPOSAL_CLIMBED: _climbed,
    Verb.BODY_SILENT: _silent,
    Verb.TERM_EXTENDED: _extended,
    Verb.TERM_OVERDUE: lambda it: _(
        "No answer was given in the term that ended on %(date)s. There is no higher body: the proposal stays here, overdue.",
        date=it.due,
    ),
    Verb.PROPOSAL_ACCEPTED: _accepted,
    Verb.PROPOSAL_DECLINED: _declined,
    Verb.DECLINE_APPEALED: lambda it: _(
        "The author appealed against the refusal. An answer is due here by %(date)s.", date=it.due
    ),
    Verb.PROPOSAL_PASSED_UP: lambda it: _("Passed up with an opinion. An answer is due here by %(date)s.", date=it.due),
    Verb.PROPOSAL_HANDED_DOWN: lambda it: _(
        "Handed down with instructions. An answer is due here by %(date)s.", date=it.due
    ),
}
