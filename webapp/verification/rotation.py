"""Bringing all keys of persons under a new pepper, without knowing one IIN.

In batches, each a transaction of its own: whoever stops it loses nothing, and whoever starts it again
goes on. The site may be in use meanwhile: it looks for every version.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update

from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, unit_of_work
from webapp.people.models import RegisterEntry, User
from webapp.people.person_keys import IIN, SURNAME, Peppers
from webapp.territories.services import nation
from webapp.verification.pepper_marks import trusted_peppers

BATCH = 500


class Rotated(NamedTuple):
    """How many keys were brought forward, and to which version."""

    accounts: int
    entries: int
    version: int


def rotate_keys(now: datetime, batch: int = BATCH) -> Rotated:
    """Bring accounts and register entries to the present version. Raises `NotSetUp` for mixed up peppers."""
    with unit_of_work():
        present = trusted_peppers(now)
    accounts = _all(User, present, batch)
    entries = _all(RegisterEntry, present, batch)
    if accounts or entries:
        with unit_of_work():
            record(Verb.PERSON_KEYS_ROTATED, nation(), now, public=False, version=present.version)
    return Rotated(accounts, entries, present.version)


def _all(kind: Any, present: Peppers, batch: int) -> int:
    done = 0
    while count := rotate_batch(kind, present, batch):
        done += count
    return done


def rotate_batch(kind: Any, present: Peppers, batch: int = BATCH) -> int:
    """Bring up to `batch` rows forward, in one transaction; returns how many. 0 means that none is left."""
    with unit_of_work():
        columns = [kind.id, kind.person_key, kind.key_version]
        if kind is RegisterEntry:
            columns.append(kind.surname_key)
        behind = select(*columns).where(kind.person_key.is_not(None), kind.key_version < present.version)
        rows = db.session.execute(behind.order_by(kind.id).limit(batch).with_for_update()).all()
        changes = []
        for row in rows:
            change = {
                "id": row.id,
                "person_key": present.onward(IIN, row.person_key, row.key_version),
                "key_version": present.version,
            }
            if kind is RegisterEntry:
                change["surname_key"] = present.onward(SURNAME, row.surname_key, row.key_version)
            changes.append(change)
        if changes:
            db.session.execute(update(kind), changes)
    return len(changes)
