"""Mails that could not be sent: an operator sees them, sends them again or gives them up; and what is forgotten when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import and_, func, or_, select, update

from webapp.kernel.database import db
from webapp.kernel.mail import Message
from webapp.kernel.parts import change_in_parts

log = structlog.get_logger("saty.mail")
#: Neither sent nor waiting, and nobody has decided about them yet.
DEAD = (Message.failed_at.is_not(None), Message.given_up_at.is_(None))
SHOWN = 100


def dead_letters() -> tuple[list[Any], int]:
    """The newest of them, without subject and text (a code might stand there), and how many there are."""
    columns = (Message.id, Message.dedup_key, Message.to, Message.created_at, Message.failed_at, Message.error)
    query = select(*columns, Message.attempts).where(*DEAD).order_by(Message.failed_at.desc(), Message.id.desc())
    return list(db.session.execute(query.limit(SHOWN))), how_many()


def how_many() -> int:
    """How many wait for a decision."""
    return db.session.scalar(select(func.count()).select_from(Message).where(*DEAD)) or 0


def _change(key: int | None, **values: Any) -> int:
    statement = update(Message).where(*DEAD, Message.to != "").values(**values).returning(Message.id)
    if key is not None:
        statement = statement.where(Message.id == key)
    return len(db.session.execute(statement.execution_options(synchronize_session=False)).all())


def send_again(now: datetime, key: int | None = None) -> int:
    """One of them, or all, with twelve attempts anew; returns how many, none where somebody was quicker."""
    return _change(key, failed_at=None, next_at=now, attempts=0)


def give_up(now: datetime, key: int) -> int:
    """Nobody will send it. What is left of it goes with its term, as if it had been sent."""
    return _change(key, given_up_at=now)


def forget_messages(now: datetime) -> int:
    """The job: `KEEP_MAIL_DAYS` after a mail was written nothing is left of it but its key and its times.

    The key stays, so that no mail goes out twice for one reason. A mail that still waits is left alone; a
    dead letter stays until an operator has decided, or as many days after it has failed, which is logged.
    """
    before = now - timedelta(days=current_app.config["KEEP_MAIL_DAYS"])
    over = (Message.to != "", Message.next_at.is_(None), Message.created_at < before)
    decided = or_(Message.sent_at.is_not(None), Message.given_up_at.is_not(None))
    unseen = and_(Message.failed_at < before, Message.given_up_at.is_(None))
    emptied: dict[str, Any] = {"to": "", "subject": "", "body": "", "html": None, "unsubscribe": None}
    gone = change_in_parts(Message, *over, unseen, **emptied, given_up_at=now)
    told = change_in_parts(Message, *over, decided, **emptied)
    if gone:
        log.error("dead letters forgotten", count=gone)
    return gone + told
