"""What the journal knows of who acted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.journal.models import Fact
from webapp.journal.services import forget_actor
from webapp.people.models import User
from webapp.people.traces import emptied, moment, rows_of

TRACES = (emptied(Fact.actor_id, "journal"),)


def stored(user: User) -> dict[str, Any]:
    """Which facts were theirs."""
    return {
        "journal": [
            {"at": moment(row.at), "verb": row.verb, "proposal": row.proposal_id}
            for row in rows_of(Fact.actor_id, user)
        ]
    }


def forget(user: User, _now: datetime) -> None:
    """Facts with the first seal keep the number that it covers; all others let go of it and of its salt."""
    forget_actor(user.id)
