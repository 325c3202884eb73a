"""Who is signed in where. The browser holds a random token; the table knows its SHA-256 and can end it at any time.

A token of 256 random bits needs no slow hash and no pepper: nobody can try them all.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import contains_eager

from webapp.kernel.database import changed, db, unit_of_work
from webapp.kernel.parts import delete_in_parts
from webapp.people import rules
from webapp.people.models import SignIn, User
from webapp.people.passwords import decrypted, encrypted

#: Ended rows are kept so long, for the person's own eyes.
REMEMBERED = timedelta(days=30)
#: So long the former token is taken after a renewal.
GRACE = timedelta(seconds=30)


def token_key(token: str) -> str:
    """What the table holds in place of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def begin(user: User, user_agent: str, now: datetime) -> tuple[SignIn, str]:
    """A new sign-in and its token. Whoever has a role is held to the limits of staff."""
    token = new_token()
    row = SignIn(
        user_id=user.id,
        token_key=token_key(token),
        is_staff=any(grant.holds(now) for grant in user.grants),
        browser=rules.browser_name(user_agent),
        created_at=now,
        seen_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row, token


def find(token: str, now: datetime) -> SignIn | None:
    """The sign-in of a token, with its person; None when it was ended, is over, or the account is."""
    row = _row(SignIn.token_key == token_key(token))
    if row is None:
        row = _row(SignIn.former_key == token_key(token), SignIn.renewed_at > now - GRACE)
    if row is None or not row.user.may_sign_in:
        return None
    return None if rules.sign_in_is_over(row.created_at, row.seen_at, row.is_staff, now) else row


def _row(*which: Any) -> SignIn | None:
    query = select(SignIn).join(SignIn.user).options(contains_eager(SignIn.user))
    return db.session.scalar(query.where(*which, SignIn.ended_at.is_(None)))


def present_token(row: SignIn, token: str) -> str:
    """The token to go on with: the one that came, or the newer one that did not arrive."""
    if row.token_key == token_key(token) or row.sealed_token is None:
        return token
    return decrypted(current_app.config["SECRET_KEY"], f"sign-in-{row.id}", row.sealed_token) or token


def renew(row: SignIn, now: datetime, at_once: bool = False) -> str:
    """Another token for the same sign-in: a copy of the old one is worth nothing half a minute later, or at once."""
    token = new_token()
    row.former_key = None if at_once else row.token_key
    row.sealed_token = None if at_once else encrypted(current_app.config["SECRET_KEY"], f"sign-in-{row.id}", token)
    row.token_key, row.renewed_at = token_key(token), now
    return token


def open_sign_ins(user: User, now: datetime) -> list[SignIn]:
    """Where the person is signed in now, the latest sign of life first."""
    query = select(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None))
    rows = db.session.scalars(query.order_by(SignIn.seen_at.desc(), SignIn.id.desc()))
    return [row for row in rows if not rules.sign_in_is_over(row.created_at, row.seen_at, row.is_staff, now)]


def end(user: User, key: int, now: datetime) -> bool:
    """End one sign-in of the person; whether there was one."""
    ours = update(SignIn).where(SignIn.id == key, SignIn.user_id == user.id, SignIn.ended_at.is_(None))
    return db.session.scalar(ours.values(ended_at=now).returning(SignIn.id)) is not None


def end_all(user_id: int, now: datetime, but: SignIn | None = None) -> None:
    """End every sign-in of a person, or all but one."""
    theirs = update(SignIn).where(SignIn.user_id == user_id, SignIn.ended_at.is_(None))
    if but is not None:
        theirs = theirs.where(SignIn.id != but.id)
    changed(theirs.values(ended_at=now))


def is_due(row: SignIn, now: datetime) -> bool:
    """Whether a sign of life should be written down again."""
    return now - row.seen_at >= rules.SIGN_OF_LIFE[row.is_staff]


def note_life(key: int, now: datetime) -> None:
    """Write a sign of life, in a transaction of its own: the request that gave it may only read."""
    with unit_of_work():
        db.session.execute(update(SignIn).where(SignIn.id == key).values(seen_at=now))


def forget_old(now: datetime) -> int:
    """The job: sign-ins that ended or were over long ago leave the table."""
    return delete_in_parts(SignIn, db.or_(SignIn.ended_at < now - REMEMBERED, SignIn.created_at < now - 2 * REMEMBERED))
