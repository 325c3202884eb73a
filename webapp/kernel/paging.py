"""Keyset pages: the next page begins after the last row, however long the list is."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from webapp.kernel.text import read_json

PAGE_SIZE = 18  # full rows of one, two or three cards


@dataclass(frozen=True)
class Page:
    """Rows of one page and the marks of its neighbours (None where there is none)."""

    rows: Sequence[Any]
    next: str | None
    previous: str | None


def encode_mark(values: Sequence[Any], backwards: bool = False) -> str:
    """A mark that a URL can carry; it says where the neighbouring page begins."""
    payload = json.dumps([int(backwards), *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")


def decode_mark(mark: str, width: int) -> tuple[bool, list[int]] | None:
    """Direction and values of a mark; None for anything that is not ours."""
    try:
        raw = base64.urlsafe_b64decode(mark.encode() + b"=" * (-len(mark) % 4))
        values = read_json(raw)
    except (ValueError, UnicodeError):
        return None
    if not isinstance(values, list) or len(values) != width + 1:
        return None
    if not all(isinstance(value, int) and abs(value) < 2**62 for value in values):
        return None
    return bool(values[0]), values[1:]


def keyset_page(
    query: Select[Any],
    keys: Sequence[InstrumentedAttribute[int]],
    mark: str | None,
    execute: Any,
    size: int = PAGE_SIZE,
    more_of: Callable[[list[int]], list[int]] = lambda _values: [],
    width: int = 0,
) -> Page:
    """A page of `query`, sorted downwards by whole-number columns `keys` (the last one unique).

    `more_of` adds `width` numbers to the mark of the next page, from the values that it begins with.
    """
    position = decode_mark(mark, len(keys) + width) if mark else None
    if position:
        position = (position[0], position[1][: len(keys)])
    backwards = bool(position and position[0])
    if position:
        here = tuple_(*keys)
        query = query.where(here > tuple_(*position[1]) if backwards else here < tuple_(*position[1]))
    order = [key.asc() if backwards else key.desc() for key in keys]
    rows = list(execute(query.order_by(*order).limit(size + 1)))
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()

    def mark_of(row: Any, back: bool) -> str:
        values = [getattr(row, key.key) for key in keys]
        return encode_mark([*values, *([0] * width if back else more_of(values))], back)

    has_next = backwards or more
    has_previous = more if backwards else position is not None
    return Page(
        rows,
        mark_of(rows[-1], False) if rows and has_next else None,
        mark_of(rows[0], True) if rows and has_previous else None,
    )
