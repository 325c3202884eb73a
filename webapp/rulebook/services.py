"""The rule set in force, the working-day calendar, and the acts that change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import cache, lru_cache

import holidays
from sqlalchemy import select

from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import db
from webapp.kernel.errors import NotSetUp
from webapp.rulebook import rules
from webapp.rulebook.models import CalendarOverride, Outage, RuleSet
from webapp.rulebook.presets import PRESETS
from webapp.rulebook.rules import Terms
from webapp.territories.models import Territory
from webapp.territories.services import nation


def rule_in_force(territory: Territory, now: datetime) -> tuple[Terms, RuleSet]:
    """The terms that hold in a territory for its own rung, and the row they come from."""
    return rules_in_force([territory], now)[0]


def rules_in_force(territories: Sequence[Territory], now: datetime) -> list[tuple[Terms, RuleSet]]:
    """The same for several territories, in one query: the rungs of a ladder."""
    rows = db.session.execute(
        select(RuleSet, Territory.path)
        .join(Territory, Territory.id == RuleSet.territory_id)
        .where(
            RuleSet.territory_id.in_({key for territory in territories for key in territory.ancestor_ids}),
            RuleSet.rung.in_({territory.rung for territory in territories}),
            RuleSet.valid_from <= now,
        )
    ).all()
    found = []
    for territory in territories:
        reaching = [row for row in rows if row.RuleSet.rung == territory.rung and territory.path.startswith(row.path)]
        if not reaching:
            raise NotSetUp(f"No rule set reaches {territory.kato}; run `flask --app wsgi rules PRESET`.")
        row = max(reaching, key=lambda entry: (len(entry.path), entry.RuleSet.valid_from, entry.RuleSet.id)).RuleSet
        found.append((row.terms(), row))
    return found


#: The terms of a territory's path and rung at a moment.
TermsThen = Callable[[str, str, datetime], Terms]


def rules_of_moments() -> TermsThen:
    """Read all rule sets once; what comes back says the terms of a territory's path and rung at a moment.

    What began before the first rules goes by the first ones. Raises `NotSetUp` where none reach.
    """
    query = select(RuleSet, Territory.path).join(Territory, Territory.id == RuleSet.territory_id)
    rows = [
        (path, row, row.terms()) for row, path in db.session.execute(query.order_by(RuleSet.valid_from, RuleSet.id))
    ]

    @cache
    def reach(path: str, rung: str) -> list[tuple[str, RuleSet, Terms]]:
        return [one for one in rows if one[1].rung == rung and path.startswith(one[0])]

    def terms(path: str, rung: str, moment: datetime) -> Terms:
        reaching = reach(path, rung)
        if not reaching:
            raise NotSetUp(f"No rule set reaches {path}; run `flask --app wsgi rules PRESET`.")
        begun = [one for one in reaching if one[1].valid_from <= moment] or reaching[:1]
        return max(begun, key=lambda one: (len(one[0]), one[1].valid_from, one[1].id))[2]

    return terms


def set_rules(territory: Territory, rung: str, terms: Terms, now: datetime, actor: object = None) -> RuleSet:
    """Let new numbers begin now for a rung in a territory and below; a journalled, public act.

    Raises ValueError with the names of numbers that no rule can work with.
    """
    if wrong := rules.unusable(terms):
        raise ValueError(f"No rule can work with these numbers: {', '.join(wrong)}.")
    row = RuleSet(territory_id=territory.id, rung=rung, valid_from=now, **asdict(terms))
    db.session.add(row)
    db.session.flush()
    record(Verb.RULES_CHANGED, row, now, actor=actor, territory_id=territory.id, rung=rung, **asdict(terms))
    return row


def adopt_preset(name: str, now: datetime) -> None:
    """Let a preset begin for the whole country."""
    root = nation()
    for rung, terms in PRESETS[name].items():
        set_rules(root, rung, terms, now)


@lru_cache(maxsize=4096)
def _is_usually_working(day: date) -> bool:
    return bool(_holidays().is_working_day(day))


@lru_cache(maxsize=1)
def _holidays() -> holidays.HolidayBase:
    """Kazakhstan's public holidays with the transfers that the library knows."""
    return holidays.country_holidays("KZ", years=range(2020, 2035))


def calendar() -> rules.IsWorkingDay:
    """Whether a day is a working day: the library's calendar, corrected by the table of overrides."""
    overrides = dict(db.session.execute(select(CalendarOverride.day, CalendarOverride.is_working)).all())

    def is_working(day: date) -> bool:
        return overrides[day] if day in overrides else _is_usually_working(day)

    return is_working


def due_after(working_days: int, now: datetime) -> datetime:
    """The end of the n-th working day after now, in Kazakhstan's zone.

    Where now is a date that was due and is settled late, absences of the site since then are given back at once.
    """
    is_working = calendar()
    day = rules.add_working_days(local_date(now), working_days, is_working)
    return _given_back(rules.end_of_day(day, LOCAL_ZONE), now, is_working)


def _given_back(due_at: datetime, began_at: datetime, counts: rules.IsWorkingDay) -> datetime:
    query = select(Outage).where(Outage.ended_at > began_at).order_by(Outage.ended_at)
    for row in db.session.scalars(query):
        away = rules.absence(row.began_at, row.ended_at, row.hours, LOCAL_ZONE)
        due_at = rules.after_absence(due_at, away, counts, LOCAL_ZONE)
    return due_at


def due_after_pause(due_at: datetime, paused_at: datetime, now: datetime) -> datetime:
    """When a term ends that stood still since `paused_at` and goes on now."""
    day = rules.resumed(local_date(due_at), local_date(paused_at), local_date(now), calendar())
    return max(due_at, rules.end_of_day(day, LOCAL_ZONE))


def closing_after(days: int, now: datetime) -> datetime:
    """The end of the n-th calendar day after now; absences since then as in `due_after`."""
    due_at = rules.end_of_day(local_date(now) + timedelta(days=days), LOCAL_ZONE)
    return _given_back(due_at, now, lambda _day: True)


def working_days_left(due_at: datetime, now: datetime) -> int:
    """Working days until a term is over; 0 on its last day and after it."""
    return rules.working_days_between(local_date(now), local_date(due_at), calendar())


def working_days_since(began_at: datetime, now: datetime) -> int:
    """Working days that something has waited; 0 on the day on which it began."""
    return rules.working_days_between(local_date(began_at), local_date(now), calendar())


def override_day(day: date, is_working: bool, reason: str, now: datetime, actor: object = None) -> CalendarOverride:
    """Make a day working or free. Terms that are running stay as they were set."""
    row = db.session.merge(CalendarOverride(day=day, is_working=is_working, reason=reason))
    db.session.flush()
    subject = nation()
    record(
        Verb.CALENDAR_CHANGED,
        subject,
        now,
        actor=actor,
        territory_id=subject.id,
        day=day.isoformat(),
        is_working=is_working,
        reason=reason,
    )
    return row
