"""The population register that the operator has imported: IIN and surname fit one person of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from webapp.kernel.database import db
from webapp.kernel.errors import Invalid
from webapp.kernel.i18n import gettext as _
from webapp.people import rules
from webapp.people.models import RegisterEntry
from webapp.people.person_keys import IIN, SURNAME, peppers
from webapp.territories.models import Territory
from webapp.verification.providers.iin import checked
from webapp.verification.providers.port import Identity, Ticket


def entry_of(iin: str) -> RegisterEntry | None:
    """The person of the register with this number, under whichever version of the peppers."""
    keys = peppers().keys(IIN, iin)
    return db.session.scalar(select(RegisterEntry).where(RegisterEntry.person_key.in_(keys)))


def registered_home(iin: str) -> str | None:
    """The KATO code of the home that the register names."""
    entry = entry_of(iin)
    return db.session.scalar(select(Territory.kato).where(Territory.id == entry.home_id)) if entry else None


def _is_surname(entry: RegisterEntry, typed: str) -> bool:
    """Whether it is the surname of the register, however it was imported: a present key or a former one."""
    keys = [
        peppers().keys(SURNAME, fold(typed))[entry.key_version - 1] for fold in (rules.fold_name, rules.former_fold)
    ]
    return sum(secrets.compare_digest(entry.surname_key, key) for key in keys) > 0


class Register:
    """Needs no other machine: it looks into tables of this database."""

    name = "register"

    def handle(self, ticket: Ticket) -> str:
        """Nothing comes back later; the answer is in the form."""
        return ticket.part("handle")

    def invitation(self, ticket: Ticket) -> str:
        """Nothing to take along."""
        return ""

    def prove(self, ticket: Ticket, answer: Mapping[str, str], now: datetime) -> Identity:
        """`iin` and `surname` must fit the same person."""
        iin = checked(answer.get("iin", ""))
        entry, typed = entry_of(iin), answer.get("surname", "")
        if entry is None or not _is_surname(entry, typed):
            raise Invalid(
                _(
                    "The register has no such person. Check the IIN and write the surname as on your identity card. If both are right, ask your akimat: the operator brings the register up to date."
                ),
                "iin",
            )
        return Identity(iin, registered_home(iin))
