"""Which features show something beside a proposal on the desk, in the order of the page.

Their templates read what their own function gives as `part`, and of the page what was read with the proposal
(`assignment`, `insight`) and its forms (`note_form`, `assign_form`, `back`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.cascade import pages as cascade
from webapp.kernel.page_parts import Part, PartOf, Place
from webapp.moderation import pages as moderation
from webapp.proposals.models import Proposal
from webapp.teamwork import pages as teamwork


def author(_actor: Any, _proposal: Proposal, _now: datetime) -> Part | None:
    """What the platform knows about the author; it was counted with the proposal."""
    return Part(Place.BESIDE, "desk/part_author.html")


BESIDE: tuple[PartOf, ...] = (
    moderation.earlier,
    moderation.decision,
    teamwork.assigned,
    cascade.beside,
    author,
    teamwork.notes,
)
