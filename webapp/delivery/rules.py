"""What a plan must look like, and which of its dates comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
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


#: A round of judging is open for four weeks, and four weeks after the first one supporters are asked again.
ROUND_DAYS = 28
#: Fewer judgements decide nothing: two people are no majority of anybody.
AT_LEAST = 3
#: Working days in which a body plans anew what supporters have reopened.
PLAN_WORKING_DAYS = 10
#: Milestones of a measure, at most.
MOST_STEPS = 12


class Choice(StrEnum):
    """What a supporter says of a result."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


def majority_says_no(yes: int, partly: int, no: int) -> bool:
    """Whether more than half of at least three supporters say that it was not done."""
    everybody = yes + partly + no
    return everybody >= AT_LEAST and 2 * no > everybody


def progress(reported: int, promised: int) -> float:
    """From 0 to 1: the share of promised milestones that are reported. Computed, never typed."""
    return reported / promised if promised else 0.0
