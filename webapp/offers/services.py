"""Making an offer, agreeing that it is public, answering it, taking it back, passing its stages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.access.permissions import Permission
from webapp.access.services import refusal, require
from webapp.journal.services import record, recorded_late
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, unit_of_work
from webapp.kernel.errors import Conflict
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import current_language
from webapp.kernel.i18n import gettext as _
from webapp.kernel.presence import there_until
from webapp.offers import plans
from webapp.offers.letters import tell_members, tell_officers
from webapp.offers.models import Offer, OfferStage
from webapp.offers.rules import (
    LARGEST_TENGE,
    OPEN,
    Form,
    Stage,
    State,
    may_move,
    next_stage,
)
from webapp.people.models import Organisation, User
from webapp.proposals.models import Proposal
from webapp.rulebook.outages import MOVERS, Mover
from webapp.rulebook.services import due_after, rule_in_force
from webapp.strategies.models import Measure, Programme
from webapp.territories.models import Territory

Subject = Proposal | Programme | Measure


class Wanted(NamedTuple):
    """The territory of something that offers are made for, for asking the table of permissions."""

    territory: Territory


@dataclass(frozen=True)
class Said:
    """An offer as it is written. `amount_tenge` in whole tenge, or None where it is not money."""

    form: Form
    amount_tenge: int | None
    summary: str
    conditions: str
    plan: bytes = b""


def subject_of(offer: Offer) -> Subject:
    """What an offer is made for."""
    for model, key in ((Proposal, offer.proposal_id), (Programme, offer.programme_id), (Measure, offer.measure_id)):
        if key is not None:
            return db.session.get_one(model, key)  # type: ignore[return-value]
    raise LookupError(offer.id)


def territory_of(subject: Subject) -> Territory:
    """Whose officers answer an offer: those of the seat of a proposal, or of whoever has the programme or measure."""
    return subject.seat if isinstance(subject, Proposal) else subject.territory


def answer_term(subject: Subject, now: datetime) -> int:
    """In how many working days an offer that is made now is answered, by the rules of the place that answers it."""
    terms, _row = rule_in_force(territory_of(subject), now)
    return terms.offer_working_days


def ensure_offerable(subject: Subject) -> None:
    """Raise `Conflict` for what is not public or is over."""
    is_over = subject.closed_at is not None
    if not subject.is_public or is_over:
        raise Conflict(_("Offers are made for what is public and not over."))


def _column(subject: Subject) -> InstrumentedAttribute[Any]:
    return getattr(Offer, f"{type(subject).__tablename__}_id")


def _ensure_first(organisation: Organisation, subject: Subject) -> None:
    """Raise `Conflict` where the organisation has an open offer for the same thing; two at once wait for each other."""
    locked(Organisation, organisation.id)
    same = select(Offer.id).where(Offer.organisation_id == organisation.id, _column(subject) == subject.id)
    if db.session.scalar(same.where(Offer.state.in_([state.value for state in OPEN])).limit(1)) is not None:
        raise Conflict(
            _("Your organisation has made an offer for this already. Take that one back before you make another.")
        )


def make(actor: User, organisation: Organisation, subject: Subject, said: Said, now: datetime) -> Offer:
    """Send an offer to the officers of the territory; nobody else reads it until the organisation agrees.

    Raises `NotAllowed`, `Conflict`, or `Invalid` at a field.
    """
    require(actor, Permission.SPEAK_FOR_ORGANISATION, organisation, now)
    ensure_offerable(subject)
    _ensure_first(organisation, subject)
    found = Faults()
    if not said.summary.strip():
        found.add(_("Say what you offer."), "summary")
    if said.amount_tenge is not None and not 0 < said.amount_tenge <= LARGEST_TENGE:
        found.add(_("Write the amount in whole tenge, more than nothing."), "amount_tenge")
    if said.plan:
        found.of(lambda: plans.ensure_fits(organisation.id, said.plan), None)
    found.stop()
    offer = Offer(
        organisation_id=organisation.id,
        by_id=actor.id,
        territory_id=territory_of(subject).id,
        form=said.form.value,
        amount_tenge=said.amount_tenge,
        summary=said.summary,
        conditions=said.conditions,
        lang=current_language(),
        made_at=now,
        answer_due_at=due_after(answer_term(subject, now), now),
        **{_column(subject).key: subject.id},
    )
    db.session.add(offer)
    db.session.flush()
    if said.plan:
        plans.keep(offer, said.plan, now)
    _tell(Verb.OFFER_MADE, offer, now, actor, due_at=offer.answer_due_at.isoformat())
    tell_officers(offer, now)
    return offer


def _tell(verb: Verb, offer: Offer, now: datetime, actor: User | None, **facts: Any) -> None:
    """Public only where the offer is; a silence of the body is public always, without the organisation."""
    silent = verb is Verb.OFFER_OVERDUE
    named = {} if silent else {"organisation_id": offer.organisation_id}
    record(
        verb,
        offer,
        now,
        actor=actor,
        territory_id=offer.territory_id,
        public=silent or offer.public_at is not None,
        form=offer.form,
        **named,
        **facts,
    )


def agree(actor: User, offer: Offer, with_plan: bool, now: datetime) -> None:
    """The organisation agrees that everybody reads it. `offer` must be locked."""
    require(actor, Permission.KEEP_OFFER, offer, now)
    if offer.state == State.WITHDRAWN:
        raise Conflict(_("The offer has been taken back."))
    first = offer.public_at is None
    offer.public_at, offer.plan_public = offer.public_at or now, with_plan
    if first:
        _tell(Verb.OFFER_PUBLISHED, offer, now, actor)


def hide(actor: User, offer: Offer, now: datetime) -> None:
    """The organisation does not agree any more: from now on only officers read it. `offer` must be locked."""
    require(actor, Permission.KEEP_OFFER, offer, now)
    offer.public_at, offer.plan_public = None, False


def _move(offer: Offer, to: State) -> None:
    if not may_move(State(offer.state), to):
        raise Conflict(_("The offer has been answered or taken back already."))
    offer.state = to.value


def withdraw(actor: User, offer: Offer, now: datetime) -> None:
    """The organisation takes it back: nobody else but officers reads it any more, and its plan is deleted.

    `offer` must be locked.
    """
    settle(offer, now)
    require(actor, Permission.KEEP_OFFER, offer, now)
    _move(offer, State.WITHDRAWN)
    _tell(Verb.OFFER_WITHDRAWN, offer, now, actor)
    offer.public_at, offer.plan_public = None, False
    plans.remove(offer)


def answer(actor: User, offer: Offer, takes_up: bool, kk: str, ru: str, now: datetime) -> None:
    """The body takes it up or declines it, with reasons in both languages. `offer` must be locked."""
    settle(offer, now)
    require(actor, Permission.ANSWER_OFFER, offer, now)
    found = Faults()
    found.both(_("Give the reasons in Kazakh and in Russian."), answer_kk=kk, answer_ru=ru)
    found.stop()
    if takes_up:
        ensure_offerable(subject_of(offer))
    _move(offer, State.TAKEN_UP if takes_up else State.DECLINED)
    offer.answered_at, offer.answer_kk, offer.answer_ru = now, kk, ru
    _tell(Verb.OFFER_TAKEN_UP if takes_up else Verb.OFFER_DECLINED, offer, now, actor)
    tell_members(offer, now)


def pass_stage(actor: User, offer: Offer, stage: str, done_on: date | None, document: str, now: datetime) -> None:
    """A stage of a private initiative is passed; the next in their order. `offer` must be locked."""
    require(actor, Permission.ANSWER_OFFER, offer, now)
    if offer.form != Form.PPP or offer.state != State.TAKEN_UP:
        raise Conflict(_("Only a partnership that has been taken up goes through these stages."))
    done = {one.stage for one in stages_of([offer.id]).get(offer.id, ())}
    if next_stage(done) is None or stage != next_stage(done):
        raise Conflict(_("The stages are completed in their order."))
    found = Faults()
    if done_on is None or done_on > local_date(now):
        found.add(_("Write the day on which it was completed; it cannot be in the future."), "done_on")
    if not document.strip():
        found.add(_("Name the document: its kind, number and date."), "document")
    found.stop()
    assert done_on is not None
    passed = OfferStage(offer_id=offer.id, stage=Stage(stage).value, done_on=done_on, document=document, by_id=actor.id)
    db.session.add(passed)
    db.session.flush()
    _tell(Verb.OFFER_STAGE, offer, now, actor, stage=stage, document=document)


def stages_of(offer_ids: Collection[int]) -> dict[int, list[OfferStage]]:
    """Stages that some offers have passed, in one query."""
    found: dict[int, list[OfferStage]] = {}
    for passed in db.session.scalars(select(OfferStage).where(OfferStage.offer_id.in_(offer_ids))):
        found.setdefault(passed.offer_id, []).append(passed)
    return found


def offers_for(actor: Any, subject: Subject, now: datetime) -> list[Offer]:
    """Offers for one thing that somebody may read, the largest amount first."""
    query = select(Offer).where(_column(subject) == subject.id, Offer.state != State.WITHDRAWN.value)
    query = query.order_by(Offer.amount_tenge.is_(None), Offer.amount_tenge.desc(), Offer.id)
    return [one for one in db.session.scalars(query) if refusal(actor, Permission.SEE_OFFER, one, now) is None]


def offers_of(organisation_ids: Collection[int]) -> list[Offer]:
    """Offers of some organisations, newest first."""
    query = select(Offer).where(Offer.organisation_id.in_(organisation_ids)).order_by(Offer.id.desc()).limit(50)
    return list(db.session.scalars(query))


def is_waiting(territory_ids: Sequence[int]) -> tuple[Any, ...]:
    """What makes an offer wait for the answer of some territories."""
    return (Offer.territory_id.in_(territory_ids), Offer.state == State.SENT.value)


def waiting_for(territory_ids: Sequence[int]) -> list[Offer]:
    """Offers that wait for the answer of some territories, the next due first."""
    query = select(Offer).where(*is_waiting(territory_ids))
    return list(db.session.scalars(query.order_by(Offer.answer_due_at).limit(100)))


def note_silence(now: datetime) -> int:
    """The job: an offer without an answer in its term is recorded in public once, without the organisation's name."""
    with unit_of_work():
        query = select(Offer).where(
            Offer.state == State.SENT.value, Offer.answer_due_at <= there_until(now), Offer.overdue_at.is_(None)
        )
        late = list(db.session.scalars(query.order_by(Offer.id).with_for_update(of=Offer, skip_locked=True)))
        return sum(settle(offer, now) for offer in late)


def settle(offer: Offer, now: datetime) -> bool:
    """Record the silence of a body whose term has passed, whatever it answers afterwards; `offer` must be locked."""
    due = offer.answer_due_at
    if offer.state != State.SENT or offer.overdue_at is not None or due > min(now, there_until(now)):
        return False
    with recorded_late(now):
        offer.overdue_at = due
        _tell(Verb.OFFER_OVERDUE, offer, due, None, due_at=due.isoformat())
    return True


def move_dates(mover: Mover) -> int:
    """An absence of the site moves the terms of offers that wait for an answer."""
    waiting = (Offer.state == State.SENT.value, Offer.overdue_at.is_(None))
    return mover.move(Offer.answer_due_at, mover.in_working_days, *waiting)


MOVERS.append(move_dates)
