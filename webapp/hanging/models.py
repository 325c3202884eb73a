"""What has hung, from when until when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.territories.models import Territory

IS_OPEN = text("ended_at IS NULL")


class HangingCase(Model):
    """Something that hangs, or hung: opened by the worker when it begins, ended when it does not any more.

    `territory_id` is whose turn it is; `direction_id` and `region_id` say where it stands in the matrix. `number` is
    the one of the rules that its reason says: days, or per cent of a term; 0 where the reason says none.
    """

    __tablename__ = "hanging_case"
    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(Integer)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    direction_id: Mapped[int | None] = mapped_column(Integer)
    region_id: Mapped[int | None] = mapped_column(Integer)
    since: Mapped[date] = mapped_column(Date)
    number: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    territory: Mapped[Territory] = relationship()

    __table_args__ = (
        Index(
            "uq_hanging_case_open",
            *("cause", "level", "subject_id", "territory_id"),
            unique=True,
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
        Index("ix_hanging_case_opened_at", "opened_at"),
        Index(
            "ix_hanging_case_direction_id_region_id",
            "direction_id",
            "region_id",
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
    )


class HangingReminder(Model):
    """Whoever owed it was told before it began to hang; once for a day on which it would."""

    __tablename__ = "hanging_reminder"
    cause: Mapped[str] = mapped_column(String(20), primary_key=True)
    level: Mapped[str] = mapped_column(String(10), primary_key=True)
    subject_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), primary_key=True)
    since: Mapped[date] = mapped_column(Date, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
