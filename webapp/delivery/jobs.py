"""Milestones begin on their day, and a missed one is recorded in public."""

from __future__ import annotations

from datetime import datetime

from webapp.delivery.services import is_over, milestones_of, next_look, start
from webapp.escalation.jobs import act_on_due
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage


def miss(proposal: Proposal, now: datetime) -> None:
    """A milestone was not reported in time: it is marked, and recorded again after ten working days.

    The next milestone's date may come before that; then only that one is recorded.
    """
    late = [
        milestone for milestone in milestones_of(proposal.id) if milestone.done_at is None and is_over(milestone, now)
    ]
    for milestone in [fresh for fresh in late if fresh.missed_at is None] or late:
        record(
            Verb.MILESTONE_OVERDUE,
            proposal,
            now,
            proposal_id=proposal.id,
            territory_id=proposal.seat_id,
            title_kk=milestone.title_kk,
            title_ru=milestone.title_ru,
            due_on=milestone.due_on.isoformat(),
        )
        milestone.missed_at = milestone.missed_at or now
    proposal.overdue_at = proposal.overdue_at or now
    db.session.flush()
    proposal.due_at = next_look(proposal, now)


def milestones(now: datetime) -> int:
    """The job."""
    return act_on_due([Stage.ACCEPTED], start, now) + act_on_due([Stage.IMPLEMENTING], miss, now)
