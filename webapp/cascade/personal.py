"""Who confirmed what a proposal serves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.cascade.models import Serving
from webapp.people.models import User
from webapp.people.traces import emptied, let_go, moment, rows_of

TRACES = (emptied(Serving.by_id, "servings"),)


def stored(user: User) -> dict[str, Any]:
    """Each proposal with what it serves."""
    return {
        "servings": [
            {
                "proposal": row.proposal_id,
                "direction": row.direction_id,
                "programme": row.programme_id,
                "measure": row.measure_id,
                "at": moment(row.at),
            }
            for row in rows_of(Serving.by_id, user)
        ]
    }


def forget(user: User, _now: datetime) -> None:
    """What a proposal serves stays."""
    let_go(TRACES, user)
