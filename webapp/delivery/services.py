"""Promising milestones and reporting them done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.delivery.models import Milestone
from webapp.delivery.rules import PlanFault, Step, plan_fault
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.rulebook.rules import end_of_day
from webapp.rulebook.services import due_after

REMIND_AFTER_WORKING_DAYS = 10


def milestones_of(proposal_id: int) -> list[Milestone]:
    """The plan of a proposal in order."""
    return list(
        db.session.scalars(select(Milestone).where(Milestone.proposal_id == proposal_id).order_by(Milestone.position))
    )


def promise(proposal: Proposal, steps: Sequence[Step], now: datetime) -> datetime:
    """Save a plan; returns the moment at which its first milestone begins (or now, when it has begun)."""
    fault = plan_fault(steps, local_date(now))
    if fault is not None:
        raise Invalid(
            {
                PlanFault.EMPTY: _("Promise at least one milestone with a date."),
                PlanFault.UNTITLED: _("Name each milestone in Kazakh and in Russian."),
                PlanFault.BACKWARDS: _("A milestone cannot be due before it begins."),
                PlanFault.PAST: _("A milestone must be due after today."),
            }[fault],
            "milestones",
        )
    for position, step in enumerate(sorted(steps, key=lambda step: (step.due_on, step.starts_on))):
        db.session.add(Milestone(proposal_id=proposal.id, position=position, **vars(step)))
    db.session.flush()
    first = min(step.starts_on for step in steps)
    begins = end_of_day(first, LOCAL_ZONE)
    return max(begins, now)


def is_over(milestone: Milestone, now: datetime) -> bool:
    """Whether the last second of a milestone's day is there."""
    return end_of_day(milestone.due_on, LOCAL_ZONE) <= now


def next_look(proposal: Proposal, now: datetime) -> datetime | None:
    """When something happens to the plan by itself: the next milestone is due, or a missed one is recorded again.

    None when all are done.
    """
    left = [milestone for milestone in milestones_of(proposal.id) if milestone.done_at is None]
    dates = [end_of_day(milestone.due_on, LOCAL_ZONE) for milestone in left if milestone.missed_at is None]
    if len(dates) < len(left):
        dates.append(due_after(REMIND_AFTER_WORKING_DAYS, now))
    return min(dates, default=None)


def report_done(actor: User, proposal: Proposal, milestone: Milestone, now: datetime) -> None:
    """The body reports a milestone done; after the last one the proposal is done. `proposal` must be locked."""
    require(actor, Permission.REPORT, proposal, now)
    if milestone.proposal_id != proposal.id or milestone.done_at is not None:
        raise Conflict(_("This milestone has been reported already."))
    if proposal.stage not in (Stage.ACCEPTED, Stage.IMPLEMENTING):
        raise Conflict(_("This proposal is not being carried out now."))
    milestone.done_at = now
    db.session.flush()
    common = {"actor": actor, "proposal_id": proposal.id, "territory_id": proposal.seat_id}
    record(Verb.MILESTONE_DONE, proposal, now, **common, title_kk=milestone.title_kk, title_ru=milestone.title_ru)
    due_at = next_look(proposal, now)
    if proposal.stage == Stage.ACCEPTED:
        start(proposal, now)
    if due_at is None:
        if advance(proposal, Event.FINISH, now):
            record(Verb.IMPLEMENTATION_DONE, proposal, now, **common)
        return
    proposal.due_at = max(due_at, now)
    if not any(left.missed_at and left.done_at is None for left in milestones_of(proposal.id)):
        proposal.overdue_at = None


def start(proposal: Proposal, now: datetime) -> None:
    """The first milestone begins: the proposal is being carried out."""
    if advance(proposal, Event.START, now, due_at=next_look(proposal, now) or now):
        record(Verb.IMPLEMENTATION_STARTED, proposal, now, proposal_id=proposal.id, territory_id=proposal.seat_id)
