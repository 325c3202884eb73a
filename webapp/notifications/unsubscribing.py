"""The address by which a mail program unsubscribes somebody without a sign-in (RFC 8058): sealed, for one person and one kind."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from webapp.kernel.database import db
from webapp.notifications.follows import change_wish
from webapp.notifications.rules import Stream
from webapp.people.models import User
from webapp.people.passwords import decrypted, encrypted

PURPOSE = "unsubscribe"
LONGEST = 300


def address_for(person_id: int, stream: Stream) -> str:
    """The address for a mail. Who reads it learns nothing from it: the name of the person is encrypted."""
    token = encrypted(current_app.config["SECRET_KEY"], PURPOSE, f"{stream.value}:{person_id}").rstrip("=")
    return f"{current_app.config['PUBLIC_URL']}/unsubscribe/{token}"


def meant(token: str) -> tuple[int, Stream] | None:
    """Who and what is meant by a token; None where it is not ours."""
    whole = token + "=" * (-len(token) % 4)
    said = decrypted(current_app.config["SECRET_KEY"], PURPOSE, whole) if len(token) <= LONGEST else None
    stream, _colon, person = (said or "").partition(":")
    return (int(person), Stream(stream)) if person.isdigit() and stream in set(Stream) else None


def unsubscribe(token: str, now: datetime) -> Stream | None:
    """Switch the mails off; the same answer whether they were on, off, or the account is gone. None: not ours."""
    found = meant(token)
    if found is None:
        return None
    person_id, stream = found
    if db.session.get(User, person_id) is not None:
        change_wish(person_id, now, **{stream.value: False})
    return stream
