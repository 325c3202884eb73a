"""Reports, the one open review that gathers them for each object, and what was hidden."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.flagging.rules import Extent, What
from webapp.kernel.database import Model, UTCDateTime
from webapp.kernel.networks import LENGTH
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory


class FlagReview(Model):
    """All reports about the text or the photo of a proposal, until somebody has looked at them.

    `flags` is for the eye of the moderator; nothing is computed from it. Open means a date: the desk
    that lets it pass loses the review to the next rung.
    """

    __tablename__ = "flag_review"
    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(String(8))
    desk_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    flags: Mapped[int] = mapped_column(Integer, default=0)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    overdue_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decision: Mapped[str] = mapped_column(String(10), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    proposal: Mapped[Proposal] = relationship()
    desk: Mapped[Territory] = relationship()

    __table_args__ = (
        CheckConstraint("decided_at IS NOT NULL OR due_at IS NOT NULL", name="open_has_due_date"),
        Index(
            "ix_flag_review_open",
            "proposal_id",
            "what",
            unique=True,
            sqlite_where=decided_at.is_(None),
            postgresql_where=decided_at.is_(None),
        ),
        Index(
            "ix_flag_review_due_at", "due_at", sqlite_where=due_at.is_not(None), postgresql_where=due_at.is_not(None)
        ),
    )


class Flag(Model):
    """One report. Of a person the account, until it is deleted; of a stranger a keyed hash of the network, for a term."""

    __tablename__ = "flag"
    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("flag_review.id", ondelete="CASCADE"), index=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    what: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    network: Mapped[str | None] = mapped_column(String(LENGTH))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    review: Mapped[FlagReview] = relationship()

    __table_args__ = (
        Index(
            "ix_flag_of_person",
            "reporter_id",
            "proposal_id",
            "what",
            "reason",
            unique=True,
            sqlite_where=reporter_id.is_not(None),
            postgresql_where=reporter_id.is_not(None),
        ),
        Index(
            "ix_flag_untold",
            "review_id",
            sqlite_where=reporter_id.is_not(None) & told_at.is_(None),
            postgresql_where=reporter_id.is_not(None) & told_at.is_(None),
        ),
        Index(
            "ix_flag_traced", "network", "at", sqlite_where=network.is_not(None), postgresql_where=network.is_not(None)
        ),
    )


class Hiding(Model):
    """Something is hidden, with a reason and a sentence for everybody, until `lifted_at`.

    `due_at` is when something happens by itself: first the window for an appeal closes, after an
    appeal its silence shows the content again. None: nothing is open any more.
    """

    __tablename__ = "hiding"
    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(String(8))
    with_title: Mapped[bool] = mapped_column(Boolean, default=False)
    reason: Mapped[str] = mapped_column(String(20))
    sentence: Mapped[str] = mapped_column(Text)
    desk_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    appeal_until: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    appealed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    appeal_note: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decision: Mapped[str] = mapped_column(String(10), default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    proposal: Mapped[Proposal] = relationship()
    desk: Mapped[Territory] = relationship()

    __table_args__ = (
        Index(
            "ix_hiding_in_force",
            "proposal_id",
            "what",
            unique=True,
            sqlite_where=lifted_at.is_(None),
            postgresql_where=lifted_at.is_(None),
        ),
        Index("ix_hiding_due_at", "due_at", sqlite_where=due_at.is_not(None), postgresql_where=due_at.is_not(None)),
    )

    @property
    def extent(self) -> Extent:
        """How much of the proposal is hidden."""
        if self.what == What.PHOTO:
            return Extent.PHOTO
        return Extent.TITLE_AND_TEXT if self.with_title else Extent.TEXT

    def may_be_appealed(self, now: datetime) -> bool:
        """Whether the author may still ask somebody else to look at it."""
        return self.lifted_at is None and self.appealed_at is None and now < self.appeal_until

    @property
    def waits_for_a_decision(self) -> bool:
        """Whether an appeal lies on the desk."""
        return self.appealed_at is not None and self.decided_at is None
