"""The list of proposals: filters, order, keyset pages; one narrow query whatever the number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from webapp.kernel.asking import Asked
from webapp.kernel.database import db
from webapp.kernel.exports import parts_of
from webapp.kernel.i18n import current_language
from webapp.kernel.paging import PAGE_SIZE, Page, keyset_page
from webapp.kernel.totals import Total, total_of
from webapp.portal import newest
from webapp.portal.moving import WIDTH, moving_page
from webapp.proposals.hiding import shown_lang, shown_title
from webapp.proposals.models import TITLED, Proposal
from webapp.proposals.rules import SPHERES
from webapp.territories.models import Territory
from webapp.territories.services import by_kato

SORTS = ("newest", "closest", "most")
#: Several stages under one word: what figures count, their lists show.
GROUPS = {
    "ongoing": ("collecting", "review", "accepted", "implementing"),
    "decided": ("accepted", "implementing"),
    "carried": ("implementing", "done"),
}
STAGES = ("collecting", "review", "accepted", "implementing", "done", "declined", "unsupported", "merged", "withdrawn")
STATES = (*GROUPS, *STAGES, "silent")
CSV_COLUMNS = (
    "id",
    "number",
    "title",
    "lang",
    "stage",
    "sphere",
    "origin_kato",
    "seat_kato",
    "supports",
    "opposes",
    "organisation_supports",
    "organisation_opposes",
    "submitted_at",
    "published_at",
    "due_at",
    "url",
)


@dataclass(frozen=True)
class Filters:
    """What the reader asked for; what was not understood is said by `Asked`."""

    place: str = ""
    sphere: str = ""
    state: str = ""
    sort: str = "newest"

    @classmethod
    def read(cls, asked: Asked) -> Filters:
        """From the query string."""
        return cls(
            asked.code("place", by_kato),
            asked.choice("sphere", SPHERES),
            asked.choice("state", STATES),
            asked.choice("sort", SORTS, "newest"),
        )

    def query(self, **more: Any) -> str:
        """As a query string, without what is usual."""
        values = {
            "place": self.place,
            "sphere": self.sphere,
            "state": self.state,
            "sort": "" if self.sort == "newest" else self.sort,
        }
        return urlencode({key: value for key, value in (values | more).items() if value})


origin, seat, target = aliased(Territory), aliased(Territory), aliased(Territory)


def _columns() -> list[Any]:
    lang = current_language()
    names = [
        getattr(place, f"name_{lang}").label(label)
        for place, label in ((origin, "origin_name"), (seat, "seat_name"), (target, "target_name"))
    ]
    plain = (
        Proposal.id,
        Proposal.number,
        *TITLED,
        Proposal.stage,
        Proposal.sphere,
        Proposal.place,
        Proposal.supports,
        Proposal.opposes,
        Proposal.organisation_supports,
        Proposal.organisation_opposes,
        Proposal.progress,
        Proposal.next_supports,
        Proposal.next_threshold,
        Proposal.due_at,
        Proposal.closes_at,
        Proposal.appeal_until,
        Proposal.closed_at,
        Proposal.overdue_at,
        Proposal.silent_at,
        Proposal.submitted_at,
        Proposal.published_at,
        origin.kato.label("origin_kato"),
        origin.kind.label("origin_kind"),
        seat.kato.label("seat_kato"),
        seat.rung.label("seat_rung"),
    )
    return [*plain, *names]


def _query(filters: Filters, place: Territory | None = None) -> Select[Any]:
    query = _without_place(filters.state, filters.sphere, filters.sort, current_language())
    if not filters.place:
        return query
    place = place or by_kato(filters.place)
    if place is None:
        return query
    if place.rung == "city":
        return query.where(Proposal.origin_id == place.id)
    return query.where(origin.path.startswith(place.path, autoescape=True))


@lru_cache(maxsize=1024)
def _without_place(state: str, sphere: str, sort: str, _lang: str) -> Select[Any]:
    """Putting a statement together takes a tenth of the page; there are a few hundred of them."""
    return (
        select(*_columns())
        .join(origin, origin.id == Proposal.origin_id)
        .join(seat, seat.id == Proposal.seat_id)
        .outerjoin(target, target.id == Proposal.next_territory_id)
        .where(*_conditions(state, sphere, sort, in_order=True))
    )


def _conditions(state: str, sphere: str, sort: str, *, in_order: bool = False) -> list[ColumnElement[bool]]:
    """What the filters ask of a proposal, but for its place; `in_order` where rows are read in the order of the list."""
    found: list[ColumnElement[bool]] = [Proposal.is_public]
    if state == "silent":
        found += [Proposal.silent_at.is_not(None), Proposal.closed_at.is_(None)]
    elif state in GROUPS:
        # much of the country is in them: a list reads along its own order, and does not gather by stage and sort
        found.append((Proposal.stage.concat("") if in_order else Proposal.stage).in_(GROUPS[state]))
    elif state:
        found.append(Proposal.stage == state)
    if sphere:
        found.append(Proposal.sphere == sphere)
    if sort == "closest":
        found += [Proposal.closed_at.is_(None), Proposal.progress < 1000]
    return found


def keys(filters: Filters) -> list[Any]:
    """The columns that a list is sorted by, downwards."""
    return {
        "newest": [Proposal.published_at, Proposal.id],
        "closest": [Proposal.progress, Proposal.id],
        "most": [Proposal.supports, Proposal.id],
    }[filters.sort]


def marks_of(filters: Filters) -> int:
    """How many numbers the mark of a page holds."""
    return newest.WIDTH if filters.sort == "newest" else len(keys(filters)) + WIDTH


def page_of(
    filters: Filters,
    mark: str | None,
    size: int = PAGE_SIZE,
    place: Territory | None = None,
    moment: datetime | None = None,
) -> Page:
    """One page of rows; `place` is that of the filters where it is at hand already.

    Where votes move the list, a page with a `moment` begins with what has risen above its mark since.
    """
    query, columns = _query(filters, place), keys(filters)
    if filters.sort == "newest":
        return newest.newest_page(query, mark, size)
    if moment is None:
        return keyset_page(query, columns, mark, db.session.execute, size)
    return moving_page(query, columns, mark, size, moment)


def newest_in(place: Territory, size: int) -> list[Any]:
    """The newest proposals of a place that stand for themselves."""
    return newest.standing_for_themselves(_query(Filters(place.kato), place), size)


def total(filters: Filters, place: Territory | None = None) -> Total:
    """How many rows the list has, on all its pages."""
    query = select(Proposal.id).where(*_conditions(filters.state, filters.sphere, filters.sort))
    place = place or (by_kato(filters.place) if filters.place else None)
    if place is not None and place.rung == "city":
        query = query.where(Proposal.origin_id == place.id)
    elif place is not None:
        inside = select(Territory.id).where(Territory.path.startswith(place.path, autoescape=True))
        query = query.where(Proposal.origin_id.in_(inside))
    return total_of(query, Proposal.id)


def numbers() -> dict[str, int]:
    """How many public proposals each group of stages holds: the rows of its list."""
    query = select(Proposal.stage, func.count()).where(Proposal.is_public).group_by(Proposal.stage)
    found = dict(db.session.execute(query).all())
    return {name: sum(found.get(stage, 0) for stage in GROUPS.get(name, (name,))) for name in (*GROUPS, "review")}


def all_rows(filters: Filters) -> Iterator[dict[str, Any]]:
    """Every row of the list for machines, however many."""
    order = newest.ORDER if filters.sort == "newest" else [column.desc() for column in keys(filters)]
    for part in parts_of(_query(filters), Proposal.id, order):
        yield from plain_rows(part)


def plain_rows(rows: Any) -> list[dict[str, Any]]:
    """Rows for machines: facts that are public anyway, addresses absolute."""
    base = url_for("portal.index", _external=True).rstrip("/")
    return [
        {column: getattr(row, column, "") for column in CSV_COLUMNS}
        | {"title": shown_title(row), "lang": shown_lang(row), "url": f"{base}/proposals/{row.id}"}
        for row in rows
    ]
