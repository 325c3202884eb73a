"""Votes that are brought along from a proposal that is joined to another, and taken out again.

A vote is copied, never moved: the joined proposal keeps its own rows and tallies. The mark `merger_id`
on the copy says which merger brought it. Whoever acts on the copy clears the mark, so that undoing a
merger takes away exactly what it brought and nobody has touched since. Both proposals must be locked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, func, select, text, update
from sqlalchemy.orm import aliased

from webapp.escalation.services import climb_if_due
from webapp.escalation.tallies import Delta, count, remember_progress
from webapp.kernel.database import db
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.voting.models import OPPOSE, SUPPORT, WITHDRAWN, OrganisationVote, PendingVote, Vote
from webapp.voting.services import count_kept

_COLUMNS = {
    "vote": "voter_id, choice, home_id, at, network, quarantine_id",
    "organisation_vote": "organisation_id, choice, home_id, at, member_id",
    "pending_vote": "voter_id, choice, at",
}
#: Nobody who has voted on the target is touched: a row that is there stays as it is.
_COPY = tuple(
    text(
        f"INSERT INTO {table} (proposal_id, merger_id, {columns}) SELECT :target, :merger, {columns} FROM {table} "  # nosec B608  # noqa: S608 (constants)
        f"WHERE proposal_id = :source AND choice <> :withdrawn ON CONFLICT DO NOTHING"
    )
    for table, columns in _COLUMNS.items()
)
#: A vote that was kept is of no use beside one that counts.
_NEEDLESS = text(
    "DELETE FROM pending_vote WHERE proposal_id = :target AND merger_id = :merger AND EXISTS "
    "(SELECT 1 FROM vote WHERE vote.proposal_id = pending_vote.proposal_id AND vote.voter_id = pending_vote.voter_id)"
)
_TAKE = tuple(text(f"DELETE FROM {table} WHERE proposal_id = :target AND merger_id = :merger") for table in _COLUMNS)  # nosec B608  # noqa: S608 (constants)


class Brought(NamedTuple):
    """Counted votes that come or go: of residents, and of organisations."""

    supports: int
    opposes: int
    organisation_supports: int
    organisation_opposes: int


def to_bring(source: Proposal, target: Proposal) -> Brought:
    """How many counted votes of one proposal are not on the other yet."""
    numbers: list[int] = []
    for kind in (Vote, OrganisationVote):
        there: Any = aliased(kind)
        is_there = exists().where(there.proposal_id == target.id, there.voter_id == kind.voter_id)
        query = select(kind.choice, func.count()).where(kind.proposal_id == source.id, ~is_there)
        if kind is Vote:
            query = query.where(Vote.quarantine_id.is_(None))
        found = dict(db.session.execute(query.group_by(kind.choice)).all())
        numbers += [found.get(SUPPORT, 0), found.get(OPPOSE, 0)]
    return Brought(*numbers)


def bring_votes(source: Proposal, target: Proposal, merger_id: int, now: datetime) -> Brought:
    """Copy the votes of one proposal to another and count them; a threshold may be reached by it."""
    values = {"source": source.id, "target": target.id, "merger": merger_id}
    db.session.flush()
    connection = db.session.connection()
    for statement in _COPY:
        connection.execute(statement, values | {"withdrawn": WITHDRAWN})
    connection.execute(_NEEDLESS, {"target": target.id, "merger": merger_id})
    brought = _count_brought(target, merger_id, 1)
    _look_at_thresholds(target, now)
    return brought


def take_votes_out(target: Proposal, merger_id: int, now: datetime) -> Brought:
    """Delete what a merger brought, as far as its voter has not changed it. Marks of rungs are never taken back."""
    db.session.flush()
    taken = _count_brought(target, merger_id, -1)
    for statement in _TAKE:
        db.session.connection().execute(statement, {"target": target.id, "merger": merger_id})
    _look_at_thresholds(target, now)
    return taken


def _count_brought(target: Proposal, merger_id: int, sign: int) -> Brought:
    """Change the tallies home by home, by the marked votes that are counted."""
    by_home: dict[int, Counter[str]] = defaultdict(Counter)
    for kind, prefix in ((Vote, ""), (OrganisationVote, "organisation_")):
        query = select(kind.home_id, kind.choice, func.count()).where(
            kind.proposal_id == target.id, kind.merger_id == merger_id
        )
        if kind is Vote:
            query = query.where(Vote.quarantine_id.is_(None))  # what is set aside is in no tally
        for home_id, choice, number in db.session.execute(query.group_by(kind.home_id, kind.choice)):
            by_home[home_id][f"{prefix}{'supports' if choice == SUPPORT else 'opposes'}"] = number
    total: Counter[str] = Counter()
    for home_id, numbers in sorted(by_home.items()):
        delta = Delta(**{column: sign * number for column, number in numbers.items()})
        count(target, db.session.get_one(Territory, home_id), delta)
        total.update(numbers)
    return Brought(*(total[column] for column in Brought._fields))


def _look_at_thresholds(target: Proposal, now: datetime) -> None:
    """Many votes at once may carry a proposal over several rungs; one whose window is over only shows the numbers."""
    moved = target.accepts_votes(now)
    while moved:
        moved = climb_if_due(target, now)
    remember_progress(target)


def count_what_was_kept(proposal: Proposal, now: datetime) -> None:
    """Count votes of people who were verified while the proposal was joined to another, as far as it is open."""
    query = select(PendingVote, User).join(User, User.id == PendingVote.voter_id)
    query = query.where(PendingVote.proposal_id == proposal.id, User.verified_at.is_not(None)).order_by(User.id)
    for pending, voter in db.session.execute(query.where(User.home_id.is_not(None))).all():
        if proposal.accepts_votes(now):
            count_kept(voter, proposal, pending, now)
            here = update(Vote).where(Vote.proposal_id == proposal.id, Vote.voter_id == voter.id)
            # the request is a moderator's: where the vote came from is not known
            db.session.execute(here.values(network=None).execution_options(synchronize_session=False))
        db.session.delete(pending)
    if proposal.accepts_votes(now):
        climb_if_due(proposal, now)
    db.session.flush()
