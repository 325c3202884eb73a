"""What the page of a proposal shows of its carrying out: milestones with evidence, and the judging of the result."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.delivery.page import judging, plan
from webapp.delivery.services import milestones_of
from webapp.kernel.page_parts import Part, Place
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage

ACTIVE = frozenset({Stage.ACCEPTED, Stage.IMPLEMENTING})


def part(actor: Any, proposal: Proposal, now: datetime) -> Part | None:
    """The plan once there is one, and what supporters say of the result."""
    stage = Stage(proposal.stage)
    if stage not in ACTIVE | {Stage.DONE}:
        return None
    context = {
        "plan": plan(actor, milestones_of(proposal.id), now, stage in ACTIVE),
        "may_plan": stage == Stage.IMPLEMENTING and refusal(actor, Permission.PLAN, proposal, now) is None,
        "judging": judging(actor, proposal, now),
    }
    return Part(Place.MAIN, "delivery/part.html", context)
