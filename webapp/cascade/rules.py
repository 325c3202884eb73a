"""How likely a proposal serves something: by words they share, and by their sphere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import sqrt

from webapp.strategies.rules import Level

#: What the same sphere is worth, beside words that are all the same: as much as a fifth of the words.
SPHERE_WORTH = 0.2
#: A suggestion less likely than this is none.
LEAST = 0.1
#: Of two as likely the lower one is the better answer: it says more.
_DEPTH = {Level.MEASURE: 0, Level.PROGRAMME: 1, Level.DIRECTION: 2}


@dataclass(frozen=True)
class Candidate:
    """Something a proposal may serve: its number in the caller's list, level, folded words and sphere."""

    number: int
    level: Level
    words: frozenset[str]
    sphere: str


def likeness(words: Collection[str], sphere: str, candidate: Candidate) -> float:
    """From 0 (nothing in common) to 1.2: the cosine of the two sets of words, and something for the sphere."""
    shared = len(candidate.words.intersection(words))
    cosine = shared / sqrt(len(words) * len(candidate.words)) if shared else 0.0
    same_sphere = bool(sphere) and sphere == candidate.sphere
    return cosine + (SPHERE_WORTH if same_sphere else 0.0)


def rank(words: Collection[str], sphere: str, candidates: Sequence[Candidate]) -> list[int]:
    """The numbers of the likely ones, the likeliest first."""
    rated = [(likeness(words, sphere, one), one) for one in candidates]
    good = [(rate, one) for rate, one in rated if rate >= LEAST]
    good.sort(key=lambda pair: (-round(pair[0], 6), _DEPTH[pair[1].level], pair[1].number))
    return [one.number for _rate, one in good]
