"""Taking in the population register: all of it is checked first, then written in parts; no number in clear anywhere.

What was checked waits in a table of SQLite's own that has no name, so that a register of any size needs little
memory. It holds the same keyed hashes as the register itself and is gone with the process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import select

from webapp.kernel.database import db, insert, retrying, rollback, unit_of_work
from webapp.kernel.errors import NotSetUp
from webapp.kernel.parts import Pace, one_of, paced, part_of_work
from webapp.people import rules
from webapp.people.models import RegisterEntry, User
from webapp.people.person_keys import IIN, SURNAME, Peppers
from webapp.territories.models import Territory
from webapp.verification.pepper_marks import behind, trusted_peppers
from webapp.verification.rules import register_moves
from webapp.verification.services import move_home

#: So many bad rows are remembered with their reasons; the others are counted.
SHOWN = 50
_AT_ONCE = 1_000
Row = tuple[int, dict[str, str] | str]


@dataclass
class RegisterReport:
    """What an import of the register did: people taken in, accounts that moved, bad rows by line."""

    people: int = 0
    changed: int = 0
    moved: int = 0
    bad: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    def complain(self, line: int, reason: str) -> None:
        """Count a bad row, and remember it while there are not too many."""
        self.bad += 1
        if len(self.problems) < SHOWN:
            self.problems.append((line, reason))


class CheckedRegister:
    """People of a register that passed all checks, by their keys; or what is wrong with the file."""

    def __init__(self, rows: Iterable[Row], now: datetime) -> None:
        """Check every row while nothing is locked. Raises `NotSetUp` while keys of an earlier version are left."""
        self.report, self._now = RegisterReport(), now
        with unit_of_work():
            self._present = trusted_peppers(now)
            left = behind(self._present.version)
            homes = {row.kato: row.id for row in db.session.execute(select(Territory.kato, Territory.id))}
            rollback()
        if left:
            raise NotSetUp(f"{left} keys are of an earlier version: run `flask --app wsgi rotate-person-keys` first.")
        self._waiting = sqlite3.connect("", isolation_level=None)
        self._waiting.execute("PRAGMA cache_size=-32000")
        self._waiting.execute(
            "CREATE TABLE person (key TEXT PRIMARY KEY, surname TEXT, home INT, line INT) WITHOUT ROWID"
        )
        self._check(iter(rows), homes)

    def close(self) -> None:
        """Let go of what was checked."""
        self._waiting.close()

    def _check(self, rows: Iterator[Row], homes: dict[str, int]) -> None:
        while some := list(islice(rows, _AT_ONCE)):
            self._waiting.execute("BEGIN")
            for line, row in some:
                fault = row if isinstance(row, str) else self._keep(line, row, homes)
                if fault:
                    self.report.complain(line, fault)
            self._waiting.execute("COMMIT")

    def _keep(self, line: int, row: dict[str, str], homes: dict[str, int]) -> str:
        iin, surname, kato = ((row.get(name) or "").strip() for name in ("iin", "surname", "kato"))
        if fault := rules.iin_fault(iin):
            return f"the IIN fails its check: {fault.value}"
        if not rules.fold_name(surname):
            return "the surname is empty"
        if kato not in homes:
            shown = repr(kato) if len(kato) <= 9 else "of this row"  # it may be an IIN in the wrong column
            return f"no territory has the KATO code {shown}"
        key, name = _keys(self._present, iin, surname)
        put = "INSERT INTO person VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        if not self._waiting.execute(put, (key, name, homes[kato], line)).rowcount:
            (first,) = self._waiting.execute("SELECT line FROM person WHERE key = ?", (key,)).fetchone()
            return f"the IIN stands in row {first} already"
        self.report.people += 1
        return ""

    def take_in(self, dry_run: bool = False) -> Iterator[RegisterReport]:
        """Write everything, part by part, each in a transaction of its own; yields the report after each.

        Accounts of people whom the register now knows elsewhere move with it. A dry run takes each part back.
        """
        last, pace = "", Pace()

        def part(size: int) -> int:
            nonlocal last
            after = "SELECT key, surname, home FROM person WHERE key > ? ORDER BY key LIMIT ?"
            people = self._waiting.execute(after, (last, size)).fetchall()
            if people:
                self.report.moved += retrying(lambda: self._write(people, pace, dry_run))
                self.report.changed += len(people)
                last = people[-1][0]
            return len(people)

        for _done in paced(pace, part):
            yield self.report

    def _write(self, people: list[tuple[str, str, int]], pace: Pace, dry_run: bool) -> int:
        with part_of_work(pace, len(people)):
            if trusted_peppers(self._now).version != self._present.version:
                raise NotSetUp("The peppers have changed while the register was taken in: run the import again.")
            common = {"key_version": self._present.version, "imported_at": self._now}
            rows = [{"person_key": key, "surname_key": name, "home_id": home, **common} for key, name, home in people]
            moved = _take_in(rows, self._now)
            if dry_run:
                rollback()
        return moved


def _keys(present: Peppers, iin: str, surname: str) -> tuple[str, str]:
    return present.keys(IIN, iin)[-1], present.keys(SURNAME, rules.fold_name(surname))[-1]


def _take_in(people: list[dict[str, Any]], now: datetime) -> int:
    """Write a part; returns how many accounts have another home now."""
    after = {person["person_key"]: person["home_id"] for person in people}
    known = select(RegisterEntry.person_key, RegisterEntry.home_id).where(one_of(RegisterEntry.person_key, list(after)))
    before = {row.person_key: row.home_id for row in db.session.execute(known)}
    statement = insert(RegisterEntry.__table__)
    changed = {name: getattr(statement.excluded, name) for name in ("surname_key", "home_id", "imported_at")}
    upsert = statement.on_conflict_do_update(index_elements=["person_key"], set_=changed)
    db.session.connection().execute(upsert, people)
    elsewhere = [key for key, home_id in after.items() if before.get(key) != home_id]
    if not elsewhere:
        return 0
    verified = select(User).where(one_of(User.person_key, elsewhere), User.verified_at.is_not(None)).order_by(User.id)
    moved = 0
    for user in db.session.scalars(verified.with_for_update(of=User)):
        assert user.person_key is not None and user.home_id is not None
        if register_moves(before.get(user.person_key), after[user.person_key], user.home_id):
            move_home(user, db.session.get_one(Territory, after[user.person_key]), "register", now)
            moved += 1
    return moved
