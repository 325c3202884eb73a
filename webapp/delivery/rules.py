"""What a plan must look like, and which of its dates comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from webapp.kernel.text import all_written


@dataclass(frozen=True)
class Step:
    """A planned milestone."""

    title_kk: str
    title_ru: str
    starts_on: date
    due_on: date


class PlanFault(StrEnum):
    """Why a plan cannot be promised."""

    EMPTY = "empty"
    UNTITLED = "untitled"
    BACKWARDS = "backwards"
    PAST = "past"
    FAR = "far"


def plan_fault(steps: Sequence[Step], today: date, latest: date) -> PlanFault | None:
    """The first thing wrong with a plan; None when it can be promised. `latest`: the last day that the rules allow."""
    if not steps:
        return PlanFault.EMPTY
    for step in steps:
        if not all_written(step.title_kk, step.title_ru):
            return PlanFault.UNTITLED
        if step.due_on < step.starts_on:
            return PlanFault.BACKWARDS
        if step.due_on <= today:
            return PlanFault.PAST
        if step.due_on > latest:
            return PlanFault.FAR
    return None


class Outcome(StrEnum):
    """What a body reports of a milestone."""

    DONE = "done"
    PARTLY = "partly"
    LATER = "later"


class ReportFault(StrEnum):
    """Why a report cannot be taken as it is."""

    NO_DATE = "no-date"
    NOT_LATER = "not-later"
    TOO_LATE = "too-late"
    NO_MOVES = "no-moves"


@dataclass(frozen=True)
class Dates:
    """The dates of a milestone: `due_on` is the one in force, `promised_on` the first one where it was moved.

    It may be moved `most_moves` times, by `move_days` at most, all together, counted from the date that was promised
    first. A body cannot put off for ever what it has promised.
    """

    starts_on: date
    due_on: date
    promised_on: date | None
    moves: int
    most_moves: int
    move_days: int

    @property
    def first(self) -> date:
        """The date that was promised first."""
        return self.promised_on or self.due_on

    @property
    def latest(self) -> date:
        """The last day to which it may be moved."""
        return self.first + timedelta(days=self.move_days)


def report_faults(outcome: Outcome, dates: Dates, today: date, moved_to: date | None) -> list[ReportFault]:
    """All that is wrong with the dates of a report.

    Done and partly done have none: a report before the beginning is taken, and the page says that it came before, and
    why where somebody says it. Later needs a day after the present date and after today, not beyond `latest`, and
    not more often than `most_moves`.
    """
    if outcome is not Outcome.LATER:
        return []
    if dates.moves >= dates.most_moves:
        return [ReportFault.NO_MOVES]
    if moved_to is None:
        return [ReportFault.NO_DATE]
    if moved_to <= max(dates.due_on, today):
        return [ReportFault.NOT_LATER]
    return [ReportFault.TOO_LATE] if moved_to > dates.latest else []


#: Milestones of a measure, at most.
MOST_STEPS = 12


class Choice(StrEnum):
    """What a supporter says of a result."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


def majority_says_no(yes: int, partly: int, no: int, at_least: int) -> bool:
    """Whether more than half of at least so many supporters say that it was not done.

    Fewer decide nothing: two people are no majority of anybody.
    """
    everybody = yes + partly + no
    return everybody >= at_least and 2 * no > everybody


def progress(reported: int, promised: int) -> float:
    """From 0 to 1: the share of promised milestones that are reported. Computed, never typed."""
    return reported / promised if promised else 0.0
