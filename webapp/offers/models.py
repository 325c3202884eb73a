"""Offers, their business plans, and the stages of those that are private initiatives."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.people.models import Organisation
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory

IS_SENT = text("state = 'sent'")


class Offer(Model):
    """What an organisation offers for one proposal, programme or measure. `amount_tenge` in whole tenge.

    `territory_id` is whose officers read and answer it. It is public from `public_at` on, when the organisation
    has agreed; its business plan only where `plan_public` says so too.
    """

    __tablename__ = "offer"
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"), index=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    form: Mapped[str] = mapped_column(String(10))
    amount_tenge: Mapped[int | None] = mapped_column(BigInteger)
    summary: Mapped[str] = mapped_column(Text)
    conditions: Mapped[str] = mapped_column(Text, default="")
    lang: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(10), default="sent")
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answer_due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    overdue_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer_kk: Mapped[str] = mapped_column(Text, default="")
    answer_ru: Mapped[str] = mapped_column(Text, default="")
    public_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    plan_public: Mapped[bool] = mapped_column(default=False)
    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    territory: Mapped[Territory] = relationship(lazy="joined", innerjoin=True)
    proposal: Mapped[Proposal | None] = relationship()

    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN proposal_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN programme_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN measure_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="for_one",
        ),
        CheckConstraint("amount_tenge IS NULL OR amount_tenge > 0", name="amount_positive"),
        Index("ix_offer_due", "answer_due_at", sqlite_where=IS_SENT, postgresql_where=IS_SENT),
    )


class BusinessPlan(Model):
    """The file of an offer: a PDF, kept as it came under `name` (`kernel.files`), never shown inside a page."""

    __tablename__ = "business_plan"
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class OfferStage(Model):
    """A stage of a private initiative that is passed, with its document."""

    __tablename__ = "offer_stage"
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(12), primary_key=True)
    done_on: Mapped[date] = mapped_column(Date)
    document: Mapped[str] = mapped_column(String(200))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
