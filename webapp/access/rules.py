"""Which roles there are, and who may give which of them where: a decision that a jurist can read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """What a person may be for a territory and everything below it."""

    MODERATOR = "moderator"
    OFFICER = "officer"
    ANALYST = "analyst"
    OPERATOR = "operator"


#: Roles that carry the decisions of a body; the staff of a higher rung may give them below itself.
OF_A_BODY = frozenset({Role.MODERATOR, Role.OFFICER})


class Held(NamedTuple):
    """A role in force: which, and the path of its territory."""

    role: str
    path: str


def may_give(role: str, path: str, held: Iterable[Held]) -> bool:
    """Whether somebody with the roles `held` may give `role` in the territory at `path`, or end it there.

    An operator may give any role in the operator's territory and below. A moderator or an officer
    may give the roles of a body in territories below their own, never beside themselves: a rung
    is staffed from above.
    """
    for own in held:
        inside = path.startswith(own.path)
        if own.role == Role.OPERATOR and inside:
            return True
        if own.role in OF_A_BODY and role in OF_A_BODY and inside and path != own.path:
            return True
    return False


def gives_anywhere(held: Iterable[Held]) -> bool:
    """Whether these roles carry the right to give roles at all; where, `may_give` decides."""
    return any(own.role in OF_A_BODY or own.role == Role.OPERATOR for own in held)


def in_force(valid_from: datetime, valid_until: datetime | None, now: datetime) -> bool:
    """Whether a grant holds at a moment: from its first moment on, and before its last."""
    return valid_from <= now and (valid_until is None or now < valid_until)


def end_of(last_day: date, zone: tzinfo) -> datetime:
    """The moment at which a grant ends that is good up to and including `last_day`."""
    return datetime.combine(last_day + timedelta(days=1), time(0), zone)
