"""Votes set aside for checking: seen, counted dry, taken out, given back; nobody named, nothing decided undone."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import add_user, crowd, published, supported
from tests.suspects import (
    CITY,
    NATION,
    REGION,
    SHORTLY,
    accounts,
    begin,
    end,
    facts,
    make_operator,
    robots,
    suspected,
    tally,
)
from webapp.escalation.models import LadderRung
from webapp.fraud import services
from webapp.fraud.jobs import keep_checks_complete
from webapp.fraud.models import Quarantine
from webapp.fraud.returning import release, return_votes
from webapp.kernel.database import access_mode, commit, db, locked, rollback, unit_of_work
from webapp.kernel.errors import Conflict
from webapp.people.models import User
from webapp.people.services import mark_verified
from webapp.proposals.models import Proposal
from webapp.voting.models import Vote
from webapp.voting.services import cast_vote, recount, take_over_votes, vote_of, withdraw_vote

both_databases = True
sensitive = (
    "test_a_threshold_that_was_reached_stays_decided",
    "test_a_vote_that_missed_the_beginning_or_the_end_follows",
    "test_leaving_and_coming_back_is_no_way_around",
    "test_some_accounts_are_let_go_and_the_rest_stays",
    "test_the_recount_knows_what_is_set_aside",
    "test_twice_is_once",
    "test_votes_that_arrive_while_a_check_begins",
    "test_who_comes_back_with_another_account_waits_with_the_old_one",
)


@pytest.fixture
def operator(app, world):
    return make_operator()


@pytest.fixture
def key(app, world):
    return suspected(world)


def is_counted_right(key):
    """The recount finds nothing to correct."""
    with unit_of_work():
        return recount(MONDAY) == []


def test_votes_leave_all_three_tallies_and_come_back(operator, key):
    assert tally(key) == tally(key, REGION) == tally(key, NATION) == (15, 0)
    check = begin(operator)
    assert tally(key) == tally(key, REGION) == tally(key, NATION) == (5, 0)
    proposal = db.session.get_one(Proposal, key)
    assert (proposal.supports, proposal.next_supports) == (5, 5)
    assert is_counted_right(key)
    assert end(operator, check) == 10
    assert tally(key) == tally(key, REGION) == tally(key, NATION) == (15, 0)
    assert db.session.get_one(Proposal, key).next_supports == 15
    assert is_counted_right(key)


def test_the_recount_knows_what_is_set_aside(operator, key):
    begin(operator)
    with unit_of_work():
        db.session.execute(db.text("UPDATE tally SET supports = supports + 4"))
        db.session.execute(db.text("UPDATE proposal SET supports = supports + 4 WHERE id = :key"), {"key": key})
    with unit_of_work():
        assert recount(MONDAY) == [key]
    assert tally(key) == (5, 0)


def test_a_threshold_that_was_reached_stays_decided(operator, world):
    with unit_of_work():
        proposal = published(world, MONDAY - timedelta(days=2))
        key = proposal.id
        supported(proposal, 12, CITY, MONDAY - timedelta(days=1), name="neighbour.a")
        for robot in robots(10):
            cast_vote(robot, proposal, "support", SHORTLY)
    before = db.session.get_one(Proposal, key)
    assert before.stage == "review"
    due_at, seat = before.due_at, before.seat_id
    plan = services.plan(accounts())
    (fall,) = plan.falls
    assert (plan.accounts, plan.votes, plan.proposals) == (10, 10, 1)
    assert (fall.before, fall.after, fall.threshold, fall.is_kept) == (22, 12, 20, True)
    begin(operator)
    after = db.session.get_one(Proposal, key, populate_existing=True)
    assert (after.stage, after.due_at, after.seat_id) == ("review", due_at, seat)
    assert db.session.scalar(
        select(LadderRung.reached_at).where(LadderRung.proposal_id == key, LadderRung.position == 0)
    )
    assert tally(key) == (12, 0)
    with unit_of_work():  # the next votes do not reach the same threshold a second time
        proposal = locked(Proposal, key)
        supported(proposal, 10, CITY, MONDAY, name="later.b")
    assert len(facts("threshold:reached")) == 1


def test_a_proposal_that_is_decided_keeps_its_decision(operator, key):
    with unit_of_work():
        proposal = locked(Proposal, key)
        proposal.stage, proposal.due_at, proposal.closed_at = "unsupported", None, MONDAY - timedelta(hours=1)
    check = begin(operator)
    assert tally(key) == (5, 0)
    end(operator, check)
    row = db.session.get_one(Proposal, key, populate_existing=True)
    assert (row.stage, row.closed_at) == ("unsupported", MONDAY - timedelta(hours=1))
    assert tally(key) == (15, 0)


def test_votes_that_come_back_may_reach_the_threshold(operator, key):
    check = begin(operator)
    with unit_of_work():
        supported(locked(Proposal, key), 12, CITY, MONDAY, name="honest.c")
    assert db.session.get_one(Proposal, key, populate_existing=True).stage == "collecting"
    end(operator, check)
    assert db.session.get_one(Proposal, key, populate_existing=True).stage == "review"
    assert len(facts("threshold:reached")) == 1


def test_false_votes_against_no_longer_hold_a_proposal_back(operator, world):
    with unit_of_work():
        proposal = published(world, MONDAY - timedelta(days=2))
        key = proposal.id
        for robot in robots(30):
            cast_vote(robot, proposal, "oppose", SHORTLY)
        supported(proposal, 20, CITY, MONDAY - timedelta(days=1), name="neighbour.a")
    assert db.session.get_one(Proposal, key).stage == "collecting"  # fewer than half of the votes support it
    begin(operator)
    assert db.session.get_one(Proposal, key, populate_existing=True).stage == "review"


def test_changing_and_withdrawing_while_set_aside(operator, key, world):
    check = begin(operator)
    one, two, three = accounts()[:3]
    with unit_of_work():
        proposal = locked(Proposal, key)
        assert cast_vote(db.session.get_one(User, one), proposal, "oppose", MONDAY)
        assert not cast_vote(db.session.get_one(User, one), proposal, "oppose", MONDAY)
        assert withdraw_vote(db.session.get_one(User, two), proposal, MONDAY)
        assert withdraw_vote(db.session.get_one(User, three), proposal, MONDAY)
        assert cast_vote(db.session.get_one(User, three), proposal, "support", MONDAY)
    assert tally(key) == (5, 0)
    proposal = db.session.get_one(Proposal, key)
    assert [vote_of(db.session.get_one(User, who), proposal) for who in (one, two, three)] == [
        "oppose",
        None,
        "support",
    ]
    assert is_counted_right(key)
    assert end(operator, check) == 0  # nine have a vote to be counted again: that waits for others
    rollback()
    assert return_votes(MONDAY + timedelta(days=3)) == 9
    assert tally(key) == (13, 1)
    assert is_counted_right(key)


def test_later_votes_of_these_accounts_are_set_aside_as_they_come(operator, key, world):
    check = begin(operator)
    with unit_of_work():
        other = published(world, MONDAY - timedelta(days=1), title="Саябаққа орындық қою керек")
        assert cast_vote(db.session.get_one(User, accounts()[0]), other, "support", MONDAY)
        other_key = other.id
    assert tally(other_key) == (0, 0)
    end(operator, check)
    assert tally(other_key) == (1, 0)
    assert is_counted_right(other_key)


def test_leaving_and_coming_back_is_no_way_around(operator, key):
    begin(operator)
    with unit_of_work():
        old = db.session.get_one(User, accounts()[0])
        new = add_user("returned@test.example", MONDAY)
        mark_verified(new, "another key", old.home_id, MONDAY, "register")
        assert take_over_votes(old.id, new) == 1
        assert new.quarantine_id == old.quarantine_id
        assert not cast_vote(new, locked(Proposal, key), "support", MONDAY)
    assert tally(key) == (5, 0)


def test_twice_is_once(operator, key):
    check = begin(operator)
    with pytest.raises(Conflict, match="checked already"):
        begin(operator)
    assert tally(key) == (5, 0)
    end(operator, check)
    with pytest.raises(Conflict, match="given back already"):
        end(operator, check)
    assert tally(key) == (15, 0)
    assert db.session.scalar(select(func.count()).select_from(Quarantine)) == 1


def test_a_second_check_takes_only_who_is_left(operator, key):
    with unit_of_work():
        for robot in robots(10, SHORTLY, stem="robotmore"):
            cast_vote(robot, locked(Proposal, key), "support", SHORTLY)
    first = begin(operator, accounts()[:10])
    second = begin(operator)
    rows = {row.id: row.accounts for row in db.session.scalars(select(Quarantine))}
    assert rows == {first: 10, second: 10}
    end(operator, second)
    assert tally(key) == (15, 0)
    end(operator, first)
    assert db.session.get_one(Proposal, key, populate_existing=True).supports == 25


def test_some_accounts_are_let_go_and_the_rest_stays(operator, key):
    check = begin(operator)
    assert end(operator, check, user_ids=accounts()[:3]) == 0  # so few wait for others
    assert tally(key) == (5, 0)
    assert db.session.get_one(Quarantine, check).released_at is None
    with pytest.raises(Conflict):
        end(operator, check, user_ids=accounts()[:3])
    assert return_votes(MONDAY + timedelta(days=2, hours=23)) == 0
    assert return_votes(MONDAY + timedelta(days=3)) == 3  # nobody waits longer
    assert tally(key) == (8, 0) and is_counted_right(key)
    assert return_votes(MONDAY + timedelta(days=3)) == 0
    assert end(operator, check) == 0  # seven are left
    assert return_votes(MONDAY + timedelta(days=3)) == 7
    assert tally(key) == (15, 0) and is_counted_right(key)
    assert db.session.get_one(Quarantine, check, populate_existing=True).released_at is not None


def test_a_few_of_several_checks_are_given_back_together(operator, key):
    first = begin(operator, accounts()[:4])
    second = begin(operator)
    assert end(operator, first) == 0
    assert tally(key) == (5, 0)
    assert end(operator, second) == 10  # with these there are ten
    assert tally(key) == (15, 0) and is_counted_right(key)
    assert [row.released_at for row in db.session.scalars(select(Quarantine))] == [MONDAY, MONDAY]


def test_who_comes_back_with_another_account_waits_with_the_old_one(operator, key):
    check = begin(operator)
    end(operator, check, user_ids=accounts()[:1])
    with unit_of_work():
        old = db.session.get_one(User, accounts()[0])
        new = add_user("returned@test.example", MONDAY)
        mark_verified(new, "another key", old.home_id, MONDAY, "register")
        assert take_over_votes(old.id, new) == 1
    assert return_votes(MONDAY + timedelta(days=3)) == 1
    assert tally(key) == (6, 0) and is_counted_right(key)


def at_once(app, *acts):
    """Each act in a thread and a transaction of its own; what each returned or raised."""
    rollback()
    db.session.remove()
    gate, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        with app.app_context(), access_mode("write"):
            gate.wait()
            try:
                answers[place] = act()
                commit()
            except Exception as error:
                rollback()
                answers[place] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=entry) for entry in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_two_operators_at_one_moment(app, operator, key):
    ids, who = accounts(), operator.id

    def begin_now():
        return services.set_aside(db.session.get_one(User, who), ids, ["one-mailbox"], "", MONDAY).id

    answers = at_once(app, begin_now, begin_now)
    assert sorted(type(answer) for answer in answers if isinstance(answer, Exception)) == [Conflict]
    assert tally(key) == (5, 0) and is_counted_right(key)
    (check,) = [answer for answer in answers if isinstance(answer, int)]

    def end_now():
        return release(db.session.get_one(User, who), locked(Quarantine, check), MONDAY).votes

    answers = at_once(app, end_now, end_now)
    assert [answer for answer in answers if isinstance(answer, int)] == [10]
    assert [type(answer) for answer in answers if not isinstance(answer, int)] == [Conflict]
    assert tally(key) == (15, 0) and is_counted_right(key)


def test_votes_that_arrive_while_a_check_begins(app, operator, key):
    with unit_of_work():
        late = [user.id for user in robots(6, SHORTLY, stem="robotlate")]
        honest = [user.id for user in crowd(6, CITY, MONDAY, name="arriving.h")]
    ids, who = accounts(), operator.id

    def vote(voter):
        return lambda: cast_vote(db.session.get_one(User, voter), locked(Proposal, key), "support", MONDAY)

    def begin_now():
        return services.set_aside(db.session.get_one(User, who), ids, ["one-mailbox"], "", MONDAY).id

    answers = at_once(app, *[vote(voter) for voter in late[:3]], begin_now, *[vote(v) for v in late[3:] + honest])
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    keep_checks_complete(MONDAY)
    assert tally(key) == (5 + 6, 0)
    assert is_counted_right(key)
    aside = select(func.count()).select_from(Vote).where(Vote.quarantine_id.is_not(None))
    assert db.session.scalar(aside) == 16
    end(operator, answers[3])
    assert tally(key) == (5 + 16 + 6, 0)


def test_a_vote_that_missed_the_beginning_or_the_end_follows(operator, key):
    check = begin(operator)
    with unit_of_work():  # as if the voter had looked at the account before the mark was there
        some = accounts()[0]
        db.session.execute(db.text("UPDATE vote SET quarantine_id = NULL WHERE voter_id = :who"), {"who": some})
        recount(MONDAY)
    assert tally(key) == (6, 0)
    assert keep_checks_complete(MONDAY) == 1
    assert tally(key) == (5, 0) and is_counted_right(key)
    end(operator, check)
    with unit_of_work():
        db.session.execute(db.text("UPDATE vote SET quarantine_id = :c WHERE voter_id = :w"), {"c": check, "w": some})
        recount(MONDAY)
    assert keep_checks_complete(MONDAY) == 1
    assert tally(key) == (15, 0) and is_counted_right(key)
    assert keep_checks_complete(MONDAY) == 0
