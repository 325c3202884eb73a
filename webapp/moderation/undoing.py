"""Taking a decision back within a minute, and what was decided in the meantime."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.escalation.services import take_ladder_away
from webapp.escalation.tallies import remember_progress
from webapp.journal.services import keep_quiet, last_fact_of, record
from webapp.journal.verbs import Verb
from webapp.kernel.database import changed, db
from webapp.kernel.errors import Conflict, DomainError
from webapp.kernel.i18n import gettext as _
from webapp.merging.chains import merger_of
from webapp.merging.services import lock_in_order, unmerge
from webapp.moderation.models import TriageDecision
from webapp.moderation.rules import Kind, Undoing, undo_fault
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.teamwork.services import put_back

#: Facts after which a decision that was prepared before them is looked at again.
DECIDING = (
    *(Verb.PROPOSAL_SUBMITTED, Verb.PROPOSAL_RESUBMITTED, Verb.PROPOSAL_PUBLISHED, Verb.PROPOSAL_RETURNED),
    *(Verb.PROPOSAL_REJECTED, Verb.PROPOSAL_FORWARDED, Verb.PROPOSAL_MERGED, Verb.PROPOSAL_WITHDRAWN),
    *(Verb.PROPOSAL_LAPSED, Verb.REJECTION_APPEALED, Verb.DECISION_UNDONE),
)
_TIMES = ("due_at", "overdue_at", "silent_at", "published_at", "closes_at", "closed_at", "paused_at", "paused_due_at")


#: What a merger and its undoing leave: nobody is told when both happen within a minute.
ABOUT_MERGERS = (Verb.PROPOSAL_MERGED, Verb.PROPOSAL_ENLARGED, Verb.PROPOSAL_UNMERGED, Verb.PROPOSAL_REDUCED)


class Overtaken(Conflict):
    """Somebody decided while this decision was being prepared; `theirs` is what they decided, if it was a moderator."""

    def __init__(self, theirs: TriageDecision | None) -> None:
        super().__init__(_("A colleague has decided on this proposal in the meantime."))
        self.theirs = theirs


def version_of(proposal_id: int) -> int:
    """What a form was made from: the number of the last fact that decided something."""
    return last_fact_of(proposal_id, DECIDING)


def ensure_unchanged(proposal: Proposal, seen: int | None) -> None:
    """Raise `Overtaken` when something has been decided since the page with the number `seen` was made."""
    if proposal.stage == Stage.SUBMITTED and (seen is None or seen == version_of(proposal.id)):
        return
    raise Overtaken(last_decision(proposal.id))


def last_decision(proposal_id: int) -> TriageDecision | None:
    """The moderators' last word on a proposal that was not taken back."""
    query = select(TriageDecision).where(TriageDecision.proposal_id == proposal_id, TriageDecision.undone_at.is_(None))
    query = query.options(joinedload(TriageDecision.moderator)).order_by(TriageDecision.id.desc())
    return db.session.scalar(query.limit(1))


def undo(actor: User, decision: TriageDecision, now: datetime) -> Proposal:
    """Take a decision back: the proposal lies on the desk as before, its clock has not stopped. Returns the proposal."""
    require(actor, Permission.UNDO_DECISION, decision, now)
    merger = merger_of(decision.proposal_id) if decision.kind == Kind.MERGE else None
    proposal = lock_in_order({decision.proposal_id, *([merger.into_id] if merger else [])})[decision.proposal_id]
    settle(proposal, now)
    latest = last_decision(proposal.id)
    is_latest = latest is not None and latest.id == decision.id and version_of(proposal.id) == decision.fact_id
    votes = proposal.supports + proposal.opposes + proposal.organisation_supports + proposal.organisation_opposes
    fault = undo_fault(
        is_mine=decision.moderator_id == actor.id,
        is_undone=decision.undone_at is not None,
        decided_at=decision.at,
        now=now,
        is_latest=is_latest,
        stage=Stage(proposal.stage),
        votes=0 if merger else votes,
    )
    if fault is not None:
        raise Conflict(_fault_words()[fault])
    marked = changed(
        update(TriageDecision)
        .where(TriageDecision.id == decision.id, TriageDecision.undone_at.is_(None))
        .values(undone_at=now)
    )
    if marked != 1:
        raise Conflict(_fault_words()[Undoing.ALREADY])
    if merger is not None:
        unmerge(actor, merger, now)
        keep_quiet([merger.proposal_id, merger.into_id], decision.fact_id or 0, ABOUT_MERGERS)
    else:
        _restore(proposal, decision, now)
    record(
        Verb.DECISION_UNDONE,
        proposal,
        now,
        actor=actor,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        public=decision.kind in (Kind.PUBLISH, Kind.FORWARD),
        undoes=decision.fact_id,
        kind=decision.kind,
    )
    return proposal


def _restore(proposal: Proposal, decision: TriageDecision, now: datetime) -> None:
    before: dict[str, Any] = dict(decision.before or {})
    department_id, assignee_id = before.pop("department_id", None), before.pop("assignee_id", None)
    del before["stage"]  # the table knows: back on the desk
    for name in _TIMES:
        if before[name]:
            before[name] = datetime.fromisoformat(before[name])
    if decision.kind == Kind.PUBLISH:
        take_ladder_away(proposal)
    if not advance(proposal, Event.UNDO, now, **before):
        raise Conflict(_fault_words()[Undoing.MOVED_ON])
    if decision.kind in (Kind.FORWARD, Kind.PUBLISH):
        put_back(proposal, department_id, assignee_id, now)
    remember_progress(proposal)


def undo_batch(actor: User, batch: str, now: datetime) -> tuple[int, int]:
    """Take back what was decided together; returns how many were taken back, and how many could not be."""
    query = select(TriageDecision).where(TriageDecision.batch == batch, TriageDecision.moderator_id == actor.id)
    done = left = 0
    for decision in db.session.scalars(query.order_by(TriageDecision.id)).all():
        try:
            undo(actor, decision, now)
            done += 1
        except DomainError:
            left += 1
    return done, left


def _fault_words() -> dict[Undoing, str]:
    return {
        Undoing.ANOTHER: _("Only whoever decided can take it back."),
        Undoing.TOO_LATE: _(
            "The minute is over: the author has been told. The author can appeal, and you can write to a colleague."
        ),
        Undoing.ALREADY: _("This decision has been taken back already."),
        Undoing.MOVED_ON: _("This proposal has moved on in the meantime. Look at its page for where it is now."),
        Undoing.VOTED: _("Somebody has voted on it already, so it stays published."),
    }


def decided_since(actor: User, since: datetime) -> Sequence[TriageDecision]:
    """What somebody has decided since a moment and not taken back, newest first."""
    query = select(TriageDecision).where(
        TriageDecision.moderator_id == actor.id, TriageDecision.at >= since, TriageDecision.undone_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(TriageDecision.id.desc())))


def day_of(decisions: Sequence[TriageDecision]) -> tuple[int, int | None]:
    """The end of the day: how many decisions, and the median seconds of a look; None when no look was marked."""
    known = sorted(row.read_seconds for row in decisions if row.read_seconds is not None)
    return len(decisions), known[len(known) // 2] if known else None


def days_of(person_ids: Sequence[int], now: datetime, days: int = 7) -> dict[int, int]:
    """How many decisions each of some people has made in the last days."""
    query = (
        select(TriageDecision.moderator_id, func.count())
        .where(
            TriageDecision.moderator_id.in_(list(person_ids)),
            TriageDecision.at > now - timedelta(days=days),
            TriageDecision.undone_at.is_(None),
        )
        .group_by(TriageDecision.moderator_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
