"""When a proposal climbs. Pure: a jurist can read it, a test can replay last year with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from webapp.proposals.rules import Event, Stage


class Cause(StrEnum):
    """Why a proposal arrived at a rung."""

    THRESHOLD = "threshold"
    SUPPORT = "support"
    SILENCE = "silence"
    APPEAL = "appeal"
    PASSED_UP = "passed-up"
    HANDED_DOWN = "handed-down"
    ADOPTED = "adopted"


class Outcome(StrEnum):
    """What became of a proposal at a rung."""

    SILENT = "silent"
    DECLINED = "declined"
    PASSED_UP = "passed-up"
    HANDED_DOWN = "handed-down"
    ACCEPTED = "accepted"
    CLIMBED = "climbed"
    ADOPTED = "adopted"


@dataclass(frozen=True)
class RungStanding:
    """Support at one rung against the terms that were frozen when the proposal was published.

    `places` counts the places below the rung whose own residents' supports reach the spread number.
    """

    threshold: int
    supports: int
    opposes: int
    minimum_support_percent: int
    spread_places: int
    places: int
    reached: bool


@dataclass(frozen=True)
class Climb:
    """A step that is due: the event of the life-cycle and the position of the rung it leads to."""

    event: Event
    position: int


def is_reached(rung: RungStanding) -> bool:
    """Enough supports of its own residents, from enough places, and enough of them among all votes."""
    votes = rung.supports + rung.opposes
    return (
        rung.supports >= rung.threshold
        and rung.places >= rung.spread_places
        and rung.supports * 100 >= rung.minimum_support_percent * votes
    )


def climb(stage: Stage, seat: int, rungs: Sequence[RungStanding]) -> Climb | None:
    """The step that support makes due, or None. Never past the next rung, never twice for one rung.

    While collecting, the rung that holds the proposal comes first; the next rung may also take it
    straight away when its own residents stand behind it.
    """
    if stage is Stage.COLLECTING and not rungs[seat].reached and is_reached(rungs[seat]):
        return Climb(Event.REACH, seat)
    above = seat + 1
    may_climb = stage in (Stage.COLLECTING, Stage.REVIEW, Stage.DECLINED) and above < len(rungs)
    if may_climb and not rungs[above].reached and is_reached(rungs[above]):
        return Climb(Event.CLIMB, above)
    return None


def progress(supports: int, threshold: int) -> int:
    """Per mille of the way to a threshold, at most 1000; it says nothing about spread."""
    return min(1000, supports * 1000 // max(threshold, 1))


def next_target(stage: Stage, seat: int, count: int) -> int | None:
    """Which rung's threshold is the next one to look at: the seat's while collecting, then the one above."""
    if stage is Stage.COLLECTING:
        return seat
    if stage in (Stage.REVIEW, Stage.DECLINED) and seat + 1 < count:
        return seat + 1
    return None
