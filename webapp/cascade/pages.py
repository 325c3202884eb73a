"""What the page of a proposal and the desk show of the strategy: the line above it, and the ways into it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.cascade.services import ACCEPTED, line_above, served, serving_of
from webapp.cascade.words import step
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.page_parts import Act, Part, Place, acts_at, together
from webapp.proposals.models import Proposal
from webapp.strategies.models import Measure


def part(actor: Any, proposal: Proposal, now: datetime) -> Part | None:
    """What it serves, from the nation down to the proposal, and what the reader may do about it; one query where there is one."""
    subject = served(serving_of(proposal.id)) if proposal.has_serving else None
    line = [*map(step, line_above(subject)), _itself(proposal)] if subject is not None else []
    return together(
        _ways(actor, proposal, subject, now) if actor.is_authenticated else None,
        Part(Place.MAIN, "cascade/part_line.html", {"line": line}) if line else None,
    )


def beside(_actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """On the desk: the way to say what it is part of."""
    return acts_at(Place.BESIDE, Act(_("Say what it is part of"), f"/proposals/{proposal.id}/serving"))


def _ways(actor: Any, proposal: Proposal, subject: Any, now: datetime) -> Part | None:
    in_measure, is_accepted = isinstance(subject, Measure), proposal.stage in ACCEPTED
    may_carry = not in_measure and is_accepted and refusal(actor, Permission.JOIN_MEASURE, proposal, now) is None
    is_final = in_measure and is_accepted
    may_place = not is_final and refusal(actor, Permission.CONFIRM_SERVING, proposal, now) is None
    label = _("Change what it is part of") if subject is not None else _("Say what it is part of")
    return acts_at(
        Place.TOP,
        Act(_("Make it a measure"), f"/proposals/{proposal.id}/measure", "primary") if may_carry else None,
        Act(label, f"/proposals/{proposal.id}/serving") if may_place else None,
    )


def _itself(proposal: Proposal) -> dict[str, Any]:
    return {
        "level": "proposal",
        "label": _("Proposal"),
        "place": localized(proposal.origin),
        "title": proposal.title,
        "lang": proposal.shown_lang,
        "url": f"/proposals/{proposal.id}",
        "current": True,
        "ended": False,
    }
