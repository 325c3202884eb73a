"""Giving votes back: many accounts at once, or a few together with those of others.

Counts of single proposals are public at every moment. Were one account given back alone, the counters that move in
that moment would be its list of votes. So fewer than `SMALLEST_CELL` accounts with votes wait until as many are to be
given back, over all checks, and `LONGEST_WAIT` at most. Accounts without a vote hide nobody and do not count.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, update

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.fraud.models import CheckRequest, Quarantine
from webapp.fraud.telling import note_accounts, note_votes
from webapp.journal.rules import SMALLEST_CELL, cell
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, locked, unit_of_work
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.voting.aside import give_votes_back, proposals_to_give_back, voters_to_give_back

LONGEST_WAIT = timedelta(days=3)
_UNSYNCHRONISED = {"synchronize_session": False}


class Released(NamedTuple):
    """What came of it: votes that are counted again now, and accounts whose votes wait for those of others."""

    votes: int
    waiting: int


def release(actor: Any, row: Quarantine, now: datetime, user_ids: Collection[int] | None = None) -> Released:
    """Give votes back: of the whole check, which ends it, or of some of its accounts.

    `row` must be locked. They are counted in the same tallies as before; a proposal that collects
    support may reach its threshold by it. A check that has ended is refused.
    """
    require(actor, Permission.SET_VOTES_ASIDE, None, now)
    if row.released_at is not None:
        raise Conflict(_("These votes have been given back already."))
    if user_ids is not None and not user_ids:
        raise Invalid(_("Select the accounts whose votes are to be given back."))
    chosen = select(User.id).where(User.quarantine_id == row.id)
    if user_ids is not None:
        chosen = chosen.where(User.id.in_(list(user_ids)))
    found = list(db.session.scalars(chosen.where(User.returns_at.is_(None))))
    if not found:
        raise Conflict(_("These votes have been given back already."))
    _answer_requests(row, found)
    decided = update(User).where(User.id.in_(found)).values(returns_at=now)
    db.session.execute(decided.execution_options(**_UNSYNCHRONISED))
    record(Verb.CHECK_ENDED, row, now, actor=actor, public=False, accounts=len(found))
    votes = _return_if_enough(now)
    db.session.expire_all()
    left = select(func.count()).where(User.id.in_(found), User.returns_at.is_not(None))
    return Released(votes, db.session.scalar(left) or 0)


def _answer_requests(row: Quarantine, user_ids: Collection[int]) -> None:
    answered = delete(CheckRequest).where(CheckRequest.quarantine_id == row.id, CheckRequest.user_id.in_(user_ids))
    db.session.execute(answered.execution_options(**_UNSYNCHRONISED))


def return_votes(now: datetime) -> int:
    """The job: what waits is given back when it is enough, or has waited long enough; returns how many votes."""
    with unit_of_work():
        oldest = db.session.scalar(select(func.min(User.returns_at)))
        if oldest is None:
            return 0
        return return_all(now) if now - oldest >= LONGEST_WAIT else _return_if_enough(now)


def _return_if_enough(now: datetime) -> int:
    voters = voters_to_give_back()
    return return_all(now) if not voters or voters >= SMALLEST_CELL else 0  # where nobody voted, nothing moves


def return_all(now: datetime) -> int:
    """Give back what waits, in the transaction at hand; returns how many votes."""
    note_accounts(True, voters_to_give_back(), now)
    rows = db.session.execute(select(User.quarantine_id, User.id).where(User.returns_at.is_not(None))).all()
    by_check: dict[int, list[int]] = {}
    for check, user_id in rows:
        by_check.setdefault(check, []).append(user_id)
    votes = 0
    for check, user_ids in sorted(by_check.items()):
        row = locked(Quarantine, check)
        votes += _give_back(row, user_ids, now) if row is not None else 0
    return votes


def _give_back(row: Quarantine, user_ids: Collection[int], now: datetime) -> int:
    """Unmark accounts and count their votes again; a check in which nobody is left has ended."""
    marked = update(User).where(User.quarantine_id == row.id, User.id.in_(list(user_ids)))
    marked = marked.values(quarantine_id=None, returns_at=None).returning(User.id)
    freed = list(db.session.scalars(marked.execution_options(**_UNSYNCHRONISED)))
    left = select(func.count()).select_from(User).where(User.quarantine_id == row.id)
    is_whole = not db.session.scalar(left)
    votes = 0
    for key in proposals_to_give_back(row.id):
        proposal = locked(Proposal, key)
        number = give_votes_back(proposal, row.id, now, None if is_whole else freed) if proposal is not None else 0
        if proposal is not None and number:
            note_votes(proposal, True, number, row.id, now)
            votes += number
    if is_whole:
        row.released_at = now
    numbers = cell("accounts", len(freed)) | cell("votes", votes)
    record(Verb.CHECK_ENDED, row, now, whole=is_whole, **numbers)
    db.session.flush()
    db.session.expire_all()
    return votes
