"""What hangs, as a list with filters; and progress: the matrix, its figures, and whether it gets better."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from webapp.hanging.history import by_month
from webapp.hanging.matrix import Cells, cells, hanging_in, hangs_in, totals
from webapp.hanging.models import HangingCase
from webapp.hanging.rules import Cause, Cell
from webapp.hanging.services import open_cases
from webapp.hanging.words import SHAPES, cause_labels, names, reason_of, state_labels
from webapp.kernel.asking import Asked
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.exports import addresses, as_csv, as_json, parts_of
from webapp.kernel.htmx import render
from webapp.kernel.i18n import localized
from webapp.kernel.paging import PAGE_SIZE, Page, keyset_page
from webapp.strategies.models import Direction
from webapp.strategies.reading import adapting, in_force
from webapp.territories.models import Territory
from webapp.territories.services import by_kato

bp = Blueprint("hanging", __name__)
CSV_COLUMNS = ("id", "cause", "level", "subject_id", "title", "kato", "direction_id", "since", "opened_at", "url")
#: Directions on one page of the matrix.
ROWS = 25


@dataclass(frozen=True)
class Filters:
    """What the reader asked for; what was not understood is said by `Asked`."""

    cause: str = ""
    place: str = ""
    direction: str = ""
    own: str = ""  # "1": only what is the turn of this very place, not of places below it

    @classmethod
    def read(cls, asked: Asked) -> Filters:
        """From the query string."""
        direction = asked.number("direction")
        place = asked.code("place", by_kato)
        direction_key = "" if direction is None else str(direction)
        return cls(asked.choice("cause", [*Cause]), place, direction_key, asked.choice("own", ("1",)))

    def query(self, **more: Any) -> str:
        """As a query string, without what is usual."""
        return urlencode({key: value for key, value in (vars(self) | more).items() if value})


def _query(filters: Filters, place: Territory | None) -> Select[Any]:
    query: Select[Any] = open_cases()
    if filters.cause:
        query = query.where(HangingCase.cause == filters.cause)
    if filters.direction:
        query = query.where(HangingCase.direction_id == int(filters.direction))
    if place is not None and filters.own:
        query = query.where(HangingCase.territory_id == place.id, HangingCase.region_id.is_not(None))
    elif place is not None:
        query = query.where(hangs_in(place))
    return query.options(joinedload(HangingCase.territory))


def _page_of(filters: Filters, place: Territory | None, mark: str | None, size: int) -> Page:
    return keyset_page(_query(filters, place), [HangingCase.id], mark, db.session.scalars, size)


def _rows(found: list[HangingCase]) -> list[dict[str, Any]]:
    labels = cause_labels()
    called = names((case.level, case.subject_id) for case in found)
    rows = []
    for case in found:
        title, lang, url = called.get((case.level, case.subject_id), ("", "ru", "/strategy"))
        rows.append(
            {
                "title": title,
                "lang": lang,
                "url": url,
                "since": case.since,
                "case": case,
                "place": localized(case.territory),
                "kato": case.territory.kato,
                "label": labels[case.cause],
                "sentence": reason_of(case.cause, case.number),
            }
        )
    return rows


@bp.get("/hanging")
def index() -> Response:
    """All that hangs, the newest first, with the reason in words."""
    asked = Asked()
    filters, mark = Filters.read(asked), asked.mark(1)
    asked.by_a_person()
    place = by_kato(filters.place) if filters.place else None
    page = _page_of(filters, place, mark, PAGE_SIZE)
    counts = _counts(_query(replace(filters, cause=""), place))
    total = counts.get(filters.cause, 0) if filters.cause else sum(counts.values())
    base = url_for("hanging.index")
    return render(
        "hanging/index.html",
        filters=filters,
        place=place,
        rows=_rows(page.rows),
        causes=cause_labels(),
        counts=counts,
        total=total,
        choices=adapting(),
        query=filters.query(),
        next_url=f"{base}?{filters.query(page=page.next)}" if page.next else "",
        previous_url=f"{base}?{filters.query(page=page.previous)}" if page.previous else "",
        months=by_month(now(), place),
        active="progress",
    )


def _counts(query: Select[Any]) -> dict[str, int]:
    counted = query.options().with_only_columns(HangingCase.cause, func.count()).group_by(HangingCase.cause)
    return dict(db.session.execute(counted).all())


@bp.get("/hanging.<any(csv, json):kind>")
def for_machines(kind: str) -> Response:
    """The same list with the same filters, for machines."""
    asked = Asked()
    filters, mark = Filters.read(asked), asked.mark(1) if kind == "json" else None
    asked.by_a_program()
    place = by_kato(filters.place) if filters.place else None
    base = url_for("portal.index", _external=True).rstrip("/")
    if kind == "csv":
        parts = parts_of(_query(filters, place), HangingCase.id, [HangingCase.id.desc()])
        cases = (row for part in parts for row in _rows([case for (case,) in part]))
        return as_csv((_plain(row, base) for row in cases), CSV_COLUMNS, "hanging")
    _own, following = addresses("/hanging.json", filters.query)
    page = _page_of(filters, place, mark, 200)
    return as_json([_plain(row, base) for row in _rows(page.rows)], following(page.next))


def _plain(row: dict[str, Any], base: str) -> dict[str, Any]:
    case = row["case"]
    kept = {name: getattr(case, name) for name in ("id", "cause", "level", "subject_id", "direction_id", "opened_at")}
    return kept | {
        "title": row["title"],
        "kato": row["kato"],
        "since": case.since.isoformat(),
        "url": base + row["url"],
    }


@bp.get("/progress")
def progress() -> Response:
    """Directions across regions, or across the cities of one: what has come of each, and what hangs."""
    regions, question = adapting(), Asked()
    asked = question.choice("region", [place.kato for place in regions])
    region = next((place for place in regions if place.kato == asked), None)
    across = regions if region is None else _cities(region)
    figures = totals(region)
    number = question.number("page", 1, max(1, -(-figures.directions // ROWS))) or 1
    question.by_a_person()
    query = select(Direction).where(in_force(Direction)).order_by(Direction.id)
    shown = list(db.session.scalars(query.offset((number - 1) * ROWS).limit(ROWS + 1)))
    directions = shown[:ROWS]
    return render(
        "hanging/progress.html",
        region=region,
        regions=regions,
        across=across,
        rows=_matrix(directions, across, region),
        figures=figures,
        months=by_month(now(), region),
        states=state_labels(),
        shapes=SHAPES,
        number=number,
        next_url=_numbered(asked, number + 1) if len(shown) > ROWS else "",
        previous_url=_numbered(asked, number - 1) if number > 1 else "",
        active="progress",
    )


def _numbered(region: str, number: int) -> str:
    return "/progress?" + urlencode({key: value for key, value in (("region", region), ("page", number)) if value})


def _cities(region: Territory) -> list[Territory]:
    if region.rung == "city":
        return [region]
    inside = select(Territory).where(Territory.parent_id == region.id, Territory.rung == "city")
    return [region, *db.session.scalars(inside.order_by(Territory.kato))]  # what is the region's own turn stands first


def _with_region(found: Cells, whole: Cells, across: list[Territory], region: Territory) -> Cells:
    """The region's own cells beside those of its cities; a city without measures has the region's programme."""
    filled: Cells = {}
    for (direction, place), cell in whole.items():
        if place == region.id:
            filled |= {(direction, city.id): Cell(has_programme=True) for city in across}
            filled[direction, region.id] = cell
    return filled | {key: cell for key, cell in found.items() if key[1] != region.id}


def _is_narrower(
    late: dict[tuple[int, int], int],
    whole: dict[tuple[int, int], int],
    direction: int,
    place: Territory,
    region: Territory | None,
) -> bool:
    """Whether a region's own cell counts less than the list of the region: then its link asks for its own turn only."""
    key = (direction, place.id)
    return region is not None and place.id == region.id and late.get(key, 0) != whole.get(key, 0)


def _matrix(directions: list[Direction], across: list[Territory], region: Territory | None) -> list[dict[str, Any]]:
    keys = [direction.id for direction in directions]
    found, late = cells(keys, region), hanging_in(keys, region)
    if region is not None:
        found = _with_region(found, cells(keys), across, region)
    whole = hanging_in(keys) if region is not None else late
    called = names(("direction", key) for key in keys)
    empty = Cell()
    return [
        {
            "id": direction.id,
            "title": called["direction", direction.id][0],
            "lang": called["direction", direction.id][1],
            "cells": [
                {
                    "place": place,
                    "cell": found.get((direction.id, place.id), empty),
                    "late": late.get((direction.id, place.id), 0),
                    "own": _is_narrower(late, whole, direction.id, place, region),
                }
                for place in across
            ],
        }
        for direction in directions
    ]
