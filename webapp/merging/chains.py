"""Reading mergers: where a joined proposal has gone, what stands in one, what can still be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.database import db
from webapp.merging.models import Merger
from webapp.merging.services import hindrance
from webapp.proposals.models import Proposal

#: More are not shown on one page.
SHOWN = 50
_PLACES = (Proposal.origin, Proposal.seat)


def gone_to(proposal: Proposal) -> tuple[Proposal | None, Merger | None]:
    """The proposal in which a joined one is now, the last of the chain, and the merger that began its way there."""
    if proposal.merged_into_id is None:
        return None, None
    above = aliased(Proposal)
    chain = select(Proposal.id, Proposal.merged_into_id).where(Proposal.id == proposal.merged_into_id)
    steps = chain.cte("chain", recursive=True)
    steps = steps.union(select(above.id, above.merged_into_id).where(above.id == steps.c.merged_into_id))
    own = (Merger.proposal_id == proposal.id) & Merger.undone_at.is_(None)
    query = select(Proposal, Merger).join(steps, steps.c.id == Proposal.id).outerjoin(Merger, own)
    query = query.where(steps.c.merged_into_id.is_(None))
    last, row = db.session.execute(query.options(*map(joinedload, _PLACES))).one()
    return last, row


def merger_of(proposal_id: int) -> Merger | None:
    """The merger that a proposal is in now."""
    return db.session.scalar(select(Merger).where(Merger.proposal_id == proposal_id, Merger.undone_at.is_(None)))


def joined_with(proposal: Proposal) -> list[tuple[Proposal, Merger | None]]:
    """All proposals that were joined to this one, directly or by way of others, the oldest first, with their mergers.

    Those from before mergers were remembered have none.
    """
    below = aliased(Proposal)
    steps = select(Proposal.id).where(Proposal.merged_into_id == proposal.id).cte("steps", recursive=True)
    steps = steps.union(select(below.id).where(below.merged_into_id == steps.c.id))
    near = (*_PLACES, Proposal.author, Proposal.organisation)
    in_force = (Merger.proposal_id == Proposal.id) & Merger.undone_at.is_(None)
    query = select(Proposal, Merger).join(steps, steps.c.id == Proposal.id).outerjoin(Merger, in_force)
    query = query.options(*(joinedload(one) for one in near)).order_by(Proposal.submitted_at, Proposal.id)
    return [(other, row) for other, row in db.session.execute(query.limit(SHOWN))]


def may_undo(actor: Any, row: Merger, now: datetime) -> bool:
    """Whether this person can part the two now."""
    return refusal(actor, Permission.MERGE, row, now) is None and hindrance(row, now) is None
