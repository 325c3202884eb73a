"""The vertical line on the page of a proposal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.cascade.services import ACCEPTED, line_above, served, serving_of
from webapp.cascade.words import step
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.proposals.models import Proposal
from webapp.strategies.models import Measure


def vertical(actor: Any, proposal: Proposal, now: datetime) -> dict[str, Any]:
    """What it serves, from the nation down to the proposal, and what the reader may do about it; one query where there is one."""
    subject = served(serving_of(proposal.id)) if proposal.has_serving else None
    in_measure = isinstance(subject, Measure)
    signed_in = actor.is_authenticated
    return {
        "serving_line": [*map(step, line_above(subject)), _itself(proposal)] if subject is not None else [],
        "may_place": signed_in
        and not (in_measure and proposal.stage in ACCEPTED)
        and refusal(actor, Permission.CONFIRM_SERVING, proposal, now) is None,
        "may_carry": signed_in
        and not in_measure
        and proposal.stage in ACCEPTED
        and refusal(actor, Permission.JOIN_MEASURE, proposal, now) is None,
    }


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
