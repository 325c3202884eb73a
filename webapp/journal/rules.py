"""The seal: each fact's hash covers the fact and the hash before it, so nothing can be changed unnoticed.

`tools/verify_journal.py` computes the same with nothing but Python's standard library.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64
SEALED_FIELDS = (
    "id",
    "at",
    "verb",
    "actor_id",
    "acting_for_id",
    "subject_type",
    "subject_id",
    "proposal_id",
    "territory_id",
    "public",
    "facts",
)


def canonical(fact: Mapping[str, Any]) -> str:
    """One way to write a fact: keys sorted, no blanks, times as ISO 8601 in UTC."""
    plain = {name: fact[name] for name in SEALED_FIELDS}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal(prev_hash: str, fact: Mapping[str, Any]) -> str:
    """SHA-256 over the previous hash and the canonical fact, in hexadecimal."""
    return hashlib.sha256(f"{prev_hash}\n{canonical(fact)}".encode()).hexdigest()
