"""The outbox: a message is a row written with the change that caused it; the worker sends it.

`send` is for a mail that somebody has just caused and expects: it is always written. `enqueue` is for jobs that may
run twice: its key names what the mail is about, and a second mail for the same key is not written. Such a key is made
only of what never comes back (a fact, a day, a person). The number of a row that a job deletes does come back:
SQLite gives it to the next row, and the mail of that one would be taken for a repeat.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from flask import Flask, current_app
from flask_mailman import EmailMessage, Mail
from sqlalchemy import Index, Integer, String, Text, and_, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime, changed, db, insert, unit_of_work
from webapp.kernel.envelope import is_refused_for_good, is_silent, kind_of, written_out
from webapp.kernel.refused import mark_refused, refused_since

log = structlog.get_logger("saty.mail")
mailer = Mail()
BACKENDS = {"console": "console", "smtp": "smtp", "memory": "locmem"}
CLAIM = timedelta(minutes=2)
#: Waits of `MAIL_TIMEOUT` in one attempt: to connect, greet, encrypt, sign in, send and say goodbye.
WAITS = 12
LAST_ATTEMPT = 12
#: So many attempts in a row without an answer of the server, and it is left alone for a while.
IN_VAIN = 3
PAUSE = timedelta(minutes=1)
#: The error of a mail that was never tried, because its address was refused before.
REFUSED = "refused before"
#: Codes and invitations: somebody waits for each of them at this moment.
ASKED_FOR = ("email-code", "take-over", "invitation")
#: Then the other jobs of the worker have their turn.
LONGEST_RUN = timedelta(seconds=30)
#: Seconds since some moment in the past; no time of day.
Stopwatch = Callable[[], float]


class Message(Model):
    """One mail on its way. `dedup_key` makes a second one for the same reason impossible.

    It waits while it has `next_at`. Without: it was sent, or it is a dead letter (`failed_at`), which an
    operator sends again or gives up.
    """

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(primary_key=True)
    dedup_key: Mapped[str] = mapped_column(String(120), unique=True)
    to: Mapped[str] = mapped_column("recipient", String(254))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    unsubscribe: Mapped[str | None] = mapped_column(String(400))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    given_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str | None] = mapped_column(String(80))
    __table_args__ = (
        Index(
            "ix_message_kept",
            "created_at",
            sqlite_where=text("recipient <> ''"),
            postgresql_where=text("recipient <> ''"),
        ),
        Index(
            "ix_message_failed_at",
            "failed_at",
            sqlite_where=failed_at.is_not(None),
            postgresql_where=failed_at.is_not(None),
        ),
    )


def send(to: str, subject: str, body: str, reason: str, now: datetime) -> None:
    """Put a mail in the outbox that somebody has just caused, in the transaction at hand. It is always written.

    `reason` says what kind of mail it is; a random part makes each mail one of its own. What a person asks for now
    (`ASKED_FOR`) is tried also at an address that was refused before.
    """
    if not enqueue(to, subject, body, f"{reason}:{secrets.token_hex(12)}", now, insists=reason in ASKED_FOR):
        raise RuntimeError(f"a mail was not written: {reason}")  # 96 random bits do not repeat


def enqueue(
    to: str,
    subject: str,
    body: str,
    dedup_key: str,
    now: datetime,
    html: str = "",
    unsubscribe: str = "",
    insists: bool = False,
) -> bool:
    """Put a message in the outbox, once for its key, in the transaction at hand; False if it was there already.

    For jobs, which may run twice; whoever has to send something calls `send`.

    `html` says the same once more; `unsubscribe` is the address to which a mail program posts (RFC 8058).
    A mail to a refused address is written and given up at once, so that it counts as told and stays in sight.
    """
    values: dict[str, Any] = {
        "to": to,
        "subject": " ".join(subject.split())[:300],
        "body": body,
        "dedup_key": dedup_key,
    }
    values |= {"html": html or None, "unsubscribe": unsubscribe or None}
    if not insists and refused_since(to) is not None:
        values |= {"next_at": None, "given_up_at": now, "error": REFUSED}
    else:
        values["next_at"] = now
    statement = insert(Message).values(**values, created_at=now, attempts=0)
    statement = statement.on_conflict_do_nothing(index_elements=["dedup_key"]).returning(Message.id)
    return db.session.execute(statement).first() is not None


class Claimed(NamedTuple):
    """A message that this worker has in hand."""

    id: int
    to: str
    subject: str
    body: str
    html: str | None
    unsubscribe: str | None
    dedup_key: str
    created_at: datetime


def _claim_time() -> timedelta:
    return max(CLAIM, timedelta(seconds=WAITS * int(current_app.config["MAIL_TIMEOUT"])))


def _claim(now: datetime) -> Claimed | None:
    with unit_of_work():
        row = db.session.execute(
            select(
                Message.id,
                Message.to,
                Message.subject,
                Message.body,
                Message.html,
                Message.unsubscribe,
                Message.dedup_key,
                Message.created_at,
            )
            .where(Message.next_at <= now)
            .order_by(Message.next_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        mine = update(Message).where(Message.id == row.id)
        db.session.execute(mine.values(next_at=now + _claim_time(), attempts=Message.attempts + 1))
        return Claimed(*row)


def deliver_due(now: datetime, at_most: int = 200, stopwatch: Stopwatch = time.monotonic) -> int:
    """Send what is due; a refusal of the mail server only delays, doubling the wait each time.

    Each claim begins at its own moment, `now` and what has passed since: a claim that begins with the run
    would be over while a slow run goes on, and a second worker would send the same again.
    """
    if _is_left_alone(now):
        return 0
    began, sent, in_vain = stopwatch(), 0, 0
    for _turn in range(at_most):
        moment = now + timedelta(seconds=stopwatch() - began)
        if moment - now > LONGEST_RUN or (claimed := _claim(moment)) is None:
            break
        line = mailer.get_connection()
        error = _send(line, claimed)
        after = now + timedelta(seconds=stopwatch() - began)
        if error is None:
            _note_sent(claimed.id, after)
            sent, in_vain = sent + 1, 0
        elif is_refused_for_good(error):
            _give_up(claimed, after, kind_of(error))
            in_vain = 0
        else:
            _delay(claimed.id, after, error)
            in_vain = in_vain + 1 if is_silent(error) else 0
        _hang_up(line)  # at the very end: the server need not answer to a goodbye
        if in_vain >= IN_VAIN:
            log.warning("mail server left alone", seconds=PAUSE.total_seconds())
            current_app.extensions["mail left alone until"] = after + PAUSE
            break
    return sent


def _is_left_alone(now: datetime) -> bool:
    until = current_app.extensions.get("mail left alone until")
    return until is not None and now < until <= now + PAUSE + LONGEST_RUN * 2  # a clock that was set back


def _send(line: Any, message: Claimed) -> Exception | None:
    """What went wrong, or None: then the server has taken the message."""
    try:
        line.open()
        written = written_out(message)
        written.connection = line
        written.send()
    except Exception as error:
        log.warning("mail delayed", message=message.id, error=kind_of(error))
        return error
    return None


def _hang_up(line: Any) -> None:
    with suppress(Exception):
        line.close()


def _note_sent(key: int, now: datetime) -> None:
    with unit_of_work():
        done = update(Message).where(Message.id == key)
        db.session.execute(done.values(sent_at=now, next_at=None, failed_at=None, error=None))


def _give_up(message: Claimed, now: datetime, error: str) -> None:
    """There is no such mailbox: this mail and all others that wait for it end, but for those that a person asked for."""
    log.warning("address refused", message=message.id, error=error)
    with unit_of_work():
        mark_refused(message.to, error, now)
        asked_for = or_(*(Message.dedup_key.startswith(f"{reason}:") for reason in ASKED_FOR))
        others = (Message.to == message.to, Message.next_at.is_not(None), ~asked_for)
        ended = update(Message).where((Message.id == message.id) | and_(*others))
        values = {"next_at": None, "given_up_at": now, "error": error}
        changed(ended.values(**values))


def _delay(key: int, now: datetime, error: Exception) -> None:
    with unit_of_work():
        message = db.session.get(Message, key)
        if message is None:
            return
        message.error = kind_of(error)
        wait = timedelta(minutes=2 ** min(message.attempts, 8))
        if message.attempts >= LAST_ATTEMPT:
            message.next_at, message.failed_at = None, now
            log.error("dead letter", message=key, error=message.error)
        else:
            message.next_at = now + wait


def init_mail(app: Flask) -> None:
    """Choose the transport by `MAIL_BACKEND`: console, smtp or memory (tests)."""
    app.config["MAIL_BACKEND"] = BACKENDS.get(app.config["MAIL_BACKEND"], app.config["MAIL_BACKEND"])
    mailer.init_app(app)


def outbox() -> list[EmailMessage]:
    """Messages that the memory transport has kept."""
    return list(getattr(current_app.extensions["mailman"], "outbox", []))
