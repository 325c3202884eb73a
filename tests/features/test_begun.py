"""What was begun before a door: it is done for its own person, behind its own door, and for everybody else only offered."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from tests.conftest import MONDAY
from tests.factories import PASSWORD, TEXT, add_user, published
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.notifications.models import Follow
from webapp.people.models import Organisation, SignIn, User
from webapp.people.sign_ins import end_all
from webapp.people.waiting_forms import WaitingForm
from webapp.proposals.models import Draft, Proposal
from webapp.voting.models import OrganisationVote, PendingVote, Vote
from webapp.voting.services import recount

both_databases = ("waits_for_its_account", "names_the_organisation")
MINUTE = timedelta(minutes=1)
TITLE = "Саябаққа орындықтар керек"
SCRIPT = {"HX-Request": "true", "HX-Target": "vote-panel"}


@pytest.fixture
def key(world):
    with unit_of_work():
        return published(world, MONDAY - timedelta(days=1)).id


def finish_draft(browser, title=TITLE):
    """A text that lacks nothing; its token."""
    token = browser.submit(browser.get("/proposals/new"), "/proposals/new", title=title, lang="kk").location.split("/")[
        2
    ]
    browser.submit(browser.get(f"/drafts/{token}/place"), f"/drafts/{token}/place", origin="611000000")
    browser.submit(browser.get(f"/drafts/{token}/text"), f"/drafts/{token}/text", text=TEXT)
    return token


def send(browser, token, **more):
    return browser.submit(browser.get(f"/drafts/{token}/check"), f"/drafts/{token}/submission", **more)


def vote(browser, key, script=False, status=None, **fields):
    """With or without the script; where it leads."""
    fields = {"choice": "oppose"} | fields
    page = browser.get(f"/proposals/{key}")
    headers = SCRIPT if script else None
    answer = browser.post(f"/proposals/{key}/vote", status or (200 if script else 303), page, headers, **fields)
    return answer.response.headers.get("HX-Redirect") or answer.location


def come_in(browser, person, door="/sign-in", status=303):
    return browser.submit(browser.get(door), "/sign-in", status, email=person.email, password=PASSWORD)


def sent():
    rollback()
    return db.session.scalars(select(Proposal).where(Proposal.written_title == TITLE)).all()


def votes(kind=Vote):
    rollback()
    return {(row.voter_id, row.choice) for row in db.session.scalars(select(kind))}


def buttons(page, end):
    return [form.get("action") for form in page.find("form") if form.get("action").endswith(end)]


def over(person):
    """Every sign-in of a person ends, on another device."""
    with unit_of_work():
        end_all(person.id, MONDAY)


@pytest.mark.parametrize("script", [False, True])
def test_the_next_person_at_the_device_is_asked_and_nothing_is_done(world, visit, key, script):
    browser = visit()
    token = finish_draft(browser)
    door = send(browser, token)
    assert TITLE in browser.follow(door).text and "Your text is kept" in browser.follow(door).text
    assert "Your vote is kept" in browser.get(vote(browser, key, script)).text
    answer = come_in(browser, world.bolat, "/sign-in?next=/")
    assert answer.location == "/kept?next=/"
    assert sent() == [] and votes() == set()
    page = browser.follow(answer)
    assert "Is this yours?" in page.text and TITLE in page.text and "A vote against" in page.text
    assert TITLE not in browser.get("/my").text
    for action in buttons(page, "/discarding"):
        browser.submit(page, action)
    assert browser.get("/kept", 303).location == "/my"
    assert sent() == [] and votes() == set()
    assert db.session.scalar(select(Draft.author_id).where(Draft.token == token)) is None


def test_whose_it_is_sends_it_by_a_button_and_a_second_click_changes_nothing(world, visit, key):
    browser = visit()
    finish_draft_and_send = send(browser, finish_draft(browser))
    assert finish_draft_and_send.location.startswith("/sign-in?next=/drafts/")
    vote(browser, key)
    page = browser.follow(come_in(browser, world.bolat, "/sign-in?next=/"))
    text, ballot = buttons(page, "/sending")
    assert browser.submit(page, ballot).location.startswith("/kept")
    assert votes() == {(world.bolat.id, -1)}
    done = browser.submit(page, text)
    assert done.location == f"/proposals/{sent()[0].id}/talon"
    assert browser.submit(page, text).status == browser.submit(page, ballot).status == 303
    assert len(sent()) == 1 and sent()[0].author_id == world.bolat.id


def test_at_its_own_door_within_minutes_it_completes_itself(world, visit, key, clock):
    browser = visit()
    door = send(browser, finish_draft(browser)).location
    clock(MONDAY + 14 * MINUTE)
    assert come_in(browser, world.bolat, door).location == f"/proposals/{sent()[0].id}/talon"
    other = visit()
    door = vote(other, key)
    clock(MONDAY + 20 * MINUTE)
    assert come_in(other, world.bolat, door).location == f"/proposals/{key}"
    assert votes() == {(world.bolat.id, -1)}


def test_an_old_act_is_asked_about_even_at_its_own_door(world, visit, key, clock):
    browser = visit()
    door = vote(browser, key)
    clock(MONDAY + 16 * MINUTE)
    assert "Your vote is kept" not in browser.get(door).text
    assert come_in(browser, world.bolat, door).location == f"/kept?next=/proposals/{key}"
    assert votes() == set()


def test_what_is_a_day_old_is_offered_to_nobody(world, visit, key, clock):
    browser = visit()
    vote(browser, key)
    clock(MONDAY + timedelta(days=1, minutes=1))
    assert come_in(browser, world.bolat, "/sign-in?next=/my").location == "/my"


def test_signing_out_leaves_nothing_behind(world, visit, key):
    browser = visit()
    vote(browser, key)
    send(browser, finish_draft(browser))
    page = browser.follow(come_in(browser, world.aigerim, "/sign-in?next=/my"))
    assert len(buttons(page, "/sending")) == 2
    browser.submit(page, "/sign-out")
    assert come_in(browser, world.bolat, "/sign-in?next=/my").location == "/my"
    assert votes() == set() and sent() == []


def test_who_signs_up_at_the_door_of_another_is_asked_too(world, visit, key):
    from tests.features.test_entrance import FORM, code_of

    browser = visit()
    vote(browser, key)
    browser.submit(browser.get("/sign-up?next=/"), "/sign-up", **(FORM | {"password": "жеті бұтақты терек"}))
    page = browser.get("/confirm?next=/")
    answer = browser.submit(page, "/confirm", code=code_of())
    assert answer.location == "/kept?next=/" and votes(PendingVote) == set()
    page = browser.follow(answer)
    (mine,) = buttons(page, "/sending")
    browser.submit(page, mine)
    assert [choice for _voter, choice in votes(PendingVote)] == [-1] and votes() == set()


def test_a_vote_after_the_end_of_a_sign_in_is_for_that_account_alone(world, visit, key):
    browser = visit(world.aigerim)
    page = browser.get(f"/proposals/{key}")
    over(world.aigerim)
    door = browser.post(f"/proposals/{key}/vote", 303, page, choice="oppose").location
    assert come_in(browser, world.bolat, door).location == f"/proposals/{key}"  # at that very door, at once
    assert browser.get("/kept", 303).location == "/my" and votes() == set()
    over(world.bolat)
    assert come_in(browser, world.aigerim, door).location == f"/proposals/{key}"
    assert votes() == {(world.aigerim.id, -1)}


# --- as whom


def organisation():
    return db.session.scalars(select(Organisation.id).where(Organisation.name == "Сырдария сервис")).one()


NUMBERS = ["own", "foreign", "unknown", "damaged", "empty"]


def number_of(world, kind):
    if kind == "foreign":
        with unit_of_work():
            home = world.member.home_id
            other = Organisation(bin="240660007770", kind="business", name="Басқа", home_id=home, verified_at=MONDAY)
            db.session.add(other)
            db.session.flush()
            return str(other.id)
    return {"own": str(organisation()), "unknown": "999999", "damaged": "1x", "empty": ""}[kind]


def reset(world, key):
    """The member and the organisation have both opposed."""
    member = world.member
    mine = {"proposal_id": key, "choice": -1, "home_id": member.home_id, "at": MONDAY}
    with unit_of_work():
        for kind in (Vote, OrganisationVote, PendingVote):
            db.session.execute(delete(kind))
        db.session.add(Vote(voter_id=member.id, **mine))
        db.session.add(OrganisationVote(voter_id=organisation(), member_id=member.id, **mine))
        db.session.flush()
        recount(MONDAY, [key])


@pytest.mark.parametrize("state", ["signed in", "over", "stranger"])
def test_matrix_of_voters(world, visit, key, state):
    """Whatever number a form names, and however the sign-in stands: the person's own vote never moves."""
    foreign = number_of(world, "foreign")
    script = False
    for act in ("vote", "vote/withdrawal"):
        for kind in NUMBERS:
            script = not script
            reset(world, key)
            number = foreign if kind == "foreign" else number_of(world, kind)
            try_one(world, visit, key, state, kind, act, number, SCRIPT if script else {})


def try_one(world, visit, key, state, kind, act, number, headers):
    member, case = world.member, (state, kind, act)
    browser = visit() if state == "stranger" else visit(member)
    page = browser.get(f"/proposals/{key}")
    if state == "over":
        over(member)
    fields = {"organisation": number} | ({"choice": "support"} if act == "vote" else {})
    token = page.find("input", name="csrf_token")[0].get("value")
    answer = browser._send("POST", f"/proposals/{key}/{act}", data={"csrf_token": token, **fields}, headers=headers)
    if kind not in ("own", "foreign"):
        assert answer.status == 422 and "You do not represent this organisation" in answer.text, case
    elif state == "signed in":
        assert answer.status == (303 if kind == "own" else 403), case
    else:
        to = answer.response.headers.get("HX-Redirect") or answer.location
        assert to == f"/sign-in?next=/proposals/{key}", case
        come_in(browser, member, to)
    assert votes() == {(member.id, -1)} and votes(PendingVote) == set(), case
    is_cast = kind == "own" and (state == "signed in" or act == "vote")
    wanted = {(organisation(), 1)} if act == "vote" else set()
    assert votes(OrganisationVote) == (wanted if is_cast else {(organisation(), -1)}), case


def test_the_door_names_the_organisation_and_says_why_not(world, visit, key):
    number = number_of(world, "own")
    browser = visit()
    door = vote(browser, key, choice="support", organisation=number)
    assert "the support of Сырдария сервис" in browser.get(door).text
    page = browser.follow(come_in(browser, world.aigerim, door))  # who does not speak for it
    assert "You do not represent this organisation" in page.text
    assert votes() == votes(OrganisationVote) == set()


@pytest.mark.parametrize("kind", ["own", "foreign", "unknown", "damaged"])
def test_a_text_for_an_organisation_is_never_sent_as_the_person(world, visit, kind):
    number = number_of(world, kind)
    browser = visit()
    token = finish_draft(browser)
    door = send(browser, token, status=303 if kind in ("own", "foreign") else 422, organisation=number)
    if kind in ("own", "foreign"):
        come_in(browser, world.member, door.location)
    assert [row.organisation_id for row in sent()] == ([int(number)] if kind == "own" else [])


def test_a_text_of_an_account_whose_sign_in_is_over_goes_through_the_door(world, visit):
    browser = visit(world.member)
    token = finish_draft(browser)
    page = browser.get(f"/drafts/{token}/check")
    over(world.member)
    door = browser.submit(page, f"/drafts/{token}/submission", 401, organisation=str(organisation()))
    assert sent() == []
    assert "Is this yours?" not in come_in(visit(), world.bolat).text
    kept = browser.submit(door, "/sign-in", 200, email=world.member.email, password=PASSWORD)
    browser.submit(kept, f"/drafts/{token}/submission")
    assert [row.organisation_id for row in sent()] == [organisation()]


def test_who_speaks_for_it_no_more_sends_nothing_and_keeps_the_text(world, visit):
    from webapp.people.models import Membership

    with unit_of_work():
        late = add_user("late@test.example", MONDAY, home="611000000")
        late.email_confirmed_at = None
        late_id = late.id
        db.session.add(Membership(organisation_id=organisation(), user_id=late_id, role="representative"))
    browser = visit(db.session.get(User, late_id))
    token = finish_draft(browser)
    send(browser, token, organisation=str(organisation()))
    with unit_of_work():
        db.session.query(Membership).filter_by(user_id=late_id).delete()
        db.session.get(User, late_id).email_confirmed_at = MONDAY
    rollback()
    from webapp.proposals.waiting import complete_submissions

    with unit_of_work():
        assert complete_submissions(db.session.get(User, late_id), MONDAY) == []
    assert sent() == [] and db.session.scalar(select(Draft.text).where(Draft.token == token)) == TEXT


# --- a form that is sent after the end


TYPED = {"email": "bolat@test.example", "role": "moderator", "note": "Бірінші жол\nекінші жол"}


def waiting():
    rollback()
    return [(row.user_id, row.path) for row in db.session.scalars(select(WaitingForm))]


def test_a_form_after_the_end_waits_for_its_account_and_for_nobody_else(world, visit):
    person, other = world.region_moderator, world.bolat
    browser = visit(person)
    page = browser.get("/staff")
    over(person)
    door = browser.submit(page, "/staff/grants", 401, **TYPED, password="secret words")
    assert "екінші жол" in door.html and "secret words" not in door.html  # shown to whoever sent it just now
    assert waiting() == [(person.id, "/staff/grants")]
    inside = come_in(browser, other)
    assert inside.location == "/"
    for address in ("/", "/my", "/sign-in"):
        assert "екінші жол" not in browser._send("GET", address).html
    assert browser.get("/kept", 303).location == "/my"
    browser.submit(browser.get("/my"), "/sign-out")
    back = come_in(visit(), person, status=200)  # on any device
    assert "екінші жол" in back.html and waiting()


def test_it_is_gone_when_it_was_sent_and_stays_when_it_was_refused(world, visit):
    person = world.region_moderator
    browser = visit(person)
    page = browser.get("/staff")
    over(person)
    browser.submit(page, "/staff/grants", 401, **(TYPED | {"territory": "611000000", "until": "gone"}))
    back = come_in(browser, person, status=200)
    browser.submit(back, "/staff/grants", 422)
    assert waiting()
    again = browser.get("/kept")
    browser.submit(again, "/staff/grants", until="")
    assert waiting() == []


def test_it_is_thrown_away_by_its_own_account_alone(world, visit):
    person = world.region_moderator
    browser = visit(person)
    page = browser.get("/staff")
    over(person)
    browser.submit(page, "/staff/grants", 401, **TYPED)
    rollback()
    (name,) = db.session.scalars(select(WaitingForm.name))
    visit(world.bolat).post(f"/kept/forms/{name}/discarding")
    assert waiting()
    back = come_in(browser, person, status=200)
    browser.submit(back, f"/kept/forms/{name}/discarding")
    assert waiting() == []


def test_a_draft_that_is_begun_on_a_page_of_a_past_sign_in_is_for_that_account(world, visit):
    browser = visit(world.aigerim)
    page = browser.get("/proposals/new")
    browser.submit(page, "/sign-out")
    browser.headers = {"Sec-Fetch-Site": "same-origin"}
    again = browser.submit(page, "/proposals/new", 400, title=TITLE, lang="kk")
    browser.submit(again, "/proposals/new")
    assert come_in(browser, world.bolat, "/sign-in?next=/my").location == "/my"
    over(world.bolat)
    assert come_in(browser, world.aigerim, "/sign-in?next=/my").location == "/kept?next=/my"


@pytest.mark.parametrize("who", ["nobody", "another"])
def test_a_page_that_is_still_open_belongs_to_whom_it_was_made_for(world, visit, who):
    """The first has signed out in another tab; the form on the old page is sent by whoever is there now."""
    browser = visit(world.region_moderator)
    page = browser.get("/staff")
    browser.submit(page, "/sign-out")
    if who == "another":
        come_in(browser, world.moderator)
    browser.headers = {"Sec-Fetch-Site": "same-origin"}
    answer = browser.submit(page, "/staff/grants", 400 if who == "nobody" else 409, **TYPED)
    assert "екінші жол" in answer.html
    if who == "nobody":
        answer = browser.submit(answer, "/staff/grants", 401)
    assert not [form for form in answer.find("form") if form.get("action") == "/staff/grants"]
    assert waiting() == [(world.region_moderator.id, "/staff/grants")]
    assert "екінші жол" in come_in(visit(), world.region_moderator, status=200).html


def test_an_act_without_words_is_offered_to_its_own_account_only(world, visit, key):
    """To follow something: there is nothing to keep in the database, and still it is the act of one person."""
    for person, status in ((world.bolat, 303), (world.aigerim, 200)):
        browser = visit(world.aigerim)
        page = browser.get(f"/proposals/{key}")
        over(world.aigerim)
        door = browser.submit(page, f"/proposals/{key}/following", 401)
        inside = browser.submit(door, "/sign-in", status, email=person.email, password=PASSWORD)
        if status == 200:
            browser.submit(inside, f"/proposals/{key}/following")
    rollback()
    assert list(db.session.scalars(select(Follow.person_id).where(Follow.kind == "proposal"))) == [world.aigerim.id]


def test_ones_own_page_leads_to_what_waits(world, visit, key):
    browser = visit()
    vote(browser, key)
    come_in(browser, world.bolat, "/sign-in?next=/my")
    assert browser.get("/my").find("a", href="/kept")
    browser.get("/kept")
    assert not visit(world.bolat).get("/my").find("a", href="/kept")


def test_no_number_of_a_person_waits_in_the_database(world, visit):
    from tests.factories import NEWCOMERS_IIN

    browser = visit(world.moderator)
    browser.get("/desk")
    over(world.moderator)
    browser.post("/desk/residents", 401, iin=NEWCOMERS_IIN, bin=NEWCOMERS_IIN, home="611000000", note="сөз")
    rollback()
    (fields,) = db.session.scalars(select(WaitingForm.fields))
    assert NEWCOMERS_IIN not in str(fields) and ["note", "сөз"] in fields


def test_it_goes_after_thirty_days_and_with_the_account(world, visit):
    from webapp.people.waiting_forms import forget_forms

    browser = visit(world.moderator)
    browser.get("/desk")
    over(world.moderator)
    browser.post("/staff/grants", 401, **TYPED)
    assert db.session.scalar(select(SignIn.ended_at).where(SignIn.user_id == world.moderator.id))
    rollback()
    assert forget_forms(MONDAY + timedelta(days=29)) == 0 and waiting()
    assert forget_forms(MONDAY + timedelta(days=31)) == 1 and waiting() == []


def test_what_waited_behind_confirm_it_is_you_goes_where_it_was_sent_first(world, visit, clock):
    person = world.region_moderator
    browser = visit(person)
    page = browser.get("/staff")
    clock(MONDAY + 11 * MINUTE)
    asked = browser.submit(page, "/staff/grants", 403, **TYPED)
    over(person)
    door = browser.submit(asked, "/confirm-it-is-you", 401, password=PASSWORD)
    assert waiting() == [(person.id, "/staff/grants")] and PASSWORD not in door.html
    back = come_in(browser, person, status=200)
    assert back.form("/staff/grants")["note"].replace("\r", "") == TYPED["note"]


def test_a_form_that_waits_is_there_until_it_has_arrived(world, visit, clock):
    person = world.region_moderator
    browser = visit(person)
    page = browser.get("/staff")
    over(person)
    browser.submit(page, "/staff/grants", 401, **(TYPED | {"territory": "611000000"}))
    back = come_in(browser, person, status=200)
    clock(MONDAY + 11 * MINUTE)
    asked = browser.submit(back, "/staff/grants", 403)
    again = browser.submit(asked, "/confirm-it-is-you", 307, password=PASSWORD)
    assert waiting(), "the browser has still to send it there"
    browser.submit(back, again.location)
    assert waiting() == []


def test_an_act_of_just_now_is_offered_before_older_forms(world, visit, key):
    person = world.region_moderator
    browser = visit(person)
    page, other = browser.get("/staff"), browser.get(f"/proposals/{key}")
    over(person)
    browser.submit(page, "/staff/grants", 401, **TYPED)
    door = browser.submit(other, f"/proposals/{key}/following", 401)
    inside = browser.submit(door, "/sign-in", 200, email=person.email, password=PASSWORD)
    browser.submit(inside, f"/proposals/{key}/following")
    rollback()
    assert list(db.session.scalars(select(Follow.person_id).where(Follow.kind == "proposal"))) == [person.id]
    assert browser.get("/my").find("a", href="/kept") and waiting()


def test_a_form_that_waited_and_came_too_late_again_waits_once(world, visit):
    person = world.region_moderator
    browser = visit(person)
    page = browser.get("/staff")
    over(person)
    browser.submit(page, "/staff/grants", 401, **TYPED)
    back = come_in(browser, person, status=200)
    over(person)
    browser.submit(back, "/staff/grants", 401)
    assert waiting() == [(person.id, "/staff/grants")]


def test_a_form_that_waited_and_is_corrected_on_the_page_that_refused_it_waits_no_more(world, visit):
    person = world.region_moderator
    browser = visit(person)
    page = browser.get("/staff")
    over(person)
    browser.submit(page, "/staff/grants", 401, **(TYPED | {"territory": "611000000", "until": "gone"}))
    refused = browser.submit(come_in(browser, person, status=200), "/staff/grants", 422)
    browser.submit(refused, "/staff/grants", until="", note="Басқа сөз", email="kentau@test.example")
    assert waiting(), "other words are another form"
    refused = browser.submit(browser.get("/kept"), "/staff/grants", 422)
    browser.submit(refused, "/staff/grants", until="", note=TYPED["note"])
    assert waiting() == []
