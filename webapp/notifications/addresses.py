"""Secret addresses of a feed and a calendar: made, made anew, taken away, and found again by what they are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from enum import StrEnum

from flask import current_app
from sqlalchemy import delete, select

from webapp.kernel.database import changed, db, insert
from webapp.notifications.models import SecretAddress
from webapp.people.models import User


class Purpose(StrEnum):
    """What an address is for."""

    FEED = "feed"
    CALENDAR = "calendar"


PATHS = {Purpose.FEED: "/feeds/{}.atom", Purpose.CALENDAR: "/calendars/{}.ics"}


def _token(purpose: Purpose, seed: str) -> str:
    """32 bytes that nobody can guess, from 32 random bytes and the key of the site."""
    key = current_app.config["SECRET_KEY"].encode()
    made = hmac.new(key, f"secret-address:{purpose.value}:{seed}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_address(person_id: int, purpose: Purpose, now: datetime) -> None:
    """A new address; the former one leads nowhere from now on."""
    seed = secrets.token_hex(32)
    values = {"seed": seed, "fingerprint": _fingerprint(_token(purpose, seed)), "made_at": now}
    statement = insert(SecretAddress).values(person_id=person_id, purpose=purpose.value, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["person_id", "purpose"], set_=values))


def remove_address(person_id: int, purpose: Purpose) -> None:
    """No address any more."""
    mine = (SecretAddress.person_id == person_id, SecretAddress.purpose == purpose.value)
    changed(delete(SecretAddress).where(*mine))


def addresses_of(person_id: int) -> dict[str, str]:
    """The whole addresses that somebody has, by purpose."""
    rows = db.session.scalars(select(SecretAddress).where(SecretAddress.person_id == person_id))
    base = current_app.config["PUBLIC_URL"]
    return {r.purpose: base + PATHS[Purpose(r.purpose)].format(_token(Purpose(r.purpose), r.seed)) for r in rows}


def feed_key(person: User) -> str:
    """By what the feed of a person is known to reading programs: not by its address, which is a secret."""
    key = current_app.config["SECRET_KEY"].encode()
    whose = f"feed:{person.id}:{person.created_at.isoformat()}"  # a number alone may have been somebody else's once
    return hmac.new(key, whose.encode(), hashlib.sha256).hexdigest()[:32]


def owner_of(purpose: Purpose, token: str) -> User | None:
    """Whose address it is; None where it is nobody's, or of an account that is closed.

    It is looked up by its SHA-256: how long that takes tells nothing about the addresses that there are.
    """
    where = (SecretAddress.purpose == purpose.value, SecretAddress.fingerprint == _fingerprint(token))
    user = db.session.scalar(select(User).join(SecretAddress, SecretAddress.person_id == User.id).where(*where))
    return user if user is not None and user.may_sign_in else None
