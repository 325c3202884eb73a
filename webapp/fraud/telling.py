"""What the public is told of votes set aside and given back: numbers gathered by day over all checks.

A fact for each proposal of one check of one account would be that person's list of votes. So the sums of a day are
told together once they belong to at least `SMALLEST_CELL` accounts, and no number below it is told. What belongs to
fewer accounts waits for the next day's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from webapp.fraud.models import UntoldAccounts, UntoldVotes
from webapp.journal.rules import SMALLEST_CELL, cell
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import changed, db, insert, unit_of_work
from webapp.proposals.models import Proposal

VERBS = {False: Verb.VOTES_SET_ASIDE, True: Verb.VOTES_GIVEN_BACK}


def note_votes(proposal: Proposal, is_back: bool, number: int, check: int, now: datetime, actor: Any = None) -> None:
    """Keep for the operators what one check did to one proposal, and add it to what is to be told."""
    where: dict[str, Any] = {"proposal_id": proposal.id, "territory_id": proposal.seat_id}
    record(VERBS[is_back], proposal, now, actor=actor, public=False, **where, votes=number, check=check)
    _add(UntoldVotes, {"proposal_id": proposal.id, "is_back": is_back}, "votes", number)


def note_accounts(is_back: bool, number: int, now: datetime) -> None:
    """So many accounts more stand behind what is to be told: those with votes, for the others hide nobody."""
    if number:
        _add(UntoldAccounts, {"is_back": is_back}, "accounts", number, since=now)


def _add(model: Any, key: dict[str, Any], name: str, number: int, **more: Any) -> None:
    statement = insert(model).values(**key, **more, **{name: number})
    grown = {name: getattr(model, name) + getattr(statement.excluded, name)}
    db.session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=grown))


def tell_of_checks(now: datetime) -> int:
    """The job: sums of days that are over, where enough accounts stand behind them; returns how many facts."""
    told = 0
    with unit_of_work():
        for pool in db.session.scalars(select(UntoldAccounts).with_for_update()).all():
            if pool.accounts < SMALLEST_CELL or local_date(pool.since) >= local_date(now):
                continue
            told += _tell(pool.is_back, now)
            db.session.delete(pool)
    return told


def _tell(is_back: bool, now: datetime) -> int:
    query = select(Proposal, UntoldVotes.votes).join(UntoldVotes, UntoldVotes.proposal_id == Proposal.id)
    rows = db.session.execute(query.where(UntoldVotes.is_back.is_(is_back)).order_by(Proposal.id)).all()
    for proposal, votes in rows:
        where: dict[str, Any] = {"proposal_id": proposal.id, "territory_id": proposal.seat_id}
        record(VERBS[is_back], proposal, now, **where, **cell("votes", votes))
    gone = delete(UntoldVotes).where(UntoldVotes.is_back.is_(is_back))
    changed(gone)
    return len(rows)
