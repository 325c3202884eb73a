"""What the desk shows of the work of staff on one proposal: who has it, and what they tell one another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.kernel.page_parts import Part, Place
from webapp.proposals.models import Proposal
from webapp.teamwork.notes import notes_of


def assigned(_actor: Any, _proposal: Proposal, _now: datetime) -> Part | None:
    """Who has it. The page has read the row with the proposal (`assignment`) and brings the form."""
    return Part(Place.BESIDE, "teamwork/part_assigned.html")


def notes(_actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """Notes for colleagues. The page brings the form."""
    return Part(Place.BESIDE, "teamwork/part_notes.html", {"notes": notes_of(proposal.id)})
