"""Decisions of a moderator, and the words that they laid down for a body."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.kernel.database import db
from webapp.moderation.models import Phrase, RejectionReason, TriageDecision
from webapp.people.models import User
from webapp.people.traces import emptied, kept, let_go, moment, rows_of

TRACES = (
    kept(TriageDecision.moderator_id, "decisions", "a decision of a body; somebody else has to decide on an appeal"),
    emptied(Phrase.by_id, "templates"),
    emptied(RejectionReason.by_id, "rejection_reasons"),
)


def stored(user: User) -> dict[str, Any]:
    """What they decided with which words, and the templates and reasons that they wrote."""
    return {
        "decisions": [
            {
                "proposal": row.proposal_id,
                "kind": row.kind,
                "reason": row.reason,
                "question": row.note,
                "words_kk": row.note_kk,
                "words_ru": row.note_ru,
                "at": moment(row.at),
                "undone_at": moment(row.undone_at),
                "read_seconds": row.read_seconds,
            }
            for row in rows_of(TriageDecision.moderator_id, user)
        ],
        "templates": [
            {"use": row.use, "name": row.name, "text_kk": row.text_kk, "text_ru": row.text_ru, "at": moment(row.at)}
            for row in rows_of(Phrase.by_id, user)
        ],
        "rejection_reasons": [
            {"code": row.code, "label_kk": row.label_kk, "label_ru": row.label_ru, "from": moment(row.valid_from)}
            for row in rows_of(RejectionReason.by_id, user)
        ],
    }


def forget(user: User, _now: datetime) -> None:
    """Decisions stay; templates and reasons stay without who wrote them."""
    let_go(TRACES, user)
    if not user.grants:
        return
    had = TriageDecision.before["assignee_id"].as_integer() == user.id
    for decision in db.session.scalars(select(TriageDecision).where(had)):  # who had it when it was decided
        decision.before = {**(decision.before or {}), "assignee_id": None}
