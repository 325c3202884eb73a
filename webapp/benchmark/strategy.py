"""A country's strategy in bulk: 200 directions, 20 regions, 200 cities, 5,000 measures, and what hangs in it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from webapp.delivery.models import Milestone
from webapp.hanging.services import keep_cases
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, unit_of_work
from webapp.proposals.rules import SPHERES
from webapp.resources.models import Entry
from webapp.strategies.models import Direction, Measure, Programme
from webapp.strategies.reading import adapting
from webapp.territories.models import Territory
from webapp.territories.services import nation

DIRECTIONS, REGIONS, MEASURES, MILESTONES = 200, 20, 5_000, 3
YEAR = timedelta(days=365)
#: Of ten cells of the matrix so many have a programme.
ADAPTED = 7


def fill_strategy(now: datetime) -> None:
    """Write it, and let the worker's job see what hangs."""
    chance = random.Random(16)  # noqa: S311 (the same strategy every time)
    with unit_of_work():
        regions = tuple(place.id for place in adapting()[:REGIONS])
        db.session.execute(insert(Direction), [_level(n, nation().id, now, chance) for n in range(DIRECTIONS)])
        directions = list(db.session.scalars(select(Direction.id).order_by(Direction.id)))
        cells = [(d, r) for d in directions for r in regions if chance.randrange(10) < ADAPTED]
        empty = {f"{name}_{code}": "" for name in ("adopted", "altered", "left_out") for code in ("kk", "ru")}
        db.session.execute(
            insert(Programme),
            [_level(n, r, now, chance) | empty | {"direction_id": d} for n, (d, r) in enumerate(cells)],
        )
        _measures(regions, now, chance)
    keep_cases(now)


def _level(number: int, territory: int, now: datetime, chance: random.Random) -> dict[str, Any]:
    at = now - timedelta(days=chance.randint(40, 500))
    has_owner = chance.randrange(10) > 0
    return {
        "title_kk": f"Бағыт {number}",
        "title_ru": f"Направление {number}",
        "title_en": "",
        "text_kk": "",
        "text_ru": "",
        "owner_kk": "Басқарма" if has_owner else "",
        "owner_ru": "Управление" if has_owner else "",
        "sphere": chance.choice(SPHERES),
        "territory_id": territory,
        "version": 1,
        "starts_on": local_date(at),
        "ends_on": local_date(at + 2 * YEAR),
        "created_at": at,
        "published_at": at,
        "changed_at": at,
        "closed_at": None,
    }


def _measures(regions: tuple[int, ...], now: datetime, chance: random.Random) -> None:
    cities: dict[int, list[int]] = {}
    for key, parent, rung in db.session.execute(select(Territory.id, Territory.parent_id, Territory.rung)):
        if rung == "city":
            cities.setdefault(key if key in regions else parent, []).append(key)
    homes = dict(db.session.execute(select(Programme.id, Programme.territory_id)).all())
    rows = []
    for number in range(MEASURES):
        programme = chance.choice(list(homes))
        place = chance.choice(cities[homes[programme]])
        more = {"programme_id": programme, "budget_tenge": 10_000_000, "lessons_kk": "", "lessons_ru": ""}
        rows.append(_level(number, place, now, chance) | more | {"replicated_from_id": None})
    db.session.execute(insert(Measure), rows)
    keys = list(db.session.scalars(select(Measure.id)))
    db.session.execute(insert(Milestone), [_step(key, n, now, chance) for key in keys for n in range(MILESTONES)])
    common = {"kind": "planned", "source": "city_budget", "document": "№ 1", "on": local_date(now), "at": now}
    blank = {"reason_kk": "", "reason_ru": "", "programme_id": None, "commitment_id": None}
    entries = [common | blank | {"measure_id": key, "amount_tenge": chance.randint(1, 9) * 10**6} for key in keys]
    db.session.execute(insert(Entry), entries)


def _step(measure: int, number: int, now: datetime, chance: random.Random) -> dict[str, Any]:
    due_on = local_date(now) + timedelta(days=chance.randint(-200, 300))
    is_done = due_on < local_date(now) and chance.randrange(10) > 1
    return {
        "measure_id": measure,
        "proposal_id": None,
        "position": number,
        "title_kk": "Кезең",
        "title_ru": "Этап",
        "responsible_kk": "",
        "responsible_ru": "",
        "starts_on": due_on - timedelta(days=60),
        "due_on": due_on,
        "done_at": now if is_done else None,
        "missed_at": None,
    }
