"""Decisions of moderators, and the words they are given with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.people.models import User


class TriageDecision(Model):
    """What a moderator decided, why, and the words that went to the author.

    `note` is a question in the author's language; the words beside a rejection stand in Kazakh and
    Russian. `before` is what the proposal was, so that the decision can be taken back for a minute.
    """

    __tablename__ = "triage_decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    kind: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    note_kk: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    note_ru: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    moderator_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    fact_id: Mapped[int | None] = mapped_column(Integer)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    batch: Mapped[str | None] = mapped_column(String(32))
    read_seconds: Mapped[int | None] = mapped_column(Integer)
    moderator: Mapped[User] = relationship()

    __table_args__ = (
        Index("ix_triage_decision_moderator_id_at", "moderator_id", "at"),
        Index("ix_triage_decision_batch", "batch"),
    )


class RejectionReason(Model):
    """A reason in the words that hold from a moment on. Rows are never changed: a new one begins.

    Where a code has no row, the words that the software brings along hold (`moderation.reasons`).
    """

    __tablename__ = "rejection_reason"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), index=True)
    valid_from: Mapped[datetime] = mapped_column(UTCDateTime)
    is_offered: Mapped[bool] = mapped_column(Boolean, default=True)
    label_kk: Mapped[str] = mapped_column(String(120))
    label_ru: Mapped[str] = mapped_column(String(120))
    label_en: Mapped[str] = mapped_column(String(120))
    text_kk: Mapped[str] = mapped_column(Text)
    text_ru: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    way_kk: Mapped[str] = mapped_column(Text)
    way_ru: Mapped[str] = mapped_column(Text)
    way_en: Mapped[str] = mapped_column(Text)
    law_kk: Mapped[str] = mapped_column(String(300), default="")
    law_ru: Mapped[str] = mapped_column(String(300), default="")
    law_en: Mapped[str] = mapped_column(String(300), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Phrase(Model):
    """A text that a body uses again and again, with placeholders in braces; in Kazakh and Russian."""

    __tablename__ = "phrase"
    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    use: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(120))
    text_kk: Mapped[str] = mapped_column(Text)
    text_ru: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
