"""Entries of money, and what a region promises a city."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.strategies.models import Measure, Programme
from webapp.territories.models import Territory


class Commitment(Model):
    """A promise of money by a higher rung to a city, for one of the city's measures.

    `due_on` is the day by which the money is to be there. The city accepts or refuses until
    `accept_due_at`; after that an unanswered one hangs. `amount_tenge` is in whole tenge.
    """

    __tablename__ = "commitment"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id"), index=True)
    giver_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    amount_tenge: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(20))
    condition_kk: Mapped[str] = mapped_column(Text, default="")
    condition_ru: Mapped[str] = mapped_column(Text, default="")
    document: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    accept_due_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    refusal_kk: Mapped[str] = mapped_column(Text, default="")
    refusal_ru: Mapped[str] = mapped_column(Text, default="")
    programme: Mapped[Programme | None] = relationship()
    measure: Mapped[Measure] = relationship()
    giver: Mapped[Territory] = relationship(foreign_keys=[giver_id])
    city: Mapped[Territory] = relationship(foreign_keys=[city_id])

    __table_args__ = (
        CheckConstraint("amount_tenge > 0", name="amount_positive"),
        CheckConstraint("accepted_at IS NULL OR refused_at IS NULL", name="answered_once"),
    )

    @property
    def is_waiting(self) -> bool:
        """Whether the city has not answered."""
        return self.accepted_at is None and self.refused_at is None


class Entry(Model):
    """A sum of money, with its date and document: planned, committed or spent, of one source.

    It belongs to a programme or to a measure. Entries are never changed: a correction is another entry,
    with a negative amount and a reason. `amount_tenge` is in whole tenge.
    """

    __tablename__ = "money_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"), index=True)
    commitment_id: Mapped[int | None] = mapped_column(ForeignKey("commitment.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(20))
    amount_tenge: Mapped[int] = mapped_column(BigInteger)
    on: Mapped[date] = mapped_column("on_date", Date)
    document: Mapped[str] = mapped_column(String(200))
    reason_kk: Mapped[str] = mapped_column(Text, default="")
    reason_ru: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (
        CheckConstraint("(programme_id IS NULL) <> (measure_id IS NULL)", name="of_one_owner"),
        CheckConstraint("amount_tenge <> 0", name="amount_not_zero"),
        CheckConstraint("kind IN ('planned', 'committed', 'spent')", name="known_kind"),
    )
