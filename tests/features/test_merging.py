"""Joining two proposals and parting them: pages, permissions, dates, and what is told to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.conftest import MONDAY
from tests.factories import add_user, propose, published, supported
from tests.mergers import merge, part, place_of, tallies
from webapp.access.services import give_role
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import decide
from webapp.escalation.models import LadderRung
from webapp.journal.models import Fact
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.errors import Conflict, Invalid, NotAllowed
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.merging.chains import gone_to, joined_with
from webapp.merging.models import Merger
from webapp.moderation.services import publish
from webapp.organisations.rules import OWNER
from webapp.people.models import Membership, Organisation
from webapp.proposals.models import Proposal
from webapp.proposals.services import withdraw
from webapp.rulebook.rules import working_days_between
from webapp.rulebook.services import calendar
from webapp.territories.services import by_kato
from webapp.voting.services import cast_vote, recount

both_databases = True
sensitive = (
    "test_a_date_that_passed_meanwhile_becomes_a_whole_term",
    "test_a_merger_may_reach_a_threshold_and_undoing_takes_no_mark_back",
    "test_from_the_page_of_a_proposal_to_the_merger_and_back",
    "test_many_votes_at_once_climb_as_far_as_they_would_one_by_one",
    "test_proposals_of_several_cities_become_one_matter_of_the_region",
    "test_the_target_may_be_over_when_two_are_parted",
    "test_what_is_decided_or_closed_gets_the_votes_and_does_not_climb",
    "test_what_was_joined_before_mergers_were_remembered_is_shown_and_cannot_be_undone",
)
CITY, NEIGHBOUR, ALMATY = "611000000", "612000000", "750000000"
DAY = timedelta(days=1)
REASONS = ("Бұл ұсыныс қаралды, шешімнің себебі осы.", "Предложение рассмотрено, вот причина решения.")


@pytest.fixture
def pair(app, world):
    """Two published proposals of the city: 4 support the one, 7 the other, 2 of them both."""
    with unit_of_work():
        one = published(world, MONDAY - 2 * DAY, title="Мектеп жанындағы өткелге жарық")
        one.place = "Абай көшесі"
        other = published(world, MONDAY - 3 * DAY, title="Мектеп жанындағы өткелді жарықтандыру")
        supported(one, 2, CITY, MONDAY - DAY, name="own")
        for voter in supported(other, 5, CITY, MONDAY - DAY, name="theirs")[:2]:
            cast_vote(voter, one, "support", MONDAY - DAY)
        supported(other, 2, NEIGHBOUR, MONDAY - DAY, name="away")
        return one.id, other.id


def proposal(key):
    rollback()
    return db.session.get_one(Proposal, key)


def facts(verb):
    rollback()
    return list(db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id)))


def the_merger():
    rollback()
    return db.session.scalars(select(Merger).order_by(Merger.id.desc())).first().id


def joined_by_form(browser, one, other):
    return browser.submit(browser.get(f"/desk/{one}/merger/{other}"), f"/desk/{one}/merger/{other}")


def test_from_the_page_of_a_proposal_to_the_merger_and_back(world, visit, pair):
    one, other = pair
    browser = visit(world.moderator)
    page = browser.get(f"/proposals/{one}")
    assert f"/desk/{one}/merger" in page.html
    page = browser.get(f"/desk/{one}/merger")
    assert f"/desk/{one}/merger/{other}" in page.html  # it looks alike, so it is offered
    number = proposal(other).number
    check = browser.follow(browser.submit(page, f"/desk/{one}/merger", into=f"№ {number}"))
    assert check.url == f"/desk/{one}/merger/{other}"
    assert (
        "2 supporters are added to 7: 9 in all. 2 supporters have voted there already and keep that vote." in check.text
    )
    assert "It can be undone for 30 days." in check.text
    assert place_of(one)[0] == "collecting"
    done = browser.submit(check, f"/desk/{one}/merger/{other}")
    assert done.location == f"/proposals/{other}"
    assert (proposal(one).stage, proposal(one).merged_into_id) == ("merged", other)
    assert proposal(other).supports == 9
    page = browser.follow(done)
    assert "Joined with this proposal" in page.text and "Абай көшесі" in page.text
    assert proposal(one).text.split("\n")[0] in page.text and f"/proposals/{one}" in page.html
    undo = f"/mergers/{the_merger()}/undo"
    for address in (f"/proposals/{one}", f"/proposals/{other}"):
        assert "can be separated from this one until" in browser.get(address).text
        assert undo not in visit().get(address).html and undo not in visit(world.aigerim).get(address).html
    back = browser.submit(browser.get(f"/proposals/{one}"), undo)
    assert back.location == f"/proposals/{one}"
    assert (proposal(one).stage, proposal(one).supports, proposal(other).supports) == ("collecting", 4, 7)
    assert undo not in browser.follow(back).html


def test_the_page_of_a_joined_proposal_keeps_its_text_and_says_where_it_went(world, visit, pair):
    one, other = pair
    merge(world.moderator, one, other, MONDAY)
    page = visit().get(f"/proposals/{one}")
    assert f'href="/proposals/{other}"' in page.html and "Joined to another proposal" in page.text
    assert proposal(one).text.split("\n")[0] in page.text
    assert "Voting on this proposal is closed." in page.text
    assert "It brought 2 supporters." in visit().get(f"/proposals/{other}").text


def test_a_vote_that_came_along_says_so_to_its_voter(world, visit, pair):
    one, other = pair
    with unit_of_work():
        cast_vote(world.bolat, locked(Proposal, one), "support", MONDAY)
    merge(world.moderator, one, other, MONDAY)
    browser = visit(world.bolat)
    page = browser.get(f"/proposals/{other}")
    assert "You support this" in page.text and "Your vote was added" in page.text
    browser.submit(page, f"/proposals/{other}/vote", choice="oppose")
    assert "Your vote was added" not in browser.get(f"/proposals/{other}").text
    part(world.moderator, the_merger(), MONDAY)
    assert "You oppose this" in browser.get(f"/proposals/{other}").text  # what they said since stays


def test_the_usual_direction_is_said_and_it_can_be_turned_round(world, visit, pair):
    one, other = pair
    browser = visit(world.moderator)
    right, wrong = browser.get(f"/desk/{one}/merger/{other}"), browser.get(f"/desk/{other}/merger/{one}")
    words = "The other way round is the usual one"
    assert words not in right.text and words in wrong.text
    for page, turned in ((right, f"/desk/{other}/merger/{one}"), (wrong, f"/desk/{one}/merger/{other}")):
        assert f'href="{turned}"' in page.html
    assert (
        "5 supporters are added to 4: 9 in all. 2 supporters have voted there already and keep that vote." in wrong.text
    )


def test_what_cannot_be_joined_is_told_before_and_refused_after(world, visit, pair):
    one, other = pair
    browser = visit(world.moderator)
    fresh = browser.get(f"/desk/{one}/merger/{other}")
    with unit_of_work():
        third = published(world, MONDAY, title="Үшінші ұсыныс").id
    merge(world.moderator, other, third, MONDAY)
    page = browser.get(f"/desk/{one}/merger/{other}")
    assert "itself joined to a third one" in page.text and "Join them" not in page.text
    answer = browser.submit(fresh, f"/desk/{one}/merger/{other}", 409)
    assert "itself joined to a third one" in answer.text
    assert place_of(one)[0] == "collecting"


@pytest.mark.parametrize("word", ["", "  ", "0", "99999", "x", "6110-2026-99999", "9" * 30, "itself", "hidden"])
def test_a_number_that_names_no_other_published_proposal_is_given_back(world, visit, pair, word):
    one, _other = pair
    with unit_of_work():
        hidden = propose(world.aigerim, MONDAY, title="Тексерілмеген").id
    typed = {"itself": str(one), "hidden": str(hidden)}.get(word, word)
    browser = visit(world.moderator)
    answer = browser.submit(browser.get(f"/desk/{one}/merger"), f"/desk/{one}/merger", 422, into=typed)
    assert "Choose a published proposal on the same matter." in answer.text
    assert "Тексерілмеген" not in answer.text


@pytest.mark.parametrize("name", ["aigerim", "bolat", "officer", "almaty_moderator", "newcomer"])
def test_strangers_and_other_cities_join_and_part_nothing(world, visit, pair, name):
    one, other = pair
    browser = visit(getattr(world, name))
    for address in (f"/desk/{one}/merger", f"/desk/{one}/merger/{other}"):
        assert browser.get(address, 403).text.count("Proposals are joined by moderators")
        browser.post(address, 403, into=str(other))
    merge(world.moderator, one, other, MONDAY)
    browser.post(f"/mergers/{the_merger()}/undo", 403)
    assert f"/desk/{other}/merger" not in browser.get(f"/proposals/{other}").html
    assert place_of(one)[0] == "merged"


def test_nothing_is_where_nothing_is(world, visit, pair):
    one, _other = pair
    browser = visit(world.moderator)
    for address in ("/desk/999/merger", f"/desk/{one}/merger/999", f"/desk/{2**40}/merger/{one}"):
        browser.get(address, 404)
        browser.post(address, 404)
    for key in (999, 2**40):
        browser.post(f"/mergers/{key}/undo", 404)
    assert visit().get(f"/desk/{one}/merger", 303).location.startswith("/sign-in")


def test_a_moderator_of_one_city_does_not_join_to_one_of_another(world, pair):
    one, _other = pair
    with unit_of_work():
        away = propose(world.bolat, MONDAY, title="Алматыдағы жарық", kato=ALMATY)
        publish(world.almaty_moderator, away, MONDAY)
        near = propose(world.kentau, MONDAY, title="Кентаудағы жарық", kato=NEIGHBOUR)
        publish(world.region_moderator, near, MONDAY)
        keys = away.id, near.id
    for key in keys:
        for pairing in ((one, key), (key, one)):
            with pytest.raises(NotAllowed):
                merge(world.moderator, *pairing, MONDAY)
    with pytest.raises(NotAllowed):
        merge(world.region_moderator, one, keys[0], MONDAY)
    merge(world.region_moderator, one, keys[1], MONDAY)
    assert place_of(one)[0] == "merged"


def test_an_officer_above_joins_those_of_cities_below_and_one_of_the_city_does_not(world, pair):
    one, other = pair
    with pytest.raises(NotAllowed):
        merge(world.officer, one, other, MONDAY)
    merge(world.nation_officer, one, other, MONDAY)
    part(world.region_officer, the_merger(), MONDAY)
    assert place_of(one)[0] == "collecting"


def test_what_has_climbed_is_still_there_for_duplicates_of_its_city_but_is_not_joined_away(world, pair):
    one, other = pair
    with unit_of_work():
        climb_to_region(other)
    with pytest.raises(NotAllowed):
        merge(world.moderator, other, one, MONDAY)
    merge(world.moderator, one, other, MONDAY)
    assert place_of(one)[0] == "merged"


def climb_to_region(key):
    """The city has decided that it is the region's."""
    supported(locked(Proposal, key), 20, CITY, MONDAY, name="lift")
    found = db.session.get_one(Proposal, key)
    assert found.stage == "review"
    from tests.factories import World

    decide(World.read().officer, found, Reply(Decision.PASS_UP, *REASONS), MONDAY)
    assert found.seat.kato == "610000000"


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("through", ["as author", "through an organisation"])
def test_nobody_joins_their_own_or_to_their_own(world, pair, which, through):
    with unit_of_work():
        own = locked(Proposal, pair[which])
        if through == "as author":
            own.author_id = world.moderator.id
        else:
            firm = db.session.scalars(select(Organisation)).one()
            own.organisation_id = firm.id
            db.session.add(Membership(organisation_id=firm.id, user_id=world.moderator.id, role=OWNER))
    with pytest.raises(NotAllowed, match="Nobody decides on their own proposal"):
        merge(world.moderator, *pair, MONDAY)
    merge(world.region_moderator, *pair, MONDAY)
    with pytest.raises(NotAllowed, match="Nobody decides on their own proposal"):
        part(world.moderator, the_merger(), MONDAY)


def test_into_itself_into_a_draft_and_twice(world, pair):
    one, other = pair
    with unit_of_work():
        hidden = propose(world.aigerim, MONDAY, title="Тексерілмеген").id
    with pytest.raises(Invalid, match="to itself"):
        merge(world.moderator, one, one, MONDAY)
    with pytest.raises(Invalid, match="published proposal"):
        merge(world.moderator, one, hidden, MONDAY)
    first = merge(world.moderator, one, other, MONDAY)
    with pytest.raises(Conflict, match="moved on"):
        merge(world.moderator, one, other, MONDAY)
    with pytest.raises(Conflict, match="itself joined"):
        merge(world.moderator, other, one, MONDAY)
    part(world.moderator, first, MONDAY)
    with pytest.raises(Conflict, match="separated already"):
        part(world.moderator, first, MONDAY)
    assert place_of(one)[0] == "collecting"


def test_after_thirty_days_it_stays(world, visit, clock, pair):
    one, other = pair
    merger = merge(world.moderator, one, other, MONDAY)
    clock(MONDAY + 30 * DAY)
    browser = visit(world.moderator)
    assert f"/mergers/{merger}/undo" in browser.get(f"/proposals/{other}").html
    late = MONDAY + 30 * DAY + timedelta(seconds=1)
    with pytest.raises(Conflict, match="30 days"):
        part(world.moderator, merger, late)
    clock(late)
    assert f"/mergers/{merger}/undo" not in browser.get(f"/proposals/{other}").html
    assert "30 days" in browser.post(f"/mergers/{merger}/undo", 409).text


def test_a_chain_is_parted_from_its_end(world, visit, pair):
    one, other = pair
    with unit_of_work():
        third = published(world, MONDAY - DAY, title="Көшеге шам").id
    first = merge(world.moderator, one, other, MONDAY)
    second = merge(world.moderator, other, third, MONDAY)
    assert proposal(third).supports == 9  # those of the first one have come along
    assert gone_to(proposal(one))[0].id == third
    assert {found.id for found, _row in joined_with(proposal(third))} == {one, other}
    page = visit().get(f"/proposals/{one}")
    assert f'href="/proposals/{third}"' in page.html
    with pytest.raises(Conflict, match="Separate those two first"):
        part(world.moderator, first, MONDAY)
    assert f"/mergers/{first}/undo" not in visit(world.moderator).get(f"/proposals/{one}").html
    part(world.moderator, second, MONDAY)
    part(world.moderator, first, MONDAY)
    assert [proposal(key).supports for key in (one, other, third)] == [4, 7, 0]


def test_a_merger_may_reach_a_threshold_and_undoing_takes_no_mark_back(world, pair):
    one, other = pair
    with unit_of_work():
        rung = (LadderRung.proposal_id == other, LadderRung.position == 0)
        db.session.execute(update(LadderRung).where(*rung).values(threshold=7))
    merger = merge(world.moderator, one, other, MONDAY)
    assert (proposal(other).stage, len(facts("threshold:reached"))) == ("review", 1)
    part(world.moderator, merger, MONDAY + DAY)
    assert proposal(other).stage == "review"
    assert db.session.scalar(select(LadderRung.reached_at).where(*rung)) == MONDAY
    merge(world.moderator, one, other, MONDAY + DAY)
    assert len(facts("threshold:reached")) == 1


def test_many_votes_at_once_climb_as_far_as_they_would_one_by_one(world, pair):
    one, other = pair
    with unit_of_work():
        reach = update(LadderRung).where(LadderRung.proposal_id == other, LadderRung.position < 2)
        db.session.execute(reach.values(threshold=7, spread_places=0))
    merge(world.moderator, one, other, MONDAY)
    assert (proposal(other).stage, proposal(other).seat.kato) == ("review", "610000000")


def test_what_is_decided_or_closed_gets_the_votes_and_does_not_climb(world, pair):
    one, other = pair
    with unit_of_work():
        db.session.execute(update(LadderRung).where(LadderRung.proposal_id == other).values(threshold=8))
        locked(Proposal, other).closes_at = MONDAY - timedelta(hours=1)
    merge(world.moderator, one, other, MONDAY)
    assert (proposal(other).stage, proposal(other).supports) == ("collecting", 9)


# --- dates


def test_time_stands_still_while_two_are_joined(world, pair):
    one, other = pair
    before = place_of(one)
    merger = merge(world.moderator, one, other, MONDAY)
    assert (place_of(one)[0], place_of(one)[2], place_of(one)[4]) == ("merged", None, MONDAY)
    part(world.moderator, merger, MONDAY + 10 * DAY)
    stage, seat, due_at, closes_at, closed_at, *_rest = place_of(one)
    assert (stage, seat, closed_at) == (before[0], before[1], None)
    assert due_at == closes_at == before[2] + 10 * DAY
    jobs.run(before[2] + DAY)
    assert place_of(one)[0] == "collecting"
    jobs.run(due_at + DAY)
    assert place_of(one)[0] == "unsupported"


def test_a_window_that_closed_meanwhile_begins_anew(world, pair):
    one, other = pair
    with unit_of_work():
        found = locked(Proposal, one)
        found.due_at = found.closes_at = MONDAY + 2 * DAY
    merger = merge(world.moderator, one, other, MONDAY)
    part(world.moderator, merger, MONDAY + 5 * DAY)
    assert proposal(one).due_at >= MONDAY + 5 * DAY + 14 * DAY
    assert proposal(one).accepts_votes(MONDAY + 15 * DAY)


def test_an_answer_that_is_owed_is_owed_again(world, pair):
    one, other = pair
    with unit_of_work():
        for key in pair:
            supported(locked(Proposal, key), 20, CITY, MONDAY, name=f"lift{key}x")
    before = place_of(one)
    assert before[0] == "review"
    merger = merge(world.moderator, one, other, MONDAY)
    now = MONDAY + 4 * DAY
    part(world.moderator, merger, now)
    after = place_of(one)
    left = [
        working_days_between(local_date(at), local_date(due), calendar())
        for at, due in ((MONDAY, before[2]), (now, after[2]))
    ]
    assert after[:2] == before[:2] and after[2] > before[2] and left[1] >= left[0] - 1
    jobs.run(after[2] + DAY)
    assert proposal(one).seat.kato == "610000000"  # silence still climbs
    with unit_of_work():
        assert recount(MONDAY) == []


def test_a_date_that_passed_meanwhile_becomes_a_whole_term(world, pair):
    one, other = pair
    with unit_of_work():
        for key in pair:
            supported(locked(Proposal, key), 20, CITY, MONDAY, name=f"lift{key}x")
        locked(Proposal, one).due_at = MONDAY + DAY
    merger = merge(world.moderator, one, other, MONDAY)
    now = MONDAY + 14 * DAY
    part(world.moderator, merger, now)
    rung = select(LadderRung.answer_working_days).where(LadderRung.proposal_id == one, LadderRung.position == 0)
    left = working_days_between(local_date(now), local_date(proposal(one).due_at), calendar())
    assert left == db.session.scalar(rung)


def test_an_unchecked_text_goes_back_to_the_desk_and_is_not_public(world, visit, pair):
    _one, other = pair
    with unit_of_work():
        key = propose(world.aigerim, MONDAY, title="Мектеп өткеліне жарық").id
    before = place_of(key)
    browser = visit(world.moderator)
    assert joined_by_form(browser, key, other).location == f"/desk/next?after={key}"
    visit().get(f"/proposals/{key}")
    browser.submit(browser.get(f"/proposals/{key}"), f"/mergers/{the_merger()}/undo")
    rollback()
    assert place_of(key) == before
    visit().get(f"/proposals/{key}", 404)
    browser.get(f"/desk/{key}")


def test_the_target_may_be_over_when_two_are_parted(world, pair):
    one, other = pair
    merger = merge(world.moderator, one, other, MONDAY)
    with unit_of_work():
        found = locked(Proposal, other)
        found.withdraw_below = 100
        withdraw(world.aigerim, found, MONDAY)
    part(world.moderator, merger, MONDAY + DAY)
    assert (proposal(one).stage, proposal(other).stage, proposal(other).supports) == ("collecting", "withdrawn", 7)
    with unit_of_work():
        assert recount(MONDAY) == []


# --- what is told


def test_facts_say_how_many_and_never_who(world, pair):
    one, other = pair
    merger = merge(world.moderator, one, other, MONDAY)
    part(world.moderator, merger, MONDAY)
    for verb, key, more in (
        ("proposal:merged", one, {"into": other, "merger": merger, "supports": 2}),
        ("proposal:enlarged", other, {"joined": one, "merger": merger, "supports": 2}),
        ("proposal:unmerged", one, {"merger": merger, "due_at": proposal(one).due_at.isoformat()}),
        ("proposal:reduced", other, {"parted": one, "merger": merger, "supports": 2}),
    ):
        (fact,) = facts(verb)
        assert (fact.proposal_id, fact.public, fact.actor_id) == (key, True, world.moderator.id)
        assert fact.facts == more


def test_authors_of_both_are_told(world, visit, pair):
    one, other = pair
    with unit_of_work():
        locked(Proposal, one).author_id = world.bolat.id
        for person in (world.bolat, world.aigerim):
            db.session.merge(person).lang = "en"
    part(world.moderator, merge(world.moderator, one, other, MONDAY), MONDAY)
    jobs.run(MONDAY + timedelta(minutes=2))  # a merger may be taken back for a minute
    rollback()
    for name, sentences in (
        ("bolat", ["2 supporters of yours are counted there now.", "Your proposal was separated from the other one."]),
        ("aigerim", ["It brought 2 supporters.", "2 supporters went with it."]),
    ):
        query = select(Message.body).where(Message.to == f"{name}@test.example").order_by(Message.id.desc()).limit(2)
        bodies = [" ".join(body.split()) for body in db.session.scalars(query)]
        for sentence, body in zip(reversed(sentences), bodies, strict=True):
            assert sentence in body
    assert "separated from this one again, with 2 supporters" in visit().get(f"/proposals/{other}").text
    page = visit().get(f"/proposals/{one}").text
    assert "Separated from the other proposal again." in page and "Joined to a proposal on the same matter." in page


def test_a_page_with_joined_proposals_stays_within_twelve_queries(world, visit, app, pair):
    from sqlalchemy import event

    one, other = pair
    with unit_of_work():
        third = published(world, MONDAY - DAY, title="Көшеге шам").id
        supported(locked(Proposal, other), 20, CITY, MONDAY, name="lift")
        decide(world.officer, locked(Proposal, other), Reply(Decision.PASS_UP, *REASONS), MONDAY)
    merge(world.region_moderator, one, other, MONDAY)
    merge(world.region_moderator, third, other, MONDAY)
    with unit_of_work():
        fourth = published(world, MONDAY - DAY, title="Тағы бір шам").id
        fifth = published(world, MONDAY - DAY, title="Тағы екі шам").id
    merge(world.region_moderator, fifth, fourth, MONDAY)
    merge(world.region_moderator, fourth, other, MONDAY)
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement) if not statement.startswith(("BEGIN", "PRAGMA")) else None

    for person in (world.aigerim, world.region_moderator, world.region_officer):
        browser = visit(person)
        browser.get("/proposals")
        for address in (
            f"/proposals/{one}",
            f"/proposals/{other}",
            f"/proposals/{fifth}",
            f"/desk/{one}/merger/{other}",
            f"/desk/{other}/merger",
        ):
            event.listen(db.engine, "before_cursor_execute", note)
            seen.clear()
            browser._send("GET", address)
            event.remove(db.engine, "before_cursor_execute", note)
            assert len(seen) <= 12, (person.email, address, len(seen))


def test_what_was_joined_before_mergers_were_remembered_is_shown_and_cannot_be_undone(world, visit, pair):
    one, other = pair
    merge(world.moderator, one, other, MONDAY)
    with unit_of_work():
        db.session.execute(db.text("DELETE FROM merger"))
    browser = visit(world.moderator)
    assert "Joined with this proposal" in browser.get(f"/proposals/{other}").text
    assert "/undo" not in browser.get(f"/proposals/{one}").html


# --- one matter of several places


@pytest.fixture
def matter(app, world):
    """Light at schools: two in the city, one in the neighbouring city, one in Almaty."""
    with unit_of_work():
        keys = []
        for author, kato, title in (
            (world.aigerim, CITY, "Мектеп жанындағы өткелге жарық керек"),
            (world.aigerim, CITY, "Мектеп алдындағы өткелге жарық керек"),
            (world.kentau, NEIGHBOUR, "Мектептегі өткелге жарық керек"),
            (world.bolat, ALMATY, "Мектеп өткеліне жарық керек"),
        ):
            found = propose(author, MONDAY - 2 * DAY, title=title, kato=kato)
            publish(world.almaty_moderator if kato == ALMATY else world.region_moderator, found, MONDAY - 2 * DAY)
            keys.append(found.id)
        supported(locked(Proposal, keys[0]), 3, CITY, MONDAY, name="first")
        supported(locked(Proposal, keys[2]), 4, NEIGHBOUR, MONDAY, name="third")
    return keys


def ticked(page, *keys):
    data = {name: value for name, value in page.form("/regional-matters").items() if name != "proposal"}
    return data | {"proposal": [str(key) for key in keys]}


def test_proposals_of_several_cities_become_one_matter_of_the_region(world, visit, matter):
    first, second, third, away = matter
    browser = visit(world.region_officer)
    desk = browser.get("/desk")
    assert "/regional-matters/new" in desk.html
    page = browser.get("/regional-matters/new?about=мектеп+өткел+жарық")
    for key in (first, second, third):
        assert f'id="proposal-{key}"' in page.html
    assert f'id="proposal-{away}"' not in page.html  # another region
    done = browser.post("/regional-matters", 303, page=page, **ticked(page, first, second, third), lead=str(third))
    assert done.location == f"/proposals/{third}"
    lead = proposal(third)
    assert (lead.stage, lead.seat.kato, lead.supports) == ("review", "610000000", 7)
    assert [proposal(key).merged_into_id for key in (first, second)] == [third, third]
    rung = db.session.scalars(
        select(LadderRung).where(LadderRung.proposal_id == third, LadderRung.territory_id == lead.seat_id)
    ).one()
    left = working_days_between(local_date(MONDAY), local_date(lead.due_at), calendar())
    assert (rung.cause, rung.due_at, left) == ("adopted", lead.due_at, rung.answer_working_days)
    (fact,) = facts("proposal:adopted")
    assert (fact.proposal_id, fact.facts["proposals"], fact.public) == (third, 3, True)
    page = browser.follow(done)
    assert "Taken up here as one matter with 2 proposals of other places." in page.text
    assert "Taken up above" in page.text
    for merger in db.session.scalars(select(Merger.id).order_by(Merger.id)).all():
        part(world.region_officer, merger, MONDAY)
    assert [proposal(key).stage for key in (first, second, third)] == ["collecting", "collecting", "review"]
    assert (proposal(first).supports, proposal(third).supports) == (3, 4)
    jobs.run(proposal(third).due_at + DAY)
    assert proposal(third).seat.kato == "000000000"  # silence of the region climbs as ever


def test_a_page_of_a_proposal_leads_to_the_matter_with_it_ticked(world, visit, matter):
    first, *_rest = matter
    browser = visit(world.region_officer)
    link = f"/regional-matters/new?territory=610000000&amp;from={first}"
    assert link in browser.get(f"/proposals/{first}").html
    page = browser.get(link.replace("&amp;", "&"))
    boxes = [box.get("id") for box in page.find("input", type="checkbox") if box.get("checked") is not None]
    assert boxes == [f"proposal-{first}"]
    for other in (world.officer, world.moderator, world.aigerim):
        assert "/regional-matters/new" not in visit(other).get(f"/proposals/{first}").html


@pytest.mark.parametrize(
    ("keys", "lead", "status", "words"),
    [
        ([0, 2], None, 422, "Choose the proposal that leads"),
        ([0], 0, 422, "Select at least 2 and at most 12 proposals."),
        ([], 0, 422, "Select at least 2 and at most 12 proposals."),
        ([0, 9999], 0, 422, "is not there"),
        ([0, 3], 0, 409, "held elsewhere"),
    ],
)
def test_what_is_no_matter_is_given_back_with_the_ticks(world, visit, matter, keys, lead, status, words):
    browser = visit(world.region_officer)
    page = browser.get("/regional-matters/new?about=мектеп+өткел+жарық")
    chosen = [matter[key] if key < 4 else key for key in keys]
    data = ticked(page, *chosen) | ({"lead": str(matter[lead])} if lead is not None else {})
    answer = browser.post("/regional-matters", status, page=page, **data)
    assert words in answer.text
    boxes = {box.get("value") for box in answer.find("input", type="checkbox") if box.get("checked") is not None}
    assert boxes == {str(key) for key in chosen if key in matter[:3]}
    assert {proposal(key).stage for key in matter} == {"collecting"}


def test_more_than_twelve_are_too_many(world, visit, matter):
    browser = visit(world.region_officer)
    page = browser.get("/regional-matters/new?about=мектеп+өткел+жарық")
    data = ticked(page, *range(1, 14)) | {"lead": "1"}
    assert "Select at least 2 and at most 12" in browser.post("/regional-matters", 422, page=page, **data).text


@pytest.mark.parametrize("name", ["aigerim", "moderator", "region_moderator", "officer", "almaty_moderator"])
def test_only_officers_above_cities_make_a_matter(world, visit, matter, name):
    browser = visit(getattr(world, name))
    browser.get("/regional-matters/new", 403)
    browser.post("/regional-matters", 403, proposal=str(matter[0]), lead=str(matter[1]))
    assert proposal(matter[0]).stage == "collecting"


def test_nobody_takes_up_their_own(world, visit, matter):
    with unit_of_work():
        locked(Proposal, matter[2]).author_id = world.region_officer.id
    browser = visit(world.region_officer)
    page = browser.get("/regional-matters/new?about=мектеп+өткел+жарық")
    for lead in (0, 2):
        data = ticked(page, matter[0], matter[2]) | {"lead": str(matter[lead])}
        assert "Nobody decides on their own" in browser.post("/regional-matters", 403, page=page, **data).text


def test_the_nation_takes_up_what_regions_hold_and_chooses_for_which_territory(world, visit, matter):
    with unit_of_work():
        climb_to_region(matter[0])
        both = add_user("both@test.example", MONDAY)
        for kato in ("610000000", "000000000"):
            give_role(both, "officer", by_kato(kato), MONDAY - DAY)
        email = both.email
    assert email
    with unit_of_work():
        twice = db.session.merge(both)
    browser = visit(twice)
    page = browser.get("/regional-matters/new?about=мектеп+өткел+жарық")
    assert page.form("/regional-matters")["territory"] == "610000000"
    page = browser.get("/regional-matters/new?territory=000000000&about=мектеп+өткел+жарық")
    assert f'id="proposal-{matter[3]}"' in page.html
    data = ticked(page, matter[0], matter[3]) | {"lead": str(matter[3])}
    browser.post("/regional-matters", 303, page=page, **data)
    assert (proposal(matter[3]).stage, proposal(matter[3]).seat.kato) == ("review", "000000000")
    assert proposal(matter[0]).merged_into_id == matter[3]


def test_what_is_owed_there_already_keeps_its_date(world, matter):
    from webapp.merging.matters import adopt
    from webapp.merging.services import lock_in_order

    with unit_of_work():
        climb_to_region(matter[0])
    before = place_of(matter[0])
    with unit_of_work():
        both = lock_in_order({matter[0], matter[2]})
        adopt(world.region_officer, by_kato("610000000"), both[matter[0]], [both[matter[2]]], MONDAY + DAY)
    assert place_of(matter[0])[:3] == before[:3]
    assert facts("proposal:adopted") == []
    assert tallies(matter[0])["whole"][0] == 27
