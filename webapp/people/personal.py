"""What is stored about a person as the holder of an account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.kernel.database import db
from webapp.kernel.mail import Message
from webapp.kernel.refused import RefusedAddress, refused_since
from webapp.people.models import (
    Challenge,
    Consent,
    EmailCode,
    Membership,
    Passkey,
    RecoveryCode,
    SecondStep,
    SignIn,
    User,
)
from webapp.people.traces import gone, kept, let_go, moment, rows_of
from webapp.people.waiting_forms import WaitingForm, forms_of, typed_of

TRACES = (
    gone(WaitingForm.user_id, "waiting_forms"),
    gone(EmailCode.user_id, "codes"),
    gone(SignIn.user_id, "sign_ins"),
    gone(EmailCode.email, "codes"),
    gone(Passkey.user_id, "passkeys"),
    gone(Challenge.user_id, "", "random bytes that hold for five minutes"),
    gone(SecondStep.user_id, "second_step"),
    gone(RecoveryCode.user_id, "recovery_codes"),
    gone(Message.to, "messages"),
    gone(RefusedAddress.email, "account"),
    gone(Membership.user_id, "organisations"),
    kept(Consent.user_id, "consents", "the law asks the operator to show what was agreed to; for a term"),
)


def stored(user: User) -> dict[str, Any]:
    """The account, how its owner signs in, what they agreed to, for whom they speak, what was sent to them."""
    return {
        "account": {
            "email": user.email,
            "given_name": user.given_name,
            "surname": user.surname,
            "shows_full_name": user.shows_full_name,
            "language": user.lang,
            "created_at": moment(user.created_at),
            "email_confirmed_at": moment(user.email_confirmed_at),
            "mails_come_back_since": moment(refused_since(user.email)),
            "verified_at": moment(user.verified_at),
            "home_kato": user.home.kato if user.home else None,
            "password": "an Argon2id hash",
            "iin": "a keyed hash (HMAC-SHA256), from which the number cannot be read" if user.person_key else None,
        },
        "consents": [
            {"purpose": row.purpose, "given_at": moment(row.given_at)} for row in rows_of(Consent.user_id, user)
        ],
        "waiting_forms": [
            {"goes_to": row.path, "fields": row.fields, "at": moment(row.at), "was_sent": row.was_sent}
            for row in [*forms_of(user.id), *typed_of(user.id)]
        ],
        "organisations": [
            {"name": row.organisation.name, "bin": row.organisation.bin, "role": row.role} for row in user.memberships
        ],
        "sign_ins": [
            {
                "browser": row.browser,
                "began_at": moment(row.created_at),
                "seen_at": moment(row.seen_at),
                "ended_at": moment(row.ended_at),
            }
            for row in rows_of(SignIn.user_id, user)
        ],
        "passkeys": [
            {"name": row.name, "added_at": moment(row.created_at), "used_at": moment(row.used_at)}
            for row in rows_of(Passkey.user_id, user)
        ],
        "second_step": [
            {"asked_since": moment(user.second_step_at), "secret": "encrypted"}
            for _row in rows_of(SecondStep.user_id, user)
        ],
        "recovery_codes": [
            {"code": "a keyed hash", "used_at": moment(row.used_at)} for row in rows_of(RecoveryCode.user_id, user)
        ],
        "codes": _codes(user),
        "messages": [
            {"subject": row.subject, "created_at": moment(row.created_at), "sent_at": moment(row.sent_at)}
            for row in rows_of(Message.to, user)
        ],
    }


def _codes(user: User) -> list[dict[str, Any]]:
    """Codes that were mailed to the address of the account, or to a new one that it wants."""
    found = {row.id: row for column in (EmailCode.user_id, EmailCode.email) for row in rows_of(column, user)}
    return [
        {
            "for": row.purpose,
            "email": row.email,
            "code": "a keyed hash",
            "at": moment(row.created_at),
            "used_at": moment(row.used_at),
        }
        for _key, row in sorted(found.items())
    ]


def forget(user: User, _now: datetime) -> None:
    """All but the consents, and the account itself, which `account` empties at the very end."""
    let_go(TRACES, user)
    db.session.expire(user, ["memberships"])
