"""What a proposal serves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, exists
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.proposals.models import Proposal
from webapp.strategies.models import Direction, Measure, Programme


class Serving(Model):
    """What a proposal serves, as a moderator has confirmed it: a direction, a programme or a measure.

    `begot` says that the measure was made of this very proposal; others have joined it.
    """

    __tablename__ = "serving"
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    direction_id: Mapped[int | None] = mapped_column(ForeignKey("direction.id"), index=True)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"), index=True)
    begot: Mapped[bool] = mapped_column(Boolean, default=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    direction: Mapped[Direction | None] = relationship()
    programme: Mapped[Programme | None] = relationship()
    measure: Mapped[Measure | None] = relationship()

    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN direction_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN programme_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN measure_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="serves_one",
        ),
    )


#: Whether a proposal serves something: for a page that asks for it in the same query (`undefer`).
Proposal.has_serving = column_property(exists().where(Serving.proposal_id == Proposal.id), deferred=True)
