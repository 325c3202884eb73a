"""Completing what a person began before the door: a kept vote, a draft of this device."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.database import db, locked
from webapp.people.models import User
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.waiting import complete_submissions
from webapp.voting.models import CHOICES
from webapp.voting.services import cast_vote, complete_pending_votes, keep_vote, take_over_votes


def adopt_drafts(user: User, tokens: Sequence[str]) -> None:
    """Drafts that were written on this device before signing in belong to the person now."""
    for draft in db.session.scalars(select(Draft).where(Draft.token.in_(list(tokens)[:20]), Draft.author_id.is_(None))):
        draft.author_id = user.id


def complete_vote(user: User, kept: Any, now: datetime) -> Proposal | None:
    """Cast the vote that was kept on this device, or keep it on the account until the person is verified."""
    if not isinstance(kept, list) or len(kept) != 2 or kept[1] not in CHOICES or not isinstance(kept[0], int):
        return None
    proposal = locked(Proposal, kept[0])
    if proposal is None or not proposal.accepts_votes(now):
        return None
    if refusal(user, Permission.VOTE, proposal, now) is None:
        cast_vote(user, proposal, kept[1], now)
    else:
        keep_vote(user, proposal, kept[1], now)
    return proposal


__all__ = ["adopt_drafts", "complete_pending_votes", "complete_submissions", "complete_vote", "take_over_votes"]
