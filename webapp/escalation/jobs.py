"""What the passing of a date does by itself: silence climbs, windows close, nothing hangs unseen.

Each act takes the proposal and the moment that was due; it is called by `proposals.due.settle` and by nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from webapp.escalation.outages import move_proposals
from webapp.escalation.rules import Cause, Outcome
from webapp.escalation.services import move, rung_above, rungs_of
from webapp.escalation.tallies import remember_progress
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db
from webapp.kernel.presence import there_until
from webapp.proposals.due import ON_DUE, settle_each
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.rulebook.outages import MOVERS
from webapp.rulebook.services import due_after


def act_on_due(stages: Iterable[Stage], now: datetime) -> int:
    """Settle every proposal of `stages` whose date has passed, the longest passed first; returns how many dates."""
    wanted = [stage.value for stage in stages]
    due = (
        select(Proposal.id)
        .where(Proposal.due_at <= there_until(now), Proposal.stage.in_(wanted))
        .order_by(Proposal.due_at, Proposal.id)
    )
    return settle_each(db.session.scalars(due), now)


def expire(proposal: Proposal, due: datetime) -> None:
    """The window is over and the threshold was not reached."""
    advance(proposal, Event.EXPIRE, due)
    record(
        Verb.PROPOSAL_UNSUPPORTED,
        proposal,
        due,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        supports=proposal.next_supports,
        threshold=proposal.next_threshold,
    )


def silence(proposal: Proposal, due: datetime) -> None:
    """The body did not answer in its term: that is recorded in public, and the next rung owes the answer."""
    rungs = rungs_of(proposal)
    above = rung_above(proposal, rungs)
    if above is None:
        stay_overdue(proposal, due, rungs[-1].answer_working_days)
        return
    record(
        Verb.BODY_SILENT,
        proposal,
        due,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        due_at=due.isoformat(),
        what="answer",
    )
    move(proposal, above, Event.SILENCE, Cause.SILENCE, due, leaving=Outcome.SILENT)
    proposal.silent_at = due
    remember_progress(proposal)


def stay_overdue(proposal: Proposal, due: datetime, working_days: int) -> None:
    """At the top nobody is above: it stays, marked overdue since the day that passed first.

    It is recorded again at the end of each further term.
    """
    proposal.overdue_at = proposal.overdue_at or due
    proposal.silent_at = proposal.silent_at or due
    proposal.due_at = due_after(working_days, due)
    record(
        Verb.TERM_OVERDUE,
        proposal,
        due,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        due_at=due.isoformat(),
        next_due_at=proposal.due_at.isoformat(),
    )


def close(proposal: Proposal, due: datetime) -> None:
    """The window for an appeal is over: the matter is closed."""
    proposal.closed_at, proposal.due_at = due, None
    record(
        Verb.PROPOSAL_CLOSED,
        proposal,
        due,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        stage=proposal.stage,
    )


def windows_and_silence(now: datetime) -> int:
    """The job: close windows, then let silence climb."""
    return act_on_due([Stage.COLLECTING, Stage.REJECTED, Stage.DECLINED, Stage.REVIEW], now)


ON_DUE |= {Stage.COLLECTING: expire, Stage.REJECTED: close, Stage.DECLINED: close, Stage.REVIEW: silence}
MOVERS.append(move_proposals)
