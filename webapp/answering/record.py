"""The record of a body: what it answered on time, late, not at all, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from webapp.escalation.models import LadderRung
from webapp.escalation.rules import Outcome
from webapp.kernel.database import db
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage

#: Outcomes that are an answer of the body; support that carries a proposal on is none.
ANSWERED = (Outcome.ACCEPTED.value, Outcome.DECLINED.value, Outcome.PASSED_UP.value, Outcome.HANDED_DOWN.value)
DAYS = 365


@dataclass(frozen=True)
class Record:
    """Answers of the last `DAYS` days in their term and after it, terms that passed in silence, the median in days."""

    on_time: int
    late: int
    silent: int
    median_days: int | None

    @property
    def owed(self) -> int:
        """How many answers were due in all."""
        return self.on_time + self.late + self.silent

    @property
    def percent(self) -> int:
        """The share that came on time, in whole percent; 0 where none was owed."""
        return 100 * self.on_time // self.owed if self.owed else 0


def record_of(territory_id: int, now: datetime) -> Record:
    """The record of the body of a territory. Days are calendar days from arrival to answer, rounded up.

    Where nobody is above, a proposal stays when its term has passed; until the body answers it is silent, afterwards
    it was late (design, section 2: the top rung can be silent too).
    """
    ended = LadderRung.outcome.in_([*ANSWERED, Outcome.SILENT.value]) & (
        LadderRung.left_at > now - timedelta(days=DAYS)
    )
    still_owed = and_(
        LadderRung.outcome == "",
        LadderRung.left_at.is_(None),
        LadderRung.due_at <= now,
        Proposal.seat_id == territory_id,
        Proposal.stage == Stage.REVIEW.value,
        Proposal.closed_at.is_(None),
    )
    query = select(LadderRung.arrived_at, LadderRung.due_at, LadderRung.left_at, LadderRung.outcome)
    query = query.join(Proposal, Proposal.id == LadderRung.proposal_id)
    rows = db.session.execute(query.where(LadderRung.territory_id == territory_id, or_(ended, still_owed))).all()
    answered = [row for row in rows if row.outcome in ANSWERED]
    on_time = sum(row.due_at is None or row.left_at <= row.due_at for row in answered)
    took = sorted(-((row.arrived_at - row.left_at) // timedelta(days=1)) for row in answered if row.arrived_at)
    return Record(
        on_time,
        len(answered) - on_time,
        len(rows) - len(answered),
        took[(len(took) - 1) // 2] if took else None,
    )
