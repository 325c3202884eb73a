"""Sign-ins on the server: what ends them, how long they last, what one sees of them; and what the doors do not tell."""

import re
import statistics
import time
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, select

from tests.conftest import MONDAY
from tests.factories import PASSWORD, add_user
from tests.features.console import run
from tests.sizes import SOAK
from webapp.access.services import finish_grant, give_role
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.people.models import EmailCode, SignIn, User
from webapp.people.passwords import is_password
from webapp.people.services import by_email
from webapp.people.sign_ins import token_key
from webapp.territories.services import by_kato

#: What the other database could do otherwise: conflicts, locks, dates, order.
both_databases = (
    "change_of_password",
    "given_or_ended",
    "deleted_account",
    "got_lost",
    "sign_of_life",
    "seen_and_ended",
    "old_rows",
    "code_comes_back",
    "five_times",
    "of_two",
    "by_code_ends",
)
NEW = "seven violet umbrellas"
MEMBER = "aigerim@test.example"


def is_inside(browser):
    return browser._send("GET", "/my").status == 200


def cookie_of(browser):
    return browser.client.get_cookie("saty").value


def thief_with(visit, cookie):
    """A browser that has nothing but a copied cookie."""
    thief = visit()
    thief.client.set_cookie("saty", cookie)
    return thief


def account(email=MEMBER):
    rollback()
    return db.session.scalars(select(User).where(User.email == email)).one()


def code_for(email):
    rollback()
    bodies = db.session.scalars(select(Message.body).where(Message.to == email).order_by(Message.id))
    return re.findall(r"\b\d{6}\b", list(bodies)[-1])[0]


def ask_for_reset(visit, email, browser=None):
    browser = browser or visit()
    answer = browser.submit(browser.get("/forgotten-password"), "/forgotten-password", email=email)
    return browser, browser.follow(answer)


# --- what ends a sign-in: the old cookie is refused with the next request


def test_the_cookie_holds_a_token_and_the_table_only_its_fingerprint(world, visit):
    browser = visit(world.aigerim)
    with browser.client.session_transaction() as session:
        token = session["sign_in"]
    rollback()
    row = db.session.scalars(select(SignIn).where(SignIn.user_id == world.aigerim.id)).one()
    assert row.token_key == token_key(token) != token
    assert len(token) >= 43


def test_a_copied_cookie_is_worth_nothing_after_sign_out(world, visit):
    browser = visit(world.aigerim)
    thief = thief_with(visit, cookie_of(browser))
    assert is_inside(thief)
    browser.post("/sign-out")
    assert not is_inside(thief) and not is_inside(browser)


def test_a_change_of_password_ends_all_others(world, visit):
    browser, other = visit(world.aigerim), visit(world.aigerim)
    thief = thief_with(visit, cookie_of(browser))
    page = browser.get("/my/password")
    browser.submit(page, "/my/password", password=PASSWORD, new_password=NEW)
    assert is_inside(browser)
    assert not is_inside(other) and not is_inside(thief)
    assert is_password(account().password_hash, NEW)
    assert db.session.scalar(select(Message.dedup_key).where(Message.to == MEMBER)).startswith("password:")


def test_a_closed_account_is_out_and_stays_out(app, world, visit):
    browser = visit(world.aigerim)
    assert run(app, "close-account", MEMBER).code == 0
    assert not is_inside(browser)
    wrong = visit()
    answer = wrong.submit(wrong.get("/sign-in"), "/sign-in", 422, email=MEMBER, password="something else")
    assert "closed" not in answer.text  # told only to who knows the password
    answer = wrong.submit(answer, "/sign-in", 403, email=MEMBER, password=PASSWORD)
    assert "closed this account" in answer.text
    assert run(app, "reopen-account", MEMBER).code == 0
    assert is_inside(visit(world.aigerim))


@pytest.mark.parametrize("change", ["given", "ended"])
def test_a_role_given_or_ended_signs_out(world, visit, change):
    person = world.aigerim if change == "given" else world.moderator
    browser = visit(person)
    assert is_inside(browser)
    with unit_of_work():
        user = db.session.get_one(User, person.id)
        if change == "given":
            give_role(user, "officer", by_kato("611600000"), MONDAY)
        else:
            finish_grant(user.grants[0], MONDAY)
    assert not is_inside(browser)


def test_a_deleted_account_is_out_everywhere(world, visit):
    browser, other = visit(world.aigerim), visit(world.aigerim)
    browser.submit(browser.get("/my/deletion"), "/my/deletion", agree="y", password=PASSWORD)
    assert not is_inside(browser) and not is_inside(other)


@pytest.mark.parametrize("change", ["sign-in", "verify", "confirm", "it-is-you"])
def test_the_token_is_new_after_every_change_of_what_one_may_do(world, visit, clock, change):
    from tests.factories import NEWCOMERS_IIN

    if change == "confirm":
        with unit_of_work():
            user = add_user("fresh@test.example", MONDAY)
            user.email_confirmed_at = None
        browser = visit(user)
    else:
        browser = visit(world.newcomer)
    thief = thief_with(visit, cookie_of(browser))
    assert is_inside(thief)
    if change == "sign-in":
        browser.post("/sign-out")
        browser.sign_in(world.newcomer)
    elif change == "verify":
        browser.submit(browser.get("/verify"), "/verify", iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    elif change == "confirm":
        browser.post("/confirm", again="1")
        browser.submit(browser.get("/confirm"), "/confirm", code=code_for("fresh@test.example"))
    else:
        browser.submit(browser.get("/confirm-it-is-you"), "/confirm-it-is-you", password=PASSWORD)
    assert is_inside(browser)
    clock(MONDAY + timedelta(seconds=30))
    assert is_inside(browser) and not is_inside(thief)


def test_an_answer_that_got_lost_throws_nobody_out(world, visit, clock):
    browser = visit(world.aigerim)
    page = browser.get("/confirm-it-is-you")
    before = cookie_of(browser)
    browser.submit(page, "/confirm-it-is-you", password=PASSWORD)
    hasty = thief_with(visit, before)  # the same browser: the second of two clicks went out before the answer came
    hasty.submit(page, "/confirm-it-is-you", password=PASSWORD)
    clock(MONDAY + timedelta(minutes=5))
    assert is_inside(hasty)


# --- how long one lasts


@pytest.mark.parametrize(
    ("name", "idle", "at_most"),
    [("aigerim", timedelta(days=14), timedelta(days=30)), ("moderator", timedelta(minutes=30), timedelta(hours=12))],
)
def test_a_sign_in_ends_without_a_sign_of_life_and_after_its_whole_time(world, visit, clock, name, idle, at_most):
    browser, asleep = visit(getattr(world, name)), visit(getattr(world, name))
    moment = MONDAY
    while moment + idle * 0.9 < MONDAY + at_most:
        moment += idle * 0.9
        clock(moment)
        assert is_inside(browser)
    assert not is_inside(asleep)
    clock(MONDAY + at_most)
    assert not is_inside(browser)


def test_a_sign_of_life_is_written_now_and_then_and_a_page_needs_none(world, visit, clock, monkeypatch):
    browser = visit(world.aigerim)
    seen = select(SignIn.seen_at).where(SignIn.user_id == world.aigerim.id)
    for minutes, expected in ((59, 0), (60, 60), (61, 60)):
        clock(MONDAY + timedelta(minutes=minutes))
        assert is_inside(browser)
        rollback()
        assert db.session.scalar(seen) == MONDAY + timedelta(minutes=expected)
    from sqlalchemy.exc import OperationalError

    def locked(*_args):
        raise OperationalError("UPDATE", None, Exception("database is locked"))

    monkeypatch.setattr("webapp.people.sign_ins.note_life", locked)
    clock(MONDAY + timedelta(hours=5))
    assert is_inside(browser)


def test_what_was_sent_after_the_end_waits_behind_the_door(app, world, visit, clock):
    browser = visit(world.region_moderator)
    browser.get("/desk")
    clock(MONDAY + timedelta(minutes=31))
    text = 'Мәтін "тырнақшамен" <b>& т.б.</b>'
    door = browser.post("/staff/grants", 401, email="bolat@test.example", note=text, password="secret words", iin="1")
    assert "What you typed is kept" in door.text and "secret words" not in door.html
    offered = browser.submit(door, "/sign-in", 200, email=world.region_moderator.email, password=PASSWORD)
    fields = offered.form("/staff/grants")
    assert (fields["email"], fields["note"]) == ("bolat@test.example", text)
    assert "password" not in fields and "iin" not in fields
    assert "bolat@test.example" in browser.submit(offered, "/staff/grants", 422).html


@pytest.mark.parametrize(
    "waiting", ["", "x", "[]", '["//evil.example/x", []]', '["/my", 5]', "[5, []]", '["/my", [["a"]]]']
)
def test_a_false_waiting_form_is_no_way_out(world, visit, waiting):
    browser = visit()
    page = browser.get("/sign-in")
    answer = browser.submit(page, "/sign-in", 303, email=MEMBER, password=PASSWORD, waiting=waiting)
    assert answer.location == "/"


# --- devices


def test_ones_devices_are_seen_and_ended(world, visit):
    agent = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"}
    phone, desktop = visit(world.aigerim, **agent), visit(world.aigerim)
    stranger = visit(world.bolat)
    page = desktop.get("/my/devices")
    assert "Chrome, Android" in page.text and "this device" in page.text
    rollback()
    (key,) = db.session.scalars(select(SignIn.id).where(SignIn.browser == "Chrome, Android"))
    stranger.post(f"/my/devices/{key}/ending")
    assert is_inside(phone)  # it was not the stranger's to end
    desktop.submit(page, f"/my/devices/{key}/ending")
    assert not is_inside(phone) and is_inside(desktop)
    phone.sign_in(world.aigerim)
    desktop.submit(desktop.get("/my/devices"), "/my/devices/ending")
    assert not is_inside(phone) and is_inside(desktop)
    desktop.post("/my/devices/99999999999999999999/ending", 303)


def test_old_rows_leave_the_table(world, visit):
    browser = visit(world.aigerim)
    browser.post("/sign-out")
    browser.submit(browser.get("/forgotten-password"), "/forgotten-password", email="nobody@test.example")
    jobs.run(MONDAY + timedelta(hours=12))
    assert db.session.scalar(select(EmailCode.id)) is not None
    jobs.run(MONDAY + timedelta(days=31))
    rollback()
    assert db.session.scalar(select(SignIn.id).where(SignIn.user_id == world.aigerim.id)) is None
    assert db.session.scalar(select(EmailCode.id)) is None


# --- signing up


def sign_up(browser, email, password=NEW):
    page = browser.get("/sign-up")
    return browser.submit(page, "/sign-up", email=email, given_name="Жаңа", surname="Адам", password=password)


def test_an_account_is_made_when_the_code_comes_back(world, visit):
    browser = visit()
    page = browser.follow(sign_up(browser, "fresh@test.example"))
    assert "fresh@test.example" in page.text
    assert by_email("fresh@test.example") is None and not is_inside(browser)
    browser.submit(page, "/confirm", 422, code="000000" if code_for("fresh@test.example") != "000000" else "1")
    browser.submit(page, "/confirm", code=code_for("fresh@test.example"))
    assert is_inside(browser)
    assert account("fresh@test.example").email_confirmed_at == MONDAY


def test_a_code_works_five_times_at_most_and_ten_minutes(world, visit, clock):
    browser = visit()
    page = browser.follow(sign_up(browser, "fresh@test.example"))
    right = code_for("fresh@test.example")
    for guess in range(5):
        browser.submit(page, "/confirm", 422, code=f"{(int(right) + guess + 1) % 1_000_000:06d}")
    browser.submit(page, "/confirm", 422, code=right)
    browser.submit(page, "/confirm", again="1")
    newer = code_for("fresh@test.example")
    clock(MONDAY + timedelta(minutes=10))
    browser.submit(page, "/confirm", 422, code=newer)
    assert by_email("fresh@test.example") is None


def test_of_two_who_sign_up_with_one_address_the_first_code_makes_the_account_and_its_password(world, visit):
    owner, other = visit(), visit()
    page = owner.follow(sign_up(owner, "fresh@test.example", "the owner's own words"))
    right = code_for("fresh@test.example")
    mine = other.follow(sign_up(other, "fresh@test.example", "somebody else's words"))
    other.submit(mine, "/confirm", 422, code=right)  # it belongs to the other browser
    owner.submit(page, "/confirm", code=right)
    assert is_password(account("fresh@test.example").password_hash, "the owner's own words")


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "at least 10 characters"),
        ("Password123", "known from data leaks"),
        ("1234567890", "known from data leaks"),
        ("fresh.name@test", "Your name or address"),
        ("aaaaaaaaaaaaaaaa", "known from data leaks"),
        ("x" * 201, "at most 200"),
    ],
)
def test_weak_passwords_are_refused_with_a_reason(visit, password, sentence):
    browser = visit()
    answer = browser.post(
        "/sign-up", 422, email="fresh.name@test.example", given_name="А", surname="Б", password=password
    )
    assert sentence in answer.text
    assert answer.form("/sign-up")["given_name"] == "А"


@pytest.mark.parametrize("password", ["қара бұлт бұлт", "тоғыз тоғыз жеті", "x7!x7!x7!x", "                correct"])
def test_there_are_no_rules_of_composition(visit, password):
    visit().post("/sign-up", 303, email="fresh@test.example", given_name="А", surname="Б", password=password)


# --- a forgotten password


def test_a_new_password_by_code_ends_all_sign_ins(world, visit):
    thief = visit(world.aigerim)
    browser, page = ask_for_reset(visit, MEMBER)
    code = code_for(MEMBER)
    assert code not in page.html
    browser.submit(page, "/new-password", 422, code=code, new_password="short")
    browser.submit(page, "/new-password", code=code, new_password=NEW)
    assert is_inside(browser) and not is_inside(thief)
    assert is_password(account().password_hash, NEW)
    other, page = ask_for_reset(visit, MEMBER)
    other.submit(page, "/new-password", 422, code=code, new_password="eight green umbrellas")  # once


def test_the_second_step_is_asked_after_a_new_password_too(world, visit):
    from tests.features.test_totp import enrolled

    phone = enrolled(world.moderator.email)
    browser, page = ask_for_reset(visit, world.moderator.email)
    answer = browser.submit(page, "/new-password", code=code_for(world.moderator.email), new_password=NEW)
    assert answer.location.startswith("/sign-in/code") and not is_inside(browser)
    browser.submit(browser.follow(answer), "/sign-in/code", code=phone.at(MONDAY))
    assert is_inside(browser)


def test_a_code_of_another_browser_does_not_fit(world, visit):
    _browser, _page = ask_for_reset(visit, MEMBER)
    code = code_for(MEMBER)
    stranger, page = ask_for_reset(visit, world.bolat.email)
    stranger.submit(page, "/new-password", 422, code=code, new_password=NEW)
    assert is_password(account().password_hash, PASSWORD)


def test_who_has_asked_for_nothing_is_led_to_the_beginning(visit):
    assert visit().get("/new-password", 303).location == "/forgotten-password"
    assert visit().post("/new-password", code="1", new_password=NEW).location == "/forgotten-password"
    assert visit().get("/confirm", 303).location == "/sign-in"


# --- what is not told


def plain(page):
    """The answer without what is new in every form."""
    return re.sub(r'value="[\w.-]{60,}"', "", page.html), page.status, page.location, page.response.mimetype


def test_nobody_learns_whether_an_address_has_an_account(world, visit):
    known, unknown = MEMBER, "nobody@test.example"

    def through(email):
        browser = visit()
        seen = [browser.submit(browser.get("/sign-in"), "/sign-in", 422, email=email, password="wrong words here")]
        seen += [browser.get("/forgotten-password")]
        seen += [browser.submit(seen[-1], "/forgotten-password", email=email)]
        seen += [browser.get("/new-password")]
        seen += [browser.submit(seen[-1], "/new-password", 422, code="123", new_password=NEW)]
        seen += [browser.get("/sign-up"), sign_up(browser, email), browser.get("/confirm")]
        seen += [browser.submit(seen[-1], "/confirm", 422, code="123")]
        seen += [browser.submit(seen[-1], "/confirm", again="1"), browser.get("/confirm")]
        return [tuple(str(part).replace(email, "-") for part in plain(page)) for page in seen]

    assert through(known) == through(unknown)
    rollback()
    told = db.session.scalars(select(Message.subject).where(Message.to == known)).all()
    assert len(told) == 3  # by mail the owner learns of each
    strangers = db.session.scalars(select(Message.subject).where(Message.to == unknown).order_by(Message.id)).all()
    assert strangers[0] == "There is no account with this address" and len(strangers) == 3


TRIES = 100
DOORS = ("sign-in", "sign-up", "forgotten-password")


@pytest.mark.parametrize("door", DOORS)
def test_an_address_with_an_account_costs_as_much_work_as_one_without(app, world, visit, door, monkeypatch):
    """The slow part of an answer is the hash of a password: as many for both, and about as many statements."""
    hashed, statements = [], []
    for name in ("hash", "verify"):
        real = getattr(PasswordHasher, name)

        def counted(self, *given, real=real, **more):
            hashed.append(real.__name__)
            return real(self, *given, **more)

        monkeypatch.setattr(PasswordHasher, name, counted)

    def sent(*given):
        statements.append(given[2])

    event.listen(db.engine, "before_cursor_execute", sent)
    browser, work = visit(), {}
    more = {"given_name": "Жаңа", "surname": "Адам"} if door == "sign-up" else {}
    more |= {} if door == "forgotten-password" else {"password": "wrong words here"}
    for email in ("nobody0@test.example", MEMBER, "nobody@test.example"):  # the first one warms up
        page = browser.get(f"/{door}")
        hashed.clear()
        statements.clear()
        browser.submit(page, f"/{door}", 422 if door == "sign-in" else 303, email=email, **more)
        work[email] = (len(hashed), len(statements))
    event.remove(db.engine, "before_cursor_execute", sent)
    (known, asked), (unknown, asked_too) = work[MEMBER], work["nobody@test.example"]
    assert known == unknown and (known > 0 or door == "forgotten-password"), work
    assert abs(asked - asked_too) <= 2, work


@pytest.mark.slow
@pytest.mark.skipif(not SOAK, reason="a stopwatch needs a machine of its own: in make soak")
@pytest.mark.parametrize("door", DOORS)
def test_nobody_learns_it_from_the_time_either(app, engine, world, visit, door):
    """Two hundred tries, by turns, so that a busy machine delays both alike."""
    if engine != "sqlite":
        pytest.skip("one database tells as much as two")
    browser = visit()
    times = {"known": [], "unknown": []}
    with unit_of_work():
        for number in range(TRIES):
            add_user(f"known{number}@test.example", MONDAY)
    more = {"given_name": "Жаңа", "surname": "Адам"} if door == "sign-up" else {}
    page = browser.get(f"/{door}")
    form = page.form(f"/{door}") | more | ({} if door == "forgotten-password" else {"password": "wrong words here"})
    for number in range(TRIES):
        for kind in ("known", "unknown"):
            data = form | {"email": f"{kind}{number}@test.example"}
            begun = time.perf_counter()
            with app.app_context():  # as a server does: a context of its own for each request
                answer = browser.client.post(f"/{door}", data=data)
            times[kind].append(time.perf_counter() - begun)
            assert answer.status_code in {303, 422}
    difference = statistics.median(times["known"]) - statistics.median(times["unknown"])
    assert abs(difference) < 0.005, f"{difference * 1000:.1f} ms"
