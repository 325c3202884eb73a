"""Answers that an officer gave for a body."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.answering.models import Answer
from webapp.people.models import User
from webapp.people.traces import kept, let_go, moment, rows_of

TRACES = (kept(Answer.officer_id, "answers", "an official answer of a body stays with who gave it"),)


def stored(user: User) -> dict[str, Any]:
    """The words of each answer."""
    return {
        "answers": [
            {
                "proposal": row.proposal_id,
                "kind": row.kind,
                "text_kk": row.text_kk,
                "text_ru": row.text_ru,
                "at": moment(row.at),
            }
            for row in rows_of(Answer.officer_id, user)
        ]
    }


def forget(user: User, _now: datetime) -> None:
    """Nothing goes: an answer of a body stays."""
    let_go(TRACES, user)
