"""Where a person stands in the tables of a feature: what the export shows of it, and what becomes of it when they leave.

Each package with rows about people has a file `personal.py`: `TRACES` names every column that holds the number or the
address of a person, `stored(user)` gives plain values for the export, `forget(user, now)` lets go. `account` walks over
these files. Reasons: ADR 0038.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import delete, inspect, select, update
from sqlalchemy.orm import InstrumentedAttribute

from webapp.kernel.addresses import account_key
from webapp.kernel.database import changed, db
from webapp.people.models import User


class After(StrEnum):
    """What becomes of a row when the person whom it names leaves."""

    GONE = "gone"  # the row is deleted
    EMPTIED = "emptied"  # the row stays, the name in it goes
    KEPT = "kept"  # the row stays and names the empty account, for a reason


@dataclass(frozen=True)
class Trace:
    """One column that names a person. `shown` is the key of the export; where it is empty, `why` says why not."""

    column: InstrumentedAttribute[Any]
    shown: str
    after: After
    why: str = ""

    @property
    def name(self) -> str:
        """Table and column, as the database calls them."""
        column = self.column.property.columns[0]
        return f"{column.table.name}.{column.name}"


class Personal(Protocol):
    """What a file `personal.py` offers."""

    @property
    def TRACES(self) -> Sequence[Trace]:  # noqa: N802 (a constant of the file)
        """Every column in which the feature names people."""

    def stored(self, user: User, /) -> dict[str, Any]:
        """What the feature has stored about a person, as plain values; keyed hashes are named, not shown."""

    def forget(self, user: User, now: datetime, /) -> None:
        """Let go of the person; `user` is locked and still has their name and address."""


def gone(column: Any, shown: str, why: str = "") -> Trace:
    """The row is deleted when the person leaves."""
    return Trace(column, shown, After.GONE, why)


def emptied(column: Any, shown: str) -> Trace:
    """The row stays without the person."""
    return Trace(column, shown, After.EMPTIED)


def kept(column: Any, shown: str, why: str) -> Trace:
    """The row stays and goes on naming the account, of which nothing but the number is left."""
    return Trace(column, shown, After.KEPT, why)


def rows_of(column: Any, user: User, *order: Any) -> Sequence[Any]:
    """The rows that name a person in this column, in the order of their keys or the one that is given."""
    model = column.class_
    query = select(model).where(_names(column, user))
    return db.session.scalars(query.order_by(*(order or inspect(model).primary_key))).all()


def let_go(traces: Iterable[Trace], user: User) -> None:
    """Delete and empty what is to be deleted and emptied, in the order of the traces."""
    for trace in traces:
        model, found = trace.column.class_, _names(trace.column, user)
        if trace.after is After.GONE:
            changed(delete(model).where(found))
        elif trace.after is After.EMPTIED:
            changed(update(model).where(found).values({trace.column: None}))


def _names(column: Any, user: User) -> Any:
    """The condition that a column holds the number of a person, or their address where it holds text."""
    if column.type.python_type is str:
        return column.in_({user.email, account_key(user.email)})
    return column == user.id


def moment(at: datetime | None) -> str | None:
    """A moment as the export writes it."""
    return at.isoformat() if at else None
