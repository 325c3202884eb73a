"""Milestones begin on their day, and a missed one is recorded in public."""

from __future__ import annotations

from datetime import datetime

from webapp.delivery.services import milestones_of, start
from webapp.escalation.jobs import act_on_due
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.rulebook.services import due_after

REMIND_AFTER_WORKING_DAYS = 10


def miss(proposal: Proposal, now: datetime) -> None:
    """A milestone was not reported in time: it is marked, and looked at again after ten working days."""
    today = local_date(now)
    for milestone in milestones_of(proposal.id):
        if milestone.done_at is None and milestone.due_on < today:
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
    proposal.due_at = due_after(REMIND_AFTER_WORKING_DAYS, now)


def milestones(now: datetime) -> int:
    """The job."""
    return act_on_due([Stage.ACCEPTED], start, now) + act_on_due([Stage.IMPLEMENTING], miss, now)
