"""What state an organisation is in, when its accreditation ends, who may leave: pure decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

KINDS = ("business", "business_association", "ngo")
OWNER, REPRESENTATIVE = "owner", "representative"
ROLES = (OWNER, REPRESENTATIVE)
INVITATION_DAYS = 7
#: Days before the end of an accreditation on which owners are reminded.
REMIND_DAYS = 30


class State(StrEnum):
    """Where the verification of an organisation stands."""

    WAITING = "waiting"
    VERIFIED = "verified"
    REFUSED = "refused"


def state(verified_at: datetime | None, refused_at: datetime | None) -> State:
    """The state that two moments say."""
    if verified_at is not None:
        return State.VERIFIED
    return State.WAITING if refused_at is None else State.REFUSED


class Accreditation(StrEnum):
    """Where the accreditation of an association stands on a day."""

    NONE = "none"
    VALID = "valid"
    EXPIRED = "expired"


def accreditation(until: date | None, today: date) -> Accreditation:
    """In force up to and including its last day."""
    if until is None:
        return Accreditation.NONE
    return Accreditation.VALID if today <= until else Accreditation.EXPIRED


def reminder_window(today: date) -> tuple[date, date]:
    """The last days of accreditations whose owners are to be reminded today."""
    return today, today + timedelta(days=REMIND_DAYS)


class LetterFault(StrEnum):
    """Why a letter is no evidence."""

    FUTURE = "future"
    OLD = "old"


def letter_fault(on: date, today: date, days: int) -> LetterFault | None:
    """What is wrong with the date of a letter; None when it will do.

    One that is older than so many days says nothing about who represents the organisation today.
    """
    if on > today:
        return LetterFault.FUTURE
    return LetterFault.OLD if on < today - timedelta(days=days) else None


class CertificateFault(StrEnum):
    """Why a certificate of accreditation cannot be entered."""

    FUTURE = "future"
    OVER = "over"
    FAR = "far"


def certificate_fault(on: date, until: date, today: date, latest: date) -> CertificateFault | None:
    """A certificate was given by today, has not ended yet, and ends by the last day that the rules allow."""
    if on > today:
        return CertificateFault.FUTURE
    if until <= today or until <= on:
        return CertificateFault.OVER
    return CertificateFault.FAR if until > latest else None


def may_go(role: str, other_roles: Sequence[str]) -> bool:
    """Whether a member may go: somebody must stay who owns the organisation."""
    return role != OWNER or OWNER in other_roles


def is_home(rung: str) -> bool:
    """Whether an organisation can be at home there: in a city or district, or in a region."""
    return rung in {"city", "region"}
