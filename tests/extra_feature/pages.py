"""What it shows on the page of a proposal and beside it on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.kernel.page_parts import Act, Part, Place, acts_at
from webapp.proposals.models import Proposal


def part(actor: Any, proposal: Proposal, now: datetime) -> Part | None:
    """A line below the text, with something to do for whoever has signed in; only what is public has it."""
    if not proposal.is_public:
        return None
    act = Act("Extra act", f"/proposals/{proposal.id}/extra", "secondary", posts=True)
    acts = (act,) if actor.is_authenticated else ()
    return Part(Place.MAIN, "extra_feature/part.html", {"number": proposal.number, "at": now}, acts)


def beside(_actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """A link on the desk."""
    return acts_at(Place.BESIDE, Act("Extra link", f"/proposals/{proposal.id}/extra"))
