"""What an absence of the site moves of what is carried out: days of milestones, and rounds of judging."""

from __future__ import annotations

from webapp.delivery.models import JudgingRound, Milestone
from webapp.rulebook.outages import Mover


def move_dates(mover: Mover) -> int:
    """Milestones that can still be reported in time, and rounds that are open."""
    rounds = mover.move(JudgingRound.closes_at, mover.in_days, JudgingRound.closed_at.is_(None))
    return rounds + mover.move_days(Milestone.due_on, Milestone.done_at.is_(None), Milestone.missed_at.is_(None))
