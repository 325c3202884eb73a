"""Territories and the bodies that answer for them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.kernel.database import Model


class Territory(Model):
    """A place in the tree nation > region > city or district > city district > smaller places.

    `path` lists the ids from the nation down, each between slashes: "/1/12/130/"; so "everything
    below" is a prefix. `rung` says on which step of the ladder its body acts, empty where it has none.
    """

    __tablename__ = "territory"
    id: Mapped[int] = mapped_column(primary_key=True)
    kato: Mapped[str] = mapped_column(String(9), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    rung: Mapped[str] = mapped_column(String(10), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"), index=True)
    path: Mapped[str] = mapped_column(String(120), default="")
    name_kk: Mapped[str] = mapped_column(String(160))
    name_ru: Mapped[str] = mapped_column(String(160))
    #: «города Семея»: how the name stands after another noun in Russian.
    name_ru_gen: Mapped[str] = mapped_column(String(160), default="", server_default=text("''"))
    name_en: Mapped[str] = mapped_column(String(160))
    population: Mapped[int | None]
    population_on: Mapped[date | None] = mapped_column(Date)
    population_source: Mapped[str] = mapped_column(String(120), default="")

    parent: Mapped[Territory | None] = relationship(remote_side=[id])

    __table_args__ = (Index("ix_territory_path", "path"), Index("ix_territory_rung", "rung"))

    @property
    def ancestor_ids(self) -> list[int]:
        """Ids from the nation down to this territory itself."""
        return [int(part) for part in self.path.strip("/").split("/") if part]

    def contains(self, other: Territory) -> bool:
        """Whether `other` lies in this territory (a territory contains itself)."""
        return other.path.startswith(self.path)


class Body(Model):
    """The authority that acts at a rung: a row with dates, because institutions change."""

    __tablename__ = "body"
    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    name_kk: Mapped[str] = mapped_column(String(200))
    name_ru: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
