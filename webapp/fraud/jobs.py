"""Keeping checks complete, and forgetting networks after their term."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from webapp.fraud.models import Arrival, Quarantine
from webapp.fraud.telling import note_votes
from webapp.kernel.database import db, locked
from webapp.kernel.jobs import each_once
from webapp.kernel.parts import change_in_parts
from webapp.proposals.models import Proposal
from webapp.voting.aside import give_votes_back, proposals_to_give_back, proposals_to_set_aside, set_votes_aside
from webapp.voting.models import Vote


def keep_checks_complete(now: datetime) -> int:
    """The job: votes that arrived in the very moment in which a check began or ended follow it.

    PostgreSQL lets a vote and the check run side by side; such a vote may have looked at its account
    before the mark was there. Returns how many followed.
    """
    states = db.session.execute(select(Quarantine.id, Quarantine.released_at)).all()
    late = [(key, at, number) for key, at in states for number in _stragglers(key, at is not None)]
    return each_once(late, lambda entry: _follow(*entry, now))


def _stragglers(key: int, is_over: bool) -> list[int]:
    return proposals_to_give_back(key) if is_over else proposals_to_set_aside(key)


def _follow(key: int, released_at: datetime | None, proposal_id: int, now: datetime) -> int:
    row, proposal = locked(Quarantine, key), locked(Proposal, proposal_id)
    if row is None or proposal is None or row.released_at != released_at:
        return 0
    act = set_votes_aside if released_at is None else give_votes_back
    number = act(proposal, key, now)
    if number:
        note_votes(proposal, released_at is not None, number, key, now)
    return number


def forget_networks(now: datetime) -> int:
    """The job: after `KEEP_NETWORKS_DAYS` nobody can tell any more from where a vote or an account came."""
    before = now - timedelta(days=current_app.config["KEEP_NETWORKS_DAYS"])
    done = change_in_parts(Arrival, Arrival.network.is_not(None), Arrival.at < before, network=None)
    return done + change_in_parts(Vote, Vote.network.is_not(None), Vote.at < before, network=None)
