"""NOW, NEXT, IF NOT, YOUR PART: four lines that say where a proposal is and what comes by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.kernel.i18n import format_date, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.proposals.rules import Stage


@dataclass(frozen=True)
class Where:
    """What the four lines need to know. `left` is in working days; `above` is the name of the next rung's body or empty.

    `overdue_since` is the day that passed without what was owed, None where nothing is late; `late_by` says for how
    many working days. Then `due_at` is only when the lateness is recorded again.
    `voters_part` is what the reader can do about the bar that is next, where supports are missing (`portal.votes`).
    `appeal_until` and `support_until` are two dates, each None where it is over or was never open.
    """

    stage: Stage
    body: str
    above: str
    due_at: datetime | None
    left: int
    is_closed: bool
    overdue_since: datetime | None
    late_by: int
    is_silent: bool
    votes_open: bool
    voters_part: str
    appeal_until: datetime | None
    support_until: datetime | None


def _is_late(where: Where) -> bool:
    return where.overdue_since is not None and not where.is_closed


def _late(where: Where) -> str:
    """By how much something is overdue; its missed day is never shown as one that is still to come."""
    missed = format_date(where.overdue_since) if where.overdue_since else ""
    if not where.late_by:
        return _("Overdue: the term ended on %(date)s.", date=missed)
    return ngettext(
        "Overdue by %(num)d working day: the term ended on %(date)s.",
        "Overdue by %(num)d working days: the term ended on %(date)s.",
        where.late_by,
        date=missed,
    )


def _due(where: Where) -> str:
    if where.due_at is None:
        return ""
    day = format_date(where.due_at)
    left = ngettext("%(num)d working day left", "%(num)d working days left", where.left)
    return f"{day} ({left})"


def _now(where: Where) -> str:
    if where.is_closed:
        return {
            Stage.DONE: _("Carried out. %(body)s has reported every milestone done.", body=where.body),
            Stage.DECLINED: _("Declined by %(body)s; the matter is closed.", body=where.body),
            Stage.REJECTED: _("Not published; the matter is closed."),
            Stage.MERGED: _("Joined to another proposal on the same matter."),
            Stage.WITHDRAWN: _("Withdrawn by its author."),
            Stage.UNSUPPORTED: _("Closed: the period for support ended before enough people supported it."),
        }.get(where.stage, _("Closed."))
    if where.stage is Stage.REVIEW and _is_late(where):
        return _("%(body)s has missed the date for its answer.", body=where.body)
    return {
        Stage.SUBMITTED: _("%(body)s is checking the text.", body=where.body),
        Stage.RETURNED: _("The moderator has asked the author a question. The term is paused."),
        Stage.COLLECTING: _("Residents are deciding. %(body)s holds the proposal.", body=where.body),
        Stage.REVIEW: _("%(body)s is preparing an answer.", body=where.body),
        Stage.ACCEPTED: _("Accepted by %(body)s. The first milestone comes next.", body=where.body),
        Stage.IMPLEMENTING: _("%(body)s is carrying it out.", body=where.body),
        Stage.DECLINED: _("Declined by %(body)s.", body=where.body),
        Stage.REJECTED: _("Not published."),
    }[where.stage]


def _next(where: Where) -> str:
    if where.is_closed:
        return _("Nothing is due any more.")
    if _is_late(where):
        return _late(where)
    due = _due(where)
    return {
        Stage.SUBMITTED: _("It is published, or comes back with a reason, by %(due)s.", due=due),
        Stage.RETURNED: _("The author answers by %(due)s.", due=due),
        Stage.COLLECTING: _("Support is collected until %(due)s.", due=due),
        Stage.REVIEW: _("The answer is due by %(due)s.", due=due),
        Stage.ACCEPTED: _("The work begins on %(due)s.", due=due),
        Stage.IMPLEMENTING: _("The next milestone is due by %(due)s.", due=due),
        Stage.DECLINED: _after_refusal(where, due),
        Stage.REJECTED: _("The author can appeal until %(due)s.", due=due),
    }[where.stage]


def _after_refusal(where: Where, due: str) -> str:
    """What can still follow on a refusal, each until its own date."""
    support = format_date(where.support_until) if where.support_until else ""
    appeal = format_date(where.appeal_until) if where.appeal_until else ""
    said = [
        _("Support can still move it up until %(date)s.", date=support) if support else "",
        _("The author can appeal until %(date)s.", date=appeal) if appeal else "",
    ]
    return " ".join(filter(None, said)) or _("The matter is closed on %(due)s.", due=due)


def _if_not(where: Where) -> str:
    if where.is_closed:
        return _("The page stays readable for everybody.")
    if _is_late(where):
        again = format_date(where.due_at) if where.due_at else ""
        return _("The delay is on record. It is recorded again on %(date)s, and each time until it ends.", date=again)
    up = _(
        "it goes to %(body)s automatically, and it is recorded in public that there was no answer.", body=where.above
    )
    top = _("it stays here, marked overdue, on the public list of stalled items.")
    climbs = up if where.above else top
    return {
        Stage.SUBMITTED: _("If nobody looks at it by then, %(what)s", what=climbs),
        Stage.RETURNED: _("If there is no answer by then, the proposal is closed; it can be proposed again."),
        Stage.COLLECTING: _("If the threshold is not reached by then, the proposal is closed as not supported."),
        Stage.REVIEW: _("If there is no answer by then, %(what)s", what=climbs),
        Stage.ACCEPTED: _("Nothing needs to be done: from that day each milestone has a public date."),
        Stage.IMPLEMENTING: _("If the milestone is not reported by then, it is marked overdue for everybody to see."),
        Stage.DECLINED: _("If nothing follows by then, the matter is closed."),
        Stage.REJECTED: _("If there is no appeal, the matter is closed."),
    }[where.stage]


def _your_part(where: Where) -> str:
    if where.votes_open and where.voters_part:
        return where.voters_part
    if _is_late(where) and where.stage is not Stage.SUBMITTED:
        return _("Follow it and share it, and write to your deputies in the maslikhat: the delay is public.")
    if where.votes_open:
        return _("Say whether you support it: every vote counts where its voter lives.")
    if where.appeal_until is not None:
        return _("If you are the author, you can appeal on this page.")
    if where.stage in (Stage.ACCEPTED, Stage.IMPLEMENTING) and not where.is_closed:
        return _("Follow the milestones: the dates below are a public promise.")
    if where.stage in (Stage.SUBMITTED, Stage.RETURNED):
        return _("As soon as it is published you can support it and share it.")
    return _("Propose what should come next.")


def lines(where: Where) -> list[dict[str, str]]:
    """The four lines, for the macro."""
    tone = (
        "late"
        if _is_late(where) or (where.left <= 1 and not where.is_closed)
        else "soon"
        if where.left <= 5 and not where.is_closed
        else "ok"
    )
    return [
        {"key": "now", "label": _("Now"), "text": _now(where), "tone": ""},
        {"key": "next", "label": _("Next"), "text": _next(where), "tone": tone},
        {"key": "if_not", "label": _("If not"), "text": _if_not(where), "tone": ""},
        {"key": "your_part", "label": _("Your part"), "text": _your_part(where), "tone": ""},
    ]
