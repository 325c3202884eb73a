"""Whether the public journal joins two acts of one person who does not act as staff."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select

from webapp.journal.models import Fact
from webapp.journal.verbs import AS_STAFF
from webapp.kernel.database import db

#: Where a fact stands, and what it is about: these are no marks of whoever acted.
ABOUT = {
    *("position", "prev_hash", "hash", "seal", "id", "at", "verb", "public"),
    *("subject_type", "subject_id", "proposal_id", "territory_id"),
}


def _values(line: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(line, Mapping):
        for key, value in line.items():
            if name or key not in ABOUT:
                yield from _values(value, f"{name}.{key}")
    elif isinstance(line, list):
        for value in line:
            yield from _values(value, name)
    elif line not in (None, True, False, ""):
        yield name, line


def joined_by_the_journal(lines: Iterable[Mapping[str, Any]]) -> list[tuple[str, Any]]:
    """Values that stand in facts about two proposals by one person, and in no fact by anybody else.

    Dates are left out: whoever hands something in on one day has the same due date as everybody of that day. Numbers
    of accounts are looked for everywhere: in the facts of a person the own one must not stand at all.
    """
    actors = {
        key: (actor_id, verb) for key, actor_id, verb in db.session.execute(select(Fact.id, Fact.actor_id, Fact.verb))
    }
    where: dict[tuple[str, Any], set[tuple[int, int]]] = defaultdict(set)
    elsewhere: set[tuple[str, Any]] = set()
    found = []
    for line in lines:
        if "facts" not in line:
            continue
        actor_id, verb = actors[line["id"]]
        for name, value in _values(line):
            if verb in AS_STAFF or actor_id is None:
                elsewhere.add((name, value))
                continue
            if value == actor_id and "actor" in name:
                found.append((name, value))
            if not name.endswith("_at"):
                where[name, value].add((actor_id, line["proposal_id"] or line["subject_id"]))
    for mark, acts in where.items():
        people = {actor for actor, _about in acts}
        if len(acts) > 1 and len(people) == 1 and mark not in elsewhere:
            found.append(mark)
    return found
