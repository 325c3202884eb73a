"""Opening the ladder, climbing it exactly once, and moving between its rungs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from webapp.escalation import rules
from webapp.escalation.models import LadderRung, Tally
from webapp.escalation.rules import Cause, Outcome
from webapp.escalation.tallies import Footing, footings, remember_progress, standings
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import changed, db
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.rulebook.models import RuleSet
from webapp.rulebook.rules import Terms, threshold
from webapp.rulebook.services import closing_after, due_after, rule_in_force, rules_in_force
from webapp.territories.services import ladder


def open_ladder(proposal: Proposal, now: datetime) -> datetime:
    """Freeze the rules in force for every rung; returns the end of the window for collecting support."""
    steps = ladder(proposal.origin)
    for position, (territory, (terms, row)) in enumerate(zip(steps, rules_in_force(steps, now), strict=True)):
        if position == 0:
            closes_at = closing_after(terms.collection_days, now)
        db.session.add(
            LadderRung(
                proposal_id=proposal.id,
                territory_id=territory.id,
                position=position,
                rule_set_id=row.id,
                threshold=threshold(terms, territory.population),
                minimum_support_percent=terms.minimum_support_percent,
                spread_places=terms.spread_places,
                spread_supports=terms.spread_supports,
                answer_working_days=terms.answer_working_days,
                appeal_working_days=terms.appeal_working_days,
                extensions=terms.extensions,
                extension_working_days=terms.extension_working_days,
                cause="",
                outcome="",
            )
        )
    db.session.flush()
    return closes_at


def kept_terms(proposal: Proposal, now: datetime) -> Terms:
    """The numbers of the rung that holds a proposal: those of its publication; before it, those in force."""
    query = select(RuleSet).join(LadderRung, LadderRung.rule_set_id == RuleSet.id)
    query = query.where(LadderRung.proposal_id == proposal.id, LadderRung.territory_id == proposal.seat_id)
    row = db.session.scalar(query)
    return rule_in_force(proposal.seat, now)[0] if row is None else row.terms()


def take_ladder_away(proposal: Proposal) -> None:
    """A publication is taken back before anybody voted: the frozen rules go, the next publication freezes anew."""
    db.session.execute(delete(LadderRung).where(LadderRung.proposal_id == proposal.id))
    db.session.execute(delete(Tally).where(Tally.proposal_id == proposal.id))


def position_of(proposal: Proposal, rungs: list[LadderRung]) -> int:
    """On which rung the proposal's seat is."""
    return next(rung.position for rung in rungs if rung.territory_id == proposal.seat_id)


def rungs_of(proposal: Proposal) -> list[LadderRung]:
    """The rungs of a published proposal, lowest first."""
    return [row for row, _standing in standings(proposal.id)]


def climb_if_due(proposal: Proposal, now: datetime) -> bool:
    """Let support move the proposal, exactly once; True when it moved. Call it after every counted vote.

    `proposal` must be locked. The mark `reached_at` and the stage are both compare-and-set, so a
    second voter of the same moment finds nothing left to do.
    """
    found = footings(proposal.id)
    if not found:
        return False
    seat = next(footing.position for footing in found if footing.territory_id == proposal.seat_id)
    step = rules.climb(Stage(proposal.stage), seat, [footing.standing for footing in found])
    moved = step is not None and _climb(proposal, step, found[step.position], now)
    remember_progress(proposal, found)
    return moved


def _climb(proposal: Proposal, step: rules.Climb, footing: Footing, now: datetime) -> bool:
    marked = changed(
        update(LadderRung)
        .where(LadderRung.id == footing.rung_id, LadderRung.reached_at.is_(None))
        .values(reached_at=now)
    )
    if marked != 1:
        return False
    rung = db.session.get_one(LadderRung, footing.rung_id, populate_existing=True)
    cause = Cause.THRESHOLD if step.event is Event.REACH else Cause.SUPPORT
    return move(proposal, rung, step.event, cause, now, leaving=Outcome.CLIMBED, supports=footing.standing.supports)


_VERBS = {
    Cause.THRESHOLD: Verb.THRESHOLD_REACHED,
    Cause.SUPPORT: Verb.PROPOSAL_CLIMBED,
    Cause.SILENCE: Verb.PROPOSAL_CLIMBED,
    Cause.APPEAL: Verb.DECLINE_APPEALED,
    Cause.PASSED_UP: Verb.PROPOSAL_PASSED_UP,
    Cause.HANDED_DOWN: Verb.PROPOSAL_HANDED_DOWN,
    Cause.ADOPTED: Verb.PROPOSAL_ADOPTED,
}


def move(
    proposal: Proposal,
    rung: LadderRung,
    event: Event,
    cause: Cause,
    now: datetime,
    *,
    leaving: Outcome | None = None,
    due_at: datetime | None = None,
    actor: Any = None,
    **facts: Any,
) -> bool:
    """Bring a proposal under review at a rung: seat, due date, marks on both rungs, one fact.

    False when somebody else moved it first; then nothing has changed.
    """
    due_at = due_at or due_after(rung.answer_working_days, now)
    left_id = proposal.seat_id
    if not advance(proposal, event, now, seat_id=rung.territory_id, due_at=due_at, overdue_at=None):
        return False
    if left_id != rung.territory_id and leaving is not None:
        _mark(proposal, left_id, left_at=now, outcome=leaving.value)
    _mark(proposal, rung.territory_id, arrived_at=now, cause=cause.value, due_at=due_at, left_at=None, outcome="")
    record(
        _VERBS[cause],
        proposal,
        now,
        actor=actor,
        proposal_id=proposal.id,
        territory_id=rung.territory_id,
        cause=cause.value,
        due_at=due_at.isoformat(),
        from_territory=left_id,
        **facts,
    )
    return True


def _mark(proposal: Proposal, territory_id: int, **values: Any) -> None:
    where = (LadderRung.proposal_id == proposal.id, LadderRung.territory_id == territory_id)
    changed(update(LadderRung).where(*where).values(values))


def lengthen(proposal: Proposal, rung: LadderRung, due_at: datetime) -> bool:
    """Move the end of the seat's term, once more than before; False when somebody moved or decided it first."""
    done = changed(
        update(Proposal)
        .where(Proposal.id == proposal.id, Proposal.stage == Stage.REVIEW.value, Proposal.due_at == proposal.due_at)
        .values(due_at=due_at)
    )
    if done != 1:
        return False
    _mark(proposal, rung.territory_id, due_at=due_at, extended=LadderRung.extended + 1)
    db.session.refresh(proposal)
    return True


def mark_outcome(proposal: Proposal, outcome: Outcome, now: datetime) -> None:
    """Write on the seat's rung what became of the proposal there."""
    _mark(proposal, proposal.seat_id, outcome=outcome.value, left_at=now)


def rung_above(proposal: Proposal, rungs: list[LadderRung]) -> LadderRung | None:
    """The next rung, or None at the top."""
    above = position_of(proposal, rungs) + 1
    return rungs[above] if above < len(rungs) else None
