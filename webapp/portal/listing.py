"""The list of proposals: filters, order, keyset pages, cards; one narrow query whatever the number of rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from webapp.kernel.database import db
from webapp.kernel.i18n import current_language, format_date, format_number
from webapp.kernel.paging import PAGE_SIZE, Page, keyset_page
from webapp.portal import words
from webapp.proposals.models import Proposal
from webapp.proposals.rules import PUBLIC, SPHERES, Stage
from webapp.territories.models import Territory

SORTS = ("newest", "closest", "most")
STATES = ("collecting", "review", "accepted", "implementing", "done", "declined", "unsupported", "silent")
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
    """What the reader asked for; anything unknown is simply not asked for."""

    place: str = ""
    sphere: str = ""
    state: str = ""
    sort: str = "newest"

    @classmethod
    def read(cls, args: Any) -> Filters:
        """From the query string."""
        place = args.get("place", "")
        sphere, state, sort = args.get("sphere", ""), args.get("state", ""), args.get("sort", "newest")
        return cls(
            place if place.isascii() and place.isdigit() and len(place) == 9 else "",
            sphere if sphere in SPHERES else "",
            state if state in STATES else "",
            sort if sort in SORTS else "newest",
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
PUBLIC_STAGES = sorted(stage.value for stage in PUBLIC)


def _columns() -> list[Any]:
    lang = current_language()
    names = [
        getattr(place, f"name_{lang}").label(label)
        for place, label in ((origin, "origin_name"), (seat, "seat_name"), (target, "target_name"))
    ]
    plain = (
        Proposal.id,
        Proposal.number,
        Proposal.title,
        Proposal.lang,
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


def _query(filters: Filters) -> Select[Any]:
    query = (
        select(*_columns())
        .join(origin, origin.id == Proposal.origin_id)
        .join(seat, seat.id == Proposal.seat_id)
        .outerjoin(target, target.id == Proposal.next_territory_id)
    )
    if filters.state == "silent":
        query = query.where(Proposal.silent_at.is_not(None), Proposal.closed_at.is_(None))
    elif filters.state:
        query = query.where(Proposal.stage == filters.state)
    else:
        query = query.where(Proposal.stage.in_(PUBLIC_STAGES))
    if filters.place:
        place = db.session.scalar(select(Territory).where(Territory.kato == filters.place))
        if place is not None:
            query = query.where(
                origin.path.startswith(place.path, autoescape=True)
                if place.rung != "city"
                else Proposal.origin_id == place.id
            )
    if filters.sphere:
        query = query.where(Proposal.sphere == filters.sphere)
    if filters.sort == "closest":
        query = query.where(Proposal.closed_at.is_(None), Proposal.progress < 1000)
    return query


def keys(filters: Filters) -> list[Any]:
    """The columns that a list is sorted by, downwards."""
    return {
        "newest": [Proposal.id],
        "closest": [Proposal.progress, Proposal.id],
        "most": [Proposal.supports, Proposal.id],
    }[filters.sort]


def page_of(filters: Filters, mark: str | None, size: int = PAGE_SIZE) -> Page:
    """One page of rows."""
    return keyset_page(_query(filters), keys(filters), mark, db.session.execute, size)


def card(row: Any, now: datetime, stages: dict[str, str], spheres: dict[str, str]) -> dict[str, Any]:
    """A row as the card macro wants it."""
    is_open = row.closed_at is None
    progress_label = ""
    if row.next_threshold and is_open and row.stage != Stage.DECLINED:
        progress_label = _(
            "%(supports)s of %(threshold)s supports, %(place)s",
            supports=format_number(row.next_supports),
            threshold=format_number(row.next_threshold),
            place=row.target_name,
        )
    steps, steps_label = mini_ladder(row)
    return {
        "url": f"/proposals/{row.id}",
        "title": row.title,
        "lang": row.lang,
        "place": row.origin_name,
        "number": row.number,
        "stage": row.stage,
        "stage_label": stages[row.stage],
        "sphere_label": spheres.get(row.sphere, ""),
        "supports": row.supports,
        "threshold": row.next_threshold,
        "percent": row.progress // 10,
        "progress_label": progress_label,
        "next_label": _next_label(row) if is_open else "",
        "next_tone": _tone(row, now) if is_open else "none",
        "steps": steps,
        "steps_label": steps_label,
        "silent_label": _("a body stayed silent") if row.silent_at is not None else "",
    }


def _next_label(row: Any) -> str:
    if row.due_at is None:
        return ""
    day = format_date(row.due_at, "medium")
    if row.stage == Stage.REVIEW:
        return _("answer due by %(date)s", date=day)
    if row.stage == Stage.COLLECTING:
        return _("support until %(date)s", date=day)
    if row.stage in (Stage.ACCEPTED, Stage.IMPLEMENTING):
        return _("next milestone %(date)s", date=day)
    return _("until %(date)s", date=day)


def _tone(row: Any, now: datetime) -> str:
    if row.overdue_at is not None:
        return "late"
    days = (row.due_at - now).days
    if row.stage in (Stage.REVIEW, Stage.IMPLEMENTING) and days <= 3:
        return "soon"
    return "ok"


def mini_ladder(row: Any) -> tuple[list[str], str]:
    """Steps for the small staircase and the words that it stands for."""
    rungs = (
        ["city", "nation"]
        if row.origin_kind == "republican_city" or row.origin_kato == "191800000"
        else ["city", "region", "nation"]
    )
    here = rungs.index(row.seat_rung) if row.seat_rung in rungs else 0
    passed = "silent" if row.silent_at is not None and here else "passed"
    steps = [("passed" if i < here else "current" if i == here else "ahead") for i in range(len(rungs))]
    if passed == "silent" and here:
        steps[here - 1] = "silent"
    return steps, _("Rung %(here)d of %(count)d: %(place)s", here=here + 1, count=len(rungs), place=row.seat_name)


def cards(rows: Any, now: datetime) -> list[dict[str, Any]]:
    """Rows as cards."""
    stages, spheres = words.stage_labels(), words.sphere_labels()
    return [card(row, now, stages, spheres) for row in rows]


def plain_rows(rows: Any) -> list[dict[str, Any]]:
    """Rows for machines: facts that are public anyway, addresses absolute."""
    base = url_for("portal.index", _external=True).rstrip("/")
    return [
        {column: f"{base}/proposals/{row.id}" if column == "url" else getattr(row, column) for column in CSV_COLUMNS}
        for row in rows
    ]
