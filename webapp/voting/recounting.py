"""Counting all votes anew, while people vote.

One statement reads the votes of some proposals and their tallies at one moment. A vote and its tallies change in one
transaction, so what differs at that moment differs by the same number at every later one, however many have voted
since: the correction adds the difference, and takes nothing away from anybody who came in between. Nothing is locked
while the votes are read.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select, text

from webapp.escalation.services import climb_if_due
from webapp.escalation.tallies import COLUMNS, remember_progress, rungs_of_home, shift
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, insert, locked, reading, retrying, unit_of_work
from webapp.kernel.parts import Pace
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.voting.models import Recount

#: The worker begins a round so long after the one before it began, and works on it for so many seconds at a time.
ROUND_EVERY, AT_A_TIME = timedelta(minutes=5), 0.5
_ONE = 1
_VOTES, _TALLY, _PROPOSAL = 0, 1, 2
_SIDES = "SUM(CASE WHEN choice = 1 THEN 1 ELSE 0 END), SUM(CASE WHEN choice = -1 THEN 1 ELSE 0 END)"
_RANGE = "proposal_id > :after AND proposal_id <= :until"
_FOUR = ", ".join(COLUMNS)
#: In one statement, so that votes and tallies are those of one moment on either database; what is set aside counts nowhere.
_AT_ONE_MOMENT = text(
    f"SELECT {_VOTES}, proposal_id, home_id, {_SIDES}, 0, 0 FROM vote "  # nosec B608  # noqa: S608 (constants)
    f"WHERE {_RANGE} AND quarantine_id IS NULL GROUP BY proposal_id, home_id UNION ALL "
    f"SELECT {_VOTES}, proposal_id, home_id, 0, 0, {_SIDES} FROM organisation_vote "
    f"WHERE {_RANGE} GROUP BY proposal_id, home_id UNION ALL "
    f"SELECT {_TALLY}, proposal_id, territory_id, {_FOUR} FROM tally WHERE {_RANGE} UNION ALL "
    f"SELECT {_PROPOSAL}, id, 0, {_FOUR} FROM proposal WHERE id > :after AND id <= :until"
)


def _nothing() -> list[int]:
    return [0, 0, 0, 0]


@dataclass
class Difference:
    """By how much the tallies of a proposal are too small (or too large), by territory and in all; and what it said."""

    said: list[int] = field(default_factory=_nothing)
    total: list[int] = field(default_factory=_nothing)
    places: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(_nothing))

    def count_votes(self, rungs: tuple[int, ...], numbers: list[int]) -> None:
        """Votes from one home, which count on all its rungs."""
        _plus(self.total, numbers, 1)
        for territory_id in rungs:
            _plus(self.places[territory_id], numbers, 1)

    def compare(self, territory_id: int, numbers: list[int]) -> None:
        """What a tally says."""
        _plus(self.places[territory_id], numbers, -1)

    def compare_all(self, numbers: list[int]) -> None:
        """What the proposal itself says."""
        self.said = numbers
        _plus(self.total, numbers, -1)

    @property
    def is_any(self) -> bool:
        """Whether anything differs."""
        return any(self.total) or any(any(numbers) for numbers in self.places.values())


def _plus(into: list[int], numbers: list[int], sign: int) -> None:
    for place, number in enumerate(numbers):
        if number:
            into[place] += sign * number


def _rows(after: int, until: int) -> Iterator[tuple[int, int, int, list[int], tuple[int, ...]]]:
    """The rows of the statement, those of votes with the rungs on which they count."""
    rungs: dict[int, tuple[int, ...]] = {}
    for kind, key, place, *numbers in db.session.execute(_AT_ONE_MOMENT, {"after": after, "until": until}).all():
        if kind == _VOTES and place not in rungs:
            rungs[place] = rungs_of_home(db.session.get_one(Territory, place))
        yield kind, key, place, numbers, rungs[place] if kind == _VOTES else ()


def _suspects(after: int, until: int) -> list[int]:
    """Proposals above `after`, up to `until`, of which anything differs.

    The four numbers of a place go into one whole number, forty bits each: nearly all proposals are right, and so
    they cost a few additions.
    """
    left: defaultdict[tuple[int, int], int] = defaultdict(int)
    for kind, key, place, (one, two, three, four), rungs in _rows(after, until):
        number = int(one) + (int(two) << 40) + (int(three) << 80) + (int(four) << 120)
        if kind == _VOTES:
            left[key, 0] += number
            for territory_id in rungs:
                left[key, territory_id] += number
        else:
            left[key, place] -= number  # of the proposal itself the place is 0
    return sorted({key for (key, _place), number in left.items() if number})


def _difference(key: int) -> Difference:
    """What differs about one proposal."""
    found = Difference()
    for kind, _key, place, sums, rungs in _rows(key - 1, key):
        numbers = [int(number) for number in sums]
        if kind == _VOTES:
            found.count_votes(rungs, numbers)
        elif kind == _TALLY:
            found.compare(place, numbers)
        else:
            found.compare_all(numbers)
    return found


def _repair(key: int, difference: Difference, now: datetime) -> bool:
    """Add what was missing, say so in public, and let the proposal go where its true number leads."""
    proposal = locked(Proposal, key)
    if proposal is None:
        return False
    places = {place: numbers for place, numbers in difference.places.items() if any(numbers)}
    shift(key, places, difference.total)
    after = [said + missing for said, missing in zip(difference.said, difference.total, strict=True)]
    record(Verb.TALLY_CORRECTED, proposal, now, proposal_id=key, public=True, before=difference.said, after=after)
    db.session.flush()
    db.session.refresh(proposal)
    if not (proposal.accepts_votes(now) and climb_if_due(proposal, now)):
        remember_progress(proposal)
    return True


def _row(now: datetime) -> Recount:
    """The one row, locked: whoever corrects is alone."""
    row = locked(Recount, _ONE)
    if row is None:
        fresh = insert(Recount).values(id=_ONE, began_at=now, is_going=True, last_id=0, proposals=0, corrected=0)
        fresh = fresh.values(ended_proposals=0, ended_corrected=0, repairs=0)
        db.session.execute(fresh.on_conflict_do_nothing(index_elements=["id"]))
        row = locked(Recount, _ONE)
    assert row is not None
    return row


def recount(now: datetime, proposal_ids: list[int] | None = None) -> list[int]:
    """Count anew in the transaction at hand, and correct what differs; returns the proposals that had to be corrected."""
    db.session.flush()
    row = _row(now)
    if proposal_ids is None:
        suspects = _suspects(0, db.session.scalar(select(func.max(Proposal.id))) or 0)
    else:
        suspects = [key for one in sorted(proposal_ids) for key in _suspects(one - 1, one)]
    corrected = [key for key in suspects if _repair(key, _difference(key), now)]
    row.repairs += len(corrected)
    return corrected


# --- in parts, beside everything else


def _look(after: int, size: int) -> tuple[list[int], list[int]]:
    """The next proposals, and those of them of which something differs at this moment; nothing is locked."""
    with reading():
        keys = list(
            db.session.scalars(select(Proposal.id).where(Proposal.id > after).order_by(Proposal.id).limit(size))
        )
        return keys, _suspects(after, keys[-1]) if keys else []


def _correct(key: int, now: datetime) -> bool:
    """Look at one proposal more closely, and correct it in a transaction of its own. True when it had to be.

    Where another recount has corrected something since it was looked at, it is looked at again.
    """
    while True:
        with reading():
            row = db.session.get(Recount, _ONE)
            repairs = row.repairs if row is not None else 0
            difference = _difference(key)
        if not difference.is_any:
            return False
        with unit_of_work():
            row = _row(now)
            if row.repairs != repairs:
                continue
            is_there = _repair(key, difference, now)
            row.repairs += is_there
        return is_there


def _walk(after: int, pace: Pace, now: datetime) -> Iterator[tuple[int, int, list[int]]]:
    """Part after part from a proposal on: where it ended, how many proposals it held, which had to be corrected."""
    while True:
        size, began = pace.size, time.perf_counter()
        keys, suspects = _look(after, size)
        pace.took(len(keys), time.perf_counter() - began)
        if not keys:
            return
        after = keys[-1]
        yield after, len(keys), [key for key in suspects if retrying(partial(_correct, key, now))]


def recount_all(now: datetime) -> list[int]:
    """Count everything anew in parts, while the site is in use; returns the proposals that had to be corrected."""
    corrected: list[int] = []
    proposals = 0
    for _after, looked_at, wrong in _walk(0, Pace(), now):
        proposals += looked_at
        corrected += wrong
    with unit_of_work():
        row = _row(now)
        row.ended_at, row.ended_proposals, row.ended_corrected = now, proposals, len(corrected)
    return corrected


_pace = Pace()


def recount_on(now: datetime, seconds: float = AT_A_TIME) -> int:
    """The job: go on with the round, for at most so long; returns how many proposals had to be corrected.

    A round that is over is followed by another one a while after it began.
    """
    with reading():
        row = db.session.get(Recount, _ONE)
        is_going = row is None or row.is_going
        rests = not is_going and timedelta(0) <= now - row.began_at < ROUND_EVERY  # type: ignore[union-attr]
        after = row.last_id if row is not None and is_going else 0
    if rests:
        return 0
    ends, proposals, corrected, is_over = time.monotonic() + seconds, 0, 0, True
    begun = after
    for after, looked_at, wrong in _walk(begun, _pace, now):  # noqa: B007
        proposals, corrected = proposals + looked_at, corrected + len(wrong)
        if time.monotonic() >= ends:
            is_over = False
            break
    with unit_of_work():
        row = _row(now)
        if (row.last_id if row.is_going else 0) == begun:  # else another worker has gone on from here
            _note(row, after, proposals, corrected, is_over, now)
    return corrected


def _note(row: Recount, after: int, proposals: int, corrected: int, is_over: bool, now: datetime) -> None:
    if not row.is_going or row.last_id == 0:
        row.began_at, row.is_going, row.proposals, row.corrected = now, True, 0, 0
    row.proposals += proposals
    row.corrected += corrected
    row.last_id = after
    if is_over:
        row.ended_at, row.ended_proposals, row.ended_corrected = now, row.proposals, row.corrected
        row.is_going, row.last_id = False, 0


def last_round() -> Recount | None:
    """What the last whole round found; None before there was one."""
    row: Any = db.session.get(Recount, _ONE)
    return row if row is not None and row.ended_at is not None else None
