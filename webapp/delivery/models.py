"""Milestones of accepted proposals and of measures, the reports about them, and what supporters say of the result."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.photos.models import Photo
from webapp.proposals.models import Proposal
from webapp.strategies.models import Measure

NOT_REPORTED = text("done_at IS NULL")


class Milestone(Model):
    """A step that a body has promised, with the dates it begins and is due on.

    It belongs to a proposal, to a measure, or to both where the proposal has become a measure or joined one.
    """

    __tablename__ = "milestone"
    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"), index=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    title_kk: Mapped[str] = mapped_column(String(200))
    title_ru: Mapped[str] = mapped_column(String(200))
    responsible_kk: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    responsible_ru: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    starts_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    #: The date that was promised first, where it was moved since; `due_on` is the one that is enforced.
    promised_on: Mapped[date | None] = mapped_column(Date)
    #: The end of that first date, once it has passed without a report: it stays on record as missed.
    first_missed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    moves: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    #: How often its date may be moved and by how many days, as the rules said on the day of the promise.
    most_moves: Mapped[int] = mapped_column(Integer, default=2, server_default=text("2"))
    move_days: Mapped[int] = mapped_column(Integer, default=180, server_default=text("180"))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    missed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    proposal: Mapped[Proposal | None] = relationship()
    measure: Mapped[Measure | None] = relationship()

    __table_args__ = (
        CheckConstraint("proposal_id IS NOT NULL OR measure_id IS NOT NULL", name="belongs_somewhere"),
        Index("ix_milestone_open", "due_on", sqlite_where=NOT_REPORTED, postgresql_where=NOT_REPORTED),
    )


class MilestoneReport(Model):
    """What a body says was done, with evidence; or, with `reopened`, why a report does not hold.

    Never changed: a later one stands beside it. `amount_tenge` is what was paid, in whole tenge. `outcome` is
    "done", "partly" or "later" (`delivery.rules.Outcome`); the milestone stays open after the last two. A moved
    date is in `moved_from` and `moved_to`; `early_*` says why something is reported before it was to begin.
    """

    __tablename__ = "milestone_report"
    id: Mapped[int] = mapped_column(primary_key=True)
    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id", ondelete="CASCADE"), index=True)
    reopened: Mapped[bool] = mapped_column(default=False)
    text_kk: Mapped[str] = mapped_column(Text)
    text_ru: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(String(200), default="")
    link: Mapped[str] = mapped_column(String(400), default="")
    amount_tenge: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(6), default="done", server_default=text("'done'"))
    early_kk: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    early_ru: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    moved_from: Mapped[date | None] = mapped_column(Date)
    moved_to: Mapped[date | None] = mapped_column(Date)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    photo: Mapped[Photo | None] = relationship(viewonly=True, uselist=False, lazy="joined")

    __table_args__ = (CheckConstraint("amount_tenge IS NULL OR amount_tenge >= 0", name="amount_not_negative"),)


class JudgingRound(Model):
    """A term in which supporters say whether what was promised was done. The numbers count within a proposal."""

    __tablename__ = "judging_round"
    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(SmallInteger)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_last: Mapped[bool] = mapped_column(default=False)
    has_reopened: Mapped[bool] = mapped_column(default=False)
    yes: Mapped[int] = mapped_column(Integer, default=0)
    partly: Mapped[int] = mapped_column(Integer, default=0)
    no: Mapped[int] = mapped_column(Integer, default=0)

    __table_args__ = (Index("uq_judging_round_proposal_id_number", "proposal_id", "number", unique=True),)


class Judgement(Model):
    """What one supporter says in one round: yes, partly or no, and why. Nobody is told whose it is."""

    __tablename__ = "judgement"
    round_id: Mapped[int] = mapped_column(ForeignKey("judging_round.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    choice: Mapped[str] = mapped_column(String(6))
    reason: Mapped[str] = mapped_column(String(500), default="")
    lang: Mapped[str] = mapped_column(String(2), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (CheckConstraint("choice IN ('yes', 'partly', 'no')", name="known_choice"),)
