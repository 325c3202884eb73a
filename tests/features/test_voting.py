"""One person, one vote: twice, changed, withdrawn, too late, from another city, for an organisation."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import published, supported
from webapp.escalation.models import Tally
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.voting.services import recount

both_databases = True
sensitive = (
    "test_an_organisation_votes_once_and_apart",
    "test_too_late",
)


@pytest.fixture
def key(app, world):
    with unit_of_work():
        return published(world, MONDAY - timedelta(days=2)).id


def tally(key, kato):
    rollback()
    query = select(Tally.supports, Tally.opposes).join(Territory, Territory.id == Tally.territory_id)
    row = db.session.execute(query.where(Tally.proposal_id == key, Territory.kato == kato)).first()
    return tuple(row) if row else (0, 0)


def vote(browser, key, choice, status=303):
    page = browser.get(f"/proposals/{key}")
    return browser.post(f"/proposals/{key}/vote", status, page, choice=choice)


def test_a_vote_counts_in_three_territories_once(world, visit, key):
    aigerim = visit(world.aigerim)
    for _click in range(3):
        vote(aigerim, key, "support")
    assert [tally(key, kato) for kato in ("611000000", "610000000", "000000000")] == [(1, 0)] * 3


def test_a_vote_from_another_city_counts_at_home_and_in_the_nation(world, visit, key):
    vote(visit(world.bolat), key, "support")
    assert tally(key, "611000000") == (0, 0)
    assert tally(key, "610000000") == (0, 0)
    assert tally(key, "750000000") == (1, 0)
    assert tally(key, "000000000") == (1, 0)


def test_changing_and_withdrawing(world, visit, key):
    aigerim = visit(world.aigerim)
    vote(aigerim, key, "support")
    vote(aigerim, key, "oppose")
    assert tally(key, "611000000") == (0, 1)
    page = aigerim.get(f"/proposals/{key}")
    aigerim.submit(page, f"/proposals/{key}/vote/withdrawal")
    aigerim.post(f"/proposals/{key}/vote/withdrawal")
    assert tally(key, "611000000") == (0, 0)
    with unit_of_work():
        assert recount(MONDAY) == []


def test_the_page_after_htmx_shows_what_was_committed(world, visit, key):
    aigerim = visit(world.aigerim)
    page = aigerim.get(f"/proposals/{key}")
    aigerim.post(
        f"/proposals/{key}/vote", 303, page, {"HX-Request": "true", "HX-Target": "vote-panel"}, choice="support"
    )
    fragment = aigerim.get(f"/proposals/{key}", **{"HX-Request": "true", "HX-Target": "vote-panel"})
    assert "<html" not in fragment.html
    assert 'id="vote-panel"' in fragment.html
    assert 'id="ladder"' in fragment.html and 'data-hx-swap-oob="true"' in fragment.html
    assert "You support this" in fragment.text


def test_too_late(world, visit, key, clock):
    clock(MONDAY + timedelta(days=200))
    answer = vote(visit(world.aigerim), key, "support", status=409)
    assert "Voting on this proposal is closed" in answer.text
    assert tally(key, "611000000") == (0, 0)


def test_nonsense_is_refused(world, visit, key):
    vote(visit(world.aigerim), key, "perhaps", status=422)


def test_an_unconfirmed_person_is_led_to_verification(world, visit, key):
    answer = vote(visit(world.newcomer), key, "support")
    assert answer.location.startswith("/verify")
    assert tally(key, "000000000") == (0, 0)


def test_an_organisation_votes_once_and_apart(world, visit, key):
    member = visit(world.member)
    organisation = str(world.member.memberships[0].organisation_id)
    page = member.get(f"/proposals/{key}")
    for choice in ("support", "support", "oppose"):
        member.post(f"/proposals/{key}/vote", 303, page, choice=choice, organisation=organisation)
    member.post(f"/proposals/{key}/vote", 303, page, choice="support")
    rollback()
    proposal = db.session.get(Proposal, key)
    assert (proposal.supports, proposal.opposes) == (1, 0)
    assert (proposal.organisation_supports, proposal.organisation_opposes) == (0, 1)
    visit(world.aigerim).post(f"/proposals/{key}/vote", 403, choice="support", organisation=organisation)


def test_the_deciding_vote_moves_the_stage_once(world, key):
    with unit_of_work():
        proposal = locked(Proposal, key)
        supported(proposal, 19, "611000000", MONDAY)
        assert proposal.stage == "collecting"
        supported(proposal, 1, "611000000", MONDAY, name="last")
        assert proposal.stage == "review"
        supported(proposal, 5, "611000000", MONDAY, name="more")
    jobs.run(MONDAY)
    from webapp.journal.models import Fact

    assert len(db.session.scalars(select(Fact).where(Fact.verb == "threshold:reached")).all()) == 1


def test_too_many_against_hold_it_back(world, key):
    with unit_of_work():
        proposal = locked(Proposal, key)
        supported(proposal, 25, "611000000", MONDAY, "oppose", "against")
        supported(proposal, 24, "611000000", MONDAY)
        assert proposal.stage == "collecting"
        supported(proposal, 1, "611000000", MONDAY, name="last")
        assert proposal.stage == "review"


def test_the_region_needs_spread(world, key):
    with unit_of_work():
        proposal = locked(Proposal, key)
        supported(proposal, 45, "611000000", MONDAY)
        assert (proposal.stage, proposal.seat.kato) == ("review", "611000000")
        supported(proposal, 7, "612000000", MONDAY)
        assert proposal.seat.kato == "611000000"
        supported(proposal, 1, "612000000", MONDAY, name="eighth")
        assert proposal.seat.kato == "610000000"
        assert proposal.stage == "review"


def test_a_two_rung_ladder_climbs_to_the_nation(world):
    from tests.factories import propose
    from webapp.moderation.services import publish

    with unit_of_work():
        proposal = propose(world.bolat, MONDAY, kato="750000000")
        publish(world.almaty_moderator, proposal, MONDAY)
        supported(proposal, 60, "750000000", MONDAY)
        assert proposal.seat.kato == "750000000"
        supported(proposal, 30, "710000000", MONDAY)
        supported(proposal, 12, "612000000", MONDAY)
        assert proposal.seat.kato == "000000000"


def test_a_broken_count_is_found_and_corrected(world, key):
    with unit_of_work():
        supported(locked(Proposal, key), 5, "611000000", MONDAY)
    with unit_of_work():
        db.session.get(Proposal, key).supports = 77
    with unit_of_work():
        assert recount(MONDAY) == [key]
    assert db.session.get(Proposal, key).supports == 5
