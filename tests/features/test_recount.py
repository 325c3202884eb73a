"""All votes are counted anew again and again, while people vote: what drifts is found, mended and told; no vote is lost."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from tests.conftest import MONDAY
from tests.factories import add_user, published, supported
from tests.features.console import run
from webapp.escalation.models import Tally
from webapp.escalation.tallies import COLUMNS
from webapp.journal.models import Fact
from webapp.kernel import parts
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.proposals.models import Proposal
from webapp.voting import recounting
from webapp.voting.models import Recount, Vote
from webapp.voting.recounting import recount_all, recount_on
from webapp.voting.services import cast_vote, recount

both_databases = True
sensitive = (
    "test_a_drift_of_one_is_found_by_the_worker_mended_and_told",
    "test_a_number_that_was_too_small_lets_the_proposal_climb",
    "test_a_round_goes_on_where_it_stood",
    "test_no_part_writes_more_than_what_differs_and_none_waits_with_the_lock",
    "test_votes_that_come_in_between_are_never_corrected_away",
)
CITY, NATION = "611000000", "000000000"


@pytest.fixture
def keys(app, world):
    """Three proposals with five votes each."""
    with unit_of_work():
        found = []
        for number in range(3):
            proposal = published(world, MONDAY - timedelta(days=1))
            supported(proposal, 5, CITY, MONDAY, name=f"voter{number}.")
            found.append(proposal.id)
    return found


def spoil(words, **values):
    with unit_of_work():
        db.session.execute(text(words), values)


def state(key):
    """The votes, what the proposal says, and what the nation's tally says; all three are one number."""
    rollback()
    votes = db.session.scalar(select(func.count()).select_from(Vote).where(Vote.proposal_id == key))
    nation = select(Tally.supports).join(
        Tally.__table__.metadata.tables["territory"], text("territory.id = tally.territory_id")
    )
    nation = nation.where(Tally.proposal_id == key, text("territory.kato = '000000000'"))
    proposal = db.session.get_one(Proposal, key, populate_existing=True)
    return votes, proposal.supports, db.session.scalar(nation)


def corrections():
    rollback()
    found = db.session.scalars(select(Fact).where(Fact.verb == "tally:corrected").order_by(Fact.id)).all()
    return [(fact.proposal_id, fact.public, fact.facts["before"][0], fact.facts["after"][0]) for fact in found]


def check(page):
    rollback()
    return page.get("/how-it-works").text.partition("Votes are counted again")[2][:300]


def test_a_drift_of_one_is_found_by_the_worker_mended_and_told(app, world, keys, visit):
    reader = visit()
    assert "has not come to its end yet" in check(reader)
    spoil("UPDATE tally SET supports = supports - 1 WHERE proposal_id = :k", k=keys[1])
    spoil("UPDATE proposal SET supports = supports + 1 WHERE id = :k", k=keys[2])
    spoil("DELETE FROM tally WHERE proposal_id = :k", k=keys[0])
    assert jobs.run(MONDAY)["recount"] == 3
    assert [state(key) for key in keys] == [(5, 5, 5)] * 3
    assert corrections() == [(keys[0], True, 5, 5), (keys[1], True, 5, 5), (keys[2], True, 6, 5)]
    assert "Proposals that were looked at: 3. Corrected: 3." in check(reader)
    assert "the number was corrected" in visit().get(f"/proposals/{keys[2]}").text
    metrics = reader.get("/metrics").html
    assert "saty_recount_proposals 3.0" in metrics and "saty_recount_corrected_ever 3.0" in metrics
    spoil("UPDATE proposal SET opposes = opposes + 1 WHERE id = :k", k=keys[1])
    assert recount_on(MONDAY + timedelta(minutes=4)) == 0, "the next round has not begun yet"
    assert recount_on(MONDAY + timedelta(minutes=5)) == 1
    assert recount_on(MONDAY + timedelta(minutes=10)) == 0
    assert "Corrected: 0." in check(reader)


def test_a_round_goes_on_where_it_stood(app, keys, monkeypatch):
    """After each part the job may be out of time, or be killed: the next one begins behind what was done."""
    monkeypatch.setattr(recounting, "_pace", parts.Pace(begin=1, most=1))
    spoil("UPDATE proposal SET supports = supports + 1")
    row = lambda: db.session.get_one(Recount, 1, populate_existing=True)  # noqa: E731
    for number, key in enumerate(keys, start=1):
        assert recount_on(MONDAY + timedelta(seconds=number), seconds=0) == 1
        rollback()
        assert (row().last_id, row().is_going, row().ended_at) == (key, True, None)
        rollback()
    assert recount_on(MONDAY + timedelta(seconds=9), seconds=0) == 0
    rollback()
    assert (row().is_going, row().ended_proposals, row().ended_corrected) == (False, 3, 3)
    assert row().began_at == MONDAY + timedelta(seconds=1)


def test_votes_that_come_in_between_are_never_corrected_away(app, world, keys, monkeypatch):
    """Votes are cast between the reading of a part and its correction, and between any two parts."""
    monkeypatch.setattr(recounting, "Pace", lambda: parts.Pace(begin=1, most=1))
    spoil("UPDATE proposal SET supports = supports + 2 WHERE id = :k", k=keys[0])
    spoil("UPDATE tally SET supports = supports + 2 WHERE proposal_id = :k", k=keys[0])
    seen = recounting._rows
    late = iter(range(100))

    def read_and_vote(after, until):
        found = list(seen(after, until))
        rollback()
        for key in keys:
            with unit_of_work():
                voter = add_user(f"late{next(late)}@test.example", MONDAY, home=CITY)
                cast_vote(voter, locked(Proposal, key), "support", MONDAY)
        return found

    monkeypatch.setattr(recounting, "_rows", read_and_vote)
    assert recount_all(MONDAY) == [keys[0]]
    monkeypatch.undo()
    for key in keys:
        votes, supports, nation = state(key)
        assert votes == supports == nation and votes > 5
    ((key, is_public, said, becomes),) = corrections()
    assert (key, is_public, said - becomes) == (keys[0], True, 2)
    with unit_of_work():
        assert recount(MONDAY) == []


def test_two_recounts_at_one_moment_correct_once(app, keys, monkeypatch):
    spoil("UPDATE proposal SET supports = supports + 3 WHERE id = :k", k=keys[1])
    seen, others = recounting._difference, []

    def look(key):
        found = seen(key)
        if not others:
            others.append(1)
            rollback()
            with unit_of_work():
                assert recount(MONDAY) == [keys[1]]
        return found

    monkeypatch.setattr(recounting, "_difference", look)
    assert recount_all(MONDAY) == []
    assert [state(key) for key in keys] == [(5, 5, 5)] * 3 and len(corrections()) == 1


def test_no_part_writes_more_than_what_differs_and_none_waits_with_the_lock(app, keys, monkeypatch):
    """Reading takes no writing transaction at all; a correction is one of its own."""
    began = []
    real = recounting.unit_of_work

    def counted():
        began.append(1)
        return real()

    monkeypatch.setattr(recounting, "unit_of_work", counted)
    assert recount_all(MONDAY) == [] and len(began) == 1, "only the note of the round"
    spoil("UPDATE proposal SET supports = supports + 1")
    began.clear()
    assert recount_all(MONDAY) == keys and len(began) == 4


def test_a_number_that_was_too_small_lets_the_proposal_climb(app, world, keys):
    with unit_of_work():
        supported(locked(Proposal, keys[0]), 4, CITY, MONDAY, name="more.")
    spoil("UPDATE tally SET supports = 3 WHERE proposal_id = :k", k=keys[0])
    with unit_of_work():
        votes = db.session.scalar(select(func.count()).select_from(Vote).where(Vote.proposal_id == keys[0]))
        threshold = db.session.get_one(Proposal, keys[0]).next_threshold
        home = world.aigerim.home_id
        for number in range(threshold - votes):
            voter = add_user(f"silent{number}@test.example", MONDAY, home=CITY)
            db.session.add(Vote(proposal_id=keys[0], voter_id=voter.id, choice=1, home_id=home, at=MONDAY))
    answer = run(app, "recount")
    assert answer.out == f"1 proposals corrected: {keys[0]}\n"
    assert db.session.get_one(Proposal, keys[0], populate_existing=True).stage == "review"
    assert COLUMNS[0] == "supports"
