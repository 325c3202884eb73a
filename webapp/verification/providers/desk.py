"""The person sits before a member of staff, who has looked at the identity card. No copy of it is made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from webapp.people.rules import plain_code
from webapp.verification.providers.iin import checked
from webapp.verification.providers.port import Identity, Ticket

#: No letter or digit that is read as another one; so many signs are forty bits.
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 8


class Desk:
    """The code shows that the person is there: nobody can be verified who does not read it out."""

    name = "desk"

    def handle(self, ticket: Ticket) -> str:
        """The code as it is compared."""
        return plain_code(self.invitation(ticket))

    def invitation(self, ticket: Ticket) -> str:
        """The code, in two groups of four."""
        number = int(ticket.part("code"), 16)
        signs = [SIGNS[(number >> 5 * place) % 32] for place in range(LENGTH)]
        return "".join(signs[:4]) + "-" + "".join(signs[4:])

    def prove(self, ticket: Ticket, answer: Mapping[str, str], now: datetime) -> Identity:
        """`iin` and `home` as the member of staff read them on the card."""
        return Identity(checked(answer.get("iin", "")), answer.get("home") or None)
