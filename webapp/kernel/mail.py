"""The outbox: a message is a row written with the change that caused it; the worker sends it."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from flask import Flask, current_app
from flask_mailman import EmailMessage, Mail
from sqlalchemy import Index, Integer, String, Text, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime, db, insert, unit_of_work

log = structlog.get_logger("saty.mail")
mailer = Mail()
BACKENDS = {"console": "console", "smtp": "smtp", "memory": "locmem"}
CLAIM = timedelta(minutes=2)
LAST_ATTEMPT = 12


class Message(Model):
    """One mail on its way. `dedup_key` makes a second one for the same reason impossible."""

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(primary_key=True)
    dedup_key: Mapped[str] = mapped_column(String(120), unique=True)
    to: Mapped[str] = mapped_column("recipient", String(254))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    __table_args__ = (
        Index(
            "ix_message_kept",
            "created_at",
            sqlite_where=text("recipient <> ''"),
            postgresql_where=text("recipient <> ''"),
        ),
    )


def enqueue(to: str, subject: str, body: str, dedup_key: str, now: datetime) -> bool:
    """Put a message in the outbox, in the transaction at hand; False if it was there already."""
    values = {"to": to, "subject": subject.replace("\n", " ")[:300], "body": body, "dedup_key": dedup_key}
    statement = insert(Message).values(**values, created_at=now, next_at=now, attempts=0)
    statement = statement.on_conflict_do_nothing(index_elements=["dedup_key"]).returning(Message.id)
    return db.session.execute(statement).first() is not None


def _claim(now: datetime) -> tuple[int, str, str, str, str] | None:
    with unit_of_work():
        row = db.session.execute(
            select(Message.id, Message.to, Message.subject, Message.body, Message.dedup_key)
            .where(Message.next_at <= now)
            .order_by(Message.next_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        db.session.execute(
            update(Message).where(Message.id == row.id).values(next_at=now + CLAIM, attempts=Message.attempts + 1)
        )
        return row.id, row.to, row.subject, row.body, row.dedup_key


def deliver_due(now: datetime, at_most: int = 200) -> int:
    """Send what is due; a refusal of the mail server only delays, doubling the wait each time."""
    sent = 0
    for _turn in range(at_most):
        claimed = _claim(now)
        if claimed is None:
            break
        key, to, subject, body, dedup_key = claimed
        try:
            headers = {"Message-ID": f"<{dedup_key.replace(':', '.')}@saty>", "Auto-Submitted": "auto-generated"}
            EmailMessage(subject, body, None, [to], headers=headers).send()
        except Exception as error:
            log.warning("mail delayed", message=key, error=type(error).__name__)
            _delay(key, now)
            continue
        with unit_of_work():
            db.session.execute(update(Message).where(Message.id == key).values(sent_at=now, next_at=None))
        sent += 1
    return sent


def forget_messages(now: datetime) -> int:
    """The job: `KEEP_MAIL_DAYS` after a mail was written nothing is left of it but its key and its times.

    The key stays, so that no mail goes out twice for one reason. A mail that still waits is left alone.
    """
    before = now - timedelta(days=current_app.config["KEEP_MAIL_DAYS"])
    where = (Message.created_at < before, Message.to != "", Message.next_at.is_(None))
    with unit_of_work():
        emptied = update(Message).where(*where).values(to="", subject="", body="").returning(Message.id)
        return len(db.session.execute(emptied.execution_options(synchronize_session=False)).all())


def _delay(key: int, now: datetime) -> None:
    with unit_of_work():
        message = db.session.get(Message, key)
        if message is None:
            return
        wait = timedelta(minutes=2 ** min(message.attempts, 8))
        message.next_at = None if message.attempts >= LAST_ATTEMPT else now + wait


def init_mail(app: Flask) -> None:
    """Choose the transport by `MAIL_BACKEND`: console, smtp or memory (tests)."""
    app.config["MAIL_BACKEND"] = BACKENDS.get(app.config["MAIL_BACKEND"], app.config["MAIL_BACKEND"])
    mailer.init_app(app)


def outbox() -> list[EmailMessage]:
    """Messages that the memory transport has kept."""
    return list(getattr(current_app.extensions["mailman"], "outbox", []))
