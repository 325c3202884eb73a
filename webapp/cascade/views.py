"""The strategy, and the pages of directions, programmes and measures."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import granted_territories, refusal
from webapp.cascade import overview, page
from webapp.cascade.addresses import LEVELS, subject_of
from webapp.cascade.exchange import COLUMNS, rows
from webapp.cascade.words import level_labels, url_of
from webapp.kernel.asking import Asked
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.exports import as_csv, as_json
from webapp.kernel.htmx import render
from webapp.kernel.i18n import localized
from webapp.kernel.paging import keyset_page
from webapp.kernel.totals import total_of
from webapp.strategies.models import Direction, Measure, Programme
from webapp.strategies.reading import adapting, drafts_of, in_force
from webapp.strategies.rules import Level, may_hold
from webapp.strategies.services import place_of
from webapp.strategies.versions import level_of, versions_of
from webapp.strategies.wording import said
from webapp.territories.models import Territory
from webapp.territories.services import by_kato

bp = Blueprint("cascade", __name__)


@bp.get("/strategy")
def strategy() -> Response:
    """Directions with what has come of them; for staff also their drafts and what they may begin."""
    owed, question = adapting(), Asked()
    asked = question.choice("region", [place.kato for place in owed])
    region = next((place for place in owed if place.kato == asked), None)
    number = question.number("page", 1, 9999) or 1
    question.by_a_person()
    return render(
        "cascade/strategy.html",
        region=region,
        choices={place.kato: localized(place) for place in owed},
        **overview.overview(region, len(owed), number),
        **_own(now()),
        said=said,
        active="strategy",
    )


def _own(moment: Any) -> dict[str, Any]:
    """What an officer has begun, and what may begin."""
    places = granted_territories(current_user, Role.OFFICER, moment) if current_user.is_authenticated else []
    if not places or refusal(current_user, Permission.SEE_DESK, None, moment) is not None:
        return {"drafts": [], "begins": []}
    labels = level_labels()
    drafts = drafts_of([place.id for place in places])
    return {
        "drafts": [
            {"title": said(one), "url": url_of(one), "level": labels[level_of(one)], "place": localized(one.territory)}
            for one in drafts
        ],
        "begins": [level.value for level in Level if any(may_hold(level, place_of(place)) for place in places)],
    }


@bp.get("/strategy.<any(csv, json):kind>")
def for_machines(kind: str) -> Response:
    """All that is published of the three levels, as the import takes it."""
    asked = Asked()
    place = by_kato(kato) if (kato := asked.code("place", by_kato)) else None
    asked.by_a_program()
    if kind == "csv":
        return as_csv(rows(place), COLUMNS, "strategy")
    return as_json(rows(place), None)


@bp.get("/measures")
def measures() -> Response:
    """The measures in force, the newest first: of the country, or of one region with its cities."""
    question, choices = Asked(), adapting()
    kato, mark = question.code("place", by_kato), question.mark(1)
    question.by_a_person()
    place = by_kato(kato) if kato else None
    query = select(Measure).where(in_force(Measure)).options(joinedload(Measure.territory))
    if place is not None:
        below = select(Territory.id).where(Territory.path.startswith(place.path, autoescape=True))
        query = query.where(Measure.territory_id.in_(below))
    page = keyset_page(query, [Measure.id], mark, db.session.scalars)

    def address(other: str | None) -> str:
        return "/measures?" + urlencode({"place": kato, "page": other} if kato else {"page": other}) if other else ""

    return render(
        "cascade/measures.html",
        rows=[{"title": said(one), "url": url_of(one), "territory": one.territory} for one in page.rows],
        total=total_of(query, Measure.id),
        place=place,
        choices=choices,
        next_url=address(page.next),
        previous_url=address(page.previous),
        active="strategy",
    )


@bp.get(f"/{LEVELS}")
def show(plural: str, key: int) -> Response:
    """A direction, programme or measure with what came from above and from below."""
    subject = subject_of(plural, key)
    if isinstance(subject, Direction):
        return render("cascade/direction.html", **page.direction_page(current_user, subject, now()))
    if isinstance(subject, Programme):
        return render("cascade/programme.html", **page.programme_page(current_user, subject, now()))
    return render("cascade/measure.html", **page.measure_page(current_user, subject, now()))


@bp.get(f"/{LEVELS}/versions")
def versions(plural: str, key: int) -> Response:
    """How it stood before, and why it changed."""
    subject = subject_of(plural, key)
    kept = versions_of(subject)
    return render("cascade/versions.html", **page.frame(current_user, subject, now()), versions=kept)
