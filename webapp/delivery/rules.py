"""What a plan must look like, and which of its dates comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


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


def plan_fault(steps: Sequence[Step], today: date) -> PlanFault | None:
    """The first thing wrong with a plan; None when it can be promised."""
    if not steps:
        return PlanFault.EMPTY
    for step in steps:
        if not step.title_kk.strip() or not step.title_ru.strip():
            return PlanFault.UNTITLED
        if step.due_on < step.starts_on:
            return PlanFault.BACKWARDS
        if step.due_on <= today:
            return PlanFault.PAST
    return None
