"""The desk in a browser: every decision by keyboard alone, without JavaScript, and by whoever comes to it on a phone."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import World, propose, published, supported
from tests.sizes import size
from webapp.kernel.clock import now
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.moderation.phrases import keep_phrase
from webapp.proposals.models import Proposal
from webapp.teamwork.services import open_department
from webapp.territories.services import by_kato

LANGUAGES = size([("kk", 360)], [(lang, width) for lang in ("kk", "ru", "en") for width in (360, 1280)])


@pytest.fixture
def waiting(arrange):
    """Makes proposals that wait in Turkistan, in the wanted number."""

    def make(number=1):
        with unit_of_work():
            world = World.read()
            for one in db.session.scalars(select(Proposal).where(Proposal.stage == "submitted")):
                one.stage, one.closed_at, one.due_at = "withdrawn", now(), None  # of other tests
            text = "Кешке қараңғы, балалар жолды көрмейді. Екі шам жеткілікті."
            made = [propose(world.aigerim, now(), title=f"Саябаққа жарық {n}", text=text).id for n in range(number)]
        rollback()
        return made

    return make


def stage(key):
    rollback()
    return db.session.get_one(Proposal, key).stage


class Hands:
    """Somebody who never touches the mouse; every key counts."""

    def __init__(self, person):
        self.person, self.page, self.keys = person, person.page, 0

    def press(self, *keys):
        """Keys one after the other that change something on the page; that is waited for."""
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)
            self.page.wait_for_load_state("load")
            self.page.locator(".htmx-request, .htmx-swapping, .htmx-settling").first.wait_for(state="detached")
        self.person.look()

    def follow(self, key):
        """A key that leads to another page; until that has come, the old one would be looked at."""
        self.keys += 1
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.person.look()

    def send(self):
        """The form one is in; then the next page."""
        self.follow("Control+Enter")

    def type(self, text):
        """Words are not counted."""
        self.page.keyboard.type(text)


def at_work(person, key, **manner):
    hands = Hands(person("moderator", axe=False, **manner))
    hands.person.go(f"/desk/{key}")
    return hands


def test_publishing_takes_two_keys(person, waiting):
    (key,) = waiting()
    hands = at_work(person, key)
    hands.press("p")
    assert hands.page.evaluate("document.activeElement.name") == "sphere"
    hands.send()
    assert (stage(key), hands.keys) == ("collecting", 2)
    hands.follow("u")  # and one takes it back
    assert (stage(key), hands.person.path) == ("submitted", f"/desk/{key}")


def test_asking_takes_at_most_four_keys(person, waiting):
    (key,) = waiting()
    hands = at_work(person, key)
    hands.press("q")
    hands.type("Қай жерде?")
    hands.send()
    assert stage(key) == "returned" and hands.keys <= 4


def test_rejecting_by_a_template_takes_at_most_six_keys(person, waiting):
    (key,) = waiting()
    with unit_of_work():
        texts = ("Қай көше екенін жазыңыз.", "Напишите, какая улица.")
        keep_phrase(World.read().moderator, by_kato("611000000"), "rejection", "Қай көше", *texts, now())
    hands = at_work(person, key)
    hands.press("r", "t", "Enter")
    assert hands.page.locator("[name=note_ru]").input_value() == texts[1]
    hands.page.locator("[name=reason]:focus").wait_for(state="attached")
    hands.press("Space")
    hands.send()
    assert stage(key) == "rejected" and hands.keys <= 6


def test_forwarding_takes_at_most_four_keys(person, waiting):
    (key,) = waiting()
    with unit_of_work():
        names = {"kk": "Жарық бөлімі", "ru": "Отдел света", "en": "Lights department"}
        open_department(World.read().moderator, by_kato("611000000"), names, now())
    hands = at_work(person, key)
    hands.press("f", "l")  # the first letter of the department
    hands.send()
    rollback()
    assert hands.keys <= 4 and stage(key) == "submitted"
    moved = select(func.count()).select_from(Proposal).where(Proposal.id == key)
    assert db.session.scalar(moved) == 1
    assert "Lights department" in hands.person.page.goto(f"{hands.person.base}/proposals/{key}").text()


def test_joining_a_duplicate_takes_at_most_five_keys(person, waiting):
    (key,) = waiting()
    with unit_of_work():
        published(World.read(), now(), title="Саябаққа жарық 0")
    hands = at_work(person, key)
    hands.follow("d")
    hands.press("j")
    assert "100%" in hands.person.text() and hands.page.evaluate("document.activeElement.tagName") == "A"
    hands.follow("Enter")  # both texts and what becomes of the votes
    assert "/merger/" in hands.person.path
    hands.send()
    assert stage(key) == "merged" and hands.keys <= 5
    hands.follow("u")
    assert stage(key) == "submitted"


def test_an_officer_decides_in_at_most_four_clicks(person, arrange):
    with unit_of_work():
        found = published(World.read(), now() - timedelta(days=2), title="Төрт рет басу")
        supported(found, 20, "611000000", now(), name=f"clicks{found.id}x")
    officer = person("officer", axe=False)
    officer.go("/desk")
    officer.clicks = 0
    officer.press(f"main a[href='/proposals/{found.id}/answer']")
    texts = ("Бұл ұсыныс қаралды, шешімнің негізі осы.", "Предложение рассмотрено, основание решения таково.")
    officer.page.locator("main [name=decision][value=pass_up]").check(force=True)
    officer.clicks += 1
    officer.send(f"/proposals/{found.id}/answer", text_kk=texts[0], text_ru=texts[1])
    rollback()
    assert db.session.get_one(Proposal, found.id).seat.kato == "610000000" and officer.clicks <= 4


def test_keys_work_on_a_cyrillic_layout_and_are_silent_in_fields(person, waiting):
    (key,) = waiting()
    hands = at_work(person, key, lang="kk")
    letter = "document.body.dispatchEvent(new KeyboardEvent('keydown', {code: 'KeyR', key: 'к', bubbles: true, cancelable: true}))"
    hands.page.evaluate(letter)
    hands.page.locator("main [name=reason]").first.wait_for()
    hands.page.locator("main [name=note_kk]").fill("")
    hands.page.locator("main [name=note_kk]").focus()
    hands.type("pqdf")
    assert hands.page.locator("main [name=note_kk]").input_value() == "pqdf"
    assert hands.page.locator("main form[data-decision]").get_attribute("action").endswith("/rejection")


def test_keys_that_are_off_do_nothing(person, waiting):
    (key,) = waiting()
    hands = at_work(person, key)
    hands.person.go("/desk/keys")
    hands.person.send("/desk/keys")
    hands.person.go(f"/desk/{key}")
    hands.press("p")
    assert hands.page.locator("main form[data-decision]").count() == 0
    hands.person.go("/desk/keys")
    hands.person.send("/desk/keys")


def test_an_inbox_is_cleared_by_keyboard_only(person, waiting):
    count = size(12, 37)
    keys = waiting(count)
    hands = Hands(person("moderator", axe=False))
    hands.person.go("/desk")
    hands.press("j", "Enter")  # the first of the list opens beside it
    hands.page.locator("#item .desk-title").wait_for()
    assert hands.person.path == "/desk"
    for turn in range(count):
        hands.press("p" if turn % 2 else "r")
        hands.page.locator("form[data-decision] :focus").wait_for(state="attached")
        if turn % 2 == 0:
            hands.press("Space")
        hands.send()
    assert hands.person.path == "/desk"
    assert int(re.search(r"[0-9]+", hands.person.text(".desk-day")).group()) >= count
    assert {stage(key) for key in keys} == {"collecting", "rejected"}


def test_several_are_ticked_and_rejected_by_keyboard(person, waiting):
    keys = waiting(4)
    hands = Hands(person("moderator", axe=False))
    hands.person.go("/desk")
    hands.press("j", "x", "j", "j", "Shift+X")
    assert hands.page.locator(".desk-row input:checked").count() == 3
    hands.page.locator(".desk-many summary").click()
    hands.person.press("button[name=act][value=reject]")
    hands.person.send("/desk/many", reason="advertising")
    assert [stage(key) for key in keys].count("rejected") == 3
    hands.follow("u")
    assert [stage(key) for key in keys].count("submitted") == 4


@pytest.mark.parametrize(("lang", "width"), LANGUAGES)
@pytest.mark.parametrize("path", ["publication", "question", "rejection", "forwarding", "merger"])
def test_every_decision_without_javascript(person, waiting, lang, width, path):
    (key,) = waiting()
    if path == "merger":
        with unit_of_work():
            earlier = published(World.read(), now(), title="Саябаққа жарық 0").id
    moderator = person("moderator", lang=lang, width=width, javascript=False)
    moderator.go("/desk")
    moderator.press(f"main a[href='/desk/{key}']")
    moderator.press(f"main a[href='/desk/{key}/{path}']")
    if path == "merger":
        moderator.send(f"/desk/{key}/merger", into=str(earlier))
        moderator.press(f"main form[action='/desk/{key}/merger/{earlier}'] button")
        assert stage(key) == "merged"
        moderator.press("form[data-undo] button")
        assert stage(key) == "submitted" and moderator.path == f"/desk/{key}"
        return
    fields = {
        "publication": {"sphere": "safety"},
        "question": {"question": "Қай жерде?"},
        "rejection": {"reason": "unclear"},
        "forwarding": {"target": "750000000"},
    }[path]
    moderator.send(f"/desk/{key}/{path}", **fields)
    moderator.press("form[data-undo] button")
    assert stage(key) == "submitted" and moderator.path == f"/desk/{key}"


@pytest.mark.parametrize(("lang", "width"), LANGUAGES)
def test_no_barriers_on_the_desk(person, waiting, lang, width):
    (key,) = waiting()
    moderator = person("moderator", lang=lang, width=width)
    paths = (
        "/desk",
        f"/desk/{key}",
        "/desk/team",
        "/desk/templates",
        "/desk/keys",
        "/desk?tab=done",
        "/rejection-reasons",
    )
    for path in (*paths, *(f"/desk/{key}/{name}" for name in ("publication", "question", "forwarding", "merger"))):
        moderator.go(path)
        moderator.page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
        moderator.look()
    moderator.send(f"/desk/{key}/merger")
    moderator.go(f"/desk/{key}/rejection")
    moderator.send(f"/desk/{key}/rejection")  # every message is shown
    assert moderator.page.locator(".error-summary").count() == 1
    moderator.go(f"/desk/many?act=reject&key={key}")


def test_the_list_and_one_proposal_on_one_screen(person, waiting):
    first, second = waiting(2)
    moderator = person("moderator")
    moderator.go("/desk")
    moderator.press(f"main a[href='/desk/{second}']")
    assert moderator.path == "/desk" and moderator.page.locator(f"#item-{second}").count() == 1
    moderator.press(f"#item a[href='/desk/{second}/rejection']")
    assert moderator.page.locator("#item form[data-decision]").count() == 1
    assert "reading" in moderator.text(f"#item-{second} .reading")
    colleague = person("region_moderator")
    colleague.go(f"/desk/{second}")
    assert "has been reading this since" in colleague.text("#reading")
    moderator.press(f"#list a[href='/desk/{first}']")
    assert moderator.page.locator("#item .desk-one").count() == 1
