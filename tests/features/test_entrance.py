"""Passwords as they are typed, cookies that are made up, and what a browser keeps."""

import re

import pytest
from sqlalchemy import select

from tests.conftest import ROOT
from tests.factories import PASSWORD
from webapp.kernel.database import db, rollback
from webapp.kernel.mail import Message
from webapp.people.models import User

FORM = {"email": "new@test.example", "given_name": "Жаңа", "surname": "Адам"}
STRANGE = " пароль \t с пробелами ғ 🐎 " + "ұ" * 60


def sign_up(browser, status=303, **more):
    answer = browser.submit(browser.get("/sign-up"), "/sign-up", status, **(FORM | more))
    return browser.submit(browser.get("/confirm"), "/confirm", code=code_of()) if status == 303 else answer


def sign_in(browser, password, status=303, email=FORM["email"]):
    return browser.submit(browser.get("/sign-in"), "/sign-in", status, email=email, password=password)


def account(email=FORM["email"]):
    rollback()
    return db.session.scalars(select(User).where(User.email == email)).one_or_none()


def code_of(email=FORM["email"]):
    rollback()
    subject = db.session.scalars(select(Message.subject).where(Message.to == email).order_by(Message.id.desc())).first()
    return re.search(r"\d{6}", subject).group(0)


def test_a_short_password_is_refused_and_a_strange_one_taken_as_it_is(visit):
    """Ten characters at least, two hundred at most, of any kind, and none of them changed."""
    for bad in ("", "ninechars", "x" * 201):
        sign_up(visit(), 422, password=bad)
    assert account() is None
    sign_up(visit(), password=STRANGE)
    for near in (STRANGE.strip(), STRANGE.upper(), STRANGE[:72], STRANGE + " ", STRANGE.replace("\t", " ")):
        sign_in(visit(), near, 422)
    sign_in(visit(), STRANGE)


@pytest.mark.parametrize("password", ["жеті бұтақты терек", "zqj-viola-73", "ҚАЗАҚШАСӨЗТІРКЕС"])
def test_a_password_is_stored_as_argon2id(visit, password):
    sign_up(visit(), password=password)
    stored = account().password_hash
    assert re.match(r"\$argon2id\$v=19\$m=(\d+),t=2,p=1\$", stored)
    assert int(re.search(r"m=(\d+)", stored).group(1)) >= 19_000
    assert password not in stored


def test_who_wants_another_password_gives_the_old_one(world, visit):
    browser, new = visit(world.bolat), "жеті бұтақты терек"
    for old in ("", new, PASSWORD.upper()):
        browser.submit(browser.get("/my/password"), "/my/password", 422, password=old, new_password=new)
    sign_in(visit(), new, 422, world.bolat.email)
    browser.submit(browser.get("/my/password"), "/my/password", password=PASSWORD, new_password=new)
    sign_in(visit(), PASSWORD, 422, world.bolat.email)
    sign_in(visit(), new, email=world.bolat.email)


def test_a_password_field_is_masked_and_lets_managers_in(world, visit):
    pages = [visit().get("/sign-in"), visit().get("/sign-up"), visit(world.aigerim).get("/my/deletion")]
    kinds = {}
    for page in pages:
        (field,) = page.find("input", name="password")
        kinds[page.url] = field.get("autocomplete")
        assert field.get("type") == "password" and not field.get("value")
        assert not [name for name in field.attrib if str(name).startswith("on")]
    assert kinds == {"/sign-in": "current-password", "/sign-up": "new-password", "/my/deletion": "current-password"}


def cookie(browser):
    return browser.client.get_cookie(browser.app.config["SESSION_COOKIE_NAME"])


@pytest.mark.parametrize("damage", ["last letter", "no signature", "empty", "another key"])
def test_a_cookie_that_was_made_up_signs_nobody_in(world, visit, damage):
    browser = visit(world.aigerim)
    browser.get("/my")
    good = cookie(browser).value
    bad = {
        "last letter": good[:-4] + ("AAAA" if not good.endswith("AAAA") else "BBBB"),
        "no signature": good.rpartition(".")[0] or good[:-10],
        "empty": "",
        "another key": good[: len(good) // 2] + good[: len(good) // 2],
    }[damage]
    browser.client.set_cookie(browser.app.config["SESSION_COOKIE_NAME"], bad)
    assert browser.get("/my", 303).location.startswith("/sign-in")


def test_no_script_uses_storage_of_the_browser():
    own = (ROOT / "static/js/app.js").read_text(encoding="utf-8")
    assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie", own)
    layout = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates/_layouts").glob("*.html"))
    assert re.search(r"historyCacheSize(&#34;|\"|&quot;)?:\s*0", layout)
