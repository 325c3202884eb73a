"""Grants: who may give and end them, that everybody can see them, and that they end."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event, select

from tests.conftest import MONDAY
from tests.factories import PASSWORD, add_user, propose, published, supported
from tests.features.console import refused, run
from webapp.access import predicates, staff_predicates, strategy_predicates
from webapp.access.models import Grant
from webapp.access.permissions import POLICY, Permission
from webapp.access.services import appoint, give_role
from webapp.access.words import act_sentences, condition_sentences
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import decide
from webapp.delivery.models import Milestone
from webapp.delivery.reporting import Evidence, report_done
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.errors import NotAllowed
from webapp.kernel.jobs import jobs
from webapp.moderation import services as moderation
from webapp.people.models import Membership, Organisation, User
from webapp.people.services import by_email
from webapp.proposals.models import Proposal
from webapp.territories.services import by_kato, nation

#: What the other database could do otherwise: conflicts, locks, dates, order.
both_databases = (
    "given_once",
    "grant_ends_by_itself",
    "ended_after",
    "filters",
    "console",
)
TURKISTAN, KENTAU, REGION, ALMATY, NATION = "611000000", "612000000", "610000000", "750000000", "000000000"


@pytest.fixture
def operator(world):
    with unit_of_work():
        person = add_user("operator@test.example", MONDAY - timedelta(days=9), given="Оператор", surname="Б")
        give_role(person, "operator", nation(), MONDAY - timedelta(days=9))
    return by_email("operator@test.example")


def grants(email, holding_at=MONDAY + timedelta(hours=1)):
    rollback()
    rows = db.session.scalars(select(Grant).join(User, User.id == Grant.user_id).where(User.email == email))
    return {(grant.role, grant.territory.kato) for grant in rows if grant.holds(holding_at)}


def grant_of(email, role):
    rollback()
    query = select(Grant.id).join(User, User.id == Grant.user_id).where(User.email == email, Grant.role == role)
    return db.session.scalars(query).one()


def facts(verb):
    rollback()
    return db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id)).all()


def give(browser, status=303, email="aigerim@test.example", role="moderator", territory=KENTAU, **more):
    page = browser.get("/staff")
    values = {"email": email, "role": role, "territory": territory, **more}
    if "/staff/grants" not in page.html:  # nobody stands below: there is no form, and none helps either
        return browser.post("/staff/grants", status, page, **values)
    return browser.submit(page, "/staff/grants", status, **values)


# --- giving


def test_an_operator_gives_a_role_and_everybody_can_see_it(operator, visit):
    browser = visit(operator)
    answer = give(browser, territory=KENTAU, role="officer")
    assert answer.location == f"/staff?place={KENTAU}"
    page = browser.follow(answer)
    assert "Айгерім С. has the role now" in page.text and "aigerim@test.example" in page.text
    assert grants("aigerim@test.example") == {("officer", KENTAU)}
    public = visit().get(f"/territories/{KENTAU}").text
    assert "Who acts here Айгерім С. Officer, since 23 November 2026" in public
    assert "aigerim@test.example" not in public and "Сәрсенова" not in public
    fact = facts("grant:given")[-1]
    assert fact.public and fact.actor_id == operator.id
    assert fact.facts["role"] == "officer" and "Айгерім" not in str(fact.facts)  # a fact is for ever: no names
    assert {"body_kk", "body_ru", "body_en"} <= set(fact.facts)
    assert "Kentau" in fact.facts["body_en"]


@pytest.mark.parametrize("role", ["analyst", "operator"])
def test_an_operator_gives_any_role_anywhere(operator, visit, role):
    give(visit(operator), role=role, territory=NATION)
    assert grants("aigerim@test.example") == {(role, NATION)}


@pytest.mark.parametrize("giver", ["region_officer", "region_moderator", "nation_officer"])
@pytest.mark.parametrize("role", ["moderator", "officer"])
def test_a_higher_rung_staffs_the_lower_ones(world, visit, giver, role):
    give(visit(getattr(world, giver)), role=role, territory=KENTAU)
    assert grants("aigerim@test.example") == {(role, KENTAU)}


@pytest.mark.parametrize(
    ("giver", "role", "territory", "sentence"),
    [
        ("region_officer", "officer", REGION, "A role is given and ended by a higher rung"),
        ("region_officer", "officer", ALMATY, "A role is given and ended by a higher rung"),
        ("region_officer", "officer", NATION, "A role is given and ended by a higher rung"),
        ("region_officer", "analyst", KENTAU, "A role is given and ended by a higher rung"),
        ("region_officer", "operator", KENTAU, "A role is given and ended by a higher rung"),
        ("nation_officer", "operator", REGION, "A role is given and ended by a higher rung"),
        ("officer", "moderator", TURKISTAN, "A role is given and ended by a higher rung"),
        ("officer", "officer", KENTAU, "A role is given and ended by a higher rung"),
        ("almaty_moderator", "officer", KENTAU, "A role is given and ended by a higher rung"),
    ],
)
def test_nobody_gives_beyond_what_is_below_them(world, visit, giver, role, territory, sentence):
    before = len(facts("grant:given"))
    assert sentence in give(visit(getattr(world, giver)), 403, role=role, territory=territory).text
    assert grants("aigerim@test.example") == set()
    assert len(facts("grant:given")) == before


def test_who_may_give_no_role_learns_of_nobody_whether_they_have_an_account(world, visit):
    with unit_of_work():
        add_user("akim@test.example", MONDAY).email_confirmed_at = None
    for giver in ("officer", "moderator", "region_officer"):
        browser, answers = visit(getattr(world, giver)), set()
        for email in ("bolat@test.example", "nobody@test.example", "akim@test.example"):
            answer = give(browser, 403, email=email, role="officer", territory=ALMATY)
            answers.add(answer.text.replace(email, "-"))
        assert len(answers) == 1


def test_the_list_shows_addresses_only_to_those_who_stand_above(world, visit):
    with unit_of_work():
        give_role(locked(User, world.aigerim.id), "officer", by_kato(KENTAU), MONDAY)
    page = visit(world.region_officer).get("/staff")
    assert "aigerim@test.example" in page.text and "Айгерім" in page.text
    assert "region_moderator@test.example" not in page.html and "region_officer@" not in page.html
    assert "@test.example" not in visit(world.officer)._send("GET", "/staff").html


def test_nobody_gives_themselves_a_role(world, operator, visit):
    for person in (world.region_officer, operator):
        answer = give(visit(person), 403, email=person.email.upper(), territory=KENTAU)
        assert "Nobody gives themselves a role" in answer.text
    assert grants(operator.email) == {("operator", NATION)}


@pytest.mark.parametrize("name", ["aigerim", "newcomer", "member"])
def test_who_has_no_role_gives_none(world, visit, name):
    browser = visit(getattr(world, name))
    assert "Roles are given by operators" in browser.get("/staff", 403).text
    browser.post("/staff/grants", 403, email="bolat@test.example", role="moderator", territory=KENTAU)
    assert grants("bolat@test.example") == set()


def test_a_stranger_is_led_to_the_door(visit):
    assert visit().get("/staff", 303).location.startswith("/sign-in")
    visit().get("/staff/1/ending", 303)
    visit().post("/staff/grants", 401, email="bolat@test.example", role="moderator", territory=KENTAU)
    assert grants("bolat@test.example") == set()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "nobody@test.example"}, "Nobody has signed up with this e-mail."),
        ({"email": ""}, "Write the e-mail of the person."),
        ({"role": "king"}, "Choose a role from the list."),
        ({"role": ""}, "Choose a role from the list."),
        ({"territory": ""}, "Choose a territory."),
        ({"territory": "999999999"}, "Choose a territory."),
        ({"until": "2026-11-23"}, "Choose a day after today"),
        ({"until": "2020-01-01"}, "Choose a day after today"),
        ({"until": "soon"}, "Write the date as year-month-day"),
    ],
)
def test_a_slip_is_said_and_what_was_typed_stays(operator, visit, typed, sentence):
    values = {"email": "aigerim@test.example", "role": "moderator", "territory": KENTAU} | typed
    answer = give(visit(operator), 422, **values)
    assert sentence in answer.text
    assert answer.form("/staff/grants")["email"] == values["email"]
    assert grants("aigerim@test.example") == set()


def test_who_has_not_confirmed_the_address_gets_no_role(operator, visit):
    with unit_of_work():
        add_user("akim@test.example", MONDAY).email_confirmed_at = None
    assert "has not confirmed the e-mail yet" in give(visit(operator), 422, email="akim@test.example").text
    assert grants("akim@test.example") == set()


def test_a_role_is_given_once(operator, visit):
    browser, before = visit(operator), len(facts("grant:given"))
    give(browser)
    assert "has this role there already" in give(browser, 409).text
    assert len(facts("grant:given")) == before + 1


# --- ending


def test_a_role_is_ended_after_a_question_and_the_desk_closes_with_the_next_request(world, visit):
    moderator, above = visit(world.moderator), visit(world.region_officer)
    moderator.get("/desk")
    key = grant_of("moderator@test.example", "moderator")
    page = above.get(f"/staff/{key}/ending")
    assert "Ерлан Қ." in page.text and "It ends at once" in page.text
    assert grants("moderator@test.example") == {("moderator", TURKISTAN)}  # asking ends nothing
    above.submit(page, f"/staff/{key}/ending")
    assert moderator.get("/desk", 303).location.startswith("/sign-in")  # signed out with it
    visit(world.moderator).get("/desk", 403)
    fact = facts("grant:ended")[-1]
    assert fact.public and fact.actor_id == world.region_officer.id
    assert (fact.subject_id, fact.facts["role"], fact.facts["by"]) == (key, "moderator", "hand")
    assert "Ерлан Қ." not in visit().get(f"/territories/{TURKISTAN}").text
    above.submit(page, f"/staff/{key}/ending", 409)  # from another tab
    assert len(facts("grant:ended")) == 1
    assert above.get(f"/staff/{key}/ending", 303).location == "/staff"


@pytest.mark.parametrize("name", ["aigerim", "officer", "almaty_moderator", "moderator"])
def test_others_cannot_end_a_role(world, visit, name):
    browser = visit(getattr(world, name))
    key = grant_of("moderator@test.example", "moderator")
    browser.get(f"/staff/{key}/ending", 403)
    browser.post(f"/staff/{key}/ending", 403)
    assert grants("moderator@test.example") == {("moderator", TURKISTAN)}


def test_nobody_ends_their_own_so_an_operator_is_left(operator, visit):
    browser = visit(operator)
    key = grant_of(operator.email, "operator")
    assert "Nobody gives themselves a role or takes it away" in browser.get(f"/staff/{key}/ending", 403).text
    browser.post(f"/staff/{key}/ending", 403)
    assert grants(operator.email) == {("operator", NATION)}


def test_a_grant_that_is_not_there(operator, visit):
    for key in (99999, 2**40):
        visit(operator).get(f"/staff/{key}/ending", 404)
        visit(operator).post(f"/staff/{key}/ending", 404)


def test_a_grant_ends_by_itself_after_its_last_day(world, operator, visit, clock):
    give(visit(operator), until="2026-11-30")
    assert datetime.fromisoformat(facts("grant:given")[-1].facts["until"]) == datetime(2026, 11, 30, 19, tzinfo=UTC)
    assert "until 30 November 2026" in visit().get(f"/territories/{KENTAU}").text
    last = MONDAY + timedelta(days=7, hours=13, minutes=59)  # 23:59 in Kazakhstan
    clock(last)
    person = visit(world.aigerim)
    person.get("/desk")
    jobs.run(last)
    assert facts("grant:ended") == []
    clock(last + timedelta(minutes=1))
    person.get("/desk", 403)  # before the worker has noted the end
    assert "Айгерім" not in visit().get(f"/territories/{KENTAU}").text
    for _pass in range(2):
        jobs.run(last + timedelta(minutes=2))
    (fact,) = facts("grant:ended")
    assert (fact.facts["by"], fact.actor_id, fact.public) == ("date", None, True)


# --- the list


def test_the_list_shows_what_is_below_and_filters(world, operator, visit):
    everything = visit(operator).get("/staff").text
    assert "moderator@test.example" in everything and "almaty_moderator@test.example" in everything
    region = visit(world.region_officer).get("/staff").text
    assert "moderator@test.example" in region and "almaty_moderator@test.example" not in region
    assert "nation_officer@test.example" not in region
    narrowed = visit(operator).get(f"/staff?place={ALMATY}").text
    assert "almaty_moderator@test.example" in narrowed and "officer@test.example" not in narrowed
    assert "Nobody has a role here" in visit(world.region_officer).get(f"/staff?place={ALMATY}").text
    for nonsense in ("'", "1" * 40, "%25"):
        visit(operator).get(f"/staff?place={nonsense}")


def test_only_what_may_be_given_is_offered(world, visit):
    page = visit(world.region_officer).get("/staff")
    values = {option.get("value") for option in page.find("option")}
    assert KENTAU in values and ALMATY not in values and REGION not in values
    assert {field.get("value") for field in page.find("input", name="role")} == {"moderator", "officer"}


def test_the_pages_cost_little(world, operator, visit):
    seen = []
    browser = visit(operator)
    key = grant_of("moderator@test.example", "moderator")
    browser.get("/staff")

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    addresses = ("/staff", f"/staff?place={KENTAU}", f"/staff/{key}/ending", "/second-step", f"/territories/{KENTAU}")
    try:
        for address in (*addresses, "/how-it-works", "/confirm-it-is-you"):
            seen.clear()
            browser.get(address)
            assert 0 < len(seen) <= 12, (address, seen)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_pages_can_be_read_in_three_languages(operator, visit, lang):
    browser = visit(operator, lang)
    key = grant_of("moderator@test.example", "moderator")
    for address in ("/staff", f"/staff/{key}/ending", "/second-step", "/confirm-it-is-you", "/how-it-works"):
        browser.get(address)


# --- it is you


def test_an_old_password_is_asked_again_and_nothing_typed_is_lost(operator, visit, clock):
    browser = visit(operator)
    page = browser.get("/staff")
    clock(MONDAY + timedelta(minutes=11))
    typed = {"email": "aigerim@test.example", "role": "officer", "territory": KENTAU, "until": "2026-12-31"}
    asked = browser.submit(page, "/staff/grants", 403, **typed)
    assert "Confirm that it is you" in asked.text
    kept = asked.form("/confirm-it-is-you")
    assert typed.items() <= kept.items()
    assert grants("aigerim@test.example") == set()
    wrong = browser.submit(asked, "/confirm-it-is-you", 422, password="not my password")
    assert "This is not the password of your account." in wrong.text
    assert typed.items() <= wrong.form("/confirm-it-is-you").items()
    again = browser.submit(wrong, "/confirm-it-is-you", 307, password=PASSWORD)
    assert urlsplit(again.location).path == "/staff/grants"
    sent_again = {name: value for name, value in kept.items() if name not in {"back", "resend"}}
    done = browser._send(
        "POST", "/staff/grants", data=sent_again | {"password": PASSWORD}
    )  # as a browser does after 307
    assert done.status == 303
    assert grants("aigerim@test.example") == {("officer", KENTAU)}


def test_ending_needs_a_fresh_password_too(operator, visit, clock):
    browser = visit(operator)
    key = grant_of("moderator@test.example", "moderator")
    page = browser.get(f"/staff/{key}/ending")
    clock(MONDAY + timedelta(minutes=10))
    asked = browser.submit(page, f"/staff/{key}/ending", 403)
    assert asked.form("/confirm-it-is-you")["back"] == f"/staff/{key}/ending"
    assert grants("moderator@test.example") == {("moderator", TURKISTAN)}
    browser.submit(asked, "/confirm-it-is-you", 307, password=PASSWORD)
    browser.submit(page, f"/staff/{key}/ending")
    assert grants("moderator@test.example") == set()


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "\\\\evil", "javascript:alert(1)"])
def test_confirming_leads_to_this_site_only(operator, visit, back):
    browser = visit(operator)
    page = browser.get("/confirm-it-is-you")
    assert browser.submit(page, "/confirm-it-is-you", 303, password=PASSWORD, back=back).location == "/"


def test_confirming_leads_back_to_a_page(operator, visit):
    browser = visit(operator)
    page = browser.get("/confirm-it-is-you?next=/staff?place=611000000")
    assert browser.submit(page, "/confirm-it-is-you", password=PASSWORD).location == "/staff?place=611000000"
    visit().get("/confirm-it-is-you", 303)


# --- nobody decides on their own


def own_proposals(world, role):
    """One that the staff member wrote, and one of an organisation that they belong to."""
    person = getattr(world, role)
    organisation = db.session.scalars(select(Organisation)).one()
    db.session.add(Membership(organisation_id=organisation.id, user_id=person.id, role="representative"))
    written, theirs = propose(person, MONDAY, title="Өзім жазған ұсыныс"), propose(world.member, MONDAY)
    theirs.organisation_id = organisation.id
    db.session.flush()
    return person, (written, theirs)


TRIAGE = {
    "publish": lambda who, p: moderation.publish(who, p, MONDAY, "safety"),
    "ask": lambda who, p: moderation.ask(who, p, "Қай мектеп?", MONDAY),
    "reject": lambda who, p: moderation.reject(who, p, "unclear", MONDAY),
    "forward": lambda who, p: moderation.forward(who, p, by_kato(ALMATY), MONDAY),
    "merge": lambda who, p: moderation.merge(who, p, p, MONDAY),
}


@pytest.mark.parametrize("act", TRIAGE)
def test_no_moderator_decides_on_their_own(world, act):
    with unit_of_work():
        moderator, proposals = own_proposals(world, "moderator")
        for proposal in proposals:
            with pytest.raises(NotAllowed, match="Nobody decides on their own proposal"):
                TRIAGE[act](moderator, proposal)
            assert proposal.stage == "submitted"


@pytest.mark.parametrize("decision", list(Decision))
def test_no_officer_answers_their_own(world, decision):
    text = ("Бұл ұсыныс қаралды, жоғарыға беріледі.", "Предложение рассмотрено и передаётся выше.")
    with unit_of_work():
        officer, proposals = own_proposals(world, "officer")
        for number, proposal in enumerate(proposals):
            moderation.publish(world.moderator, proposal, MONDAY, "safety")
            supported(proposal, 20, TURKISTAN, MONDAY, name=f"crowd{number}x")
            assert proposal.stage == "review"
            with pytest.raises(NotAllowed, match="Nobody decides on their own proposal"):
                decide(officer, proposal, Reply(decision, *text, "А", "Б", "none", None), MONDAY)
            assert proposal.stage == "review"
            with pytest.raises(NotAllowed, match="Nobody decides on their own proposal"):
                report_done(officer, Milestone(proposal=proposal), Evidence("Орындалды.", "Выполнено."), MONDAY)


# --- the table in words


def test_every_permission_and_every_condition_has_its_sentence(visit):
    assert set(POLICY) == set(Permission) == set(act_sentences())
    conditions = {predicate.__name__ for row in POLICY.values() for predicate in row}
    assert conditions == set(condition_sentences())
    page = visit().get("/how-it-works").text
    for sentence in (*act_sentences().values(), *condition_sentences().values()):
        assert sentence in page


def test_every_predicate_that_exists_is_asked_somewhere():
    written = {
        name
        for module in (predicates, staff_predicates, strategy_predicates)
        for name, thing in vars(module).items()
        if callable(thing) and getattr(thing, "__module__", "") == module.__name__ and not name.startswith("_")
    }
    assert written - {"Reason", "held_by", "has_role", "answers_for"} == set(condition_sentences())


# --- commands


def test_the_console_gives_until_a_day_and_ends(app, world, clock, visit):
    answer = run(app, "grant", "aigerim@test.example", "officer", KENTAU, "--until", "2026-12-31")
    assert answer.out == "aigerim@test.example is officer in Kentau city until 2026-12-31.\n"
    said = refused(app, "grant", "aigerim@test.example", "officer", KENTAU, "--until", "2027-01-31")
    assert "has this role there already" in said
    answer = run(app, "end-grant", "Aigerim@test.example", "officer", KENTAU)
    assert answer.out == "Aigerim@test.example is no longer officer in Kentau city.\n"
    assert facts("grant:ended")[-1].actor_id is None
    visit(world.aigerim).get("/desk", 403)
    assert "is not officer" in refused(app, "end-grant", "aigerim@test.example", "officer", KENTAU)


def test_the_console_waits_for_a_confirmed_address_too(app, world):
    with unit_of_work():
        add_user("akim@test.example", MONDAY).email_confirmed_at = None
    assert "has not confirmed the e-mail yet" in refused(app, "grant", "akim@test.example", "officer", KENTAU)


# --- required second step


def test_where_the_second_step_is_required_nothing_of_staff_opens_without_it(app, world, visit):
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
        open_key = published(world, MONDAY).id
    app.config["STAFF_TOTP_REQUIRED"] = True
    moderator, region, officer = visit(world.moderator), visit(world.region_officer), visit(world.officer)
    for browser, address in (
        (moderator, "/desk"),
        (moderator, f"/desk/{key}"),
        (officer, "/desk"),
        (region, "/staff"),
    ):
        page = browser.get(address, 403)
        assert "Staff who act for a body sign in with a second step." in page.text
        assert [
            link for link in page.find("a", href="/second-step") if "Set up the second step" in "".join(link.itertext())
        ]
    moderator.get(f"/proposals/{key}", 404)  # what is not public yet is closed too
    moderator.post(f"/desk/{key}/publication", 403, sphere="safety")
    region.post("/staff/grants", 403, email="aigerim@test.example", role="officer", territory=KENTAU)
    assert grants("aigerim@test.example") == set()
    rollback()
    assert db.session.get(Proposal, key).stage == "submitted"
    with unit_of_work():
        with pytest.raises(NotAllowed, match="second step"):
            appoint(world.region_officer, "aigerim@test.example", "officer", by_kato(KENTAU), None, MONDAY)
        proposal = locked(Proposal, open_key)
        supported(proposal, 20, TURKISTAN, MONDAY)
        with pytest.raises(NotAllowed, match="second step"):
            decide(world.officer, proposal, Reply(Decision.DECLINE, "А" * 40, "Б" * 40, "", "", "", None), MONDAY)
    resident = visit(world.aigerim)
    resident.get("/my")
    resident.get("/desk", 403)
    assert "second step" not in resident.get("/desk", 403).text
    assert moderator.get("/").find("a", href="/desk")  # the way is shown: it leads to setting it up
