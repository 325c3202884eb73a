"""How a person became verified, and where they live."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.people.models import User
from webapp.people.traces import gone, let_go, moment, rows_of
from webapp.verification.models import Attempt, OutsideSubject, Residence
from webapp.verification.services import residences

TRACES = (
    gone(Attempt.user_id, "verification_attempts"),
    gone(Residence.user_id, "homes"),
    gone(OutsideSubject.user_id, "sign_ins_elsewhere"),
)


def stored(user: User) -> dict[str, Any]:
    """Homes and ways; of what tells a person apart only that its hash is there."""
    return {
        "homes": [
            {"kato": row.home.kato, "since": moment(row.since), "by": row.provider, "declared": row.is_declared}
            for row in residences(user)
        ],
        "sign_ins_elsewhere": [
            {"subject": "a keyed hash (HMAC-SHA256)", "at": moment(row.at)}
            for row in rows_of(OutsideSubject.user_id, user)
        ],
        "verification_attempts": [
            {
                "way": row.provider,
                "begun_at": moment(row.created_at),
                "expires_at": moment(row.expires_at),
                "used_at": moment(row.used_at),
                "home_kato": row.home_kato,
                "iin": "a keyed hash (HMAC-SHA256)" if row.person_key else None,
            }
            for row in rows_of(Attempt.user_id, user)
        ],
    }


def forget(user: User, _now: datetime) -> None:
    """All of it goes; that a person is known stays with the empty account for a term."""
    let_go(TRACES, user)
