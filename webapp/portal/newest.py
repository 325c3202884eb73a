"""The newest proposals first, by their publication; what was joined to another stands behind all others.

Two lists one after the other, each with a keyset of its own, so that both read an index: what is published and
stands for itself, by the moment of publication, then what was joined, by its number.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, null, tuple_

from webapp.kernel.database import db
from webapp.kernel.paging import Page, decode_mark, encode_mark
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage

#: Numbers in a mark: which of the two lists, the moment in microseconds, the number of the proposal.
WIDTH = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_IS_JOINED = Proposal.stage == Stage.MERGED.value
ORDER = (
    case((_IS_JOINED, 1), else_=0),
    case((_IS_JOINED, null()), else_=Proposal.published_at).desc(),
    Proposal.id.desc(),
)


def _part(query: Select[Any], joined: bool, here: tuple[int, int] | None, size: int, backwards: bool) -> list[Any]:
    if joined:
        keys: tuple[Any, ...] = (Proposal.id,)
        query = query.where(_IS_JOINED)
    else:
        keys = (Proposal.published_at, Proposal.id)
        query = query.where(Proposal.published_at.is_not(None), ~_IS_JOINED)
    if here is not None:
        moment = db.literal(_EPOCH + timedelta(microseconds=here[0]), Proposal.published_at.type)
        place = tuple_(here[1]) if joined else tuple_(moment, here[1])
        query = query.where(tuple_(*keys) > place if backwards else tuple_(*keys) < place)
    order = [key.asc() if backwards else key.desc() for key in keys]
    return list(db.session.execute(query.order_by(*order).limit(size)))


def newest_page(query: Select[Any], mark: str | None, size: int) -> Page:
    """A page of public proposals; `query` says which. Its rows have `id`, `stage` and `published_at`."""
    position = decode_mark(mark, WIDTH) if mark else None
    backwards, in_joined, here = False, False, None
    if position is not None:
        backwards, in_joined, here = position[0], position[1][0] == 1, (position[1][1], position[1][2])
    try:
        rows = _part(query, in_joined, here, size + 1, backwards)
    except OverflowError:  # a moment that no calendar has
        return Page([], None, None)
    if len(rows) <= size and in_joined == backwards:  # on into the other list, from its near end
        rows += _part(query, not in_joined, None, size + 1 - len(rows), backwards)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = backwards or more, more if backwards else position is not None
    return Page(
        rows,
        _mark(rows[-1], False) if rows and has_next else None,
        _mark(rows[0], True) if rows and has_previous else None,
    )


def standing_for_themselves(query: Select[Any], size: int) -> list[Any]:
    """The newest that are not joined to another, for a page that shows a few of them; one query."""
    return _part(query, False, None, size, False)


def _mark(row: Any, backwards: bool) -> str:
    joined = row.stage == Stage.MERGED
    micros = 0 if joined or row.published_at is None else (row.published_at - _EPOCH) // timedelta(microseconds=1)
    return encode_mark([int(joined), micros, row.id], backwards)
