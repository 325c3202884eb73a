"""The matrix: directions down, regions or the cities of a region across; read in a few grouped queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from webapp.hanging.gathering import milestones_by_measure
from webapp.hanging.models import HangingCase
from webapp.hanging.rules import Cell
from webapp.kernel.database import db
from webapp.strategies.models import Direction, Measure, Programme
from webapp.strategies.reading import in_force
from webapp.territories.models import Territory

Cells = dict[tuple[int, int], Cell]


def cells(direction_ids: list[int], region: Territory | None = None) -> Cells:
    """For some directions: a cell for each region that has a programme, or for each city of one region that acts."""
    shown = select(Measure.id).join(Programme, Programme.id == Measure.programme_id)
    shown = shown.where(Programme.direction_id.in_(direction_ids))
    if region is not None:
        shown = shown.where(Programme.territory_id == region.id)
    counted = milestones_by_measure(shown)
    finished = case(((counted.c.promised > 0) & (counted.c.promised == counted.c.reported), 1), else_=0)
    across = Programme.territory_id if region is None else Measure.territory_id
    acting = (
        select(
            *(Programme.direction_id, across, func.count(Measure.id), func.coalesce(func.sum(finished), 0)),
            *(func.coalesce(func.sum(counted.c.reported), 0), func.coalesce(func.sum(counted.c.promised), 0)),
        )
        .select_from(Programme)
        .join(Measure, (Measure.programme_id == Programme.id) & in_force(Measure), isouter=region is None)
        .outerjoin(counted, counted.c.measure_id == Measure.id)
        .where(in_force(Programme), Programme.direction_id.in_(direction_ids))
        .group_by(Programme.direction_id, across)
    )
    if region is not None:
        acting = acting.where(Programme.territory_id == region.id)
    return {
        (direction, place): Cell(True, measures, int(done), int(reported), int(promised))
        for direction, place, measures, done, reported, promised in db.session.execute(acting)
    }


def hangs_in(place: Territory) -> ColumnElement[bool]:
    """What hangs in a place: the turn of somebody there or below, or of a programme of this region."""
    below = select(Territory.id).where(Territory.path.startswith(place.path, autoescape=True))
    return HangingCase.territory_id.in_(below) | (HangingCase.region_id == place.id)


def hanging_in(direction_ids: list[int], region: Territory | None = None) -> dict[tuple[int, int], int]:
    """How much hangs in each cell: whatever stands under the direction in the region, or is a city's turn there."""
    across = HangingCase.region_id if region is None else HangingCase.territory_id
    query = select(HangingCase.direction_id, across, func.count()).where(
        HangingCase.ended_at.is_(None), HangingCase.direction_id.in_(direction_ids), across.is_not(None)
    )
    if region is not None:
        query = query.where(HangingCase.region_id == region.id)
    rows = db.session.execute(query.group_by(HangingCase.direction_id, across))
    return {(direction, place): number for direction, place, number in rows}


@dataclass(frozen=True)
class Totals:
    """The figures above the matrix."""

    directions: int
    programmes: int
    measures: int
    reported: int
    promised: int
    late: int


def totals(region: Territory | None = None) -> Totals:
    """Over everything in force, in one query; of one region where given."""
    counted = milestones_by_measure()
    programmes = select(func.count()).select_from(Programme).where(in_force(Programme))
    measured: Any = (
        select(
            func.count(Measure.id),
            func.coalesce(func.sum(counted.c.reported), 0),
            func.coalesce(func.sum(counted.c.promised), 0),
        )
        .select_from(Measure)
        .outerjoin(counted, counted.c.measure_id == Measure.id)
        .where(in_force(Measure))
    )
    hung = select(func.count()).select_from(HangingCase).where(HangingCase.ended_at.is_(None))
    if region is not None:
        below = select(Territory.id).where(Territory.path.startswith(region.path, autoescape=True))
        programmes = programmes.where(Programme.territory_id == region.id)
        measured = measured.where(Measure.territory_id.in_(below))
        hung = hung.where(hangs_in(region))
    directions = select(func.count()).select_from(Direction).where(in_force(Direction))
    acting = measured.subquery()
    row = db.session.execute(
        select(directions.scalar_subquery(), programmes.scalar_subquery(), *acting.c, hung.scalar_subquery())
    ).one()
    return Totals(*(int(number) for number in row))
