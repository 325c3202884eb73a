"""Directions, programmes, measures, their indicators, and the versions in which they were in force."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, Numeric, String, Text, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.territories.models import Territory


class Level:
    """What the three levels share: words in both official languages, an owner, a term, and a life.

    A draft (`published_at` is None) is seen by the staff of its own territory only. From publication on
    each change makes a new `version`; `closed_at` ends it. `owner_kk` and `owner_ru` name the department
    that answers for it and may be empty: then it hangs.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    title_kk: Mapped[str] = mapped_column(String(200))
    title_ru: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200), default="")
    text_kk: Mapped[str] = mapped_column(Text, default="")
    text_ru: Mapped[str] = mapped_column(Text, default="")
    owner_kk: Mapped[str] = mapped_column(String(200), default="")
    owner_ru: Mapped[str] = mapped_column(String(200), default="")
    sphere: Mapped[str] = mapped_column(String(20), default="")
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @declared_attr
    def territory_id(cls) -> Mapped[int]:  # noqa: N805 (SQLAlchemy gives the class)
        """Whose it is: only staff of this very territory touches it."""
        return mapped_column(ForeignKey("territory.id"), index=True)

    @declared_attr
    def territory(cls) -> Mapped[Territory]:  # noqa: N805
        """The territory itself."""
        return relationship(Territory, lazy="joined", innerjoin=True)

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it."""
        return self.published_at is not None

    @property
    def is_open(self) -> bool:
        """Whether it is in force."""
        return self.published_at is not None and self.closed_at is None


class Direction(Level, Model):
    """What the nation wants to reach. `goals` lists targets of the Sustainable Development Goals, as "16.7 11.2"."""

    __tablename__ = "direction"
    goals: Mapped[str] = mapped_column(String(120), default="")


class Programme(Level, Model):
    """What a region, or a city that reports straight to the nation, makes of a direction, and why.

    One programme per direction and region is open at a time.
    """

    __tablename__ = "programme"
    direction_id: Mapped[int] = mapped_column(ForeignKey("direction.id"), index=True)
    adopted_kk: Mapped[str] = mapped_column(Text, default="")
    adopted_ru: Mapped[str] = mapped_column(Text, default="")
    altered_kk: Mapped[str] = mapped_column(Text, default="")
    altered_ru: Mapped[str] = mapped_column(Text, default="")
    left_out_kk: Mapped[str] = mapped_column(Text, default="")
    left_out_ru: Mapped[str] = mapped_column(Text, default="")
    direction: Mapped[Direction] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        Index(
            "uq_programme_open",
            "direction_id",
            "territory_id",
            unique=True,
            sqlite_where=text("published_at IS NOT NULL AND closed_at IS NULL"),
            postgresql_where=text("published_at IS NOT NULL AND closed_at IS NULL"),
        ),
    )


class Measure(Level, Model):
    """What a city undertakes; under a programme, or on its own where no programme fits.

    `budget_tenge` is the ceiling of what is planned for it, in whole tenge. `replicated_from_id` is the
    measure of another city that it repeats, and `lessons` what a city has learned, for those who repeat it.
    """

    __tablename__ = "measure"
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    budget_tenge: Mapped[int | None] = mapped_column(BigInteger)
    replicated_from_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"), index=True)
    lessons_kk: Mapped[str] = mapped_column(Text, default="")
    lessons_ru: Mapped[str] = mapped_column(Text, default="")
    programme: Mapped[Programme | None] = relationship(lazy="joined")

    __table_args__ = (
        CheckConstraint("budget_tenge IS NULL OR budget_tenge >= 0", name="budget_not_negative"),
        CheckConstraint("replicated_from_id IS NULL OR replicated_from_id <> id", name="not_its_own_copy"),
    )


class Indicator(Model):
    """What is counted: from which value in which year to which by when. Of a direction or of a programme."""

    __tablename__ = "indicator"
    id: Mapped[int] = mapped_column(primary_key=True)
    direction_id: Mapped[int | None] = mapped_column(ForeignKey("direction.id", ondelete="CASCADE"), index=True)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    name_kk: Mapped[str] = mapped_column(String(200))
    name_ru: Mapped[str] = mapped_column(String(200))
    unit_kk: Mapped[str] = mapped_column(String(40))
    unit_ru: Mapped[str] = mapped_column(String(40))
    baseline: Mapped[Any] = mapped_column(Numeric(16, 3))
    baseline_year: Mapped[int]
    target: Mapped[Any] = mapped_column(Numeric(16, 3))
    target_year: Mapped[int]

    __table_args__ = (
        CheckConstraint("(direction_id IS NULL) <> (programme_id IS NULL)", name="of_one_level"),
        CheckConstraint("target_year >= baseline_year", name="target_after_baseline"),
    )


class StrategyVersion(Model):
    """The words of a direction, programme or measure as they stood from `at` on; never changed."""

    __tablename__ = "strategy_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    note_kk: Mapped[str] = mapped_column(String(500), default="")
    note_ru: Mapped[str] = mapped_column(String(500), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (Index("uq_strategy_version", "level", "subject_id", "version", unique=True),)
