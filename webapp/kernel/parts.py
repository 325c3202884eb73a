"""Long acts in parts: each part is a transaction of its own that is over in a tenth of a second, so nobody waits longer for it.

Whoever stops such an act half-way finds all parts that were done, and none by half; run again, it goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import CursorResult, bindparam, delete, inspect, select, tuple_, update

from webapp.kernel.database import Model, db, reading, retrying, unit_of_work

#: Seconds that a part is to last, and rows that none ever exceeds.
TARGET, MOST = 0.1, 5_000
#: What a first part takes while nobody knows how long a row lasts; and what is worth a transaction at all.
BEGIN, LEAST = 200, 10
#: Keys that are looked for at once: where no index helps, each look is a walk through the whole table.
LOOKED_FOR = 50_000
_UNSYNCHRONISED = {"synchronize_session": False}


class Pace:
    """How many rows the next part takes: as many as the last ones would have done in time, at most twice as many."""

    def __init__(self, begin: int = BEGIN, most: int = MOST, target: float = TARGET) -> None:
        self.size, self._most, self._target = begin, most, target

    def took(self, rows: int, seconds: float) -> None:
        """A part is over. One that was too long makes the next one smaller at once."""
        fitting = int(max(rows, 1) * self._target / max(seconds, 1e-6))
        self.size = min(max(LEAST, min(fitting, max(rows, self.size) * 2)), self._most)


@contextmanager
def part_of_work(pace: Pace, rows: int) -> Iterator[None]:
    """One part: a transaction whose length is measured from its beginning to the end of its commit.

    Waiting for its turn does not count: others hold the lock then, and a smaller part would not help them.
    """
    with unit_of_work():
        db.session.connection()
        began = time.perf_counter()
        yield
    pace.took(rows, time.perf_counter() - began)


def paced(pace: Pace, part: Callable[[int], int]) -> Iterator[int]:
    """Call `part(size)`, which does up to so many rows and says how many, until it finds none; yields what each did."""
    while True:
        size = pace.size
        done = part(size)
        if done:
            yield done
        if done < size:
            return


def _keys(model: type[Model]) -> list[Any]:
    return list(inspect(model).primary_key)


def one_of(column: Any, values: list[Any]) -> Any:
    """`column IN (...)` for many values: as one parameter, which is not looked at value by value."""
    return column.in_(bindparam("values", values, expanding=True, unique=True))


def _one_of(columns: list[Any], rows: list[Any]) -> Any:
    if len(columns) == 1:
        return one_of(columns[0], [row[0] for row in rows])
    return one_of(tuple_(*columns), [tuple(row) for row in rows])


def _in_parts(model: type[Model], where: tuple[Any, ...], statement: Any) -> int:
    """Rows are looked for while reading, which stops nobody; they are written by their keys, where they still fit."""
    columns, gone, waiting = _keys(model), 0, list[Any]()
    pace = Pace()
    while True:
        with reading():
            waiting = list(db.session.execute(select(*columns).where(*where).limit(LOOKED_FOR)))
        is_all = len(waiting) < LOOKED_FOR
        while waiting:
            some, waiting = waiting[: pace.size], waiting[pace.size :]
            gone += retrying(partial(_write, statement.where(_one_of(columns, some), *where), pace, len(some)))
        if is_all:
            return gone


def _write(statement: Any, pace: Pace, rows: int) -> int:
    with part_of_work(pace, rows):
        done: CursorResult[Any] = db.session.execute(statement.execution_options(**_UNSYNCHRONISED))  # type: ignore[assignment]
        return int(done.rowcount)


def delete_in_parts(model: type[Model], *where: Any) -> int:
    """Delete all rows that fit, however many; returns how many. Call it outside of a transaction."""
    return _in_parts(model, where, delete(model))


def change_in_parts(model: type[Model], *where: Any, **values: Any) -> int:
    """Change all rows that fit; what was changed must not fit any more, or there would be no end."""
    return _in_parts(model, where, update(model).values(**values))
