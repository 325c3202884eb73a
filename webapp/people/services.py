"""Signing up, confirming an address, being one person."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, insert
from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.kernel.mail import enqueue
from webapp.people import rules
from webapp.people.models import Consent, EmailCode, User
from webapp.people.passwords import keyed
from webapp.territories.models import Territory

CODE_MINUTES = 10
CODE_TRIES = 5
CODES_PER_HOUR = 5


def by_email(email: str) -> User | None:
    """The account of an address."""
    return db.session.scalar(select(User).where(User.email == rules.normal_email(email)))


def sign_up(email: str, password_hash: str, given_name: str, surname: str, lang: str, now: datetime) -> User:
    """A new account, its address not confirmed yet. Raises `Conflict` when the address has one."""
    values = {
        "email": rules.normal_email(email),
        "password_hash": password_hash,
        "given_name": given_name,
        "surname": surname,
        "lang": lang,
        "created_at": now,
        "shows_full_name": False,
    }
    done = db.session.execute(
        insert(User).values(**values).on_conflict_do_nothing(index_elements=["email"]).returning(User.id)
    ).scalar()
    if done is None:
        raise Conflict(_("There is an account with this e-mail already. Sign in, or use another address."), "email")
    db.session.add(Consent(user_id=done, purpose="account", given_at=now))
    return db.session.get_one(User, done)


def send_code(user: User, now: datetime) -> None:
    """Send a fresh code to the person's address; earlier ones stop working. Raises `Conflict` when asked too often."""
    recent = db.session.scalar(
        select(func.count())
        .select_from(EmailCode)
        .where(EmailCode.user_id == user.id, EmailCode.created_at > now - timedelta(hours=1))
    )
    if (recent or 0) >= CODES_PER_HOUR:
        raise Conflict(
            _("Several codes were sent within the last hour. Look for the newest one in your mail, or try again later.")
        )
    db.session.execute(
        update(EmailCode).where(EmailCode.user_id == user.id, EmailCode.used_at.is_(None)).values(used_at=now)
    )
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = EmailCode(
        user_id=user.id, code_key="", created_at=now, expires_at=now + timedelta(minutes=CODE_MINUTES), tries=0
    )
    db.session.add(row)
    db.session.flush()
    row.code_key = _code_key(row.id, code)
    body = _(
        "Hello, %(name)s.\n\nYour code: %(code)s\n\nType it on the page that asked for it. It works for %(minutes)d minutes.\n"
        "If you did not ask for a code, nothing has to be done.",
        name=user.given_name,
        code=code,
        minutes=CODE_MINUTES,
    )
    enqueue(user.email, _("%(code)s is your code for Saty", code=code), body, f"email-code:{row.id}", now)


def _code_key(row_id: int, code: str) -> str:
    from flask import current_app

    return keyed(current_app.config["SECRET_KEY"], f"email-code-{row_id}", code)


def confirm_email(user: User, code: str, now: datetime) -> bool:
    """Whether the code was right; counts a try. The address is confirmed when it was."""
    digits = "".join(character for character in code if character.isdigit())
    row = db.session.scalar(
        select(EmailCode)
        .where(
            EmailCode.user_id == user.id,
            EmailCode.used_at.is_(None),
            EmailCode.expires_at > now,
            EmailCode.tries < CODE_TRIES,
        )
        .order_by(EmailCode.id.desc())
        .limit(1)
        .with_for_update()
    )
    if row is None:
        return False
    row.tries += 1
    if not secrets.compare_digest(row.code_key, _code_key(row.id, digits)):
        return False
    row.used_at = now
    user.email_confirmed_at = now
    return True


def person_key(pepper: str, iin: str) -> str:
    """The keyed hash that stands for a person everywhere, under the first pepper of `people.person_keys`."""
    return keyed(pepper, "iin", iin)


def mark_verified(
    user: User,
    key: str,
    home_id: int,
    now: datetime,
    provider: str,
    key_version: int = 1,
    actor: User | None = None,
) -> None:
    """The account belongs to one person who lives in `home_id`; from now on their votes count."""
    user.person_key, user.key_version = key, key_version
    user.home_id, user.home = home_id, db.session.get_one(Territory, home_id)
    user.verified_at = now
    db.session.add(Consent(user_id=user.id, purpose=f"verification:{provider}", given_at=now))
    record(Verb.RESIDENT_VERIFIED, user, now, actor=actor, public=False, territory_id=home_id, provider=provider)
