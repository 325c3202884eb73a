"""What an absence of the site moves of a proposal: the dates by which somebody has to act on the site."""

from __future__ import annotations

from sqlalchemy import select, update

from webapp.escalation.models import LadderRung
from webapp.kernel.database import changed, db
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.rulebook.outages import Mover

#: Stages whose date counts all days; the others count working days. What begins by itself needs nobody.
IN_DAYS = frozenset({Stage.COLLECTING, Stage.RETURNED})
BY_ITSELF = frozenset({Stage.ACCEPTED})

_DATES = (Proposal.stage, Proposal.due_at, Proposal.closes_at, Proposal.appeal_until)


def move_proposals(mover: Mover) -> int:
    """Due dates, windows for support and for appeals of open proposals; rows with the same dates together."""
    is_open = Proposal.closed_at.is_(None)
    later = (Proposal.due_at >= mover.since) | (Proposal.closes_at >= mover.since)
    query = select(*_DATES).where(is_open, later).distinct()
    rows = 0
    for row in sorted(db.session.execute(query).all(), key=lambda row: row.due_at, reverse=True):
        stage = Stage(row.stage)
        closes_at = mover.in_days(row.closes_at) if row.closes_at else None
        appeal_until = mover.in_working_days(row.appeal_until) if row.appeal_until else None
        if stage in BY_ITSELF:
            due_at = row.due_at
        elif stage in IN_DAYS:
            due_at = mover.in_days(row.due_at)
        else:
            due_at = mover.in_working_days(row.due_at)
        if stage is Stage.DECLINED and closes_at is not None:
            due_at = max(due_at, closes_at)
        becomes = {"due_at": due_at, "closes_at": closes_at, "appeal_until": appeal_until}
        if becomes == {name: getattr(row, name) for name in becomes}:
            continue
        same = [
            column.is_(None) if value is None else column == value for column, value in zip(_DATES, row, strict=True)
        ]
        statement = update(Proposal).where(is_open, *same).values(becomes)
        rows += changed(statement)
    _move_rungs(mover)
    return rows


def _move_rungs(mover: Mover) -> None:
    """The record of a body knows the same date as the proposal that it holds."""
    held = select(Proposal.id).where(Proposal.stage == Stage.REVIEW.value, Proposal.seat_id == LadderRung.territory_id)
    mover.move(
        LadderRung.due_at,
        mover.in_working_days,
        LadderRung.left_at.is_(None),
        LadderRung.proposal_id.in_(held),
    )
