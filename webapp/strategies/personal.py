"""Who wrote which version of a direction, a programme or a measure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.people.models import User
from webapp.people.traces import emptied, let_go, moment, rows_of
from webapp.strategies.models import StrategyVersion

TRACES = (emptied(StrategyVersion.by_id, "strategy_versions"),)


def stored(user: User) -> dict[str, Any]:
    """Which version of what; its words are public."""
    return {
        "strategy_versions": [
            {
                "level": row.level,
                "subject": row.subject_id,
                "version": row.version,
                "words": row.content,
                "note_kk": row.note_kk,
                "note_ru": row.note_ru,
                "at": moment(row.at),
            }
            for row in rows_of(StrategyVersion.by_id, user)
        ]
    }


def forget(user: User, _now: datetime) -> None:
    """A version stays that of the body."""
    let_go(TRACES, user)
