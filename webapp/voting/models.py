"""Votes of residents, of organisations, and those that wait for their voter to be verified."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime
from webapp.kernel.networks import LENGTH

SUPPORT = 1
OPPOSE = -1
#: Taken back while it was set aside: the row stays, so that the check cannot be voted around.
WITHDRAWN = 0
CHOICES = {"support": SUPPORT, "oppose": OPPOSE}
WORDS = {number: word for word, number in CHOICES.items()}


class Vote(Model):
    """A resident's vote. `home_id` is where the voter lived when it was cast: there it counts.

    `network` is a keyed hash of the network it came from, kept for a term (`KEEP_NETWORKS_DAYS`).
    A vote with `quarantine_id` is set aside for checking: it is in no tally until it is given back.
    A vote with `merger_id` was brought along from a proposal that was joined to this one, and its voter
    has not changed it since (`voting.bringing`). These columns have no foreign keys, for SQLite would
    have to copy the largest table to add one.
    """

    __tablename__ = "vote"
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    voter_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    choice: Mapped[int] = mapped_column(SmallInteger)
    home_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    network: Mapped[str | None] = mapped_column(String(LENGTH))
    quarantine_id: Mapped[int | None] = mapped_column(Integer)
    merger_id: Mapped[int | None] = mapped_column(Integer)
    __table_args__ = (
        Index("ix_vote_voter_id", "voter_id"),
        Index(
            "ix_vote_set_aside",
            "quarantine_id",
            "proposal_id",
            sqlite_where=quarantine_id.is_not(None),
            postgresql_where=quarantine_id.is_not(None),
        ),
    )


class OrganisationVote(Model):
    """An organisation's vote, cast by a member with its mandate."""

    __tablename__ = "organisation_vote"
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    voter_id: Mapped[int] = mapped_column("organisation_id", ForeignKey("organisation.id"), primary_key=True)
    choice: Mapped[int] = mapped_column(SmallInteger)
    home_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    member_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    merger_id: Mapped[int | None] = mapped_column(Integer)
    __table_args__ = (Index("ix_organisation_vote_organisation_id", "organisation_id"),)


class PendingVote(Model):
    """A vote that is kept until its voter is verified, or until the voter's own proposal is public (`voting.wishes`)."""

    __tablename__ = "pending_vote"
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    voter_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    choice: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    merger_id: Mapped[int | None] = mapped_column(Integer)


class PendingOrganisationVote(Model):
    """An organisation's vote on its own proposal, kept by the member who proposed it until it is public."""

    __tablename__ = "pending_organisation_vote"
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    voter_id: Mapped[int] = mapped_column(
        "organisation_id", ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True
    )
    choice: Mapped[int] = mapped_column(SmallInteger)
    member_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Recount(Model):
    """How far the counting of all votes anew has come, and what the last whole round found. There is one row."""

    __tablename__ = "recount"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    is_going: Mapped[bool] = mapped_column(Boolean, default=True)
    last_id: Mapped[int] = mapped_column(Integer, default=0)
    proposals: Mapped[int] = mapped_column(Integer, default=0)
    corrected: Mapped[int] = mapped_column(Integer, default=0)
    #: Of the last round that came to its end.
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_proposals: Mapped[int] = mapped_column(Integer, default=0)
    ended_corrected: Mapped[int] = mapped_column(Integer, default=0)
    #: Corrections of all rounds: two that look at one moment see by it that one of them was first.
    repairs: Mapped[int] = mapped_column(Integer, default=0)
