"""The strategy at a glance: every direction with what has come of it, in the country or in one region."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, select

from webapp.cascade.words import url_of
from webapp.kernel.database import db
from webapp.proposals.choices import spheres
from webapp.resources.models import Entry
from webapp.resources.rules import Sums, total
from webapp.resources.services import added_up
from webapp.strategies.models import Direction, Measure, Programme
from webapp.strategies.reading import directions, in_force
from webapp.strategies.wording import said
from webapp.territories.models import Territory

#: Directions on one page.
ROWS = 30


def _numbers(region: Territory | None) -> tuple[dict[int, int], dict[int, int], dict[int, Sums]]:
    """Programmes, measures and money by direction, in four queries."""
    here = () if region is None else (Programme.territory_id == region.id,)
    key = Programme.direction_id
    adapted = select(key, func.count()).where(in_force(Programme), *here).group_by(key)
    acting = select(key, func.count()).join(Measure, Measure.programme_id == Programme.id)
    acting = acting.where(in_force(Programme), in_force(Measure), *here).group_by(key)
    published = (Programme.published_at.is_not(None), *here)
    to_programme = (Programme, Programme.id == Entry.programme_id)
    through = [(Measure, Measure.id == Entry.measure_id), (Programme, Programme.id == Measure.programme_id)]
    own = added_up(key, *published, joined=[to_programme])
    below = added_up(key, *published, Measure.published_at.is_not(None), joined=through)
    sums = {
        direction: total([own.get(direction, Sums()), below.get(direction, Sums())]) for direction in {*own, *below}
    }
    return _by_direction(adapted), _by_direction(acting), sums


def _by_direction(query: Any) -> dict[int, int]:
    return dict(db.session.execute(query).all())


def _of_region(region: Territory) -> dict[int, Programme]:
    query = select(Programme).where(in_force(Programme), Programme.territory_id == region.id)
    return {one.direction_id: one for one in db.session.scalars(query)}


def overview(region: Territory | None, wanted: int, number: int) -> dict[str, Any]:
    """A page of the directions in force, each with numbers; for a region also its programme. Totals cover all.

    `wanted` is how many programmes are owed for each.
    """
    found = directions()
    number = min(number, max(1, -(-len(found) // ROWS)))
    shown = found[(number - 1) * ROWS : number * ROWS]
    adapted, acting, sums = _numbers(region)
    theirs = _of_region(region) if region is not None else {}
    return {
        "rows": [_row(one, adapted, acting, sums, theirs) for one in shown],
        "count": len(found),
        "next_url": _numbered(region, number + 1) if number * ROWS < len(found) else "",
        "previous_url": _numbered(region, number - 1) if number > 1 else "",
        "wanted": wanted,
        "cells": wanted * len(found),
        "adapted": sum(adapted.get(one.id, 0) for one in found),
        "measures": sum(acting.get(one.id, 0) for one in found),
        "sums": total(sums.get(one.id, Sums()) for one in found),
    }


def _numbered(region: Territory | None, number: int) -> str:
    asked = {"region": region.kato if region else "", "page": number if number > 1 else ""}
    return "/strategy?" + urlencode({key: value for key, value in asked.items() if value})


def _row(
    one: Direction, adapted: dict[int, int], acting: dict[int, int], sums: dict[int, Sums], theirs: dict[int, Programme]
) -> dict[str, Any]:
    programme = theirs.get(one.id)
    return {
        "title": said(one),
        "url": url_of(one),
        "sphere": spheres().get(one.sphere, ""),
        "owner": said(one, "owner"),
        "ends_on": one.ends_on,
        "goals": one.goals.split(),
        "adapted": adapted.get(one.id, 0),
        "measures": acting.get(one.id, 0),
        "sums": sums.get(one.id, Sums()),
        "programme": {"title": said(programme), "url": url_of(programme)} if programme else None,
    }
