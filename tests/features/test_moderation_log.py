"""The public log of moderation: every decision, no person, no word of what was not published; and figures that can be checked."""

import csv
import io
import random
import re
from collections import Counter
from datetime import timedelta
from statistics import median
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import MONDAY
from tests.factories import propose
from webapp.flagging import decisions as hidings
from webapp.flagging.decisions import Verdict
from webapp.flagging.models import Hiding
from webapp.flagging.rules import Reason
from webapp.flagging.services import Report, flag, open_review
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.moderation import services as moderation
from webapp.moderation.reasons import REASONS
from webapp.portal.moderation_figures import figures
from webapp.portal.moderation_rows import APPEALS, KINDS, Filters
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.territories.services import by_kato

both_databases = True
sensitive = (
    "test_a_forwarded_proposal_counts_for_the_body_that_forwarded",
    "test_a_hiding_of_a_photo_is_a_row_too",
    "test_every_figure_leads_to_its_rows",
    "test_figures_are_those_of_the_table",
    "test_filters_by_decision",
    "test_machines_get_the_same",
    "test_no_person_and_no_word_of_what_is_not_published",
)
DAY = timedelta(days=1)
SECRET = "құпиясөз"
FIRST = ("rejected", "hidden")


def table(visitor, query=""):
    text = visitor.get(f"/moderation.csv?{query}").html
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.fixture
def history(world, built_once):
    """A hundred days of decisions of two cities and a region, by chance but always the same."""
    built_once("a hundred days of moderation", lambda: _live(world))


def _live(world):
    chance = random.Random(7)
    authors = {"611000000": world.aigerim, "750000000": world.bolat}
    moderators = {"611000000": world.moderator, "750000000": world.almaty_moderator}
    for number in range(36):
        kato = chance.choice(["611000000", "611000000", "750000000"])
        moment = MONDAY - chance.randint(40, 90) * DAY + chance.randint(0, 9) * timedelta(hours=1)
        with unit_of_work():
            proposal = propose(authors[kato], moment, title=f"{SECRET} {number}", kato=kato)
            later = moment + chance.randint(0, 2) * DAY  # within the term: afterwards the next rung has it
            act = chance.choice(["publish", "publish", "publish", "reject", "reject", "ask", "forward"])
            moderator = moderators[kato]
            if act == "publish":
                moderation.publish(moderator, proposal, later)
                _report(world, chance, proposal, moderator, later)
            elif act == "reject":
                moderation.reject(
                    moderator, proposal, chance.choice(REASONS), later, f"{SECRET} ескерту", f"{SECRET} ескерту"
                )
                _appeal(world, chance, proposal, authors[kato], later)
            elif act == "ask":
                moderation.ask(moderator, proposal, f"{SECRET} сұрақ", later)
            else:
                moderation.forward(moderator, proposal, by_kato("610000000"), later)
    rollback()


def _report(world, chance, proposal, moderator, moment):
    if chance.random() < 0.35:
        return
    flag(None, locked(Proposal, proposal.id), Report("text", "insult", ""), f"{proposal.id:016x}", moment)
    moment += chance.randint(0, 3) * DAY
    review = open_review(proposal.id, "text")
    if chance.random() < 0.3:
        hidings.let_stay(moderator, review, f"{SECRET} ішкі", moment)
        return
    reason = chance.choice(list(Reason)).value
    hiding = hidings.hide(moderator, review, Verdict("text", reason, "A sentence for everybody.", SECRET), moment)
    if chance.random() < 0.6 and moderator is world.moderator:
        hidings.appeal(proposal.author, hiding, f"{SECRET} шағым", moment)
        outcome = chance.choice(["kept", "shown", "silence"])
        if outcome == "silence":
            hidings.show_by_silence(hiding, moment + 5 * DAY)
        else:
            later = moment + chance.randint(0, 3) * DAY
            hidings.decide_appeal(world.region_moderator, hiding, outcome, "An answer.", later)


def _appeal(world, chance, proposal, author, moment):
    if chance.random() < 0.3 or author is not world.aigerim:
        return
    moderation.appeal_rejection(author, proposal, f"{SECRET} шағым", moment + DAY)
    if chance.random() < 0.5:
        moderation.publish(world.region_moderator, proposal, moment + chance.randint(1, 6) * DAY)
    elif chance.random() < 0.7:
        moderation.reject(world.region_moderator, proposal, "unclear", moment + 2 * DAY, SECRET, SECRET)


def recomputed(rows):
    """The figures once more, from nothing but the table."""
    known = [int(row["working_days"]) for row in rows if row["working_days"] != ""]
    appealable = [row for row in rows if row["kind"] in ("rejected", "hidden")]
    return {
        "number": len(rows),
        "median": median(known) if known else None,
        "appealable": len(appealable),
        "appealed": sum(row["appealed"] == "True" for row in rows),
        "reversed": sum(row["reversed"] == "True" for row in rows),
        "by_kind": {
            kind: (count, median([int(row["working_days"]) for row in rows if row["kind"] == kind]))
            for kind, count in Counter(row["kind"] for row in rows).items()
        },
        "by_reason": {
            reason: tuple(sum((row["reason"], row["kind"]) == (reason, kind) for row in appealable) for kind in FIRST)
            for reason in {row["reason"] for row in appealable if row["reason"]}
        },
    }


def asked(filters):
    rollback()
    found = figures(filters)
    plain = {name: getattr(found, name) for name in ("number", "median", "appealable", "appealed", "reversed")}
    plain["by_kind"] = {kind: (count, middle) for kind, count, middle in found.by_kind}
    return plain | {"by_reason": {reason: tuple(counts) for reason, *counts in found.by_reason}}, found


CHOICES = [
    {},
    {"place": "611000000"},
    {"place": "610000000"},
    {"place": "750000000"},
    {"kind": "hidden"},
    {"kind": "rejected", "place": "610000000"},
    {"reason": "personal_data"},
    {"appeal": "appealed"},
    {"appeal": "reversed"},
    {"since": "2026-09-20", "until": "2026-10-05"},
    {"place": "750000000", "kind": "upheld"},
    {"body": "610000000"},
]


def test_figures_are_those_of_the_table(world, visit, history):
    names = ("number", "median", "appealable", "appealed", "reversed")
    for choice in CHOICES:
        filters = Filters(**choice)
        rows = table(visit(), filters.query())
        expected = recomputed(rows)
        found, whole = asked(filters)
        assert found == expected, choice
        for body in whole.bodies:
            here = recomputed([row for row in rows if row["body_kato"] == body.kato])
            assert body[2:] == tuple(here[name] for name in names), choice
        assert sum(body.number for body in whole.bodies) == expected["number"]


def test_the_history_holds_something_of_everything(world, visit, history):
    rows = table(visit())
    assert {row["kind"] for row in rows} >= {"published", "rejected", "returned", "forwarded", "hidden", "shown"}
    assert {row["by"] for row in rows} == {"moderator", "silence"}
    expected = recomputed(rows)
    assert 0 < expected["reversed"] < expected["appealed"] < expected["appealable"]
    assert expected["median"] > 0 and len(expected["by_reason"]) > 4
    appealed = [row for row in rows if row["kind"] == "rejected" and row["appealed"] == "True"]
    assert {row["reversed"] for row in appealed} == {"True", "False"}


def test_every_figure_leads_to_its_rows(world, visit, history):
    reader = visit()
    page = reader.get("/moderation/statistics?place=610000000")
    links = [
        (link.get("href"), int(link.text_content().replace("\xa0", "")))
        for link in page.find("a")
        if re.fullmatch(r"[\d\xa0]+", link.text_content()) and link.get("href").startswith("/moderation?")
    ]
    assert len(links) > 10
    for href, number in links:
        assert len(table(reader, href.partition("?")[2])) == number, href
    assert "place=610000000" in links[0][0] and any("body=611000000" in href for href, _number in links)
    alone = reader.get("/moderation?body=610000000")
    assert "Only decisions of this very body: Turkistan Region." in alone.text
    assert all(word in page.text for word in ("What the figures mean", "0 is the same day", "By reason", "By body"))


def test_no_person_and_no_word_of_what_is_not_published(world, visit, history):
    jobs.run(MONDAY)
    names = [word for person in world.people.values() for word in (person.given_name, person.surname, person.email)]
    for lang in ("kk", "ru", "en"):
        for path in ("", ".csv", ".json", ".atom", "/statistics"):
            said = visit(lang=lang).get(f"/moderation{path}").html
            assert [word for word in [SECRET, *names] if word in said] == [], path
    keys = {row["url"].rpartition("/")[2] for row in table(visit()) if row["url"]}
    rollback()
    for proposal in db.session.query(Proposal):
        is_shown = proposal.published_at is not None or proposal.stage == Stage.MERGED
        assert (str(proposal.id) in keys) is is_shown
    for key in keys:
        visit().get(f"/proposals/{key}")


def test_pages_follow_one_another_and_hold_each_row_once(world, visit, history):
    reader, seen, page = visit(), [], visit().get("/moderation")
    while True:
        seen += [row.get("id") for row in page.find("li") if (row.get("id") or "").isdigit()]
        following = page.find("a", rel="next")
        if not following:
            break
        page = reader.get(following[0].get("href"))
    assert seen == [row["id"] for row in table(reader)] and len(set(seen)) == len(seen) > 30


def test_machines_get_the_same(world, visit, history):
    reader, query = visit(), "place=611000000&kind=hidden"
    rows = table(reader, query)
    items = reader.get(f"/moderation.json?{query}").response.get_json()["items"]
    assert [str(item["id"]) for item in items] == [row["id"] for row in rows]
    feed = ET.fromstring(reader.get(f"/moderation.atom?{query}").html)
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == len(rows[:50]) > 0
    assert all("Hidden" in entry.findtext("{http://www.w3.org/2005/Atom}title") for entry in entries)


def test_filters_by_decision(world, visit, history):
    everything = table(visit())
    for kind in KINDS:
        assert table(visit(), f"kind={kind}") == [row for row in everything if row["kind"] == kind]


def test_nonsense_is_named_and_asks_for_nothing(world, visit, history):
    whole = visit().get("/moderation").find("li")
    for query in ("place=x&kind=y&reason=z&appeal=q", "since=2026-13-45&until=yesterday", "since=0001-01-01", "page=x"):
        refused = visit().get(f"/moderation.csv?{query}", 400)
        assert all(part.partition("=")[0] in refused.html for part in query.split("&"))
        page = visit().get(f"/moderation?{query}")
        assert "Part of the address was not understood" in page.text and len(page.find("li")) >= len(whole)
        if "page" not in query:
            assert "was not understood" in visit().get(f"/moderation/statistics?{query}").text
    assert all(table(visit(), f"appeal={appeal}") for appeal in APPEALS)


def test_an_empty_log_says_so(world, visit):
    assert "No decision matches these filters" in visit().get("/moderation").text
    assert "No decision matches these filters" in visit().get("/moderation/statistics").text
    assert table(visit()) == []
    assert visit().get("/moderation.atom").html.count("<entry") == 0


def test_a_forwarded_proposal_counts_for_the_body_that_forwarded(world, visit):
    with unit_of_work():
        proposal = propose(world.aigerim, MONDAY - 3 * DAY)
        moderation.forward(world.moderator, proposal, by_kato("750000000"), MONDAY)
    (row,) = table(visit())
    assert (row["body_kato"], row["kind"], row["working_days"]) == ("611000000", "forwarded", "1")
    jobs.run(MONDAY + 30 * DAY)  # silence carries it on; that is no decision of a moderator
    assert len(table(visit())) == 1


def test_ways_lead_to_the_log(world, visit):
    assert visit().get("/").find("a", href="/moderation")
    assert visit().get("/how-it-works").find("a", href="/moderation/statistics")
    assert visit().get("/territories/611000000").find("a", href="/moderation?place=611000000")


def test_a_hiding_of_a_photo_is_a_row_too(world, visit, history):
    rollback()
    assert db.session.query(Hiding).count() == sum(row["kind"] == "hidden" for row in table(visit()))
