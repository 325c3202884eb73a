"""Where a proposal can be forwarded: to another body, or to a department of this one."""

from __future__ import annotations

from typing import Any

from webapp.kernel.database import db
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.text import whole_number
from webapp.proposals.choices import place_choices
from webapp.proposals.models import Proposal
from webapp.teamwork.models import Department
from webapp.teamwork.services import departments
from webapp.territories.models import Territory
from webapp.territories.services import by_kato, lineage


def targets(proposal: Proposal) -> dict[str, Any]:
    """The choices of the form: departments as "d" and their number, bodies by the KATO code of their territory."""
    rooms = {f"d{room.id}": localized(room) for room in departments([proposal.seat_id])}
    up = {place.kato: localized(place) for place in lineage(proposal.seat)[1:] if place.rung}
    inside = {_("Departments of this body"): rooms} if rooms else {}
    return {"": _("Choose a body or a department"), **inside, _("Higher rungs"): up, **place_choices()}


def target_of(value: str) -> tuple[Territory | None, Department | None]:
    """What was chosen: a body by its code, or a department with its body; two times None where there is neither."""
    number = whole_number(value[1:]) if value.startswith("d") else None
    if number is not None:
        room = db.session.get(Department, number)
        if room is None or room.retired_at is not None:
            return None, None
        return db.session.get(Territory, room.territory_id), room
    return by_kato(value[:9]), None
