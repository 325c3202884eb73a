"""What somebody has typed is not lost: not on a cut, a switch of language, a reload, a closed tab, or a sign-in that ends.

`make soak` draws fifty interruptions, `make test` five; the seed is printed, and SATY_TYPED_SEED draws the same again.
"""

import os
import random
import time

import pytest

from tests.factories import World, propose
from tests.sizes import size
from webapp.kernel.clock import now
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.moderation import services as moderation
from webapp.proposals.models import Draft, Proposal

SEED = int(os.environ.get("SATY_TYPED_SEED") or random.randrange(10**6))
WORDS = [
    "аялдама",
    "жол",
    "көше",
    "орындық",
    "балабақша",
    "жарық",
    "өткел",
    "алаң",
    "мектеп",
    "су",
    "шам",
    "ағаш",
    "двор",
    "дорога",
    "“тырнақша”",
    "&",
    "<b>",
    "ещё",
]
TITLE, TEXT = "main input[name=title]", "main textarea[name=text]"
#: As long as the page waits before it saves what is typed.
WITHIN = 8.0


def begin(someone, title="Аялдамаға орындық керек"):
    someone.go("/proposals/new")
    someone.send("/proposals/new", title=title, lang="kk")
    token = someone.path.split("/")[2]
    someone.go(f"/drafts/{token}/place")
    someone.send(f"/drafts/{token}/place", origin="611000000", place="Есім хан көшесі")
    assert someone.path == f"/drafts/{token}/text"
    return token


def saved(page):
    """The page says that it is saved, with the time."""
    page.locator(".save-status:not(.save-status-bad)", has_text=":").wait_for()


def stored(token):
    rollback()
    return db.session.query(Draft).filter_by(token=token).one()


class Typist:
    """Somebody who types on, while things happen; knows what was typed when, and what must still be there."""

    def __init__(self, someone, draw):
        self.someone, self.page, self.draw = someone, someone.page, draw
        self.text, self.safe = "", ""

    def type(self):
        words = " ".join(self.draw.choices(WORDS, k=self.draw.randint(1, 6))) + self.draw.choice([" ", "\n", ".  "])
        field = self.page.locator(TEXT)
        field.evaluate("e => e.setSelectionRange(e.value.length, e.value.length)")
        field.focus()
        self.page.keyboard.insert_text(words)
        self.text += words

    def rest(self):
        """Longer than ten seconds, by the clock of the page."""
        self.page.clock.run_for(11_000)
        saved(self.page)
        self.safe = self.text

    def leave_field(self):
        self.page.locator(TEXT).evaluate("e => e.blur()")
        self.safe = self.text

    def look(self):
        there = self.page.locator(TEXT).input_value()
        assert there.startswith(self.safe) and self.text.startswith(there), (SEED, self.safe, there, self.text)
        self.text = self.safe = there


def switch(one):
    lang = one.draw.choice(["kk", "ru", "en"])
    one.page.locator(f".languages [lang={lang}]").click()
    one.page.locator(f"html[lang={lang}]").wait_for()
    one.page.wait_for_load_state("load")
    one.safe = one.text  # the switch waits for it


def reload(one):
    one.page.wait_for_timeout(60)  # a field that was left has sent its words; the server has them before the page asks
    one.page.reload()


def close(one):
    address = one.page.url
    one.page.wait_for_timeout(60)
    one.page.close(run_before_unload=False)
    one.page = one.someone.page = one.someone.context.new_page()
    one.page.clock.install()
    one.page.goto(address)


def cut(one):
    one.someone.context.set_offline(True)
    one.type()
    one.leave_field()
    one.page.locator(".save-status-bad").wait_for()
    one.type()
    one.someone.context.set_offline(False)
    one.page.evaluate("dispatchEvent(new Event('online'))")
    saved(one.page)
    one.safe = one.text


def away(one):
    one.page.locator("a.brand").first.click()
    one.page.wait_for_url("**/")
    one.safe = one.text
    one.page.go_back()


HAPPENS = [switch, reload, close, cut, away]


def test_no_letter_is_lost(person, arrange):
    print(f"SATY_TYPED_SEED={SEED}")
    draw = random.Random(SEED)
    stranger = person(lang="kk", axe=False)
    stranger.page.clock.install()
    token = begin(stranger)
    one = Typist(stranger, draw)
    turns = size(HAPPENS, [draw.choice(HAPPENS) for _ in range(50)])
    for happens in draw.sample(turns, len(turns)):
        one.type()
        draw.choice([one.rest, one.leave_field])()
        if draw.random() < 0.5 and happens is not reload and happens is not close:
            one.type()
        happens(one)
        one.page.wait_for_load_state("load")
        one.look()
    one.type()
    one.rest()
    assert stored(token).text == one.text
    stranger.complaints.clear()  # the browser itself complains of being offline


def test_a_draft_is_saved_while_it_is_typed(person, arrange):
    """From the first words of its title, without leaving the page; the button goes on with the same draft."""
    aigerim = person("aigerim", lang="en", width=360)
    page = aigerim.page
    page.clock.install()
    aigerim.go("/proposals/new")
    page.locator(TITLE).focus()
    page.keyboard.insert_text("Қызғалдақ шатқалы ")
    page.clock.run_for(9_000)
    saved(page)
    token = aigerim.path.split("/")[2]
    assert stored(token).title == "Қызғалдақ шатқалы " and page.locator("h1").inner_text() == "What should change?"
    aigerim.look()
    page.reload()
    assert page.locator(TITLE).input_value() == "Қызғалдақ шатқалы "
    page.locator(TITLE).focus()
    page.keyboard.press("Enter")  # not the first of the languages, but the button of the form
    page.wait_for_url("**/place")
    assert page.locator("html").get_attribute("lang") == "en" and stored(token).title == "Қызғалдақ шатқалы"
    before = db.session.query(Draft).count()
    aigerim.go("/proposals/new")
    page.locator(TITLE).fill("Бірден жіберілген атау")
    page.locator("main form[action='/proposals/new'] button[type=submit]").click()
    page.wait_for_url("**/place")
    rollback()
    assert db.session.query(Draft).count() == before + 1


def test_too_much_and_half_a_title_are_kept_and_not_sent(person, arrange):
    """Saved without a look at whether it is finished; sent only when it is."""
    aigerim = person("aigerim")
    page = aigerim.page
    token = begin(aigerim)
    long = "ұзақ мәтін " * 1000
    page.fill(TEXT, long)
    page.locator(TEXT).blur()
    saved(page)
    assert stored(token).text == long
    aigerim.go(f"/drafts/{token}/check")
    assert aigerim.path == f"/drafts/{token}/text" and page.locator(TEXT).input_value() == long


def test_two_tabs_do_not_overwrite_each_other(person, arrange):
    aigerim = person("aigerim")
    token = begin(aigerim)
    page, other = aigerim.page, aigerim.context.new_page()
    other.goto(page.url)
    page.fill(TEXT, "Бірінші бет.")
    page.locator(TEXT).blur()
    saved(page)
    other.fill(TEXT, "Екінші бет.")
    other.locator(TEXT).blur()
    other.get_by_text("saved separately").first.wait_for()
    assert stored(token).text == "Бірінші бет."
    apart = other.url.split("/")[4]
    assert apart != token and stored(apart).text == "Екінші бет." and stored(apart).author_id == stored(token).author_id
    other.locator("main form[data-save] button[type=submit]").click()
    other.wait_for_url(f"**/drafts/{apart}/check")


@pytest.fixture
def question(arrange):
    """The number of a proposal whose author was asked something."""
    with unit_of_work():
        world = World.read()
        key = propose(world.aigerim, now(), title="Күйі сұрақ").id
        moderation.ask(world.moderator, db.session.get(Proposal, key), "Қай көше?", now())
    return key


def test_a_form_is_kept_for_its_account_and_no_other(person, question):
    """Left, cut, in another language; after its sign-in has ended too; then sent, and gone."""
    aigerim = person("aigerim")
    page = aigerim.page
    path = f"/proposals/{question}/revision"
    aigerim.go(path)
    page.fill("main textarea[name=note]", "Есім хан көшесі ")
    page.locator(".languages [lang=ru]").click()
    page.locator("html[lang=ru]").wait_for()
    assert page.locator("main textarea[name=note]").input_value() == "Есім хан көшесі "
    page.locator(".languages [lang=en]").click()
    page.locator("html[lang=en]").wait_for()
    aigerim.look()
    aigerim.context.clear_cookies(name="saty")  # the sign-in ends, the page stays open
    page.fill("main textarea[name=note]", "Есім хан көшесі, он екінші үй")
    page.locator("main textarea[name=note]").blur()
    saved(page)
    bolat = person("bolat")
    bolat.page.goto(bolat.base + path)
    assert "он екінші үй" not in bolat.page.content()
    aigerim.sign_in("aigerim@test.example")
    aigerim.go(path)
    assert page.locator("main textarea[name=note]").input_value() == "Есім хан көшесі, он екінші үй"
    assert page.locator(".restored").count() == 1
    page.locator(f"main form[action='{path}'] button[type=submit]").click()
    page.wait_for_url(f"**/proposals/{question}")
    from webapp.people.waiting_forms import WaitingForm

    rollback()
    assert db.session.query(WaitingForm).filter_by(path=path).count() == 0


def test_another_language_without_javascript(person, arrange):
    stranger = person(lang="en", javascript=False)
    page = stranger.page
    stranger.go("/proposals/new")
    page.fill(TITLE, "Жарық  керек")
    page.locator(".languages [lang=ru]").click()
    page.locator("html[lang=ru]").wait_for()
    assert page.locator(TITLE).input_value() == "Жарық  керек"
    assert page.url.split("/")[3] == "drafts"
    page.locator(".languages [lang=kk]").click()
    page.locator("html[lang=kk]").wait_for()
    assert page.locator(TITLE).input_value() == "Жарық  керек"


def test_a_cut_at_the_button_keeps_the_page(person, arrange):
    """No page of the browser's own in the place of the text; it says what is so, and goes on by itself."""
    aigerim = person("aigerim", width=360)
    page = aigerim.page
    token = begin(aigerim)
    page.locator(TEXT).focus()
    page.keyboard.insert_text("Бұл мәтін жоғалмайды.")
    page.route("**/saving/**", lambda route: route.abort("connectionreset"))
    page.locator("main form[data-save] button[type=submit]").click()
    page.get_by_text("If you close this page while there is no connection").first.wait_for()
    assert page.locator(TEXT).input_value() == "Бұл мәтін жоғалмайды."
    aigerim.look()
    page.unroute("**/saving/**")
    started = time.monotonic()
    saved(page)  # tried again by itself
    assert time.monotonic() - started < 10 and stored(token).text == "Бұл мәтін жоғалмайды."
    aigerim.complaints.clear()
