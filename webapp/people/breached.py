"""Passwords that are known from breaches, looked up without asking anybody outside.

`breached.bin` is written by tools/make_breached.py: the first `WIDTH` bytes of the SHA-256 of each, sorted.
One password in ten million that is not on the list is taken for one that is.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("breached.bin")
WIDTH = 5


def fingerprint(password: str) -> bytes:
    """What stands for a password in the file; capitals make no difference."""
    return hashlib.sha256(password.casefold().encode()).digest()[:WIDTH]


@lru_cache(maxsize=1)
def _known() -> bytes:
    return FILE.read_bytes()


def is_breached(password: str) -> bool:
    """Whether the password is on the list."""
    known, wanted = _known(), fingerprint(password)
    low, high = 0, len(known) // WIDTH
    while low < high:
        middle = (low + high) // 2
        found = known[middle * WIDTH : (middle + 1) * WIDTH]
        if found == wanted:
            return True
        low, high = (middle + 1, high) if found < wanted else (low, middle)
    return False
