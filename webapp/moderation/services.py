"""A moderator's decisions: publish, return with a question, reject with a reason, forward, merge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select

from webapp.access.models import Grant
from webapp.access.permissions import Permission
from webapp.access.services import granted_territories, refusal, require
from webapp.escalation.services import open_ladder
from webapp.escalation.tallies import remember_progress
from webapp.journal.models import Fact
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.moderation.models import TriageDecision
from webapp.moderation.reasons import REASONS
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.proposals.rules import SPHERES, Event, Stage
from webapp.proposals.services import advance, ensure_possible
from webapp.rulebook.services import closing_after, due_after, rule_in_force, working_days_since
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


#: With these a term of a moderator begins.
BEGINNINGS = (Verb.PROPOSAL_SUBMITTED, Verb.PROPOSAL_IMPORTED, Verb.PROPOSAL_RESUBMITTED, Verb.PROPOSAL_FORWARDED)
BEGINNINGS += (Verb.REJECTION_APPEALED,)


def waited(proposal: Proposal, now: datetime) -> dict[str, int]:
    """How many working days the proposal has waited for this decision, for the statistics of moderation."""
    query = select(Fact.at).where(Fact.proposal_id == proposal.id, Fact.verb.in_([verb.value for verb in BEGINNINGS]))
    began_at = db.session.scalar(query.order_by(Fact.id.desc()).limit(1))
    return {"working_days": working_days_since(began_at or proposal.submitted_at, now)}


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
        **waited(proposal, now),
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
        **waited(proposal, now),
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
        **waited(proposal, now),
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
        **waited(proposal, now),
        proposal_id=proposal.id,
        territory_id=target.id,
        from_territory=left,
        by="moderator",
    )


def merge(actor: User, proposal: Proposal, into: Proposal, now: datetime) -> None:
    """Close a proposal that has been made already and point to the other one."""
    require(actor, Permission.TRIAGE, proposal, now)
    if into.id == proposal.id or not into.is_public or into.merged_into_id is not None:
        raise Invalid(_("Choose a published proposal on the same matter."), "into")
    _move(proposal, Event.MERGE, now, merged_into_id=into.id)
    _decide(actor, proposal, "merge", now)
    record(
        Verb.PROPOSAL_MERGED,
        proposal,
        now,
        actor=actor,
        **waited(proposal, now),
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        into=into.id,
    )


def appeal_rejection(actor: User, proposal: Proposal, note: str, now: datetime) -> None:
    """The author asks the next rung's moderator to look again; at the top, another moderator of the same seat."""
    require(actor, Permission.APPEAL, proposal, now)
    if proposal.stage != Stage.REJECTED or proposal.closed_at is not None:
        raise Conflict(_("The term for an appeal is over."))
    seat = who_looks_again(proposal, now)
    if seat is None:
        raise Conflict(nobody_looks_again())
    terms, _row = rule_in_force(seat, now)
    _move(proposal, Event.APPEAL, now, seat_id=seat.id, due_at=due_after(terms.triage_working_days, now))
    record(
        Verb.REJECTION_APPEALED,
        proposal,
        now,
        actor=actor,
        acting_for=proposal.organisation,
        proposal_id=proposal.id,
        territory_id=seat.id,
        public=False,
        note=note,
    )


def who_looks_again(proposal: Proposal, now: datetime) -> Territory | None:
    """Where an appeal against a rejection goes: up, or at the top to the same seat while another moderator is there."""
    above = next_seat(proposal)
    if above is not None:
        return above
    here = select(Grant).where(Grant.role == "moderator", Grant.territory_id.in_(proposal.seat.ancestor_ids))
    people = [grant.user for grant in db.session.scalars(here) if grant.holds(now)]
    is_there = any(refusal(user, Permission.TRIAGE, proposal, now) is None for user in people)
    return proposal.seat if is_there else None


def nobody_looks_again() -> str:
    """Why there is no appeal at the moment."""
    return _("Nobody is above, and apart from the moderator who rejected it nobody moderates here at the moment.")


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
    if stage is Stage.SUBMITTED:  # an appeal waits for somebody else
        rejected = (Fact.proposal_id == Proposal.id, Fact.verb == Verb.PROPOSAL_REJECTED.value)
        query = query.where(~exists().where(*rejected, Fact.actor_id == actor.id))
    return list(db.session.scalars(query.limit(50)))
