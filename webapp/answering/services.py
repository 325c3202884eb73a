"""Accept, accept in part, decline, pass up, hand down; and the appeal after a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.answering.choices import too_short
from webapp.answering.models import Answer
from webapp.answering.rules import ACCEPTING, PASSING_ON, Decision, Fault, Reply, reply_faults
from webapp.delivery.rules import Step
from webapp.delivery.services import promise
from webapp.escalation.models import LadderRung
from webapp.escalation.rules import Cause, Outcome
from webapp.escalation.services import (
    climb_if_due,
    mark_outcome,
    move,
    position_of,
    rung_above,
    rungs_of,
)
from webapp.escalation.tallies import remember_progress
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import format_date, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.moderation.rules import placeholders
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.rulebook.rules import end_of_day
from webapp.rulebook.services import due_after


def answers_of(proposal_id: int) -> list[Answer]:
    """All answers to a proposal, newest first."""
    return list(db.session.scalars(select(Answer).where(Answer.proposal_id == proposal_id).order_by(Answer.id.desc())))


def decide(
    actor: User,
    proposal: Proposal,
    reply: Reply,
    now: datetime,
    *,
    steps: Sequence[Step] = (),
    target_position: int | None = None,
    due_on: date | None = None,
) -> Answer:
    """Give the body's answer. `proposal` must be locked; the officer must answer for its seat."""
    settle(proposal, now)
    require(actor, Permission.ANSWER, proposal, now)
    if proposal.stage != Stage.REVIEW:
        raise Conflict(_("This proposal does not wait for an answer now. Look at its page for where it is."))
    if reply.decision in passed_on(proposal):
        raise Conflict(
            _(
                "This body has already passed the proposal to another body in this way. Accept it, in whole or in part, or decline it."
            )
        )
    found = Faults()
    check(proposal, reply, steps, target_position, due_on, now, found)
    found.stop()
    answer = Answer(
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        kind=reply.decision.value,
        text_kk=reply.text_kk,
        text_ru=reply.text_ru,
        responsible_kk=reply.responsible_kk,
        responsible_ru=reply.responsible_ru,
        source=reply.source,
        amount_tenge=reply.amount_tenge,
        officer_id=actor.id,
        at=now,
    )
    db.session.add(answer)
    db.session.flush()
    if reply.decision in ACCEPTING:
        _accept(actor, proposal, reply, steps, now)
    elif reply.decision is Decision.DECLINE:
        _decline(actor, proposal, now)
    elif reply.decision is Decision.PASS_UP:
        _pass_up(actor, proposal, now)
    else:
        answer.target_id = _hand_down(actor, proposal, target_position, due_on, now)
    remember_progress(proposal)
    return answer


def passed_on(proposal: Proposal) -> set[Decision]:
    """In which ways the body that holds a proposal has passed it on before; it may do each of them once."""
    kinds = [decision.value for decision in PASSING_ON]
    query = select(Answer.kind).where(Answer.proposal_id == proposal.id, Answer.territory_id == proposal.seat_id)
    return {Decision(kind) for kind in db.session.scalars(query.where(Answer.kind.in_(kinds)))}


def latest_due(target: LadderRung, now: datetime) -> datetime:
    """The last moment by which a lower rung can be given to answer: its own term, as it was frozen for the proposal."""
    return due_after(target.answer_working_days, now)


def check(
    proposal: Proposal,
    reply: Reply,
    steps: Sequence[Step],
    target_position: int | None,
    due_on: date | None,
    now: datetime,
    found: Faults,
) -> None:
    """Note all that is to be changed in an answer before it can be given; changes nothing."""
    for field in ("text_kk", "text_ru"):
        left = placeholders(getattr(reply, field))
        if left:
            found.add(_("Fill in what is in braces: %(what)s.", what=", ".join(left)), field)
    for fault in reply_faults(reply):
        found.add(_fault_words(fault), fault.value)
    if reply.decision in ACCEPTING and not steps:
        found.add(_("Promise at least one milestone with a date."), "milestones")
    if reply.decision is Decision.HAND_DOWN:
        _check_hand_down(proposal, target_position, due_on, now, found)


def _fault_words(fault: Fault) -> str:
    return {
        Fault.TEXT_KK: too_short()["kk"],
        Fault.TEXT_RU: too_short()["ru"],
        Fault.RESPONSIBLE_KK: _("Name the responsible body in Kazakh."),
        Fault.RESPONSIBLE_RU: _("Name the responsible body in Russian."),
        Fault.SOURCE: _("Say where the resources come from."),
        Fault.AMOUNT: _("Say how much, in whole tenge."),
    }[fault]


def _moved_on() -> Conflict:
    return Conflict(_("A colleague has decided on this proposal in the meantime."))


def _accept(actor: User, proposal: Proposal, reply: Reply, steps: Sequence[Step], now: datetime) -> None:
    begins = promise(proposal, steps, now, reply.responsible_kk, reply.responsible_ru)
    if not advance(proposal, Event.ACCEPT, now, due_at=begins, overdue_at=None):
        raise _moved_on()
    mark_outcome(proposal, Outcome.ACCEPTED, now)
    record(
        Verb.PROPOSAL_ACCEPTED,
        proposal,
        now,
        actor=actor,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        in_part=reply.decision is Decision.ACCEPT_PART,
        source=reply.source,
        amount_tenge=reply.amount_tenge,
    )


def _decline(actor: User, proposal: Proposal, now: datetime) -> None:
    rungs = rungs_of(proposal)
    here = rungs[position_of(proposal, rungs)]
    until = due_after(here.appeal_working_days, now)
    due_at = max(until, proposal.closes_at) if proposal.closes_at else until
    appeal_until = until if rung_above(proposal, rungs) is not None else None  # nobody is above: nobody to appeal to
    if not advance(proposal, Event.DECLINE, now, due_at=due_at, overdue_at=None, appeal_until=appeal_until):
        raise _moved_on()
    mark_outcome(proposal, Outcome.DECLINED, now)
    record(
        Verb.PROPOSAL_DECLINED,
        proposal,
        now,
        actor=actor,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        appeal_until=appeal_until.isoformat() if appeal_until else None,
    )
    climb_if_due(proposal, now)


def _pass_up(actor: User, proposal: Proposal, now: datetime) -> None:
    above = rung_above(proposal, rungs_of(proposal))
    if above is None:
        raise Conflict(_("There is no higher rung: the answer is due here."))
    if not move(proposal, above, Event.PASS_UP, Cause.PASSED_UP, now, leaving=Outcome.PASSED_UP, actor=actor):
        raise _moved_on()


def _check_hand_down(
    proposal: Proposal, position: int | None, due_on: date | None, now: datetime, found: Faults
) -> None:
    rungs = rungs_of(proposal)
    target = rungs[position] if position is not None and 0 <= position < position_of(proposal, rungs) else None
    if target is None:
        found.add(_("Choose a lower rung to hand it down to."), "target")
    if due_on is None or due_on <= local_date(now):
        found.add(_("Set the date by which the lower rung must answer; it must be after today."), "due_on")
    elif target is not None and end_of_day(due_on, LOCAL_ZONE) > latest_due(target, now):
        sentence = ngettext(
            "The lower rung has %(num)d working day for an answer, not more: %(date)s at the latest.",
            "The lower rung has %(num)d working days for an answer, not more: %(date)s at the latest.",
            target.answer_working_days,
            date=format_date(latest_due(target, now)),
        )
        found.add(sentence, "due_on")


def _hand_down(actor: User, proposal: Proposal, position: int | None, due_on: date | None, now: datetime) -> int:
    assert position is not None and due_on is not None  # `check` has seen to it
    target: LadderRung = rungs_of(proposal)[position]
    due_at = end_of_day(due_on, LOCAL_ZONE)
    if not move(
        proposal,
        target,
        Event.HAND_DOWN,
        Cause.HANDED_DOWN,
        now,
        leaving=Outcome.HANDED_DOWN,
        due_at=due_at,
        actor=actor,
    ):
        raise _moved_on()
    return target.territory_id


def appeal_deadline(proposal: Proposal) -> datetime | None:
    """Until when the author may appeal a refusal, as promised; None where there is none to appeal or nobody above."""
    is_open = proposal.stage == Stage.DECLINED and proposal.closed_at is None
    return proposal.appeal_until if is_open else None


def appeal_decline(actor: User, proposal: Proposal, note: str, now: datetime) -> None:
    """The author asks the next rung to look at a refusal. `proposal` must be locked."""
    settle(proposal, now)
    require(actor, Permission.APPEAL, proposal, now)
    until = appeal_deadline(proposal)
    above = rung_above(proposal, rungs_of(proposal)) if until is not None else None
    if until is None or above is None:
        raise Conflict(_("There is no refusal to appeal against, or no higher body to appeal to."))
    if until <= now:
        raise Conflict(_("The term for an appeal is over."))
    speaks_for = proposal.organisation
    if not move(proposal, above, Event.APPEAL, Cause.APPEAL, now, actor=actor, acting_for=speaks_for, note=note):
        raise _moved_on()
    remember_progress(proposal)
