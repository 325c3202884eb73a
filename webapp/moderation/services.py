"""A moderator's decisions: publish, return with a question, reject with a reason, forward, merge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import granted_territories, require
from webapp.escalation.services import open_ladder
from webapp.escalation.tallies import remember_progress
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.merging import services as merging
from webapp.moderation.models import TriageDecision
from webapp.moderation.reasons import REASONS
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.proposals.rules import SPHERES, Event, Stage
from webapp.proposals.services import advance, ensure_possible
from webapp.rulebook.services import closing_after, due_after, rule_in_force
from webapp.territories.models import Territory
from webapp.territories.services import ladder


def _decide(actor: User, proposal: Proposal, kind: str, now: datetime, reason: str = "", note: str = "") -> None:
    row = TriageDecision(
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        kind=kind,
        reason=reason,
        note=note,
        moderator_id=actor.id,
        at=now,
    )
    db.session.add(row)


def _move(proposal: Proposal, event: Event, now: datetime, **changes: Any) -> None:
    if not advance(proposal, event, now, **changes):
        raise Conflict(_("A colleague has decided on this proposal in the meantime."))


def publish(actor: User, proposal: Proposal, now: datetime, sphere: str = "") -> None:
    """Let everybody see and support it; the rules in force are frozen now."""
    require(actor, Permission.TRIAGE, proposal, now)
    if sphere and sphere not in SPHERES:
        raise Invalid(_("Choose one of the eight spheres."), "sphere")
    ensure_possible(proposal, Event.PUBLISH)
    closes_at = open_ladder(proposal, now)
    first = ladder(proposal.origin)[0]
    held_by = proposal.seat_id
    _move(
        proposal,
        Event.PUBLISH,
        now,
        seat_id=first.id,
        due_at=closes_at,
        closes_at=closes_at,
        published_at=now,
        overdue_at=None,
        sphere=sphere or proposal.sphere,
    )
    remember_progress(proposal)
    _decide(actor, proposal, "publish", now)
    record(
        Verb.PROPOSAL_PUBLISHED,
        proposal,
        now,
        actor=actor,
        proposal_id=proposal.id,
        territory_id=held_by,
        closes_at=closes_at.isoformat(),
    )


def ask(actor: User, proposal: Proposal, question: str, now: datetime) -> None:
    """Return it with a question; the clock of the body pauses, the author has a term to answer."""
    require(actor, Permission.TRIAGE, proposal, now)
    if not question.strip():
        raise Invalid(_("Write the question that the author is to answer."), "question")
    terms, _row = rule_in_force(proposal.seat, now)
    due_at = closing_after(terms.return_days, now)
    _move(proposal, Event.RETURN, now, due_at=due_at)
    _decide(actor, proposal, "return", now, note=question)
    record(
        Verb.PROPOSAL_RETURNED,
        proposal,
        now,
        actor=actor,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        public=False,
        question=question,
        due_at=due_at.isoformat(),
    )


def reject(actor: User, proposal: Proposal, reason: str, note: str, now: datetime) -> None:
    """Turn it down with a reason from the list; the author may appeal to the next rung."""
    require(actor, Permission.TRIAGE, proposal, now)
    if reason not in REASONS:
        raise Invalid(_("Choose a reason from the list: the author has to know why."), "reason")
    terms, _row = rule_in_force(proposal.seat, now)
    due_at = due_after(terms.appeal_working_days, now)
    _move(proposal, Event.REJECT, now, due_at=due_at)
    _decide(actor, proposal, "reject", now, reason, note)
    record(
        Verb.PROPOSAL_REJECTED,
        proposal,
        now,
        actor=actor,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        public=False,
        reason=reason,
        note=note,
        due_at=due_at.isoformat(),
    )


def forward(actor: User, proposal: Proposal, target: Territory, now: datetime) -> None:
    """Send it to the body that is competent; its triage term begins."""
    require(actor, Permission.TRIAGE, proposal, now)
    if target.id == proposal.seat_id or not target.rung:
        raise Invalid(_("Choose another body that can take it."), "target")
    terms, _row = rule_in_force(target, now)
    left = proposal.seat_id
    _move(proposal, Event.FORWARD, now, seat_id=target.id, due_at=due_after(terms.triage_working_days, now))
    _decide(actor, proposal, "forward", now)
    record(
        Verb.PROPOSAL_FORWARDED,
        proposal,
        now,
        actor=actor,
        proposal_id=proposal.id,
        territory_id=target.id,
        from_territory=left,
        by="moderator",
    )


def merge(actor: User, proposal: Proposal, into: Proposal, now: datetime) -> None:
    """Join it to another one (`webapp.merging`), which remembers who decided so and can undo it."""
    merging.merge(actor, proposal, into, now)


def appeal_rejection(actor: User, proposal: Proposal, note: str, now: datetime) -> None:
    """The author asks the next rung's moderator to look again. At the top nobody is above."""
    require(actor, Permission.APPEAL, proposal, now)
    if proposal.stage != Stage.REJECTED or proposal.closed_at is not None:
        raise Conflict(_("The term for an appeal is over."))
    above = next_seat(proposal)
    if above is None:
        raise Conflict(_("There is no higher body to appeal to."))
    terms, _row = rule_in_force(above, now)
    _move(proposal, Event.APPEAL, now, seat_id=above.id, due_at=due_after(terms.triage_working_days, now))
    record(
        Verb.REJECTION_APPEALED,
        proposal,
        now,
        actor=actor,
        acting_for=proposal.organisation,
        proposal_id=proposal.id,
        territory_id=above.id,
        public=False,
        note=note,
    )


def next_seat(proposal: Proposal) -> Territory | None:
    """The next territory with a body above the one that holds the proposal."""
    steps = ladder(proposal.seat)
    return steps[1] if len(steps) > 1 else None


def desk(actor: User, stage: Stage, role: str, now: datetime) -> Sequence[Proposal]:
    """What waits for a person in a role, by remaining term."""
    paths = [territory.path for territory in granted_territories(actor, role, now)]
    if not paths:
        return []
    where = db.or_(
        *(
            Territory.path == path if role == "officer" else Territory.path.startswith(path, autoescape=True)
            for path in paths
        )
    )
    query = (
        select(Proposal)
        .join(Territory, Territory.id == Proposal.seat_id)
        .where(Proposal.stage == stage.value, Proposal.closed_at.is_(None), where)
        .order_by(Proposal.due_at, Proposal.id)
    )
    return list(db.session.scalars(query.limit(50)))
