"""The workload board of a body: who has how much, how much of it is late, how much each decided in a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from webapp.kernel.database import db
from webapp.moderation.undoing import days_of
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.teamwork.models import Assignment, DeskSetting
from webapp.teamwork.services import colleagues_of
from webapp.territories.models import Territory

DAYS = 7


@dataclass(frozen=True)
class Load:
    """One colleague: what is open, what of it is late, decisions of the last week, away until a day. None: nobody has it."""

    person: User | None
    open: int
    late: int
    decided: int
    setting: DeskSetting | None


def board(territory: Territory, now: datetime) -> list[Load]:
    """Everybody of a body, the fullest desk first; at the end what nobody has."""
    people = colleagues_of(territory.id, now)
    ids = [person.id for person in people]
    is_late = case((Proposal.due_at <= now, 1), else_=0)
    rows = db.session.execute(
        select(Assignment.assignee_id, func.count(), func.coalesce(func.sum(is_late), 0))
        .select_from(Proposal)
        .outerjoin(Assignment, Assignment.proposal_id == Proposal.id)
        .where(
            Proposal.seat_id == territory.id,
            Proposal.stage.in_([Stage.SUBMITTED.value, Stage.RETURNED.value, Stage.REVIEW.value]),
            Proposal.closed_at.is_(None),
        )
        .group_by(Assignment.assignee_id)
    )
    numbers = {row[0]: (row[1], row[2]) for row in rows}
    settings = {row.user_id: row for row in db.session.scalars(select(DeskSetting).where(DeskSetting.user_id.in_(ids)))}
    decided = days_of(ids, now, DAYS)
    loads = [
        Load(person, *numbers.get(person.id, (0, 0)), decided.get(person.id, 0), settings.get(person.id))
        for person in people
    ]
    loads.sort(key=lambda load: (-load.open, load.person.id if load.person else 0))
    rest = [number for key, number in numbers.items() if key not in ids]  # who has left the body has nothing any more
    return [*loads, Load(None, sum(row[0] for row in rest), sum(row[1] for row in rest), 0, None)]
