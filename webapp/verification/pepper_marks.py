"""Whether the peppers of the settings are those that the database was written with.

The natural mistake is to change PERSON_PEPPER and to forget PERSON_PEPPER_OLD: every key would be
another one, and everybody could be verified a second time, on a second account.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, union_all

from webapp.kernel.database import db, insert
from webapp.kernel.errors import NotSetUp
from webapp.people.models import RegisterEntry, User
from webapp.people.person_keys import Peppers, peppers
from webapp.verification.models import PepperMark

PURPOSE = "mark"


def trusted_peppers(now: datetime) -> Peppers:
    """The peppers, after a look at their marks; a version that is new leaves its mark. Raises `NotSetUp`."""
    present = peppers()
    marks = present.keys(PURPOSE, "")
    known = dict(db.session.execute(select(PepperMark.version, PepperMark.mark)).all())
    if any(version > present.version or marks[version - 1] != mark for version, mark in known.items()):
        raise NotSetUp(
            "PERSON_PEPPER and PERSON_PEPPER_OLD are not those that the keys of persons were made with. "
            "Put the peppers back that were there before; a new one goes to PERSON_PEPPER, and the one before it to the end of PERSON_PEPPER_OLD."
        )
    for version, mark in enumerate(marks, start=1):
        if version not in known:
            new = insert(PepperMark).values(version=version, mark=mark, noted_at=now)
            db.session.execute(new.on_conflict_do_nothing(index_elements=["version"]))
    return present


def behind(version: int) -> int:
    """How many keys are of an earlier version."""
    rows = union_all(
        select(User.id).where(User.person_key.is_not(None), User.key_version < version),
        select(RegisterEntry.id).where(RegisterEntry.key_version < version),
    ).subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0
