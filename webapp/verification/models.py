"""Attempts to be verified, homes with their dates, and which peppers are in use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.people.models import User
from webapp.territories.models import Territory


class Attempt(Model):
    """What was issued to one account for one way: works once, until `expires_at`, for this account alone.

    No code and no nonce is stored: they are computed from `seed` and a secret outside the database;
    `handle_key` is the keyed hash by which an answer finds its attempt. Where the same person turns
    out to have another account, `person_key` and the rest keep what was shown until they choose.
    """

    __tablename__ = "verification_attempt"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    provider: Mapped[str] = mapped_column(String(20))
    seed: Mapped[str] = mapped_column(String(32))
    handle_key: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    person_key: Mapped[str | None] = mapped_column(String(64))
    key_version: Mapped[int] = mapped_column(SmallInteger, default=1)
    home_kato: Mapped[str | None] = mapped_column(String(9))
    is_declared: Mapped[bool] = mapped_column(Boolean, default=False)
    subject_key: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    code_key: Mapped[str | None] = mapped_column(String(64))
    user: Mapped[User] = relationship()


class Residence(Model):
    """Where a person lives since a moment, how that is known, and whether it is only what they say."""

    __tablename__ = "residence"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    provider: Mapped[str] = mapped_column(String(20))
    is_declared: Mapped[bool] = mapped_column(Boolean)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    home: Mapped[Territory] = relationship()


class OutsideSubject(Model):
    """A sign-in at the OpenID provider that has verified an account: a keyed hash of issuer and subject."""

    __tablename__ = "outside_subject"
    subject_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class PepperMark(Model):
    """A keyed hash of nothing under each version of the peppers, so that a wrong pepper is noticed before it does harm."""

    __tablename__ = "pepper_mark"
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(64))
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)
