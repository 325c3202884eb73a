"""Judgements of supporters, and reports that officers have written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from webapp.delivery.models import Judgement, MilestoneReport
from webapp.kernel.database import changed
from webapp.people.models import User
from webapp.people.traces import emptied, kept, let_go, moment, rows_of

TRACES = (
    kept(Judgement.user_id, "judgements", "a counted judgement of a result; its words go"),
    emptied(MilestoneReport.by_id, "milestone_reports"),
)


def stored(user: User) -> dict[str, Any]:
    """What they judged, and what they reported for a body."""
    return {
        "judgements": [
            {"round": row.round_id, "choice": row.choice, "reason": row.reason, "at": moment(row.at)}
            for row in rows_of(Judgement.user_id, user)
        ],
        "milestone_reports": [
            {"milestone": row.milestone_id, "text_kk": row.text_kk, "text_ru": row.text_ru, "at": moment(row.at)}
            for row in rows_of(MilestoneReport.by_id, user)
        ],
    }


def forget(user: User, _now: datetime) -> None:
    """A judgement stays counted without its words, a report stays that of the body."""
    let_go(TRACES, user)
    changed(update(Judgement).where(Judgement.user_id == user.id).values(reason="", lang=""))
