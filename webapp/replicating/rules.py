"""Lineage: which measure repeats which, as a forest. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Child to parent; roots are not in it.
Parents = Mapping[int, int]


def origin_of(parents: Parents, key: int) -> int:
    """The first of its line, from which everything was learned. Stops where a line would bite its own tail."""
    seen = {key}
    while key in parents and parents[key] not in seen:
        key = parents[key]
        seen.add(key)
    return key


def makes_cycle(parents: Parents, child: int, parent: int) -> bool:
    """Whether `child` repeating `parent` would close a circle."""
    seen: set[int] = set()
    here: int | None = parent
    while here is not None and here not in seen:
        if here == child:
            return True
        seen.add(here)
        here = parents.get(here)
    return False


@dataclass(frozen=True)
class Node:
    """One of a tree, laid out: how deep it stands, on which line it is drawn, and whom it learned from."""

    key: int
    depth: int
    line: int
    parent: int | None


def tree(parents: Parents, root: int) -> list[Node]:
    """Everything that goes back to `root`, each once, parents before their children, a line for each."""
    children: dict[int, list[int]] = defaultdict(list)
    for child, above in parents.items():
        children[above].append(child)
    nodes: list[Node] = []
    waiting: list[tuple[int, int, int | None]] = [(root, 0, None)]
    seen: set[int] = set()
    while waiting:
        key, depth, parent = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        nodes.append(Node(key, depth, len(nodes), parent))
        waiting.extend((child, depth + 1, key) for child in sorted(children[key], reverse=True))
    return nodes


def learned(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """From (learner, teacher) pairs of cities: whom each city has learned from; a city does not learn from itself."""
    found: dict[int, set[int]] = defaultdict(set)
    for learner, teacher in pairs:
        if learner != teacher:
            found[learner].add(teacher)
    return dict(found)
