"""Roles that a person has, or had."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.access.models import Grant
from webapp.access.services import finish_grant
from webapp.people.models import User
from webapp.people.traces import kept, moment

TRACES = (kept(Grant.user_id, "roles", "from when to when somebody could decide for a body stays on record"),)


def stored(user: User) -> dict[str, Any]:
    """Each with its place and its time."""
    return {
        "roles": [
            {
                "role": row.role,
                "territory_kato": row.territory.kato,
                "from": moment(row.valid_from),
                "until": moment(row.valid_until),
            }
            for row in user.grants
        ]
    }


def forget(user: User, now: datetime) -> None:
    """All roles that have not ended, also those with a later end: otherwise mails for a body would go to nobody."""
    for grant in user.grants:
        if grant.holds(now):
            finish_grant(grant, now)
