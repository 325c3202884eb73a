"""Codes that are mailed to an address: made, checked, forgotten. Six digits, ten minutes, five tries, used once.

A code fits the browser that asked for it. Nobody can ask so often that the owner of an address gets none
(docs/adr/0025-limits-of-an-account.md)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import func, select, update

from webapp.kernel.database import changed, db
from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.kernel.networks import present_visitor
from webapp.kernel.parts import delete_in_parts
from webapp.kernel.refused import clear_mark
from webapp.people import tries
from webapp.people.models import EmailCode, User
from webapp.people.passwords import keyed
from webapp.people.rules import WRONG_CODES, CodeFor
from webapp.people.sign_ins import token_key

CODE_MINUTES = 10
CODE_TRIES = 5
#: Of one address, asked from one place, within an hour.
CODES_PER_HOUR = 5
#: Mails of one kind to one address within an hour, whoever asks: then the newest stays good while it lasts.
MAILS_PER_HOUR = 10
SHORT, LONG = 6, 12


class Issued(NamedTuple):
    """A code for a browser or an account. `code` is None where no mail goes out: the newest one is still good."""

    row: EmailCode
    code: str | None


def issue(
    purpose: CodeFor,
    email: str,
    now: datetime,
    user: User | None = None,
    token: str | None = None,
    kept: dict[str, Any] | None = None,
) -> Issued:
    """A code for an address; earlier ones of the same account or token stop working.

    Who asks too often from one place is refused with `Conflict`. Who asks from everywhere keeps nobody out: above
    `MAILS_PER_HOUR` no mail is sent while the newest code is still good, and that one fits whoever asks now and
    can read it.
    """
    whose, hour = _whose(), now - timedelta(hours=1)
    lately = select(func.count()).select_from(EmailCode).where(EmailCode.purpose == purpose, EmailCode.email == email)
    lately = lately.where(EmailCode.created_at > hour)
    if (db.session.scalar(lately.where(EmailCode.whose.is_not_distinct_from(whose))) or 0) >= CODES_PER_HOUR:
        raise Conflict(
            _("Several codes were sent within the last hour. Look for the newest one in your mail, or try again later.")
        )
    is_tried = _is_tried(email, now)
    newest = None
    if (db.session.scalar(lately.where(EmailCode.same_as.is_(None))) or 0) >= MAILS_PER_HOUR:
        newest = _newest(purpose, email, now, is_tried)
    mine = EmailCode.user_id == user.id if user else EmailCode.token_key == token_key(token or "")
    earlier = update(EmailCode).where(EmailCode.purpose == purpose, mine, EmailCode.used_at.is_(None))
    changed(earlier.values(used_at=now, kept={}))
    row = EmailCode(
        purpose=purpose,
        email=email,
        user_id=user.id if user else None,
        token_key=token_key(token) if token else None,
        kept=kept or {},
        code_key=newest.code_key if newest else "",
        same_as=newest.id if newest else None,
        is_long=newest.is_long if newest else is_tried,
        whose=whose,
        created_at=now,
        expires_at=newest.expires_at if newest else now + timedelta(minutes=CODE_MINUTES),
        tries=0,
    )
    db.session.add(row)
    db.session.flush()
    if newest is not None:
        return Issued(row, None)
    length = LONG if is_tried else SHORT
    code = f"{secrets.randbelow(10**length):0{length}d}"
    row.code_key = _code_key(row.id, code)
    return Issued(row, " ".join(code[at : at + 4] for at in range(0, length, 4)) if is_tried else code)


def _whose() -> str | None:
    """Who asks, as limits count it; None in jobs and commands."""
    visitor = present_visitor()
    return keyed(current_app.config["SECRET_KEY"], "codes-of", visitor) if visitor else None


def _is_tried(email: str, now: datetime) -> bool:
    """Whether somebody guesses codes for an address: then six digits are too few."""
    return tries.failures(tries.CODE, email, now) >= WRONG_CODES


def _newest(purpose: CodeFor, email: str, now: datetime, is_tried: bool) -> EmailCode | None:
    """The code of the newest mail to an address, whoever had it sent, unless it was used, is too old or too short."""
    query = select(EmailCode).where(EmailCode.purpose == purpose, EmailCode.email == email)
    row = db.session.scalar(query.where(EmailCode.same_as.is_(None)).order_by(EmailCode.id.desc()).limit(1))
    is_good = row is not None and row.expires_at > now and (row.is_long or not is_tried)
    return row if is_good else None


def _code_key(row_id: int, code: str) -> str:
    return keyed(current_app.config["SECRET_KEY"], f"email-code-{row_id}", code)


def waiting(purpose: CodeFor, token: str | None) -> EmailCode | None:
    """The newest code of a browser that is at the door, used or too old included: for showing where it was sent."""
    if not token:
        return None
    query = select(EmailCode).where(EmailCode.purpose == purpose, EmailCode.token_key == token_key(token))
    return db.session.scalar(query.order_by(EmailCode.id.desc()).limit(1))


def waiting_of(purpose: CodeFor, user: User) -> EmailCode | None:
    """The newest code of an account, used or too old included."""
    query = select(EmailCode).where(EmailCode.purpose == purpose, EmailCode.user_id == user.id)
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
    digits, sender = "".join(sign for sign in code if sign.isdigit()), row.same_as or row.id
    is_good = row.is_long or not _is_tried(row.email, now)
    if not is_good or not secrets.compare_digest(row.code_key, _code_key(sender, digits)):
        tries.note_failure(tries.CODE, row.email, present_visitor() or "", None, now)
        return None
    spent = update(EmailCode).where((EmailCode.id == sender) | (EmailCode.same_as == sender), EmailCode.id != row.id)
    changed(spent.values(used_at=now, expires_at=now, kept={}))
    row.used_at = row.expires_at = now
    clear_mark(row.email)  # whoever knows the code has read a mail there
    return row


def forget_codes(now: datetime) -> int:
    """The job: codes leave the table after `KEEP_CODES_DAYS`, and with them what was typed for accounts that were never made."""
    before = now - timedelta(days=current_app.config["KEEP_CODES_DAYS"])
    return delete_in_parts(EmailCode, EmailCode.created_at < before)
