"""Thousands of votes at once, half of them repeats: nothing lost, nothing doubled, every threshold reached once.

Ten thousand in `make soak`, twelve hundred in `make test`: the naive voting below is caught by four hundred.
"""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY, make_app
from tests.race.browsers import application
from tests.race.election import CITY, complaints, escalations, hold, open_election
from tests.race.naive import make_naive_app
from tests.sizes import size
from webapp.access.services import give_role
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.notifications.models import Notice
from webapp.notifications.services import tell
from webapp.proposals.models import Proposal
from webapp.territories.services import by_kato
from webapp.voting.services import cast_vote

both_databases = True
pytestmark = pytest.mark.slow
RESIDENTS = size(250, 5_000)


@pytest.fixture
def ballot(world):
    """Opens an election in a city with two officers."""

    def open_(residents, city, region):
        with unit_of_work():
            give_role(world.kentau, "officer", by_kato(CITY), MONDAY)
        return open_election(world, residents, city, region)

    return open_


def telling(url, folder):
    """A worker that is about to write notices."""
    app = application(url, folder)

    def act():
        with app.app_context():
            return tell(MONDAY)

    return act


def notices(verb):
    """Who was told of the facts of a kind, one name for each message."""
    rollback()
    keys = [f"fact:{key}:%" for key in db.session.scalars(select(Fact.id).where(Fact.verb == verb))]
    return sorted(
        name for key in keys for name in db.session.scalars(select(Message.to).where(Message.dedup_key.like(key)))
    )


def test_twice_as_many_votes_are_as_many_as_voters_and_each_threshold_is_reached_once(ballot, crew, where):
    election = ballot(RESIDENTS, city=RESIDENTS // 2, region=RESIDENTS * 4 // 5)
    answers = hold(crew, election, 4, *where, make_app)
    assert complaints(election, answers) == {}
    # two workers find the same facts at the same moment
    told = crew.at_once((telling, *where), (telling, *where))
    assert min(jobs.run(MONDAY).values()) >= 0
    assert sum(told) == db.session.scalar(select(func.count()).where(Message.dedup_key.like("fact:%")))
    for verb in ("threshold:reached", "proposal:climbed"):  # whoever supports follows, and is told once
        fact = select(Fact.id).where(Fact.verb == verb).scalar_subquery()
        followers = select(func.count()).where(Notice.fact_id == fact, Notice.kind == "follower")
        assert db.session.scalar(followers) == RESIDENTS
    author = "aigerim@test.example"
    assert notices("threshold:reached") == [author, "kentau@test.example", "officer@test.example"]
    assert notices("proposal:climbed") == [author, "region_officer@test.example"]


def test_the_checks_find_nothing_wrong_with_a_naive_vote_that_has_no_company(ballot, crew, where):
    election = ballot(60, city=30, region=50)
    answers = hold(crew, election, 1, *where, make_naive_app, 1)
    assert complaints(election, answers) == {}


def test_the_checks_catch_a_naive_vote_in_company(ballot, crew, where):
    election = ballot(200, city=20, region=40)
    found = complaints(election, hold(crew, election, 4, *where, make_naive_app))
    assert {"answers", "supports", "tallies", "recount"} <= set(found), found


def test_the_checks_catch_a_naive_deciding_vote(ballot, crew, where, world):
    election = ballot(8, city=2, region=3)
    with unit_of_work():
        cast_vote(world.aigerim, locked(Proposal, election.key), "support", MONDAY)
    # sixteen threads have read that one support is lacking before any of them writes
    found = complaints(election, hold(crew, election, 4, *where, partial(make_naive_app, window=1)))
    assert {"escalations", "steps"} <= set(found), found
    assert [verb for verb, _territory, _supports in escalations(election.key)].count("threshold:reached") > 1
