"""Following, reading and unsubscribing in a real browser, with and without JavaScript: no barrier, nothing over the edge."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from tests.factories import World, add_user, published
from tests.sizes import size
from webapp.access.services import give_role
from webapp.kernel.clock import now
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.mail import Message, enqueue
from webapp.notifications.models import Wish
from webapp.notifications.rules import Stream
from webapp.notifications.services import tell
from webapp.notifications.unsubscribing import address_for
from webapp.people.services import by_email
from webapp.territories.services import nation


@pytest.fixture
def key(arrange):
    with unit_of_work():
        found = published(World.read(), now() - timedelta(days=2), title="Балабақша жанындағы өткелге жарық керек").id
    tell(now())
    return found


@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "plain"])
def test_following_and_not_any_more(person, key, javascript):
    someone = person("kentau", width=360, javascript=javascript)
    someone.go(f"/proposals/{key}")
    someone.press("#follow button")
    assert someone.path == f"/proposals/{key}" and "You follow this proposal" in someone.text("#follow")
    assert "You follow this." in someone.text("#flash")
    someone.press("#follow button")
    assert "Follow this proposal" in someone.text("#follow") and someone.page.locator("#follow").count() == 1
    someone.press("form[action$='/vote'] button[value=support]")
    assert "You follow this proposal" in someone.text("#follow"), "whoever supports follows"
    for path in ("/territories/611000000", "/proposals?sphere=safety"):
        someone.go(path)
        someone.press("#follow button")
        assert "You follow this" in someone.text("#follow")
    someone.go("/my/notifications")
    for path in ("/territories/611000000", "/spheres/safety"):
        someone.press(f"main form[action='{path}/following/ending'] button")
        assert someone.path == "/my/notifications"


def test_a_stranger_is_led_to_the_door(person, key):
    stranger = person(width=360, javascript=False)
    stranger.go("/territories/611000000")
    stranger.press("#follow button")
    assert stranger.page.locator("main form[action='/sign-in']").count() == 1


@pytest.mark.parametrize(("lang", "width"), size([("kk", 360)], [("kk", 360), ("ru", 1280)]))
def test_no_barriers_on_the_pages_of_notices(person, key, lang, width):
    author = person("aigerim", lang=lang, width=width)
    for path in ("/my", "/my/notices", "/my/notifications"):
        author.go(path)
    author.press("main form[action='/my/notifications/feed'] button")
    assert "/feeds/" in author.text("main .secret-address")
    author.go("/my/notices")
    if author.page.locator("main form[action='/my/notices/reading']").count():
        author.press("main form[action='/my/notices/reading'] button")
    officer = person("officer", lang=lang, width=width)
    officer.go("/my/notifications")
    officer.press("main form[action='/my/notifications/calendar'] button")
    with unit_of_work():
        operator = f"operator-{lang}@test.example"
        give_role(add_user(operator, now()), "operator", nation(), now() - timedelta(days=1))
        enqueue("nobody@test.example", "x", "x", f"digest:{lang}:0", now())
        letter = db.session.scalars(select(Message).where(Message.dedup_key == f"digest:{lang}:0")).one()
        letter.next_at, letter.failed_at, letter.error = None, now(), "SMTPRecipientsRefused 550"
    boss = person(operator.partition("@")[0], lang=lang, width=width)
    boss.go("/ops/mail")
    boss.press("main form[action$='/giving-up'] button")


def test_unsubscribing_is_one_press(person, key):
    with unit_of_work():
        bolat = by_email("bolat@test.example").id
        path = urlsplit(address_for(bolat, Stream.DIGEST)).path
    stranger = person(lang="kk", width=360, javascript=False)
    stranger.go(path)
    rollback()
    assert db.session.get(Wish, bolat) is None
    stranger.press(f"main form[action='{path}'] button")
    rollback()
    assert stranger.path == path and not db.session.get(Wish, bolat).digest
