"""Directions, programmes, measures and money as rows, in force from the moment given."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from webapp.kernel.database import db
from webapp.resources.models import Commitment, Entry
from webapp.strategies.models import Direction, Measure, Programme
from webapp.territories.services import by_kato, nation

TURKISTAN_REGION, TURKISTAN, KENTAU, ALMATY = "610000000", "611000000", "612000000", "750000000"
YEAR = timedelta(days=365)
OWNER = {"owner_kk": "Көлік басқармасы", "owner_ru": "Управление транспорта"}


def _term(at: datetime) -> dict[str, Any]:
    return {
        "starts_on": at.date(),
        "ends_on": (at + 2 * YEAR).date(),
        "created_at": at,
        "published_at": at,
        "changed_at": at,
        "version": 1,
    }


def _added(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def add_direction(at: datetime, title: str = "Қауіпсіз көшелер", **more: Any) -> Direction:
    """A direction of the nation, published at `at`."""
    words = {"title_kk": title, "title_ru": f"{title} (ru)", "sphere": "safety", **OWNER}
    return _added(Direction(territory_id=nation().id, **{**_term(at), **words, **more}))


def add_programme(at: datetime, direction: Direction, kato: str = TURKISTAN_REGION, **more: Any) -> Programme:
    """A region's programme under a direction, published at `at`."""
    words = {"title_kk": "Жарық көшелер", "title_ru": "Светлые улицы", "sphere": "safety", **OWNER}
    ids = {"territory_id": by_kato(kato).id, "direction_id": direction.id}
    return _added(Programme(**{**_term(at), **words, **ids, **more}))


def add_measure(at: datetime, programme: Programme | None, kato: str = TURKISTAN, **more: Any) -> Measure:
    """A city's measure, published at `at`."""
    words = {"title_kk": "Өткелдерге жарық", "title_ru": "Свет на переходах", "sphere": "safety", **OWNER}
    ids = {"territory_id": by_kato(kato).id, "programme_id": programme.id if programme else None}
    return _added(Measure(**{**_term(at), **words, **ids, "budget_tenge": 10_000_000, **more}))


def add_entry(at: datetime, subject: Programme | Measure, amount: int = 1_000_000, **more: Any) -> Entry:
    """Money: planned of the city's budget unless told otherwise."""
    owner = {"programme_id" if isinstance(subject, Programme) else "measure_id": subject.id}
    plain = {"kind": "planned", "source": "city_budget", "document": "№ 1", "on": at.date(), "at": at}
    return _added(Entry(**{**plain, **owner, "amount_tenge": amount, **more}))


def add_commitment(at: datetime, measure: Measure, due_on: date | None = None, **more: Any) -> Commitment:
    """A promise of the region to the city of a measure, not answered yet."""
    ids = {"measure_id": measure.id, "programme_id": measure.programme_id, "city_id": measure.territory_id}
    plain = {
        "giver_id": by_kato(TURKISTAN_REGION).id,
        "amount_tenge": 5_000_000,
        "source": "regional_budget",
        "condition_kk": "Жыл соңына дейін",
        "condition_ru": "До конца года",
        "document": "№ 7",
        "due_on": due_on or (at + timedelta(days=60)).date(),
        "made_at": at,
        "accept_due_at": at + timedelta(days=21),
    }
    return _added(Commitment(**{**plain, **ids, **more}))
