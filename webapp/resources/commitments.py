"""Money that a region or the nation promises to a city, and the city's answer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, summed
from webapp.kernel.errors import Conflict
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import format_tenge
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import all_written
from webapp.people.models import User
from webapp.resources.models import Commitment
from webapp.resources.rules import LARGEST_TENGE, Kind, Source, moved
from webapp.resources.services import Said, put_entry, sums_of
from webapp.rulebook.outages import MOVERS, Mover
from webapp.rulebook.services import due_after, rule_in_force
from webapp.strategies.models import Measure, Programme
from webapp.territories.models import Territory


@dataclass(frozen=True)
class Promise:
    """What a higher rung promises a city: an amount in whole tenge, a condition, a day by which it is there."""

    amount_tenge: int
    source: Source
    condition_kk: str
    condition_ru: str
    document: str
    due_on: date
    reason_kk: str = ""
    reason_ru: str = ""


class Wanted(NamedTuple):
    """A promise that is not made yet, for asking the table of permissions."""

    giver_id: int
    city_id: int
    city: Territory


def wanted(measure: Measure, giver: Territory) -> Wanted:
    """A promise of one territory for a measure of another."""
    return Wanted(giver.id, measure.territory_id, measure.territory)


def acceptance_term(measure: Measure, now: datetime) -> int:
    """In how many working days the city answers what is promised now, by its rules; afterwards it hangs, in public."""
    terms, _row = rule_in_force(measure.territory, now)
    return terms.promise_working_days


def commit_money(actor: User, measure: Measure, giver: Territory, said: Promise, now: datetime) -> Commitment:
    """Promise money to the city of a measure. `measure` must be locked.

    More than the programme has planned itself of that source needs a reason, which is journalled.
    Raises `NotAllowed`, `Conflict`, or `Invalid` at a field.
    """
    require(actor, Permission.MAKE_COMMITMENT, wanted(measure, giver), now)
    if not measure.is_open:
        raise Conflict(_("Money is promised for measures that are published and in force."))
    found = Faults()
    if not 0 < said.amount_tenge <= LARGEST_TENGE:
        found.add(_("Write the amount in whole tenge, more than nothing."), "amount_tenge")
    if said.due_on <= local_date(now):
        found.add(_("The money must be available after today."), "due_on")
    if not said.document.strip():
        found.add(_("Name the document: its kind, number and date."), "document")
    asked = _("Write the condition in Kazakh and in Russian; where there is none, say so.")
    found.both(asked, condition_kk=said.condition_kk, condition_ru=said.condition_ru)
    programme = measure.programme if measure.programme and measure.programme.territory_id == giver.id else None
    over = _beyond_reserve(programme, said)
    has_reason = all_written(said.reason_kk, said.reason_ru)
    if over and not has_reason:
        left = format_tenge(said.amount_tenge - over)
        asked = _("The programme has only %(left)s of this source left. Say why more is promised.", left=left)
        found.both(asked, reason_kk=said.reason_kk, reason_ru=said.reason_ru)
    found.stop()
    made = Commitment(
        programme_id=programme.id if programme else None,
        measure_id=measure.id,
        giver_id=giver.id,
        city_id=measure.territory_id,
        made_at=now,
        accept_due_at=due_after(acceptance_term(measure, now), now),
        **{name: value for name, value in vars(said).items() if not name.startswith("reason")},
    )
    db.session.add(made)
    db.session.flush()
    facts = {"reason_kk": said.reason_kk, "reason_ru": said.reason_ru, "exceeds_tenge": over} if over else {}
    _tell_of(Verb.COMMITMENT_MADE, made, measure, now, actor, due_at=made.accept_due_at.isoformat(), **facts)
    return made


def _beyond_reserve(programme: Programme | None, said: Promise) -> int:
    """By how much a promise is more than what the programme has left, other unanswered promises counted."""
    if programme is None:
        return 0
    locked(Programme, programme.id)
    has = sums_of(Programme, [programme.id])[programme.id].of(Kind.PLANNED, said.source)
    waits = select(func.coalesce(summed(Commitment.amount_tenge), 0)).where(
        Commitment.programme_id == programme.id,
        Commitment.source == said.source.value,
        Commitment.accepted_at.is_(None),
        Commitment.refused_at.is_(None),
    )
    return max(0, said.amount_tenge - max(0, has - int(db.session.scalar(waits) or 0)))


def _tell_of(
    verb: Verb, made: Commitment, measure: Measure, now: datetime, actor: User, **facts: str | int | None
) -> None:
    record(
        verb,
        made,
        now,
        actor=actor,
        territory_id=made.giver_id if verb is Verb.COMMITMENT_MADE else made.city_id,
        measure_id=measure.id,
        title_kk=measure.title_kk,
        title_ru=measure.title_ru,
        amount_tenge=made.amount_tenge,
        source=made.source,
        due_on=made.due_on.isoformat(),
        city_id=made.city_id,
        giver_id=made.giver_id,
        **facts,
    )


def _answerable(actor: User, made: Commitment, now: datetime) -> None:
    require(actor, Permission.ANSWER_COMMITMENT, made, now)
    if not made.is_waiting:
        raise Conflict(_("This promise has been answered already."))


def accept(actor: User, made: Commitment, now: datetime) -> None:
    """The city takes it: the money is planned and committed for its measure, and leaves what the programme had.

    `made` must be locked. Raises `NotAllowed`, `Conflict`.
    """
    _answerable(actor, made, now)
    measure = locked(Measure, made.measure_id)
    assert measure is not None
    if not measure.is_open:
        raise Conflict(_("The measure has ended; money for it is not accepted any more."))
    made.accepted_at = now
    today, source = local_date(now), Source(made.source)
    _take_from_programme(made, source, now)
    for kind in (Kind.PLANNED, Kind.COMMITTED):
        said = Said(kind, source, made.amount_tenge, today, made.document, made.condition_kk, made.condition_ru)
        put_entry(measure, said, now, made)
    _tell_of(Verb.COMMITMENT_ACCEPTED, made, measure, now, actor)


def _take_from_programme(made: Commitment, source: Source, now: datetime) -> None:
    programme = locked(Programme, made.programme_id) if made.programme_id else None
    if programme is None:
        return
    has = sums_of(Programme, [programme.id])[programme.id].of(Kind.PLANNED, source)
    amount = moved(has, made.amount_tenge)
    if amount:
        said = Said(Kind.PLANNED, source, -amount, local_date(now), made.document, made.condition_kk, made.condition_ru)
        put_entry(programme, said, now, made)


def refuse(actor: User, made: Commitment, reason_kk: str, reason_ru: str, now: datetime) -> None:
    """The city does not take it, with reasons in both languages. `made` must be locked."""
    _answerable(actor, made, now)
    found = Faults()
    found.both(_("Say in Kazakh and in Russian why the money is refused."), reason_kk=reason_kk, reason_ru=reason_ru)
    found.stop()
    made.refused_at, made.refusal_kk, made.refusal_ru = now, reason_kk, reason_ru
    measure = db.session.get(Measure, made.measure_id)
    assert measure is not None
    _tell_of(Verb.COMMITMENT_REFUSED, made, measure, now, actor, reason_kk=reason_kk, reason_ru=reason_ru)


def commitments_of(measure_ids: Collection[int]) -> list[Commitment]:
    """Promises for some measures, newest first, with who gives."""
    query = select(Commitment).where(Commitment.measure_id.in_(measure_ids)).options(joinedload(Commitment.giver))
    return list(db.session.scalars(query.order_by(Commitment.id.desc()).limit(300)))


def is_waiting(territory_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    """What makes a promise wait for the answer of some cities."""
    return (Commitment.city_id.in_(territory_ids), Commitment.accepted_at.is_(None), Commitment.refused_at.is_(None))


def waiting_for(territory_ids: Collection[int]) -> list[Commitment]:
    """Promises that wait for the answer of some cities, the next due first."""
    query = (
        select(Commitment)
        .where(*is_waiting(territory_ids))
        .options(joinedload(Commitment.giver), joinedload(Commitment.measure))
    )
    return list(db.session.scalars(query.order_by(Commitment.accept_due_at).limit(100)))


def move_dates(mover: Mover) -> int:
    """An absence of the site moves the terms of promises that wait for a city's answer."""
    waiting = (Commitment.accepted_at.is_(None), Commitment.refused_at.is_(None))
    return mover.move(Commitment.accept_due_at, mover.in_working_days, *waiting)


MOVERS.append(move_dates)
