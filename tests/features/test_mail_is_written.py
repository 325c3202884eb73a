"""Whoever asks for a mail gets it, however long the days were quiet before: no mail is taken for a repeat of another one."""

import re
from datetime import timedelta

from sqlalchemy import func, select

from tests.authenticator import Device
from tests.conftest import MONDAY
from tests.factories import add_user
from tests.features.test_passkeys import add
from webapp.account.jobs import forget_invitations, forget_unconfirmed
from webapp.account.services import my_data
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.mail import Message, deliver_due, outbox
from webapp.notifications.models import Wish
from webapp.notifications.rules import Stream
from webapp.notifications.unsubscribing import PURPOSE, address_for, meant, unsubscribe
from webapp.organisations.members import invite
from webapp.people import codes
from webapp.people.models import EmailCode, Organisation, Passkey, User
from webapp.people.passwords import encrypted, hash_password
from webapp.people.services import (
    begin_reset,
    begin_sign_up,
    send_code,
    send_sign_up_code,
    set_password,
    sign_up,
)

both_databases = ("quiet_days", "after_a_restore_an_old", "nobody_elses")
DAY = timedelta(days=1)


def mails(to):
    rollback()
    return db.session.scalar(select(func.count()).select_from(Message).where(Message.to == to))


def a_round(world, day, turn):
    """What people ask for on one day, each thing twice: a mail for every time."""
    with unit_of_work():
        for letter in "ab":
            address = f"new-{letter}{turn}@test.example"
            begin_sign_up(f"token-{letter}{turn}", address, "hash", "Жаңа", "Адам", "kk", day)
            send_sign_up_code(f"token-{letter}{turn}", day)
        for person in (world.aigerim, world.bolat):
            begin_reset(f"reset-{person.id}-{turn}", person.email, "kk", day)
        waiting = sign_up(f"waits{turn}@test.example", "hash", "Кеш", "Қалған", "kk", day)
        send_code(waiting, day)
        send_code(waiting, day)
        set_password(locked(User, world.kentau.id), hash_password("nobody asks for this"), day)
        firm = db.session.scalars(select(Organisation)).first()
        invite(db.session.get_one(User, world.member.id), firm, f"guest{turn}@test.example", "representative", day)
    return {f"new-{letter}{turn}@test.example": 2 for letter in "ab"} | {
        f"waits{turn}@test.example": 2,
        f"guest{turn}@test.example": 1,
    }


def test_every_mail_is_written_after_quiet_days(app, world):
    for turn in range(3):
        day = MONDAY + turn * 120 * DAY
        for address, count in a_round(world, day, turn).items():
            assert mails(address) == count, (turn, address)
        assert mails("aigerim@test.example") == mails("bolat@test.example") == turn + 1
        assert mails("kentau@test.example") == turn + 1
        quiet = day + 110 * DAY
        assert codes.forget_codes(quiet) and forget_invitations(quiet) and forget_unconfirmed(quiet)
        assert db.session.scalar(select(func.count()).select_from(EmailCode)) == 0
    keys = list(db.session.scalars(select(Message.dedup_key)))
    assert len(keys) == len(set(keys))


def test_each_passkey_added_and_removed_is_told(world, visit):
    browser = visit(world.aigerim)
    for turn in range(3):
        add(browser, Device())
        rollback()
        key = db.session.scalar(select(Passkey.id).where(Passkey.user_id == world.aigerim.id))
        browser.post(f"/my/passkeys/{key}/removal")
        assert mails("aigerim@test.example") == 2 * (turn + 1)


def test_the_number_of_a_forgotten_account_is_nobody_elses(app, world):
    def newcomer(email, at):
        with unit_of_work():
            return sign_up(email, "hash", "Кеш", "Қалған", "kk", at).id

    first = newcomer("first@test.example", MONDAY)
    with unit_of_work():
        token = address_for(first, Stream.DIGEST).rpartition("/")[2]
        set_password(locked(User, first), "hash", MONDAY)
    assert forget_unconfirmed(MONDAY + 40 * DAY) == 1
    second = newcomer("second@test.example", MONDAY + 41 * DAY)
    assert second > first
    rollback()
    former = db.session.get(User, first)
    assert former is None or (former.email, former.given_name) == (f"deleted-{first}@invalid", "")
    assert my_data(db.session.get_one(User, second))["journal"] == []
    with unit_of_work():
        assert unsubscribe(token, MONDAY + 41 * DAY) is Stream.DIGEST
    assert db.session.get(Wish, second) is None
    assert forget_unconfirmed(MONDAY + 50 * DAY) == 0
    assert forget_unconfirmed(MONDAY + 90 * DAY) == 1


def test_after_a_restore_an_old_address_switches_off_nobody_elses_mails(app, world):
    """A restore gives numbers anew: what is left of a sealed address is the moment in which its account was made."""
    with unit_of_work():
        person = add_user("lost@test.example", MONDAY)
        token = address_for(person.id, Stream.OWN).rpartition("/")[2]
        bare = encrypted(app.config["SECRET_KEY"], PURPOSE, f"own:{person.id}")
        assert meant(token).person_id == person.id
        person.created_at = MONDAY + 3650 * DAY  # the same number, another account
    rollback()
    assert meant(token) == (None, Stream.OWN)
    assert meant(bare.rstrip("=")) == (None, Stream.OWN), "a token of former days holds the number alone"
    with unit_of_work():
        db.session.get_one(User, person.id).created_at = MONDAY - 3650 * DAY
    assert meant(bare.rstrip("=")).person_id == person.id, "it goes on working for its own account"
    for odd in ("", "own", "own:x", f"other:{person.id}", "own:1:2:3"):
        sealed = encrypted(app.config["SECRET_KEY"], PURPOSE, odd)
        found = meant(sealed)
        assert found is None or found.person_id is None


def test_a_mail_after_a_restore_is_no_repeat_for_a_mailbox(app, world):
    ids = []
    for at in (MONDAY, MONDAY + DAY):
        with unit_of_work():
            db.session.query(Message).delete()
            db.session.query(EmailCode).delete()
            begin_reset(f"t{at}", world.bolat.email, "kk", at)
            key = db.session.scalars(select(Message)).one()
            key.dedup_key = "fact:7:2"  # as given once more by the restored database
        deliver_due(at)
        ids.append(outbox()[-1].message()["Message-ID"])
    assert len(set(ids)) == 2 and all(re.fullmatch(r"<fact\.7\.2\.\d{20}@[\w.-]+>", one) for one in ids)


def test_an_old_page_removes_no_passkey_that_got_the_number_of_another(world, visit, clock):
    browser = visit(world.aigerim)
    add(browser, Device())
    rollback()
    key = db.session.scalar(select(Passkey.id).where(Passkey.user_id == world.aigerim.id))
    old = browser.get("/my/passkeys")
    browser.submit(old, f"/my/passkeys/{key}/removal")
    clock(MONDAY + timedelta(minutes=1))
    add(browser, Device())
    browser.submit(old, f"/my/passkeys/{key}/removal")
    rollback()
    left = db.session.scalars(select(Passkey.id).where(Passkey.user_id == world.aigerim.id)).all()
    assert len(left) == 1
    browser.submit(browser.get("/my/passkeys"), f"/my/passkeys/{left[0]}/removal")
    rollback()
    assert db.session.scalars(select(Passkey.id).where(Passkey.user_id == world.aigerim.id)).all() == []
