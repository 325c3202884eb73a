"""Accounts, the population register, organisations and their members."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from flask_login import UserMixin
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.people import rules
from webapp.territories.models import Territory

if TYPE_CHECKING:
    from webapp.access.models import Grant


class User(UserMixin, Model):  # type: ignore[misc]
    """An account. It is *verified* once `verified_at` ties it to one person and a home territory."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    given_name: Mapped[str] = mapped_column(String(80))
    surname: Mapped[str] = mapped_column(String(80))
    shows_full_name: Mapped[bool] = mapped_column(Boolean, default=False)
    lang: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    email_confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    second_step_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    person_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    home_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    #: The check that sets this account's votes aside. No foreign key: the table of checks lies above.
    quarantine_id: Mapped[int | None] = mapped_column(Integer)
    home: Mapped[Territory | None] = relationship(lazy="joined")  # every vote asks for it
    grants: Mapped[list[Grant]] = relationship("Grant", back_populates="user", foreign_keys="Grant.user_id")
    memberships: Mapped[list[Membership]] = relationship(back_populates="user")

    __table_args__ = (
        Index(
            "ix_user_quarantine_id",
            "quarantine_id",
            sqlite_where=quarantine_id.is_not(None),
            postgresql_where=quarantine_id.is_not(None),
        ),
        Index(
            "ix_user_unconfirmed",
            "created_at",
            sqlite_where=email_confirmed_at.is_(None),
            postgresql_where=email_confirmed_at.is_(None),
        ),
        Index(
            "ix_user_deleted_at",
            "deleted_at",
            sqlite_where=deleted_at.is_not(None),
            postgresql_where=deleted_at.is_not(None),
        ),
    )

    @property
    def public_name(self) -> str:
        """The name that others see."""
        return rules.public_name(self.given_name, self.surname, self.shows_full_name)

    @property
    def is_verified(self) -> bool:
        """Whether this account is known to be one person with a home."""
        return self.verified_at is not None and self.home_id is not None

    @property
    def second_step_mark(self) -> str | None:
        """What a session must carry to count as signed in; None where the password is enough.

        It changes with every enrolment, so that sessions from before, a thief's among them, are over.
        """
        return self.second_step_at.isoformat() if self.second_step_at else None


class EmailCode(Model):
    """A code on its way to an address: six digits, ten minutes, five tries, used once."""

    __tablename__ = "email_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    code_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Consent(Model):
    """What a person has agreed to, and when: the law on personal data asks the operator to show it."""

    __tablename__ = "consent"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SecondStep(Model):
    """What the second step of a person's sign-in is checked with. It is asked for once `User.second_step_at` is set.

    Secrets are encrypted; `last_step` is the newest 30-second step whose code was used.
    """

    __tablename__ = "second_step"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(255), default="")
    wanted_secret: Mapped[str] = mapped_column(String(255), default="")
    last_step: Mapped[int | None] = mapped_column(Integer)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    tries_since: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RecoveryCode(Model):
    """A code that works once in place of the telephone; a keyed hash, never the code."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    code_key: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RegisterEntry(Model):
    """A person of the population register that the operator imported: keyed hashes, no number in clear."""

    __tablename__ = "register_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_key: Mapped[str] = mapped_column(String(64), unique=True)
    surname_key: Mapped[str] = mapped_column(String(64))
    home_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    imported_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Organisation(Model):
    """A business, business association or NGO; it speaks once `verified_at` is set.

    While it waits for verification it has `verify_due_at`; a refusal has its reason. The evidence is
    the number and date of an official letter; no copy of a document is kept anywhere.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(
            "verified_at IS NOT NULL OR refused_at IS NOT NULL OR verify_due_at IS NOT NULL",
            name="waiting_has_due_date",
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    bin: Mapped[str] = mapped_column(String(12), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    home_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    accredited_until: Mapped[date | None] = mapped_column(Date, index=True)
    letter_number: Mapped[str | None] = mapped_column(String(60))
    letter_on: Mapped[date | None] = mapped_column(Date)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    refusal: Mapped[str | None] = mapped_column(Text)
    verify_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    overdue_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    certificate_number: Mapped[str | None] = mapped_column(String(60))
    certificate_on: Mapped[date | None] = mapped_column(Date)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    home: Mapped[Territory] = relationship()


class Membership(Model):
    """A person who may speak for an organisation."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("organisation_id", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    organisation: Mapped[Organisation] = relationship()
    user: Mapped[User] = relationship(back_populates="memberships")
