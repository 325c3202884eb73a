"""What is due on a proposal happens before anything else does, as of its own date, whoever comes first.

The worker acts on dates when it comes by; somebody who answers, votes or withdraws may come before it. Each verb
therefore begins with `settle`: the same code, in the verb's transaction. A consequence is computed from the date
that was due, never from the moment at which it was noticed, so a worker that was away changes nothing but the
moment of the record (docs/adr/0028-dates-by-the-law.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.interfaces import ORMOption

from webapp.journal.services import recorded_late
from webapp.kernel.database import LARGEST_KEY, db, locked, rollback
from webapp.kernel.jobs import each_once
from webapp.kernel.presence import there_until
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage

log = structlog.get_logger("saty.due")
Act = Callable[[Proposal, datetime], None]


class Step(NamedTuple):
    """Something that happens by itself: when it is due, and what it does to the proposal as of that moment."""

    at: datetime
    act: Act


#: What the passing of `due_at` does, by stage; features write theirs in when they are loaded.
ON_DUE: dict[Stage, Act] = {}
#: Where a stage has dates of another kind: the next of them. A feature writes its own in.
OTHER_DATES: dict[Stage, Callable[[Proposal], Step | None]] = {}


def next_step(proposal: Proposal) -> Step | None:
    """What happens next by itself, and when; None where nothing is owed any more."""
    stage = Stage(proposal.stage)
    if stage in OTHER_DATES:
        return OTHER_DATES[stage](proposal)
    return None if proposal.due_at is None or stage not in ON_DUE else Step(proposal.due_at, ON_DUE[stage])


def due_step(proposal: Proposal, now: datetime) -> Step | None:
    """What should have happened by itself by now and is not recorded yet; None where nothing is due."""
    step = next_step(proposal)
    return step if step is not None and step.at <= now and step.at <= there_until(now) else None


def settle(proposal: Proposal, now: datetime) -> int:
    """Act on everything that has fallen due, in the order of the dates; returns how many. `proposal` must be locked."""
    done = 0
    while (step := due_step(proposal, now)) is not None:
        with recorded_late(now):
            step.act(proposal, step.at)
        db.session.flush()
        done += 1
    return done


def settle_each(keys: Iterable[int], now: datetime) -> int:
    """Settle proposals by their numbers, each in a transaction of its own; returns how many dates.

    The row is locked and looked at again before acting, so two workers, a worker killed half-way, or a verb that
    came first, do it once.
    """

    def once(key: int) -> int:
        proposal = locked(Proposal, key)
        return settle(proposal, now) if proposal is not None else 0

    return each_once(keys, once)


def present(key: int, now: datetime, lock: bool = False, options: Sequence[ORMOption] = ()) -> Proposal | None:
    """The proposal with a number out of an address, as it is by the law at this moment; None where there is none.

    Locked, for a verb, or to be read: then a date that has passed is settled in a transaction of its own first, so
    that no page offers what the verb behind it would refuse. Where nothing can be written the page is as it was.
    """
    if key > LARGEST_KEY:
        return None
    if lock:
        found = locked(Proposal, key)
        if found is not None:
            settle(found, now)
        return found
    found = db.session.get(Proposal, key, options=options)
    if found is not None and due_step(found, now) is not None:
        try:
            settle_each([key], now)
        except SQLAlchemyError as error:
            rollback()
            log.warning("a date that has passed could not be settled", error=type(error).__name__)
        found = db.session.get(Proposal, key, options=options)
    return found
