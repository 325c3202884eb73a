"""Promising milestones, and when the next of them is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.delivery.models import Milestone
from webapp.delivery.rules import MOST_STEPS, PlanFault, Step, plan_fault
from webapp.escalation.services import kept_terms
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import format_date, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.rulebook.rules import end_of_day
from webapp.rulebook.services import due_after, rule_in_force
from webapp.strategies.models import Measure
from webapp.territories.models import Territory


def milestones_of(proposal_id: int) -> list[Milestone]:
    """The plan of a proposal in order."""
    return list(
        db.session.scalars(select(Milestone).where(Milestone.proposal_id == proposal_id).order_by(Milestone.position))
    )


def _check(steps: Sequence[Step], place: Territory, now: datetime) -> dict[str, int]:
    """Raises `Invalid` where the rules in force allow no such plan; returns what they say of moving its dates."""
    terms, _row = rule_in_force(place, now)
    latest = local_date(now) + timedelta(days=terms.plan_days)
    fault = plan_fault(steps, local_date(now), latest)
    if fault is not None:
        raise Invalid(
            {
                PlanFault.EMPTY: _("Promise at least one milestone with a date."),
                PlanFault.UNTITLED: _("Name each milestone in Kazakh and in Russian."),
                PlanFault.BACKWARDS: _("A milestone cannot be due before it begins."),
                PlanFault.PAST: _("A milestone must be due after today."),
                PlanFault.FAR: _("The date of a milestone can be %(date)s at the latest.", date=format_date(latest)),
            }[fault],
            "milestones",
        )
    return {"most_moves": terms.moves, "move_days": terms.move_days}


def _ensure_room(milestones: int) -> None:
    """Raises `Conflict` where there would be more of them than a plan may have."""
    if milestones > MOST_STEPS:
        raise Conflict(
            ngettext(
                "A measure has at most %(num)d milestone.", "A measure has at most %(num)d milestones.", MOST_STEPS
            )
        )


def _add(steps: Sequence[Step], first: int, **owner: int | str | None) -> None:
    for position, step in enumerate(sorted(steps, key=lambda step: (step.due_on, step.starts_on)), start=first):
        db.session.add(Milestone(position=position, **owner, **vars(step)))
    db.session.flush()


def promise(
    proposal: Proposal, steps: Sequence[Step], now: datetime, responsible_kk: str = "", responsible_ru: str = ""
) -> datetime:
    """Save a plan; returns the moment at which its first milestone begins (or now, when it has begun)."""
    owner = _check(steps, proposal.seat, now)
    _add(steps, 0, **owner, proposal_id=proposal.id, responsible_kk=responsible_kk, responsible_ru=responsible_ru)
    first = min(step.starts_on for step in steps)
    begins = end_of_day(first, LOCAL_ZONE)
    return max(begins, now)


def end_of(milestone: Milestone) -> datetime:
    """The last second of a milestone's day: until then it may be reported in time."""
    return end_of_day(milestone.due_on, LOCAL_ZONE)


def is_over(milestone: Milestone, now: datetime) -> bool:
    """Whether the last second of a milestone's day is there."""
    return end_of(milestone) <= now


def next_look(proposal: Proposal, now: datetime) -> datetime | None:
    """When something happens to the plan by itself: the next milestone is due, or a missed one is recorded again.

    None when all are done.
    """
    left = [milestone for milestone in milestones_of(proposal.id) if milestone.done_at is None]
    dates = [end_of(milestone) for milestone in left if milestone.missed_at is None]
    if len(dates) < len(left):
        dates.append(due_after(kept_terms(proposal, now).missed_again_working_days, now))
    return min(dates, default=None)


def start(proposal: Proposal, now: datetime) -> None:
    """The first milestone begins: the proposal is being carried out."""
    if advance(proposal, Event.START, now, due_at=next_look(proposal, now) or now):
        record(Verb.IMPLEMENTATION_STARTED, proposal, now, proposal_id=proposal.id, territory_id=proposal.seat_id)


def milestones_of_measure(measure_id: int) -> list[Milestone]:
    """The plan of a measure in the order of its dates, with those of the proposals in it."""
    query = select(Milestone).where(Milestone.measure_id == measure_id)
    return list(db.session.scalars(query.order_by(Milestone.due_on, Milestone.id)))


def plan_measure(actor: User, measure: Measure, steps: Sequence[Step], now: datetime) -> None:
    """Promise milestones of a measure; what is promised stays. `measure` must be locked.

    Raises `NotAllowed`, `Conflict` over twelve, `Invalid` at `milestones`.
    """
    require(actor, Permission.EDIT_STRATEGY, measure, now)
    if measure.closed_at is not None:
        raise Conflict(_("It has ended; nothing in it changes any more."))
    moving = _check(steps, measure.territory, now)
    known = milestones_of_measure(measure.id)
    _ensure_room(len(known) + len(steps))
    owner = {"measure_id": measure.id, "responsible_kk": measure.owner_kk, "responsible_ru": measure.owner_ru}
    _add(steps, len(known), **owner, **moving)
    _tell_plan(measure, steps, now, actor, territory_id=measure.territory_id, measure_id=measure.id)


def plan_anew(actor: User, proposal: Proposal, steps: Sequence[Step], now: datetime) -> None:
    """Promise more milestones of a proposal that is being carried out. `proposal` must be locked.

    Raises `NotAllowed`, `Conflict`, `Invalid` at `milestones`.
    """
    settle(proposal, now)
    require(actor, Permission.PLAN, proposal, now)
    if proposal.stage != Stage.IMPLEMENTING:
        raise Conflict(_("This proposal is not being carried out now."))
    moving = _check(steps, proposal.seat, now)
    known = milestones_of(proposal.id)
    _ensure_room(len(known) + len(steps))
    last = known[-1] if known else None
    owner: dict[str, int | str | None] = (
        {"responsible_kk": last.responsible_kk, "responsible_ru": last.responsible_ru} if last else {}
    )
    owner |= {"proposal_id": proposal.id, "measure_id": last.measure_id if last else None}
    _add(steps, len(known), **owner, **moving)
    proposal.due_at = max(next_look(proposal, now) or now, now)
    if not any(left.missed_at and left.done_at is None for left in known):
        proposal.overdue_at = None  # what was owed was the plan
    _tell_plan(proposal, steps, now, actor, territory_id=proposal.seat_id, proposal_id=proposal.id)


def _tell_plan(
    subject: Proposal | Measure, steps: Sequence[Step], now: datetime, actor: User, **where: int | None
) -> None:
    last = max(step.due_on for step in steps)
    record(Verb.PLAN_PROMISED, subject, now, actor=actor, milestones=len(steps), until=last.isoformat(), **where)  # type: ignore[arg-type]
