"""Rights over one's own data: to see it, to take it along, to choose the public name, to leave."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import NEWCOMERS_IIN, PASSWORD, add_user, propose, published
from webapp.access.services import granted_territories
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.organisations.members import invite
from webapp.organisations.models import Invitation
from webapp.people.models import Consent, EmailCode, Membership, Organisation, User
from webapp.people.services import by_email
from webapp.proposals.models import Draft, Proposal
from webapp.voting.models import Vote
from webapp.voting.services import cast_vote, recount

both_databases = True
sensitive = (
    "test_leaving_and_coming_back_is_no_second_vote",
    "test_signing_up_and_verification_leave_a_consent",
    "test_staff_who_leave_have_no_desk_any_more",
    "test_the_public_name_is_ones_own_choice",
    "test_who_leaves_is_forgotten_and_the_vote_stays",
)


@pytest.fixture
def key(app, world):
    with unit_of_work():
        proposal = published(world, MONDAY - timedelta(days=2))
        cast_vote(world.aigerim, proposal, "support", MONDAY)
        return proposal.id


def leave(browser, **values):
    page = browser.get("/my/deletion")
    return browser.submit(page, "/my/deletion", **({"agree": "y", "password": PASSWORD} | values))


def test_everything_that_is_stored_can_be_taken_along(world, visit, key, clock):
    browser = visit(world.aigerim)
    browser.post("/proposals/new", title="Әлі жіберілмеген", lang="kk")
    answer = browser._send("GET", "/my/data.json")
    assert answer.response.headers["Content-Disposition"].startswith("attachment")
    stored = json.loads(answer.html)
    assert stored["account"]["email"] == world.aigerim.email
    assert stored["account"]["home_kato"] == "611000000"
    assert [vote["choice"] for vote in stored["votes"]] == ["support"]
    assert stored["proposals"][0]["id"] == key
    assert "Әлі жіберілмеген" in [draft["title"] for draft in stored["drafts"]]
    assert world.aigerim.person_key not in answer.html
    assert world.aigerim.password_hash not in answer.html
    assert world.bolat.email not in answer.html
    assert visit()._send("GET", "/my/data.json").status == 303


def test_what_one_voted_for_an_organisation_is_told_too(world, visit, key, clock):
    browser = visit(world.member)
    organisation = str(world.member.memberships[0].organisation_id)
    browser.post(
        f"/proposals/{key}/vote", 303, browser.get(f"/proposals/{key}"), choice="oppose", organisation=organisation
    )
    stored = json.loads(browser._send("GET", "/my/data.json").html)
    assert [(vote["proposal"], vote["choice"]) for vote in stored["votes_for_organisations"]] == [(key, "oppose")]
    assert stored["votes"] == []


def test_signing_up_and_verification_leave_a_consent(world, visit, clock):
    browser = visit(world.newcomer)
    browser.submit(browser.get("/verify"), "/verify", iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    rollback()
    mine = select(Consent.purpose).where(Consent.user_id == world.newcomer.id)
    assert db.session.scalars(mine).all() == ["verification:register"]
    other = visit()
    other.submit(
        other.get("/sign-up"), "/sign-up", email="a@b.kz", given_name="А", surname="Б", password="қара бұлт 7 жол"
    )
    rollback()
    kept = select(EmailCode.kept).where(EmailCode.email == "a@b.kz")
    assert db.session.scalar(kept)["surname"] == "Б"
    assert by_email("a@b.kz") is None  # there is no account, and no consent, before the code has come back
    code = re.search(r"\b\d{6}\b", db.session.scalar(select(Message.body).where(Message.to == "a@b.kz")))
    other.submit(other.get("/confirm"), "/confirm", code=code[0])
    rollback()
    assert db.session.scalar(select(func.count()).select_from(Consent).where(Consent.purpose == "account")) == 1
    assert db.session.scalar(kept) == {}


def test_the_public_name_is_ones_own_choice(world, visit, key, clock):
    browser = visit(world.aigerim)
    assert "Айгерім С." in visit().get(f"/proposals/{key}").text
    browser.submit(browser.get("/my/name"), "/my/name", shows_full_name="yes")
    assert "Айгерім Сәрсенова" in visit().get(f"/proposals/{key}").text
    browser.submit(browser.get("/my/name"), "/my/name", status=422, shows_full_name="perhaps")
    browser.submit(browser.get("/my/name"), "/my/name", shows_full_name="no")
    assert "Сәрсенова" not in visit().get(f"/proposals/{key}").text


def test_who_leaves_is_forgotten_and_the_vote_stays(world, visit, key, clock):
    with unit_of_work():
        waiting = propose(world.aigerim, MONDAY, title="Әлі тексерілмеген").id
        firm = db.session.scalars(select(Organisation)).first()
        invite(db.session.get_one(User, world.member.id), firm, world.aigerim.email, "owner", MONDAY)
    jobs.run(MONDAY)
    browser, other_device = visit(world.aigerim), visit(world.aigerim)
    browser.post("/proposals/new", title="Жоба", lang="kk")
    assert leave(browser).location == "/"
    rollback()
    person = db.session.get(User, world.aigerim.id)
    assert (person.given_name, person.surname, person.password_hash) == ("", "", "")
    assert "aigerim" not in person.email
    assert db.session.get(Proposal, key).supports == 1
    assert db.session.get(Proposal, key).author_id is None
    assert db.session.get(Proposal, waiting).stage == "withdrawn"
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 0
    assert db.session.scalars(select(Message).where(Message.to == "aigerim@test.example")).all() == []
    assert db.session.scalars(select(Invitation)).all() == [], "an invitation to the address is data of the person too"
    with unit_of_work():
        assert recount(MONDAY) == []
    page = visit().get(f"/proposals/{key}")
    assert "a resident" in page.text
    assert "Айгерім" not in page.text
    assert other_device._send("GET", "/my").status == 303  # the other device is signed out
    stranger = visit()
    stranger.submit(stranger.get("/sign-in"), "/sign-in", 422, email="aigerim@test.example", password=PASSWORD)
    jobs.run(MONDAY + timedelta(days=1))
    assert db.session.scalars(select(Message).where(Message.to.like("%@invalid"))).all() == []


@pytest.mark.parametrize("values", [{"agree": "y", "password": "not mine"}, {"agree": "y"}, {"password": PASSWORD}])
def test_nobody_leaves_by_mistake(world, visit, key, clock, values):
    browser = visit(world.aigerim)
    browser.post("/my/deletion", 422, browser.get("/my/deletion"), **values)
    rollback()
    assert db.session.get(User, world.aigerim.id).deleted_at is None


def test_the_only_owner_hands_over_first(world, visit, clock):
    browser = visit(world.member)
    assert "Hand it over first" in browser.get("/my/deletion").text
    leave(browser, status=409)
    with unit_of_work():
        organisation = world.member.memberships[0].organisation_id
        db.session.add(Membership(organisation_id=organisation, user_id=world.kentau.id, role="owner"))
    leave(visit(world.member))


def test_staff_who_leave_have_no_desk_any_more(world, visit, clock):
    with unit_of_work():
        grant = db.session.get(User, world.moderator.id).grants[0]
        grant.valid_until = MONDAY + timedelta(days=300)  # an end that is far away ends too
    leave(visit(world.moderator))
    rollback()
    assert (
        db.session.scalars(select(Fact.verb).where(Fact.subject_id == grant.id).order_by(Fact.id)).all()[-1]
        == "grant:ended"
    )
    jobs.run(MONDAY + timedelta(minutes=1))
    rollback()
    ends = select(func.count()).select_from(Fact).where(Fact.verb == "grant:ended", Fact.subject_id == grant.id)
    assert db.session.scalar(ends) == 1  # the job that notes ended grants finds it noted
    assert (
        granted_territories(db.session.get(User, world.moderator.id), "moderator", MONDAY + timedelta(seconds=1)) == []
    )


def test_leaving_and_coming_back_is_no_second_vote(world, visit, key, clock):
    first = visit(world.newcomer)
    first.submit(first.get("/verify"), "/verify", iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    first.post(f"/proposals/{key}/vote", 303, first.get(f"/proposals/{key}"), choice="support")
    leave(first)
    with unit_of_work():
        again = add_user("again@test.example", MONDAY)
    second = visit(again)
    second.submit(second.get("/verify"), "/verify", iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    assert "You support this" in second.get(f"/proposals/{key}").text
    second.post(f"/proposals/{key}/vote", 303, second.get(f"/proposals/{key}"), choice="support")
    rollback()
    assert db.session.get(Proposal, key).supports == 2  # Aigerim's and this one
    assert db.session.scalar(select(func.count()).select_from(Vote)) == 2
    second.post(f"/proposals/{key}/vote/withdrawal", 303, second.get(f"/proposals/{key}"))
    with unit_of_work():
        assert recount(MONDAY) == []
        assert locked(Proposal, key).supports == 1
