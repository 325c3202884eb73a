"""The public timeline: each fact of the journal as a sentence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from webapp.journal.models import Fact
from webapp.journal.rules import SMALLEST_CELL
from webapp.journal.verbs import Verb
from webapp.kernel.i18n import current_language, format_date, format_datetime, localized, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import iso_date
from webapp.portal.carried_out import CARRIED_OUT, carried_out, title_of
from webapp.portal.words import source_labels
from webapp.proposals.hiding import reason_labels

#: A consequence that was recorded so long after its date says when.
NOTICED_LATE = timedelta(hours=1)


def _date(value: str | None) -> str:
    return format_date(datetime.fromisoformat(value)) if value else ""


def _day(value: str) -> str:
    day = iso_date(value)
    return format_date(day) if day else ""


def _climb_sentence(fact: Fact) -> str:
    due = _date(fact.facts.get("due_at"))
    if fact.facts.get("cause") == "silence":
        return _(
            "The proposal moved up automatically because the body did not answer. An answer is due here by %(date)s.",
            date=due,
        )
    return _("Support moved the proposal up to this rung. An answer is due here by %(date)s.", date=due)


def sentence(fact: Fact) -> str:
    """What happened, in one sentence."""
    facts, due = fact.facts, _date(fact.facts.get("due_at"))
    match fact.verb:
        case Verb.PROPOSAL_SUBMITTED:
            return _("Received with the talon %(number)s.", number=facts.get("number", ""))
        case Verb.PROPOSAL_IMPORTED:
            return _("Imported from another platform.")
        case Verb.PROPOSAL_PUBLISHED:
            return _("Checked and published. Support is collected until %(date)s.", date=_date(facts.get("closes_at")))
        case Verb.PROPOSAL_MERGED:
            return _("Joined to a proposal on the same matter.")
        case Verb.PROPOSAL_UNMERGED:
            return _(
                "Separated from the other proposal again. It goes on where it was; the next date is %(date)s.", date=due
            )
        case Verb.PROPOSAL_ENLARGED | Verb.PROPOSAL_REDUCED:
            return _merger_sentence(facts, is_back=fact.verb == Verb.PROPOSAL_REDUCED)
        case Verb.PROPOSAL_ADOPTED:
            return ngettext(
                "Taken up here as one matter with %(num)d proposal of another place. An answer is due by %(date)s.",
                "Taken up here as one matter with %(num)d proposals of other places. An answer is due by %(date)s.",
                int(facts.get("proposals", 2)) - 1,
                date=due,
            )
        case Verb.PROPOSAL_FORWARDED if facts.get("by") == "silence":
            return _("Moved up to this body automatically, because nobody looked at it in the term.")
        case Verb.PROPOSAL_FORWARDED if facts.get("department"):
            return _("Forwarded to the department %(name)s.", name=facts["department"][current_language()])
        case Verb.PROPOSAL_FORWARDED:
            return _("Forwarded to the competent body.")
        case Verb.DECISION_UNDONE:
            return _("The moderator took this decision back within a minute.")
        case Verb.PROPOSAL_WITHDRAWN:
            return _("Withdrawn by its author.")
        case Verb.THRESHOLD_REACHED:
            return _(
                "The threshold is reached. Supporters: %(count)s. An answer is due by %(date)s.",
                count=facts.get("supports", ""),
                date=due,
            )
        case Verb.PROPOSAL_CLIMBED:
            return _climb_sentence(fact)
        case Verb.PROPOSAL_UNSUPPORTED:
            return _("The period for support is over; the threshold was not reached.")
        case Verb.BODY_SILENT if facts.get("what") == "triage":
            return _("The proposal was not looked at in the term that ended on %(date)s.", date=due)
        case Verb.BODY_SILENT if facts.get("what") == "flags" and facts.get("at_top"):
            return _(
                "Reports were not looked at in the term that ended on %(date)s. There is no higher body: they stay here, overdue.",
                date=due,
            )
        case Verb.BODY_SILENT if facts.get("what") == "flags":
            return _(
                "Reports were not looked at in the term that ended on %(date)s. The next rung has them now.", date=due
            )
        case Verb.BODY_SILENT if facts.get("what") == "hiding-appeal":
            return _("Nobody decided on the appeal in the term that ended on %(date)s.", date=due)
        case Verb.BODY_SILENT:
            return _("No answer was given in the term that ended on %(date)s. That is on record.", date=due)
        case Verb.TERM_EXTENDED:
            return _(
                "The term for the answer was extended until %(date)s. Reasons: %(reasons)s",
                date=due,
                reasons=facts["reason_kk" if current_language() == "kk" else "reason_ru"],
            )
        case Verb.TERM_OVERDUE:
            return _(
                "No answer was given in the term that ended on %(date)s. There is no higher body: the proposal stays here, overdue.",
                date=due,
            )
        case Verb.PROPOSAL_ACCEPTED if facts.get("in_part"):
            return _("Accepted in part. The plan is below.")
        case Verb.PROPOSAL_ACCEPTED:
            return _("Accepted. The plan is below.")
        case Verb.PROPOSAL_DECLINED if not facts.get("appeal_until"):
            return _("Declined with reasons.")
        case Verb.PROPOSAL_DECLINED:
            return _(
                "Declined with reasons. The author may appeal until %(date)s.", date=_date(facts.get("appeal_until"))
            )
        case Verb.DECLINE_APPEALED:
            return _("The author appealed against the refusal. An answer is due here by %(date)s.", date=due)
        case Verb.PROPOSAL_PASSED_UP:
            return _("Passed up with an opinion. An answer is due here by %(date)s.", date=due)
        case Verb.PROPOSAL_HANDED_DOWN:
            return _("Handed down with instructions. An answer is due here by %(date)s.", date=due)
        case Verb.IMPLEMENTATION_STARTED:
            return _("The work has begun.")
        case Verb.MILESTONE_DONE:
            return _("Milestone reported done: %(title)s.", title=title_of(facts))
        case Verb.MILESTONE_PARTLY:
            return _("Milestone reported partly done: %(title)s.", title=title_of(facts))
        case Verb.MILESTONE_MOVED:
            dates = {"date": _day(facts["moved_to"]), "before": _day(facts["moved_from"])}
            return _("Milestone postponed from %(before)s to %(date)s: %(title)s.", title=title_of(facts), **dates)
        case Verb.MILESTONE_OVERDUE if facts.get("moved_to"):
            dates = {"title": title_of(facts), "date": _day(facts["moved_to"])}
            return _(
                "The date promised first has passed, and it is not done: %(title)s. It is postponed to %(date)s.",
                **dates,
            )
        case Verb.MILESTONE_OVERDUE:
            return _("Milestone overdue: %(title)s.", title=title_of(facts))
        case Verb.IMPLEMENTATION_DONE:
            return _("All milestones are reported done.")
        case Verb.PROPOSAL_CLOSED:
            return _("The term for an appeal is over; the matter is closed.")
        case Verb.TALLY_CORRECTED:
            return _("The votes were counted again and the number was corrected.")
        case Verb.PHOTO_REMOVED:
            return _("The photo was removed.")
        case Verb.FLAGS_REVIEWED | Verb.CONTENT_HIDDEN | Verb.HIDING_APPEALED | Verb.HIDING_UPHELD | Verb.CONTENT_SHOWN:
            return _hiding_sentence(fact, due)
        case verb if verb in CARRIED_OUT:
            return carried_out(fact, due)
        case Verb.SITE_AWAY:
            return _(
                "The site was unavailable from %(begin)s to %(end)s. Nobody could act, so open dates were moved by the rules.",
                begin=format_datetime(datetime.fromisoformat(facts["began_at"])),
                end=format_datetime(datetime.fromisoformat(facts["ended_at"])),
            )
        case Verb.VOTES_SET_ASIDE:
            return _votes_sentence(facts, is_back=False)
        case Verb.VOTES_GIVEN_BACK:
            return _votes_sentence(facts, is_back=True)
        case _:
            return fact.verb


def _hiding_sentence(fact: Fact, due: str) -> str:
    is_photo = fact.facts.get("what") == "photo"
    match fact.verb:
        case Verb.FLAGS_REVIEWED:
            return (
                _("Reports about the photo were looked at: it stays.")
                if is_photo
                else _("Reports about the text were looked at: it stays.")
            )
        case Verb.CONTENT_HIDDEN if is_photo:
            return _("The photo was hidden by a moderator. The author may appeal until %(date)s.", date=due)
        case Verb.CONTENT_HIDDEN:
            return _("The text was hidden by a moderator. The author may appeal until %(date)s.", date=due)
        case Verb.HIDING_APPEALED:
            return _("The author appealed against the hiding. Somebody else decides by %(date)s.", date=due)
        case Verb.HIDING_UPHELD:
            return _("Somebody else looked at the appeal: it stays hidden.")
    if fact.facts.get("by") == "silence":
        return _("It is shown again automatically, because nobody decided on the appeal.")
    return _("Somebody else looked at the appeal: it is shown again.")


def _votes_sentence(facts: dict[str, Any], is_back: bool) -> str:
    number = int(facts.get("votes", 0))
    if number < SMALLEST_CELL and is_back:
        return _(
            "The check has ended for fewer than %(count)s votes here: they are counted again.", count=str(SMALLEST_CELL)
        )
    if number < SMALLEST_CELL:
        return _(
            "Fewer than %(count)s votes here were set aside for checking. They are not counted until the check is over.",
            count=str(SMALLEST_CELL),
        )
    if is_back:
        return ngettext(
            "The check is over for %(num)d vote: it is counted again.",
            "The check is over for %(num)d votes: they are counted again.",
            number,
        )
    return ngettext(
        "%(num)d vote was set aside for checking. It is not counted until the check is over.",
        "%(num)d votes were set aside for checking. They are not counted until the check is over.",
        number,
    )


def _merger_sentence(facts: dict[str, Any], is_back: bool) -> str:
    number = int(facts.get("supports", 0))
    if is_back:
        return ngettext(
            "A joined proposal was separated from this one again, with %(num)d supporter.",
            "A joined proposal was separated from this one again, with %(num)d supporters.",
            number,
        )
    if number == 0:
        return _("A proposal on the same matter was joined to this one.")
    return ngettext(
        "A proposal on the same matter was joined to this one. It brought %(num)d supporter.",
        "A proposal on the same matter was joined to this one. It brought %(num)d supporters.",
        number,
    )


_KINDS = {
    Verb.BODY_SILENT: "silent",
    Verb.TERM_OVERDUE: "overdue",
    Verb.MILESTONE_OVERDUE: "overdue",
    Verb.PLAN_OVERDUE: "overdue",
    Verb.PROPOSAL_REOPENED: "overdue",
    Verb.PROPOSAL_ACCEPTED: "accepted",
    Verb.IMPLEMENTATION_DONE: "done",
    Verb.PROPOSAL_DECLINED: "declined",
    Verb.THRESHOLD_REACHED: "climbed",
    Verb.PROPOSAL_CLIMBED: "climbed",
    Verb.PROPOSAL_ADOPTED: "climbed",
}


def events(facts: list[Fact], bodies: dict[int, Any]) -> list[dict[str, Any]]:
    """Facts for the timeline macro, newest first. `bodies` maps territory ids to bodies."""
    return [
        {
            "at_iso": fact.happened_at.isoformat(timespec="milliseconds"),
            "at_label": format_datetime(fact.happened_at),
            "body": localized(bodies[fact.territory_id]) if fact.territory_id in bodies else "",
            "sentence": sentence(fact),
            "detail": _detail(fact),
            "kind": _KINDS.get(Verb(fact.verb), "plain"),
        }
        for fact in sorted(facts, key=lambda fact: (fact.happened_at, fact.id), reverse=True)
    ]


def _detail(fact: Fact) -> str:
    said = _more(fact)
    if fact.at - fact.happened_at < NOTICED_LATE:
        return said
    recorded = _("Recorded on %(date)s.", date=format_date(fact.at))
    return f"{said} {recorded}".strip()


def _more(fact: Fact) -> str:
    if fact.verb == Verb.SITE_AWAY:
        return str(fact.facts.get("reason", ""))
    if fact.verb == Verb.PROPOSAL_ACCEPTED and fact.facts.get("source"):
        source = source_labels().get(fact.facts["source"], "")
        return f"{_('Where the resources come from')}: {source}" if source else ""
    if fact.verb == Verb.CONTENT_HIDDEN:
        return f"{reason_labels().get(fact.facts['reason'], '')}. {fact.facts['sentence']}"
    if fact.verb in (Verb.CONTENT_SHOWN, Verb.HIDING_UPHELD):
        return str(fact.facts.get("answer", ""))
    return ""
