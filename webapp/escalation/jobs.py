"""What the passing of a date does by itself: silence climbs, windows close, nothing hangs unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.escalation.rules import Cause, Outcome
from webapp.escalation.services import move, rung_above, rungs_of
from webapp.escalation.tallies import remember_progress
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, locked, retrying, rollback, unit_of_work
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.rulebook.services import due_after

Act = Callable[[Proposal, datetime], None]


def act_on_due(stages: Iterable[Stage], act: Act, now: datetime) -> int:
    """Apply `act` to every proposal of `stages` whose date has passed, each in a transaction of its own.

    The row is locked and looked at again before acting, so two workers, or a worker killed half-way,
    do it once.
    """
    wanted = [stage.value for stage in stages]
    due = (
        select(Proposal.id)
        .where(Proposal.due_at <= now, Proposal.stage.in_(wanted))
        .order_by(Proposal.due_at, Proposal.id)
    )
    keys = list(db.session.scalars(due))
    rollback()
    done = 0
    for key in keys:

        def once(key: int = key) -> int:
            with unit_of_work():
                proposal = locked(Proposal, key)
                if proposal is None or proposal.due_at is None or proposal.due_at > now or proposal.stage not in wanted:
                    return 0
                act(proposal, now)
                return 1

        done += retrying(once)
    return done


def expire(proposal: Proposal, now: datetime) -> None:
    """The window is over and the threshold was not reached."""
    advance(proposal, Event.EXPIRE, now)
    record(
        Verb.PROPOSAL_UNSUPPORTED,
        proposal,
        now,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        supports=proposal.next_supports,
        threshold=proposal.next_threshold,
    )


def silence(proposal: Proposal, now: datetime) -> None:
    """The body did not answer in its term: that is recorded in public, and the next rung owes the answer."""
    rungs = rungs_of(proposal)
    above = rung_above(proposal, rungs)
    due_at = proposal.due_at
    if above is None:
        stay_overdue(proposal, now, rungs[-1].answer_working_days)
        return
    record(
        Verb.BODY_SILENT,
        proposal,
        now,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        due_at=due_at.isoformat() if due_at else None,
        what="answer",
    )
    move(proposal, above, Event.SILENCE, Cause.SILENCE, now, leaving=Outcome.SILENT)
    proposal.silent_at = now
    remember_progress(proposal)


def stay_overdue(proposal: Proposal, now: datetime, working_days: int) -> None:
    """At the top nobody is above: it stays, marked overdue, and is recorded again at the end of each further term."""
    was_due = proposal.due_at
    proposal.overdue_at = proposal.overdue_at or now
    proposal.silent_at = proposal.silent_at or now
    proposal.due_at = due_after(working_days, now)
    record(
        Verb.TERM_OVERDUE,
        proposal,
        now,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        due_at=was_due.isoformat() if was_due else None,
        next_due_at=proposal.due_at.isoformat(),
    )


def close(proposal: Proposal, now: datetime) -> None:
    """The window for an appeal is over: the matter is closed."""
    proposal.closed_at, proposal.due_at = now, None
    record(
        Verb.PROPOSAL_CLOSED,
        proposal,
        now,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        stage=proposal.stage,
    )


def windows_and_silence(now: datetime) -> int:
    """The job: close windows, then let silence climb."""
    done = act_on_due([Stage.COLLECTING], expire, now)
    done += act_on_due([Stage.REJECTED, Stage.DECLINED], close, now)
    return done + act_on_due([Stage.REVIEW], silence, now)


EVERY = timedelta(seconds=0)
