"""A photo of a draft, a proposal or a report about a milestone; the picture itself is a file in the folder of uploads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime


class Photo(Model):
    """One picture. `name` is random and says nothing; `sent_by` is a keyed hash, for the quota of a day."""

    __tablename__ = "photo"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"), unique=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), unique=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("milestone_report.id", ondelete="CASCADE"), unique=True)
    alt: Mapped[str] = mapped_column(String(300))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    sent_by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (Index("ix_photo_sent_by_at", "sent_by", "at"),)
