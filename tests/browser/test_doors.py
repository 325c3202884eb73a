"""Coming and going in a real browser: a new account, a forgotten password, a passkey, devices, leaving for good."""

import re

import pytest
from sqlalchemy import select

from tests.factories import PASSWORD, add_user
from webapp.kernel.clock import now
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.mail import Message
from webapp.people.services import by_email
from webapp.people.sign_ins import end_all

NEW = "seven violet umbrellas"


def code_for(email):
    rollback()
    bodies = db.session.scalars(select(Message.body).where(Message.to == email).order_by(Message.id))
    return re.findall(r"\b\d{6}\b", list(bodies)[-1])[0]


@pytest.mark.parametrize(
    ("lang", "width", "javascript"), [("kk", 360, True), ("ru", 1280, False)], ids=["phone", "no-js"]
)
def test_from_a_new_account_to_its_end(person, arrange, lang, width, javascript):
    email = f"visitor{width}@test.example"
    someone = person(lang=lang, width=width, javascript=javascript)
    someone.go("/sign-up")
    someone.send("/sign-up", email=email, given_name="Жанар", surname="Ахметова", password="Password123")
    assert someone.page.locator("[aria-invalid=true]").count() == 1  # known from break-ins
    someone.send("/sign-up", password=NEW)
    assert someone.path == "/confirm"
    someone.send("/confirm", code=code_for(email))
    someone.go("/my/devices")
    assert someone.page.locator("main ul.rows li").count() == 1
    someone.press("header form[action='/sign-out'] button")

    someone.go("/sign-in")
    someone.press("main a[href^='/forgotten-password']")
    someone.send("/forgotten-password", email=email)
    someone.send("/new-password", code=code_for(email), new_password=f"{NEW} again")
    someone.go("/my/password")
    someone.send("/my/password", password=f"{NEW} again", new_password=NEW)
    assert someone.path == "/my"

    someone.press("main a[href='/my/deletion']")
    someone.send("/my/deletion", agree="y", password=NEW)
    assert someone.path == "/"
    rollback()
    assert by_email(email) is None
    someone.page.goto(f"{someone.base}/my")
    assert someone.path == "/sign-in"


def test_a_passkey_signs_in(person, arrange):
    with unit_of_work():
        add_user("keys@test.example", now())
    keeper = person("keys", host="localhost", lang="kk", width=360)
    wire = keeper.context.new_cdp_session(keeper.page)
    wire.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": device | {"isUserVerified": True}})
    keeper.go("/my")
    keeper.press("main a[href='/my/passkeys']")
    with keeper.page.expect_navigation():
        keeper.page.locator("main form[data-passkey] button").click()
    keeper.look()
    assert keeper.page.locator("main ul.rows li").count() == 1
    keeper.press("header form[action='/sign-out'] button")

    keeper.go("/sign-in?next=/my")
    with keeper.page.expect_navigation(url=re.compile("/my$")):
        keeper.page.locator("main form[data-passkey] button").click()
    keeper.look()
    assert keeper.path == "/my"
    keeper.go("/my/passkeys")
    keeper.press("main ul.rows form button")
    assert keeper.page.locator("main ul.rows li").count() == 0


def test_without_javascript_or_name_no_passkey_is_offered(person, arrange):
    for manner in ({"javascript": False}, {"host": "127.0.0.1"}):
        stranger = person(lang="en", **manner)
        stranger.go("/sign-in")
        assert not stranger.page.locator("form[data-passkey]").is_visible()


def test_a_form_that_was_sent_too_late_is_offered_again_inside(person, arrange):
    with unit_of_work():
        add_user("late@test.example", now())
    late = person("late", lang="ru", width=360)
    late.go("/my/name")
    with unit_of_work():
        end_all(by_email("late@test.example").id, now())
    late.send("/my/name", shows_full_name="yes")
    assert late.path == "/my/name" and late.page.locator("main form[action='/sign-in']").count() == 1
    late.send("/sign-in", email="late@test.example", password=PASSWORD)
    late.send("/my/name")
    rollback()
    assert by_email("late@test.example").shows_full_name is True
