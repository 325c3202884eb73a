"""Passkeys: added by who is confirmed, used once a challenge, refused when anything about the answer is false."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.authenticator import PRESENT, Device
from tests.conftest import MONDAY
from tests.factories import PASSWORD
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.people.models import Challenge, Passkey, User

#: What the other database could do otherwise: conflicts, locks, dates, order.
both_databases = (
    "without_password",
    "good_once",
    "too_old",
    "added_twice",
    "only_ones_own",
)
HOST, ORIGIN = "localhost", "http://localhost"


def options_for(browser, path, page):
    answer = browser.post(path, 200, page)
    assert answer.response.headers["Cache-Control"] == "no-store"
    return json.loads(answer.html)


def add(browser, device, status=303, name="My phone", **false):
    page = browser.get("/my/passkeys")
    options = options_for(browser, "/my/passkeys/challenge", page)
    answer = device.make(options, false.pop("origin", ORIGIN), false.pop("host", HOST), **false)
    return browser.submit(page, "/my/passkeys", status, name=name, credential=answer)


def use(browser, device, status=303, **false):
    page = browser.get("/sign-in")
    options = options_for(browser, "/sign-in/passkey/challenge", page)
    answer = device.use(options, false.pop("origin", ORIGIN), false.pop("host", HOST), **false)
    return page, answer, browser.submit(page, "/sign-in/passkey", status, credential=answer)


def is_inside(browser):
    return browser._send("GET", "/my").status == 200


@pytest.fixture
def device(world, visit):
    made = Device()
    add(visit(world.aigerim), made)
    return made


def passkeys():
    rollback()
    return db.session.scalars(select(Passkey)).all()


def test_a_passkey_signs_in_without_password_and_without_code(world, visit, device):
    from tests.features.test_totp import enrolled

    enrolled(world.aigerim.email)
    browser = visit()
    use(browser, device)
    assert "Айгерім" in browser.get("/my").text
    (row,) = passkeys()
    assert (row.user_id, row.name, row.used_at, row.sign_count) == (world.aigerim.id, "My phone", MONDAY, 2)


def test_its_owner_is_told_by_mail_and_sees_it_among_the_data(world, visit, device):
    rollback()
    assert any("passkey:added" in key for key in db.session.scalars(select(Message.dedup_key)))
    stored = json.loads(visit(world.aigerim)._send("GET", "/my/data.json").html)
    assert [row["name"] for row in stored["passkeys"]] == ["My phone"]


def test_an_answer_is_good_once(world, visit, device):
    browser, thief = visit(), visit()
    _page, answer, _done = use(browser, device)
    page = thief.get("/sign-in")
    again = thief.submit(page, "/sign-in/passkey", 409, credential=answer)
    assert "used already" in again.text and not is_inside(thief)


def test_a_challenge_is_too_old_after_five_minutes_and_leaves_the_table(world, visit, device, clock):
    browser = visit()
    page = browser.get("/sign-in")
    options = options_for(browser, "/sign-in/passkey/challenge", page)
    clock(MONDAY + timedelta(minutes=5))
    browser.submit(page, "/sign-in/passkey", 409, credential=device.use(options, ORIGIN, HOST))
    jobs.run(MONDAY + timedelta(hours=7))
    rollback()
    assert db.session.scalar(select(func.count()).select_from(Challenge)) == 0


@pytest.mark.parametrize(
    "false",
    [{"origin": "https://saty.evil.example"}, {"host": "evil.example"}, {"flags": PRESENT}, {"flags": 0}],
    ids=["origin", "site", "not verified", "not present"],
)
def test_what_another_site_or_an_unasked_device_signed_is_refused(world, visit, device, false):
    browser = visit()
    _page, _answer, refused = use(browser, device, 422, **false)
    assert "Sign in with your password" in refused.text and not is_inside(browser)
    add(visit(world.bolat), Device(), 422, **false)
    assert len(passkeys()) == 1


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "x",
        "{}",
        "[]",
        '{"response": {"clientDataJSON": "e30"}}',
        '{"id": "a"}',
        "9" * 30_000,
        "[" * 30_000,
        '{"id":' * 30_000,
    ],
)
def test_rubbish_is_refused_with_a_sentence(world, visit, device, credential):
    browser = visit()
    answer = browser.submit(browser.get("/sign-in"), "/sign-in/passkey", 422, credential=credential)
    assert "could not be read" in answer.text
    inside = visit(world.bolat)
    inside.submit(inside.get("/my/passkeys"), "/my/passkeys", 422, name="x", credential=credential)


def test_a_strange_key_and_a_false_signature_are_refused_alike(world, visit, device):
    stranger = Device()
    browser = visit()
    _page, _answer, unknown = use(browser, stranger, 422)
    stranger.id = device.id  # the right name, the wrong secret
    _page, _answer, forged = use(browser, stranger, 422)
    assert "not known here" in unknown.text and "not known here" in forged.text
    assert not is_inside(browser)


def test_a_copied_device_is_noticed_by_its_counter(world, visit, device):
    use(visit(), device)
    device.count = 0
    use(visit(), device, 422)


def test_a_passkey_cannot_be_added_twice_or_by_a_challenge_of_somebody_else(world, visit, device):
    add(visit(world.aigerim), device, 409)
    mine, other = visit(world.aigerim), visit(world.bolat)
    page = other.get("/my/passkeys")
    options = options_for(mine, "/my/passkeys/challenge", mine.get("/my/passkeys"))
    other.submit(page, "/my/passkeys", 409, name="x", credential=Device().make(options, ORIGIN, HOST))
    use_options = options_for(other, "/sign-in/passkey/challenge", page)
    other.submit(page, "/my/passkeys", 409, name="x", credential=Device().make({**use_options}, ORIGIN, HOST))
    assert len(passkeys()) == 1


def test_ten_are_enough(world, visit):
    browser = visit(world.aigerim)
    for number in range(10):
        add(browser, Device(), name=f"Device {number}")
    page = browser.get("/my/passkeys")
    assert "Ten passkeys are enough" in browser.post("/my/passkeys/challenge", 409, page).text
    assert len(passkeys()) == 10


def test_only_ones_own_is_removed_and_then_it_signs_nobody_in(world, visit, device):
    (row,) = passkeys()
    visit(world.bolat).post(f"/my/passkeys/{row.id}/removal")
    assert len(passkeys()) == 1
    owner = visit(world.aigerim)
    owner.submit(owner.get("/my/passkeys"), f"/my/passkeys/{row.id}/removal")
    owner.post(f"/my/passkeys/{row.id}/removal")
    owner.post("/my/passkeys/99999999999999999999/removal")
    assert passkeys() == []
    use(visit(), device, 422)


def test_the_password_is_asked_again_before_anything_changes(world, visit, device, clock):
    browser = visit(world.aigerim)
    (row,) = passkeys()
    clock(MONDAY + timedelta(minutes=11))
    page = browser.get("/my/passkeys")
    browser.post("/my/passkeys/challenge", 403, page)
    asked = browser.post("/my/passkeys", 403, page, name="x", credential="{}")
    assert asked.form("/confirm-it-is-you")["name"] == "x"
    asked = browser.post(f"/my/passkeys/{row.id}/removal", 403, page)
    assert (
        browser.submit(asked, "/confirm-it-is-you", 307, password=PASSWORD).location == f"/my/passkeys/{row.id}/removal"
    )
    assert len(passkeys()) == 1


@pytest.mark.parametrize("end", ["closed", "deleted"])
def test_a_passkey_of_an_account_that_is_closed_or_gone_signs_nobody_in(world, visit, device, end):
    owner = visit(world.aigerim)
    if end == "deleted":
        owner.submit(owner.get("/my/deletion"), "/my/deletion", agree="y", password=PASSWORD)
        assert passkeys() == []
    else:
        with unit_of_work():
            db.session.get_one(User, world.aigerim.id).disabled_at = MONDAY
    use(visit(), device, 422)
