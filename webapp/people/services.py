"""Signing up, confirming an address, passwords, being one person."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.addresses import account_key, old_key
from webapp.kernel.database import db, insert, locked
from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import in_language, ngettext
from webapp.kernel.mail import send
from webapp.people import codes, sign_ins
from webapp.people.letters import hello
from webapp.people.models import Consent, SignIn, User
from webapp.people.passwords import keyed
from webapp.people.rules import CodeFor
from webapp.territories.models import Territory


def by_email(email: str) -> User | None:
    """The account of an address, in whatever spelling it is typed."""
    key, old = account_key(email), old_key(email)
    if key == old:
        return db.session.scalar(select(User).where(User.email == key))
    found = {user.email: user for user in db.session.scalars(select(User).where(User.email.in_((key, old))))}
    return found.get(old) or found.get(key)


def sign_up(email: str, password_hash: str, given_name: str, surname: str, lang: str, now: datetime) -> User:
    """A new account, its address not confirmed yet. Raises `Conflict` when the address has one."""
    values = {
        "email": account_key(email),
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
    """Send a fresh code to an account whose address is not confirmed. Raises `Conflict` when asked too often."""
    mail_code(codes.issue(CodeFor.ADDRESS, user.email, now, user=user), now)


def mail_code(issued: codes.Issued, now: datetime) -> None:
    """Send a code. The mail goes to an address that nobody has confirmed: it says nothing that somebody has typed."""
    if issued.code is None:
        return
    body = ngettext(
        "Hello.\n\nYour code: %(code)s\n\nType it on the page that asked for it. It works for %(num)d minute.\nIf you did not ask for a code, you do not need to do anything.",
        "Hello.\n\nYour code: %(code)s\n\nType it on the page that asked for it. It works for %(num)d minutes.\nIf you did not ask for a code, you do not need to do anything.",
        codes.CODE_MINUTES,
        code=issued.code,
    )
    _send_code(issued.row.email, _("%(code)s is your code for Saty", code=issued.code), body, now)


def _send_code(address: str, subject: str, body: str, now: datetime) -> None:
    send(address, subject, body, "email-code", now)


def confirm_email(user: User, code: str, now: datetime) -> bool:
    """Whether the code was right; counts a try. The address is confirmed when it was."""
    if codes.check(CodeFor.ADDRESS, code, now, user=user) is None:
        return False
    user.email_confirmed_at = now
    return True


def begin_sign_up(
    token: str, email: str, password_hash: str, given_name: str, surname: str, lang: str, now: datetime
) -> None:
    """Keep what was typed for a new account and mail a code. The account is made when the code comes back.

    An address that has an account gets a mail that says so; whoever typed it sees no difference.
    Raises `Conflict` when the address was sent too many codes.
    """
    address = account_key(email)
    kept = {"password_hash": password_hash, "given_name": given_name, "surname": surname, "lang": lang}
    _mail_sign_up(codes.issue(CodeFor.SIGN_UP, address, now, token=token, kept=kept), now)


def send_sign_up_code(token: str, now: datetime) -> None:
    """Another code for the same new account. Raises `Conflict` when there is nothing to confirm, or too often."""
    row = codes.waiting(CodeFor.SIGN_UP, token)
    if row is None or not row.kept:
        raise Conflict(_("Begin again: no address waits to be confirmed."))
    _mail_sign_up(codes.issue(CodeFor.SIGN_UP, row.email, now, token=token, kept=dict(row.kept)), now)


def _mail_sign_up(issued: codes.Issued, now: datetime) -> None:
    owner = by_email(issued.row.email)
    if owner is None or issued.code is None:
        mail_code(issued, now)
        return
    mail_that_it_has_an_account(owner, now)


def mail_that_it_has_an_account(owner: User, now: datetime) -> None:
    """In place of a code: to the owner of an address that somebody wants to use once more."""
    with in_language(owner.lang):
        said = _(
            "Somebody, probably you, wanted to sign up with this address. It has an account already: sign in at %(address)s\n\nIf you have forgotten the password, choose a new one there. If it was not you, you do not need to do anything.",
            address=f"{current_app.config['PUBLIC_URL']}/sign-in",
        )
        _send_code(owner.email, _("You have an account already"), f"{hello(owner)}\n\n{said}", now)


def finish_sign_up(token: str, code: str, now: datetime) -> User | None:
    """The new account when the code is right, its address confirmed; None when it is not (the try counts: commit it).

    Raises `Conflict` when the address got an account in the meantime.
    """
    row = codes.check(CodeFor.SIGN_UP, code, now, token=token)
    if row is None:
        return None
    kept, row.kept = row.kept, {}
    user = sign_up(row.email, kept["password_hash"], kept["given_name"], kept["surname"], kept["lang"], now)
    user.email_confirmed_at = now
    return user


def begin_reset(token: str, email: str, lang: str, now: datetime) -> None:
    """Mail a code for a new password; to an address without account a mail that says so.

    Both are the same work, so that time tells no more than words. `lang` is that of the page.
    """
    address = account_key(email)
    code = codes.issue(CodeFor.RESET, address, now, token=token).code
    owner = by_email(address)
    if owner is not None and not owner.may_sign_in:
        owner = None
    if code is None:
        return
    with in_language(owner.lang if owner else lang):
        if owner is not None:
            subject = _("%(code)s is your code for a new password", code=code)
            said = ngettext(
                "Your code for a new password: %(code)s\n\nIt works for %(num)d minute, once. Nobody from Saty will ever ask you for it.\nIf you did not ask for it, you do not need to do anything: your password stays as it is.",
                "Your code for a new password: %(code)s\n\nIt works for %(num)d minutes, once. Nobody from Saty will ever ask you for it.\nIf you did not ask for it, you do not need to do anything: your password stays as it is.",
                codes.CODE_MINUTES,
                code=code,
            )
            body = f"{hello(owner)}\n\n{said}"
        else:
            subject = _("There is no account with this address")
            body = _(
                "Hello.\n\nSomebody, probably you, asked for a new password for this address. It has no account here: perhaps you signed up with another one.\n\nIf it was not you, you do not need to do anything."
            )
        _send_code(address, subject, body, now)


def finish_reset(token: str, code: str, password_hash: str, now: datetime) -> User | None:
    """The account with its new password when the code is right; None when it is not (the try counts: commit it)."""
    row = codes.check(CodeFor.RESET, code, now, token=token)
    owner = by_email(row.email) if row else None
    if owner is None or not owner.may_sign_in:
        return None
    user = locked(User, owner.id)
    assert user is not None
    user.email_confirmed_at = user.email_confirmed_at or now  # who reads the mail has the address
    set_password(user, password_hash, now)
    return user


def set_password(user: User, password_hash: str, now: datetime, here: SignIn | None = None) -> None:
    """A new password: every sign-in is over but the one in which it was chosen, and the person gets a mail."""
    user.password_hash = password_hash
    sign_ins.end_all(user.id, now, but=here)
    record(Verb.PASSWORD_CHANGED, user, now, actor=user, public=False)
    with in_language(user.lang):
        said = _(
            "The password of your account was changed, and all other devices were signed out.\n\n"
            "If it was not you, choose a new password at once: %(address)s",
            address=f"{current_app.config['PUBLIC_URL']}/forgotten-password",
        )
        send(user.email, _("Your password was changed"), f"{hello(user)}\n\n{said}", "password", now)


def close_account(user: User, now: datetime) -> None:
    """The operator lets nobody in any more. Votes and texts stay; `reopen_account` undoes it."""
    user.disabled_at = now
    sign_ins.end_all(user.id, now)
    record(Verb.ACCOUNT_CLOSED, user, now, public=False)


def reopen_account(user: User, now: datetime) -> None:
    """The person may sign in again."""
    user.disabled_at = None
    record(Verb.ACCOUNT_REOPENED, user, now, public=False)


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
