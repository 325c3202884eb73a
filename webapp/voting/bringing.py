"""Votes that are brought along from a proposal that is joined to another, and taken out again.

A vote is copied, never moved: the joined proposal keeps its own rows and tallies. The mark `merger_id`
on the copy says which merger brought it. Whoever acts on the copy clears the mark, so that undoing a
merger takes away exactly what it brought and nobody has touched since. Both proposals must be locked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, func, select, text, update
from sqlalchemy.orm import aliased

from webapp.escalation.services import climb_if_due
from webapp.escalation.tallies import Delta, count, remember_progress
from webapp.kernel.database import changed, db
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.voting.models import OPPOSE, SUPPORT, OrganisationVote, PendingVote, Vote
from webapp.voting.services import count_kept

_COPIED = {
    "vote": ("voter_id", ("choice", "home_id", "at", "network", "quarantine_id")),
    "organisation_vote": ("organisation_id", ("choice", "home_id", "at", "member_id")),
    "pending_vote": ("voter_id", ("choice", "at")),
}


def _statements(template: str) -> tuple[Any, ...]:
    """The same words for each kind of vote."""
    return tuple(
        text(
            template.format(
                table=table,
                voter=voter,
                columns=", ".join((voter, *columns)),
                as_there=", ".join(f"{column} = there.{column}" for column in columns),
            )
        )
        for table, (voter, columns) in _COPIED.items()
    )


#: Nobody who has voted on the target is touched: a row that is there stays as it is.
_COPY = _statements(
    "INSERT INTO {table} (proposal_id, merger_id, {columns}) SELECT :target, :merger, {columns} FROM {table} "
    "WHERE proposal_id = :source AND choice <> 0 ON CONFLICT DO NOTHING"
)
#: A vote that was kept is of no use beside one that counts.
_NEEDLESS = text(
    "DELETE FROM pending_vote WHERE proposal_id = :target AND merger_id = :merger AND EXISTS "
    "(SELECT 1 FROM vote WHERE vote.proposal_id = pending_vote.proposal_id AND vote.voter_id = pending_vote.voter_id)"
)
#: Somebody who had voted on several joined proposals was brought once; when that one goes, the next one brings them.
_PASS_ON = _statements(
    "UPDATE {table} SET {as_there}, merger_id = :moved FROM {table} AS there WHERE {table}.proposal_id = :target "
    "AND {table}.merger_id = :merger AND there.proposal_id = :source AND there.{voter} = {table}.{voter} AND there.choice <> 0"
)
_KEEP_AGAIN = text(
    "INSERT INTO pending_vote (proposal_id, voter_id, choice, at, merger_id) "
    "SELECT :target, there.voter_id, there.choice, there.at, :next FROM pending_vote AS there "
    "JOIN vote ON vote.proposal_id = :target AND vote.merger_id = :merger AND vote.voter_id = there.voter_id "
    "WHERE there.proposal_id = :source ON CONFLICT DO NOTHING"
)
_MARK = _statements("UPDATE {table} SET merger_id = :next WHERE proposal_id = :target AND merger_id = :moved")
_TAKE = _statements("DELETE FROM {table} WHERE proposal_id = :target AND merger_id = :merger")


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


def bring_votes(source: Proposal, target: Proposal, merger_id: int) -> Brought:
    """Copy the votes of one proposal to another and count them. `look_at_thresholds` comes next."""
    db.session.flush()
    values = {"source": source.id, "target": target.id, "merger": merger_id}
    _run(_COPY, values)
    _run((_NEEDLESS,), {"target": target.id, "merger": merger_id})
    return _count_brought(target, merger_id, 1)


def take_votes_out(target: Proposal, merger_id: int, others: Iterable[tuple[int, int]]) -> int:
    """Delete what a merger brought, as far as its voter has not changed it; returns how many supports have gone.

    `others` are (merger, source) of proposals that stay joined to the target: who had voted on one of
    them too stays. `look_at_thresholds` comes next.
    """
    db.session.flush()
    gone = _count_brought(target, merger_id, -1).supports
    for next_id, source_id in others:
        moved = {"target": target.id, "moved": -next_id}  # a mark of nobody's, until these are counted
        _run(_PASS_ON, moved | {"source": source_id, "merger": merger_id})
        gone -= _count_brought(target, -next_id, 1).supports
        _run(_MARK, moved | {"next": next_id})
        here = {"target": target.id, "merger": merger_id, "source": source_id, "next": next_id}
        _run((_KEEP_AGAIN,), here)
    _run(_TAKE, {"target": target.id, "merger": merger_id})
    return max(gone, 0)


def _run(statements: Iterable[Any], values: dict[str, int]) -> None:
    for statement in statements:
        db.session.connection().execute(statement, values)


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


def look_at_thresholds(target: Proposal, now: datetime) -> None:
    """Many votes at once may carry a proposal over several rungs; one whose window is over only shows the numbers.

    Marks of rungs are never taken back.
    """
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
            changed(here.values(network=None))
        db.session.delete(pending)
    db.session.flush()
