"""Codes that are mailed to an address: made, checked, forgotten. Six digits, ten minutes, five tries, used once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select, update

from webapp.kernel.database import db, unit_of_work
from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.people.models import EmailCode, User
from webapp.people.passwords import keyed
from webapp.people.rules import CodeFor
from webapp.people.sign_ins import token_key

CODE_MINUTES = 10
CODE_TRIES = 5
CODES_PER_HOUR = 5


def issue(
    purpose: CodeFor,
    email: str,
    now: datetime,
    user: User | None = None,
    token: str | None = None,
    kept: dict[str, Any] | None = None,
) -> tuple[EmailCode, str]:
    """A fresh code for an address; earlier ones of the same account or token stop working.

    Raises `Conflict` when the address was sent too many within the last hour.
    """
    lately = select(func.count()).select_from(EmailCode).where(EmailCode.purpose == purpose, EmailCode.email == email)
    if (db.session.scalar(lately.where(EmailCode.created_at > now - timedelta(hours=1))) or 0) >= CODES_PER_HOUR:
        raise Conflict(
            _("Several codes were sent within the last hour. Look for the newest one in your mail, or try again later.")
        )
    mine = EmailCode.user_id == user.id if user else EmailCode.token_key == token_key(token or "")
    earlier = update(EmailCode).where(EmailCode.purpose == purpose, mine, EmailCode.used_at.is_(None))
    db.session.execute(earlier.values(used_at=now, kept={}).execution_options(synchronize_session=False))
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = EmailCode(
        purpose=purpose,
        email=email,
        user_id=user.id if user else None,
        token_key=token_key(token) if token else None,
        kept=kept or {},
        code_key="",
        created_at=now,
        expires_at=now + timedelta(minutes=CODE_MINUTES),
        tries=0,
    )
    db.session.add(row)
    db.session.flush()
    row.code_key = _code_key(row.id, code)
    return row, code


def _code_key(row_id: int, code: str) -> str:
    return keyed(current_app.config["SECRET_KEY"], f"email-code-{row_id}", code)


def waiting(purpose: CodeFor, token: str | None) -> EmailCode | None:
    """The newest code of a browser that is at the door, used or too old included: for showing where it was sent."""
    if not token:
        return None
    query = select(EmailCode).where(EmailCode.purpose == purpose, EmailCode.token_key == token_key(token))
    return db.session.scalar(query.order_by(EmailCode.id.desc()).limit(1))


def check(
    purpose: CodeFor, code: str, now: datetime, user: User | None = None, token: str | None = None
) -> EmailCode | None:
    """The row when the code is right, used up now; None when it is not. A try counts: the caller commits it."""
    mine = EmailCode.user_id == user.id if user else EmailCode.token_key == token_key(token or "")
    row = db.session.scalar(
        select(EmailCode)
        .where(EmailCode.purpose == purpose, mine, EmailCode.used_at.is_(None))
        .where(EmailCode.expires_at > now, EmailCode.tries < CODE_TRIES)
        .order_by(EmailCode.id.desc())
        .limit(1)
        .with_for_update()
    )
    if row is None:
        return None
    row.tries += 1
    digits = "".join(sign for sign in code if sign.isdigit())
    if not secrets.compare_digest(row.code_key, _code_key(row.id, digits)):
        return None
    row.used_at = now
    return row


def forget_codes(now: datetime) -> int:
    """The job: codes leave the table after `KEEP_CODES_DAYS`, and with them what was typed for accounts that were never made."""
    old = delete(EmailCode).where(EmailCode.created_at < now - timedelta(days=current_app.config["KEEP_CODES_DAYS"]))
    with unit_of_work():
        return int(db.session.execute(old.execution_options(synchronize_session=False)).rowcount)
