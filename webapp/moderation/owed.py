"""What lies on somebody's desk in a stage, for calendars: the shortest term first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, false, or_, select

from webapp.access.rules import Role
from webapp.access.services import granted_territories
from webapp.kernel.database import db
from webapp.moderation.models import TriageDecision
from webapp.moderation.rules import Kind
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.territories.models import Territory

AT_MOST = 50


def rejected_by(user_id: int) -> Select[tuple[int]]:
    """Ids of proposals that somebody has rejected and not taken back: an appeal waits for somebody else."""
    mine = (TriageDecision.moderator_id == user_id, TriageDecision.undone_at.is_(None))
    return select(TriageDecision.proposal_id).where(*mine, TriageDecision.kind == Kind.REJECT.value)


def owed_by(actor: User, stage: Stage, role: str, now: datetime) -> Sequence[Proposal]:
    """Moderators owe what lies in their territories and below, officers what their very body holds."""
    paths = [territory.path for territory in granted_territories(actor, role, now)]
    exact = role == Role.OFFICER
    where = [Territory.path == path if exact else Territory.path.startswith(path, autoescape=True) for path in paths]
    query = (
        select(Proposal)
        .join(Territory, Territory.id == Proposal.seat_id)
        .where(Proposal.stage == stage.value, Proposal.closed_at.is_(None), or_(*where, false()))
        .order_by(Proposal.due_at, Proposal.id)
    )
    if stage is Stage.SUBMITTED:
        query = query.where(Proposal.id.not_in(rejected_by(actor.id)))
    return list(db.session.scalars(query.limit(AT_MOST)))
