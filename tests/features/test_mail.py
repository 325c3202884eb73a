"""A mail server that refuses, hangs or breaks the line delays mails and nothing else; what it never takes, operators see."""

import re
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.client import Visitor
from tests.conftest import MONDAY, make_app
from tests.factories import published, supported
from tests.sink import sink
from webapp.access.services import give_role
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.dead_letters import forget_messages
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import CLAIM, IN_VAIN, LAST_ATTEMPT, Message, deliver_due, enqueue
from webapp.notifications.services import tell
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.territories.services import nation

both_databases = True
sensitive = (
    "test_dead_letters_are_not_forgotten_before_they_were_seen_or_their_term_is_over",
    "test_dead_letters_are_seen_sent_again_or_given_up",
    "test_every_claim_begins_at_its_own_moment",
    "test_one_bad_address_holds_up_nobody_else",
    "test_the_timeout_is_part_of_the_claim",
)
MINUTE = timedelta(minutes=1)
TIMEOUT = 0.3


@pytest.fixture
def server():
    with sink() as found:
        yield found


@pytest.fixture
def is_alone():
    """Each test has a database of its own: threads of the server write into it too."""
    return False


@pytest.fixture
def app(server, database_url, tmp_path, clock):
    """An application whose mails go to the sink."""
    settings = {"MAIL_BACKEND": "smtp", "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": server.port, "MAIL_TIMEOUT": TIMEOUT}
    app = make_app(database_url, tmp_path, **settings)
    with app.app_context():
        yield app
        rollback()
        db.session.remove()
        db.engine.dispose()


def wrote(count, name="somebody"):
    with unit_of_work():
        for number in range(count):
            enqueue(f"{name}{number}@test.example", f"Хат {number}", "Мәтін\n", f"{name}:{number}", MONDAY)


def left(*where):
    rollback()
    return db.session.scalar(select(func.count()).select_from(Message).where(*where))


def deliver_until_all_are_there(start, at_most=300):
    """Passes a minute apart."""
    for number in range(at_most):
        deliver_due(start + number * MINUTE)
        if not left(Message.next_at.is_not(None)):
            return start + number * MINUTE
    raise AssertionError("some mails are still waiting")


def in_the_background(app, work):
    """A worker that runs while the test goes on."""

    def run():
        with app.app_context():
            done.append(work())
            db.session.remove()

    done = []
    thread = threading.Thread(target=run)
    thread.start()
    return thread, done


@pytest.mark.parametrize("mood", ["refuse", "hang", "drop", "busy"])
def test_ten_minutes_without_a_mail_server_delay_mails_and_nothing_else(app, server, world, mood):
    with unit_of_work():
        key = published(world, MONDAY).id
    wrote(12)
    server.close() if mood == "refuse" else setattr(server, "mood", mood)
    browser = Visitor(app)
    browser.sit_down(world.bolat)
    token, answers = browser.get(f"/proposals/{key}"), []

    def ten_minutes():
        return [deliver_due(MONDAY + number * MINUTE) for number in range(10)]

    worker, passes = in_the_background(app, ten_minutes)
    while worker.is_alive() or len(answers) < 20:
        ending = "/ending" if len(answers) % 2 else ""
        answers.append(browser.post(f"/proposals/{key}/following{ending}", 303, token).status)
        answers.append(browser.get(f"/proposals/{key}").status)
        time.sleep(0.1)  # a person reads
    worker.join()
    assert set(answers) == {200, 303}
    assert passes == [[0] * 10] and left(Message.sent_at.is_not(None)) == 0
    assert left(Message.attempts >= LAST_ATTEMPT) == 0
    server.open() if mood == "refuse" else setattr(server, "mood", "ok")
    deliver_until_all_are_there(MONDAY + 10 * MINUTE)
    assert set(server.times.values()) == {1} and len(server.times) == 12
    assert left(Message.sent_at.is_(None)) == 0


def test_a_server_that_hangs_holds_the_worker_up_three_times_and_is_left_alone_then(app, server, world):
    wrote(20)
    server.mood = "hang"
    assert deliver_due(MONDAY) == 0
    assert server.connections == IN_VAIN
    done = jobs.run(MONDAY + timedelta(seconds=2))
    assert done["mail"] == 0 and min(done.values()) >= 0
    assert server.connections == IN_VAIN, "left alone for a minute"
    server.mood = "ok"
    assert deliver_due(MONDAY + timedelta(seconds=50)) == 0
    assert deliver_due(MONDAY + timedelta(seconds=90)) == 17
    assert deliver_due(MONDAY + timedelta(seconds=200)) == 3
    assert set(server.times.values()) == {1}


def test_every_claim_begins_at_its_own_moment(app, server, world):
    """The fault that it mends: after some slow mails a claim lay in the past, and a second worker sent the same again."""
    wrote(5)
    slow, claims, free = [0.0], [], []

    def look(_mail):
        slow[0] += 14.0
        with app.app_context():
            moment = MONDAY + timedelta(seconds=slow[0])
            claims.append(db.session.scalar(select(func.max(Message.next_at))) - moment)
            free.append(db.session.scalar(select(func.count()).where(Message.next_at <= moment, Message.attempts > 0)))
            db.session.remove()

    server.on_data = look
    assert deliver_due(MONDAY, stopwatch=lambda: slow[0]) == 3, "the other jobs have their turn after half a minute"
    assert min(claims) > CLAIM - timedelta(seconds=15), "the last claim is as long as the first"
    assert free == [0, 0, 0], "a second worker would take it"
    assert deliver_due(MONDAY + timedelta(seconds=60), stopwatch=lambda: slow[0]) == 2
    assert set(server.times.values()) == {1} and len(server.times) == 5
    sent = db.session.scalars(select(Message.sent_at).order_by(Message.id)).all()
    assert sent[:3] == [MONDAY + timedelta(seconds=seconds) for seconds in (14, 28, 42)]


def test_the_timeout_is_part_of_the_claim(app, server, world):
    app.config["MAIL_TIMEOUT"] = 60
    wrote(1)
    seen = []

    def look(_mail):
        with app.app_context():
            seen.append(db.session.scalar(select(Message.next_at)))
            db.session.remove()

    server.on_data = look
    assert deliver_due(MONDAY) == 1
    assert seen[0] - MONDAY >= timedelta(minutes=12)


def test_a_goodbye_that_gets_lost_is_no_failure(app, server, world):
    wrote(2)
    server.mood = "mute"
    assert deliver_due(MONDAY) == 2
    server.mood = "ok"
    assert deliver_due(MONDAY + timedelta(days=1)) == 0
    assert set(server.times.values()) == {1}


def test_one_bad_address_holds_up_nobody_else(app, server, world):
    wrote(IN_VAIN + 1, "bad")
    wrote(3)
    server.mood = "bad"
    assert deliver_due(MONDAY) == 3
    assert left(Message.attempts == 1, Message.sent_at.is_(None)) == IN_VAIN + 1
    error = db.session.scalar(select(Message.error).where(Message.error.is_not(None)))
    assert error == "SMTPRecipientsRefused 550"  # and none of the server's words


def test_a_mail_has_two_parts_and_one_click_to_unsubscribe(app, server, world):
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
        db.session.execute(db.delete(Message))
        supported(locked(Proposal, key), 20, "611000000", MONDAY)
    tell(MONDAY)
    deliver_due(MONDAY)
    mail = next(m for m in server.mails if m["To"] == world.aigerim.email)
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "6110-2026-" in plain and "6110-2026-" in html
    assert mail["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<http://127\.0\.0\.1:8000/unsubscribe/[\w-]+>", mail["List-Unsubscribe"].strip())
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(rf"<fact\.\d+\.{world.aigerim.id}\.\d{{20}}@127\.0\.0\.1>", mail["Message-ID"])
    assert not re.search(r"\bsrc=|url\(|<script|<img|<link", html)


def died(server, count=2):
    """Dead letters, after twelve attempts."""
    wrote(count, "bad")
    server.mood = "full"
    moment = deliver_until_all_are_there(MONDAY, 30 * 60)
    assert left(Message.failed_at.is_not(None), Message.attempts == LAST_ATTEMPT) == count
    assert deliver_due(moment + timedelta(days=1)) == 0
    return moment


@pytest.fixture
def operator(app, world):
    with unit_of_work():
        give_role(locked(User, world.bolat.id), "operator", nation(), MONDAY - timedelta(days=1))
        db.session.execute(update(User).where(User.id == world.bolat.id).values(second_step_at=MONDAY))
    browser = Visitor(app)
    browser.sit_down(db.session.get(User, world.bolat.id))
    return browser


def test_dead_letters_are_seen_sent_again_or_given_up(app, server, world, operator):
    died(server, 3)
    assert "saty_mail_dead_letters 3.0" in operator._send("GET", "/metrics").html
    assert "/ops/mail" in operator.get("/desk").html
    page = operator.get("/ops/mail")
    assert "3 mails" in page.text and "to test.example" in page.text and "SMTPRecipientsRefused 452" in page.text
    assert "bad0" not in page.html and "Хат" not in page.html and "a word of the server" not in page.html
    keys = sorted(
        int(re.search(r"\d+", f.get("action"))[0]) for f in page.find("form") if "giving-up" in f.get("action")
    )
    operator.submit(page, f"/ops/mail/{keys[0]}/giving-up")
    operator.submit(page, f"/ops/mail/{keys[1]}/again")
    late = operator.submit(page, f"/ops/mail/{keys[0]}/again")
    assert "has decided about this mail already" in operator.get(late.location).text
    operator.submit(operator.get("/ops/mail"), "/ops/mail/again")
    assert "Every mail is sent or waits to be sent" in operator.get("/ops/mail").text
    server.mood = "ok"
    assert deliver_due(MONDAY + timedelta(days=3)) == 2
    assert set(server.times.values()) == {1}
    assert "saty_mail_dead_letters 0.0" in operator._send("GET", "/metrics").html
    operator.post("/ops/mail/999999999999/again", 303)


def test_nobody_else_sees_them(app, server, world):
    browser = Visitor(app)
    browser.sit_down(world.moderator)
    browser.get("/ops/mail", 403)
    browser.post("/ops/mail/1/again", 403)


def test_dead_letters_are_not_forgotten_before_they_were_seen_or_their_term_is_over(app, server, world):
    moment = died(server)
    with unit_of_work():  # written long ago, in a worker that did not run for a month
        db.session.execute(update(Message).values(created_at=MONDAY - timedelta(days=60)))
    assert forget_messages(moment + timedelta(days=29)) == 0
    assert left(Message.to != "") == 2
    with unit_of_work():
        first = db.session.scalars(select(Message).order_by(Message.id)).first()
        first.given_up_at = moment
    assert forget_messages(moment + timedelta(days=29)) == 1
    assert forget_messages(moment + timedelta(days=30, minutes=1)) == 1
    assert left(Message.to != "") == left(Message.failed_at.is_not(None), Message.given_up_at.is_(None)) == 0
