"""Accounts, the population register, organisations and their members."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flask_login import UserMixin
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
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
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    person_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    key_version: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    home_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    #: The check that sets this account's votes aside. No foreign key: the table of checks lies above.
    quarantine_id: Mapped[int | None] = mapped_column(Integer)
    #: Since when it is decided that they are given back, together with those of others (`fraud.returning`).
    returns_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
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
            "ix_user_returns_at",
            "returns_at",
            sqlite_where=returns_at.is_not(None),
            postgresql_where=returns_at.is_not(None),
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
    def may_sign_in(self) -> bool:
        """Whether the account is still somebody's, and not closed by the operator."""
        return self.deleted_at is None and self.disabled_at is None


class SignIn(Model):
    """One browser in which somebody is signed in. The browser holds a token, here is only its fingerprint.

    For half a minute after a renewal the former token is still taken and answered with the present one, which
    `sealed_token` holds encrypted: a browser whose answer got lost in a double click is not thrown out.

    `is_staff` is the strictness that was in force when it began: a role given or ended later ends the sign-in.
    """

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_key: Mapped[str] = mapped_column(String(64), unique=True)
    former_key: Mapped[str | None] = mapped_column(String(64), index=True)
    sealed_token: Mapped[str | None] = mapped_column(String(255))
    renewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_staff: Mapped[bool] = mapped_column(Boolean)
    browser: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user: Mapped[User] = relationship()


class EmailCode(Model):
    """A code on its way to an address: six digits, ten minutes, five tries, used once.

    `same_as` is the row whose mail holds the code, where this browser's asking sent none. A code of twelve digits
    (`is_long`) is made while many wrong ones are tried for the address. `whose` is a keyed hash of who asked.

    `purpose` is one of `rules.CodeFor`. `user_id` is the account that it is for; of somebody who is only at the
    door the browser holds a token, whose fingerprint is `token_key`, and `kept` is what they typed for the
    new account.
    """

    __tablename__ = "email_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_key: Mapped[str | None] = mapped_column(String(64), index=True)
    kept: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    code_key: Mapped[str] = mapped_column(String(64))
    same_as: Mapped[int | None] = mapped_column(Integer)
    is_long: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    whose: Mapped[str | None] = mapped_column(String(64))
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


class Passkey(Model):
    """A key pair of which the device keeps the secret half: it signs in without password and without code (WebAuthn)."""

    __tablename__ = "passkey"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user: Mapped[User] = relationship()


class Challenge(Model):
    """Random bytes that a device signs, once, within five minutes. The row is taken away when they come back."""

    __tablename__ = "challenge"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RegisterEntry(Model):
    """A person of the population register that the operator imported: keyed hashes, no number in clear."""

    __tablename__ = "register_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_key: Mapped[str] = mapped_column(String(64), unique=True)
    surname_key: Mapped[str] = mapped_column(String(64))
    key_version: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
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
