"""Who joined proposals, and who undid it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.merging.models import Merger
from webapp.people.models import User
from webapp.people.traces import kept, let_go, moment, rows_of

TRACES = (
    kept(Merger.by_id, "mergers", "a decision of a body about what others wrote"),
    kept(Merger.undone_by_id, "mergers_undone", "a decision of a body about what others wrote"),
)


def stored(user: User) -> dict[str, Any]:
    """Which were joined and which were parted again."""
    return {
        "mergers": [
            {"proposal": row.proposal_id, "into": row.into_id, "at": moment(row.at)}
            for row in rows_of(Merger.by_id, user)
        ],
        "mergers_undone": [
            {"proposal": row.proposal_id, "into": row.into_id, "at": moment(row.undone_at)}
            for row in rows_of(Merger.undone_by_id, user)
        ],
    }


def forget(user: User, _now: datetime) -> None:
    """Nothing goes: what a body decided stays."""
    let_go(TRACES, user)
