"""Checks that set votes aside, requests to be looked at first, and from which network an account came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime
from webapp.kernel.networks import LENGTH


class Quarantine(Model):
    """One check: accounts whose votes are set aside until `released_at`. Who began it stands in the journal.

    `accounts`, `votes` and `proposals` are the numbers at its beginning. `note` is the operator's own
    and never public: it may name what the journal must not.
    """

    __tablename__ = "quarantine"
    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    kinds: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    accounts: Mapped[int] = mapped_column(Integer, default=0)
    votes: Mapped[int] = mapped_column(Integer, default=0)
    proposals: Mapped[int] = mapped_column(Integer, default=0)


class CheckRequest(Model):
    """Somebody whose votes are set aside asks to be looked at first."""

    __tablename__ = "check_request"
    quarantine_id: Mapped[int] = mapped_column(ForeignKey("quarantine.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Arrival(Model):
    """From which network an account was made, and first signed in: a keyed hash, kept for a term."""

    __tablename__ = "arrival"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    event: Mapped[str] = mapped_column(String(10), primary_key=True)
    network: Mapped[str | None] = mapped_column(String(LENGTH))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (
        Index(
            "ix_arrival_traced",
            "at",
            sqlite_where=network.is_not(None),
            postgresql_where=network.is_not(None),
        ),
    )


class UntoldVotes(Model):
    """Votes on a proposal that were set aside or given back, over all checks, and are not yet told in public."""

    __tablename__ = "untold_votes"
    proposal_id: Mapped[int] = mapped_column(
        ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    is_back: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    votes: Mapped[int] = mapped_column(Integer, default=0)


class UntoldAccounts(Model):
    """How many accounts the votes of `UntoldVotes` belong to, and since when they wait to be told."""

    __tablename__ = "untold_accounts"
    is_back: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    accounts: Mapped[int] = mapped_column(Integer, default=0)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
