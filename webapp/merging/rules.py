"""Who may be joined to whom, which of two leads, and what an undone merger gives back: pure decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from webapp.proposals.rules import Event, Stage

#: Proposals of a regional matter, the leading one among them.
FEWEST, MOST = 2, 12
#: What can be joined to another; each comes back to its own stage.
PARTINGS = {
    Stage.SUBMITTED: Event.PART_TO_SUBMITTED,
    Stage.COLLECTING: Event.PART_TO_COLLECTING,
    Stage.REVIEW: Event.PART_TO_REVIEW,
}
#: What can be joined to. A declined one would take others down with it.
TARGETS = (Stage.COLLECTING, Stage.REVIEW, Stage.ACCEPTED, Stage.IMPLEMENTING)
#: Terms of these stages count working days; a window for support counts days.
IN_WORKING_DAYS = frozenset({Stage.SUBMITTED, Stage.REVIEW})
LEVELS = {"city": 0, "region": 1, "nation": 2}


@dataclass(frozen=True)
class Side:
    """One of two proposals that may be about the same. `level` is that of the rung that holds it."""

    key: int
    stage: Stage
    is_public: bool
    is_open: bool
    is_merged: bool
    level: int
    supports: int
    submitted_at: datetime


class Fault(StrEnum):
    """Why one cannot be joined to the other."""

    ITSELF = "itself"
    MOVED_ON = "moved-on"
    NOT_PUBLIC = "not-public"
    TARGET_MERGED = "target-merged"
    TARGET_OVER = "target-over"
    ANSWER_OWED = "answer-owed"


def _reach(side: Side) -> tuple[int, int]:
    """How far a proposal has come: its stage, then the rung."""
    return (TARGETS.index(side.stage) if side.stage in TARGETS else -1, side.level)


def fault(proposal: Side, into: Side) -> Fault | None:
    """What stands in the way, or None.

    What is joined is closed, and what is joined to is open: so no chain of mergers ever closes to a
    ring, in whatever order they come. A body that owes an answer cannot get rid of it by joining the
    proposal to one to which nobody owes an answer yet, or only a lower rung.
    """
    if proposal.key == into.key:
        return Fault.ITSELF
    if not proposal.is_open or proposal.stage not in PARTINGS:
        return Fault.MOVED_ON
    if not into.is_public:
        return Fault.NOT_PUBLIC
    if into.is_merged:
        return Fault.TARGET_MERGED
    if not into.is_open or into.stage not in TARGETS:
        return Fault.TARGET_OVER
    if proposal.stage is Stage.REVIEW and _reach(into) < _reach(proposal):
        return Fault.ANSWER_OWED
    return None


def leading(one: Side, other: Side) -> Side:
    """Which of two is proposed to stay: the one that has come further, then the better supported, then the older."""

    def rank(side: Side) -> tuple[tuple[int, int], int, float, int]:
        return (_reach(side), side.supports, -side.submitted_at.timestamp(), -side.key)

    return max(one, other, key=rank)


def undo_until(merged_at: datetime, days: int) -> datetime:
    """The last moment at which a merger can be undone, for so many days."""
    return merged_at + timedelta(days=days)


class Obstacle(StrEnum):
    """Why a merger cannot be undone."""

    DONE = "done"
    LATE = "late"
    CHAINED = "chained"


def obstacle(until: datetime, is_undone: bool, target_is_merged: bool, now: datetime) -> Obstacle | None:
    """What stands in the way of undoing, or None; `until` is the last moment for it.

    While the target is joined to a third one, that one is parted first.
    """
    if is_undone:
        return Obstacle.DONE
    if now > until:
        return Obstacle.LATE
    return Obstacle.CHAINED if target_is_merged else None


def resumed(due_on: date, merged_on: date, today: date) -> date:
    """On which day a clock runs out that stood still during a merger: as many days are left as there were."""
    return due_on + max(today - merged_on, timedelta(0))


def later(due_at: datetime, fresh: datetime, resumed_at: datetime, now: datetime) -> datetime:
    """The due date after a merger was undone: what was left, and a whole term where the date has passed meanwhile.

    Never earlier than it was.
    """
    return max(due_at, resumed_at) if now < due_at else max(fresh, resumed_at)


def makes_a_matter(count: int) -> bool:
    """Whether so many proposals, the leading one among them, can be taken up as one."""
    return FEWEST <= count <= MOST
