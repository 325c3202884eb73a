"""Another e-mail address for an account, or the same one shown anew: a code goes there, and the old address is told."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy.exc import IntegrityError

from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.addresses import account_key
from webapp.kernel.database import db, locked
from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import in_language
from webapp.kernel.mail import send
from webapp.kernel.refused import clear_mark
from webapp.people import codes, sign_ins
from webapp.people.letters import hello
from webapp.people.models import EmailCode, SignIn, User
from webapp.people.rules import CodeFor
from webapp.people.services import by_email, mail_code, mail_that_it_has_an_account


def begin_change(user: User, email: str, now: datetime) -> None:
    """Mail a code to the address that the account is to have. Raises `Conflict` when asked too often.

    Whoever asks sees no difference when it has another account already: its owner gets a mail that says so.
    """
    address = account_key(email)
    issued = codes.issue(CodeFor.CHANGE, address, now, user=user)
    owner = by_email(address)
    if owner is None or owner.id == user.id:
        mail_code(issued, now)
    elif issued.code is not None:
        mail_that_it_has_an_account(owner, now)


def waiting_address(user: User, now: datetime) -> str | None:
    """The address whose code is waited for."""
    row = codes.waiting_of(CodeFor.CHANGE, user)
    return row.email if row is not None and row.used_at is None and row.expires_at > now else None


def finish_change(user: User, code: str, now: datetime, here: SignIn | None = None) -> bool:
    """Whether the code was right; a wrong one counts as a try: commit it. Raises `Conflict` when the address is taken.

    All other devices are signed out, and the old address learns that it is no longer the account's.
    """
    row = codes.check(CodeFor.CHANGE, code, now, user=user)
    if row is None:
        return False
    locked(User, user.id)
    owner, old = by_email(row.email), user.email
    if owner is not None and owner.id != user.id:
        raise Conflict(_("This address has an account of its own. Use another one."))
    greeting = hello(user)
    try:
        user.email, user.email_confirmed_at = row.email, now
        db.session.flush()
    except IntegrityError as error:  # somebody else was quicker by a moment
        raise Conflict(_("This address has an account of its own. Use another one.")) from error
    if old == row.email:
        return True
    db.session.execute(db.delete(EmailCode).where(EmailCode.email == old))
    sign_ins.end_all(user.id, now, but=here)
    record(Verb.EMAIL_CHANGED, user, now, actor=user, public=False)
    with in_language(user.lang):
        said = _(
            "Your account has another e-mail address from now on, and mails of Saty go there. All other devices were signed out.\n\n"
            "If it was not you, tell the operator of the site at once: %(address)s",
            address=current_app.config["PUBLIC_URL"],
        )
        send(old, _("Your e-mail address was changed"), f"{greeting}\n\n{said}", "address", now)
    clear_mark(old)
    return True
