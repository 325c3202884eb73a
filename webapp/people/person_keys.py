"""What stands for a person in the database: a keyed hash, under one pepper after the other.

The IIN itself is stored nowhere, so a new pepper cannot be applied to it. It is applied to the hash
instead: the key of version 2 is the hash, under the second pepper, of the key of version 1. Rows can
so be brought forward without knowing one IIN, and whoever types an IIN gets the key of every version.
Reasons, and what protects what: ADR 0011.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from webapp.people.passwords import keyed

IIN = "iin"
SURNAME = "surname"


@dataclass(frozen=True, repr=False)
class Peppers:
    """All peppers of this site, the oldest first; the last one is the present one."""

    chain: tuple[str, ...]

    @property
    def version(self) -> int:
        """The version of keys that are written now."""
        return len(self.chain)

    def keys(self, purpose: str, value: str) -> list[str]:
        """The keys of a value under every version, the oldest first."""
        found = [keyed(self.chain[0], purpose, value)]
        for version in range(2, self.version + 1):
            found.append(self._step(purpose, found[-1], version))
        return found

    def onward(self, purpose: str, key: str, version: int) -> str:
        """A stored key of an earlier version as a key of the present one."""
        for later in range(version + 1, self.version + 1):
            key = self._step(purpose, key, later)
        return key

    def _step(self, purpose: str, key: str, version: int) -> str:
        return keyed(self.chain[version - 1], f"{purpose}:{version}", key)


def peppers() -> Peppers:
    """The peppers of the settings."""
    return Peppers((*current_app.config["PERSON_PEPPER_OLD"], current_app.config["PERSON_PEPPER"]))
