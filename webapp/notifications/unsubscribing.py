"""The address by which a mail program unsubscribes somebody without a sign-in (RFC 8058): sealed, for one person and one kind."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask import current_app

from webapp.kernel.database import db
from webapp.notifications.follows import change_wish
from webapp.notifications.rules import Stream
from webapp.people.models import User
from webapp.people.passwords import decrypted, encrypted, made_at

PURPOSE = "unsubscribe"
LONGEST = 300


def address_for(person_id: int, stream: Stream) -> str:
    """The address for a mail. Who reads it learns nothing from it: the name of the person is encrypted.

    A number alone would name somebody else after a restore, which gives numbers anew; with the moment in which the
    account was made it never does.
    """
    person = db.session.get_one(User, person_id)
    said = f"{stream.value}:{person.id}:{_moment(person.created_at)}"
    token = encrypted(current_app.config["SECRET_KEY"], PURPOSE, said).rstrip("=")
    return f"{current_app.config['PUBLIC_URL']}/unsubscribe/{token}"


def _moment(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S%f}"


class Meant(NamedTuple):
    """Whose mails of which kind a token switches off; `person_id` is None where the account is gone."""

    person_id: int | None
    stream: Stream


def meant(token: str) -> Meant | None:
    """Who and what is meant by a token; None where it is not ours."""
    whole = token + "=" * (-len(token) % 4)
    said = decrypted(current_app.config["SECRET_KEY"], PURPOSE, whole) if len(token) <= LONGEST else None
    stream, person, moment = [*(said or "").split(":"), "", ""][:3]
    if stream not in set(Stream) or not person.isdigit():
        return None
    user = db.session.get(User, int(person))
    if user is not None and moment and moment != _moment(user.created_at):
        user = None
    if user is not None and not moment and made_at(current_app.config["SECRET_KEY"], PURPOSE, whole) < user.created_at:
        user = None  # of the time when tokens held the number alone: older than this account, so not this account's
    return Meant(user.id if user is not None else None, Stream(stream))


def unsubscribe(token: str, now: datetime) -> Stream | None:
    """Switch the mails off; the same answer whether they were on, off, or the account is gone. None: not ours."""
    found = meant(token)
    if found is None:
        return None
    if found.person_id is not None:
        change_wish(found.person_id, now, **{found.stream.value: False})
    return found.stream
