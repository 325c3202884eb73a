"""What the passing of a date does: reports go to the next rung, appeals that nobody decides show the content again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from webapp.flagging.decisions import show_by_silence
from webapp.flagging.letters import tell_reporter
from webapp.flagging.models import Flag, FlagReview, Hiding
from webapp.flagging.rules import What
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, locked, retrying, rollback, unit_of_work
from webapp.photos.services import remove
from webapp.proposals.models import Proposal
from webapp.rulebook.services import due_after, rule_in_force
from webapp.territories.services import ladder

AT_ONCE = 200


def flag_terms(now: datetime) -> int:
    """The job: reviews that nobody decided, and hidings whose window or appeal is over."""
    return _act_on_due(FlagReview, overlook, now) + _act_on_due(Hiding, _end_term, now)


def _act_on_due(model: Any, act: Callable[[Any, datetime], None], now: datetime) -> int:
    """Each in a transaction of its own; its proposal is locked and the row looked at again, so it happens once."""
    due = select(model.id, model.proposal_id).where(model.due_at <= now).order_by(model.due_at, model.id)
    keys = list(db.session.execute(due))
    rollback()

    def once(key: int, proposal_id: int) -> int:
        with unit_of_work():
            locked(Proposal, proposal_id)
            row = locked(model, key)
            if row is None or row.due_at is None or row.due_at > now:
                return 0
            act(row, now)
            return 1

    return sum(retrying(lambda pair=pair: once(*pair)) for pair in keys)


def overlook(review: FlagReview, now: datetime) -> None:
    """Nobody looked at the reports in the term: that is on record, and the next rung's moderators have them now.

    At the top nobody is above: they stay there, overdue, and are recorded again at the end of each further term.
    """
    steps = ladder(review.desk)
    was_due, left = review.due_at, review.desk_id
    next_desk = steps[1] if len(steps) > 1 else review.desk
    terms, _row = rule_in_force(next_desk, now)
    review.desk_id, review.overdue_at = next_desk.id, review.overdue_at or now
    review.due_at = due_after(terms.triage_working_days, now)
    record(
        Verb.BODY_SILENT,
        review,
        now,
        proposal_id=review.proposal_id,
        territory_id=left,
        due_at=was_due.isoformat() if was_due else None,
        next_due_at=review.due_at.isoformat(),
        what="flags",
        at_top=next_desk.id == left,
    )


def _end_term(hiding: Hiding, now: datetime) -> None:
    if hiding.waits_for_a_decision:
        show_by_silence(hiding, now)
        return
    hiding.due_at = None
    if hiding.what == What.PHOTO:  # the last word is spoken: who may be on it does not stay in a folder
        remove(proposal_id=hiding.proposal_id)


def tell_reporters(now: datetime) -> int:
    """The job: everybody with an account who reported something learns what was decided."""
    told = 0
    waiting = select(Flag).join(FlagReview, FlagReview.id == Flag.review_id)
    waiting = waiting.where(Flag.told_at.is_(None), Flag.reporter_id.is_not(None), FlagReview.decided_at.is_not(None))
    while True:
        with unit_of_work():
            query = waiting.order_by(Flag.id).limit(AT_ONCE).with_for_update(of=Flag, skip_locked=True)
            flags = list(db.session.scalars(query))
            for flag in flags:
                told += tell_reporter(flag, now)
                flag.told_at = now
        if len(flags) < AT_ONCE:
            return told


def forget_flag_networks(now: datetime) -> int:
    """The job: after `KEEP_NETWORKS_DAYS` nobody can tell any more from where a stranger reported something."""
    before = now - timedelta(days=current_app.config["KEEP_NETWORKS_DAYS"])
    old = update(Flag).where(Flag.network.is_not(None), Flag.at < before).values(network=None)
    with unit_of_work():
        return int(db.session.execute(old.execution_options(synchronize_session=False)).rowcount)
