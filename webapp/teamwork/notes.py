"""Internal notes and who they are meant for. They are shown on the desk and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.kernel.database import changed, db
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.teamwork.models import Mention, StaffNote
from webapp.teamwork.rules import NOTE_MAX
from webapp.teamwork.services import colleagues_of

SHOWN = 50


def write_note(actor: User, proposal: Proposal, text: str, mentioned: Iterable[int], now: datetime) -> StaffNote:
    """Leave a note for colleagues; those mentioned find it under "Mentions" on their desk."""
    require(actor, Permission.WORK_ON, proposal, now)
    found = Faults()
    if not text.strip():
        found.add(_("Write the note."), "note")
    if len(text) > NOTE_MAX:
        found.add(_("Shorten it: at most %(max)d characters fit.", max=NOTE_MAX), "note")
    known = {person.id for person in colleagues_of(proposal.seat_id, now)} - {proposal.author_id}
    wanted = set(mentioned)
    if wanted - known:
        found.add(_("Choose a colleague of the body that holds the proposal."), "mention")
    found.stop()
    note = StaffNote(proposal_id=proposal.id, author_id=actor.id, text=text.strip(), at=now)
    note.mentions = [Mention(user_id=key) for key in sorted(wanted)]
    db.session.add(note)
    db.session.flush()
    return note


def notes_of(proposal_id: int) -> list[StaffNote]:
    """The notes on a proposal, newest first."""
    query = select(StaffNote).where(StaffNote.proposal_id == proposal_id).order_by(StaffNote.id.desc()).limit(SHOWN)
    query = query.options(joinedload(StaffNote.author), joinedload(StaffNote.mentions).joinedload(Mention.user))
    return list(db.session.scalars(query).unique())


def see_mentions(actor: User, proposal: Proposal, now: datetime) -> int:
    """Whoever opens the proposal has seen the notes there; returns how many were new."""
    of_it = select(StaffNote.id).where(StaffNote.proposal_id == proposal.id)
    statement = update(Mention).where(
        Mention.user_id == actor.id, Mention.seen_at.is_(None), Mention.note_id.in_(of_it)
    )
    return changed(statement.values(seen_at=now))
