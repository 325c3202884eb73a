"""Figures about the decisions of moderators, computed by the database when they are asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Subquery, func, select

from webapp.kernel.database import db
from webapp.portal.moderation_rows import APPEALABLE, KIND_OF, Filters, decisions

BODIES_SHOWN = 50


class Body(NamedTuple):
    """The figures of one body."""

    kato: str
    name: str
    number: int
    median: float | None
    appealable: int
    appealed: int
    reversed: int


class Figures(NamedTuple):
    """All that the page shows."""

    by_kind: list[tuple[str, int, float | None]]
    by_reason: list[tuple[str, int, int]]  # not published, hidden
    number: int
    median: float | None
    appealable: int
    appealed: int
    reversed: int
    bodies: list[Body]


def figures(filters: Filters) -> Figures:
    """Every figure of the rows that `filters` leave."""
    rows = decisions(filters).subquery("decisions")
    counts = dict(db.session.execute(select(rows.c.verb, func.count()).group_by(rows.c.verb)).all())
    medians = _medians(rows, rows.c.verb)
    has_reason = (rows.c.reason.is_not(None), rows.c.verb.in_(APPEALABLE))
    each = [func.count().filter(rows.c.verb == verb) for verb in APPEALABLE]
    reasons = select(rows.c.reason, *each).where(*has_reason).group_by(rows.c.reason)
    totals = db.session.execute(select(func.count(), *_of_appeals(rows))).one()
    return Figures(
        [(kind, counts[verb], medians.get(verb)) for verb, kind in KIND_OF.items() if verb in counts],
        [(row[0], row[1], row[2]) for row in db.session.execute(reasons.order_by(func.count().desc(), rows.c.reason))],
        totals[0],
        _medians(rows).get(None),
        *(number or 0 for number in totals[1:]),
        bodies=_bodies(rows),
    )


def _of_appeals(rows: Subquery) -> tuple[Any, ...]:
    appealable = func.count().filter(rows.c.verb.in_(APPEALABLE))
    return appealable, func.sum(rows.c.appealed), func.sum(rows.c.reversed)


def _medians(rows: Subquery, group: Any = None) -> dict[Any, float]:
    """The median of working days: the row in the middle, or half of the two in the middle; of each group or of all."""
    known = rows.c.working_days.is_not(None)
    key = group if group is not None else db.literal(0)
    rank = func.row_number().over(partition_by=key, order_by=rows.c.working_days)
    size = func.count().over(partition_by=key)
    ranked = select(key.label("key"), rows.c.working_days, rank.label("rank"), size.label("size")).where(known)
    ranks = ranked.subquery("ranked")
    middle = (ranks.c.rank * 2).between(ranks.c.size, ranks.c.size + 2)
    query = select(ranks.c.key, func.avg(ranks.c.working_days)).where(middle).group_by(ranks.c.key)
    return {(None if group is None else found): float(median) for found, median in db.session.execute(query)}


def _bodies(rows: Subquery) -> list[Body]:
    query = select(rows.c.body_kato, rows.c.body_name, func.count(), *_of_appeals(rows))
    query = query.group_by(rows.c.body_kato, rows.c.body_name).order_by(func.count().desc(), rows.c.body_kato)
    medians = _medians(rows, rows.c.body_kato)
    return [
        Body(kato, name, number, medians.get(kato), *(count or 0 for count in appeals))
        for kato, name, number, *appeals in db.session.execute(query.limit(BODIES_SHOWN))
    ]
