"""Mergers, votes and partings of one moment: one wins, the other is told, and everybody is counted once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import published
from tests.mergers import ballots, merge, place_of, supporters, voters
from tests.race.browsers import settle
from tests.race.election import CITY
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.merging.models import Merger
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.voting.models import Vote
from webapp.voting.services import cast_vote, recount

both_databases = True
pytestmark = pytest.mark.slow
#: Two moments are never quite the same; so often is enough to meet by day and by night.
ROUNDS = 6


@pytest.fixture
def pairs(world):
    """Pairs of proposals; three people support each first one, one of them the second one too."""
    with unit_of_work():
        people = settle(3, CITY, MONDAY)
        found = []
        for number in range(ROUNDS):
            one, other = (published(world, MONDAY, title=f"Жарық {number} {word}") for word in ("бір", "екі"))
            for place, person in enumerate(people):
                for proposal in (one, other) if place == 0 else (one,):
                    cast_vote(db.session.get_one(User, person), proposal, "support", MONDAY)
            found.append((one.id, other.id))
        return found


def merging(person, key, into):
    return person, f"/desk/{key}/merger/{into}", {}


def statuses(answers):
    return sorted(answer.status for answer in answers)


def fact_count(verb):
    rollback()
    return db.session.scalar(select(func.count()).where(Fact.verb == verb))


def assert_counted():
    with unit_of_work():
        assert recount(MONDAY) == []


def test_of_two_mergers_against_each_other_one_wins(world, at_once, pairs):
    people = world.moderator.id, world.region_moderator.id
    for one, other in pairs:
        answers = at_once(merging(people[0], one, other), merging(people[1], other, one))
        assert statuses(answers) == [303, 409]
        assert "joined to a third one" in next(a.text for a in answers if a.status == 409)
        stages = {key: place_of(key)[0] for key in (one, other)}
        assert sorted(stages.values()) == ["collecting", "merged"]
        left = next(key for key, stage in stages.items() if stage == "collecting")
        assert len(supporters(left)[0]) == db.session.get_one(Proposal, left).supports == 3
    assert fact_count("proposal:merged") == fact_count("proposal:enlarged") == ROUNDS
    assert_counted()


def test_the_same_merger_twice_at_once_is_one(world, at_once, pairs):
    people = world.moderator.id, world.region_moderator.id
    for one, other in pairs:
        answers = at_once(*(merging(person, one, other) for person in people))
        assert statuses(answers) == [303, 409]
        assert "moved on in the meantime" in next(a.text for a in answers if a.status == 409)
        assert db.session.scalar(select(func.count()).where(Merger.proposal_id == one)) == 1
    assert fact_count("proposal:merged") == ROUNDS
    assert_counted()


@pytest.mark.parametrize("side", [0, 1])
def test_a_vote_of_the_moment_of_a_merger_is_counted_once(world, at_once, pairs, side):
    with unit_of_work():
        newcomers = settle(ROUNDS, CITY, MONDAY, name="late")
    for newcomer, pair in zip(newcomers, pairs, strict=True):
        vote = (newcomer, f"/proposals/{pair[side]}/vote", {"choice": "support"})
        merger, voted = at_once(merging(world.moderator.id, *pair), vote)
        assert merger.status == 303
        one, other = (voters(key)[0] for key in pair)
        if side == 1:
            assert voted.status == 303 and newcomer in other and newcomer not in one
        elif voted.status == 303:
            assert newcomer in one and newcomer in other  # it was there first, and came along
        else:
            assert voted.status == 409 and "Voting on this proposal is closed" in voted.text
            assert newcomer not in one | other
        counted = db.session.get_one(Proposal, pair[1], populate_existing=True).supports
        assert counted == len(other) == 3 + (newcomer in other)
    assert_counted()


def test_somebody_who_votes_on_the_target_as_their_vote_comes_along_has_one_vote(world, at_once, pairs):
    with unit_of_work():
        people = settle(ROUNDS, CITY, MONDAY, name="both")
        for person, (one, _other) in zip(people, pairs, strict=True):
            cast_vote(db.session.get_one(User, person), locked(Proposal, one), "support", MONDAY)
    for person, (one, other) in zip(people, pairs, strict=True):
        vote = (person, f"/proposals/{other}/vote", {"choice": "oppose"})
        assert statuses(at_once(merging(world.moderator.id, one, other), vote)) == [303, 303]
        rows = db.session.execute(
            select(Vote.choice, Vote.merger_id).where(Vote.proposal_id == other, Vote.voter_id == person)
        )
        assert rows.all() == [(-1, None)]  # what they said themselves, whichever came first
    assert_counted()


def test_of_two_who_part_the_same_at_once_one_does_it(world, at_once, pairs):
    people = world.moderator.id, world.region_moderator.id
    for one, other in pairs:
        before = ballots(one, marks=True), ballots(other, marks=True)
        merger = merge(world.moderator, one, other, MONDAY)
        rollback()
        answers = at_once(*((person, f"/mergers/{merger}/undo", {}) for person in people))
        assert statuses(answers) == [303, 409]
        assert "separated already" in next(a.text for a in answers if a.status == 409)
        assert (ballots(one, marks=True), ballots(other, marks=True)) == before
    assert fact_count("proposal:unmerged") == fact_count("proposal:reduced") == ROUNDS
    assert_counted()


def test_parting_two_while_the_one_is_joined_to_a_third(world, at_once, pairs):
    """Whichever comes first: nobody is left in the third one who went away before, and no chain is cut in its middle."""
    for one, other in pairs:
        with unit_of_work():
            fresh = published(world, MONDAY, title=f"Үшінші {one}").id
        merger = merge(world.moderator, one, other, MONDAY)
        rollback()
        parting = (world.moderator.id, f"/mergers/{merger}/undo", {})
        parted, joined = at_once(parting, merging(world.region_moderator.id, other, fresh))
        assert joined.status == 303 and place_of(other)[-1] == fresh
        if parted.status == 303:
            assert place_of(one)[0] == "collecting" and len(voters(fresh)[0]) == 1
        else:
            assert parted.status == 409 and "Separate those two first" in parted.text
            assert place_of(one)[-1] == other and len(voters(fresh)[0]) == 3
    assert_counted()
