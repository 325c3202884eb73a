"""Milestones begin on their day, and a missed one is recorded in public."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from webapp.delivery.models import Milestone
from webapp.delivery.outages import move_dates
from webapp.delivery.reporting import miss_of_measure
from webapp.delivery.services import end_of, is_over, milestones_of, next_look, start
from webapp.escalation.jobs import act_on_due
from webapp.escalation.services import kept_terms
from webapp.journal.services import record, recorded_late
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, unit_of_work
from webapp.kernel.presence import there_until
from webapp.proposals.due import ON_DUE
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.rulebook.outages import MOVERS
from webapp.rulebook.services import due_after


def miss(proposal: Proposal, due: datetime) -> None:
    """A milestone was not reported in time: it is marked, and recorded again after some working days.

    The next milestone's date may come before that; then only that one is recorded.
    """
    left = [milestone for milestone in milestones_of(proposal.id) if milestone.done_at is None]
    late = [milestone for milestone in left if is_over(milestone, due)]
    if not left:  # reopened, and no new plan
        where = {"proposal_id": proposal.id, "territory_id": proposal.seat_id}
        record(Verb.PLAN_OVERDUE, proposal, due, **where)
    for milestone in [fresh for fresh in late if fresh.missed_at is None] or late:
        record(
            Verb.MILESTONE_OVERDUE,
            proposal,
            due,
            proposal_id=proposal.id,
            territory_id=proposal.seat_id,
            title_kk=milestone.title_kk,
            title_ru=milestone.title_ru,
            due_on=milestone.due_on.isoformat(),
        )
        milestone.missed_at = milestone.missed_at or end_of(milestone)
    missed = [milestone.missed_at for milestone in late if milestone.missed_at is not None]
    proposal.overdue_at = proposal.overdue_at or min(missed, default=due)
    db.session.flush()
    term = kept_terms(proposal, due).replan_working_days
    proposal.due_at = next_look(proposal, due) or due_after(term, due)


def miss_of_measures(now: datetime) -> int:
    """The job: milestones of measures whose day is over are marked, and recorded in public, each once."""
    with unit_of_work():
        late = select(Milestone).where(
            Milestone.done_at.is_(None),
            Milestone.missed_at.is_(None),
            Milestone.proposal_id.is_(None),
            Milestone.due_on < local_date(there_until(now)),
        )
        found = list(db.session.scalars(late.order_by(Milestone.id).with_for_update(skip_locked=True)))
        with recorded_late(now):
            for milestone in found:
                miss_of_measure(milestone)
        return len(found)


def milestones(now: datetime) -> int:
    """The job."""
    return act_on_due([Stage.ACCEPTED, Stage.IMPLEMENTING], now)


ON_DUE |= {Stage.ACCEPTED: start, Stage.IMPLEMENTING: miss}
MOVERS.append(move_dates)
