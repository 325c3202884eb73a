"""What an account has begun: issued, found again by its answer, used once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select, update

from webapp.kernel.database import changed, db, locked
from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.people.passwords import keyed
from webapp.verification.models import Attempt
from webapp.verification.pepper_marks import trusted_peppers
from webapp.verification.providers.port import Provider, Ticket
from webapp.verification.rules import BEGINNINGS, TERM


def reference_of(user_id: int) -> str:
    """What stands for an account in texts that leave this site; nobody outside can turn it back."""
    found = keyed(current_app.config["SECRET_KEY"], "account-reference", str(user_id))[:16].upper()
    return "-".join(found[start : start + 4] for start in range(0, 16, 4))


def ticket_of(attempt: Attempt) -> Ticket:
    """The attempt as its provider sees it."""
    secret = keyed(current_app.config["SECRET_KEY"], f"verification-{attempt.provider}", attempt.seed)
    return Ticket(attempt.id, attempt.user_id, reference_of(attempt.user_id), secret, attempt.expires_at)


def _handle_key(provider: Provider, handle: str) -> str:
    return keyed(current_app.config["SECRET_KEY"], f"verification-handle-{provider.name}", handle)


def begin(user: User, provider: Provider, now: datetime) -> Attempt:
    """Issue something new; what was open for the same way is closed. Raises `Conflict` when asked too often."""
    trusted_peppers(now)
    locked(User, user.id)
    since = now - timedelta(hours=1)
    recent = select(func.count()).select_from(Attempt).where(Attempt.user_id == user.id, Attempt.created_at > since)
    if (db.session.scalar(recent) or 0) >= BEGINNINGS:
        raise Conflict(_("You have begun many times within the last hour. Use the newest one, or try again later."))
    db.session.execute(
        update(Attempt)
        .where(Attempt.user_id == user.id, Attempt.provider == provider.name, Attempt.used_at.is_(None))
        .values(used_at=now)
    )
    attempt = Attempt(
        user_id=user.id,
        provider=provider.name,
        seed=secrets.token_hex(16),
        handle_key=secrets.token_hex(32),
        created_at=now,
        expires_at=now + TERM,
    )
    db.session.add(attempt)
    db.session.flush()
    attempt.handle_key = _handle_key(provider, provider.handle(ticket_of(attempt)))
    return attempt


def open_attempt(user: User, provider: Provider, now: datetime) -> Attempt | None:
    """What a person has begun and not finished on this way."""
    query = select(Attempt).where(Attempt.user_id == user.id, Attempt.provider == provider.name)
    query = query.where(Attempt.used_at.is_(None), Attempt.expires_at > now)
    return db.session.scalar(query.order_by(Attempt.id.desc()).limit(1))


def attempt_by(provider: Provider, handle: str, now: datetime) -> Attempt | None:
    """The attempt that an answer belongs to, used or not, unless its time is over."""
    query = select(Attempt).where(Attempt.handle_key == _handle_key(provider, handle))
    return db.session.scalar(query.where(Attempt.provider == provider.name, Attempt.expires_at > now))


def claim(attempt_id: int, user_id: int, now: datetime) -> bool:
    """Use an attempt: of several answers at one moment exactly one gets True."""
    done = changed(
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.user_id == user_id)
        .where(Attempt.used_at.is_(None), Attempt.expires_at > now)
        .values(used_at=now)
    )
    return done == 1
