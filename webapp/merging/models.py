"""Mergers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.proposals.models import Proposal


class Merger(Model):
    """One proposal was joined to another, by whom and when, and what it was before.

    `stage`, `seat_id`, `due_at` and `closes_at` are what undoing restores. `supports` is how many
    counted supports of residents it brought. `undo_days`: for so long it can be undone, as the rules
    said on that day. A proposal is in one merger at a time.
    """

    __tablename__ = "merger"
    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    stage: Mapped[str] = mapped_column(String(20))
    seat_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    supports: Mapped[int] = mapped_column(Integer, default=0)
    undo_days: Mapped[int] = mapped_column(Integer, default=30, server_default="30")
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    proposal: Mapped[Proposal] = relationship(foreign_keys=[proposal_id])
    into: Mapped[Proposal] = relationship(foreign_keys=[into_id])

    __table_args__ = (
        Index(
            "uq_merger_in_force",
            "proposal_id",
            unique=True,
            sqlite_where=undone_at.is_(None),
            postgresql_where=undone_at.is_(None),
        ),
    )
