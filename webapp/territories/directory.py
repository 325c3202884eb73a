"""Cities by region, for selects and lists: read once a minute instead of 230 rows on every page."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from webapp.kernel.database import db
from webapp.territories.models import Territory
from webapp.territories.rules import STRAIGHT_TO_NATION, Kind

KEPT_SECONDS = 60.0


@dataclass(frozen=True, eq=False, slots=True)
class Place:
    """What a select needs of a territory; two of them are never compared."""

    kato: str
    kind: str
    name_kk: str
    name_ru: str
    name_ru_gen: str
    name_en: str


@dataclass(frozen=True, eq=False, slots=True)
class Group:
    """A region and the cities and districts in it."""

    region: Place
    places: tuple[Place, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Directory:
    """Cities that report straight to the nation, and the regions with theirs, in the order of the classifier."""

    top: tuple[Place, ...]
    groups: tuple[Group, ...]


def directory() -> Directory:
    """The directory as it was at most a minute ago; another process may just have imported territories."""
    kept = current_app.extensions.get("directory")
    if kept is None or kept[0] < time.monotonic():
        kept = current_app.extensions["directory"] = (time.monotonic() + KEPT_SECONDS, _read())
    found: Directory = kept[1]
    return found


def forget_directory() -> None:
    """Read it anew the next time: territories have been imported."""
    current_app.extensions.pop("directory", None)


def _read() -> Directory:
    names = (Territory.name_kk, Territory.name_ru, Territory.name_ru_gen, Territory.name_en)
    columns = (Territory.kato, Territory.kind, *names)
    rows = db.session.execute(
        select(Territory.id, Territory.parent_id, Territory.rung, *columns)
        .where(Territory.rung != "")
        .order_by(Territory.kato)
    ).all()
    below: dict[int | None, list[Place]] = {}
    for row in rows:
        if row.rung == "city":
            below.setdefault(row.parent_id, []).append(Place(*row[3:]))
    top = tuple(Place(*row[3:]) for row in rows if row.kind == Kind.REPUBLICAN_CITY or row.kato in STRAIGHT_TO_NATION)
    groups = tuple(Group(Place(*row[3:]), tuple(below.get(row.id, ()))) for row in rows if row.kind == Kind.REGION)
    return Directory(top, groups)
