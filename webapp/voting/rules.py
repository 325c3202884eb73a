"""Which bars a vote moves, and what is left for one person to do about a bar. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

#: Between these after publication an author's wish becomes a vote: after the minute in which a publication may be
#: taken back, and on the first day.
EARLIEST, LATEST = timedelta(minutes=10), timedelta(hours=12)


def bars_moved(home: Collection[int], ladder: Sequence[int]) -> tuple[int, ...]:
    """The rungs of a ladder, lowest first, in whose tally a vote counts.

    `home` holds the territories that contain the voter's home and the home itself: a vote counts in each
    of them, and nowhere else (design, section 2). A rung stands for the residents of its own territory.
    """
    inside = frozenset(home)
    return tuple(rung for rung in ladder if rung in inside)


class Part(StrEnum):
    """What one person can do about the bar that is looked at next."""

    LIFT = "lift"  # their support would raise it
    GATHER = "gather"  # it is raised by their support already; neighbours can follow
    AGAINST = "against"  # they voted against, where it counts
    ELSEWHERE = "elsewhere"  # they live elsewhere: only others can raise it
    KEPT = "kept"  # they chose, and it counts nowhere for now
    UNKNOWN = "unknown"  # nobody knows where they live


def part_of(home: Collection[int] | None, bar: int, choice: str | None, is_aside: bool = False) -> Part:
    """Whose supports a bar counts, seen by one person.

    `home` is None where no home is known; then a choice that was made counts nowhere yet, and neither does
    a vote that is set aside for checking: nobody is told that it raised anything.
    """
    if choice is not None and (home is None or is_aside):
        return Part.KEPT
    if home is None:
        return Part.UNKNOWN
    if bar not in home:
        return Part.ELSEWHERE
    if choice is None:
        return Part.LIFT
    return Part.GATHER if choice == "support" else Part.AGAINST


def wish_moment(published_at: datetime, drawn: int) -> datetime:
    """When a wish is counted; `drawn` is a number that nobody outside can foretell."""
    return published_at + EARLIEST + (LATEST - EARLIEST) * (drawn % 10_007) / 10_007
