"""A sign-in at the OpenID provider belongs to one person: known by issuer and subject, never by an e-mail."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from webapp.kernel.database import db, insert
from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.people.passwords import keyed
from webapp.verification.models import OutsideSubject


def subject_key(subject: str | None) -> str | None:
    """The keyed hash of issuer and subject; None for ways that know no subject."""
    return keyed(current_app.config["SECRET_KEY"], "oidc-subject", subject) if subject else None


def check_subject(key: str | None, user: User, other: User | None) -> None:
    """Raise `Conflict` where this sign-in has verified somebody else: not this account, and not the same person's."""
    known = db.session.get(OutsideSubject, key) if key else None
    if known is not None and known.user_id not in {user.id, other.id if other else 0}:
        raise Conflict(
            _("This sign-in has already shown another person here, with another IIN. Ask the operator of the site.")
        )


def note_subject(key: str | None, user: User, now: datetime) -> None:
    """From now on this sign-in means the person of this account."""
    if key is None:
        return
    new = insert(OutsideSubject).values(subject_key=key, user_id=user.id, at=now)
    new = new.on_conflict_do_update(index_elements=["subject_key"], set_={"user_id": user.id, "at": now})
    db.session.execute(new)
