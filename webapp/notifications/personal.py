"""What a person follows, which mails they want, and what they were told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.journal.models import Fact
from webapp.kernel.database import db
from webapp.notifications.models import Follow, Notice, SecretAddress, Wish
from webapp.people.models import User
from webapp.people.traces import gone, let_go, moment, rows_of

TRACES = (
    gone(Notice.person_id, "notices"),
    gone(Follow.person_id, "follows"),
    gone(Wish.person_id, "mails_wanted"),
    gone(SecretAddress.person_id, "secret_addresses"),
)


def stored(user: User) -> dict[str, Any]:
    """What they follow, want and were told; of secret addresses only that there are some."""
    facts = dict(
        db.session.execute(
            select(Fact.id, Fact.verb).join(Notice, Notice.fact_id == Fact.id).where(Notice.person_id == user.id)
        ).all()
    )
    return {
        "mails_wanted": [{"own": row.own, "digest": row.digest} for row in rows_of(Wish.person_id, user)],
        "follows": [
            {"what": row.kind, "key": row.key, "wanted": row.wanted, "at": moment(row.at)}
            for row in rows_of(Follow.person_id, user, Follow.at)
        ],
        "notices": [
            {"what": facts[row.fact_id], "as": row.kind, "at": moment(row.at), "read_at": moment(row.read_at)}
            for row in rows_of(Notice.person_id, user)
        ],
        "secret_addresses": [
            {"for": row.purpose, "made_at": moment(row.made_at)}
            for row in rows_of(SecretAddress.person_id, user, SecretAddress.made_at)
        ],
    }


def forget(user: User, _now: datetime) -> None:
    """All of it goes."""
    let_go(TRACES, user)
