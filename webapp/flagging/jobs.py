"""What the passing of a date does: reports go to the next rung, appeals that nobody decides show the content again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Row, select

from webapp.flagging.letters import tell_reporter
from webapp.flagging.models import Flag, FlagReview, Hiding
from webapp.flagging.terms import settle_hiding, settle_review
from webapp.kernel.database import db, locked, unit_of_work
from webapp.kernel.jobs import each_once
from webapp.kernel.parts import change_in_parts
from webapp.kernel.presence import there_until
from webapp.proposals.models import Proposal

AT_ONCE = 200


def flag_terms(now: datetime) -> int:
    """The job: reviews that nobody decided, and hidings whose window or appeal is over."""
    return _act_on_due(FlagReview, settle_review, now) + _act_on_due(Hiding, settle_hiding, now)


def _act_on_due(model: Any, act: Callable[[Any, datetime], int], now: datetime) -> int:
    """Each in a transaction of its own; its proposal is locked and the row looked at again, so it happens once."""
    due = select(model.id, model.proposal_id).where(model.due_at <= there_until(now))

    def once(keys: Row[tuple[int, int]]) -> int:
        key, proposal_id = keys
        locked(Proposal, proposal_id)
        row = locked(model, key)
        return act(row, now) if row is not None else 0

    return each_once(db.session.execute(due.order_by(model.due_at, model.id)), once)


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
    return change_in_parts(Flag, Flag.network.is_not(None), Flag.at < before, network=None)
