"""From which network an account came, and its wishes to be looked at first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.fraud.models import Arrival, CheckRequest
from webapp.people.models import User
from webapp.people.traces import gone, let_go, moment, rows_of

TRACES = (gone(Arrival.user_id, "arrivals"), gone(CheckRequest.user_id, "asks_to_be_looked_at"))


def stored(user: User) -> dict[str, Any]:
    """Moments; of a network only that its hash is there."""
    return {
        "asks_to_be_looked_at": [moment(row.at) for row in rows_of(CheckRequest.user_id, user)],
        "arrivals": [
            {"event": row.event, "at": moment(row.at), "network": "a keyed hash" if row.network else None}
            for row in rows_of(Arrival.user_id, user, Arrival.at)
        ],
    }


def forget(user: User, _now: datetime) -> None:
    """All of it goes."""
    let_go(TRACES, user)
