"""Triage terms that pass: the next rung's desk takes over; questions that nobody answers lapse."""

from __future__ import annotations

from datetime import datetime

from webapp.escalation.jobs import act_on_due, stay_overdue
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.moderation.services import next_seat
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.rulebook.services import due_after, rule_in_force


def overlook(proposal: Proposal, now: datetime) -> None:
    """Nobody looked at it in the term: recorded in public, and the next rung's moderators have it now."""
    above = next_seat(proposal)
    if above is None:
        terms, _row = rule_in_force(proposal.seat, now)
        stay_overdue(proposal, now, terms.triage_working_days)
        return
    left, due_at = proposal.seat_id, proposal.due_at
    terms, _row = rule_in_force(above, now)
    record(
        Verb.BODY_SILENT,
        proposal,
        now,
        proposal_id=proposal.id,
        territory_id=left,
        due_at=due_at.isoformat() if due_at else None,
        what="triage",
    )
    advance(
        proposal, Event.FORWARD, now, seat_id=above.id, due_at=due_after(terms.triage_working_days, now), silent_at=now
    )
    record(
        Verb.PROPOSAL_FORWARDED,
        proposal,
        now,
        proposal_id=proposal.id,
        territory_id=above.id,
        from_territory=left,
        by="silence",
    )


def lapse(proposal: Proposal, now: datetime) -> None:
    """The author did not answer the question in the term."""
    advance(proposal, Event.LAPSE, now)
    record(Verb.PROPOSAL_LAPSED, proposal, now, proposal_id=proposal.id, territory_id=proposal.seat_id, public=False)


def triage_terms(now: datetime) -> int:
    """The job."""
    return act_on_due([Stage.SUBMITTED], overlook, now) + act_on_due([Stage.RETURNED], lapse, now)
