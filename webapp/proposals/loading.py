"""A proposal by its address, for the pages of every feature: as it is by the law at this moment, or 404."""

from __future__ import annotations

from flask_login import current_user

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.clock import now
from webapp.kernel.loading import there
from webapp.proposals.due import present
from webapp.proposals.models import Proposal


def any_proposal(key: int, lock: bool = False) -> Proposal:
    """The proposal, whoever asks: what follows is a verb or a permission that decides. Answers 404 where none is."""
    return there(present(key, now(), lock))


def readable_proposal(key: int, lock: bool = False) -> Proposal:
    """The proposal if this visitor may read it. Answers 404 otherwise: of what somebody cannot see, they learn nothing."""
    proposal = any_proposal(key, lock)
    return there(proposal if refusal(current_user, Permission.SEE_PROPOSAL, proposal, now()) is None else None)
