"""How many rows a list has: counted with its own filters, up to a number from which on nobody counts any more."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from webapp.kernel.database import db

#: So many rows are counted; a list with more says "more than".
COUNTED = 10_000


class Total(NamedTuple):
    """A number of rows, and whether there are more than that."""

    number: int
    is_more: bool


def total_of(query: Select[Any], key: Any) -> Total:
    """The rows of a query, whatever it is sorted by; `key` is a column that each of them has."""
    rows = query.options().with_only_columns(key).order_by(None).limit(COUNTED + 1).subquery()
    found = int(db.session.scalar(select(func.count()).select_from(rows)) or 0)
    return Total(min(found, COUNTED), found > COUNTED)
