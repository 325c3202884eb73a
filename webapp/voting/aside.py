"""Votes that are set aside for checking: in no tally, never lost, given back by one act.

A vote keeps its row, so that nobody votes a second time beside it; the mark `quarantine_id` alone
decides whether it is counted. Marks are set and cleared by UPDATE ... RETURNING, so that each vote
leaves the tallies once and comes back once, whoever acts at the same moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from webapp.escalation.services import climb_if_due
from webapp.escalation.tallies import Delta, count, remember_progress
from webapp.kernel.database import db, insert
from webapp.kernel.networks import present_network
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.voting.models import OPPOSE, SUPPORT, WITHDRAWN, Vote

_UNSYNCHRONISED = {"synchronize_session": False}


def cast_aside(proposal: Proposal, actor: User, choice: int, now: datetime) -> bool:
    """Keep the vote of an account that is being checked: stored, not counted. `proposal` must be locked.

    An earlier vote of the account is changed where it stands; should it still be counted, because it
    arrived in the very moment in which the check began, it is set aside first.
    """
    values = {
        "proposal_id": proposal.id,
        "voter_id": actor.id,
        "choice": choice,
        "home_id": actor.home_id,
        "at": now,
        "network": present_network(),
        "quarantine_id": actor.quarantine_id,
    }
    fresh = db.session.execute(insert(Vote).values(values).on_conflict_do_nothing().returning(Vote.voter_id)).first()
    if fresh is None:
        assert actor.quarantine_id is not None
        set_votes_aside(proposal, actor.quarantine_id, now)
        where = (Vote.proposal_id == proposal.id, Vote.voter_id == actor.id, Vote.quarantine_id.is_not(None))
        statement = update(Vote).where(*where, Vote.choice != choice).values(choice=choice, at=now, merger_id=None)
        return bool(db.session.execute(statement.execution_options(**_UNSYNCHRONISED)).rowcount)
    return True


def withdraw_aside(proposal: Proposal, actor: User) -> bool:
    """Take back a vote that is set aside; True when there was one. It is not given back with the others."""
    where = (Vote.proposal_id == proposal.id, Vote.voter_id == actor.id, Vote.quarantine_id.is_not(None))
    statement = update(Vote).where(*where).values(choice=WITHDRAWN, merger_id=None).execution_options(**_UNSYNCHRONISED)
    return bool(db.session.execute(statement).rowcount)


def proposals_to_set_aside(quarantine_id: int) -> list[int]:
    """Proposals with votes of the check's accounts that are still counted, in the order of locking."""
    query = select(Vote.proposal_id).join(User, User.id == Vote.voter_id)
    query = query.where(User.quarantine_id == quarantine_id, Vote.quarantine_id.is_(None))
    return list(db.session.scalars(query.distinct().order_by(Vote.proposal_id)))


def voters_to_set_aside(quarantine_id: int) -> int:
    """How many of the check's accounts have votes that are still counted."""
    query = select(func.count(Vote.voter_id.distinct())).join(User, User.id == Vote.voter_id)
    return db.session.scalar(query.where(User.quarantine_id == quarantine_id, Vote.quarantine_id.is_(None))) or 0


def set_votes_aside(proposal: Proposal, quarantine_id: int, now: datetime) -> int:
    """Take the votes of the check's accounts out of the tallies of a locked proposal; returns how many."""
    settle(proposal, now)
    accounts = select(User.id).where(User.quarantine_id == quarantine_id)
    taken = db.session.execute(
        update(Vote)
        .where(Vote.proposal_id == proposal.id, Vote.quarantine_id.is_(None), Vote.voter_id.in_(accounts))
        .values(quarantine_id=quarantine_id)
        .returning(Vote.home_id, Vote.choice)
        .execution_options(**_UNSYNCHRONISED)
    ).all()
    _recount(proposal, taken, -1, now)
    return len(taken)


def proposals_to_give_back(quarantine_id: int) -> list[int]:
    """Proposals with votes that are set aside for a check, in the order of locking."""
    query = select(Vote.proposal_id).where(Vote.quarantine_id == quarantine_id)
    return list(db.session.scalars(query.distinct().order_by(Vote.proposal_id)))


def voters_to_give_back() -> int:
    """Of how many accounts that are to be given back a vote would be counted again."""
    query = select(func.count(Vote.voter_id.distinct())).join(User, User.id == Vote.voter_id)
    mine = (User.returns_at.is_not(None), Vote.quarantine_id == User.quarantine_id, Vote.choice != WITHDRAWN)
    return db.session.scalar(query.where(*mine)) or 0


def give_votes_back(proposal: Proposal, quarantine_id: int, now: datetime, voters: Iterable[int] | None = None) -> int:
    """Count the votes of a check again, all or those of some voters, in a locked proposal; returns how many."""
    settle(proposal, now)
    where: list[Any] = [Vote.proposal_id == proposal.id, Vote.quarantine_id == quarantine_id]
    if voters is not None:
        where.append(Vote.voter_id.in_(list(voters)))
    gone = delete(Vote).where(*where, Vote.choice == WITHDRAWN)  # its voter took it back meanwhile
    db.session.execute(gone.execution_options(**_UNSYNCHRONISED))
    back = db.session.execute(
        update(Vote)
        .where(*where)
        .values(quarantine_id=None)
        .returning(Vote.home_id, Vote.choice)
        .execution_options(**_UNSYNCHRONISED)
    ).all()
    _recount(proposal, back, 1, now)
    return len(back)


def _recount(proposal: Proposal, rows: Iterable[Any], sign: int, now: datetime) -> None:
    """Change the tallies home by home; then look at the thresholds of a proposal that is still voted on.

    What has been decided or has climbed stays: marks of rungs and stages are never taken back.
    """
    by_home: dict[int, Counter[int]] = {}
    for home_id, choice in rows:
        by_home.setdefault(home_id, Counter())[choice] += 1
    for home_id, numbers in sorted(by_home.items()):
        delta = Delta(supports=sign * numbers[SUPPORT], opposes=sign * numbers[OPPOSE])
        count(proposal, db.session.get_one(Territory, home_id), delta)
    if not by_home:
        return
    if not (proposal.accepts_votes(now) and climb_if_due(proposal, now)):
        remember_progress(proposal)
