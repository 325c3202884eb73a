"""Thresholds and terms: pure arithmetic over numbers that live in dated rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

IsWorkingDay = Callable[[date], bool]


@dataclass(frozen=True)
class Terms:
    """The numbers of one rule set for one rung. Shares are in parts per hundred thousand, terms in days.

    Whoever sets a date for somebody else sets it within `answer_working_days` of the rung that is to answer,
    `extension_working_days`, `plan_days` (milestones) or `accreditation_days`. `outage_hours`: a day on which the
    site was away for so long does not count; see `after_absence`.

    `questions`: how often the author of one proposal is asked. `verify_working_days`: in which an organisation is
    checked, `letter_days`: how old its letter may be. `offer_working_days` and `promise_working_days`: in which an offer
    of a business and a promise of money are answered. `moves` and `move_days`: how often the date of a milestone is
    moved, and how far from the date that was promised first. `missed_again_working_days`: after which a missed
    milestone is recorded again. `judging_days`: how long supporters judge; fewer judgements than `judging_minimum`
    decide nothing; `replan_working_days`: in which the body plans what they reopened. `merger_days`: in which a merger
    is undone. `plan_wait_days`: after which a measure without milestones is stalled; `progress_percent`: the share of
    its term after which a programme without a report is stalled. `home_days`: once in so many days a home changes that
    a person only declares; the whole country goes by the number of the nation.
    """

    preset: str
    threshold_number: int
    threshold_share: int | None
    threshold_floor: int
    threshold_cap: int | None
    minimum_support_percent: int
    spread_places: int
    spread_supports: int
    collection_days: int
    triage_working_days: int
    answer_working_days: int
    appeal_working_days: int
    return_days: int
    withdraw_below: int
    extensions: int = 1
    extension_working_days: int = 15
    plan_days: int = 1095
    accreditation_days: int = 1826
    outage_hours: int = 4
    questions: int = 2
    verify_working_days: int = 2
    letter_days: int = 365
    offer_working_days: int = 15
    promise_working_days: int = 15
    moves: int = 2
    move_days: int = 180
    missed_again_working_days: int = 10
    judging_days: int = 28
    judging_minimum: int = 3
    replan_working_days: int = 10
    merger_days: int = 30
    plan_wait_days: int = 30
    progress_percent: int = 25
    home_days: int = 90


#: Numbers that may be nothing: none is asked for, or none is allowed.
_MAY_BE_NOTHING = frozenset({"threshold_floor", "spread_places", "spread_supports", "withdraw_below", "extensions"})


def unusable(terms: Terms) -> list[str]:
    """The numbers that no rule can work with: terms of no day, counts below nothing, shares above the whole."""
    found = []
    for name, number in asdict(terms).items():
        if name == "preset" or number is None:
            continue
        least = 0 if name in _MAY_BE_NOTHING or name.endswith("_percent") else 1
        if number < least or (name.endswith("_percent") and number > 100):
            found.append(name)
    return found


def threshold(terms: Terms, population: int | None) -> int:
    """How many supports of its own residents a rung asks for.

    A share of the population, rounded up, between a floor and a cap; the plain number where the
    population is not known or the rule names no share.
    """
    if terms.threshold_share is None or population is None:
        return terms.threshold_number
    wanted = -(-population * terms.threshold_share // 100_000)
    wanted = max(wanted, terms.threshold_floor)
    return wanted if terms.threshold_cap is None else min(wanted, terms.threshold_cap)


def add_working_days(start: date, days: int, is_working: IsWorkingDay) -> date:
    """The date of the `days`-th working day after `start`. Raises ValueError below one day.

    Source: terms under the Administrative Procedural and Process-Related Code run from the day
    after the event. Test vector: 15 working days from 23 November 2026 end on 14 December 2026.
    """
    if days < 1:
        raise ValueError(f"A term of {days} days is none.")
    day = start
    left = days
    while left:
        day += timedelta(days=1)
        left -= is_working(day)
    return day


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a date, in UTC: a deadline that reads as the date it belongs to."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone).astimezone(UTC)


def working_days_between(start: date, end: date, is_working: IsWorkingDay) -> int:
    """How many working days lie after `start` up to and including `end`; 0 when `end` is not later."""
    span = (end - start).days
    return sum(is_working(start + timedelta(days=step)) for step in range(1, span + 1))


def resumed(due_on: date, paused_on: date, today: date, is_working: IsWorkingDay) -> date:
    """The new end of a term that stood still from `paused_on` until today.

    Every working day that was left then is left now: at least one, counted from the day after, and never
    an earlier end than the term had before it was paused.
    """
    left = max(1, working_days_between(paused_on, due_on, is_working))
    return max(due_on, add_working_days(today, left, is_working))


@dataclass(frozen=True)
class Absence:
    """The site was away from one moment to another; `days` are the dates that do not count because of it."""

    began_at: datetime
    ended_at: datetime
    days: tuple[date, ...]


def absence(began_at: datetime, ended_at: datetime, hours: int, zone: ZoneInfo) -> Absence:
    """An absence with the dates of which it took at least `hours` hours."""
    first, last = began_at.astimezone(zone).date(), ended_at.astimezone(zone).date()
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    lost = []
    for day in days:
        begins, ends = (datetime.combine(one, time(), tzinfo=zone) for one in (day, day + timedelta(days=1)))
        if min(ended_at, ends) - max(began_at, begins) >= timedelta(hours=hours):
            lost.append(day)
    return Absence(began_at, ended_at, tuple(lost))


def after_absence(due_at: datetime, away: Absence, counts: IsWorkingDay, zone: ZoneInfo) -> datetime:
    """When a term ends that was open while the site was away; `counts` says of a date whether the term counts it.

    Each counted date that was lost before the term ended is given back at its end. What would have ended in the
    absence itself ends on the first counted date after it at the earliest: nobody could act on its last day.
    Source: design, section 2, "Dates are the law's, not the worker's".
    """
    if due_at < away.began_at:
        return due_at
    due_on = due_at.astimezone(zone).date()
    lost = sum(counts(day) for day in away.days if day <= due_on)
    day = add_working_days(due_on, lost, counts) if lost else due_on
    if due_at <= away.ended_at:
        day = max(day, add_working_days(away.ended_at.astimezone(zone).date(), 1, counts))
    return max(due_at, end_of_day(day, zone)) if day != due_on else due_at


class Tone(StrEnum):
    """How a clock looks; the page says it in words too."""

    GREEN = "ok"
    AMBER = "soon"
    RED = "late"


def tone(left: int, whole: int, is_over: bool) -> Tone:
    """The colour of a clock with `left` of `whole` working days to go.

    Green while more than half is left, amber down to a fifth, red below and when the term is over.
    """
    if is_over or left * 5 <= whole:
        return Tone.RED
    return Tone.AMBER if left * 2 <= whole else Tone.GREEN
