"""The second step of signing in: set up, asked, refused, recovered from, removed; and what was begun before it completes."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import PASSWORD, published
from tests.features.console import run
from webapp.journal.models import Fact
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.mail import Message
from webapp.people.models import RecoveryCode, SecondStep, User
from webapp.people.passwords import decrypted, encrypted
from webapp.people.second_step import begin_enrolment, finish_enrolment, wanted_secret
from webapp.people.services import by_email
from webapp.proposals.models import Proposal

#: What the other database could do otherwise: conflicts, locks, dates, order.
both_databases = (
    "set_up_with_a_code",
    "works_once",
    "five_wrong",
    "begun_outside",
    "replace",
)
HOUR_AGO = MONDAY - timedelta(hours=1)
LATER = MONDAY + timedelta(minutes=6)


class Phone:
    """An authenticator app, and the paper with the recovery codes."""

    def __init__(self, secret, codes=()):
        self.totp, self.codes = pyotp.TOTP(secret), list(codes)

    def at(self, moment):
        return self.totp.at(moment)


def enrolled(email, at=HOUR_AGO):
    with unit_of_work():
        user = by_email(email)
        begin_enrolment(user)
        secret = wanted_secret(user)
        return Phone(secret, finish_enrolment(user, pyotp.TOTP(secret).at(at), at))


@pytest.fixture
def phone(world):
    return enrolled("moderator@test.example")


def half_way(visit, person, target="/", browser=None):
    """Somebody who has given the right password."""
    browser = browser or visit()
    page = browser.get(f"/sign-in?next={target}")
    answer = browser.submit(page, "/sign-in", email=person.email, password=PASSWORD)
    return browser, answer


def code_page(visit, person, target="/"):
    browser, answer = half_way(visit, person, target)
    return browser, browser.follow(answer)


def is_inside(browser):
    return browser._send("GET", "/my").status == 200


def account(email="moderator@test.example"):
    rollback()
    return db.session.scalars(select(User).where(User.email == email)).one()


def verbs():
    rollback()
    return list(db.session.scalars(select(Fact.verb).order_by(Fact.id)))


# --- setting it up


def test_it_is_set_up_with_a_code_and_ten_recovery_codes_are_shown_once(world, visit):
    browser = visit(world.moderator)
    page = browser.get("/second-step")
    begun = browser.follow(browser.submit(page, "/second-step/enrolment"))
    assert "<svg" in begun.html and begun.response.headers["Cache-Control"] == "no-store"
    (shown,) = begun.find("p", class_="secret")
    secret = "".join("".join(shown.itertext()).split())
    addresses = [link.get("href") for link in begun.find("a") if link.get("href", "").startswith("otpauth://totp/Saty")]
    assert len(addresses) == 1 and f"secret={secret}" in addresses[0]
    wrong = browser.submit(begun, "/second-step/confirmation", 422, code="000000")
    assert "This code is wrong" in wrong.text
    assert account().second_step_at is None  # nothing is asked before it is confirmed
    done = browser.submit(wrong, "/second-step/confirmation", 200, code=pyotp.TOTP(secret).at(MONDAY))
    codes = ["".join(item.itertext()) for item in done.find("li", class_="secret")]
    assert len(set(codes)) == 10
    assert account().second_step_at == MONDAY
    again = browser.get("/second-step")
    assert "10 unused codes are left" in again.text
    assert not [code for code in codes if code in again.html]
    browser.get("/second-step/enrolment", 303)  # the secret does not come back
    assert is_inside(browser)
    assert "second-step:set" in verbs()
    (body,) = db.session.scalars(select(Message.body).where(Message.to == world.moderator.email))
    assert secret not in body


def test_neither_secret_nor_recovery_code_stands_in_clear(world, phone):
    rollback()
    (row,) = db.session.scalars(select(SecondStep)).all()
    assert phone.totp.secret not in row.secret + row.wanted_secret
    stored = set(db.session.scalars(select(RecoveryCode.code_key)))
    assert len(stored) == 10 and not stored & {code.replace("-", "") for code in phone.codes}


def test_what_is_encrypted_can_be_read_with_its_key_and_purpose_alone():
    token = encrypted("key", "purpose", "secret")
    assert decrypted("key", "purpose", token) == "secret"
    assert decrypted("other key", "purpose", token) is None
    assert decrypted("key", "other purpose", token) is None
    assert decrypted("key", "purpose", token[:-6] + "AAAA==") is None
    assert token != encrypted("key", "purpose", "secret")


def test_a_session_from_before_is_over_when_it_is_set_up(world, visit):
    thief, owner = visit(world.moderator), visit(world.moderator)
    begun = owner.follow(owner.submit(owner.get("/second-step"), "/second-step/enrolment"))
    rollback()
    secret = wanted_secret(account())
    owner.submit(begun, "/second-step/confirmation", 200, code=pyotp.TOTP(secret).at(MONDAY))
    assert is_inside(owner) and not is_inside(thief)
    thief.get("/desk", 303)


def test_strangers_set_nothing_up(visit):
    for path in ("/second-step", "/second-step/enrolment"):
        assert visit().get(path, 303).location.startswith("/sign-in")
    for path in ("enrolment", "confirmation", "recovery-codes", "removal"):
        assert "Sign in" in visit().post(f"/second-step/{path}", 401).text


def test_nothing_to_confirm(world, visit):
    browser = visit(world.moderator)
    browser.get("/second-step/enrolment", 303)
    browser.post("/second-step/confirmation", 303, code="123456")
    browser.post("/second-step/recovery-codes", 409)


# --- signing in


def test_the_code_is_asked_after_the_password(world, visit, phone):
    browser, page = code_page(visit, world.moderator, "/desk")
    assert "The second step" in page.text
    answer = browser.submit(page, "/sign-in/code", code=phone.at(MONDAY))
    assert answer.location == "/desk"
    browser.get("/desk")


def test_who_has_none_signs_in_as_before(world, visit, phone):
    _browser, answer = half_way(visit, world.officer, "/desk")
    assert answer.location == "/desk"


@pytest.mark.parametrize("path", ["/desk", "/my", "/staff", "/second-step", "/confirm-it-is-you", "/verify"])
def test_half_signed_in_reaches_nothing(world, visit, phone, path):
    browser, _answer = half_way(visit, world.moderator)
    assert browser.get(path, 303).location.startswith("/sign-in")
    with browser.client.session_transaction() as session:
        assert set(session) - {"csrf_token", "_flashes"} == {"half_signed_in"}
        assert session["half_signed_in"][0] == world.moderator.id
    browser.post("/second-step/removal", 401)
    assert account().second_step_at is not None
    assert not is_inside(browser)


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_clock_may_be_half_a_minute_off(world, visit, phone, seconds):
    browser, page = code_page(visit, world.moderator)
    browser.submit(page, "/sign-in/code", code=phone.at(MONDAY + timedelta(seconds=seconds)))
    assert is_inside(browser)


@pytest.mark.parametrize("seconds", [-60, -90, 60, 3600])
def test_a_code_that_is_too_old_or_too_new_is_refused(world, visit, phone, seconds):
    browser, page = code_page(visit, world.moderator)
    browser.submit(page, "/sign-in/code", 422, code=phone.at(MONDAY + timedelta(seconds=seconds)))
    assert not is_inside(browser)


@pytest.mark.parametrize("code", ["", "   ", "12345", "１２３４５６", "abcdef", "' OR 1=1", "0" * 41])
def test_what_is_no_code_is_refused(world, visit, phone, code):
    browser, page = code_page(visit, world.moderator)
    browser.submit(page, "/sign-in/code", 422, code=code)
    assert not is_inside(browser)


def test_a_code_can_be_pasted_with_blanks(world, visit, phone):
    browser, page = code_page(visit, world.moderator)
    code = phone.at(MONDAY)
    browser.submit(page, "/sign-in/code", code=f" {code[:3]} {code[3:]} ")
    assert is_inside(browser)


def test_a_code_works_once(world, visit, phone, clock):
    first, page = code_page(visit, world.moderator)
    second, other = code_page(visit, world.moderator)
    first.submit(page, "/sign-in/code", code=phone.at(MONDAY))
    second.submit(other, "/sign-in/code", 422, code=phone.at(MONDAY))
    second.submit(other, "/sign-in/code", 422, code=phone.at(MONDAY - timedelta(seconds=30)))  # nor one before it
    assert not is_inside(second)
    clock(MONDAY + timedelta(seconds=30))
    second.submit(other, "/sign-in/code", code=phone.at(MONDAY + timedelta(seconds=30)))
    assert is_inside(second)


def test_after_five_wrong_codes_even_the_right_one_waits_five_minutes(world, visit, phone, clock):
    browser, page = code_page(visit, world.moderator)
    for _try in range(5):
        assert "is wrong" in browser.submit(page, "/sign-in/code", 422, code="000000").text
    calm = browser.submit(page, "/sign-in/code", 422, code=phone.at(MONDAY))
    assert "wait five minutes" in calm.text
    other, elsewhere = code_page(visit, world.moderator)
    other.submit(elsewhere, "/sign-in/code", 422, code=phone.codes[0])  # nor another browser, nor a recovery code
    clock(LATER)
    late, page = code_page(visit, world.moderator)
    late.submit(page, "/sign-in/code", code=phone.at(LATER))
    assert is_inside(late)


def test_five_minutes_after_the_password_it_is_asked_again(world, visit, phone, clock):
    browser, page = code_page(visit, world.moderator, "/desk")
    clock(MONDAY + timedelta(minutes=5))
    answer = browser.submit(page, "/sign-in/code", 303, code=phone.at(MONDAY + timedelta(minutes=5)))
    assert answer.location == "/sign-in?next=/desk"
    assert "Five minutes have passed since your password" in browser.follow(answer).text
    assert not is_inside(browser)


def test_nobody_is_asked_for_a_code_without_a_password(world, visit, phone):
    assert visit().get("/sign-in/code", 303).location.startswith("/sign-in")
    assert visit().post("/sign-in/code", 303, code=phone.at(MONDAY)).location.startswith("/sign-in")
    assert visit(world.aigerim).get("/sign-in/code?next=/my", 303).location == "/my"


def test_a_wrong_password_never_reaches_the_code(world, visit, phone):
    browser = visit()
    browser.submit(browser.get("/sign-in"), "/sign-in", 422, email=world.moderator.email, password="another one")
    browser.get("/sign-in/code", 303)


# --- recovery


def test_a_recovery_code_works_once_and_the_person_is_told(world, visit, phone, clock):
    browser, page = code_page(visit, world.moderator)
    browser.submit(page, "/sign-in/code", code=phone.codes[0].lower().replace("-", " "))
    assert is_inside(browser)
    assert "9 unused codes are left" in browser.get("/second-step").text
    other, page = code_page(visit, world.moderator)
    other.submit(page, "/sign-in/code", 422, code=phone.codes[0])
    assert not is_inside(other)
    assert "recovery-code:used" in verbs()
    bodies = "".join(db.session.scalars(select(Message.body).where(Message.to == world.moderator.email)))
    assert bodies and phone.codes[0] not in bodies


def test_the_code_of_another_person_opens_nothing(world, visit, phone):
    other = enrolled("officer@test.example")
    browser, page = code_page(visit, world.moderator)
    for code in (other.codes[0], other.at(MONDAY)):
        browser.submit(page, "/sign-in/code", 422, code=code)
    assert not is_inside(browser)


def signed_in(visit, person, phone):
    browser, page = code_page(visit, person)
    browser.submit(page, "/sign-in/code", code=phone.at(MONDAY))
    return browser


def test_new_recovery_codes_replace_the_old_ones(world, visit, phone):
    browser = signed_in(visit, world.moderator, phone)
    done = browser.submit(browser.get("/second-step"), "/second-step/recovery-codes", 200)
    codes = ["".join(item.itertext()) for item in done.find("li", class_="secret")]
    assert len(codes) == 10 and not set(codes) & set(phone.codes)
    other, page = code_page(visit, world.moderator)
    other.submit(page, "/sign-in/code", 422, code=phone.codes[0])
    other.submit(page, "/sign-in/code", code=codes[0])
    assert is_inside(other)


def test_the_operator_removes_it_for_who_has_lost_everything(app, world, visit, phone):
    assert "signs in with the password alone" in run(app, "remove-second-step", world.moderator.email).out
    assert "had no second step" in run(app, "remove-second-step", world.moderator.email).out
    browser, answer = half_way(visit, world.moderator, "/desk")
    assert answer.location == "/desk"
    assert "second-step:removed" in verbs()


# --- removing, and setting up anew


def test_removing_needs_a_fresh_password_and_a_code(world, visit, phone, clock):
    browser = signed_in(visit, world.moderator, phone)
    page = browser.get("/second-step")
    clock(LATER + timedelta(minutes=5))
    now = LATER + timedelta(minutes=5)
    asked = browser.submit(page, "/second-step/removal", 403)
    browser.submit(asked, "/confirm-it-is-you", 422, password=PASSWORD, second_code="")
    browser.submit(asked, "/confirm-it-is-you", 422, password=PASSWORD, second_code="000000")
    browser.submit(asked, "/confirm-it-is-you", 422, password="another one", second_code=phone.at(now))
    assert account().second_step_at is not None
    again = browser.submit(asked, "/confirm-it-is-you", 307, password=PASSWORD, second_code=phone.at(now))
    assert again.location == "/second-step/removal"
    browser.submit(page, "/second-step/removal")
    assert account().second_step_at is None
    _browser, answer = half_way(visit, world.moderator, "/desk")
    assert answer.location == "/desk"


def test_guessing_the_code_on_the_page_of_confirmation_is_counted_too(world, visit, phone, clock):
    browser = signed_in(visit, world.moderator, phone)
    page = browser.get("/confirm-it-is-you")
    for _try in range(5):
        browser.submit(page, "/confirm-it-is-you", 422, password=PASSWORD, second_code="000000")
    clock(MONDAY + timedelta(minutes=1))
    code = phone.at(MONDAY + timedelta(minutes=1))
    calm = browser.submit(page, "/confirm-it-is-you", 422, password=PASSWORD, second_code=code)
    assert "wait five minutes" in calm.text


def test_another_phone_replaces_the_old_one_only_when_it_is_confirmed(world, visit, phone, clock):
    browser = signed_in(visit, world.moderator, phone)
    begun = browser.follow(browser.submit(browser.get("/second-step"), "/second-step/enrolment"))
    clock(MONDAY + timedelta(minutes=1))
    moment = MONDAY + timedelta(minutes=1)
    other, page = code_page(visit, world.moderator)
    other.submit(page, "/sign-in/code", code=phone.at(moment))  # the old one still works
    secret = wanted_secret(account())
    browser.submit(begun, "/second-step/confirmation", 200, code=pyotp.TOTP(secret).at(moment))
    assert is_inside(browser) and not is_inside(other)
    third, page = code_page(visit, world.moderator)
    third.submit(page, "/sign-in/code", 422, code=phone.at(moment + timedelta(seconds=30)))
    third.submit(page, "/sign-in/code", code=pyotp.TOTP(secret).at(moment + timedelta(seconds=30)))
    assert is_inside(third)


# --- what was begun before the door


def test_a_vote_and_a_draft_that_were_begun_outside_complete_after_the_second_step(world, visit):
    phone = enrolled("aigerim@test.example")
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
    browser = visit()
    browser.post(f"/proposals/{key}/vote", 303, browser.get(f"/proposals/{key}"), choice="support")
    browser.submit(browser.get("/proposals/new"), "/proposals/new", title="Саябаққа орындықтар керек", lang="kk")
    _browser, answer = half_way(visit, world.aigerim, f"/proposals/{key}", browser)
    page = browser.follow(answer)
    assert "Your vote is kept" in page.text
    rollback()
    assert db.session.get(Proposal, key).supports == 0  # the password alone casts nothing
    browser.submit(page, "/sign-in/code", 422, code="000000")
    done = browser.submit(page, "/sign-in/code", code=phone.at(MONDAY))
    assert done.location == f"/kept?next=/proposals/{key}"  # the draft did not come to this door: it is asked about
    asked = browser.follow(done)
    (mine,) = [form.get("action") for form in asked.find("form") if form.get("action").endswith("/sending")]
    assert "Your vote is counted" in asked.text
    browser.submit(asked, mine)
    rollback()
    assert db.session.get(Proposal, key).supports == 1
    assert "Саябаққа орындықтар керек" in browser.get("/my").text


# --- required


def test_where_it_is_required_the_way_leads_from_the_desk_through_setting_it_up_back_to_the_desk(app, world, visit):
    app.config["STAFF_TOTP_REQUIRED"] = True
    browser = visit(world.moderator)
    refused = browser.get("/desk", 403)
    assert refused.find("a", href="/second-step")
    begun = browser.follow(browser.submit(browser.get("/second-step"), "/second-step/enrolment"))
    code = pyotp.TOTP(wanted_secret(account())).at(MONDAY)
    browser.submit(begun, "/second-step/confirmation", 200, code=code)
    browser.get("/desk")
    browser.submit(browser.get("/second-step"), "/second-step/removal")
    browser.get("/desk", 403)
