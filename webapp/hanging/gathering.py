"""The picture of everything in force, read in seven queries of plain columns whatever its size."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from webapp.delivery.models import Milestone
from webapp.hanging.rules import DirectionRow, MeasureRow, Picture, ProgrammeRow, PromiseRow, SilenceRow
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, summed
from webapp.proposals.models import Proposal
from webapp.resources.models import Commitment, Entry
from webapp.resources.rules import Kind
from webapp.rulebook.services import TermsThen, rules_of_moments
from webapp.strategies.models import Direction, Measure, Programme
from webapp.strategies.reading import adapting, in_force
from webapp.territories.models import Territory


def picture_of() -> Picture:
    """Everything in force now."""
    adapters = tuple(place.id for place in adapting())
    terms = rules_of_moments()
    return Picture(adapters, _directions(), _programmes(terms), _measures(terms), _promises(), _silences())


def _owned(model: Any) -> Any:
    return and_(model.owner_kk != "", model.owner_ru != "")


def _directions() -> tuple[DirectionRow, ...]:
    query = select(
        Direction.id, Direction.published_at, Direction.ends_on, Direction.territory_id, _owned(Direction)
    ).where(in_force(Direction))
    return tuple(
        DirectionRow(key, local_date(published), ends or date.max, territory, bool(owned))
        for key, published, ends, territory, owned in db.session.execute(query.order_by(Direction.id))
    )


def _programmes(terms: TermsThen) -> tuple[ProgrammeRow, ...]:
    """Programmes, with whether anything is planned or committed for them or their measures.

    The rules are those in force where and when each was published: later ones move no day.
    """
    promised = Entry.kind.in_((Kind.PLANNED.value, Kind.COMMITTED.value))
    own = select(Entry.programme_id).where(promised, Entry.programme_id.is_not(None)).group_by(Entry.programme_id)
    own = own.having(summed(Entry.amount_tenge) > 0)
    below = select(Measure.programme_id).join(Entry, Entry.measure_id == Measure.id)
    below = below.where(promised, Measure.published_at.is_not(None), Measure.programme_id.is_not(None))
    below = below.group_by(Measure.programme_id).having(summed(Entry.amount_tenge) > 0)
    query = select(
        *(Programme.id, Programme.direction_id, Programme.territory_id, Programme.published_at),
        *(Programme.starts_on, Programme.ends_on, _owned(Programme)),
        or_(Programme.id.in_(own), Programme.id.in_(below)),
        *(Territory.path, Territory.rung),
    ).where(in_force(Programme))
    query = query.join(Territory, Territory.id == Programme.territory_id)
    return tuple(
        ProgrammeRow(
            key,
            direction,
            territory,
            local_date(published),
            starts or local_date(published),
            ends or date.max,
            bool(owned),
            bool(money),
            terms(path, rung, published).progress_percent,
        )
        for key, direction, territory, published, starts, ends, owned, money, path, rung in db.session.execute(
            query.order_by(Programme.id)
        )
    )


def milestones_by_measure(measure_ids: Any = None) -> Any:
    """Milestones of each measure, counted: promised, reported, and the due date of the first not reported.

    `measure_ids` is a query of the measures that are looked at; all of them where there is none.
    """
    late = case((Milestone.done_at.is_(None), Milestone.due_on))
    return (
        select(
            Milestone.measure_id.label("measure_id"),
            func.count().label("promised"),
            func.count(Milestone.done_at).label("reported"),
            func.min(late).label("first_open"),
        )
        .where(Milestone.measure_id.is_not(None) if measure_ids is None else Milestone.measure_id.in_(measure_ids))
        .group_by(Milestone.measure_id)
        .subquery()
    )


def _measures(terms: TermsThen) -> tuple[MeasureRow, ...]:
    """Measures in force with their milestones; the rules are those of their place when they were published."""
    counted = milestones_by_measure()
    query = (
        select(
            *(Measure.id, Measure.programme_id, Measure.territory_id, Measure.published_at, Measure.ends_on),
            *(_owned(Measure), counted.c.reported, counted.c.promised, counted.c.first_open),
            *(Territory.path, Territory.rung),
        )
        .join(Territory, Territory.id == Measure.territory_id)
        .outerjoin(counted, counted.c.measure_id == Measure.id)
        .where(in_force(Measure))
        .order_by(Measure.id)
    )
    return tuple(
        MeasureRow(
            key,
            programme,
            territory,
            local_date(published),
            ends or date.max,
            bool(owned),
            terms(path, rung, published).plan_wait_days,
            reported or 0,
            promised or 0,
            first,
        )
        for (
            *(key, programme, territory, published, ends, owned, reported, promised, first, path, rung),
        ) in db.session.execute(query)
    )


def _promises() -> tuple[PromiseRow, ...]:
    query = (
        select(Commitment.id, Commitment.measure_id, Commitment.city_id, Commitment.accept_due_at)
        .join(Measure, Measure.id == Commitment.measure_id)
        .where(Commitment.accepted_at.is_(None), Commitment.refused_at.is_(None), in_force(Measure))
    )
    return tuple(
        PromiseRow(key, measure, city, local_date(due)) for key, measure, city, due in db.session.execute(query)
    )


def _silences() -> tuple[SilenceRow, ...]:
    query = select(Proposal.id, Proposal.seat_id, Proposal.overdue_at).where(
        Proposal.overdue_at.is_not(None), Proposal.closed_at.is_(None), Proposal.is_public
    )
    return tuple(SilenceRow(key, seat, local_date(since)) for key, seat, since in db.session.execute(query))
