"""Casting, changing and withdrawing a vote, and keeping one for later.

Every statement is an INSERT, UPDATE or DELETE whose row count decides; nothing is read, added in
Python and written back. That is why no vote is lost or counted twice (ADR 0002).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, literal, null, select, text, update

from webapp.access.permissions import Permission
from webapp.access.services import refusal, require
from webapp.escalation.services import climb_if_due
from webapp.escalation.tallies import Delta, count
from webapp.kernel.database import UTCDateTime, changed, db, insert, locked
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.networks import present_network
from webapp.people.models import Organisation, User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.voting.aside import cast_aside, withdraw_aside
from webapp.voting.models import CHOICES, SUPPORT, WORDS, OrganisationVote, PendingVote, Vote
from webapp.voting.recounting import recount as recount

_INSERT = {
    Vote: text(
        "INSERT INTO vote (proposal_id, voter_id, choice, home_id, at, network) "
        "VALUES (:proposal, :voter, :choice, :home, :at, :network) ON CONFLICT DO NOTHING"
    ).bindparams(bindparam("at", type_=UTCDateTime)),
    OrganisationVote: text(
        "INSERT INTO organisation_vote (proposal_id, organisation_id, choice, home_id, at, member_id) "
        "VALUES (:proposal, :voter, :choice, :home, :at, :member_id) ON CONFLICT DO NOTHING"
    ).bindparams(bindparam("at", type_=UTCDateTime)),
}


def _delta(kind: type, choice: int, sign: int) -> Delta:
    column = "supports" if choice == SUPPORT else "opposes"
    return Delta(**{column if kind is Vote else f"organisation_{column}": sign})


def cast_vote(actor: User, proposal: Proposal, choice: str, now: datetime) -> bool:
    """Count one vote of a resident, or change it; True when something changed. `proposal` must be locked."""
    settle(proposal, now)
    require(actor, Permission.VOTE, proposal, now)
    if actor.quarantine_id is not None:
        return cast_aside(proposal, actor, _choice(choice), now)
    return _cast(Vote, proposal, actor.id, actor.home, _choice(choice), now, network=present_network())


def cast_for_organisation(
    actor: User, organisation: Organisation, proposal: Proposal, choice: str, now: datetime
) -> bool:
    """Count the one vote of an organisation, cast by a member. `proposal` must be locked."""
    settle(proposal, now)
    require(actor, Permission.VOTE_FOR_ORGANISATION, proposal, now)
    require(actor, Permission.SPEAK_FOR_ORGANISATION, organisation, now)
    return _cast(
        OrganisationVote, proposal, organisation.id, organisation.home, _choice(choice), now, member_id=actor.id
    )


def _choice(word: str) -> int:
    if word not in CHOICES:
        raise Invalid(_("Choose to support or to oppose."))
    return CHOICES[word]


def _cast(
    kind: Any, proposal: Proposal, voter_id: int, home: Territory | None, choice: int, now: datetime, **more: Any
) -> bool:
    assert home is not None
    values = {"proposal": proposal.id, "voter": voter_id, "choice": choice, "home": home.id, "at": now, **more}
    fresh = db.session.connection().execute(_INSERT[kind], values)
    if fresh.rowcount == 1:
        count(proposal, home, _delta(kind, choice, 1))
    else:
        more.pop("network", None)  # where a vote first came from stays on it
        turned = db.session.execute(
            update(kind)
            .where(kind.proposal_id == proposal.id, kind.voter_id == voter_id, kind.choice != choice)
            .values(choice=choice, at=now, merger_id=None, **more)
            .returning(kind.home_id, kind.quarantine_id if kind is Vote else null())
            .execution_options(synchronize_session=False)
        ).first()
        if turned is None:
            return False  # the same vote again: a double click, a second tab
        if turned[1] is not None:
            return True  # it is set aside and in no tally
        old_home = db.session.get_one(Territory, turned.home_id)
        count(proposal, old_home, _delta(kind, -choice, -1))
        count(proposal, old_home, _delta(kind, choice, 1))
    climb_if_due(proposal, now)
    return True


def withdraw_vote(actor: User, proposal: Proposal, now: datetime, organisation: Organisation | None = None) -> bool:
    """Take a vote back while voting is open; True when there was one. `proposal` must be locked."""
    settle(proposal, now)
    permission = Permission.VOTE if organisation is None else Permission.VOTE_FOR_ORGANISATION
    require(actor, permission, proposal, now)
    if organisation is not None:
        require(actor, Permission.SPEAK_FOR_ORGANISATION, organisation, now)
    kind: Any = Vote if organisation is None else OrganisationVote
    voter_id = actor.id if organisation is None else organisation.id
    if organisation is None and withdraw_aside(proposal, actor):
        return True
    gone = db.session.execute(
        delete(kind)
        .where(kind.proposal_id == proposal.id, kind.voter_id == voter_id)
        .returning(kind.choice, kind.home_id)
        .execution_options(synchronize_session=False)
    ).first()
    if gone is None:
        return False
    count(proposal, db.session.get_one(Territory, gone.home_id), _delta(kind, gone.choice, -1))
    climb_if_due(proposal, now)
    return True


def keep_vote(actor: User, proposal: Proposal, choice: str, now: datetime, *, before_publication: bool = False) -> None:
    """Keep a vote that cannot count yet; a later choice replaces an earlier one.

    Its voter is not verified; or, `before_publication`, it is an author's who asked for it (`voting.wishes`).
    """
    settle(proposal, now)
    if not before_publication and not proposal.accepts_votes(now):
        raise Conflict(_("Voting on this proposal is closed."))
    statement = insert(PendingVote).values(proposal_id=proposal.id, voter_id=actor.id, choice=_choice(choice), at=now)
    later = {"choice": statement.excluded.choice, "at": now, "merger_id": None}
    db.session.execute(statement.on_conflict_do_update(index_elements=["proposal_id", "voter_id"], set_=later))


def drop_kept(actor: User, proposal: Proposal) -> bool:
    """Take back what was only kept; True when there was something."""
    gone = delete(PendingVote).where(PendingVote.proposal_id == proposal.id, PendingVote.voter_id == actor.id)
    return bool(changed(gone))


def complete_pending_votes(actor: User, now: datetime) -> list[Proposal]:
    """Count what was kept for a person who is verified now; proposals that closed meanwhile are left out.

    What was kept for a proposal that is joined to another stays: it counts by itself when they are parted.
    """
    if not actor.is_verified:
        return []
    kept = list(
        db.session.scalars(
            select(PendingVote).where(PendingVote.voter_id == actor.id).order_by(PendingVote.proposal_id)
        )
    )
    counted = []
    for pending in kept:
        proposal = locked(Proposal, pending.proposal_id)
        if proposal is not None and proposal.merged_into_id is not None:
            continue
        if proposal is not None and proposal.published_at is None and proposal.closed_at is None:
            continue  # an author's wish waits for publication
        if proposal is not None:
            settle(proposal, now)
        if proposal is not None and refusal(actor, Permission.VOTE, proposal, now) is None:
            count_kept(actor, proposal, pending, now)
            counted.append(proposal)
        db.session.delete(pending)
    return counted


def count_kept(actor: User, proposal: Proposal, pending: PendingVote, now: datetime) -> None:
    """Count one vote that was kept. One that was brought along is known as such afterwards too."""
    is_new = ballot_of(actor, proposal)._replace(kept=None) == Ballot()
    cast_vote(actor, proposal, WORDS[pending.choice], now)
    if is_new and pending.merger_id is not None:
        cast = update(Vote).where(Vote.proposal_id == proposal.id, Vote.voter_id == actor.id)
        cast = cast.values(merger_id=pending.merger_id)
        changed(cast)


def take_over_votes(former_id: int, actor: User) -> int:
    """Votes of an account that the same person deleted are theirs again; nothing is counted anew. Returns how many."""
    former = db.session.get(User, former_id)
    if former is not None and actor.quarantine_id is None:
        actor.returns_at = former.returns_at
        actor.quarantine_id = former.quarantine_id  # leaving and coming back is no way around a check
    statement = update(Vote).where(Vote.voter_id == former_id).values(voter_id=actor.id)
    return changed(statement)


def vote_of(actor: User | None, proposal: Proposal) -> str | None:
    """How a person voted: 'support', 'oppose' or None."""
    return ballot_of(actor, proposal).choice


class Ballot(NamedTuple):
    """How a person voted, the check for which the vote is set aside, the merger that brought it here, and where it counts.

    A vote counts where its voter lived when it was cast, also after a move.
    """

    choice: str | None = None
    quarantine_id: int | None = None
    merger_id: int | None = None
    home_id: int | None = None
    kept: str | None = None


def ballot_of(actor: User | None, proposal: Proposal) -> Ballot:
    """The vote of a person on a proposal, and what they have chosen that cannot count yet; empty where there is neither."""
    if actor is None:
        return Ballot()
    nobody = select(literal(1).label("one")).subquery()
    votes = and_(Vote.proposal_id == proposal.id, Vote.voter_id == actor.id)
    pending = and_(PendingVote.proposal_id == proposal.id, PendingVote.voter_id == actor.id)
    query = select(Vote.choice, Vote.quarantine_id, Vote.merger_id, Vote.home_id, PendingVote.choice.label("kept"))
    row = db.session.execute(query.select_from(nobody).outerjoin(Vote, votes).outerjoin(PendingVote, pending)).one()
    return Ballot(WORDS.get(row.choice), row.quarantine_id, row.merger_id, row.home_id, WORDS.get(row.kept))


def organisation_votes_of(actor: User, proposal: Proposal) -> dict[int, str]:
    """How the organisations that a person speaks for have voted."""
    ids = [membership.organisation_id for membership in actor.memberships]
    rows = db.session.execute(
        select(OrganisationVote.voter_id, OrganisationVote.choice).where(
            OrganisationVote.proposal_id == proposal.id, OrganisationVote.voter_id.in_(ids)
        )
    )
    return {voter: WORDS[choice] for voter, choice in rows} if ids else {}
