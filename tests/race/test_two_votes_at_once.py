"""Votes and residents, two at a time: one person, one vote, whatever comes between."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import add_user, published
from tests.race.browsers import application, settle
from tests.race.election import CITY
from webapp.journal.models import Fact
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.people.models import RegisterEntry, User
from webapp.people.passwords import keyed
from webapp.people.rules import check_digit
from webapp.people.services import mark_verified, person_key
from webapp.proposals.models import Proposal
from webapp.territories.services import by_kato
from webapp.voting.models import PendingVote, Vote
from webapp.voting.services import complete_pending_votes, keep_vote, recount

both_databases = True
pytestmark = pytest.mark.slow
PEPPER = "pepper of the tests"
#: Two moments are never quite the same; so often is enough to meet again and again.
ROUNDS = 8


@pytest.fixture
def key(world):
    """A proposal that collects support."""
    with unit_of_work():
        return published(world, MONDAY).id


@pytest.fixture
def newcomer(world):
    """Makes accounts of people whom the register knows: `newcomer(3)` returns the id and the form of the third one."""

    def arrive(number: int) -> tuple[int, dict[str, str]]:
        iin = next(first + str(check_digit(first)) for first in _beginnings(number) if check_digit(first) is not None)
        return account(f"newcomer{number}"), {"iin": iin, "surname": "Ким", "agree": "y"}

    return arrive


def _beginnings(number):
    return (f"9{number % 10}01013{year:01d}{number:04d}"[:11] for year in range(10))


def account(name):
    """Somebody who is not verified."""
    return add_user(f"{name}@test.example", MONDAY, surname="Ким").id


def register(form):
    """The register knows this person."""
    entry = RegisterEntry(person_key=person_key(PEPPER, form["iin"]), imported_at=MONDAY, home_id=by_kato(CITY).id)
    entry.surname_key = keyed(PEPPER, "surname", "ким")
    db.session.add(entry)


def count(model, *conditions):
    rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def assert_counted(key, supports, opposes=0):
    """The votes are so many, and every count says so."""
    rollback()
    proposal = db.session.get_one(Proposal, key)
    assert (proposal.supports, proposal.opposes) == (supports, opposes)
    assert count(Vote) == supports + opposes
    with unit_of_work():
        assert recount(MONDAY) == []


def test_somebody_who_verifies_in_two_tabs_is_verified_once_and_their_kept_vote_counts_once(at_once, newcomer, key):
    for number in range(ROUNDS):
        with unit_of_work():
            person, form = newcomer(number)
            register(form)
            keep_vote(db.session.get_one(User, person), db.session.get_one(Proposal, key), "support", MONDAY)
        first, second = at_once((person, "/verify", form), (person, "/verify", form))
        assert (first.status, second.status) == (303, 303)
        assert_counted(key, supports=number + 1)
    assert count(PendingVote) == 0
    assert count(Fact, Fact.verb == "resident:verified") == ROUNDS


def test_of_two_accounts_with_one_iin_one_is_verified_and_the_other_is_told(at_once, newcomer):
    for number in range(ROUNDS):
        with unit_of_work():
            first, form = newcomer(number)
            second = account(f"again{number}")
            register(form)
        answers = at_once((first, "/verify", form), (second, "/verify", form))
        assert sorted(answer.status for answer in answers) == [303, 422]
        refused = next(answer.text for answer in answers if answer.status == 422)
        assert "one person has one vote" in refused
        assert count(User, User.person_key == person_key(PEPPER, form["iin"])) == 1


def completing(url, folder, person):
    """Somebody who is verified, and whose kept votes are about to be counted."""
    app = application(url, folder)

    def act():
        with app.app_context(), unit_of_work():
            return len(complete_pending_votes(db.session.get_one(User, person), MONDAY))

    return act


def test_a_kept_vote_that_is_completed_twice_counts_once(crew, where, key):
    for number in range(ROUNDS):
        with unit_of_work():
            person = account(f"kept{number}")
            user = db.session.get_one(User, person)
            keep_vote(user, db.session.get_one(Proposal, key), "support", MONDAY)
            mark_verified(user, f"key {number}", by_kato(CITY).id, MONDAY, "desk")
        crew.at_once((completing, *where, person), (completing, *where, person))
        assert_counted(key, supports=number + 1)
    assert count(PendingVote) == 0


@pytest.mark.parametrize("voted_before", [False, True])
def test_a_withdrawal_and_a_support_of_one_person_end_in_one_of_the_two(at_once, key, voted_before):
    with unit_of_work():
        people = settle(2 * ROUNDS, CITY, MONDAY)
    vote, withdrawal = (f"/proposals/{key}/vote", {"choice": "support"}), (f"/proposals/{key}/vote/withdrawal", {})
    for person in people:
        if voted_before:
            at_once((person, *vote))
        first, second = at_once((person, *vote), (person, *withdrawal))
        assert (first.status, second.status) == (303, 303)
        assert count(Vote, Vote.voter_id == person) in (0, 1)
        assert_counted(key, supports=count(Vote))


def test_a_support_and_an_opposition_of_one_person_end_in_one_of_the_two(at_once, key):
    with unit_of_work():
        people = settle(2 * ROUNDS, CITY, MONDAY)
    for number, person in enumerate(people):
        forms = [(person, f"/proposals/{key}/vote", {"choice": choice}) for choice in ("support", "oppose")]
        assert [answer.status for answer in at_once(*forms)] == [303, 303]
        supports = count(Vote, Vote.choice == 1)
        assert_counted(key, supports, number + 1 - supports)
