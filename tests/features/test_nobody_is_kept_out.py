"""Wrong passwords and codes are counted by what the look-up uses, in the database; and nobody keeps anybody out by them."""

import re
import unicodedata
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.client import Visitor
from tests.conftest import MONDAY, make_app
from tests.factories import PASSWORD, World
from tests.features.test_challenge import puzzle_of, solved
from webapp.doors.allowances import DEVICE_LIFE
from webapp.kernel import challenge
from webapp.kernel.addresses import account_key
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.mail import Message
from webapp.kernel.networks import household
from webapp.kernel.security import limiter
from webapp.people import passwords, tries
from webapp.people.models import User
from webapp.people.rules import TRIES_OF_A_PLACE, TRIES_TO_A_LEVEL, level_of
from webapp.people.services import by_email
from webapp.people.tries import FailedTry, device_cookie, device_for, failures, forget_tries, note_failure

both_databases = ("counted_in_the_database", "hundred", "flood_of_codes")
BOLAT = "bolat@test.example"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def armed():
    """One application for each database whose limits hold: making one costs more than most tests here."""
    return {}


@pytest.fixture
def app(armed, engine, database_url, tmp_path_factory, monkeypatch, clock):
    """Limits hold; riddles and hashes are quick, their meaning is the same."""
    if engine not in armed:
        for name, value in {"_storage_uri": None, "_storage_dead": False, "_storage_options": {}}.items():
            setattr(limiter, name, value)
        armed[engine] = make_app(database_url, tmp_path_factory.mktemp("armed"), RATELIMIT_ENABLED=True)
    app = armed[engine]
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    monkeypatch.setattr(challenge, "MAX_NUMBER", 50)
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobody.cache_clear()
    with app.app_context():
        quick = passwords.hash_password(PASSWORD)
        with unit_of_work():
            db.session.execute(db.update(User).where(User.email == BOLAT).values(password_hash=quick))
        yield app
        rollback()
        db.session.remove()
        db.engine.dispose()
    passwords._nobody.cache_clear()


def at(app, address, cookie=None):
    """A browser in another network."""
    browser = Visitor(app)
    browser.client.environ_base["REMOTE_ADDR"] = address
    if cookie:
        browser.client.set_cookie("device", cookie)
    return browser


def attempt(browser, email=BOLAT, password="not the password", page=None, **more):
    page = page or browser.get("/sign-in")
    return browser._send(
        "POST", "/sign-in", data=page.form("/sign-in") | {"email": email, "password": password} | more,
        headers=browser.headers,
    )  # fmt: skip


def with_work(browser, email=BOLAT, password=PASSWORD):
    """As a browser does: the form comes back with a riddle, which it solves."""
    page = attempt(browser, email, password)
    assert page.status == 422 and puzzle_of(page), page.text[:300]
    return attempt(browser, email, password, page, challenge=solved(page))


def attacked(app, count=100, networks=50, email=BOLAT):
    """So many wrong passwords from so many networks; those behind them solve every riddle."""
    for number in range(count):
        with unit_of_work():
            note_failure(tries.SIGN_IN, email, f"203.{number % networks}.113.5", None, MONDAY)


#: What `tidy` takes away, and what the look-up does not tell apart.
ODD = ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u200e", "\u202e", "\u2066", "\u061c", "\U000e0041", "\x07", "\ue000"]


def test_an_invisible_sign_is_no_way_round_the_limit(app):
    """Eleven spellings of one address, each with another sign that nobody sees, are eleven tries at one account."""
    browser = at(app, "198.51.100.7")
    page, statuses = browser.get("/sign-in"), []
    for number, sign in enumerate(ODD):
        spelled = f"{sign}bo{sign * number}lat@test.example {sign}"
        assert account_key(spelled) == BOLAT, ascii(sign)
        statuses.append(attempt(browser, spelled.upper() if number % 2 else spelled, page=page).status)
    assert statuses == [422] * TRIES_OF_A_PLACE + [429]
    assert attempt(browser, BOLAT, PASSWORD, page).status == 429, "one account, whatever is typed"


def test_decomposed_letters_are_the_same_key():
    assert account_key(unicodedata.normalize("NFD", "é@тест.kz")) == account_key("é@xn--e1aybc.kz")
    assert account_key(None) == "" and account_key("no address") == "no address"


def test_failures_are_counted_in_the_database_for_all_processes(app):
    browser = at(app, "198.51.100.8")
    for _try in range(6):
        attempt(browser)
    limiter.reset()  # as another process, or the same one after it was started anew
    assert [attempt(browser).status for _try in range(5)] == [422] * 4 + [429]
    answer = attempt(browser)
    assert 0 < int(answer.response.headers["Retry-After"]) <= 300 and BOLAT in answer.html
    kept = db.session.execute(select(FailedTry.mark, FailedTry.whose)).all()
    assert all("bolat" not in part and "198" not in part for row in kept for part in row)


def test_after_five_failures_from_everywhere_work_is_asked_and_more_later(app):
    attacked(app, 4)
    assert attempt(at(app, "192.0.2.1")).status == 422
    page = attempt(at(app, "192.0.2.2"))
    assert "Many wrong passwords were tried for this address lately" in page.text and puzzle_of(page)
    assert [level_of(count) for count in (0, 4, 5, 9, 10, 19, 20, 10_000)] == [0, 0, 1, 1, 2, 2, 3, 3]
    attacked(app, 20)
    hard = attempt(at(app, "192.0.2.3"))
    assert puzzle_of(hard)["maxNumber"] == 50 * challenge.WORK[3]
    assert "Wait 60 seconds" in hard.text
    easy = at(app, "192.0.2.3")
    light = attempt(easy, "nobody@test.example")
    assert puzzle_of(light) is None, "another account's door is as calm as before"


def test_the_work_of_an_easy_door_does_not_open_a_hard_one(app):
    attacked(app, 6)
    browser = at(app, "192.0.2.4")
    page = attempt(browser)
    attacked(app, 20)
    answer = attempt(browser, BOLAT, PASSWORD, page, challenge=solved(page))
    assert answer.status == 422 and puzzle_of(answer)["maxNumber"] == 50 * challenge.WORK[3]
    assert attempt(browser, BOLAT, PASSWORD, answer, challenge=solved(answer)).status == 303


def test_hundred_failures_from_fifty_networks_keep_the_owner_nowhere_out(app, clock):
    known = at(app, "198.51.100.20")
    assert attempt(known, BOLAT, PASSWORD).status == 303
    cookie = known.client.get_cookie("device").value
    attacked(app)
    assert failures(tries.SIGN_IN, BOLAT, MONDAY) >= 100
    assert attempt(at(app, "198.51.100.21", cookie), BOLAT, PASSWORD).status == 303, (
        "nothing is asked of a known device"
    )
    assert with_work(at(app, "198.51.100.22")).status == 303, "a new network"
    stranger = at(app, "198.51.100.23")
    page = attempt(stranger, BOLAT, PASSWORD)
    clock(MONDAY + timedelta(seconds=61))
    assert attempt(stranger, BOLAT, PASSWORD, page).status == 303, "without JavaScript one waits a minute"


def test_a_known_device_has_tries_of_its_own_in_a_network_that_is_closed(app):
    known = at(app, "198.51.100.30")
    attempt(known, BOLAT, PASSWORD)
    cookie = known.client.get_cookie("device").value
    bad = at(app, "198.51.100.30")
    page = bad.get("/sign-in")
    assert [attempt(bad, page=page).status for _try in range(35)][-1] == 429
    again = at(app, "198.51.100.30", cookie)
    page = again.get("/sign-in")
    assert [attempt(again, page=page).status for _try in range(11)] == [422] * 10 + [429], "its own allowance ends too"
    with unit_of_work():
        tries.forgive(tries.SIGN_IN, BOLAT, "", device_for(BOLAT, cookie))
    assert with_work(at(app, "198.51.100.30", cookie)).status == 303, "work is asked because the network is warm"


def test_the_right_password_forgives_what_was_mistyped_here(app):
    browser = at(app, "198.51.100.31")
    for _try in range(4):
        attempt(browser)
    assert attempt(browser, BOLAT, PASSWORD).status == 303
    assert failures(tries.SIGN_IN, BOLAT, MONDAY) == 0


def test_the_cookie_of_a_device_fits_its_accounts_only_and_cannot_be_made_up(app):
    first = device_cookie(BOLAT, "")
    both = device_cookie("aigerim@test.example", first)
    assert device_for("Bolat@test.example\u200b", both) == device_for("aigerim@test.example", both) is not None
    assert device_for("kentau@test.example", both) is None
    name, sign = first.split(".")
    for odd in (
        "",
        ".",
        name,
        f"{name}.",
        f"{name}.{'0' * 32}",
        f"{'0' * 32}.{sign}",
        "x" * 5000,
        f"{name}.{sign[:-1]}",
    ):
        assert device_for(BOLAT, odd) is None, odd
    many = first
    for number in range(8):
        many = device_cookie(f"n{number}@test.example", many)
    assert len(many.split(".")) == 1 + tries.ON_ONE_DEVICE and device_for(BOLAT, many) is None
    browser = at(app, "198.51.100.32")
    answer = attempt(browser, BOLAT, PASSWORD).response
    line = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("device="))
    assert "HttpOnly" in line and "SameSite=Lax" in line and f"Max-Age={DEVICE_LIFE}" in line


def code_in(mail):
    return "".join(re.search(r"\b\d{6}\b|\b\d{4} \d{4} \d{4}\b", mail)[0].split())


def newest_code(email=BOLAT):
    rollback()
    return code_in(
        db.session.scalars(select(Message.body).where(Message.to == email).order_by(Message.id.desc())).first()
    )


def mails(email=BOLAT):
    rollback()
    return db.session.scalar(select(func.count()).select_from(Message).where(Message.to == email))


def ask(browser, email=BOLAT, door="/forgotten-password", status=303, **more):
    return browser.submit(browser.get(door), door, status, email=email, **more)


NEW = {"given_name": "Жаңа", "surname": "Адам", "password": "seven violet umbrellas"}


def test_a_flood_of_codes_for_a_new_password_leaves_the_newest_good(app, clock):
    for number in range(14):
        ask(at(app, f"203.{number}.113.5"))
    assert mails() == 10, "a mailbox is not filled by others either"
    owner = at(app, "198.51.100.40")
    page = owner.follow(ask(owner))
    assert mails() == 10
    owner.submit(page, "/new-password", code=newest_code(), new_password=NEW["password"])
    assert owner.get("/my").status == 200
    late = at(app, "203.0.113.77")
    page = late.follow(ask(late))
    assert mails() == 12, "the code was used, so another one is sent, beside the mail about the change"
    late.submit(page, "/new-password", 422, code="000000", new_password=NEW["password"])


def test_a_flood_ten_minutes_ago_stops_no_new_code(app, clock):
    for number in range(12):
        ask(at(app, f"203.{number}.113.5"))
    clock(MONDAY + timedelta(minutes=11))
    owner = at(app, "198.51.100.41")
    page = owner.follow(ask(owner))
    assert mails() == 11
    owner.submit(page, "/new-password", code=newest_code(), new_password=NEW["password"])


def test_a_flood_of_sign_ups_stops_nobody_from_signing_up(app):
    email = "wanted@test.example"
    for number in range(12):
        ask(at(app, f"203.{number}.113.5"), email, "/sign-up", **NEW | {"password": f"their own password {number}"})
    owner = at(app, "198.51.100.42")
    page = owner.follow(ask(owner, email, "/sign-up", **NEW))
    owner.submit(page, "/confirm", code=newest_code(email))
    rollback()
    assert passwords.is_password(by_email(email).password_hash, NEW["password"]), "what this browser typed counts"


def test_one_place_asks_five_times_an_hour_and_stops_nobody_else(app, world):
    browser = at(app, "203.0.113.1")
    for _try in range(5):
        ask(browser)
    assert "Several codes were sent" in ask(browser, status=409).text
    ask(at(app, "203.0.113.2"))
    known = at(app, "203.0.113.1", device_cookie(BOLAT, ""))
    ask(known)
    assert mails() == 7


def test_who_guesses_codes_meets_long_ones_and_the_owner_still_gets_in(app):
    for number in range(4):
        guesser = at(app, f"203.{number}.113.5")
        page = guesser.follow(ask(guesser))
        for _try in range(5):
            guesser.submit(page, "/new-password", 422, code="1", new_password=NEW["password"])
    short = newest_code()
    owner = at(app, "198.51.100.43")
    page = owner.follow(ask(owner))
    long = newest_code()
    assert len(short) == 6 and len(long) == 12
    owner.submit(page, "/new-password", code=f"{long[:4]} {long[4:8]}-{long[8:]}", new_password=NEW["password"])
    assert owner.get("/my").status == 200


@pytest.mark.parametrize(
    "address, expected",
    [
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff%eth0", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("192.0.2.7", "192.0.2.7"),
        ("no address", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_household_of_ipv6_is_one_visitor(address, expected):
    assert household(address) == expected


def test_the_addresses_of_one_household_are_counted_together_behind_a_proxy(app, database_url, tmp_path):
    behind = make_app(database_url, tmp_path, RATELIMIT_ENABLED=True, PROXY_HOPS=1)
    limiter.reset()

    def status(address, number):
        browser = Visitor(behind, headers={"X-Forwarded-For": address})
        return attempt(browser, f"nobody{number}@test.example").status

    with behind.app_context():
        statuses = [status(f"2001:db8:1:2:{number + 1:x}::{number:x}", number) for number in range(31)]
        assert statuses[-1] == 429 and statuses.count(429) == 1
        assert status("2001:db8:1:3::1", 99) == 422
        db.session.remove()
        db.engine.dispose()


def test_old_tries_are_forgotten(app):
    attacked(app, 3)
    assert forget_tries(MONDAY + timedelta(days=1)) == 0
    assert forget_tries(MONDAY + timedelta(days=1, seconds=1)) == 3
    assert TRIES_TO_A_LEVEL[0] == 5 and isinstance(World.read().bolat, User)


def test_nobody_signs_in_to_an_account_without_a_password(app):
    assert not passwords.is_password(passwords.NO_PASSWORD, "nobody has this password")
    assert not passwords.is_password("", "") and not passwords.is_password(None, "")


def test_forms_that_lack_something_close_the_place_and_make_no_door_harder(app):
    browser = at(app, "198.51.100.50")
    page = browser.get("/sign-in")
    statuses = [attempt(browser, password="", page=page).status for _try in range(11)]
    assert statuses == [422] * TRIES_OF_A_PLACE + [429]
    assert failures(tries.SIGN_IN, BOLAT, MONDAY) == 0
    assert attempt(at(app, "198.51.101.50"), BOLAT, PASSWORD).status == 303
