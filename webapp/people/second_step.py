"""The second step of signing in: setting it up, checking a code, recovery codes, taking it away.

Acts on one row of `SecondStep`, locked: of two requests with the same code one is too late.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp
from flask import current_app
from sqlalchemy import delete, func, select, update

from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, insert, locked
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import in_language
from webapp.people import rules, sign_ins
from webapp.people.letters import tell_of_door
from webapp.people.models import RecoveryCode, SecondStep, SignIn, User
from webapp.people.passwords import decrypted, encrypted, keyed

ISSUER = "Saty"
#: Letters and digits that nobody confuses on paper.
SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def _hidden(user: User, secret: str) -> str:
    return encrypted(current_app.config["SECRET_KEY"], f"second-step-{user.id}", secret)


def _shown(user: User, token: str) -> str | None:
    return decrypted(current_app.config["SECRET_KEY"], f"second-step-{user.id}", token) if token else None


def _recovery_key(user: User, code: str) -> str:
    return keyed(current_app.config["SECRET_KEY"], f"recovery-code-{user.id}", rules.plain_code(code))


def begin_enrolment(user: User) -> None:
    """Make a new secret; the old one, where there is one, works until the new one is confirmed."""
    db.session.execute(
        insert(SecondStep).values(user_id=user.id, secret="", wanted_secret="", tries=0).on_conflict_do_nothing()
    )
    row = locked(SecondStep, user.id)
    assert row is not None
    row.wanted_secret = _hidden(user, pyotp.random_base32())


def wanted_secret(user: User) -> str | None:
    """The secret that waits to be confirmed, for showing it to the person; None where nothing was begun."""
    row = db.session.get(SecondStep, user.id)
    return _shown(user, row.wanted_secret) if row else None


def address_for_apps(user: User, secret: str) -> str:
    """What the QR code holds: the `otpauth:` address that authenticator apps read."""
    return pyotp.TOTP(secret, interval=rules.STEP_SECONDS).provisioning_uri(name=user.email, issuer_name=ISSUER)


def finish_enrolment(user: User, code: str, now: datetime, here: SignIn | None = None) -> list[str]:
    """Confirm the new secret by a code of it. Returns the recovery codes, to be shown this one time.

    Every other sign-in of the person is over, a thief's among them.

    Raises `Invalid` for a wrong code and `Conflict` for too many; the try counts, so commit it.
    """
    row = locked(SecondStep, user.id)
    secret = _shown(user, row.wanted_secret) if row else None
    if row is None or secret is None:
        raise Conflict(_("Begin again: no secret waits to be confirmed."))
    _count_try(row, now)
    step = _step_of(secret, code, None, now)
    if step is None:
        raise Invalid(_wrong_code(), "code")
    row.secret, row.wanted_secret, row.last_step, row.tries, row.tries_since = row.wanted_secret, "", step, 0, None
    user.second_step_at = now
    sign_ins.end_all(user.id, now, but=here)
    record(Verb.SECOND_STEP_SET, user, now, actor=user, public=False)
    _tell(user, "set", now)
    return _new_codes(user)


def check_code(user: User, code: str, now: datetime) -> None:
    """Accept a code of the app, or a recovery code in its place; each works once.

    Raises `Invalid` for a wrong one and `Conflict` after too many. A try counts although the answer
    is a refusal: the caller commits it.
    """
    row = locked(SecondStep, user.id)
    secret = _shown(user, row.secret) if row else None
    if row is None:
        raise Conflict(_("The second step of this account is not set up."))
    _count_try(row, now)
    step = _step_of(secret, code, row.last_step, now) if secret else None
    if step is not None:
        row.last_step = step
    elif not _use_recovery_code(user, code, now):
        raise Invalid(_wrong_code(), "code")
    row.tries, row.tries_since = 0, None


def _count_try(row: SecondStep, now: datetime) -> None:
    counted = rules.next_try(row.tries, row.tries_since, now)
    if counted is None:
        raise Conflict(
            _("Five codes were wrong. Nothing is lost: wait five minutes, then try again with a new code."), "code"
        )
    row.tries, row.tries_since = counted


def _wrong_code() -> str:
    return _("This code is wrong, too old or was used already. Wait for the next one in your app.")


def _step_of(secret: str, code: str, last_step: int | None, now: datetime) -> int | None:
    """The step that a code belongs to, looked for in constant time among those that are open."""
    digits, found = rules.plain_code(code), None
    totp = pyotp.TOTP(secret, interval=rules.STEP_SECONDS)
    for step in rules.open_steps(now, last_step):
        if secrets.compare_digest(totp.generate_otp(step), digits):
            found = step
    return found


def _use_recovery_code(user: User, code: str, now: datetime) -> bool:
    used = db.session.scalar(
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user.id, RecoveryCode.code_key == _recovery_key(user, code))
        .where(RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    if used is None:
        return False
    record(Verb.RECOVERY_CODE_USED, user, now, actor=user, public=False)
    _tell(user, f"recovery:{used}", now)
    return True


def _new_codes(user: User) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes: set[str] = set()
    while len(codes) < rules.RECOVERY_CODES:
        codes.add("-".join("".join(secrets.choice(SIGNS) for _sign in range(4)) for _part in range(3)))
    db.session.add_all(RecoveryCode(user_id=user.id, code_key=_recovery_key(user, code)) for code in codes)
    return sorted(codes)


def new_recovery_codes(user: User, now: datetime) -> list[str]:
    """Ten new recovery codes, to be shown this one time; earlier ones stop working."""
    if user.second_step_at is None:
        raise Conflict(_("The second step of this account is not set up."))
    locked(SecondStep, user.id)
    record(Verb.RECOVERY_CODES_MADE, user, now, actor=user, public=False)
    return _new_codes(user)


def recovery_codes_left(user: User) -> int:
    """How many recovery codes nobody has used yet."""
    query = select(func.count()).select_from(RecoveryCode)
    return db.session.scalar(query.where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))) or 0


def remove(user: User, now: datetime, actor: User | None = None, here: SignIn | None = None) -> bool:
    """The password alone signs in again. Returns whether there was a second step. `actor` is None for the operator.

    Every sign-in of the person is over but `here`.
    """
    row = locked(SecondStep, user.id)
    had = user.second_step_at is not None
    if row is not None:
        db.session.delete(row)
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    user.second_step_at = None
    if had:
        sign_ins.end_all(user.id, now, but=here)
        record(Verb.SECOND_STEP_REMOVED, user, now, actor=actor, public=False)
        _tell(user, "removed", now)
    return had


def _tell(user: User, what: str, now: datetime) -> None:
    """A mail about a change of the door: who did not make it learns of it."""
    with in_language(user.lang):
        happened = {
            "set": _("The second step of signing in was set up for your account."),
            "removed": _("The second step of signing in was removed from your account."),
        }.get(what) or _("A recovery code was used to sign in to your account.")
    tell_of_door(user, happened, f"second-step:{what}", now)
