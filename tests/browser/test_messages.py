"""What did not work is said by its true cause, in sight wherever one has scrolled to, and heard without taking the focus."""

from datetime import timedelta

import pytest

from tests.factories import World, published
from tests.sizes import size
from webapp.kernel.clock import now
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.proposals.models import Proposal

TEXT = "\n\n".join(f"Абзац {number}: аялдамада орындық жоқ, қарт адамдар түрегеп тұрады." for number in range(25))
SUPPORT = "#vote-panel button[value=support]"
#: Where the words of a message are: wholly on the screen, and under nothing.
IN_SIGHT = """() => [...document.querySelectorAll('#flash, #net-status')].filter(e => e.innerText.trim()).map(e => {
    const line = [...e.querySelectorAll('p, span'), e].find(x => x.innerText.trim());
    const r = line.getBoundingClientRect();
    const top = document.elementFromPoint(r.x + r.width / 2, r.y + Math.min(r.height / 2, 12));
    return r.top >= 0 && r.top < innerHeight && !!top && (e.contains(top) || top.contains(line)) })"""
#: Every answer of the site or of something in front of it, and what is said then.
CAUSES = {
    400: "refused this",
    401: "refused this",
    404: "refused this",
    413: "too much for one form",
    429: "Too many tries",
    500: "wrong on our side",
    502: "No answer has come",
    503: "cannot answer at the moment",
    504: "No answer has come",
}


@pytest.fixture
def key(arrange):
    with unit_of_work():
        return published(World.read(), now() - timedelta(days=1), title="Аялдамаға орындық", text=TEXT).id


def in_sight(someone, words):
    """The message with these words, when it has come: on the screen, once, and the focus is not on it."""
    page = someone.page
    page.locator("#messages").get_by_text(words).first.wait_for()
    seen = page.evaluate(IN_SIGHT)
    assert seen and all(seen), (words, seen)
    said = someone.text("#messages")
    assert said.count(words) == 1, said
    assert not page.evaluate("document.getElementById('messages').contains(document.activeElement)")
    assert page.locator("#messages [role=status]").count() == 1  # what reads it out, and stays
    return said


def scroll_away(page):
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")


def supports(key):
    rollback()
    return db.session.get(Proposal, key).supports


@pytest.mark.parametrize(("width", "larger"), size([(360, True)], [(360, False), (360, True), (1280, False)]))
def test_every_cause_is_said_where_one_looks(person, key, width, larger):
    aigerim = person("aigerim", width=width, axe=False)
    page = aigerim.page
    aigerim.go(f"/proposals/{key}")
    if larger:
        page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate("document.querySelector('#messages [role=status]').mark = 'the same'")
    scroll_away(page)
    answer = {}
    page.route("**/vote", lambda route: answer["how"](route))
    for status, words in CAUSES.items():
        answer["how"] = lambda route, status=status: route.fulfill(status=status, body="<h1>Of a proxy</h1>")
        page.locator(SUPPORT).click()
        said = in_sight(aigerim, words)
        assert "connection" not in said and "proxy" not in aigerim.text("body"), (status, said)
    answer["how"] = lambda route: route.abort("connectionreset")
    page.locator(SUPPORT).click()
    in_sight(aigerim, "The connection failed")
    page.unroute("**/vote")
    aigerim.context.set_offline(True)
    page.locator(SUPPORT).click()
    in_sight(aigerim, "You are offline")
    page.locator(".messages-close").click()
    assert aigerim.text("#messages") == ""
    aigerim.context.set_offline(False)
    page.locator(SUPPORT).click()
    page.locator(".receipt-support").wait_for()
    assert supports(key) == 1 and page.locator("#net-status:empty").count() == 1
    assert page.evaluate("document.querySelector('#messages [role=status]').mark") == "the same"
    aigerim.complaints.clear()  # the browser itself complains of being offline


def test_a_key_that_is_over_offers_the_form_again(person, key):
    """The same sentence and button as without JavaScript; pressed, the vote is cast."""
    aigerim = person("aigerim", width=360)
    page = aigerim.page
    aigerim.go(f"/proposals/{key}")
    scroll_away(page)
    page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach(e => { e.value = 'of yesterday' })")
    page.locator(SUPPORT).click()
    said = in_sight(aigerim, "The form has to be sent again")
    assert "connection" not in said
    aigerim.look()  # no barrier in what hangs there
    page.locator("#flash button", has_text="Send it again").click()
    page.locator(".receipt-support").wait_for()
    assert supports(key) == 1


def test_who_is_not_signed_in_any_more_and_what_is_closed(person, key):
    """A vote of a sign-in that is over leads to the door; following says that one has to sign in; a closed vote says so."""
    aigerim = person("aigerim", width=360)
    page = aigerim.page
    aigerim.go(f"/proposals/{key}")
    scroll_away(page)
    with unit_of_work():
        proposal = db.session.get(Proposal, key)
        proposal.stage, proposal.closed_at, proposal.due_at = "withdrawn", now(), None
    page.locator(SUPPORT).click()
    in_sight(aigerim, "This has changed in the meantime")
    page.evaluate("document.querySelector('#follow form').scrollIntoView()")
    aigerim.context.clear_cookies(name="saty")
    page.locator("#follow button").click()
    said = in_sight(aigerim, "The form has to be sent again")
    assert "connection" not in said


def test_a_form_that_is_sent_without_a_connection_stays(person, arrange):
    """The browser would put a page of its own in the place of what was typed."""
    stranger = person(axe=False)
    page = stranger.page
    stranger.go("/sign-up")
    page.fill("main input[name=email]", "typed@test.example")
    stranger.context.set_offline(True)
    page.locator("main form[action='/sign-up'] button[type=submit]").click()
    in_sight(stranger, "You are offline")
    assert page.locator("main input[name=email]").input_value() == "typed@test.example"
    stranger.complaints.clear()
