"""Somebody who is verified on another account, and wants to use this one from now on.

Whoever was shown by a desk, a sign-in or a signature may decide it at once. IIN and surname are known
to others, too: after the register alone, a code goes to the address of the other account.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select, update

from webapp.delivery.judging import move_judgements
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, locked
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.mail import Message
from webapp.people.models import User
from webapp.people.passwords import keyed
from webapp.people.person_keys import IIN
from webapp.verification import letters, rules
from webapp.verification.models import Attempt
from webapp.verification.pepper_marks import trusted_peppers
from webapp.verification.rules import STRONG, Home
from webapp.verification.services import Done, Finding, account_of, check_open, make_verified, one_at_a_time

#: The first word of the keys of its mails, and what stands in place of a code that a later one has replaced.
MAIL, SPENT = "take-over", ""


class WrongCode(Invalid):
    """It counts as a try, so commit it although the answer is a refusal."""


def open_choice(user: User, now: datetime) -> Attempt | None:
    """What was shown for this account and waits for the person's choice."""
    query = select(Attempt).where(Attempt.user_id == user.id, Attempt.person_key.is_not(None))
    return db.session.scalar(query.where(Attempt.expires_at > now).order_by(Attempt.id.desc()).limit(1))


def needs_code(choice: Attempt) -> bool:
    """Whether the other account must agree, by a code that is sent to its address."""
    return choice.provider not in STRONG


def _keys(choice: Attempt, now: datetime) -> tuple[list[str], int]:
    """The stored key, and what it has become should the peppers have changed meanwhile."""
    present = trusted_peppers(now)
    assert choice.person_key is not None
    newest = present.onward(IIN, choice.person_key, choice.key_version)
    return [choice.person_key, newest], present.version


def _code_key(choice: Attempt, code: str) -> str:
    return keyed(current_app.config["SECRET_KEY"], f"take-over-{choice.id}", code)


def send_code(user: User, now: datetime) -> None:
    """Send the code to the other account's address, once. Raises `Conflict` where there is nothing to choose."""
    choice = _locked_choice(user, now)
    if choice.code_key:  # one that a later code has replaced may be sent anew
        raise Conflict(_("The code has been sent already. Look at the mail of your other account."))
    keys, _version = _keys(choice, now)
    other = account_of(keys, user)
    if other is None or other.deleted_at is not None:
        raise Conflict(_("The other account is no longer there. Begin again."))
    if _sent_lately(other, now) >= rules.CODES_A_DAY:
        raise Conflict(
            _(
                "Three codes were sent to the other account within a day. Look at its mail, try again tomorrow, or go to the desk of your akimat with your identity card: there no code is needed."
            )
        )
    db.session.execute(
        update(Attempt)
        .where(Attempt.person_key.in_(keys), Attempt.id != choice.id, Attempt.code_key.is_not(None))
        .values(code_key=SPENT)
    )
    code = f"{secrets.randbelow(1_000_000):06d}"
    choice.code_key = _code_key(choice, code)
    choice.expires_at = now + rules.CHOICE_TERM
    minutes = int(rules.CHOICE_TERM.total_seconds() // 60)
    letters.send_take_over_code(other, code, minutes, MAIL, now)


def _sent_lately(other: User, now: datetime) -> int:
    """How many codes have gone to an account within a day, whoever asked: it is the mailbox that is spared."""
    sent = select(func.count()).select_from(Message).where(Message.to == other.email)
    sent = sent.where(Message.dedup_key.startswith(f"{MAIL}:"), Message.created_at > now - timedelta(days=1))
    return db.session.scalar(sent) or 0


def _locked_choice(user: User, now: datetime) -> Attempt:
    choice = open_choice(user, now)
    choice = locked(Attempt, choice.id) if choice else None
    if choice is None or choice.person_key is None:
        raise Conflict(_("There is nothing to decide here any more. Begin again."))
    return choice


def take_over(user: User, code: str, now: datetime) -> Done:
    """Use this account from now on. Raises `WrongCode`, which counts as a try, and `Conflict`."""
    choice = open_choice(user, now)
    if choice is None:
        raise Conflict(_("There is nothing to decide here any more. Begin again."))
    keys, version = _keys(choice, now)
    one_at_a_time(keys[-1])
    locked(User, user.id)
    choice = _locked_choice(user, now)
    if user.is_verified:
        raise Conflict(_("This account is verified already."))
    if needs_code(choice):
        _check_code(choice, code)
    other = account_of(keys, user)
    check_open(other)
    home = Home(choice.home_kato or "", choice.is_declared)
    found = Finding(keys[-1], version, home, choice.provider, choice.subject_key)
    db.session.execute(update(Attempt).where(Attempt.id == choice.id).values(person_key=None, expires_at=now))
    if other is not None and other.deleted_at is None:
        other.verified_at = None
        record(Verb.VERIFICATION_MOVED, other, now, public=False, provider=choice.provider)
        letters.tell_taken_over(other, now)
    if other is not None:
        move_judgements(other.id, user.id)
    return make_verified(user, found, other, now)


def _check_code(choice: Attempt, code: str) -> None:
    if choice.code_key is None:
        raise Conflict(_("Let the code be sent first."))
    if choice.tries >= rules.CODE_TRIES:
        raise Conflict(_("Five codes were wrong. Begin again."), "code")
    choice.tries += 1
    digits = "".join(sign for sign in code if sign.isdigit())
    if not secrets.compare_digest(choice.code_key, _code_key(choice, digits)):
        raise WrongCode(_("This code is wrong. Look for the newest mail to your other account."), "code")
