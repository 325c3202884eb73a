"""What an absence of the site moves of what is carried out: days of milestones, and rounds of judging."""

from __future__ import annotations

from sqlalchemy import select, update

from webapp.delivery.models import JudgingRound, Milestone
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import db
from webapp.rulebook.outages import Mover
from webapp.rulebook.rules import end_of_day


def move_dates(mover: Mover) -> int:
    """Milestones that can still be reported in time, and rounds that are open."""
    rows = mover.move(JudgingRound.closes_at, mover.in_days, JudgingRound.closed_at.is_(None))
    still = (Milestone.done_at.is_(None), Milestone.missed_at.is_(None))
    query = select(Milestone.due_on).where(Milestone.due_on >= local_date(mover.since), *still)
    for was in list(db.session.scalars(query.distinct().order_by(Milestone.due_on.desc()))):
        becomes = local_date(mover.in_working_days(end_of_day(was, LOCAL_ZONE)))
        if becomes == was:
            continue
        statement = update(Milestone).where(Milestone.due_on == was, *still).values(due_on=becomes)
        rows += db.session.execute(statement.execution_options(synchronize_session=False)).rowcount
    return rows
