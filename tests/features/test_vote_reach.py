"""Before and after the tap a person is told which bars their vote moves, and that is what the database then says."""

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import add_user, propose, published, supported
from webapp.access.services import give_role
from webapp.escalation.models import LadderRung, Tally
from webapp.fraud.services import set_aside
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.moderation.services import publish
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.territories.services import by_kato
from webapp.verification.services import move_home
from webapp.voting.models import PendingVote

CITY, NEIGHBOUR, ARYS = "611000000", "612000000", "611600000"
#: A city, another of the region, a district, the region itself, a district of a two-rung city, that city, a city of the nation, the nation.
HOMES = (CITY, NEIGHBOUR, "613600000", "610000000", "751110000", "750000000", "191800000", "000000000", "okrug")


@pytest.fixture
def okrug(app):
    """A rural okrug inside a district of Turkistan Region: a place below the lowest rung."""
    with unit_of_work():
        district = by_kato("613600000")
        place = Territory(
            kato="613630100",
            kind="rural",
            rung="",
            parent_id=district.id,
            name_kk="Округ",
            name_ru="Округ",
            name_en="Okrug",
        )
        db.session.add(place)
        db.session.flush()
        place.path = f"{district.path}{place.id}/"
        return place.kato, district.kato


def tallies(key):
    rollback()
    query = select(Tally.territory_id, Tally.supports, Tally.opposes).where(Tally.proposal_id == key)
    return {row.territory_id: (row.supports, row.opposes) for row in db.session.execute(query)}


def ladder(key):
    query = (
        select(Territory).join(LadderRung, LadderRung.territory_id == Territory.id).where(LadderRung.proposal_id == key)
    )
    return list(db.session.scalars(query.order_by(LadderRung.position)))


def said_about(page):
    """What the panel says about where the vote counts, and the rungs that are marked."""
    where = " ".join("".join(e.itertext()) for e in page.tree.iter() if e.get("id") == "vote-where")
    marked = [
        "".join(rung.find_class("rung-place")[0].itertext()).strip()
        for rung in page.tree.find_class("rung")
        if rung.find_class("rung-mine")
    ]
    here, _dot, rest = where.partition("Not here: ")
    return here, rest.partition(". Only")[0], marked


def names_in(text, steps):
    named = text.partition("here: ")[2].rstrip(". ")
    return [step.name_en for step in steps if step.name_en in named.split(", ")]


@pytest.mark.parametrize("origin", [CITY, "okrug", "750000000", "191800000"])
def test_the_sentence_is_the_tally_that_moved(origin, world, visit, okrug):
    where = {"okrug": okrug[1]}.get(origin, origin)
    with unit_of_work():
        author = add_user("author@reach.example", MONDAY, home=CITY)
        proposal = propose(author, MONDAY, kato=where)
        moderator = add_user("moderator@reach.example", MONDAY)
        give_role(moderator, "moderator", by_kato("000000000"), MONDAY)
        publish(moderator, proposal, MONDAY)
        key = proposal.id
        codes = {home: okrug[0] if home == "okrug" else home for home in HOMES}
        voters = {home: add_user(f"{home}@reach.example", MONDAY, home=code) for home, code in codes.items()}
    steps = ladder(key)
    for home, voter in voters.items():
        browser = visit(voter)
        before, page = tallies(key), browser.get(f"/proposals/{key}")
        promised, refused, marked = said_about(page)
        assert not marked
        choice = "oppose" if home in (NEIGHBOUR, "750000000") else "support"
        browser.post(f"/proposals/{key}/vote", 303, page, choice=choice)
        after = tallies(key)
        moved = [step.name_en for step in steps if after.get(step.id) != before.get(step.id)]
        still = [step.name_en for step in steps if step.name_en not in moved]
        page = browser.get(f"/proposals/{key}")
        told, not_there, marked = said_about(page)
        assert names_in(promised, steps) == names_in(told, steps) == marked == moved, (home, promised, told)
        assert names_in("here: " + refused, steps) == names_in("here: " + not_there, steps) == still, home
        assert ("vote against" in told) == (choice == "oppose")
        target = steps[0].name_en
        part = page.text.partition("Your part")[2]
        assert f"Supporters still missing among the residents of this place ({target})" in part
        if target not in moved:
            assert "Your own vote does not count there" in part and "support it" not in part.partition("there:")[0]
        elif choice == "support":
            assert "Yours is counted" in part


def test_a_vote_taken_back_or_changed_or_cast_before_a_move_names_its_own_bars(world, visit):
    with unit_of_work():
        key = published(world, MONDAY).id
    browser = visit(world.aigerim)
    page = browser.get(f"/proposals/{key}")
    assert "Supporters: 0 of 20, Turkistan" in "".join(
        e.text_content() for e in page.tree.iter("section") if e.get("id") == "vote-panel"
    )
    browser.post(f"/proposals/{key}/vote", 303, page, choice="support")
    with unit_of_work():
        move_home(db.session.get_one(User, world.aigerim.id), by_kato("750000000"), "register", MONDAY)
    here, rest, marked = said_about(browser.get(f"/proposals/{key}"))
    assert "Turkistan" in here and not rest and len(marked) == 3  # it counts where she lived then
    browser.post(f"/proposals/{key}/vote", 303, page, choice="oppose")
    here, _rest, marked = said_about(browser.get(f"/proposals/{key}"))
    assert here.startswith("Your vote against is counted here") and len(marked) == 3
    answer = browser.post(f"/proposals/{key}/vote/withdrawal", 303, page)
    shown = browser.follow(answer)
    assert "does not count here any more: Turkistan" in shown.text
    here, rest, marked = said_about(shown)
    assert "Turkistan" not in here.partition("here:")[2] and "Turkistan" in rest and not marked


def test_what_is_kept_or_set_aside_or_an_organisations_moves_no_bar_and_none_is_said_to_move(world, visit, clock):
    with unit_of_work():
        key = published(world, MONDAY).id
        supported(locked(Proposal, key), 1, CITY, MONDAY)
        world_operator = add_user("operator@reach.example", MONDAY)
        give_role(world_operator, "operator", by_kato("000000000"), MONDAY)
    stranger = visit().get(f"/proposals/{key}")
    here, _rest, marked = said_about(stranger)
    assert "counts for the place where its voter lives" in here and not marked
    assert "If you live there, support it" in stranger.text
    newcomer = visit(world.newcomer)
    newcomer.post(f"/proposals/{key}/vote", 303, newcomer.get(f"/proposals/{key}"), choice="support")
    page = newcomer.get(f"/proposals/{key}")
    here, _rest, marked = said_about(page)
    assert "Saved: you support this" in page.text and here.startswith("It will count") and not marked
    assert [a for a in page.find("a") if a.get("href", "").startswith("/verify?next=")]
    shown = newcomer.follow(newcomer.post(f"/proposals/{key}/vote/withdrawal", 303, page))
    assert "nothing is kept any more" in shown.text and db.session.scalar(select(PendingVote.choice)) is None

    member = visit(world.member)
    organisation = str(world.member.memberships[0].organisation_id)
    before = tallies(key)
    answer = member.post(
        f"/proposals/{key}/vote", 303, member.get(f"/proposals/{key}"), choice="support", organisation=organisation
    )
    shown = member.follow(answer)
    assert tallies(key) == before and "It counts towards no threshold" in shown.text and not said_about(shown)[2]

    dana = visit(world.kentau)
    with unit_of_work():
        set_aside(world_operator, [world.kentau.id], ["look-alikes"], "One hand?", MONDAY)
    assert "Your vote counts here" in said_about(dana.get(f"/proposals/{key}"))[0]  # nothing shows the check before
    before = tallies(key)
    dana.post(f"/proposals/{key}/vote", 303, dana.get(f"/proposals/{key}"), choice="support")
    page = dana.get(f"/proposals/{key}")
    assert tallies(key) == before and said_about(page) == ("", "", []) and "Yours is counted" not in page.text
    shown = dana.follow(dana.post(f"/proposals/{key}/vote/withdrawal", 303, page))
    assert "Your vote is taken back." in shown.text and "any more:" not in shown.text
