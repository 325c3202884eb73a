"""Finding directions, programmes and measures."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, func, or_, select

from webapp.kernel.database import db, locked
from webapp.strategies.models import Direction, Measure, Programme
from webapp.strategies.rules import Level
from webapp.strategies.versions import MODELS, Subject
from webapp.territories.models import Territory

AT_MOST = 300


def found(level: Level, key: int, lock: bool = False) -> Subject | None:
    """One of them by its number; `lock` keeps others from changing it meanwhile."""
    if key >= 2**31:
        return None
    model = MODELS[level]
    return locked(model, key) if lock else db.session.get(model, key)


def _in_force(query: Select[tuple[Subject]], model: type[Subject], ended: bool = False) -> Select[tuple[Subject]]:
    query = query.where(model.published_at.is_not(None))
    return query if ended else query.where(model.closed_at.is_(None))


def directions(ended: bool = False) -> list[Direction]:
    """Published directions, oldest first; without those that have ended unless `ended`."""
    return list(
        db.session.scalars(_in_force(select(Direction), Direction, ended).order_by(Direction.id).limit(AT_MOST))
    )


def programmes(direction_ids: Collection[int], ended: bool = True) -> list[Programme]:
    """Published programmes under some directions, those in force first."""
    query = _in_force(select(Programme), Programme, ended).where(Programme.direction_id.in_(direction_ids))
    return list(db.session.scalars(query.order_by(Programme.closed_at.is_not(None), Programme.id).limit(AT_MOST)))


def measures(programme_ids: Collection[int], ended: bool = True) -> list[Measure]:
    """Published measures under some programmes, those in force first."""
    query = _in_force(select(Measure), Measure, ended).where(Measure.programme_id.in_(programme_ids))
    return list(db.session.scalars(query.order_by(Measure.closed_at.is_not(None), Measure.id).limit(AT_MOST)))


def count_measures(programme_ids: Collection[int]) -> dict[int, int]:
    """How many measures in force some programmes have, in one query."""
    query = _in_force(select(Measure), Measure).where(Measure.programme_id.in_(programme_ids))
    counted = query.with_only_columns(Measure.programme_id, func.count()).group_by(Measure.programme_id)
    return dict(db.session.execute(counted).all())


def found_measure(key: int | None) -> Measure | None:
    """A published measure by its number."""
    measure = db.session.get(Measure, key) if key is not None else None
    return measure if measure is not None and measure.is_public else None


def count_copies(key: int) -> int:
    """How many published measures of other cities repeat one."""
    query = select(func.count()).select_from(Measure)
    query = query.where(Measure.replicated_from_id == key, Measure.published_at.is_not(None))
    return db.session.scalar(query) or 0


def measures_at(territory: Territory, ended: bool = False) -> list[Measure]:
    """Published measures of a territory and of all below it."""
    query = _in_force(select(Measure), Measure, ended).join(Territory, Territory.id == Measure.territory_id)
    query = query.where(Territory.path.startswith(territory.path, autoescape=True))
    return list(db.session.scalars(query.order_by(Measure.id.desc()).limit(AT_MOST)))


def programmes_at(territory: Territory) -> list[Programme]:
    """Published programmes in force in a territory or above it, newest first."""
    query = _in_force(select(Programme), Programme).where(Programme.territory_id.in_(territory.ancestor_ids))
    return list(db.session.scalars(query.order_by(Programme.id.desc()).limit(AT_MOST)))


def drafts_of(territory_ids: Collection[int]) -> list[Subject]:
    """Drafts of some territories, for their officers, of all three levels."""
    rows: list[Subject] = []
    for model in MODELS.values():
        query = select(model).where(model.territory_id.in_(territory_ids), model.published_at.is_(None))
        rows.extend(db.session.scalars(query.order_by(model.id).limit(AT_MOST)))
    return rows


def for_proposals_of(territory: Territory) -> list[Subject]:
    """What a proposal of a territory can serve: directions, and programmes and measures of its own line, in force."""
    own = Measure.territory_id.in_(territory.ancestor_ids)
    here = or_(Measure.territory_id == territory.id, own)
    own_measures = list(db.session.scalars(_in_force(select(Measure), Measure).where(here).limit(AT_MOST)))
    return [*own_measures, *programmes_at(territory), *directions()]
