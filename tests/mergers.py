"""What the tests of mergers look at: votes, tallies and places of proposals, read from the database."""

from __future__ import annotations

from contextlib import contextmanager

from sqlalchemy import select

from webapp.escalation.models import Tally
from webapp.escalation.tallies import COLUMNS
from webapp.kernel.database import access_mode, db, rollback, unit_of_work
from webapp.merging import services
from webapp.merging.models import Merger
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.voting.models import OrganisationVote, PendingVote, Vote

KINDS = (Vote, OrganisationVote, PendingVote)


@contextmanager
def tried():
    """Acts in one transaction that leaves nothing behind, so that every example of a property begins alike."""
    rollback()
    with access_mode("write"):
        try:
            yield
        finally:
            rollback()


def ballots(key, marks=False):
    """All votes on a proposal by kind and voter, with everything that is copied; `marks` adds who brought them."""
    found = {}
    for kind in KINDS:
        columns = [c for c in kind.__table__.columns if c.name not in {"proposal_id", "merger_id"}]
        voter = next(c for c in columns if c.primary_key)
        query = select(voter, *columns, kind.merger_id).where(kind.proposal_id == key)
        for row in db.session.execute(query):
            found[kind.__name__, row[0]] = tuple(row[1:] if marks else row[1:-1])
    return found


def supporters(key, choice=1):
    """Residents and organisations whose vote of this choice is counted."""
    residents = select(Vote.voter_id).where(
        Vote.proposal_id == key, Vote.choice == choice, Vote.quarantine_id.is_(None)
    )
    others = select(OrganisationVote.voter_id).where(
        OrganisationVote.proposal_id == key, OrganisationVote.choice == choice
    )
    return set(db.session.scalars(residents)), set(db.session.scalars(others))


def voters(key):
    """Everybody who has a row, counted or not."""
    both = ((Vote, Vote.voter_id), (OrganisationVote, OrganisationVote.voter_id))
    return tuple(set(db.session.scalars(select(who).where(kind.proposal_id == key))) for kind, who in both)


def tallies(key):
    """Numbers by territory, and of the whole; rows of zeros say nothing."""
    rows = db.session.scalars(select(Tally).where(Tally.proposal_id == key).execution_options(populate_existing=True))
    numbers = {row.territory_id: [getattr(row, column) for column in COLUMNS] for row in rows}
    whole = db.session.execute(select(*(getattr(Proposal, c) for c in COLUMNS)).where(Proposal.id == key)).one()
    return {key: found for key, found in numbers.items() if any(found)} | {"whole": list(whole)}


def place_of(key):
    """Stage, seat, dates: what undoing restores."""
    columns = ("stage", "seat_id", "due_at", "closes_at", "closed_at", "overdue_at", "merged_into_id")
    return tuple(db.session.execute(select(*(getattr(Proposal, c) for c in columns)).where(Proposal.id == key)).one())


def merged(actor, key, into, now):
    """Merge by ids, inside a transaction; the id of the merger."""
    both = services.lock_in_order({key, into})
    return services.merge(db.session.get_one(User, actor), both[key], both[into], now).id


def parted(actor, merger, now):
    """Undo by id, inside a transaction."""
    row = db.session.get_one(Merger, merger)
    services.lock_in_order({row.proposal_id, row.into_id})
    services.unmerge(db.session.get_one(User, actor), row, now)


def merge(actor, key, into, now):
    """The same in a transaction of its own."""
    with unit_of_work():
        return merged(actor.id, key, into, now)


def part(actor, merger, now):
    """The same in a transaction of its own."""
    with unit_of_work():
        parted(actor.id, merger, now)
