"""Choosing the other proposal: by number or address, or from those that look alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.database import db
from webapp.merging import rules
from webapp.merging.services import Pair, side_of
from webapp.proposals.models import Proposal
from webapp.proposals.rules import asked_number
from webapp.proposals.similarity import Candidate, candidates
from webapp.territories.models import Territory

READ_AT_MOST, OFFERED = 24, 8


def named(word: str) -> Proposal | None:
    """The published proposal with this number ("6110-2026-00041") or this number of its page; None for anything else."""
    key, number = asked_number(word)
    if key is not None:
        found = db.session.get(Proposal, key)
    else:
        found = db.session.scalars(select(Proposal).where(Proposal.number == number).order_by(Proposal.id)).first()
    return found if found is not None and found.is_public else None


def alike(actor: Any, proposal: Proposal, now: datetime) -> list[Candidate]:
    """Published, open proposals on the same matter to which this person may join it, likeliest first."""
    found = candidates(
        proposal.title,
        proposal.text,
        origin_id=proposal.origin_id,
        sphere=proposal.sphere,
        besides=proposal.id,
        at_most=READ_AT_MOST,
    )
    seats = select(Territory).where(Territory.id.in_({candidate.proposal.seat_id for candidate in found}))
    near = db.session.scalars(seats).all()  # one query instead of one a row
    return [one for one in found if near and may_join_to(actor, proposal, one.proposal, now)][:OFFERED]


def may_join_to(actor: Any, proposal: Proposal, into: Proposal, now: datetime) -> bool:
    """Whether the way to the check is open for this pair; whether it can be done stands there."""
    return refusal(actor, Permission.MERGE, Pair(proposal, into), now) is None


def is_turned_round(proposal: Proposal, into: Proposal) -> bool:
    """Whether the other direction is the one that is proposed."""
    one, other = side_of(proposal), side_of(into)
    return rules.leading(one, other) is one and rules.fault(other, one) is None


def may_join(actor: Any, proposal: Proposal, now: datetime) -> bool:
    """Whether the page of a proposal shows the way to join it to another."""
    if proposal.stage not in rules.PARTINGS or proposal.closed_at is not None:
        return False
    return refusal(actor, Permission.MERGE, Pair(proposal), now) is None
