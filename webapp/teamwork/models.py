"""Departments, settings of staff, who has what, reading marks, internal notes, saved views."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.people.models import User


class Department(Model):
    """A department of a body. It is never deleted: the timeline names it."""

    __tablename__ = "department"
    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    name_kk: Mapped[str] = mapped_column(String(120))
    name_ru: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    def names(self) -> dict[str, str]:
        """The name in each language, for the journal."""
        return {"kk": self.name_kk, "ru": self.name_ru, "en": self.name_en}


class DeskSetting(Model):
    """How one of staff works: keys on or off, languages read, department, away until a day."""

    __tablename__ = "desk_setting"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    keys: Mapped[bool] = mapped_column(Boolean, default=True)
    languages: Mapped[str] = mapped_column(String(12), default="kk ru en")
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    away_until: Mapped[date | None] = mapped_column(Date)


class Assignment(Model):
    """Who of the body has a proposal, and in which department; gone when the proposal leaves the body."""

    __tablename__ = "assignment"
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    assignee: Mapped[User | None] = relationship()
    department: Mapped[Department | None] = relationship()

    __table_args__ = (
        Index("ix_assignment_assignee_id_at", "assignee_id", "at"),
        Index("ix_assignment_department_id", "department_id"),
    )


class Reading(Model):
    """A soft lock: who is looking at a proposal, since when, and until when the mark holds."""

    __tablename__ = "reading"
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    user: Mapped[User] = relationship()


class StaffNote(Model):
    """What staff tell one another about a proposal. It never leaves them; it stays when its author does, without the name."""

    __tablename__ = "staff_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    author: Mapped[User | None] = relationship()
    mentions: Mapped[list[Mention]] = relationship(order_by="Mention.user_id")


class Mention(Model):
    """Somebody whom a note is meant for; seen when they have opened the proposal's page on the desk."""

    __tablename__ = "mention"
    note_id: Mapped[int] = mapped_column(ForeignKey("staff_note.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user: Mapped[User] = relationship()

    __table_args__ = (Index("ix_mention_user_id", "user_id", "seen_at"),)


class DeskView(Model):
    """A filter of the desk under a name of one's own; `query` is the part of the address behind the question mark."""

    __tablename__ = "desk_view"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(1200))

    __table_args__ = (UniqueConstraint("user_id", "name"),)


class Batch(Model):
    """One act on many proposals. `before` holds what assigning or sorting replaced; decisions bear the token themselves."""

    __tablename__ = "batch"
    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    act: Mapped[str] = mapped_column(String(12))
    count: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    before: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    __table_args__ = (Index("ix_batch_user_id_at", "user_id", "at"),)
