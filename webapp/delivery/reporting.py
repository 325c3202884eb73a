"""Reporting a milestone with its evidence, and opening it again when a report does not hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.delivery.judging import open_round
from webapp.delivery.models import Milestone, MilestoneReport
from webapp.delivery.rules import Dates, Outcome, ReportFault, report_faults
from webapp.delivery.services import end_of, is_over, milestones_of, next_look, start
from webapp.journal.services import record, recorded_late
from webapp.journal.verbs import Verb
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import by_key, db, locked
from webapp.kernel.errors import Conflict
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import format_date, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.kernel.jobs import each_once
from webapp.kernel.presence import there_until
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.rulebook.rules import end_of_day
from webapp.strategies.models import Measure

CARRIED_OUT = frozenset({Stage.ACCEPTED, Stage.IMPLEMENTING})


@dataclass(frozen=True)
class Evidence:
    """What was done, in both official languages; a document, a link to it and what was paid in whole tenge, where there is."""

    text_kk: str
    text_ru: str
    document: str = ""
    link: str = ""
    amount_tenge: int | None = None
    early_kk: str = ""  # why it is reported before it was to begin
    early_ru: str = ""


def _texts(said: Evidence, found: Faults) -> None:
    found.both(_("Write in Kazakh and in Russian."), text_kk=said.text_kk, text_ru=said.text_ru)
    if said.link and not said.link.startswith("https://"):
        found.add(_("A link begins with https://."), "link")


def dates_of(milestone: Milestone) -> Dates:
    """The dates of a milestone, as the rules want them."""
    return Dates(
        milestone.starts_on,
        milestone.due_on,
        milestone.promised_on,
        milestone.moves,
        milestone.most_moves,
        milestone.move_days,
    )


def _dates(milestone: Milestone, outcome: Outcome, moved_to: date | None, now: datetime, found: Faults) -> None:
    dates = dates_of(milestone)
    for fault in report_faults(outcome, dates, local_date(now), moved_to):
        sentence = {
            ReportFault.NO_DATE: _("Give the new date."),
            ReportFault.NOT_LATER: _(
                "The new date must be after today and after the present one, %(date)s.", date=format_date(dates.due_on)
            ),
            ReportFault.TOO_LATE: _("The new date can be %(date)s at the latest.", date=format_date(dates.latest)),
            ReportFault.NO_MOVES: ngettext(
                "The date was moved %(num)d time already; it cannot be moved again.",
                "The date was moved %(num)d times already; it cannot be moved again.",
                dates.moves,
            ),
        }[fault]
        found.add(sentence, "outcome" if fault is ReportFault.NO_MOVES else "moved_to")


def where_of(milestone: Milestone) -> dict[str, Any]:
    """Where a fact about a milestone belongs: the proposal and the territory that answers for it."""
    proposal, measure = milestone.proposal, milestone.measure
    territory = proposal.seat_id if proposal is not None else measure.territory_id if measure is not None else None
    return {
        "proposal_id": milestone.proposal_id,
        "territory_id": territory,
        "title_kk": milestone.title_kk,
        "title_ru": milestone.title_ru,
        **({"measure_id": milestone.measure_id} if milestone.measure_id else {}),
    }


def subject_of(milestone: Milestone) -> Proposal | Measure:
    """What a fact about a milestone is about."""
    found = milestone.proposal or milestone.measure
    assert found is not None
    return found


def report_done(actor: User, milestone: Milestone, said: Evidence, now: datetime) -> MilestoneReport:
    """The body reports a milestone done: `report` with that outcome."""
    return report(actor, milestone, Outcome.DONE, said, now)


def report(
    actor: User, milestone: Milestone, outcome: Outcome, said: Evidence, now: datetime, moved_to: date | None = None
) -> MilestoneReport:
    """The body reports a milestone: done, partly done, or to come later with the reason.

    After the last one that is done the proposal is done, and supporters judge. After the other two outcomes the
    milestone stays open; a moved date is in force from now on, and the first one stays beside it. The milestone and
    its proposal must be locked. Raises `NotAllowed`, `Conflict`, or `Invalid` with everything that is to be changed.
    """
    _settle(milestone, now)
    _ensure_open(actor, milestone, now)
    if milestone.done_at is not None:
        raise Conflict(_("This milestone has been reported already."))
    found = Faults()
    _texts(said, found)
    _dates(milestone, outcome, moved_to, now, found)
    found.stop()
    row = MilestoneReport(milestone_id=milestone.id, by_id=actor.id, at=now, reopened=False, **vars(said))
    row.outcome = outcome.value
    if outcome is Outcome.DONE:
        milestone.done_at = now
    elif outcome is Outcome.LATER and moved_to is not None:
        row.moved_from, row.moved_to = milestone.due_on, moved_to
        _move(milestone, moved_to)
    db.session.add(row)
    db.session.flush()
    facts = where_of(milestone)
    if outcome is Outcome.LATER and row.moved_from and row.moved_to:
        facts |= {"moved_from": row.moved_from.isoformat(), "moved_to": row.moved_to.isoformat()}
    record(_SAID[outcome], subject_of(milestone), now, actor=actor, **facts)
    if milestone.proposal is not None:
        _go_on(actor, milestone.proposal, outcome, now)
    return row


_SAID = {
    Outcome.DONE: Verb.MILESTONE_DONE,
    Outcome.PARTLY: Verb.MILESTONE_PARTLY,
    Outcome.LATER: Verb.MILESTONE_MOVED,
}


def _move(milestone: Milestone, moved_to: date) -> None:
    """Another date is in force; that the first one was missed, or will be, stays on record."""
    if milestone.promised_on is None:
        milestone.promised_on, milestone.first_missed_at = milestone.due_on, milestone.missed_at
    milestone.due_on, milestone.missed_at = moved_to, None
    milestone.moves += 1


def _ensure_open(actor: User, milestone: Milestone, now: datetime) -> None:
    require(actor, Permission.REPORT, milestone, now)
    proposal = milestone.proposal
    if proposal is not None and proposal.stage not in CARRIED_OUT:
        raise Conflict(_("This proposal is not being carried out now."))
    if proposal is None and milestone.measure is not None and not milestone.measure.is_open:
        raise Conflict(_("It has ended; nothing in it changes any more."))


def _settle(milestone: Milestone, now: datetime) -> None:
    """A day that has passed is missed, whatever is reported afterwards."""
    miss_first_date(milestone, now)
    if milestone.proposal is not None:
        settle(milestone.proposal, now)
        return
    if milestone.done_at is None and milestone.missed_at is None and is_over(milestone, there_until(now)):
        with recorded_late(now):
            miss_of_measure(milestone)


def miss_of_measure(milestone: Milestone) -> None:
    """The day of a milestone of a measure has passed without a report."""
    milestone.missed_at = end_of(milestone)
    if milestone.measure is not None and milestone.measure.is_open:
        due_on = milestone.due_on.isoformat()
        record(Verb.MILESTONE_OVERDUE, milestone.measure, milestone.missed_at, due_on=due_on, **where_of(milestone))


def miss_first_date(milestone: Milestone, now: datetime) -> bool:
    """The date that was promised first has passed without a report, although it was moved: that goes on record."""
    if milestone.promised_on is None or milestone.first_missed_at is not None or milestone.done_at is not None:
        return False
    ended = end_of_day(milestone.promised_on, LOCAL_ZONE)
    if ended > there_until(now):
        return False
    milestone.first_missed_at = ended
    dates = {"due_on": milestone.promised_on.isoformat(), "moved_to": milestone.due_on.isoformat()}
    with recorded_late(now):
        record(Verb.MILESTONE_OVERDUE, subject_of(milestone), ended, **where_of(milestone), **dates)
    return True


def miss_first_dates(now: datetime) -> int:
    """The job: dates that were promised first, moved since, and have passed."""
    open_still = (Milestone.done_at.is_(None), Milestone.first_missed_at.is_(None))
    late = select(Milestone.id).where(Milestone.promised_on < local_date(there_until(now)), *open_still)

    def once(key: int) -> int:
        milestone = locked_with_proposal(key)
        return int(milestone is not None and miss_first_date(milestone, now))

    return each_once(db.session.scalars(late.order_by(Milestone.id)), once)


def _go_on(actor: User, proposal: Proposal, outcome: Outcome, now: datetime) -> None:
    if proposal.stage == Stage.ACCEPTED and outcome is Outcome.LATER:
        return  # it has not begun; the day of its beginning stays
    due_at = next_look(proposal, now)
    if proposal.stage == Stage.ACCEPTED:
        start(proposal, now)
    if due_at is None:
        if advance(proposal, Event.FINISH, now):
            where = {"proposal_id": proposal.id, "territory_id": proposal.seat_id}
            record(Verb.IMPLEMENTATION_DONE, proposal, now, actor=actor, **where)
            open_round(proposal, now)
        return
    proposal.due_at = max(due_at, now)
    if not any(left.missed_at and left.done_at is None for left in milestones_of(proposal.id)):
        proposal.overdue_at = None


def reopen(actor: User, milestone: Milestone, said: Evidence, now: datetime) -> None:
    """The body says itself that a report does not hold. The milestone and its proposal must be locked.

    A proposal that is done is reopened by its supporters only. Raises `NotAllowed`, `Conflict`, `Invalid`.
    """
    _settle(milestone, now)
    _ensure_open(actor, milestone, now)
    proposal = milestone.proposal
    if milestone.done_at is None:
        raise Conflict(_("This milestone has not been reported."))
    if proposal is not None and proposal.stage != Stage.IMPLEMENTING:
        raise Conflict(_("This proposal is not being carried out now."))
    found = Faults()
    _texts(said, found)
    found.stop()
    milestone.done_at, milestone.missed_at = None, None
    db.session.add(MilestoneReport(milestone_id=milestone.id, by_id=actor.id, at=now, reopened=True, **vars(said)))
    db.session.flush()
    record(Verb.MILESTONE_REOPENED, subject_of(milestone), now, actor=actor, **where_of(milestone))
    if proposal is not None:
        proposal.due_at = max(next_look(proposal, now) or now, now)


def locked_with_proposal(key: int) -> Milestone | None:
    """A milestone, locked, its proposal before it: in the same order as everybody who changes both."""
    found = by_key(Milestone, key)
    if found is None:
        return None
    if found.proposal_id is not None:
        locked(Proposal, found.proposal_id)
    return locked(Milestone, key)


def reports_of(milestone_ids: Collection[int]) -> dict[int, list[MilestoneReport]]:
    """Reports about some milestones, oldest first, with their photos, in one query."""
    found: dict[int, list[MilestoneReport]] = {key: [] for key in milestone_ids}
    if found:
        query = select(MilestoneReport).where(MilestoneReport.milestone_id.in_(found)).order_by(MilestoneReport.id)
        for report in db.session.scalars(query):
            found[report.milestone_id].append(report)
    return found


def counts_of_measures(measure_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Milestones reported and promised of some measures, in one query; those without any are left out."""
    query = (
        select(Milestone.measure_id, func.count(Milestone.done_at), func.count())
        .where(Milestone.measure_id.in_(measure_ids))
        .group_by(Milestone.measure_id)
    )
    return {key: (done, promised) for key, done, promised in db.session.execute(query)}
