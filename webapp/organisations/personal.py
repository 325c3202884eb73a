"""Invitations to speak for an organisation, to a person and from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.organisations.models import Invitation
from webapp.people.models import User
from webapp.people.traces import emptied, gone, let_go, moment, rows_of

TRACES = (
    gone(Invitation.email, "invitations"),
    emptied(Invitation.invited_by_id, "invitations_sent"),
)


def stored(user: User) -> dict[str, Any]:
    """Which organisation, as what, and when; never the address of somebody else."""
    return {
        key: [
            {
                "organisation": row.organisation.name,
                "role": row.role,
                "at": moment(row.created_at),
                "expires_at": moment(row.expires_at),
                "closed_at": moment(row.closed_at),
            }
            for row in rows_of(column, user)
        ]
        for key, column in (("invitations", Invitation.email), ("invitations_sent", Invitation.invited_by_id))
    }


def forget(user: User, _now: datetime) -> None:
    """Invitations to their address go; those that they sent end with them, as they do when somebody is removed."""
    let_go(TRACES, user)
