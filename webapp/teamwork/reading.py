"""Reading marks: who has a proposal open. Soft: they warn, nothing more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.kernel.database import db, insert
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.teamwork.models import Reading
from webapp.teamwork.notes import see_mentions
from webapp.teamwork.rules import LOOK_MAX, READING


def mark_reading(actor: User, proposal: Proposal, now: datetime, take_over: bool = False) -> bool:
    """Say that one reads it; False when a colleague's mark still holds. `take_over` replaces that mark."""
    require(actor, Permission.WORK_ON, proposal, now)
    see_mentions(actor, proposal, now)
    values = {"proposal_id": proposal.id, "user_id": actor.id, "since": now, "until": now + READING}
    renewed = {"until": now + READING}
    mine = (
        insert(Reading)
        .values(values)
        .on_conflict_do_update(index_elements=["proposal_id"], set_=renewed, where=Reading.user_id == actor.id)
    )
    if db.session.execute(mine).rowcount == 1:
        return True
    free = None if take_over else Reading.until <= now
    theirs = (
        insert(Reading).values(values).on_conflict_do_update(index_elements=["proposal_id"], set_=values, where=free)
    )
    return bool(db.session.execute(theirs).rowcount == 1)


def reader_of(proposal: Proposal, actor: User, now: datetime) -> Reading | None:
    """The mark of a colleague that holds now; None when nobody else reads it."""
    query = select(Reading).where(Reading.proposal_id == proposal.id, Reading.until > now, Reading.user_id != actor.id)
    return db.session.scalar(query.options(joinedload(Reading.user)))


def end_reading(actor: User, proposal: Proposal, now: datetime) -> int | None:
    """The look is over; returns for how many seconds it lasted, None when it was not marked or too long to mean work."""
    gone = db.session.execute(
        delete(Reading)
        .where(Reading.proposal_id == proposal.id, Reading.user_id == actor.id)
        .returning(Reading.since)
        .execution_options(synchronize_session=False)
    ).first()
    if gone is None or now - gone.since > LOOK_MAX:
        return None
    return int((now - gone.since).total_seconds())
