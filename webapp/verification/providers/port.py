"""What every way of showing who somebody is has in common."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from webapp.kernel.errors import DomainError


class Unavailable(DomainError):
    """Another service that is needed does not answer; nothing is lost, and it may be tried again."""

    status = 503


@dataclass(frozen=True)
class Identity:
    """One person, as a provider has established it. The IIN goes no further than to its keyed hash."""

    iin: str = field(repr=False)
    home: str | None = None  #: KATO code of the territory, where the provider knows it
    subject: str | None = field(default=None, repr=False)  #: issuer and subject, where somebody signs in elsewhere


@dataclass(frozen=True)
class Ticket:
    """What one account has begun. `secret` never leaves the server; its parts do."""

    attempt_id: int
    user_id: int
    reference: str  #: stands for the account in texts
    secret: str = field(repr=False)
    expires_at: datetime

    def part(self, purpose: str) -> str:
        """A value of its own for each purpose, 64 hexadecimal digits; none tells anything of another."""
        return hmac.new(self.secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


class Provider(Protocol):
    """One way. Whoever has none of these three has no way in."""

    name: str

    def handle(self, ticket: Ticket) -> str:
        """What an answer carries so that its ticket is found again."""

    def invitation(self, ticket: Ticket) -> str:
        """What the person takes along: a code, an address, a text. May raise `Unavailable`."""

    def prove(self, ticket: Ticket, answer: Mapping[str, str], now: datetime) -> Identity:
        """Who the answer shows. Raises `Invalid`, `Conflict` or `Unavailable` with a sentence for the person.

        Changes nothing, so that it may ask other machines outside any transaction.
        """
