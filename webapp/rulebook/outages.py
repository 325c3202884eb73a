"""Hours in which the site was away: a public fact that moves every open date by the rule set.

An officer who could not answer is not called silent, nobody loses the days in which they could not vote. An absence
of the worker moves nothing: meanwhile people could act.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, update

from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import changed, db
from webapp.kernel.errors import Conflict, Invalid, NotSetUp
from webapp.kernel.i18n import gettext as _
from webapp.kernel.presence import ON_RETURN
from webapp.rulebook.models import Outage
from webapp.rulebook.rules import Absence, IsWorkingDay, absence, after_absence, end_of_day
from webapp.rulebook.services import calendar, rule_in_force
from webapp.territories.services import nation


class Mover:
    """Says when an open term ends after an absence; with it each feature moves its own dates."""

    def __init__(self, away: Absence, is_working: IsWorkingDay) -> None:
        self.since = away.began_at
        self._away, self._is_working = away, is_working

    def in_working_days(self, due_at: datetime) -> datetime:
        """The new end of a term that counts working days."""
        return after_absence(due_at, self._away, self._is_working, LOCAL_ZONE)

    def in_days(self, due_at: datetime) -> datetime:
        """The new end of a window that counts all days."""
        return after_absence(due_at, self._away, lambda _day: True, LOCAL_ZONE)

    def move(self, column: Any, moved: Callable[[datetime], datetime], *where: Any) -> int:
        """Move the moments of one column that lie after the absence began; returns how many rows."""
        return self._shift(column, moved, column >= self.since, *where)

    def move_days(self, column: Any, *where: Any) -> int:
        """The same for a column of days, each of which ends a term in working days."""

        def moved(day: date) -> date:
            return local_date(self.in_working_days(end_of_day(day, LOCAL_ZONE)))

        return self._shift(column, moved, column >= local_date(self.since), *where)

    def _shift(self, column: Any, moved: Callable[[Any], Any], *where: Any) -> int:
        """The latest first: a date that was moved never meets one that still waits for it."""
        rows = 0
        query = select(column).where(*where).distinct().order_by(column.desc())
        for was in list(db.session.scalars(query)):
            if (becomes := moved(was)) == was:
                continue
            statement = update(column.class_).where(column == was, *where).values({column.key: becomes})
            rows += changed(statement)
        return rows


#: What moves the open dates of a feature; each feature writes its own in and says how many it moved.
MOVERS: list[Callable[[Mover], int]] = []


def note_outage(began_at: datetime, ended_at: datetime, now: datetime, reason: str = "") -> Outage | None:
    """Record an absence of the site and move what was open; None where no rules say by how much yet."""
    try:
        root = nation()
        terms, _row = rule_in_force(root, now)
    except NotSetUp:
        return None
    away = absence(began_at, ended_at, terms.outage_hours, LOCAL_ZONE)
    mover = Mover(away, calendar())
    db.session.flush()
    row = Outage(began_at=began_at, ended_at=ended_at, noted_at=now, hours=terms.outage_hours, reason=reason)
    row.moved = sum(move(mover) for move in MOVERS)
    db.session.add(row)
    db.session.flush()
    db.session.expire_all()
    fact = record(
        Verb.SITE_AWAY,
        row,
        now,
        territory_id=root.id,
        began_at=began_at.isoformat(),
        ended_at=ended_at.isoformat(),
        days=[day.isoformat() for day in away.days],
        moved=row.moved,
        reason=reason,
    )
    db.session.flush()
    row.fact_id = fact.id
    return row


def note_by_hand(began_at: datetime, ended_at: datetime, reason: str, now: datetime) -> Outage:
    """The same for hours that the site could not notice by itself: for many it could not be reached. Raises `Invalid`."""
    if not began_at < ended_at <= now:
        raise Invalid(_("The interruption must begin before it ends, and be over by now."))
    if not reason.strip():
        raise Invalid(_("Say what happened: everybody reads it."))
    same = select(Outage.id).where(Outage.began_at < ended_at, Outage.ended_at > began_at)
    if db.session.scalar(same.limit(1)) is not None:
        raise Conflict(_("A part of these hours is recorded already."))
    row = note_outage(began_at, ended_at, now, reason.strip())
    if row is None:
        raise Conflict(_("No rules are in force yet."))
    return row


def outages(since: datetime, until: datetime, at_most: int = 20) -> list[Outage]:
    """Absences of the site that ended between two moments, the newest first."""
    query = select(Outage).where(Outage.ended_at >= since, Outage.ended_at <= until)
    return list(db.session.scalars(query.order_by(Outage.ended_at.desc()).limit(at_most)))


def facts_of_outages(since: datetime, until: datetime) -> Select[tuple[int | None]]:
    """The numbers of the facts about absences in a span of time, to be asked for within another query."""
    return select(Outage.fact_id).where(Outage.ended_at >= since, Outage.ended_at <= until)


ON_RETURN.append(note_outage)
