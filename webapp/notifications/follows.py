"""What people follow, and which mails they want."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from webapp.kernel.database import changed, db, insert
from webapp.notifications.models import WAITS, Follow, Notice, Wish
from webapp.notifications.rules import Audience, Mail, Stream, Subject
from webapp.voting.models import SUPPORT, Vote

AT_MOST = 500


def wish_of(person_id: int) -> Wish:
    """Which mails somebody wants; both, until they say otherwise."""
    return db.session.get(Wish, person_id) or Wish(person_id=person_id, own=True, digest=True)


def change_wish(person_id: int, now: datetime, **wanted: bool) -> None:
    """Switch mails on or off (`own`, `digest`). What waits for a mail that is not wanted waits no longer."""
    values = {"own": True, "digest": True, "changed_at": now} | wanted
    statement = insert(Wish).values(person_id=person_id, **values)
    statement = statement.on_conflict_do_update(index_elements=["person_id"], set_={**wanted, "changed_at": now})
    db.session.execute(statement)
    for stream, is_wanted in wanted.items():
        if not is_wanted:
            _wait_no_longer(person_id, Stream(stream))


def _wait_no_longer(person_id: int, stream: Stream) -> None:
    is_follower = Notice.kind == Audience.FOLLOWER
    mine = (Notice.person_id == person_id, WAITS)
    statement = update(Notice).where(*mine, is_follower if stream is Stream.DIGEST else ~is_follower)
    changed(statement.values(mail=Mail.NONE))


def follow(person_id: int, kind: Subject, key: str, now: datetime, wanted: bool = True) -> None:
    """Follow something by name; or, where `wanted` is False, hear nothing of a proposal although one supports it."""
    statement = insert(Follow).values(person_id=person_id, kind=kind.value, key=key, wanted=wanted, at=now)
    values = {"wanted": wanted, "at": now}
    statement = statement.on_conflict_do_update(index_elements=["person_id", "kind", "key"], set_=values)
    db.session.execute(statement)


def stop_following(person_id: int, kind: Subject, key: str, now: datetime) -> None:
    """Follow no longer. Only for a proposal that they support a row says so: they would follow it by supporting."""
    if kind is Subject.PROPOSAL and _supports(person_id, int(key)):
        follow(person_id, kind, key, now, wanted=False)
        return
    row = (Follow.person_id == person_id, Follow.kind == kind.value, Follow.key == key)
    changed(delete(Follow).where(*row))


def _supports(person_id: int, proposal_id: int) -> bool:
    query = select(Vote.choice).where(Vote.proposal_id == proposal_id, Vote.voter_id == person_id)
    return db.session.scalar(query) == SUPPORT


def follows(person_id: int | None, kind: Subject, key: str, supports: bool = False) -> bool:
    """Whether somebody follows something; of a proposal that they support they say so only when they do not."""
    if person_id is None:
        return False
    row = db.session.get(Follow, (person_id, kind.value, key))
    return supports if row is None else row.wanted


def followed(person_id: int) -> list[Follow]:
    """What somebody follows by name, the newest first."""
    query = select(Follow).where(Follow.person_id == person_id, Follow.wanted)
    return list(db.session.scalars(query.order_by(Follow.at.desc(), Follow.kind, Follow.key).limit(AT_MOST)))


def button(person: Any, kind: Subject, key: str, action: str, supports: bool = False) -> dict[str, Any]:
    """What the macro `ui.follow.follow` shows to somebody."""
    person_id = person.id if person.is_authenticated else None
    is_on = follows(person_id, kind, key, supports)
    return {"kind": kind.value, "action": f"{action}/ending" if is_on else action, "is_on": is_on}
