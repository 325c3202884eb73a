"""The riddle at a door: unseen while a network is calm, solved or waited out above that, good for one time."""

import json
from datetime import timedelta

import pytest
from altcha.v1 import Payload, solve_challenge
from sqlalchemy import func, select

from tests.client import Visitor
from tests.conftest import MONDAY, make_app
from tests.factories import PASSWORD, World, published
from webapp.flagging.models import Flag
from webapp.kernel import challenge
from webapp.kernel.challenge import UsedChallenge
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.security import limiter
from webapp.people.models import EmailCode

TYPED = {"email": "new@test.example", "given_name": "Жаңа", "surname": "Адамов", "password": "a long password"}


@pytest.fixture
def app(database_url, tmp_path, monkeypatch):
    """An application whose limits hold, with riddles that a test solves at once."""
    for name, value in {"_storage_uri": None, "_storage_dead": False, "_storage_options": {}, "enabled": True}.items():
        monkeypatch.setattr(limiter, name, value)
    monkeypatch.setattr(challenge, "MAX_NUMBER", 200)
    app = make_app(database_url, tmp_path, RATELIMIT_ENABLED=True)
    with app.app_context():
        yield app
        rollback()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def browser(app, clock):
    return Visitor(app)


def warm(browser, times=15, door="/sign-up"):
    """So many damaged forms from the same network."""
    page = browser.get(door)
    for number in range(times):
        browser._send("POST", door, data=page.form(door) | {"email": f"nothing{number}"})


def solved(page, number=None):
    """What the script would send."""
    puzzle = puzzle_of(page)
    found = solve_challenge(puzzle["challenge"], puzzle["salt"], puzzle["algorithm"], puzzle["maxNumber"])
    assert found is not None
    number = found.number if number is None else number
    return Payload(puzzle["algorithm"], puzzle["challenge"], number, puzzle["salt"], puzzle["signature"]).to_base64()


def puzzle_of(page):
    boxes = [element.get("data-challenge") for element in page.find("div") if element.get("data-challenge")]
    return json.loads(boxes[0]) if boxes else None


def has_joined(email=TYPED["email"]):
    """Whether the door was passed: a code is on its way to the address."""
    rollback()
    return db.session.scalar(select(EmailCode.id).where(EmailCode.email == email)) is not None


def test_a_calm_network_sees_nothing(browser):
    page = browser.get("/sign-up")
    assert puzzle_of(page) is None and "challenge" not in page.form("/sign-up")
    browser.submit(page, "/sign-up", **TYPED)
    assert has_joined()


def test_half_of_the_allowance_is_free(browser):
    warm(browser, 14)
    page = browser.get("/sign-up")
    assert puzzle_of(page) is None
    browser.submit(page, "/sign-up", **TYPED)  # the fifteenth of thirty
    assert has_joined()


def test_a_warm_network_solves_and_is_in(browser):
    warm(browser, 16)
    page = browser.get("/sign-up")
    assert any(script.get("src", "").startswith("/static/js/challenge.js") for script in page.find("script"))
    browser.submit(page, "/sign-up", **TYPED, challenge=solved(page))
    assert has_joined()
    assert db.session.scalar(select(func.count()).select_from(UsedChallenge)) == 1


def test_it_became_warm_while_one_typed(browser):
    page = browser.get("/sign-up")
    warm(Visitor(browser.app), 15)
    again = browser.submit(page, "/sign-up", 422, **TYPED)
    assert "Many forms come from your network" in again.text
    kept = again.form("/sign-up")
    assert (kept["email"], kept["given_name"], kept["surname"]) == (TYPED["email"], "Жаңа", "Адамов")
    browser.submit(again, "/sign-up", **TYPED, challenge=solved(again))
    assert has_joined()


def test_another_network_is_not_asked(browser):
    warm(browser, 20)
    far = Visitor(browser.app)
    far.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    page = far.get("/sign-up")
    assert puzzle_of(page) is None
    near = Visitor(browser.app)
    near.client.environ_base["REMOTE_ADDR"] = "127.0.0.77"
    assert puzzle_of(near.get("/sign-up")) is not None


def test_a_solution_works_once(browser):
    warm(browser, 16)
    page = browser.get("/sign-up")
    answer = solved(page)
    browser.submit(page, "/sign-up", **TYPED, challenge=answer)
    other = Visitor(browser.app)
    second = other.submit(
        other.get("/sign-up"), "/sign-up", 422, **TYPED | {"email": "second@test.example"}, challenge=answer
    )
    assert "This browser check was used already" in second.text
    assert second.form("/sign-up")["email"] == "second@test.example"
    assert not has_joined("second@test.example")
    other.submit(second, "/sign-up", **TYPED | {"email": "second@test.example"}, challenge=solved(second))


def test_a_solution_that_was_spent_on_a_wrong_password_is_spent(app, world, browser):
    warm(browser, 16, "/sign-in")
    page = browser.get("/sign-in")
    answer = solved(page)
    wrong = browser.submit(page, "/sign-in", 422, email=world.aigerim.email, password="wrong", challenge=answer)
    assert "do not match" in wrong.text
    again = browser.submit(wrong, "/sign-in", 422, email=world.aigerim.email, password=PASSWORD, challenge=answer)
    assert "This browser check was used already" in again.text
    browser.submit(again, "/sign-in", email=world.aigerim.email, password=PASSWORD, challenge=solved(again))


def test_a_slip_in_the_form_uses_nothing_up(browser):
    warm(browser, 16)
    page = browser.get("/sign-up")
    answer = solved(page)
    browser.submit(page, "/sign-up", 422, **TYPED | {"password": "short"}, challenge=answer)
    assert db.session.scalar(select(func.count()).select_from(UsedChallenge)) == 0
    browser.submit(page, "/sign-up", **TYPED, challenge=answer)
    assert has_joined()


@pytest.mark.parametrize("damage", ["number", "text", "door", "late", "json"])
def test_what_is_no_solution_is_refused_with_a_sentence(browser, clock, damage):
    warm(browser, 16)
    page = browser.get("/sign-up")
    answer = solved(page, number=10**6 if damage == "number" else None)
    if damage == "text":
        answer = "not base64 \x7f ü"
    if damage == "json":
        answer = "eyJhIjogMX0="
    if damage == "door":
        warm(browser, 16, "/sign-in")
        answer = solved(browser.get("/sign-in"))
    if damage == "late":
        clock(MONDAY + timedelta(minutes=21))
    refused = browser.submit(page, "/sign-up", 422, **TYPED, challenge=answer)
    assert "failed or expired" in refused.text
    assert refused.form("/sign-up")["email"] == TYPED["email"] and not has_joined()


def test_without_a_script_one_waits_twenty_seconds(browser, clock):
    warm(browser, 16)
    page = browser.get("/sign-up")
    assert "20 seconds after this page has opened" in page.text
    clock(MONDAY + timedelta(seconds=12))
    early = browser.submit(page, "/sign-up", 422, **TYPED)
    assert "Wait 8 seconds and send the form again" in early.text
    assert early.form("/sign-up")["waited"] == page.form("/sign-up")["waited"]  # the wait goes on
    clock(MONDAY + timedelta(seconds=20))
    browser.submit(early, "/sign-up", **TYPED)
    assert has_joined()


def test_a_wait_works_once_and_ends(browser, clock):
    warm(browser, 16)
    page = browser.get("/sign-up")
    clock(MONDAY + timedelta(seconds=30))
    browser.submit(page, "/sign-up", **TYPED)
    other = Visitor(browser.app)
    waited = page.form("/sign-up")["waited"]
    second = other.submit(other.get("/sign-up"), "/sign-up", 422, **TYPED | {"email": "b@test.example"}, waited=waited)
    assert "This form was sent already" in second.text
    assert second.form("/sign-up")["waited"] not in ("", waited)
    clock(MONDAY + timedelta(minutes=40))
    old = other.submit(second, "/sign-up", 422, **TYPED | {"email": "b@test.example"})
    assert "Wait 20 seconds" in old.text


@pytest.mark.parametrize("waited", ["", "x", "WyJhIiwgMV0.forged", "ü\x7f"])
def test_a_forged_wait_is_no_wait(browser, waited):
    warm(browser, 16)
    refused = browser.submit(browser.get("/sign-up"), "/sign-up", 422, **TYPED, waited=waited)
    assert "Wait 20 seconds" in refused.text and not has_joined()


def test_the_hard_limit_stays(browser):
    warm(browser, 31)
    page = browser.get("/sign-up")
    answer = browser.submit(page, "/sign-up", 429, **TYPED, challenge=solved(page))
    assert "Retry-After" in answer.response.headers
    assert answer.form("/sign-up")["given_name"] == "Жаңа"


def test_a_report_of_a_stranger_is_asked_it_too(browser, world):
    with unit_of_work():
        key = published(World.read(), MONDAY).id
    door = f"/proposals/{key}/flag"
    assert puzzle_of(browser.get(door)) is None
    warm(browser, 11, door)
    page = browser.get(door)
    assert puzzle_of(page) and "Many forms come from your network" in page.text
    refused = browser.submit(page, door, 422, reason="insult", note="Мына сөз")
    assert "Wait 20 seconds" in refused.text and "Мына сөз" in refused.html
    assert db.session.scalar(select(func.count()).select_from(Flag)) == 0
    browser.submit(page, door, reason="insult", challenge=solved(page))
    rollback()
    assert db.session.scalar(select(func.count()).select_from(Flag)) == 1
