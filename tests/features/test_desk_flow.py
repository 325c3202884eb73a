"""Working through the desk: the list stays beside what is open, one line says what was decided, staff land there."""

from datetime import timedelta

import pytest

from tests.conftest import MONDAY
from tests.factories import PASSWORD, propose
from tests.strategies import KENTAU, add_direction, add_measure, add_programme
from webapp.access.services import give_role
from webapp.delivery.models import Milestone
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, unit_of_work
from webapp.people.models import User
from webapp.territories.services import by_kato


@pytest.fixture
def keys(world):
    with unit_of_work():
        return [propose(world.aigerim, MONDAY, title=f"Көше {number}").id for number in range(3)]


def listed(page):
    return [a.get("href").split("?")[0] for row in page.tree.find_class("desk-row") for a in row.iter("a")]


@pytest.mark.parametrize("path", ["publication", "rejection"])
def test_after_a_decision_the_list_stays_and_one_line_says_it(world, visit, clock, keys, path):
    moderator = visit(world.moderator)
    first = moderator.get(f"/desk/{keys[0]}")
    assert listed(first) == [f"/desk/{key}" for key in keys]
    open_one = [a for row in first.tree.find_class("desk-row") for a in row.iter("a") if a.get("aria-current")]
    assert [a.get("href") for a in open_one] == [f"/desk/{keys[0]}"]
    form = moderator.get(f"/desk/{keys[0]}/{path}")
    words = {"reason": "duplicate"} if path == "rejection" else {"sphere": "safety"}
    values = form.form(f"/desk/{keys[0]}/{path}") | words
    if path == "rejection":
        values["reason"] = next(e.get("value") for e in form.find("input", name="reason"))
    answer = moderator.submit(form, f"/desk/{keys[0]}/{path}", **values)
    for _hop in range(3):  # on to the next in the list
        if answer.status != 303:
            break
        answer = (
            moderator.follow(answer) if "/desk/next" not in answer.location else moderator._send("GET", answer.location)
        )
    assert answer.url == f"/desk/{keys[1]}"
    assert listed(answer) == [f"/desk/{key}" for key in keys[1:]]
    assert answer.text.count("The author is told") == 1 and answer.text.count("Take it back") == 1
    assert not answer.tree.find_class("messages") or "told" not in answer.tree.find_class("messages")[0].text_content()
    fragment = moderator.get(f"/desk/{keys[1]}", **{"HX-Request": "true", "HX-Target": "item"})
    assert not fragment.tree.find_class("desk-list")  # beside a list that is there already


def test_staff_come_to_the_desk_and_others_where_they_wanted(world, visit, clock):
    for person, asked, lands in (
        (world.moderator, "", "/desk"),
        (world.officer, "", "/desk"),
        (world.officer, "/strategy", "/strategy"),
        (world.aigerim, "", "/"),
    ):
        browser = visit()
        page = browser.get(f"/sign-in?next={asked}" if asked else "/sign-in")
        answer = browser.submit(page, "/sign-in", email=person.email, password=PASSWORD)
        assert answer.location == lands, person.email


def test_what_the_strategy_owes_has_a_number_and_it_is_that_of_its_rows(world, visit, clock):
    with unit_of_work():
        give_role(db.session.get(User, world.officer.id), "officer", by_kato(KENTAU), MONDAY - timedelta(days=1))
        measure = add_measure(MONDAY, add_programme(MONDAY, add_direction(MONDAY)))
        today = local_date(MONDAY)
        for number in range(3):
            steps = {"starts_on": today, "due_on": today + timedelta(days=5 + number)}
            db.session.add(
                Milestone(measure_id=measure.id, position=number, title_kk="Шам", title_ru="Фонарь", **steps)
            )
    officer = visit(world.officer)
    link = next(a for a in officer.get("/desk").find("a") if a.get("href") == "/desk/strategy")
    number = int(link.find_class("count")[0].text_content())
    page = officer.get("/desk/strategy")
    rows = [row for name in ("promises", "offers", "milestones", "hanging") for row in _rows(page, name)]
    assert number == len(rows) >= 3
    assert "milestone due by" in page.text


def _rows(page, name):
    section = next(e for e in page.find("section") if e.get("id") == name)
    return section.findall(".//li")
