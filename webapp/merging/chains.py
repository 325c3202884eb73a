"""Reading mergers: where a joined proposal has gone, what stands in one, what can still be undone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.database import db
from webapp.merging.models import Merger
from webapp.merging.rules import UNDO_DAYS
from webapp.merging.services import hindrance
from webapp.proposals.models import Proposal

#: More are not shown on one page.
SHOWN = 50


def last_of(proposal: Proposal) -> Proposal | None:
    """The proposal in which a joined one is now: the last of the chain. None where it was not joined."""
    if proposal.merged_into_id is None:
        return None
    above = aliased(Proposal)
    chain = select(Proposal.id, Proposal.merged_into_id).where(Proposal.id == proposal.merged_into_id)
    steps = chain.cte("chain", recursive=True)
    steps = steps.union(select(above.id, above.merged_into_id).where(above.id == steps.c.merged_into_id))
    query = select(Proposal).join(steps, steps.c.id == Proposal.id).where(steps.c.merged_into_id.is_(None))
    return db.session.scalar(query)


def joined_with(proposal: Proposal) -> list[Proposal]:
    """All proposals that were joined to this one, directly or by way of others, the oldest first."""
    below = aliased(Proposal)
    steps = select(Proposal.id).where(Proposal.merged_into_id == proposal.id).cte("joined", recursive=True)
    steps = steps.union(select(below.id).where(below.merged_into_id == steps.c.id))
    near = (Proposal.origin, Proposal.author, Proposal.organisation)
    query = select(Proposal).join(steps, steps.c.id == Proposal.id).options(*(joinedload(one) for one in near))
    return list(db.session.scalars(query.order_by(Proposal.submitted_at, Proposal.id).limit(SHOWN)))


def undoable(actor: Any, proposal: Proposal, now: datetime) -> list[Merger]:
    """Mergers of a proposal, as either side, that this person can undo, the newest first."""
    if not actor.is_authenticated or not actor.grants:
        return []
    near = [joinedload(side).joinedload(place) for side in (Merger.proposal, Merger.into) for place in _PLACES]
    sides = (Merger.proposal_id == proposal.id) | (Merger.into_id == proposal.id)
    query = select(Merger).where(sides, Merger.undone_at.is_(None), Merger.at >= now - timedelta(days=UNDO_DAYS))
    rows = db.session.scalars(query.options(*near).order_by(Merger.id.desc()).limit(SHOWN))
    return [row for row in rows if refusal(actor, Permission.MERGE, row, now) is None and hindrance(row, now) is None]


_PLACES = (Proposal.origin, Proposal.seat)
