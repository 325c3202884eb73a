"""The seal: each fact's hash covers the fact and the hash before it, so nothing can be changed unnoticed.

Two ways of sealing. The first covers the numbers of accounts themselves: whoever reads the fact reads who acted, and
so which other facts are by the same person. The second covers a commitment in their place: the hash of the number
and a salt of this one fact. It shows nothing to whoever has no salt, no two commitments to one account are alike,
and once the salt is deleted nobody can tell any more whom it meant; the chain holds on.

`tools/verify_journal.py` computes the same with nothing but Python's standard library.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64
#: How facts are sealed from now on.
PRESENT = 2
SEALED_FIELDS = {
    1: (
        *("id", "at", "verb", "actor_id", "acting_for_id", "subject_type", "subject_id"),
        *("proposal_id", "territory_id", "public", "facts"),
    ),
    2: (
        *("seal", "id", "at", "verb", "actor", "acting_for", "subject_type", "subject_id"),
        *("proposal_id", "territory_id", "public", "facts"),
    ),
}
#: A number of people or votes below this one is published as "fewer than": a small cell may be one person.
SMALLEST_CELL = 10


def canonical(fact: Mapping[str, Any], version: int) -> str:
    """One way to write a fact: keys sorted, no blanks, times as ISO 8601 in UTC."""
    plain = {name: fact[name] for name in SEALED_FIELDS[version]}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal(prev_hash: str, fact: Mapping[str, Any], version: int) -> str:
    """SHA-256 over the previous hash and the canonical fact, in hexadecimal."""
    return hashlib.sha256(f"{prev_hash}\n{canonical(fact, version)}".encode()).hexdigest()


def commitment(salt: str, part: str, number: int) -> str:
    """What stands in a fact for the number of an account or organisation. `part`: "actor" or "acting_for"."""
    return hashlib.sha256(f"{salt}:{part}:{number}".encode()).hexdigest()


def cell(name: str, number: int) -> dict[str, int]:
    """A number of people or votes as it may be published: {"votes": 12}, or {"votes_below": 10}."""
    return {name: number} if number >= SMALLEST_CELL else {f"{name}_below": SMALLEST_CELL}
