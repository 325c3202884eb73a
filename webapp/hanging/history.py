"""Whether it gets better: how much hung at the end of each month of a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp.hanging.models import HangingCase
from webapp.kernel.clock import LOCAL_ZONE
from webapp.kernel.database import db
from webapp.territories.models import Territory

MONTHS = 12


@dataclass(frozen=True)
class Month:
    """The end of a month (or now), and how much hung then; `share` of the highest of the year, from 0 to 100."""

    at: datetime
    count: int
    share: int
    is_now: bool


def month_ends(now: datetime) -> list[datetime]:
    """The last moments of the eleven months before this one, oldest first, and now."""
    first = now.astimezone(LOCAL_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends = []
    for _month in range(MONTHS - 1):
        ends.append(first - timedelta(seconds=1))
        first = (first - timedelta(days=1)).replace(day=1)
    return [*reversed(ends), now]


def by_month(now: datetime, place: Territory | None = None) -> list[Month]:
    """Cases open at each of these moments, in one query; months before the first case are left out."""
    moments = month_ends(now)
    columns = [
        func.count().filter(
            HangingCase.opened_at <= moment, (HangingCase.ended_at.is_(None)) | (HangingCase.ended_at > moment)
        )
        for moment in moments
    ]
    query = select(func.min(HangingCase.opened_at), *columns)
    if place is not None:
        below = select(Territory.id).where(Territory.path.startswith(place.path, autoescape=True))
        query = query.where(HangingCase.territory_id.in_(below))
    first, *counts = db.session.execute(query).one()
    if first is None:
        return []
    most = max(counts) or 1
    return [
        Month(moment, count, 100 * count // most, moment is now)
        for moment, count in zip(moments, counts, strict=True)
        if moment >= first or moment is now
    ]
