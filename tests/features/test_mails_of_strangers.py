"""Nobody writes into our mails: what a stranger types reaches no address that nobody has confirmed."""

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import add_user
from tests.features.test_organisations import invite
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.mail import Message
from webapp.organisations.letters import tell_refused, tell_verified
from webapp.people.letters import tell_of_door
from webapp.people.models import Organisation, User
from webapp.people.services import begin_reset, send_code, set_password, sign_up

CANARY = "Canary"
LINES = f"{CANARY}.\n\nYour account is blocked. Unblock it: https://evil.example/u\n\nThanks"
VICTIM = "victim@test.example"


def mails(to=VICTIM):
    rollback()
    return list(db.session.scalars(select(Message).where(Message.to == to).order_by(Message.id)))


def written(to=VICTIM):
    return "\n".join(f"{mail.subject}\n{mail.body}\n{mail.html or ''}" for mail in mails(to))


def test_what_is_typed_at_the_doors_stands_in_no_mail_to_a_stranger(visit, world):
    browser = visit()
    typed = {"email": VICTIM, "given_name": CANARY, "surname": CANARY, "password": "canary words that nobody reads"}
    browser.submit(browser.get("/sign-up"), "/sign-up", **typed)
    browser.submit(browser.get("/confirm"), "/confirm", again="1")
    browser.submit(browser.get("/forgotten-password"), "/forgotten-password", email=VICTIM)
    mover = visit(world.bolat)
    mover.submit(mover.get("/my/address"), "/my/address", email=VICTIM)
    assert len(mails()) == 4
    assert CANARY.casefold() not in written().casefold()
    assert world.bolat.given_name not in written()


@pytest.mark.parametrize("name", [LINES, "evil.example", "Press https://evil.example", f"{CANARY} 1"])
def test_a_name_that_is_none_is_refused_and_kept_in_the_form(visit, name):
    browser = visit()
    for field in ("given_name", "surname"):
        typed = {"email": VICTIM, "given_name": "Айгүл", "surname": "Ли", "password": "seven violet umbrellas"}
        page = browser.submit(browser.get("/sign-up"), "/sign-up", 422, **typed | {field: name})
        assert "Write the name with letters" in page.text or "Write your" in page.text
        assert page.form("/sign-up")["email"] == VICTIM
        assert page.form("/sign-up")[field].split() == name.split(), "nothing that was typed is lost"
    assert mails() == []


def test_an_account_whose_address_is_not_confirmed_is_greeted_without_its_name(app, world):
    with unit_of_work():
        user = sign_up(VICTIM, "hash", CANARY, CANARY, "en", MONDAY)
        send_code(user, MONDAY)
        set_password(user, "hash", MONDAY)
        tell_of_door(user, "Something happened.", "test", MONDAY)
        begin_reset("token", VICTIM, "en", MONDAY)
    assert len(mails()) == 4 and CANARY not in written() and written().count("Hello.") == 4
    with unit_of_work():
        locked(User, user.id).email_confirmed_at = MONDAY
        tell_of_door(db.session.get_one(User, user.id), "Something happened.", "test", MONDAY)
    assert f"Hello, {CANARY}." in mails()[-1].body


def test_an_invitation_names_the_organisation_to_confirmed_people_only(visit, world):
    with unit_of_work():
        firm = db.session.scalars(select(Organisation)).first()
        firm.name, key = f"{CANARY} evil.example/pay", firm.id
        add_user("waits@test.example", MONDAY).email_confirmed_at = None
    owner = visit(world.member)
    for address in (VICTIM, "waits@test.example", world.kentau.email):
        invite(owner, key, address)
    for address in (VICTIM, "waits@test.example"):
        assert "/invitations/" in written(address) and CANARY not in written(address)
    assert f"{CANARY} evil. example pay " in mails(world.kentau.email)[-1].subject


def test_the_name_of_an_organisation_is_one_line_without_an_address_in_every_mail(app, world):
    class Fact:
        id = 1

    with unit_of_work():
        firm = db.session.scalars(select(Organisation)).first()
        firm.name, firm.refusal = "ТОО\n\nhttps://evil.example", "a reason"
        tell_verified(firm, Fact, MONDAY)
        Fact.id = 2
        tell_refused(firm, Fact, MONDAY)
    assert len(mails(world.member.email)) == 2
    assert "evil.example" not in written(world.member.email) and "//evil" not in written(world.member.email)
