"""Completing what a person began before the door: kept votes, texts of this device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.database import db, locked
from webapp.kernel.errors import Conflict, DomainError, NotAllowed
from webapp.kernel.i18n import gettext as _
from webapp.people.begun import SENDING, VOTE, Begun
from webapp.people.models import Organisation, User
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.services import speak_for
from webapp.proposals.waiting import complete_submissions
from webapp.voting.services import cast_for_organisation, cast_vote, complete_pending_votes, keep_vote, take_over_votes


@dataclass
class Completed:
    """What came of acts that were kept: those that are done, the sentences about those that could not be, the others."""

    voted: list[Begun] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    left: list[Begun] = field(default_factory=list)


def complete(user: User, acts: Sequence[Begun], target: str, now: datetime) -> Completed:
    """Do what belongs to this very door; everything else is left, to be offered."""
    done = Completed()
    for act in acts:
        if not act.completes(target, user.id, now):
            done.left.append(act)
            continue
        try:
            take(user, act, now)
        except DomainError as error:
            done.refusals.append(error.message)
        else:
            if act.kind == VOTE:
                done.voted.append(act)
    return done


def take(user: User, act: Begun, now: datetime) -> None:
    """Do one act in the name of this person, and as whom it was begun. Raises `DomainError` where that cannot be."""
    if not act.is_for(user.id):
        raise NotAllowed(_("This was begun by somebody else."))
    if act.kind == VOTE:
        _vote(user, act, now)
    else:
        _adopt(user, act)


def _vote(user: User, act: Begun, now: datetime) -> None:
    proposal = locked(Proposal, int(act.subject))
    if proposal is None or not proposal.accepts_votes(now):
        raise Conflict(_("Voting on this proposal is closed."))
    if act.organisation is not None:
        organisation = db.session.get(Organisation, act.organisation)
        if organisation is None:
            raise NotAllowed(_("You do not represent this organisation."))
        cast_for_organisation(user, organisation, proposal, act.choice, now)
    elif refusal(user, Permission.VOTE, proposal, now) is None:
        cast_vote(user, proposal, act.choice, now)
    else:
        keep_vote(user, proposal, act.choice, now)


def _adopt(user: User, act: Begun) -> None:
    """A text of this device belongs to the person now; one that was to be sent is sent as soon as it can be."""
    draft = draft_of(act, lock=True)
    if draft is None or draft.author_id not in (None, user.id):
        raise Conflict(_("This text is not here any more."))
    draft.author_id = user.id
    if act.kind == SENDING:
        draft.wants_submission = False
        wanted = db.session.get(Organisation, act.organisation) if act.organisation is not None else None
        speak_for(user, draft, wanted)
        draft.wants_submission = True


def draft_of(act: Begun, lock: bool = False) -> Draft | None:
    """The draft that an act is about."""
    query = select(Draft).where(Draft.token == act.subject)
    return db.session.scalar(query.with_for_update() if lock else query)


def is_there(act: Begun) -> bool:
    """Whether an act can still be offered: its proposal takes votes, its draft is nobody else's and was not sent."""
    if act.kind == VOTE:
        return db.session.get(Proposal, int(act.subject)) is not None
    draft = draft_of(act)
    return draft is not None and draft.author_id is None and draft.proposal_id is None


__all__ = ["Completed", "complete", "complete_pending_votes", "complete_submissions", "take", "take_over_votes"]
