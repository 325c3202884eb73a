"""The public log of moderation and its figures, for people and for machines."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, url_for

from webapp.journal.models import Fact
from webapp.kernel.asking import Asked
from webapp.kernel.clock import now
from webapp.kernel.exports import addresses, as_atom, as_csv, as_json
from webapp.kernel.htmx import render
from webapp.kernel.i18n import format_number, format_percent
from webapp.kernel.i18n import gettext as _
from webapp.kernel.totals import total_of
from webapp.portal import moderation_rows as log
from webapp.portal.dossier import bodies_on
from webapp.portal.moderation_figures import figures
from webapp.portal.moderation_rows import CSV_COLUMNS, FOR_MACHINES, IN_FEED, KIND_OF, Filters
from webapp.territories.directory import directory
from webapp.territories.services import by_kato

bp = Blueprint("moderation_log", __name__)


def _common(filters: Filters) -> dict[str, Any]:
    return {
        "filters": filters,
        "query": filters.query(),
        "directory": directory(),
        "body": by_kato(filters.body) if filters.body else None,
        "kinds": log.kind_labels(),
        "reasons": log.reason_labels(),
        "appeals": log.appeal_labels(),
        "active": "how",
    }


@bp.get("/moderation")
def index() -> Response:
    """What moderators have decided, newest first."""
    asked, base = Asked(), url_for("moderation_log.index")
    filters, mark = Filters.read(asked), asked.mark(1)
    asked.by_a_person()
    page = log.page_of(filters, mark)
    return render(
        "portal/moderation_log.html",
        rows=page.rows,
        total=total_of(log.decisions(filters), Fact.id),
        kind_of=KIND_OF,
        bodies=bodies_on(sorted({row.body_id for row in page.rows}), now()),
        next_url=f"{base}?{filters.query(page=page.next)}" if page.next else "",
        previous_url=f"{base}?{filters.query(page=page.previous)}" if page.previous else "",
        **_common(filters),
    )


@bp.get("/moderation.<any(csv,json,atom):kind>")
def for_machines(kind: str) -> Response:
    """The same list with the same filters, for machines."""
    asked = Asked()
    filters, mark = Filters.read(asked), asked.mark(1) if kind != "csv" else None
    asked.by_a_program()
    if kind == "csv":
        return as_csv(log.all_rows(filters), CSV_COLUMNS, "moderation")
    own, following = addresses(f"/moderation.{kind}", filters.query)
    page = log.page_of(filters, mark, FOR_MACHINES if kind == "json" else IN_FEED)
    rows = log.plain_rows(page.rows)
    if kind == "json":
        return as_json(rows, following(page.next))
    address = url_for("moderation_log.index", _external=True)
    entries = [_entry(row, plain, address) for row, plain in zip(page.rows, rows, strict=True)]
    updated = max((entry["updated"] for entry in entries), default=now())
    about = address + (f"?{filters.query()}" if filters.query() else "")
    return as_atom(_("Log of moderation"), about, updated, entries, own=own, next_url=following(page.next))


def _entry(row: Any, plain: dict[str, Any], address: str) -> dict[str, Any]:
    label = log.kind_labels()[plain["kind"]]
    why = log.reason_labels().get(row.reason or "", "")
    return {
        "id": f"{address}#{row.id}",
        "title": f"{row.body_name}: {label}",
        "url": plain["url"] or f"{address}#{row.id}",
        "updated": row.at,
        "summary": f"{label}. {why}" if why else label,
    }


@bp.get("/moderation/statistics")
def statistics() -> Response:
    """Figures of the same rows: by reason, median time, appeals, reversals, by body."""
    asked = Asked()
    filters = Filters.read(asked)
    asked.by_a_person()
    return render(
        "portal/moderation_statistics.html", found=figures(filters), days=_days, share=_share, **_common(filters)
    )


def _days(median: float | None) -> str:
    """A median of working days, in halves at most."""
    return "–" if median is None else format_number(int(median) if median == int(median) else median)


def _share(part: int, whole: int) -> str:
    """A share in whole per cent."""
    return "–" if not whole else format_percent(round(100 * part / whole))
