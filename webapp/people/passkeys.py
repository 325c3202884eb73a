"""Passkeys (WebAuthn): added by who has just shown that it is them, used in place of password and code.

A device signs the challenge together with the address of the site, so a false page gets nothing that works here;
the device itself asks for a finger, a face or a PIN ("user verification"), which is required.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, insert, locked
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.parts import delete_in_parts
from webapp.kernel.text import read_json
from webapp.people.letters import tell_of_door
from webapp.people.models import Challenge, Passkey, User

SITE = "Saty"
TERM = timedelta(minutes=5)
AT_MOST = 10
ADD, USE = "add", "use"
_VERIFIED = UserVerificationRequirement.REQUIRED


def passkeys_of(user: User) -> list[Passkey]:
    """The person's passkeys, in the order in which they were added."""
    return list(db.session.scalars(select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id)))


def _keep(challenge: bytes, purpose: str, user: User | None, now: datetime) -> None:
    db.session.add(
        Challenge(
            key=hashlib.sha256(challenge).hexdigest(),
            purpose=purpose,
            user_id=user.id if user else None,
            expires_at=now + TERM,
        )
    )


def adding_options(user: User, host: str, now: datetime) -> str:
    """What the browser needs to make a passkey for the site at `host`, as JSON."""
    mine = passkeys_of(user)
    if len(mine) >= AT_MOST:
        raise Conflict(_("Ten passkeys are enough. Remove one that you do not use any more."))
    options = generate_registration_options(
        rp_id=host,
        rp_name=SITE,
        user_id=hashlib.sha256(f"passkey:{user.id}:{user.created_at.isoformat()}".encode()).digest(),
        user_name=user.email,
        user_display_name=user.public_name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in mine],
    )
    _keep(options.challenge, ADD, user, now)
    return options_to_json(options)


def using_options(host: str, now: datetime) -> str:
    """What the browser needs to sign in with whichever passkey of the site it has, as JSON."""
    options = generate_authentication_options(rp_id=host, user_verification=_VERIFIED)
    _keep(options.challenge, USE, None, now)
    return options_to_json(options)


def _answer(credential: str) -> tuple[dict[str, Any], bytes]:
    """What the browser sent, and the challenge that it says it has signed."""
    try:
        answer = read_json(credential)
        signed = read_json(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        return answer, base64url_to_bytes(signed["challenge"])
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(_damaged()) from error


def _damaged() -> str:
    return _("The answer of your device could not be read. Try again, or sign in with your password.")


def _take(challenge: bytes, purpose: str, user: User | None, now: datetime) -> None:
    """Use the challenge up; `Conflict` when it is not ours, too old, or was used."""
    ours = delete(Challenge).where(
        Challenge.key == hashlib.sha256(challenge).hexdigest(),
        Challenge.purpose == purpose,
        Challenge.expires_at > now,
        Challenge.user_id == user.id if user else Challenge.user_id.is_(None),
    )
    if db.session.scalar(ours.returning(Challenge.key)) is None:
        raise Conflict(_("This was used already, or took longer than five minutes. Try again."))


def add(user: User, credential: str, name: str, host: str, origin: str, now: datetime) -> Passkey:
    """Take in a new passkey. Raises `Invalid` or `Conflict` with a sentence."""
    answer, challenge = _answer(credential)
    _take(challenge, ADD, user, now)
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Invalid(_damaged()) from error
    locked(User, user.id)
    count = db.session.scalar(select(func.count()).select_from(Passkey).where(Passkey.user_id == user.id))
    if (count or 0) >= AT_MOST:
        raise Conflict(_("Ten passkeys are enough. Remove one that you do not use any more."))
    values = {
        "user_id": user.id,
        "credential_id": bytes_to_base64url(made.credential_id),
        "public_key": made.credential_public_key,
        "sign_count": made.sign_count,
        "name": name,
        "created_at": now,
    }
    key = db.session.scalar(insert(Passkey).values(**values).on_conflict_do_nothing().returning(Passkey.id))
    if key is None:
        raise Conflict(_("This passkey is set up already."))
    record(Verb.PASSKEY_ADDED, user, now, actor=user, public=False)
    tell_of_door(user, _("A passkey was added to your account."), "passkey:added", now)
    return db.session.get_one(Passkey, key)


def use(credential: str, host: str, origin: str, now: datetime) -> User:
    """Whose passkey has signed. Raises `Invalid` or `Conflict` with a sentence that tells nothing about accounts."""
    answer, challenge = _answer(credential)
    _take(challenge, USE, None, now)
    found = db.session.scalar(select(Passkey.id).where(Passkey.credential_id == str(answer.get("id", ""))[:1400]))
    passkey = locked(Passkey, found) if found else None
    unknown = _("This passkey is not known here, or not any more. Sign in with your password.")
    if passkey is None or not passkey.user.may_sign_in:
        raise Invalid(unknown)
    try:
        proof = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Invalid(unknown) from error
    passkey.sign_count, passkey.used_at = proof.new_sign_count, now
    return passkey.user


def mark_of(passkey: Passkey) -> str:
    """What a page says of a passkey besides its number, which SQLite gives to the next one once this one is removed."""
    return f"{passkey.created_at:%Y%m%d%H%M%S%f}"


def remove(user: User, key: int, now: datetime, mark: str = "") -> bool:
    """Forget a passkey of the person; whether there was one. With a `mark` only the very one that a page has shown."""
    passkey = db.session.scalar(select(Passkey).where(Passkey.id == key, Passkey.user_id == user.id))
    if passkey is None or (mark and mark != mark_of(passkey)):
        return False
    ours = delete(Passkey).where(Passkey.id == key, Passkey.user_id == user.id)
    gone = db.session.scalar(ours.returning(Passkey.id)) is not None
    if gone:
        record(Verb.PASSKEY_REMOVED, user, now, actor=user, public=False)
        tell_of_door(user, _("A passkey was removed from your account."), "passkey:removed", now)
    return gone


def forget_challenges(now: datetime) -> int:
    """The job: challenges that nobody answered leave the table."""
    return delete_in_parts(Challenge, Challenge.expires_at <= now)
