"""Reporting a milestone with its evidence, and opening it again when a report does not hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.delivery.judging import open_round
from webapp.delivery.models import Milestone, MilestoneReport
from webapp.delivery.services import end_of, is_over, milestones_of, next_look, start
from webapp.journal.services import record, recorded_late
from webapp.journal.verbs import Verb
from webapp.kernel.database import by_key, db, locked
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.presence import there_until
from webapp.kernel.text import all_written
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
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


def _both(said: Evidence) -> None:
    if not all_written(said.text_kk, said.text_ru):
        raise Invalid(_("Write in Kazakh and in Russian."), "text_kk")
    if said.link and not said.link.startswith("https://"):
        raise Invalid(_("A link begins with https://."), "link")


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
    """The body reports a milestone done; after the last one its proposal is done, and supporters judge.

    The milestone and its proposal must be locked. Raises `NotAllowed`, `Conflict`, or `Invalid` at a field.
    """
    _settle(milestone, now)
    require(actor, Permission.REPORT, milestone, now)
    proposal = milestone.proposal
    if milestone.done_at is not None:
        raise Conflict(_("This milestone has been reported already."))
    if proposal is not None and proposal.stage not in CARRIED_OUT:
        raise Conflict(_("This proposal is not being carried out now."))
    if proposal is None and milestone.measure is not None and not milestone.measure.is_open:
        raise Conflict(_("It has ended; nothing in it changes any more."))
    _both(said)
    milestone.done_at = now
    report = MilestoneReport(milestone_id=milestone.id, by_id=actor.id, at=now, reopened=False, **vars(said))
    db.session.add(report)
    db.session.flush()
    record(Verb.MILESTONE_DONE, subject_of(milestone), now, actor=actor, **where_of(milestone))
    if proposal is not None:
        _go_on(actor, proposal, now)
    return report


def _settle(milestone: Milestone, now: datetime) -> None:
    """A day that has passed is missed, whatever is reported afterwards."""
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


def _go_on(actor: User, proposal: Proposal, now: datetime) -> None:
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
    require(actor, Permission.REPORT, milestone, now)
    proposal = milestone.proposal
    if milestone.done_at is None:
        raise Conflict(_("This milestone has not been reported."))
    if proposal is not None and proposal.stage != Stage.IMPLEMENTING:
        raise Conflict(_("This proposal is not being carried out now."))
    if proposal is None and milestone.measure is not None and not milestone.measure.is_open:
        raise Conflict(_("It has ended; nothing in it changes any more."))
    _both(said)
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
