"""Milestones of accepted proposals."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime


class Milestone(Model):
    """A step that a body has promised, with the dates it begins and is due on.

    It belongs to a proposal, to a measure, or to both where the proposal has become a measure or joined one.
    """

    __tablename__ = "milestone"
    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"), index=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    title_kk: Mapped[str] = mapped_column(String(200))
    title_ru: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    missed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (CheckConstraint("proposal_id IS NOT NULL OR measure_id IS NOT NULL", name="belongs_somewhere"),)
