"""How one of staff works: settings, kept views, notes and mentions, what they have before them and did with many at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import joinedload

from webapp.kernel.database import db
from webapp.people.models import User
from webapp.people.traces import emptied, gone, let_go, moment, rows_of
from webapp.teamwork.models import Assignment, Batch, DeskSetting, DeskView, Mention, Reading, StaffNote

TRACES = (
    gone(DeskSetting.user_id, "desk_settings"),
    gone(DeskView.user_id, "desk_views"),
    gone(Reading.user_id, "readings"),
    gone(Mention.user_id, "mentions"),
    gone(Batch.user_id, "batches"),
    emptied(StaffNote.author_id, "staff_notes"),
    emptied(Assignment.assignee_id, "assignments"),
)


def stored(user: User) -> dict[str, Any]:
    """Their own words and arrangements; of colleagues only how many a note was meant for."""
    return {
        "desk_settings": [
            {
                "keys": row.keys,
                "languages": row.languages,
                "department": row.department_id,
                "away_until": row.away_until.isoformat() if row.away_until else None,
            }
            for row in rows_of(DeskSetting.user_id, user)
        ],
        "desk_views": [{"name": row.name, "query": row.query} for row in rows_of(DeskView.user_id, user)],
        "readings": [
            {"proposal": row.proposal_id, "since": moment(row.since), "until": moment(row.until)}
            for row in rows_of(Reading.user_id, user)
        ],
        "staff_notes": [
            {"proposal": row.proposal_id, "text": row.text, "at": moment(row.at), "mentions": len(row.mentions)}
            for row in _notes(user)
        ],
        "mentions": list(_mentions(user)),
        "batches": [
            {"act": row.act, "proposals": row.count, "at": moment(row.at), "undone_at": moment(row.undone_at)}
            for row in rows_of(Batch.user_id, user, Batch.at)
        ],
        "assignments": [
            {"proposal": row.proposal_id, "department": row.department_id, "at": moment(row.at)}
            for row in rows_of(Assignment.assignee_id, user)
        ],
    }


def _notes(user: User) -> list[StaffNote]:
    query = select(StaffNote).where(StaffNote.author_id == user.id).options(joinedload(StaffNote.mentions))
    return list(db.session.scalars(query.order_by(StaffNote.id)).unique())


def _mentions(user: User) -> Iterator[dict[str, Any]]:
    query = select(StaffNote, Mention.seen_at).join(Mention, Mention.note_id == StaffNote.id)
    for note, seen_at in db.session.execute(query.where(Mention.user_id == user.id).order_by(StaffNote.id)):
        yield {"proposal": note.proposal_id, "at": moment(note.at), "seen_at": moment(seen_at)}


def forget(user: User, _now: datetime) -> None:
    """Notes stay on the desk without their author, work without whoever had it; all else goes."""
    let_go(TRACES, user)
    if user.grants:
        _forget_in_batches(user)


def _forget_in_batches(user: User) -> None:
    """What colleagues gave to somebody else within the last minute does not come back to an account that is gone."""
    had = [cast(Batch.before, Text).contains(f'"assignee_id": {user.id}{end}') for end in (",", "}")]
    for batch in db.session.scalars(select(Batch).where(or_(*had))):
        batch.before = [_without(row, user.id) for row in batch.before]


def _without(value: Any, user_id: int) -> Any:
    """The same piece of JSON, in which this person has nothing any more."""
    if not isinstance(value, dict):
        return value
    found = {key: _without(one, user_id) for key, one in value.items()}
    return found | {"assignee_id": None} if found.get("assignee_id") == user_id else found
