"""Rule sets and exceptions of the calendar, as dated rows."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime
from webapp.rulebook.rules import Terms


class RuleSet(Model):
    """The numbers for one rung in a territory and everything below it, from a moment on.

    The nearest territory upwards that has a row for the rung decides; the newest of its rows that
    has begun is in force. Rows are never changed: a new one begins.
    """

    __tablename__ = "rule_set"
    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    rung: Mapped[str] = mapped_column(String(10))
    valid_from: Mapped[datetime] = mapped_column(UTCDateTime)
    preset: Mapped[str] = mapped_column(String(40))
    threshold_number: Mapped[int]
    threshold_share: Mapped[int | None]
    threshold_floor: Mapped[int]
    threshold_cap: Mapped[int | None]
    minimum_support_percent: Mapped[int]
    spread_places: Mapped[int]
    spread_supports: Mapped[int]
    collection_days: Mapped[int]
    triage_working_days: Mapped[int]
    answer_working_days: Mapped[int]
    appeal_working_days: Mapped[int]
    return_days: Mapped[int]
    withdraw_below: Mapped[int]
    extensions: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    extension_working_days: Mapped[int] = mapped_column(Integer, default=15, server_default="15")

    plan_days: Mapped[int] = mapped_column(Integer, default=1095, server_default="1095")
    accreditation_days: Mapped[int] = mapped_column(Integer, default=1826, server_default="1826")
    outage_hours: Mapped[int] = mapped_column(Integer, default=4, server_default="4")
    questions: Mapped[int] = mapped_column(Integer, default=2, server_default="2")
    verify_working_days: Mapped[int] = mapped_column(Integer, default=2, server_default="2")
    letter_days: Mapped[int] = mapped_column(Integer, default=365, server_default="365")
    offer_working_days: Mapped[int] = mapped_column(Integer, default=15, server_default="15")
    promise_working_days: Mapped[int] = mapped_column(Integer, default=15, server_default="15")
    moves: Mapped[int] = mapped_column(Integer, default=2, server_default="2")
    move_days: Mapped[int] = mapped_column(Integer, default=180, server_default="180")
    missed_again_working_days: Mapped[int] = mapped_column(Integer, default=10, server_default="10")
    judging_days: Mapped[int] = mapped_column(Integer, default=28, server_default="28")
    judging_minimum: Mapped[int] = mapped_column(Integer, default=3, server_default="3")
    replan_working_days: Mapped[int] = mapped_column(Integer, default=10, server_default="10")
    merger_days: Mapped[int] = mapped_column(Integer, default=30, server_default="30")
    plan_wait_days: Mapped[int] = mapped_column(Integer, default=30, server_default="30")
    progress_percent: Mapped[int] = mapped_column(Integer, default=25, server_default="25")
    home_days: Mapped[int] = mapped_column(Integer, default=90, server_default="90")

    __table_args__ = (Index("ix_rule_set_territory_id_rung", "territory_id", "rung", "valid_from"),)

    def terms(self) -> Terms:
        """The row as plain numbers."""
        return Terms(**{field.name: getattr(self, field.name) for field in fields(Terms)})


class CalendarOverride(Model):
    """A day that the Government made working or free, against the usual calendar."""

    __tablename__ = "calendar_override"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    is_working: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(String(200), default="")


class Outage(Model):
    """The site was away, so that nobody could act; open dates were moved by it (`rulebook/outages.py`). Never changed.

    `hours`: how much of a day had to be lost for it not to count, by the rules of then; `moved`: how many dates. `reason` is what an operator wrote who noted it by hand; empty where the site
    noticed by itself.
    """

    __tablename__ = "outage"
    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    hours: Mapped[int] = mapped_column(Integer)
    moved: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    #: Its fact in the journal.
    fact_id: Mapped[int | None] = mapped_column(ForeignKey("fact.id"))

    __table_args__ = (CheckConstraint("ended_at > began_at", name="ends_after_it_began"),)
