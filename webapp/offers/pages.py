"""What offers show on the page of a proposal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.kernel.i18n import gettext as _
from webapp.kernel.page_parts import Act, Part, Place, acts_at
from webapp.proposals.models import Proposal


def part(_actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """On the page of a proposal that was published: the way to its offers."""
    act = Act(_("Offers of business"), f"/proposals/{proposal.id}/offers")
    return acts_at(Place.MORE, act if proposal.published_at else None)
