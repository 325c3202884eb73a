"""Supporters judge a result: yes, partly or no; asked twice, and a majority that says no reopens it once."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, select, update

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.delivery.models import Judgement, JudgingRound
from webapp.delivery.rules import Choice, majority_says_no
from webapp.escalation.services import kept_terms
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import changed, db, insert
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import current_language
from webapp.kernel.i18n import gettext as _
from webapp.kernel.presence import there_until
from webapp.people.models import User
from webapp.proposals.due import OTHER_DATES, Step, settle, settle_each
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.rulebook.services import closing_after, due_after
from webapp.voting.models import SUPPORT, Vote

REASON_MAX = 500


class Asked(NamedTuple):
    """Who is asked, for asking the table of permissions."""

    is_supporter: bool


def rounds_of(proposal_id: int) -> list[JudgingRound]:
    """All rounds, the first one first."""
    query = select(JudgingRound).where(JudgingRound.proposal_id == proposal_id).order_by(JudgingRound.number)
    return list(db.session.scalars(query))


def open_round(proposal: Proposal, now: datetime, *, is_last: bool = False) -> None:
    """Ask the supporters; they have the days that the rules of the proposal say."""
    number = len(rounds_of(proposal.id)) + 1
    closes_at = closing_after(kept_terms(proposal, now).judging_days, now)
    db.session.add(
        JudgingRound(
            proposal_id=proposal.id,
            number=number,
            opened_at=now,
            closes_at=closes_at,
            is_last=is_last,
            has_reopened=False,
            yes=0,
            partly=0,
            no=0,
        )
    )
    db.session.flush()
    where = {"proposal_id": proposal.id, "territory_id": proposal.seat_id}
    record(Verb.JUDGEMENT_OPENED, proposal, now, **where, again=is_last, closes_at=closes_at.isoformat())


def may_judge(actor: User, proposal_id: int) -> bool:
    """Whether somebody supports the proposal with a vote that counts."""
    query = select(Vote.voter_id).where(
        Vote.proposal_id == proposal_id,
        Vote.voter_id == actor.id,
        Vote.choice == SUPPORT,
        Vote.quarantine_id.is_(None),
    )
    return db.session.scalar(query) is not None


def judgement_of(actor: User, found: JudgingRound) -> Judgement | None:
    """What somebody has said in a round."""
    return db.session.get(Judgement, (found.id, actor.id))


def judge(actor: User, proposal: Proposal, choice: str, reason: str, now: datetime) -> None:
    """Say whether it was done, or say something else than before; `proposal` must be locked.

    A "no" says why. Raises `NotAllowed`, `Conflict`, or `Invalid` at a field.
    """
    settle(proposal, now)
    require(actor, Permission.JUDGE, Asked(may_judge(actor, proposal.id)), now)
    rounds = rounds_of(proposal.id)
    found = rounds[-1] if rounds else None
    if found is None or found.closed_at is not None or found.closes_at <= now:
        raise Conflict(_("Nobody is asked about this result at the moment."))
    if choice not in set(Choice):
        raise Invalid(_("Choose one of the options."), "choice")
    if choice == Choice.NO and not reason.strip():
        raise Invalid(_("Say what was not done."), "reason")
    values = {"choice": choice, "reason": reason[:REASON_MAX], "lang": current_language(), "at": now}
    statement = insert(Judgement).values(round_id=found.id, user_id=actor.id, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["round_id", "user_id"], set_=values))
    db.session.expire_all()


def move_judgements(old_id: int, new_id: int) -> None:
    """Somebody goes on with another account: what they have said moves along, once in a round."""
    kept = select(Judgement.round_id).where(Judgement.user_id == new_id)
    for statement in (
        delete(Judgement).where(Judgement.user_id == old_id, Judgement.round_id.in_(kept)),
        update(Judgement).where(Judgement.user_id == old_id).values(user_id=new_id),
    ):
        changed(statement)


def _counted(found: JudgingRound) -> tuple[ColumnElement[bool], ...]:
    """What a judgement needs to count: it is of this round, and its author's vote is neither gone nor set aside."""
    vote = exists().where(
        Vote.proposal_id == found.proposal_id,
        Vote.voter_id == Judgement.user_id,
        Vote.choice == SUPPORT,
        Vote.quarantine_id.is_(None),
    )
    return Judgement.round_id == found.id, vote


def tally(found: JudgingRound) -> dict[str, int]:
    """Judgements of a round by choice: of those whose vote for the proposal still counts."""
    query = select(Judgement.choice, func.count()).where(*_counted(found)).group_by(Judgement.choice)
    return {choice.value: 0 for choice in Choice} | dict(db.session.execute(query).all())


def reasons_of(found: JudgingRound, at_most: int = 20) -> list[Judgement]:
    """What supporters wrote, the newest first, without names."""
    query = select(Judgement).where(*_counted(found), Judgement.reason != "")
    return list(db.session.scalars(query.order_by(Judgement.at.desc(), Judgement.user_id).limit(at_most)))


def close_rounds(now: datetime) -> int:
    """The job: rounds whose term is over, each in a transaction of its own."""
    due = select(JudgingRound.proposal_id).where(
        JudgingRound.closes_at <= there_until(now), JudgingRound.closed_at.is_(None)
    )
    return settle_each(db.session.scalars(due.order_by(JudgingRound.closes_at, JudgingRound.id)), now)


def next_round_to_close(proposal: Proposal) -> Step | None:
    """The end of the open round; there is one only while the proposal is done."""
    query = select(JudgingRound).where(JudgingRound.proposal_id == proposal.id, JudgingRound.closed_at.is_(None))
    found = db.session.scalar(query.order_by(JudgingRound.number).limit(1))
    return None if found is None else Step(found.closes_at, lambda one, due: _close(one, found, due))


OTHER_DATES[Stage.DONE] = next_round_to_close


def _close(proposal: Proposal, found: JudgingRound, due: datetime) -> None:
    counted = tally(found)
    found.closed_at, found.yes, found.partly, found.no = due, counted["yes"], counted["partly"], counted["no"]
    db.session.flush()
    where = {"proposal_id": proposal.id, "territory_id": proposal.seat_id}
    record(Verb.JUDGEMENT_CLOSED, proposal, due, **where, **counted)
    was_reopened = any(one.has_reopened for one in rounds_of(proposal.id))
    terms = kept_terms(proposal, due)
    says_no = majority_says_no(**counted, at_least=terms.judging_minimum)
    if says_no and not was_reopened and proposal.stage == Stage.DONE:
        due_at = due_after(terms.replan_working_days, due)
        if advance(proposal, Event.REOPEN, due, due_at=due_at, overdue_at=None):
            found.has_reopened = True
            record(Verb.PROPOSAL_REOPENED, proposal, due, **where, due_at=due_at.isoformat())
    elif not found.is_last and proposal.stage == Stage.DONE:
        open_round(proposal, due, is_last=True)
