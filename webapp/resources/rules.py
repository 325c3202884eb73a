"""Sums of money, and what may be entered: nothing below zero, nothing above what was granted without a reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What has become of money: from an intention to a bill."""

    PLANNED = "planned"
    COMMITTED = "committed"
    SPENT = "spent"


class Source(StrEnum):
    """Where money comes from."""

    REPUBLICAN = "republican_budget"
    REGIONAL = "regional_budget"
    CITY = "city_budget"
    PPP = "ppp"
    PRIVATE = "private"
    GRANT = "grant"


#: No sum is larger: a thousand trillion tenge, some ten times the yearly product of the country.
LARGEST_TENGE = 10**15


@dataclass(frozen=True)
class Sums:
    """Money in whole tenge by kind and source; sources that have nothing are left out."""

    by: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def of(self, kind: str, source: str = "") -> int:
        """The sum of a kind, of one source or of all."""
        return sum(amount for (k, s), amount in self.by.items() if k == kind and source in ("", s))

    @property
    def planned(self) -> int:
        """What is intended."""
        return self.of(Kind.PLANNED)

    @property
    def committed(self) -> int:
        """What is promised in writing."""
        return self.of(Kind.COMMITTED)

    @property
    def spent(self) -> int:
        """What is paid."""
        return self.of(Kind.SPENT)

    @property
    def sources(self) -> list[str]:
        """The sources that have something, in the order of `Source`."""
        named = {source for (_kind, source), amount in self.by.items() if amount}
        return [source.value for source in Source if source.value in named]


def total(parts: Iterable[Sums]) -> Sums:
    """Sums together: what a level has is what it has itself and what all below it have."""
    by: dict[tuple[str, str], int] = defaultdict(int)
    for part in parts:
        for key, amount in part.by.items():
            by[key] += amount
    return Sums(dict(by))


class EntryFault(StrEnum):
    """Why a sum cannot be entered so."""

    NOTHING = "nothing"
    TOO_LARGE = "too-large"
    BELOW_ZERO = "below-zero"
    REASON_FOR_CORRECTION = "reason-for-correction"
    REASON_FOR_EXCESS = "reason-for-excess"


def excess(sums: Sums, ceiling: int | None) -> int:
    """By how much sums exceed what was granted, in whole tenge.

    Planned must fit under the ceiling (the budget; None where there is none), committed under planned,
    spent under committed.
    """
    over = max(0, sums.planned - ceiling) if ceiling is not None else 0
    return over + max(0, sums.committed - sums.planned) + max(0, sums.spent - sums.committed)


def entry_fault(
    before: Sums, kind: Kind, source: Source, amount: int, has_reason: bool, ceiling: int | None
) -> EntryFault | None:
    """What keeps a sum from being entered. `amount` in whole tenge, negative for a correction."""
    if amount == 0:
        return EntryFault.NOTHING
    if abs(amount) > LARGEST_TENGE:
        return EntryFault.TOO_LARGE
    after = total([before, Sums({(kind.value, source.value): amount})])
    if after.of(kind.value, source.value) < 0:
        return EntryFault.BELOW_ZERO
    if amount < 0 and not has_reason:
        return EntryFault.REASON_FOR_CORRECTION
    if excess(after, ceiling) > excess(before, ceiling) and not has_reason:
        return EntryFault.REASON_FOR_EXCESS
    return None


def moved(reserve: int, amount: int) -> int:
    """How much of a promise is taken out of what a programme has planned itself: never more than is there."""
    return max(0, min(reserve, amount))
