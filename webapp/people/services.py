"""Signing up, confirming an address, being verified, importing the register."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, insert, locked
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.mail import enqueue
from webapp.people import rules
from webapp.people.models import Consent, EmailCode, RegisterEntry, User
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
    """The keyed hash that stands for a person everywhere."""
    return keyed(pepper, "iin", iin)


def verify_by_register(user: User, iin: str, surname: str, pepper: str, now: datetime) -> int | None:
    """Tie the account to one person of the register. Raises `Invalid` or `Conflict` with the way out.

    Returns the id of the account that the same person has deleted before, if any: its votes are theirs.

    The entry is locked, so that two accounts cannot take it at the same moment.
    """
    if rules.iin_fault(iin):
        raise Invalid(
            _("This is not an IIN: it has 12 digits and the last one must fit. Look at your identity card."), "iin"
        )
    key = person_key(pepper, iin)
    entry = db.session.scalar(select(RegisterEntry).where(RegisterEntry.person_key == key).with_for_update())
    surname_key = keyed(pepper, "surname", rules.fold_name(surname))
    if entry is None or not secrets.compare_digest(entry.surname_key, surname_key):
        raise Invalid(
            _(
                "The register has no such person. Check the IIN and write the surname as on your identity card. If both are right, ask your akimat: the operator brings the register up to date."
            ),
            "iin",
        )
    locked(User, user.id)
    if user.is_verified:
        return None  # in another tab, while this one waited for the lock
    former = db.session.scalar(select(User).where(User.person_key == key, User.id != user.id))
    if former is not None and former.deleted_at is None:
        raise Conflict(
            _("Another account is already verified with this IIN. Sign in to that one: one person has one vote."), "iin"
        )
    if former is not None:
        former.person_key = None
        db.session.flush()
    mark_verified(user, key, entry.home_id, now, "register")
    return former.id if former is not None else None


def mark_verified(user: User, key: str, home_id: int, now: datetime, provider: str) -> None:
    """The account belongs to one person who lives in `home_id`; from now on their votes count."""
    user.person_key = key
    user.home_id, user.home = home_id, db.session.get_one(Territory, home_id)
    user.verified_at = now
    db.session.add(Consent(user_id=user.id, purpose=f"verification:{provider}", given_at=now))
    record(Verb.RESIDENT_VERIFIED, user, now, public=False, territory_id=home_id, provider=provider)


@dataclass(frozen=True)
class RegisterReport:
    """What an import of the register did."""

    read: int
    changed: int
    problems: list[tuple[int, str]]


def import_register(rows: list[tuple[int, dict[str, str]]], pepper: str, now: datetime) -> RegisterReport:
    """Take in `iin,surname,kato` rows: all or, when any is bad, none. No number is stored or echoed in clear."""
    homes = dict(db.session.execute(select(Territory.kato, Territory.id)).all())
    problems: list[tuple[int, str]] = []
    ready = []
    seen: dict[str, int] = {}
    for number, row in rows:
        iin, surname, kato = ((row.get(name) or "").strip() for name in ("iin", "surname", "kato"))
        fault = rules.iin_fault(iin)
        if fault:
            problems.append((number, f"the IIN fails its check: {fault.value}"))
        elif not rules.fold_name(surname):
            problems.append((number, "the surname is empty"))
        elif kato not in homes:
            shown = repr(kato) if len(kato) <= 9 else "of this row"  # it may be an IIN in the wrong column
            problems.append((number, f"no territory has the KATO code {shown}"))
        elif seen.setdefault(iin, number) != number:
            problems.append((number, f"the IIN stands in row {seen[iin]} already"))
        else:
            ready.append(
                {
                    "person_key": person_key(pepper, iin),
                    "surname_key": keyed(pepper, "surname", rules.fold_name(surname)),
                    "home_id": homes[kato],
                    "imported_at": now,
                }
            )
    if problems:
        return RegisterReport(len(rows), 0, problems)
    for start in range(0, len(ready), 200):
        statement = insert(RegisterEntry).values(ready[start : start + 200])
        changed = {
            "surname_key": statement.excluded.surname_key,
            "home_id": statement.excluded.home_id,
            "imported_at": now,
        }
        db.session.execute(statement.on_conflict_do_update(index_elements=["person_key"], set_=changed))
    return RegisterReport(len(rows), len(ready), [])
