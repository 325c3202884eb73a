"""The author's own vote, asked for before publication: kept because its author tapped it, counted some hours after.

Nothing is cast for anybody: without the tap there is no wish. It is not counted in the moment of publication,
when nobody else can have voted yet: whoever looked at the sums then would read the author's vote, and their
home, off them. The moment is drawn by a key, within half a day, where other people's votes come in too (ADR 0031).
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import Result, Row, delete, select

from webapp.access.permissions import Permission
from webapp.access.services import refusal, require
from webapp.kernel.database import db, insert, locked
from webapp.kernel.errors import Conflict, NotAllowed
from webapp.kernel.i18n import gettext as _
from webapp.kernel.jobs import each_once
from webapp.people.models import Organisation, User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.voting.models import CHOICES, WORDS, PendingOrganisationVote, PendingVote
from webapp.voting.rules import EARLIEST, wish_moment
from webapp.voting.services import (
    ballot_of,
    cast_for_organisation,
    count_kept,
    keep_vote,
    organisation_votes_of,
)

#: Before it is public, and may still become so.
AHEAD = frozenset({Stage.SUBMITTED, Stage.RETURNED, Stage.REJECTED})


def awaits_publication(proposal: Proposal) -> bool:
    """Whether a wish can be kept: not public yet, and not over."""
    return proposal.published_at is None and proposal.closed_at is None and Stage(proposal.stage) in AHEAD


def keep_wish(actor: User, proposal: Proposal, choice: str, now: datetime, organisation: Organisation | None) -> None:
    """Keep what the author asked for; a later choice replaces it. `proposal` must be locked.

    For the organisation that proposes it, its member keeps the organisation's own vote, apart from theirs.
    """
    if proposal.author_id != actor.id:
        raise NotAllowed(_("Only the author can do this."))
    if not awaits_publication(proposal):
        raise Conflict(_("Voting on this proposal is closed."))
    if organisation is None:
        keep_vote(actor, proposal, choice, now, before_publication=True)
        return
    _ensure_its_own(actor, proposal, organisation, now)
    values = {"proposal_id": proposal.id, "voter_id": organisation.id, "choice": CHOICES[choice]}
    statement = insert(PendingOrganisationVote).values(**values, member_id=actor.id, at=now)
    later = {"choice": statement.excluded.choice, "member_id": actor.id, "at": now}
    db.session.execute(statement.on_conflict_do_update(index_elements=["proposal_id", "organisation_id"], set_=later))


def _ensure_its_own(actor: User, proposal: Proposal, organisation: Organisation, now: datetime) -> None:
    require(actor, Permission.SPEAK_FOR_ORGANISATION, organisation, now)
    if proposal.organisation_id != organisation.id:
        raise NotAllowed(_("Only the author can do this."))


def wish_for(organisation: Organisation, proposal: Proposal) -> str | None:
    """What is kept for the organisation that proposes it: 'support', 'oppose' or None."""
    choice = db.session.scalar(_of(proposal.id, organisation.id, PendingOrganisationVote.choice))
    return WORDS.get(choice) if choice is not None else None


def _of(proposal_id: int, organisation_id: int, *what: Any) -> Any:
    where = (PendingOrganisationVote.proposal_id == proposal_id, PendingOrganisationVote.voter_id == organisation_id)
    return (select(*what) if what else delete(PendingOrganisationVote)).where(*where)


def drop_wish(actor: User, proposal: Proposal, organisation: Organisation, now: datetime) -> bool:
    """Take an organisation's wish back; True when there was one."""
    require(actor, Permission.SPEAK_FOR_ORGANISATION, organisation, now)
    return bool(db.session.execute(_of(proposal.id, organisation.id)).rowcount)


def due_at(proposal: Proposal, voter: str) -> datetime | None:
    """When a wish on a published proposal is counted."""
    if proposal.published_at is None:
        return None
    words = f"wish:{proposal.id}:{voter}".encode()
    drawn = hmac.new(current_app.config["SECRET_KEY"].encode(), words, hashlib.sha256).digest()
    return wish_moment(proposal.published_at, int.from_bytes(drawn[:4]))


def count_wishes(now: datetime) -> int:
    """The job: count what authors asked for, each in a transaction of its own, once."""
    done = 0
    for kind in (PendingVote, PendingOrganisationVote):
        done += each_once(_found(kind, now), partial(_count_one, kind, now=now))
    return done


def _found(kind: Any, now: datetime) -> Result[tuple[int, int]]:
    """Wishes on proposals that are public by now; those of people who are not verified wait for them, not for this."""
    query = select(kind.proposal_id, kind.voter_id).join(Proposal, Proposal.id == kind.proposal_id)
    query = query.where(Proposal.published_at <= now - EARLIEST, Proposal.merged_into_id.is_(None))
    if kind is PendingVote:
        query = query.join(User, User.id == kind.voter_id)
        query = query.where(User.verified_at.is_not(None), User.home_id.is_not(None))
    return db.session.execute(query.order_by(kind.proposal_id, kind.voter_id))


def _count_one(kind: Any, keys: Row[tuple[int, int]], now: datetime) -> int:
    proposal_id, voter_id = keys
    proposal = locked(Proposal, proposal_id)
    where = (kind.proposal_id == proposal_id, kind.voter_id == voter_id)
    kept = db.session.scalar(select(kind).where(*where))
    if proposal is None or kept is None or proposal.merged_into_id is not None:
        return 0
    settle(proposal, now)
    moment = due_at(proposal, f"{kind.__tablename__}:{voter_id}")
    if moment is None or moment > now:
        return 0
    counted = _count_person(proposal, kept, now) if kind is PendingVote else _count_organisation(proposal, kept, now)
    db.session.delete(kept)
    return counted


def _count_person(proposal: Proposal, kept: PendingVote, now: datetime) -> int:
    voter = db.session.get_one(User, kept.voter_id)
    if ballot_of(voter, proposal).home_id is not None or refusal(voter, Permission.VOTE, proposal, now) is not None:
        return 0  # they voted by hand meanwhile, or it is over
    count_kept(voter, proposal, kept, now)
    return 1


def _count_organisation(proposal: Proposal, kept: PendingOrganisationVote, now: datetime) -> int:
    member, organisation = db.session.get(User, kept.member_id), db.session.get_one(Organisation, kept.voter_id)
    if member is None or refusal(member, Permission.SPEAK_FOR_ORGANISATION, organisation, now) is not None:
        return 0  # who asked for it does not speak for it any more
    is_open = refusal(member, Permission.VOTE_FOR_ORGANISATION, proposal, now) is None
    if not is_open or organisation.id in organisation_votes_of(member, proposal):
        return 0
    cast_for_organisation(member, organisation, proposal, WORDS[kept.choice], now)
    return 1
