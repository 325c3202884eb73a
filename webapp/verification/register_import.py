"""Taking in the population register: all of it or nothing, errors by line, no number in clear anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.kernel.database import db, insert
from webapp.kernel.errors import NotSetUp
from webapp.people import rules
from webapp.people.models import RegisterEntry, User
from webapp.people.person_keys import IIN, SURNAME, Peppers
from webapp.territories.models import Territory
from webapp.verification.pepper_marks import behind, trusted_peppers
from webapp.verification.rules import register_moves
from webapp.verification.services import move_home

BATCH = 200


@dataclass(frozen=True)
class RegisterReport:
    """What an import of the register did: rows read, people taken in, accounts that moved, bad rows by line."""

    read: int
    changed: int
    moved: int
    problems: list[tuple[int, str]]


def import_register(rows: list[tuple[int, dict[str, str]]], now: datetime) -> RegisterReport:
    """Take in `iin,surname,kato` rows: all or, when any is bad, none. No number is stored or echoed in clear.

    Accounts of people whom the register now knows elsewhere move with it. Raises `NotSetUp` while
    keys of an earlier version are left.
    """
    present = trusted_peppers(now)
    left = behind(present.version)
    if left:
        raise NotSetUp(f"{left} keys are of an earlier version: run `flask --app wsgi rotate-person-keys` first.")
    homes = {row.kato: row.id for row in db.session.execute(select(Territory.kato, Territory.id))}
    ready, problems = _checked(rows, homes, present, now)
    if problems:
        return RegisterReport(len(rows), 0, 0, problems)
    moved = sum(_take_in(ready[start : start + BATCH], now) for start in range(0, len(ready), BATCH))
    return RegisterReport(len(rows), len(ready), moved, [])


def _checked(
    rows: list[tuple[int, dict[str, str]]], homes: dict[str, int], present: Peppers, now: datetime
) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    problems: list[tuple[int, str]] = []
    ready: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for number, row in rows:
        iin, surname, kato = ((row.get(name) or "").strip() for name in ("iin", "surname", "kato"))
        fault = rules.iin_fault(iin)
        if fault:
            problems.append((number, f"the IIN fails its check: {fault.value}"))
        elif not rules.fold_name(surname):
            problems.append((number, "the surname is empty"))
        elif kato not in homes:
            shown = repr(kato) if len(kato) <= 9 else "of this row"  # it may be an IIN in the wrong column
            problems.append((number, f"no territory has the KATO code {shown}"))
        elif seen.setdefault(iin, number) != number:
            problems.append((number, f"the IIN stands in row {seen[iin]} already"))
        else:
            ready.append(
                {
                    "person_key": present.keys(IIN, iin)[-1],
                    "surname_key": present.keys(SURNAME, rules.fold_name(surname))[-1],
                    "key_version": present.version,
                    "home_id": homes[kato],
                    "imported_at": now,
                }
            )
    return ready, problems


def _take_in(people: list[dict[str, Any]], now: datetime) -> int:
    """Write a batch; returns how many accounts have another home now."""
    after = {person["person_key"]: person["home_id"] for person in people}
    known = select(RegisterEntry.person_key, RegisterEntry.home_id).where(RegisterEntry.person_key.in_(after))
    before = {row.person_key: row.home_id for row in db.session.execute(known)}
    statement = insert(RegisterEntry).values(people)
    changed = {name: getattr(statement.excluded, name) for name in ("surname_key", "home_id", "imported_at")}
    db.session.execute(statement.on_conflict_do_update(index_elements=["person_key"], set_=changed))
    elsewhere = [key for key, home_id in after.items() if before.get(key) != home_id]
    verified = select(User).where(User.person_key.in_(elsewhere), User.verified_at.is_not(None)).order_by(User.id)
    moved = 0
    for user in db.session.scalars(verified.with_for_update(of=User)):
        assert user.person_key is not None and user.home_id is not None
        if register_moves(before.get(user.person_key), after[user.person_key], user.home_id):
            move_home(user, db.session.get_one(Territory, after[user.person_key]), "register", now)
            moved += 1
    return moved
