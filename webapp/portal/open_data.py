"""The list of proposals for machines: all of it as CSV, pages of it as JSON, the newest of it as a feed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, url_for
from sqlalchemy import func, select

from webapp.journal.models import Fact
from webapp.kernel.asking import Asked
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.exports import addresses, as_atom, as_csv, as_json
from webapp.kernel.i18n import gettext as _
from webapp.portal import words
from webapp.portal.listing import CSV_COLUMNS, Filters, all_rows, marks_of, page_of, plain_rows

bp = Blueprint("open_data", __name__)
IN_JSON, IN_FEED = 200, 50


@bp.get("/proposals.<any(csv,json,atom):kind>")
def proposals(kind: str) -> Response:
    """The same list with the same filters, for machines."""
    asked = Asked()
    filters = Filters.read(asked)
    mark = asked.mark(marks_of(filters)) if kind != "csv" else None
    asked.by_a_program()
    if kind == "csv":
        return as_csv(all_rows(filters), CSV_COLUMNS, "proposals")
    own, following = addresses(f"/proposals.{kind}", filters.query)
    page = page_of(filters, mark, IN_JSON if kind == "json" else IN_FEED, moment=now())
    if kind == "json":
        return as_json(plain_rows(page.rows), following(page.next))
    changed = _last_changes([row.id for row in page.rows])
    entries = [_entry(row, changed) for row in plain_rows(page.rows)]
    updated = max((entry["updated"] for entry in entries), default=now())
    about = url_for("portal.proposals", _external=True) + (f"?{filters.query()}" if filters.query() else "")
    return as_atom(_("Proposals"), about, updated, entries, own=own, next_url=following(page.next))


def _last_changes(keys: Collection[int]) -> dict[int, datetime]:
    """When something public was last recorded of each: its stage is in the feed, so a new one is an update."""
    query = select(Fact.proposal_id, func.max(Fact.at)).where(Fact.proposal_id.in_(keys), Fact.public)
    return {key: at for key, at in db.session.execute(query.group_by(Fact.proposal_id)) if key is not None}


def _entry(row: dict[str, Any], changed: dict[int, datetime]) -> dict[str, Any]:
    first = row["published_at"] or row["submitted_at"]
    return {
        "id": row["url"],
        "title": row["title"],
        "url": row["url"],
        "updated": max(first, changed.get(row["id"], first)),
        "summary": words.stage_labels()[row["stage"]],
    }
