"""What people were told, what they follow, and how they want to hear of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime


class Notice(Model):
    """One fact, told to one person, once. `kind` is an `Audience`, `mail` what becomes of it by mail."""

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    fact_id: Mapped[int] = mapped_column(ForeignKey("fact.id"))
    kind: Mapped[str] = mapped_column(String(10))
    mail: Mapped[str] = mapped_column(String(5), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        UniqueConstraint("fact_id", "person_id"),
        Index("ix_notice_person_id_id", "person_id", "id"),
        Index("ix_notice_unread", "person_id", sqlite_where=read_at.is_(None), postgresql_where=read_at.is_(None)),
        Index("ix_notice_waits", "person_id", sqlite_where=mail == "waits", postgresql_where=mail == "waits"),
    )


class Follow(Model):
    """Somebody follows a proposal, a place or a sphere; `wanted` is False for a proposal that they support and
    want to hear nothing of. Supporting needs no row: whoever supports, follows."""

    __tablename__ = "follow"
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(String(20), primary_key=True)
    wanted: Mapped[bool] = mapped_column(Boolean, default=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (Index("ix_follow_kind_key_person_id", "kind", "key", "person_id"),)


class Wish(Model):
    """Which mails somebody wants. Nobody needs a row: without one both are on."""

    __tablename__ = "wish"
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    own: Mapped[bool] = mapped_column(Boolean, default=True)
    digest: Mapped[bool] = mapped_column(Boolean, default=True)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SecretAddress(Model):
    """An address that only one person knows, for a program that cannot sign in: a feed or a calendar.

    The address is made from `seed` and the secret key of the site, so the page can show it again and a copy of the
    database does not tell it; `fingerprint` is its SHA-256, by which it is found.
    """

    __tablename__ = "secret_address"
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(10), primary_key=True)
    seed: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)


#: As a literal: only then SQLite knows that the partial index fits.
WAITS = Notice.mail == literal_column("'waits'")
