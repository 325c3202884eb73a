"""What a person has written: proposals, drafts, and the photos of both."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db
from webapp.people.models import User
from webapp.people.traces import emptied, gone, let_go, moment, rows_of
from webapp.photos.models import Photo
from webapp.photos.services import remove as remove_photo
from webapp.proposals.due import settle
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance

TRACES = (emptied(Proposal.author_id, "proposals"), gone(Draft.author_id, "drafts"))


def stored(user: User) -> dict[str, Any]:
    """The words as they were written, also where others see a mark in their place."""
    return {
        "proposals": [
            {
                "id": row.id,
                "number": row.number,
                "title": row.written_title,
                "text": row.written_text,
                "stage": row.stage,
            }
            for row in rows_of(Proposal.author_id, user)
        ],
        "drafts": [
            {"title": row.title, "text": row.text, "place": row.place, "expires_at": moment(row.expires_at)}
            for row in rows_of(Draft.author_id, user)
        ],
        "photos": [
            {"name": row.name, "alt": row.alt, "proposal": row.proposal_id, "at": moment(row.at)}
            for row in db.session.scalars(_photos(user).order_by(Photo.id))
        ],
    }


def forget(user: User, now: datetime) -> None:
    """Proposals that were published become those of "a resident"; all else goes."""
    _withdraw_unpublished(user, now)
    _remove_photos(user)
    let_go(TRACES, user)


def _photos(user: User) -> Any:
    drafts = select(Draft.id).where(Draft.author_id == user.id)
    proposals = select(Proposal.id).where(Proposal.author_id == user.id)
    return select(Photo).where(Photo.draft_id.in_(drafts) | Photo.proposal_id.in_(proposals))


def _remove_photos(user: User) -> None:
    """Photos go with the person, also from proposals that stay: a picture can show who took it, and where."""
    for photo in db.session.scalars(_photos(user)).all():
        remove_photo(id=photo.id)


def _withdraw_unpublished(user: User, now: datetime) -> None:
    """What nobody has published yet leaves with its author."""
    stages = (Stage.SUBMITTED, Stage.RETURNED, Stage.REJECTED)
    mine = select(Proposal).where(
        Proposal.author_id == user.id, Proposal.stage.in_(stages), Proposal.closed_at.is_(None)
    )
    for proposal in db.session.scalars(mine.with_for_update(of=Proposal)).all():
        settle(proposal, now)
        if proposal.stage not in stages or proposal.closed_at is not None:
            continue
        advance(proposal, Event.WITHDRAW, now)
        record(Verb.PROPOSAL_WITHDRAWN, proposal, now, proposal_id=proposal.id, territory_id=proposal.seat_id)
