"""What a proposal serves, and how an accepted one becomes a measure or joins one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import joinedload

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.answering.models import Answer
from webapp.cascade.models import Serving
from webapp.cascade.rules import Candidate, rank
from webapp.delivery.models import Milestone
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.proposals.terms import telling_terms
from webapp.resources.rules import Kind, Source
from webapp.resources.services import Said, put_entry
from webapp.strategies.models import Direction, Measure, Programme
from webapp.strategies.rules import Level
from webapp.strategies.services import begin
from webapp.strategies.versions import Subject, keep_version, level_of, tell

ACCEPTED = frozenset({Stage.ACCEPTED, Stage.IMPLEMENTING, Stage.DONE})


def serving_of(proposal_id: int) -> Serving | None:
    """What a proposal serves."""
    query = select(Serving).where(Serving.proposal_id == proposal_id)
    return db.session.scalar(query.options(*map(joinedload, (Serving.direction, Serving.programme, Serving.measure))))


def served(serving: Serving | None) -> Subject | None:
    """The very thing that is served: the lowest of the line."""
    return (serving.measure or serving.programme or serving.direction) if serving else None


def line_above(subject: Subject | None) -> list[Subject]:
    """The line from the direction down to the thing itself."""
    if subject is None:
        return []
    if isinstance(subject, Measure):
        return [*line_above(subject.programme), subject]
    return [subject.direction, subject] if isinstance(subject, Programme) else [subject]


def suggestions(proposal: Proposal, offered: Sequence[Subject], at_most: int = 5) -> list[Subject]:
    """Of what a proposal can serve the likeliest, the first one first, by its words and its sphere."""
    words = set(telling_terms(f"{proposal.title} {proposal.text}"))
    candidates = [
        Candidate(
            number,
            level_of(subject),
            frozenset(telling_terms(" ".join((subject.title_kk, subject.title_ru, subject.text_kk, subject.text_ru)))),
            subject.sphere,
        )
        for number, subject in enumerate(offered)
    ]
    return [offered[number] for number in rank(words, proposal.sphere, candidates)[:at_most]]


def place(actor: User, proposal: Proposal, subject: Subject | None, now: datetime) -> None:
    """Say what a proposal serves, or that it serves nothing that there is. `proposal` must be locked.

    Raises `NotAllowed`, `Conflict` where it belongs to a measure already or the thing is not of its line.
    """
    settle(proposal, now)
    require(actor, Permission.CONFIRM_SERVING, proposal, now)
    before = serving_of(proposal.id)
    if before is not None and before.measure_id is not None and (before.begot or proposal.stage in ACCEPTED):
        raise Conflict(_("The proposal is part of a measure; this choice cannot be changed any more."))
    if subject is None:
        if before is not None:
            db.session.delete(before)
            _tell(Verb.PROPOSAL_PLACED, proposal, None, now, actor)
        return
    _fits(proposal, subject)
    if served(before) is not subject:
        _put(proposal, subject, actor, now)
        _tell(Verb.PROPOSAL_PLACED, proposal, subject, now, actor)


def _fits(proposal: Proposal, subject: Subject) -> None:
    if not subject.is_open or subject.territory_id not in proposal.origin.ancestor_ids:
        raise Conflict(_("Choose something in force in the city of the proposal, its region or the nation."))


def _put(proposal: Proposal, subject: Subject, actor: User, now: datetime, begot: bool = False) -> Serving:
    serving = db.session.get(Serving, proposal.id)
    if serving is None:
        serving = Serving(proposal_id=proposal.id)
        db.session.add(serving)
    serving.direction_id = subject.id if isinstance(subject, Direction) else None
    serving.programme_id = subject.id if isinstance(subject, Programme) else None
    serving.measure_id = subject.id if isinstance(subject, Measure) else None
    serving.by_id, serving.at, serving.begot = actor.id, now, begot
    db.session.flush()
    db.session.expire(serving)
    return serving


def _tell(verb: Verb, proposal: Proposal, subject: Subject | None, now: datetime, actor: User) -> None:
    facts: dict[str, Any] = {}
    if subject is not None:
        facts = {"level": level_of(subject).value, "id": subject.id}
        facts |= {"title_kk": subject.title_kk, "title_ru": subject.title_ru}
    record(verb, proposal, now, actor=actor, proposal_id=proposal.id, territory_id=proposal.seat_id, **facts)


def _joinable(actor: User, proposal: Proposal, now: datetime) -> None:
    settle(proposal, now)
    require(actor, Permission.JOIN_MEASURE, proposal, now)
    if proposal.stage not in ACCEPTED:
        raise Conflict(_("Only an accepted proposal becomes a measure."))
    serving = db.session.get(Serving, proposal.id)
    if serving is not None and serving.measure_id is not None:
        raise Conflict(_("The proposal is part of a measure already."))


def become_measure(
    actor: User, proposal: Proposal, titles: tuple[str, str], programme: Programme | None, now: datetime
) -> Measure:
    """A measure of the city, in force at once: words, plan and money are those of the accepted proposal.

    `proposal` must be locked; `titles` are in Kazakh and in Russian. The officer of the city does it, whichever
    rung has accepted: the city carries it out. Raises `NotAllowed`, `Conflict`, `Invalid`.
    """
    _joinable(actor, proposal, now)
    answer = _answer_of(proposal)
    steps = list(db.session.scalars(select(Milestone).where(Milestone.proposal_id == proposal.id)))
    if answer is None or not steps:
        raise Conflict(_("The proposal has no plan from which a measure could be made."))
    content = {
        "title_kk": titles[0],
        "title_ru": titles[1],
        "text_kk": answer.text_kk,
        "text_ru": answer.text_ru,
        "owner_kk": answer.responsible_kk or "",
        "owner_ru": answer.responsible_ru or "",
        "sphere": proposal.sphere,
        "budget_tenge": answer.amount_tenge,
        "starts_on": min(step.starts_on for step in steps),
        "ends_on": max(step.due_on for step in steps),
    }
    measure: Measure = begin(actor, Level.MEASURE, proposal.origin, content, now, parent=programme)
    measure.published_at = measure.changed_at = now
    keep_version(actor, measure, now)
    tell(Verb.MEASURE_PUBLISHED, measure, now, actor, proposal_number=proposal.number)
    if answer.amount_tenge and answer.source in set(Source):
        said = Said(Kind.PLANNED, Source(answer.source), answer.amount_tenge, local_date(now), proposal.number)
        put_entry(measure, said, now)
    _give_steps(proposal, measure)
    _put(proposal, measure, actor, now, begot=True)
    _tell(Verb.PROPOSAL_BECAME_MEASURE, proposal, measure, now, actor)
    return measure


def _answer_of(proposal: Proposal) -> Answer | None:
    query = select(Answer).where(Answer.proposal_id == proposal.id, Answer.kind.in_(("accept", "accept_part")))
    return db.session.scalar(query.order_by(Answer.id.desc()).limit(1))


def _give_steps(proposal: Proposal, measure: Measure) -> None:
    statement = update(Milestone).where(Milestone.proposal_id == proposal.id).values(measure_id=measure.id)
    db.session.execute(statement.execution_options(synchronize_session="fetch"))


def join_measure(actor: User, proposal: Proposal, measure: Measure, now: datetime) -> None:
    """An accepted proposal becomes part of a measure of its city; its milestones count there too.

    `proposal` must be locked. Raises `NotAllowed`, `Conflict`.
    """
    _joinable(actor, proposal, now)
    if measure.territory_id != proposal.origin_id or not measure.is_open:
        raise Invalid(_("Choose a measure of the city where the proposal began."), "measure")
    _give_steps(proposal, measure)
    _put(proposal, measure, actor, now)
    _tell(Verb.PROPOSAL_JOINED_MEASURE, proposal, measure, now, actor)


def came_up(
    *,
    directions: Collection[int] = (),
    programmes: Collection[int] = (),
    measures: Collection[int] = (),
    limit: int = 20,
) -> tuple[list[tuple[Proposal, Serving]], int]:
    """Published proposals that serve some of the cascade, the most supported first, and how many there are.

    What serves a measure of one of the `programmes` serves that programme too.
    """
    below = select(Measure.id).where(Measure.programme_id.in_(programmes))
    wanted = or_(
        Serving.direction_id.in_(directions),
        Serving.programme_id.in_(programmes),
        Serving.measure_id.in_(measures),
        Serving.measure_id.in_(below),
    )
    query = (
        select(Proposal, Serving, func.count().over())
        .join(Serving, Serving.proposal_id == Proposal.id)
        .where(wanted, Proposal.is_public)
        .options(joinedload(Proposal.origin))
        .order_by(Proposal.supports.desc(), Proposal.id)
        .limit(limit)
    )
    rows = db.session.execute(query).all()
    return [(row[0], row[1]) for row in rows], rows[0][2] if rows else 0
