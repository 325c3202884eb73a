"""Triage terms that pass: the next rung's desk takes over; questions that nobody answers lapse."""

from __future__ import annotations

from datetime import datetime

from webapp.escalation.jobs import act_on_due, stay_overdue
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.moderation.services import next_seat
from webapp.proposals.due import ON_DUE
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.rulebook.services import due_after, rule_in_force


def overlook(proposal: Proposal, due: datetime) -> None:
    """Nobody looked at it in the term: recorded in public, and the next rung's moderators have it from then on."""
    above = next_seat(proposal)
    if above is None:
        terms, _row = rule_in_force(proposal.seat, due)
        stay_overdue(proposal, due, terms.triage_working_days)
        return
    left = proposal.seat_id
    terms, _row = rule_in_force(above, due)
    record(
        Verb.BODY_SILENT,
        proposal,
        due,
        proposal_id=proposal.id,
        territory_id=left,
        due_at=due.isoformat(),
        what="triage",
    )
    advance(
        proposal, Event.FORWARD, due, seat_id=above.id, due_at=due_after(terms.triage_working_days, due), silent_at=due
    )
    record(
        Verb.PROPOSAL_FORWARDED,
        proposal,
        due,
        proposal_id=proposal.id,
        territory_id=above.id,
        from_territory=left,
        by="silence",
    )


def lapse(proposal: Proposal, due: datetime) -> None:
    """The author did not answer the question in the term."""
    advance(proposal, Event.LAPSE, due)
    record(Verb.PROPOSAL_LAPSED, proposal, due, proposal_id=proposal.id, territory_id=proposal.seat_id, public=False)


def triage_terms(now: datetime) -> int:
    """The job."""
    return act_on_due([Stage.SUBMITTED, Stage.RETURNED], now)


ON_DUE |= {Stage.SUBMITTED: overlook, Stage.RETURNED: lapse}
