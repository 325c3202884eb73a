"""Pages of a list that votes move while somebody reads it.

The next page begins below the last row of the one before. What was below it then and has been supported since
stands above it now, and would be on neither page. So the mark of a page carries the moment at which it was made and
what stood above it; where that has changed, what has risen past the mark since stands at the head of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, and_, cast, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from webapp.kernel.database import db
from webapp.kernel.paging import Page, decode_mark, keyset_page
from webapp.proposals.models import Proposal
from webapp.voting.models import SUPPORT, Vote

#: The moment in microseconds, and how many stood above with how much together.
WIDTH = 3
#: A vote takes its moment before it is counted; the page may have been made in between.
MARGIN = timedelta(seconds=10)
RISEN_AT_MOST = 50
#: Whoever comes back to a page after a day begins anew, and nobody rises past so many in that time: what a mark that
#: somebody made up can cost is bounded by both.
FRESH, NEAREST = timedelta(days=1), 500
LARGEST = 2**15 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Keys = Sequence[InstrumentedAttribute[int]]


def moving_page(query: Select[Any], keys: Keys, mark: str | None, size: int, moment: datetime) -> Page:
    """A page by two columns, a number that votes change and the id; what has risen since the mark stands first."""

    def seen(values: list[int]) -> list[int]:
        return [(moment - _EPOCH) // timedelta(microseconds=1), *_above(query, keys, values, or_equal=True)]

    page = keyset_page(query, keys, mark, db.session.execute, size, seen, WIDTH)
    position = decode_mark(mark, len(keys) + WIDTH) if mark else None
    if position is None or position[0]:
        return page
    here, (since, *before) = position[1][: len(keys)], position[1][len(keys) :]
    if _above(query, keys, here, or_equal=True) == before:
        return page
    risen = _risen(query, keys, here, since, moment)
    return replace(page, rows=[*risen, *page.rows])


def _above(query: Select[Any], keys: Keys, values: Sequence[int], *, or_equal: bool) -> list[int]:
    """How many rows stand above a place of the list, and what their numbers make together."""
    place = tuple_(*keys) >= tuple_(*values) if or_equal else tuple_(*keys) > tuple_(*values)
    counted = query.with_only_columns(func.count(), func.coalesce(func.sum(keys[0]), 0)).where(place)
    return [int(number) for number in db.session.execute(counted).one()]


def _risen(query: Select[Any], keys: Keys, here: Sequence[int], since: int, now: datetime) -> list[Any]:
    """Rows above a place that stood below it at a moment, as far as the supports since then say."""
    age = (now - _EPOCH) // timedelta(microseconds=1) - since
    if not 0 <= age <= FRESH // timedelta(microseconds=1):
        return []
    made_at = _EPOCH + timedelta(microseconds=since) - MARGIN
    near = query.with_only_columns(Proposal.id).where(tuple_(*keys) > tuple_(*here))
    near = near.order_by(*(column.asc() for column in keys)).limit(NEAREST)
    votes = select(func.count()).where(Vote.proposal_id == Proposal.id, Vote.choice == SUPPORT, Vote.at > made_at)
    new = votes.correlate(Proposal).scalar_subquery()
    number, key = here
    if keys[0] is Proposal.supports:
        then, mark = Proposal.supports - new, literal_column(str(int(number)))
    else:  # per mille of the next threshold; a mark that somebody made up multiplies no larger than a column can hold
        number = max(-LARGEST, min(number, LARGEST))
        then, mark = (Proposal.next_supports - new) * 1000, cast(Proposal.next_threshold, BigInteger) * number
    was_below = or_(then < mark, and_(then == mark, Proposal.id < key))
    risen = query.where(Proposal.id.in_(select(near.subquery("near").c.id)), was_below)
    return list(db.session.execute(risen.order_by(*(column.desc() for column in keys)).limit(RISEN_AT_MOST)))
