"""One mailbox is one account however it is spelled; mails go where they were checked to go; an address can be changed."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.client import Visitor
from tests.conftest import MONDAY, make_app
from tests.factories import PASSWORD, add_user
from tests.features.console import run
from tests.sink import sink
from webapp.access.services import give_role
from webapp.account.jobs import forget_refused
from webapp.account.services import forget_person
from webapp.kernel.addresses import AddressFault, account_key, address_fault
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.envelope import is_refused_for_good
from webapp.kernel.mail import Message, deliver_due, enqueue, send
from webapp.kernel.refused import RefusedAddress, refused_since
from webapp.kernel.security import limiter
from webapp.people.models import User
from webapp.people.services import begin_reset, by_email, sign_up
from webapp.people.tries import device_for
from webapp.territories.services import nation

both_databases = ("is_marked_and", "are_one_account", "old_one_is_told")
NEW = {"given_name": "Жаңа", "surname": "Адам", "password": "seven violet umbrellas"}
UNICODE, ASCII = "x@тест.kz", "x@xn--e1aybc.kz"


@pytest.fixture(scope="module")
def post_office():
    with sink() as found:
        yield found


@pytest.fixture
def server(post_office):
    post_office.mood, post_office.refusal = "ok", "550 no such mailbox: a word of the server"
    post_office.mails.clear()
    return post_office


@pytest.fixture(scope="module")
def made():
    return {}


@pytest.fixture
def app(made, engine, server, database_url, tmp_path_factory, clock):
    """An application whose mails go to a real server on loopback; one for each database, making them costs most."""
    if engine not in made:
        settings = {"MAIL_BACKEND": "smtp", "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": server.port, "MAIL_TIMEOUT": 2}
        made[engine] = make_app(database_url, tmp_path_factory.mktemp("post"), **settings)
    app = made[engine]
    app.extensions.pop("mail left alone until", None)
    limiter.enabled = False
    with app.app_context():
        yield app
        rollback()
        db.session.remove()
        db.engine.dispose()


def mails(to):
    rollback()
    return list(db.session.scalars(select(Message).where(Message.to == to).order_by(Message.id)))


def code_for(to):
    return re.search(r"\b\d{6}\b", mails(to)[-1].body)[0]


def test_both_spellings_of_a_domain_are_one_account(app, server, world):
    browser = Visitor(app)
    browser.submit(browser.get("/sign-up"), "/sign-up", email=UNICODE, **NEW)
    browser.submit(browser.get("/confirm"), "/confirm", code=code_for(ASCII))
    rollback()
    assert by_email(UNICODE).id == by_email(ASCII).id == by_email(" X@ТЕСТ.KZ\u200b").id
    for spelling in (UNICODE, ASCII, "X@Тест.kz"):
        other = Visitor(app)
        other.submit(other.get("/sign-in"), "/sign-in", email=spelling, password=NEW["password"])
        assert other.get("/my").status == 200
    again = Visitor(app)
    again.submit(again.get("/sign-up"), "/sign-up", email=ASCII, **NEW)
    assert "/sign-in" in mails(ASCII)[-1].body
    deliver_due(MONDAY)
    assert {mail["To"] for mail in server.mails} == {ASCII}
    rollback()
    assert db.session.scalar(select(func.count()).select_from(User).where(User.email.like("x@%"))) == 1


@pytest.mark.parametrize(
    "typed, host",
    [
        ("test7@straße.de", "xn--strae-oqa.de"),
        ("test8@strasse.de", "strasse.de"),
        ("t@faß.example", "xn--fa-hia.example"),
    ],
)
def test_a_mail_goes_to_the_very_domain_that_was_typed(app, server, typed, host):
    with unit_of_work():
        begin_reset("token", typed, "en", MONDAY)
    assert deliver_due(MONDAY) == 1
    assert server.mails[-1]["To"] == f"{typed.split('@')[0]}@{host}"


@pytest.mark.parametrize("door", ["/sign-up", "/forgotten-password"])
def test_an_address_that_our_mails_cannot_reach_is_refused_with_a_sentence(app, door):
    browser = Visitor(app)
    page = browser.submit(browser.get(door), door, 422, email="тест@example.kz", **(NEW if door == "/sign-up" else {}))
    assert "a letter that is not Latin" in page.text and page.form(door)["email"] == "тест@example.kz"
    assert mails("тест@example.kz") == []
    page = browser.submit(browser.get(door), door, 422, email="nobody@", **(NEW if door == "/sign-up" else {}))
    assert "Write an e-mail address like" in page.text


@pytest.mark.parametrize(
    "address, fault",
    [
        ("a@test.example", None),
        ("A.b+c@Test.Example", None),
        (UNICODE, None),
        ("tеst@example.kz", AddressFault.LETTERS),
        ("ｘ@example.kz", AddressFault.LETTERS),
        ("x", AddressFault.SHAPE),
        ("x@localhost", AddressFault.SHAPE),
        (None, AddressFault.SHAPE),
        ("x@" + "a" * 300 + ".kz", AddressFault.SHAPE),
    ],
)
def test_what_can_be_reached(address, fault):
    assert address_fault(address) is fault
    assert account_key(account_key(address)) == account_key(address)


def test_older_rows_with_two_spellings_are_both_found(app, server, world):
    """A row that could not be brought into one spelling is found by the one that it stands under."""
    with unit_of_work():
        old = add_user("old@bolat.kz", MONDAY)
        old.email = UNICODE
        new = add_user(ASCII, MONDAY)
        keys = old.id, new.id
    assert (by_email(UNICODE).id, by_email(ASCII).id) == keys
    with unit_of_work():
        enqueue(UNICODE, "s", "b", "once:1", MONDAY)
        enqueue("тест@xn--e1aybc.kz", "s", "b", "once:2", MONDAY)
    assert deliver_due(MONDAY) == 1 and server.mails[-1]["To"] == ASCII
    assert mails("тест@xn--e1aybc.kz")[0].given_up_at, "not what was checked: it is not sent elsewhere"
    assert refused_since(UNICODE) is None and refused_since("тест@тест.kz") is not None


# --- mails that a server refuses for good


def refuse(app, server, email):
    with unit_of_work():
        send(email, "subject", "body", "test", MONDAY)
        send(email, "subject", "waits too", "test", MONDAY)
    server.mood = "bad"
    assert deliver_due(MONDAY) == 0
    server.mood = "ok"


@pytest.fixture
def owner(app, world):
    with unit_of_work():
        return add_user("bad.box@test.example", MONDAY, given="Айгүл", home="611000000").id


def test_a_refused_address_is_marked_and_nothing_more_goes_there(app, server, owner):
    email = "bad.box@test.example"
    refuse(app, server, email)
    assert [one.given_up_at is not None and one.next_at is None for one in mails(email)] == [True, True]
    assert mails(email)[0].error == "SMTPRecipientsRefused 550" and server.mails == []
    with unit_of_work():
        send(email, "subject", "a notice", "test", MONDAY)
        assert enqueue(email, "subject", "a digest", "digest:1:2026-11-23", MONDAY)
        assert not enqueue(email, "subject", "a digest", "digest:1:2026-11-23", MONDAY), "told once, though not sent"
    assert deliver_due(MONDAY) == 0 and server.mails == []
    with unit_of_work():
        begin_reset("token", email, "en", MONDAY)  # a person asks for it now
        send(email, "subject", "a code", "take-over", MONDAY)
        send(email, "subject", "an invitation", "invitation", MONDAY)
    assert deliver_due(MONDAY) == 3 and server.mails[-1]["To"] == email
    assert refused_since(email) is not None, "that it was taken once proves nothing; that it was read does"


@pytest.mark.parametrize(
    "answer, is_marked",
    [
        ("550 no such mailbox", True),
        ("550 5.1.1 unknown user", True),
        ("551 moved away", True),
        ("553 no such name", True),
        ("554 5.1.1 unknown", True),
        ("556 no mail here", True),
        ("450 later", False),
        ("452 4.2.2 full", False),
        ("552 5.2.2 full", False),
        ("550 5.7.1 your server is on a list", False),
        ("554 5.7.1 relay access denied", False),
        ("530 sign in first", False),
        ("501 syntax", False),
    ],
)
def test_what_counts_as_refused_for_good(app, server, answer, is_marked):
    server.refusal = answer
    with unit_of_work():
        send("bad@test.example", "subject", "body", "test", MONDAY)
    server.mood = "bad"
    assert deliver_due(MONDAY) == 0
    rollback()
    assert (refused_since("bad@test.example") is not None) is is_marked
    assert (mails("bad@test.example")[0].next_at is None) is is_marked
    assert not is_refused_for_good(OSError("x")) and not is_refused_for_good(ValueError("y"))


def test_a_refused_sender_marks_nobody(app, server):
    server.mood = "sender"
    with unit_of_work():
        send("bad@test.example", "subject", "body", "test", MONDAY)
    assert deliver_due(MONDAY) == 0
    rollback()
    assert refused_since("bad@test.example") is None and mails("bad@test.example")[0].next_at is not None


def test_the_owner_of_a_refused_address_is_told_and_can_change_it(app, server, owner, world):
    email = "bad.box@test.example"
    refuse(app, server, email)
    browser = Visitor(app)
    told = browser.follow(browser.submit(browser.get("/sign-in"), "/sign-in", email=email, password=PASSWORD))
    assert "Mails to your address come back" in told.text and told.find("a", href="/my/address")
    assert "mails come back since" in browser.get("/my").text
    page = browser.get("/my/address")
    assert "come back" in page.text and page.form("/my/address")["email"] == email
    asked = browser.submit(page, "/my/address", email="Good.Box@test.example")
    page = browser.follow(asked)
    assert "good.box@test.example" in page.text
    browser.submit(page, "/my/address/confirmation", 422, code="1")
    done = browser.submit(page, "/my/address/confirmation", code=code_for("good.box@test.example"))
    assert "Mails go to good.box@test.example" in browser.follow(done).text
    rollback()
    assert db.session.get(User, owner).email == "good.box@test.example" and refused_since(email) is None
    assert browser.get("/my").status == 200 and "come back" not in browser.get("/my").text


def test_a_refused_address_that_works_again_is_shown_by_a_code(app, server, owner):
    email = "bad.box@test.example"
    refuse(app, server, email)
    browser = Visitor(app)
    browser.sit_down(db.session.get(User, owner))
    page = browser.follow(browser.submit(browser.get("/my/address"), "/my/address"))
    browser.submit(page, "/my/address/confirmation", code=code_for(email))
    rollback()
    assert refused_since(email) is None
    with unit_of_work():
        send(email, "subject", "a notice", "test", MONDAY)
    assert deliver_due(MONDAY) >= 1


def test_operators_see_how_many_are_refused(app, server, owner, world):
    refuse(app, server, "bad.box@test.example")
    with unit_of_work():
        give_role(locked(User, world.bolat.id), "operator", nation(), MONDAY)
        db.session.execute(db.update(User).where(User.id == world.bolat.id).values(second_step_at=MONDAY))
    operator = Visitor(app)
    operator.sit_down(db.session.get(User, world.bolat.id))
    assert "saty_mail_refused_addresses 1.0" in operator._send("GET", "/metrics").html
    page = operator.get("/ops/mail")
    assert "1 address was permanently refused" in page.text and "bad.box" not in page.html
    said = run(app, "refused-addresses")
    assert said.code == 0 and "1  test.example" in said.out and "bad.box" not in said.out


def test_what_is_kept_of_refused_addresses_ends(app, server, owner, world):
    for address in ("bad.box@test.example", "bad@nobody.example"):
        refuse(app, server, address)
    assert forget_refused(MONDAY) == 0
    days = app.config["KEEP_MAIL_DAYS"]
    assert forget_refused(MONDAY.replace(year=2027)) == 1 and days
    with unit_of_work():
        forget_person(locked(User, owner), MONDAY)
    assert db.session.scalar(select(func.count()).select_from(RefusedAddress)) == 0


# --- changing one's address


def change(browser, email, status=303):
    return browser.submit(browser.get("/my/address"), "/my/address", status, email=email)


def test_an_address_is_changed_with_a_code_and_the_old_one_is_told(app, world):
    browser, elsewhere, thief = Visitor(app), Visitor(app), Visitor(app)
    for one in (browser, elsewhere):
        one.sit_down(world.bolat)
    thief.submit(thief.get("/forgotten-password"), "/forgotten-password", email="bolat@test.example")
    old_code = code_for("bolat@test.example")
    page = browser.follow(change(browser, "new@test.example"))
    browser.submit(page, "/my/address/confirmation", code=code_for("new@test.example"))
    rollback()
    assert by_email("bolat@test.example") is None and by_email("new@test.example").id == world.bolat.id
    assert device_for("new@test.example", browser.client.get_cookie("device").value), "the device is known still"
    told = mails("bolat@test.example")[-1]
    assert "new@test.example" not in told.body and world.bolat.given_name in told.body
    assert elsewhere._send("GET", "/my").status == 303, "other devices are signed out"
    token = Visitor(app).get("/sign-up").form("/sign-up")["csrf_token"]
    thief._send("POST", "/new-password", data={"csrf_token": token, "code": old_code, "new_password": NEW["password"]})
    signs_in = Visitor(app)
    signs_in.submit(signs_in.get("/sign-in"), "/sign-in", email="new@test.example", password=PASSWORD)
    assert signs_in.get("/my").status == 200


def test_changing_needs_a_password_that_was_typed_lately_and_keeps_what_was_typed(app, world, clock):
    browser = Visitor(app)
    browser.sit_down(world.bolat)
    page = browser.get("/my/address")
    clock(MONDAY + timedelta(minutes=11))
    asked = browser.submit(page, "/my/address", 403, email="new@test.example")
    assert asked.form("/confirm-it-is-you")["email"] == "new@test.example" and mails("new@test.example") == []


def test_nobody_learns_by_changing_whether_an_address_has_an_account(app, world):
    answers = []
    for address in ("aigerim@test.example", "nobody@test.example"):
        browser = Visitor(app)
        browser.sit_down(world.bolat)
        page = browser.follow(change(browser, address))
        answers.append(page.text.replace(address, "-"))
        browser.submit(page, "/my/address/confirmation", 422, code="000000")
    assert answers[0] == answers[1]
    assert not re.search(r"\b\d{6}\b", mails("aigerim@test.example")[-1].body)
    rollback()
    assert db.session.get(User, world.bolat.id).email == "bolat@test.example"


def test_two_who_want_one_address_get_one_account_and_a_sentence(app, world):
    browser = Visitor(app)
    browser.sit_down(world.bolat)
    page = browser.follow(change(browser, "wanted@test.example"))
    code = code_for("wanted@test.example")
    with unit_of_work():
        sign_up("wanted@test.example", "hash", "А", "Б", "kk", MONDAY)
    answer = browser.submit(page, "/my/address/confirmation", 409, code=code)
    assert "has an account of its own" in answer.text


def test_whoever_reads_a_code_at_a_refused_address_has_shown_that_mails_arrive(app, server, owner):
    email = "bad.box@test.example"
    refuse(app, server, email)
    browser = Visitor(app)
    page = browser.follow(browser.submit(browser.get("/forgotten-password"), "/forgotten-password", email=email))
    browser.submit(page, "/new-password", 422, code="1", new_password=NEW["password"])
    assert refused_since(email) is not None, "a wrong code shows nothing"
    new = {"code": code_for(email), "new_password": NEW["password"]}
    inside = browser.follow(browser.submit(page, "/new-password", **new))
    assert "Your new password is valid" in inside.text and "come back" not in inside.text
    rollback()
    assert refused_since(email) is None
