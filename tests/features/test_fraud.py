"""The desk of suspicions: the list, the dry run, the check, the way back; who may, who is told, what is forgotten."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.conftest import MONDAY
from tests.factories import PASSWORD, add_user, published, supported
from tests.suspects import CITY, REGION, SHORTLY, accounts, begin, end, facts, make_operator, robots, suspected, tally
from webapp.access.services import give_role
from webapp.fraud import services
from webapp.fraud.jobs import forget_networks
from webapp.fraud.models import Arrival, CheckRequest
from webapp.journal.models import Fact
from webapp.journal.services import record, sealed_facts
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.errors import NotAllowed
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.territories.services import by_kato
from webapp.voting.models import Vote
from webapp.voting.services import cast_vote


@pytest.fixture
def operator(app, world):
    return make_operator()


@pytest.fixture
def key(app, world):
    return suspected(world)


def test_from_the_list_to_the_dry_run_to_the_check_and_back(operator, key, visit):
    browser = visit(operator)
    assert browser.get("/desk").find("a", href="/fraud-desk")
    page = browser.get("/fraud-desk")
    assert "Accounts made within one day with addresses in a numbered series (robot#@test.example" in page.text
    (box,) = page.find("input", name="finding")
    dry = browser.get(f"/fraud-desk/dry-run?finding={box.get('value')}")
    assert "It would set aside 10 votes of 10 accounts on 1 proposal." in dry.text
    assert "No threshold that is reached now would be lost." in dry.text
    assert tally(key) == (15, 0)  # looking changes nothing
    empty = browser.submit(dry, "/fraud-desk/checks", 422, note="")
    assert "Write in a sentence why" in empty.text
    done = browser.submit(dry, "/fraud-desk/checks", note="Ten addresses in a row")
    assert tally(key) == (5, 0)
    page = browser.follow(done)
    assert "10 votes are set aside." in page.text and "Ten addresses in a row" in page.text
    assert len(page.find("input", name="account")) == 10
    assert not browser.get("/fraud-desk").find("input", name="finding")  # who is being checked is not listed again
    browser.post(f"/fraud-desk/checks/{page.url.rsplit('/', 1)[1]}/release", what="all")
    assert tally(key) == (15, 0)
    browser.post(f"/fraud-desk/checks/{page.url.rsplit('/', 1)[1]}/release", 409, what="all")


def test_a_dry_run_says_which_thresholds_fall(operator, world, visit):
    with unit_of_work():
        proposal = published(world, MONDAY - timedelta(days=2))
        supported(proposal, 12, CITY, MONDAY - timedelta(days=1), name="neighbour.a")
        for robot in robots(10):
            cast_vote(robot, proposal, "support", SHORTLY)
    browser = visit(operator)
    box = browser.get("/fraud-desk").find("input", name="finding")[0]
    page = browser.get(f"/fraud-desk/dry-run?finding={box.get('value')}")
    assert "from 22 to 12 of 20" in page.text
    assert "What has been decided or has climbed stays." in page.text


def test_what_changed_since_the_dry_run_is_shown_again(operator, key, visit):
    browser = visit(operator)
    box = browser.get("/fraud-desk").find("input", name="finding")[0]
    dry = browser.get(f"/fraud-desk/dry-run?finding={box.get('value')}")
    with unit_of_work():
        add_user("robot010@test.example", SHORTLY + timedelta(minutes=1), home=CITY)
    page = browser.submit(dry, "/fraud-desk/checks", 409, note="typed already")
    assert "Accounts have been added or removed" in page.text and "11 accounts" in page.text
    assert page.form("/fraud-desk/checks")["note"] == "typed already"
    assert tally(key) == (15, 0)
    browser.submit(page, "/fraud-desk/checks")
    assert tally(key) == (5, 0)


def test_setting_aside_asks_for_the_password_when_it_was_typed_long_ago(operator, key, visit, clock):
    browser = visit(operator)
    box = browser.get("/fraud-desk").find("input", name="finding")[0]
    dry = browser.get(f"/fraud-desk/dry-run?finding={box.get('value')}")
    clock(MONDAY + timedelta(minutes=20))
    page = browser.submit(dry, "/fraud-desk/checks", 403, note="typed already")
    assert tally(key) == (15, 0)
    answer = browser.submit(page, "/confirm-it-is-you", 307, password=PASSWORD)
    assert answer.location == "/fraud-desk/checks"


@pytest.mark.parametrize("who", ["aigerim", "moderator", "region_officer", "nation_officer"])
def test_only_operators_of_the_whole_country(world, visit, who):
    browser = visit(getattr(world, who))
    assert not any(a.get("href") == "/fraud-desk" for a in browser.get("/my").find("a"))
    browser.get("/fraud-desk", 403)
    browser.get("/fraud-desk/dry-run?finding=x", 403)
    browser.post("/fraud-desk/checks", 403, finding="x", note="n")
    browser.get("/fraud-desk/checks/1", 403)
    browser.post("/fraud-desk/checks/1/release", 403, what="all")


def test_a_stranger_is_led_to_the_door_and_an_operator_of_a_region_is_refused(world, visit):
    visit().get("/fraud-desk", 303)
    visit().post("/fraud-desk/checks", 401)
    with unit_of_work():
        user = add_user("regional@test.example", MONDAY - timedelta(days=9))
        give_role(user, "operator", by_kato(REGION), MONDAY - timedelta(days=9))
    visit(user).get("/fraud-desk", 403)
    with pytest.raises(NotAllowed), unit_of_work():
        services.set_aside(db.session.get_one(User, user.id), [world.aigerim.id], [], "", MONDAY)


def test_nothing_ticked_unknown_lines_and_unknown_checks(operator, visit):
    browser = visit(operator)
    assert "Nothing unusual" in browser.get("/fraud-desk").text
    browser.get("/fraud-desk/dry-run", 303)
    browser.get("/fraud-desk/dry-run?finding=%27%3Cscript%3E&finding=zzz", 303)
    browser.post("/fraud-desk/checks", finding="zzz", note="n")
    browser.get("/fraud-desk/checks/99", 404)
    browser.get("/fraud-desk/checks/99999999999999", 404)
    browser.post("/fraud-desk/checks/99/release", 404)
    assert facts("check:begun") == []


def test_releasing_without_a_tick_is_refused_with_a_sentence(operator, key, visit):
    check = begin(operator)
    browser = visit(operator)
    assert "Select the accounts" in browser.post(f"/fraud-desk/checks/{check}/release", 422, what="some").text
    assert "Select the accounts" in browser.post(f"/fraud-desk/checks/{check}/release", 422, account="x").text
    page = browser.follow(browser.post(f"/fraud-desk/checks/{check}/release", what="some", account=str(accounts()[0])))
    assert "Decided for 1 account. Its votes are counted again together with those of others" in page.text
    assert len(page.find("input", name="account")) == 9
    assert tally(key) == (5, 0)


def test_the_person_sees_it_and_asks_to_be_looked_at_first(operator, key, visit, world):
    check = begin(operator)
    voter = visit(db.session.get_one(User, accounts()[3]))
    page = voter.get(f"/proposals/{key}")
    assert "Your vote is set aside for checking" in page.text and "not counted for now" in page.text
    answer = voter.submit(page, "/my/votes/check")
    assert answer.location == f"/proposals/{key}"
    assert "You have asked to be checked first." in voter.follow(answer).text
    voter.post("/my/votes/check")
    rollback()
    assert db.session.scalar(select(func.count()).select_from(CheckRequest)) == 1
    assert "set aside" not in visit(world.aigerim).get(f"/proposals/{key}").text.replace("votes were set aside", "")
    staff = visit(operator)
    assert "1 person asks to be checked first" in staff.get("/fraud-desk").text
    first = staff.get(f"/fraud-desk/checks/{check}").find("input", name="account")[0]
    assert first.get("value") == str(accounts()[3])
    staff.post(f"/fraud-desk/checks/{check}/release", what="some", account=first.get("value"))
    jobs.run(MONDAY + timedelta(days=3))
    assert "Your vote is set aside" not in voter.get(f"/proposals/{key}").text
    rollback()
    assert db.session.scalar(select(func.count()).select_from(CheckRequest)) == 0
    voter.post("/my/votes/check", 409)


def test_a_vote_and_an_account_remember_their_network_but_no_address(app, world, visit, key):
    with unit_of_work():
        db.session.get_one(User, world.aigerim.id).created_at = MONDAY - timedelta(days=90)
    browser = visit(world.aigerim)
    page = browser.get(f"/proposals/{key}")
    browser.post(f"/proposals/{key}/vote", page=page, choice="support")
    rollback()
    network = db.session.scalar(select(Vote.network).where(Vote.voter_id == world.aigerim.id))
    arrival = db.session.execute(select(Arrival.event, Arrival.network)).one()
    assert tuple(arrival) == ("signed-in", network) and len(network) == 16
    browser.post(f"/proposals/{key}/vote", page=page, choice="oppose")
    rollback()
    assert db.session.scalar(select(Vote.network).where(Vote.voter_id == world.aigerim.id)) == network
    data = browser.get("/my/data.json").response.get_json()
    assert data["arrivals"] == [{"event": "signed-in", "at": MONDAY.isoformat(), "network": "a keyed hash"}]
    assert {"counted": True, "set_aside": False, "network": "a keyed hash"}.items() <= data["votes"][0].items()


def test_a_sign_up_leaves_one_arrival(app, visit):
    browser = visit()
    page = browser.get("/sign-up")
    fields = {"email": "new@test.example", "given_name": "Жаңа", "surname": "Адам", "password": "a long password"}
    asked = browser.follow(browser.submit(page, "/sign-up", **fields))
    rollback()
    body = db.session.scalar(select(Message.body).where(Message.to == "new@test.example"))
    browser.submit(asked, "/confirm", code=re.search(r"\b\d{6}\b", body).group())
    rollback()
    assert [row.event for row in db.session.scalars(select(Arrival))] == ["made"]


def test_networks_are_forgotten_after_their_term(app, world, visit, key):
    browser = visit(world.aigerim)
    browser.post(f"/proposals/{key}/vote", page=browser.get(f"/proposals/{key}"), choice="support")
    assert forget_networks(MONDAY + timedelta(days=30)) == 0
    assert forget_networks(MONDAY + timedelta(days=30, minutes=1)) == 2
    assert db.session.scalar(select(func.count(Vote.network))) == 0
    assert db.session.scalar(select(func.count(Arrival.network))) == 0
    assert db.session.scalar(select(func.count()).select_from(Arrival)) == 1
    assert forget_networks(MONDAY + timedelta(days=60)) == 0


def test_leaving_takes_the_traces_along(app, world, visit, key):
    browser = visit(world.aigerim)
    browser.post(f"/proposals/{key}/vote", page=browser.get(f"/proposals/{key}"), choice="support")
    browser.submit(browser.get("/my/deletion"), "/my/deletion", agree="y", password=PASSWORD)
    assert db.session.scalar(select(Vote.network).where(Vote.voter_id == world.aigerim.id)) is None
    assert db.session.scalar(select(func.count()).select_from(Arrival)) == 0
    assert tally(key) == (16, 0)


def test_the_desk_costs_few_queries_whatever_its_length(operator, world, visit, key):
    from sqlalchemy import event

    with unit_of_work():
        for letter in "abcdefgh":
            robots(12, SHORTLY, stem=f"{letter}bot")
    browser, seen = visit(operator), []
    event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    assert len(browser.get("/fraud-desk").find("input", name="finding")) == 9
    assert len([statement for statement in seen if statement.startswith("SELECT")]) <= 12
    assert not list(sealed_facts())


@pytest.mark.parametrize("lang, words", [("kk", "10 дауыс тексеруге алынды"), ("ru", "10 голосов взято на проверку")])
def test_the_page_speaks_of_it_in_other_languages(operator, key, visit, lang, words):
    begin(operator)
    jobs.run(MONDAY + timedelta(days=1))
    assert words in visit(lang=lang).get(f"/proposals/{key}").text


def public_facts(verb):
    return [fact for fact in facts(verb) if fact.public]


def test_the_public_record_has_numbers_and_no_names(operator, key, visit):
    check = begin(operator)
    assert public_facts("votes:set-aside") == []  # the sums of a day are told when it is over
    (kept,) = facts("votes:set-aside")
    assert kept.facts == {"votes": 10, "check": check}
    jobs.run(MONDAY + timedelta(hours=1))
    assert public_facts("votes:set-aside") == []
    jobs.run(MONDAY + timedelta(days=1))
    (fact,) = public_facts("votes:set-aside")
    assert fact.proposal_id == key and fact.facts == {"votes": 10}
    (whole,) = public_facts("check:begun")
    assert whole.facts == {"accounts": 10, "votes": 10, "proposals_below": 10, "kinds": "numbered-names"}
    assert "10 votes were set aside for checking" in visit().get(f"/proposals/{key}").text
    end(operator, check, MONDAY + timedelta(days=1))
    jobs.run(MONDAY + timedelta(days=2))
    assert "for 10 votes: they are counted again" in visit().get(f"/proposals/{key}").text
    everything = str([(f.facts, f.verb) for f in db.session.scalars(select(Fact))])
    assert "robot" not in everything and "a note" not in everything


def small_cells(lines):
    """Numbers below ten in public facts about checks, whatever they are called."""
    about = [line for line in lines if line.get("verb", "").startswith(("votes:", "check:"))]
    names = ("votes", "accounts", "proposals")
    return [(line["verb"], line["facts"]) for line in about if any(line["facts"].get(n, 10) < 10 for n in names)]


def test_nobodys_list_of_votes_is_in_public(operator, world, visit):
    """One account given back alone moves no counter and leaves no fact; with others no number below ten is told."""
    with unit_of_work():
        made, keys = robots(12), []
        for number in range(4):
            proposal = published(world, MONDAY - timedelta(days=2), title=f"Ұсыныс нөмірі {number}")
            keys.append(proposal.id)
            for robot in made[: 12 if number == 0 else 3 - number]:
                cast_vote(robot, proposal, "support", SHORTLY)
        supported(proposal, 4, CITY, MONDAY - timedelta(days=1), name="neighbour.a")
    check = begin(operator)
    jobs.run(MONDAY + timedelta(days=1))
    before = visit().get("/proposals.json").response.json
    end(operator, check, MONDAY + timedelta(days=1), user_ids=accounts()[:1])
    jobs.run(MONDAY + timedelta(days=2))
    assert visit().get("/proposals.json").response.json == before
    assert public_facts("votes:given-back") == [] and public_facts("check:ended") == []
    end(operator, check, MONDAY + timedelta(days=2), user_ids=accounts()[1:])
    jobs.run(MONDAY + timedelta(days=3))
    told = public_facts("votes:given-back")
    assert {fact.proposal_id: fact.facts for fact in told} == {
        keys[0]: {"votes": 12},
        keys[1]: {"votes_below": 10},
        keys[2]: {"votes_below": 10},
    }
    assert len({fact.at for fact in told}) == 1
    page = visit().get(f"/proposals/{keys[1]}").text
    assert (
        "The check has ended for fewer than 10 votes here" in page and "Fewer than 10 votes here were set aside" in page
    )
    lines = [json.loads(line) for line in visit().get("/journal.jsonl").html.splitlines()]
    assert small_cells(lines) == []
    assert not [line for line in lines if "check" in line.get("facts", {})]
    assert small_cells([{"verb": "votes:set-aside", "facts": {"votes": 1}}])  # the net sees what it is there for


def test_accounts_without_votes_hide_nobody_s_list_of_votes(operator, world, visit):
    """Twelve accounts are under a check, one of them has voted: what moves and what is told would be that one's list."""
    with unit_of_work():
        made = robots(12)
        proposal = published(world, MONDAY - timedelta(days=2))
        supported(proposal, 4, CITY, MONDAY - timedelta(days=1), name="neighbour.a")
        cast_vote(made[0], proposal, "support", SHORTLY)
        key = proposal.id
    check = begin(operator)
    jobs.run(MONDAY + timedelta(days=1))
    assert public_facts("votes:set-aside") == []
    assert tally(key) == (4, 0)
    end(operator, check, MONDAY + timedelta(days=1))
    jobs.run(MONDAY + timedelta(days=2))
    assert tally(key) == (4, 0) and public_facts("check:ended") == []
    jobs.run(MONDAY + timedelta(days=5))  # nobody waits for ever
    assert tally(key) == (5, 0) and public_facts("votes:given-back") == []


def test_small_numbers_that_were_told_once_are_told_no_more(operator, key, visit):
    with unit_of_work():
        proposal = db.session.get_one(Proposal, key)
        record(Verb.VOTES_GIVEN_BACK, proposal, MONDAY, proposal_id=key, votes=1, check=7)
    assert "The check has ended" not in visit().get(f"/proposals/{key}").text
    jobs.run(MONDAY)
    with unit_of_work():
        db.session.execute(update(Fact).values(seal=1))
    lines = [json.loads(line) for line in visit().get("/journal.jsonl").html.splitlines()]
    assert small_cells(lines) == [] and [line for line in lines if line.get("withheld")]
