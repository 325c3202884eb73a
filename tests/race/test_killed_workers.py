"""Workers of the real server are killed under load: what was acknowledged is there, and counted once."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from tests.race.election import escalations, open_election
from tests.race.serving import (
    PATIENCE_SECONDS,
    STOP_SECONDS,
    Load,
    answers,
    free_port,
    kill_a_worker,
    lives,
    serving,
    until,
    workers_of,
)
from tests.sizes import size
from webapp.kernel.clock import now
from webapp.kernel.database import db, is_sqlite, rollback, unit_of_work
from webapp.proposals.models import Proposal
from webapp.voting.models import Vote
from webapp.voting.services import recount

both_databases = True
pytestmark = pytest.mark.slow
RESIDENTS, WORKERS, DOORS = size(3_000, 8_000), 3, 6
#: PostgreSQL is a process of its own that nobody kills here; a few kills show that it lets go of what they held.
KILLS = {"sqlite": size(4, 20), "postgresql": size(3, 4)}
#: So many more votes are acknowledged before the next worker dies: the load goes on all the time.
BETWEEN = 40


@pytest.fixture
def election(app, world):
    """Open at the server's own time."""
    election = open_election(world, RESIDENTS, city=40, region=100)
    with unit_of_work():
        in_time = now() + timedelta(days=90)
        db.session.execute(update(Proposal).values(closes_at=in_time, due_at=in_time))
    return election


def voters():
    rollback()
    return list(db.session.scalars(select(Vote.voter_id)))


def is_counted_right(election):
    with unit_of_work():
        corrected = recount(now())
    proposal = db.session.get_one(Proposal, election.key)
    return corrected == [] and proposal.supports == len(voters())


def test_no_acknowledged_vote_is_lost_when_workers_are_killed(app, election, engine, database_url, tmp_path):
    port = free_port()
    load = Load(app, port, election.key)
    with serving(database_url, tmp_path, port, WORKERS) as server:
        until(lambda: answers(port), PATIENCE_SECONDS, "the server is up")
        with load.going_on(election.residents, DOORS, pause=0.03):
            for _kill in range(KILLS[engine]):
                wanted = len(load.acknowledged) + BETWEEN
                until(lambda wanted=wanted: len(load.acknowledged) >= wanted, PATIENCE_SECONDS, "votes go on")
                kill_a_worker(server, WORKERS)
        in_vain, acknowledged = list(load.unanswered), set(load.acknowledged)
        assert load.refused == []
        assert in_vain, "not one kill was felt"
        assert len(load.acknowledged) == len(acknowledged)
        assert acknowledged <= set(voters()) <= acknowledged | set(in_vain)
        assert is_counted_right(election)
        # whoever had no answer tries again, as people do; some of their votes had been counted
        load.vote(in_vain)
        assert answers(port)
    assert load.unanswered == in_vain, "the server does not answer everybody any more"
    assert load.refused == []
    assert sorted(voters()) == sorted(acknowledged | set(in_vain))
    assert is_counted_right(election)
    assert [verb for verb, _territory, _supports in escalations(election.key)] == [
        "threshold:reached",
        "proposal:climbed",
    ]
    if is_sqlite():
        assert db.session.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
        assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []


def test_a_server_that_is_stopped_while_its_workers_are_on_their_way_leaves_nobody_behind(tmp_path):
    port = free_port()
    with serving(f"sqlite:///{tmp_path / 'saty.sqlite3'}", tmp_path, port, 2) as server:
        until(lambda: len(workers_of(server)) == 2, PATIENCE_SECONDS, "two workers are on their way")
        workers = workers_of(server)
        server.send_signal(signal.SIGINT)
        until(lambda: not lives(server), STOP_SECONDS, "the server has stopped")
        assert [worker for worker in workers if lives(worker)] == []
        assert not answers(port)
