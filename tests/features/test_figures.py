"""Lists say how many rows they have, a figure leads to exactly its rows, and the newest stands first."""

import re
from datetime import timedelta

import pytest

from tests.conftest import MONDAY
from tests.factories import propose, published, supported
from webapp.kernel.database import unit_of_work
from webapp.merging.services import merge
from webapp.moderation.services import publish

DAY = timedelta(days=1)
#: Public pages with figures, and lists with their own words for a row.
PAGES = (
    "/",
    "/territories/{city}",
    "/territories/{region}",
    "/territories/{nation}",
    "/progress",
    "/progress?region={region}",
)
PAGES += ("/moderation/statistics", "/moderation/statistics?place={region}")
PLACES = {"city": "611000000", "region": "610000000", "nation": "000000000"}


def number_in(text):
    found = re.fullmatch(r"\s*([\d\u00a0\u202f, ]+)\s*", text)
    return int(re.sub(r"\D", "", found[1])) if found else None


def figures(page):
    """The figures of a page that lead somewhere: number, address. Shares, sums and terms are no counts."""
    for stat in page.tree.find_class("stat"):
        links, number = stat.findall(".//a"), number_in(stat.find_class("stat-number")[0].text_content())
        if links and number is not None:
            yield number, links[0].get("href")
    for link in page.find("a"):
        number, href = number_in(link.text_content()), link.get("href", "")
        if number is not None and href.startswith(("/moderation?", "/hanging?", "/proposals?", "/desk?")):
            yield number, href


def rows_of(browser, address):
    """The total that a list says, and the rows on all its pages."""
    page, found, total = browser.get(address), 0, None
    for _page in range(40):
        said = [e for e in page.tree.iter("p") if e.get("data-total")]
        total = total if not said else int(said[0].get("data-total"))
        lists = page.tree.find_class("grid-cards") or page.tree.find_class("rows")
        found += (
            len([row for row in lists[0] if row.tag in ("article", "li")])
            if lists and (said or "/desk" in address)
            else 0
        )
        following = [a for a in page.find("a") if a.get("rel") == "next"]
        if not following:
            return total or 0, found
        page = browser.get(following[0].get("href"))
    raise AssertionError(f"{address} cannot be ended")


@pytest.fixture
def many(world):
    """Proposals in every public stage; more than one page of them."""
    with unit_of_work():
        old = propose(world.bolat, MONDAY - 3 * DAY, title="Ескі, бірақ енді жарияланды")
        for number in range(22):
            published(world, MONDAY - 3 * DAY + timedelta(minutes=number), title=f"Ұсыныс {number} туралы")
        review = published(world, MONDAY - 2 * DAY, title="Жарық керек")
        supported(review, 20, "611000000", MONDAY - DAY)
        twin = propose(world.aigerim, MONDAY - DAY, title="Жарық керек тағы")
        merge(world.moderator, twin, review, MONDAY - DAY)
        publish(world.moderator, old, MONDAY)
        return {"review": review.id, "twin": twin.id, "old": old.id}


def test_every_figure_leads_to_its_rows(stage):
    """On the scene that holds an object of every kind."""
    stage.restore()
    browser, seen = stage.browser("visitor"), 0
    for address in PAGES:
        page = browser.get(address.format(**PLACES))
        for number, href in set(figures(page)):
            total, rows = rows_of(browser, href)
            assert (number, number) == (total, rows), (address, href, number, total, rows)
            seen += 1
    assert seen >= 10


def test_the_newest_is_the_last_published_and_nothing_joined_stands_before_it(many, visit):
    browser = visit()
    page, ids = browser.get("/proposals"), []
    total = int(next(e for e in page.tree.iter("p") if e.get("data-total")).get("data-total"))
    while True:
        ids += [int(a.get("href").rsplit("/", 1)[1]) for card in page.tree.find_class("card-title") for a in card]
        following = [a.get("href") for a in page.find("a") if a.get("rel") == "next"]
        if not following:
            break
        page = browser.get(following[0])
    assert ids[0] == many["old"] and ids[1] == many["review"] and ids[-1] == many["twin"]
    assert len(ids) == len(set(ids)) == total == 25
    csv = browser.get("/proposals.csv").html.splitlines()
    assert [int(line.split(",")[0]) for line in csv[1:]] == ids
    back = [a.get("href") for a in page.find("a") if a.get("rel") == "prev"]
    assert [a.get("href") for card in browser.get(back[0]).tree.find_class("card-title") for a in card] == [
        f"/proposals/{key}" for key in ids[:18]
    ]
    assert "1 proposal" in browser.get("/proposals?state=merged").text


def test_each_list_of_the_desk_has_as_many_rows_as_its_tab_says(world, many, visit):
    with unit_of_work():
        for number in range(3):
            propose(world.bolat, MONDAY, title=f"Тексеру {number}")
    for person in (world.moderator, world.officer, world.region_officer):
        browser = visit(person)
        page = browser.get("/desk")
        tabs = [a for a in page.find("a") if a.get("href", "").startswith("/desk") and a.find_class("count")]
        for link in tabs:
            number = number_in(link.find_class("count")[0].text_content())
            listed = browser.get(link.get("href"))
            assert len(listed.tree.find_class("desk-row")) == number, link.get("href")
        for number, href in figures(page):
            assert len(browser.get(href).tree.find_class("desk-row")) == number, href
