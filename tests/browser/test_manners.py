"""Small things that decide whether people come back: the keyboard, the Back button, a second tab, a lost connection."""

from datetime import timedelta

import pytest

from tests.factories import World, published
from webapp.kernel.clock import now
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.proposals.models import Proposal


@pytest.fixture
def key(arrange):
    with unit_of_work():
        return published(World.read(), now() - timedelta(days=1), title="Аялдамаға орындық").id


def supports(key):
    rollback()
    return db.session.get(Proposal, key).supports


def tab_to(page, selector, at_most=60):
    """Move the focus as a keyboard does; what has it must be seen to have it."""
    for _turn in range(at_most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            style = page.evaluate(
                "() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth] }"
            )
            assert style[0] != "none" and style[1] != "0px", f"no visible focus on {selector}"
            hidden = page.evaluate(
                "() => { const r = document.activeElement.getBoundingClientRect();"
                " const e = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);"
                " return !e || !(document.activeElement.contains(e) || e.contains(document.activeElement)) }"
            )
            assert not hidden, f"the focus on {selector} lies under something"
            return
    raise AssertionError(f"{selector} is not reached by Tab on {page.url}")


@pytest.mark.parametrize("width", [360, 1280])
def test_signing_in_and_voting_by_keyboard_only(person, key, width):
    aigerim = person(width=width)
    page = aigerim.page
    aigerim.go(f"/proposals/{key}")
    tab_to(page, "a.skip")
    tab_to(page, "#vote-panel button[value=support]", 80)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in**")
    tab_to(page, "main input[name=email]")
    page.keyboard.type("aigerim@test.example")
    tab_to(page, "main input[name=password]", 1)
    page.keyboard.type("a password for tests")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{aigerim.base}/proposals/{key}")
    assert supports(key) == 1  # the vote that was chosen before the door completed itself
    tab_to(page, ".vote-change form[action$='/withdrawal'] button", 80)
    page.keyboard.press("Enter")
    page.locator("#vote-panel button[value=support]").wait_for()
    assert supports(key) == 0
    # the focus stays where the act was; it gets there a moment after the new panel has. A locator looks again and
    # again; `wait_for_function` looks once and then needs an eval that the page's policy forbids.
    page.locator("#vote-panel :focus").wait_for(state="attached")


def test_the_ladder_and_the_count_change_in_place(person, key):
    aigerim = person("aigerim")
    aigerim.go(f"/proposals/{key}")
    aigerim.page.evaluate("window.untouched = true")
    aigerim.press("#vote-panel button[value=support]")
    assert aigerim.page.evaluate("window.untouched") is True
    assert "Supporters: 1 of 20" in aigerim.text("#ladder")
    assert aigerim.text("#vote-panel .chambers").startswith("Residents 1 for 0 against")


def test_a_vote_that_did_not_arrive_is_not_shown(person, key):
    """The page says that nothing was saved, and the next try works."""
    aigerim = person("aigerim")
    aigerim.go(f"/proposals/{key}")
    aigerim.context.set_offline(True)
    aigerim.page.locator("#vote-panel button[value=support]").click()
    aigerim.page.locator("#net-status:not(:empty)").wait_for()
    assert aigerim.page.locator(".receipt-support").count() == 0
    aigerim.context.set_offline(False)
    aigerim.press("#vote-panel button[value=support]")
    assert aigerim.page.locator(".receipt-support").count() == 1
    assert supports(key) == 1
    aigerim.complaints.clear()  # the browser itself complains of being offline


def test_double_clicks_count_once(person, key):
    aigerim = person("aigerim")
    aigerim.go(f"/proposals/{key}")
    aigerim.page.locator("#vote-panel button[value=support]").dblclick(no_wait_after=True)
    aigerim.page.locator(".receipt-support").wait_for()
    assert supports(key) == 1


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
def test_back_is_always_right(person, arrange, javascript):
    aigerim = person("aigerim", javascript=javascript)
    page = aigerim.page
    aigerim.go("/proposals/new")
    aigerim.send("/proposals/new", title="Ескі атау", lang="kk")
    token = aigerim.path.split("/")[2]
    aigerim.go(f"/drafts/{token}/place")
    aigerim.send(f"/drafts/{token}/place", origin="611000000", place="Есім хан көшесі")
    aigerim.send(f"/drafts/{token}/text", text="Мәтіннің басы.")
    assert aigerim.path.endswith("/check")
    page.go_back()
    aigerim.look()
    assert page.locator("main textarea").input_value() == "Мәтіннің басы."
    page.go_back()
    assert page.locator("main input[name=place]").input_value() == "Есім хан көшесі"
    page.go_back()
    page.go_forward()
    assert page.locator("main input[name=place]").input_value() == "Есім хан көшесі"
    aigerim.send(f"/drafts/{token}/place", origin="612000000")
    assert page.locator("main textarea").input_value() == "Мәтіннің басы."
    aigerim.send(f"/drafts/{token}/text", text="Мәтіннің басы мен соңы.")
    aigerim.send(f"/drafts/{token}/submission")
    number = aigerim.text(".talon-number")
    page.go_back()  # to a form that has been sent: it leads to what it became
    aigerim.page.reload()
    assert number in aigerim.text("main") or aigerim.path.endswith("/talon")


def test_two_tabs_and_an_expired_session_lose_nothing(person, arrange):
    aigerim = person("aigerim")
    page = aigerim.page
    aigerim.go("/proposals/new")
    page.fill("main input[name=title]", "Жоғалмайтын атау")
    aigerim.context.clear_cookies(name="saty")
    page.locator("main form[action='/proposals/new'] button[type=submit]").click()
    page.wait_for_load_state("load")
    assert page.locator("main textarea").input_value() == "Жоғалмайтын атау"
    page.locator("main form[action='/proposals/new'] button[type=submit]").click()
    page.wait_for_load_state("load")
    assert "/drafts/" in page.url
