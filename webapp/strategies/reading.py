"""Finding directions, programmes and measures."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, or_, select

from webapp.kernel.database import by_key, db
from webapp.strategies.models import Direction, Measure, Programme
from webapp.strategies.rules import Level, Place, may_hold
from webapp.strategies.versions import MODELS, Subject
from webapp.territories.models import Territory
from webapp.territories.rules import Rung

AT_MOST = 300


def found(level: Level, key: int, lock: bool = False) -> Subject | None:
    """One of them by its number; `lock` keeps others from changing it meanwhile."""
    return by_key(MODELS[level], key, lock)


def in_force(model: type[Subject]) -> ColumnElement[bool]:
    """Published, and not ended."""
    return and_(model.published_at.is_not(None), model.closed_at.is_(None))


def adapting() -> list[Territory]:
    """Territories that owe a programme for each direction, in the order of the classifier: regions, and cities that
    report straight to the nation. One query."""
    root = select(Territory.id).where(Territory.rung == Rung.NATION.value).scalar_subquery()
    straight = Territory.parent_id == root
    query = select(Territory, straight).where(
        or_(Territory.rung == Rung.REGION.value, and_(Territory.rung == Rung.CITY.value, straight))
    )
    rows = db.session.execute(query.order_by(Territory.kato))
    return [place for place, is_straight in rows if may_hold(Level.PROGRAMME, Place(place.rung, bool(is_straight)))]


def directions() -> list[Direction]:
    """Directions in force, oldest first."""
    return list(db.session.scalars(select(Direction).where(in_force(Direction)).order_by(Direction.id).limit(AT_MOST)))


def programmes(direction_id: int) -> list[Programme]:
    """Published programmes under a direction, those in force before those that have ended."""
    query = select(Programme).where(Programme.published_at.is_not(None), Programme.direction_id == direction_id)
    return list(db.session.scalars(query.order_by(Programme.closed_at.is_not(None), Programme.id).limit(AT_MOST)))


def measures(programme_id: int) -> list[Measure]:
    """Published measures under a programme, those in force before those that have ended."""
    query = select(Measure).where(Measure.published_at.is_not(None), Measure.programme_id == programme_id)
    return list(db.session.scalars(query.order_by(Measure.closed_at.is_not(None), Measure.id).limit(AT_MOST)))


def count_measures(programme_ids: Collection[int]) -> dict[int, int]:
    """How many measures in force some programmes have, in one query."""
    counted = select(Measure.programme_id, func.count()).where(in_force(Measure))
    counted = counted.where(Measure.programme_id.in_(programme_ids)).group_by(Measure.programme_id)
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


def programmes_at(territory: Territory) -> list[Programme]:
    """Published programmes in force in a territory or above it, newest first."""
    query = select(Programme).where(in_force(Programme), Programme.territory_id.in_(territory.ancestor_ids))
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
    own = select(Measure).where(in_force(Measure), Measure.territory_id.in_(territory.ancestor_ids)).limit(AT_MOST)
    return [*db.session.scalars(own), *programmes_at(territory), *directions()]
