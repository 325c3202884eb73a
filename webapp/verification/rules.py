"""Levels, terms, homes and signatures: pure decisions about who is verified, and where they live."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

#: How long a code, a text to be signed or a sign-in elsewhere waits for its answer.
TERM = timedelta(minutes=10)
#: How long a person may think about what to do with their other account.
CHOICE_TERM = timedelta(minutes=30)
#: So many beginnings an hour, of all ways together.
BEGINNINGS = 12
#: Wrong codes from the mail to the other account.
CODE_TRIES = 5
#: Codes that one account is sent within a day because others ask for them.
CODES_A_DAY = 3
#: What the text is for; a signature for anything else is worth nothing here.
PURPOSE = "resident-verification"
#: Ways that show the person themselves. IIN and surname are known to others, too: the register alone takes nothing away.
STRONG = frozenset({"desk", "oidc", "eds"})


class Level(StrEnum):
    """How well a person is known; each level contains the one before it."""

    VISITOR = "visitor"
    EMAIL = "email"
    VERIFIED = "verified"


def level(has_confirmed_email: bool, is_verified: bool) -> Level:
    """The level of an account."""
    if is_verified:
        return Level.VERIFIED
    return Level.EMAIL if has_confirmed_email else Level.VISITOR


class Home(NamedTuple):
    """Where a person lives, and whether that is only what they say."""

    kato: str
    is_declared: bool


def home(proven: str | None, established: str | None, registered: str | None, declared: str | None) -> Home | None:
    """The home that counts: what this way proves now, else what was established before by more than a
    declaration, else what the register says, else what the person declares.
    """
    best = proven or established or registered
    if best:
        return Home(best, False)
    return Home(declared, True) if declared else None


def next_declaration(last_declared_at: datetime | None, days: int, now: datetime) -> datetime | None:
    """When a person may declare another home, once in so many days; None where they may now."""
    pause = timedelta(days=days)
    if last_declared_at is None or now - last_declared_at >= pause:
        return None
    return last_declared_at + pause


def register_moves(before: int | None, after: int, present: int) -> bool:
    """Whether an import changes the home of an account: the register learned something new, and it differs.

    A register that says what it said before does not undo a move that was established since.
    """
    return before != after and present != after


def text_to_sign(site: str, reference: str, nonce: str, until: datetime) -> bytes:
    """The bytes that are signed, one way to write them: UTF-8, a line feed after every line."""
    lines = (
        "Saty",
        f"purpose: {PURPOSE}",
        f"site: {site}",
        f"account: {reference}",
        f"nonce: {nonce}",
        f"valid until: {until:%Y-%m-%dT%H:%M:%SZ}",
    )
    return "".join(f"{line}\n" for line in lines).encode()


class SignedBy(NamedTuple):
    """Who signed, as the verifier of signatures read it from the certificate."""

    iin: str
    bin: str
    surname: str
    given_name: str
    key_usage: str
    key_users: tuple[str, ...]
    not_before: datetime
    not_after: datetime


class SignatureFault(StrEnum):
    """Why a valid signature does not show who a resident is."""

    ORGANISATION = "organisation"
    KEY = "key"
    TIME = "time"


def signature_fault(signed: SignedBy, now: datetime) -> SignatureFault | None:
    """None for a signature with the signing key of a natural person, whose certificate is valid now.

    Kinds of keys: rules of the National Certification Authority; a key for signing in (AUTH) may
    have been used for a text that nobody read.
    """
    if signed.bin or (signed.key_users and "INDIVIDUAL" not in signed.key_users):
        return SignatureFault.ORGANISATION
    if signed.key_usage != "SIGN" or "INDIVIDUAL" not in signed.key_users:
        return SignatureFault.KEY
    return None if signed.not_before <= now <= signed.not_after else SignatureFault.TIME
