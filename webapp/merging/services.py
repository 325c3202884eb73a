"""Looking ahead at a merger, doing it, and undoing it exactly."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, update

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.escalation.models import LadderRung
from webapp.escalation.tallies import remember_progress
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import LARGEST_KEY, changed, db, locked
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import ngettext
from webapp.merging import rules
from webapp.merging.models import Merger
from webapp.merging.rules import Fault, Obstacle, Side
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.rulebook.models import RuleSet
from webapp.rulebook.rules import add_working_days, end_of_day
from webapp.rulebook.services import calendar, closing_after, due_after, rule_in_force
from webapp.voting.bringing import bring_votes, count_what_was_kept, look_at_thresholds, take_votes_out, to_bring


class Pair(NamedTuple):
    """Two proposals, for asking the table; `into` is None while it is still being chosen."""

    proposal: Proposal
    into: Proposal | None = None


class Preview(NamedTuple):
    """Supporters of one, of the other, of both, and of the two together; and the votes beside theirs that come along.

    `both` are supporters of the first who have voted on the other already, either way: they keep that vote.
    """

    own: int
    there: int
    both: int
    union: int
    opposes: int
    organisations: int


def side_of(proposal: Proposal) -> Side:
    """A proposal as the rules want it."""
    return Side(
        key=proposal.id,
        stage=Stage(proposal.stage),
        is_public=proposal.is_public,
        is_open=proposal.is_open,
        is_merged=proposal.merged_into_id is not None,
        level=rules.LEVELS.get(proposal.seat.rung, 0),
        supports=proposal.supports,
        submitted_at=proposal.submitted_at,
    )


def preview(proposal: Proposal, into: Proposal) -> Preview:
    """What a merger would do to the numbers, counted now."""
    more = to_bring(proposal, into)
    return Preview(
        own=proposal.supports,
        there=into.supports,
        both=proposal.supports - more.supports,
        union=into.supports + more.supports,
        opposes=more.opposes,
        organisations=more.organisation_supports + more.organisation_opposes,
    )


def refused(proposal: Proposal, into: Proposal) -> str | None:
    """Why one cannot be joined to the other, as a sentence; None when it can."""
    found = rules.fault(side_of(proposal), side_of(into))
    return None if found is None else sentence(found)


def sentence(fault: Fault) -> str:
    """A fault in the words of the page's language."""
    return {
        Fault.ITSELF: _("A proposal cannot be joined to itself."),
        Fault.MOVED_ON: _("This proposal has moved on in the meantime. Look at its page for where it is now."),
        Fault.NOT_PUBLIC: _("Choose a published proposal on the same matter."),
        Fault.TARGET_MERGED: _("The other proposal was itself joined to a third one. Choose that one."),
        Fault.TARGET_OVER: _("The other proposal is decided or closed. Choose one that is open."),
        Fault.ANSWER_OWED: _(
            "An answer is due to this proposal, and not yet to the other one, or only on a lower rung. Join the other one to it instead."
        ),
    }[fault]


def lock_in_order(keys: set[int]) -> dict[int, Proposal]:
    """Proposals by id, locked in the order in which everybody locks them, so that nobody waits in a ring."""
    found = {key: locked(Proposal, key) for key in sorted(keys) if key <= LARGEST_KEY}
    return {key: proposal for key, proposal in found.items() if proposal is not None}


def undo_term(into: Proposal, now: datetime) -> int:
    """For how many days joining to a proposal now can be undone, by the rules in force at its seat."""
    terms, _row = rule_in_force(into.seat, now)
    return terms.merger_days


def merge(actor: User, proposal: Proposal, into: Proposal, now: datetime) -> Merger:
    """Join a proposal to another one: its votes are copied there, it is closed and points there. Both must be locked."""
    for one in (proposal, into):
        settle(one, now)
    require(actor, Permission.MERGE, Pair(proposal, into), now)
    found = rules.fault(side_of(proposal), side_of(into))
    if found in (Fault.ITSELF, Fault.NOT_PUBLIC):
        raise Invalid(sentence(found), "into")
    if found is not None:
        raise Conflict(sentence(found))
    assert proposal.due_at is not None
    row = Merger(
        proposal_id=proposal.id,
        into_id=into.id,
        by_id=actor.id,
        at=now,
        stage=proposal.stage,
        seat_id=proposal.seat_id,
        due_at=proposal.due_at,
        closes_at=proposal.closes_at,
        undo_days=undo_term(into, now),
    )
    if not advance(proposal, Event.MERGE, now, merged_into_id=into.id):
        raise Conflict(sentence(Fault.MOVED_ON))
    db.session.add(row)
    db.session.flush()
    row.supports = bring_votes(proposal, into, row.id).supports
    remember_progress(proposal)
    _tell(Verb.PROPOSAL_MERGED, proposal, actor, now, into=into.id, merger=row.id, supports=row.supports)
    _tell(Verb.PROPOSAL_ENLARGED, into, actor, now, joined=proposal.id, merger=row.id, supports=row.supports)
    look_at_thresholds(into, now)
    db.session.flush()
    db.session.refresh(into)
    return row


def _tell(verb: Verb, proposal: Proposal, actor: User, now: datetime, **facts: Any) -> None:
    record(verb, proposal, now, actor=actor, proposal_id=proposal.id, territory_id=proposal.seat_id, **facts)


def hindrance(row: Merger, now: datetime) -> str | None:
    """Why a merger cannot be undone, as a sentence; None when it can."""
    until = rules.undo_until(row.at, row.undo_days)
    found = rules.obstacle(until, row.undone_at is not None, row.into.merged_into_id is not None, now)
    if found is None:
        return None
    return {
        Obstacle.DONE: _("These proposals have been separated already."),
        Obstacle.LATE: ngettext(
            "A merger can be undone for %(num)d day; it has passed.",
            "A merger can be undone for %(num)d days; they have passed.",
            row.undo_days,
        ),
        Obstacle.CHAINED: _("The other proposal was itself joined to a third one. Separate those two first."),
    }[found]


def unmerge(actor: User, row: Merger, now: datetime) -> None:
    """Part two proposals: the first goes on where it was, with the time it had left. Both must be locked."""
    settle(row.into, now)
    require(actor, Permission.MERGE, row, now)
    reason = hindrance(row, now)
    if reason is not None:
        raise Conflict(reason)
    _undo_once(row, actor, now)
    proposal, into = row.proposal, row.into
    due_at, closes_at = _terms_after(row, proposal, now)
    event = rules.PARTINGS[Stage(row.stage)]
    if not advance(proposal, event, now, seat_id=row.seat_id, due_at=due_at, closes_at=closes_at, merged_into_id=None):
        raise Conflict(sentence(Fault.MOVED_ON))
    others = select(Merger.id, Merger.proposal_id).where(Merger.into_id == into.id, Merger.undone_at.is_(None))
    stay = [(key, source) for key, source in db.session.execute(others.order_by(Merger.id))]
    gone = take_votes_out(into, row.id, stay)
    _tell(Verb.PROPOSAL_UNMERGED, proposal, actor, now, merger=row.id, due_at=due_at.isoformat())
    _tell(Verb.PROPOSAL_REDUCED, into, actor, now, parted=proposal.id, merger=row.id, supports=gone)
    for one in (proposal, into):
        count_what_was_kept(one, now)
        look_at_thresholds(one, now)
        db.session.flush()
        db.session.refresh(one)


def _undo_once(row: Merger, actor: User, now: datetime) -> None:
    done = changed(
        update(Merger)
        .where(Merger.id == row.id, Merger.undone_at.is_(None))
        .values(undone_at=now, undone_by_id=actor.id)
    )
    if done != 1:
        raise Conflict(_("These proposals have been separated already."))
    db.session.refresh(row)


def _terms_after(row: Merger, proposal: Proposal, now: datetime) -> tuple[datetime, datetime | None]:
    """Due date and end of the window for support, both with the time that was left; never earlier than they were."""
    stage = Stage(row.stage)
    in_working_days = stage in rules.IN_WORKING_DAYS
    due_at = rules.later(row.due_at, _fresh(row, proposal, now), _day_end(row.due_at, row, now, in_working_days), now)
    if row.closes_at is None or stage is Stage.COLLECTING:
        return due_at, due_at if row.closes_at else None
    if row.closes_at <= row.at:  # voting had ended before
        return due_at, row.closes_at
    return due_at, max(row.closes_at, _day_end(row.closes_at, row, now, in_working_days=False))


def _day_end(moment: datetime, row: Merger, now: datetime, in_working_days: bool) -> datetime:
    day = rules.resumed(local_date(moment), local_date(row.at), local_date(now))
    if in_working_days:
        day = add_working_days(day - timedelta(days=1), 1, calendar())
    return end_of_day(day, LOCAL_ZONE)


def _fresh(row: Merger, proposal: Proposal, now: datetime) -> datetime:
    """A whole term from now, by the rules that were frozen for the proposal, or those in force before publication."""
    if row.stage == Stage.SUBMITTED:
        return due_after(rule_in_force(proposal.seat, now)[0].triage_working_days, now)
    query = select(LadderRung.answer_working_days, RuleSet.collection_days)
    query = query.join(RuleSet, RuleSet.id == LadderRung.rule_set_id)
    query = query.where(LadderRung.proposal_id == proposal.id, LadderRung.territory_id == row.seat_id)
    terms = db.session.execute(query).one()
    return (
        due_after(terms.answer_working_days, now)
        if row.stage == Stage.REVIEW
        else closing_after(terms.collection_days, now)
    )
