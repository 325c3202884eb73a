"""Votes of residents, of organisations, and those that wait for their voter to be verified."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime

SUPPORT = 1
OPPOSE = -1
CHOICES = {"support": SUPPORT, "oppose": OPPOSE}
WORDS = {number: word for word, number in CHOICES.items()}


class Vote(Model):
    """A resident's vote. `home_id` is where the voter lived when it was cast: there it counts."""

    __tablename__ = "vote"
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    voter_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    choice: Mapped[int] = mapped_column(SmallInteger)
    home_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (Index("ix_vote_voter_id", "voter_id"),)


class OrganisationVote(Model):
    """An organisation's vote, cast by a member with its mandate."""

    __tablename__ = "organisation_vote"
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    voter_id: Mapped[int] = mapped_column("organisation_id", ForeignKey("organisation.id"), primary_key=True)
    choice: Mapped[int] = mapped_column(SmallInteger)
    home_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    member_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    __table_args__ = (Index("ix_organisation_vote_organisation_id", "organisation_id"),)


class PendingVote(Model):
    """A vote that is kept until its voter is verified; it then counts by itself."""

    __tablename__ = "pending_vote"
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    voter_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    choice: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
