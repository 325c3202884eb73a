"""The same small questions about staff: on whose desk a thing lies, for which body somebody works."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.access.predicates import Reason, answers_for, answers_for_seat, has_role, moderates_seat
from webapp.access.rules import Role
from webapp.kernel.database import db
from webapp.territories.models import Territory


def works_on_seat(actor: Any, proposal: Any, now: datetime) -> Reason | None:
    """Moderates the territory that holds the proposal, or one above it; or answers for the very territory."""
    fits = moderates_seat(actor, proposal, now) is None or answers_for_seat(actor, proposal, now) is None
    return None if fits else Reason.NOT_ON_THIS_DESK


def moderates_territory(actor: Any, territory: Any, now: datetime) -> Reason | None:
    """Is moderator of the territory or of one above it."""
    return None if has_role(actor, Role.MODERATOR, territory, now) else Reason.NOT_OF_THIS_BODY


def works_in_body(actor: Any, territory: Any, now: datetime) -> Reason | None:
    """Is moderator of the territory or of one above it, or officer of this very territory."""
    return None if answers_for(actor, territory.id, now) else moderates_territory(actor, territory, now)


def decided_it(actor: Any, decision: Any, _now: datetime) -> Reason | None:
    """Made the decision."""
    return None if decision.moderator_id == actor.id else Reason.DECIDED_BY_ANOTHER


def still_decides_there(actor: Any, decision: Any, now: datetime) -> Reason | None:
    """Has, at this moment, the role with which it was decided: over the seat that it lay on then.

    To take back that two were joined is asked of the row that joins (`Permission.MERGE`).
    """
    if decision.kind == "merge":
        return None
    seat_id = (decision.before or {}).get("seat_id", decision.territory_id)
    seat = db.session.get(Territory, seat_id)
    is_theirs = seat is not None and has_role(actor, Role.MODERATOR, seat, now)
    return None if is_theirs else Reason.NOT_MODERATOR_HERE
