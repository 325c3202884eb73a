"""Lists for machines tell the truth: all of it or where the rest is, no filter passed over, and feeds that parse."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar
from sqlalchemy import insert, update

from tests.client import fields_of
from tests.conftest import MONDAY
from tests.factories import crowd, propose, published
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import decide
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.exports import PART, as_atom, parts_of
from webapp.kernel.paging import encode_mark
from webapp.kernel.text import fit_for_xml, is_visible, one_line, tidy
from webapp.notifications.addresses import Purpose, make_address
from webapp.notifications.services import tell
from webapp.people.models import Organisation
from webapp.proposals.models import Proposal
from webapp.territories.services import by_kato
from webapp.voting.services import cast_vote

both_databases = ("all_of_it", "risen", "row_that_moves", "made_up", "a_program_is_told")
ATOM = "{http://www.w3.org/2005/Atom}"
EVERY = [
    "/proposals.csv", "/proposals.json", "/proposals.atom", "/organisations.csv", "/organisations.json",
    "/moderation.csv", "/moderation.json", "/moderation.atom", "/hanging.csv", "/hanging.json",
    "/strategy.csv", "/strategy.json", "/journal.jsonl",
]  # fmt: skip
PAGES = ["/proposals", "/organisations", "/moderation", "/moderation/statistics", "/hanging", "/progress", "/strategy"]


def many(number, **columns):
    """Published proposals as plain rows: what a list shows of them is all that is asked here."""
    place = by_kato("612000000").id
    usual = {
        "text": "Мәтін", "lang": "kk", "sphere": "", "funding": "unknown", "place": "", "origin_id": place,
        "seat_id": place, "stage": "collecting", "due_at": MONDAY, "submitted_at": MONDAY, "published_at": MONDAY,
        "closes_at": MONDAY, "withdraw_below": 1, "number": "", "supports": 0, "opposes": 0, "progress": 0,
        "organisation_supports": 0, "organisation_opposes": 0, "next_supports": 0, "next_threshold": 0,
    }  # fmt: skip
    with unit_of_work():
        rows = [usual | {"title": f"Ұсыныс {n}"} | {k: v(n) for k, v in columns.items()} for n in range(number)]
        db.session.execute(insert(Proposal.__table__), rows)


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def through(visitor, address):
    """All items of a JSON list, page by page, by the address in the body; the header says the same."""
    items = []
    while address:
        page = visitor.get(address)
        found = page.response.get_json()
        items += found["items"]
        link = page.response.headers.get("Link")
        assert link == (f'<{found["next"]}>; rel="next"' if found["next"] else None)
        parts = urlsplit(found["next"] or "")
        address = f"{parts.path}?{parts.query}" if found["next"] else None
    return items


# --- no silent end


@pytest.mark.parametrize("sort", ["newest", "most", "closest"])
def test_a_list_of_proposals_ends_where_it_says_with_all_of_it(world, visit, sort):
    many(2 * PART + 3, supports=lambda n: n % 7, progress=lambda n: n % 5)
    asked = f"place=612000000&sort={sort}"
    table = rows_of(visit().get(f"/proposals.csv?{asked}").html)
    assert len(table) == len({row["id"] for row in table}) == 2 * PART + 3
    items = through(visit(), f"/proposals.json?{asked}")
    assert [str(item["id"]) for item in items] == [row["id"] for row in table]
    feed = ET.fromstring(visit().get(f"/proposals.atom?{asked}").html.encode())
    (following,) = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "next"]
    parts = urlsplit(following)
    second = ET.fromstring(visit().get(f"{parts.path}?{parts.query}").html.encode())
    ids = [entry.findtext(f"{ATOM}id") for one in (feed, second) for entry in one.findall(f"{ATOM}entry")]
    assert [one.rpartition("/")[2] for one in ids] == [row["id"] for row in table[:100]]


def test_other_lists_end_where_they_say_with_all_of_it(world, visit):
    home = by_kato("611000000").id
    with unit_of_work():
        rows = [
            {"bin": f"{n:012}", "kind": "ngo", "name": f"Ұйым {n}", "home_id": home, "verified_at": MONDAY}
            for n in range(230)
        ]
        db.session.execute(insert(Organisation), rows)
        fact = {"at": MONDAY, "verb": "flags:reviewed", "subject_type": "flag_review", "subject_id": 1, "told": True}
        fact |= {"public": True, "territory_id": home, "facts": {"what": "text"}}
        db.session.execute(insert(Fact), [fact for _n in range(PART + 30)])
    assert len(rows_of(visit().get("/organisations.csv").html)) == len(through(visit(), "/organisations.json")) == 231
    log = rows_of(visit().get("/moderation.csv").html)
    assert len(log) == len({row["id"] for row in log}) == PART + 30
    assert len(through(visit(), "/moderation.json")) == PART + 30


def test_a_row_that_moves_while_a_file_is_sent_is_in_it_once(world):
    many(PART + 10, supports=lambda n: n)
    seen = []
    columns = db.select(Proposal.id, Proposal.supports)
    for part in parts_of(columns, Proposal.id, [Proposal.supports.desc(), Proposal.id.desc()]):
        seen += [row.id for row in part]
        with unit_of_work():  # the last of the list is the first one now
            db.session.execute(update(Proposal.__table__).where(Proposal.id == min(seen)).values(supports=0))
            db.session.execute(update(Proposal.__table__).where(Proposal.supports == 1).values(supports=10_000))
    assert len(seen) == len(set(seen)) == PART + 10


def test_a_file_is_sent_compressed_too(app, world, visit):
    many(PART + 5)
    plain = visit().get("/proposals.csv").html
    packed = visit()._send("GET", "/proposals.csv", headers={"Accept-Encoding": "gzip"}).response
    import gzip

    raw = packed.get_data()
    found = gzip.decompress(raw) if packed.headers.get("Content-Encoding") == "gzip" else raw
    assert rows_of(found.decode()) == rows_of(plain)


def test_what_has_risen_past_the_mark_stands_at_the_head_of_the_next_page(world, visit, clock):
    many(60, supports=lambda n: 10 + n, next_supports=lambda n: 10 + n, next_threshold=lambda _n: 1000,
         progress=lambda n: 10 + n)  # fmt: skip
    ids = [row["id"] for row in rows_of(visit().get("/proposals.csv?sort=most").html)]
    with unit_of_work():
        voters = crowd(40, "612000000", MONDAY)
        db.session.execute(
            update(Proposal.__table__).values(closes_at=MONDAY + timedelta(days=30), due_at=MONDAY + timedelta(days=30))
        )
    for hours, sort in enumerate(("most", "closest")):
        moment = MONDAY + timedelta(hours=hours)
        clock(moment)
        first = visit().get(f"/proposals?sort={sort}")
        onward = next(link.get("href") for link in first.find("a") if link.get("rel") == "next")
        shown = re.findall(r"/proposals/(\d+)\"", first.html)
        below = int(next(key for key in ids[25:] if key not in shown))
        clock(moment + timedelta(minutes=5))
        with unit_of_work():
            for voter in voters:
                cast_vote(voter, locked(Proposal, below), "support", moment + timedelta(minutes=4))
            db.session.execute(
                update(Proposal.__table__).where(Proposal.id == below)
                .values(progress=60, next_supports=60, next_threshold=1000)
            )  # fmt: skip
        second = visit().get(onward)
        keys = re.findall(r"/proposals/(\d+)\"", second.html)
        assert keys[0] == str(below), sort
        assert len(set(keys) & set(shown)) == 0
        ids.remove(str(below))
    rollback()


@pytest.mark.parametrize("since", [0, -1, 10**12, 2**61, -(2**61)])
def test_a_mark_that_somebody_made_up_is_a_page(world, visit, since):
    many(30, supports=lambda n: n)
    for mark in ([0, 0, since, 0, 0], [5, 2**40, since, 2**40, -1], [-5, 7, since, 1, 1]):
        assert visit().get(f"/proposals?sort=most&page={encode_mark(mark)}").status == 200
        assert visit().get(f"/proposals.json?sort=closest&page={encode_mark(mark, True)}").status == 200


@pytest.mark.parametrize("number", [2**61, -(2**61), -(2**40), -(2**31)])
def test_a_fresh_mark_that_somebody_made_up_is_a_page(world, visit, clock, number):
    """The moment is of now, so what has risen since is looked for: no number in the mark is too large to reckon with."""
    many(3, supports=lambda n: n, next_threshold=lambda _n: 100_000)
    clock(MONDAY)
    fresh = (MONDAY - timedelta(seconds=5) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    for sort in ("most", "closest"):
        assert visit().get(f"/proposals?sort={sort}&page={encode_mark([number, 5, fresh, 0, 0])}").status == 200


def test_where_nothing_has_risen_pages_are_as_they_were(world, visit):
    many(60, supports=lambda n: n)
    items, address = [], "/proposals?sort=most"
    while address:
        page = visit().get(address)
        items += dict.fromkeys(re.findall(r"class=\"card-title\"><a href=\"/proposals/(\d+)\"", page.html))
        address = next((link.get("href") for link in page.find("a") if link.get("rel") == "next"), None)
    assert len(items) == len(set(items)) == 60


# --- no silent default


def test_a_program_is_told_what_was_not_understood(app, world, visit):
    for path, lang in itertools.product(EVERY, ("en", "kk", "ru")):
        page = visit(lang=lang)._send("GET", f"{path}?spere=safety")
        assert page.status == 400 and "spere" in page.html, path
        assert page.response.mimetype == ("text/plain" if path.endswith((".csv", ".atom")) else "application/json")
    assert {visit()._send("GET", path).status for path in EVERY} == {200}


WRONG = [
    ("/proposals", name, value)
    for name, value in [
        ("sphere", "sport"), ("state", "open"), ("stage", "review"), ("place", "x"), ("place", "999999999"),
        ("place", "6110000001"), ("place", "٦١١٠٠٠٠٠٠"), ("sort", "oldest"), ("page", "AAAA"), ("page", "2"),
        ("lang", "en"), ("region", "610000000"), ("q", "су"), ("after", "5"),
    ]
] + [
    ("/organisations", "kind", "bank"), ("/organisations", "place", "1"), ("/organisations", "page", "9" * 30),
    ("/hanging", "cause", "no"), ("/hanging", "direction", "-1"), ("/hanging", "direction", "9999999999"),
    ("/hanging", "place", "000"), ("/moderation", "kind", "x"), ("/moderation", "reason", "x"),
    ("/moderation", "since", "2026-W01-1"), ("/moderation", "until", "9999-12-31"), ("/moderation", "body", "x"),
]  # fmt: skip


def test_a_wrong_value_is_refused_to_programs_and_said_to_people(world, visit):
    for path, name, value in WRONG:
        for kind in ("csv", "json"):
            page = visit()._send("GET", f"{path}.{kind}", query_string={name: value})
            assert page.status == 400 and name in page.html, (path, name, value)
        shown = visit()._send("GET", path, query_string={name: value})
        assert shown.status == 200 and "Part of the address was not understood" in shown.text and name in shown.text
        assert shown.response.headers["X-Robots-Tag"] == "noindex"


def test_a_filter_that_stands_there_twice_is_named(world, visit):
    assert visit().get("/proposals.json?sphere=safety&sphere=ecology", 400)
    assert "more than once" in visit().get("/proposals?sphere=safety&sphere=ecology").text


def test_an_answer_does_not_grow_with_what_was_not_understood(world, visit):
    """An address holds thousands of parts; each with a sentence of its own made a page of half a megabyte."""
    many_parts = "&".join(f"part{number}=1" for number in range(3000))
    told = visit().get(f"/proposals.json?{many_parts}", 400).response.json["error"]
    assert len(told) == 10 and "part0" in told[0]
    shown = visit().get(f"/proposals?{many_parts}").text
    assert shown.count("is not part of this list") == 10


def test_people_read_what_was_not_understood_in_their_language(world, visit):
    for path in PAGES:
        said = [visit(lang=lang).get(f"{path}?colour=<b>red</b>") for lang in ("kk", "ru", "en")]
        texts = [page.find("div", class_="notice notice-info not-understood")[0].text_content() for page in said]
        assert len(set(texts)) == 3 and all("colour" in text for text in texts), path
        assert not visit().get(path).find("div", class_="notice notice-info not-understood")


def test_every_address_of_ours_is_understood(world, visit):
    """Links and forms that read, of every list, of the home page, a territory and the desk."""
    many(45, supports=lambda n: n, progress=lambda n: n, sphere=lambda n: ("safety", "ecology")[n % 2])
    with unit_of_work():
        published(world, MONDAY - timedelta(days=1))
        propose(world.aigerim, MONDAY)
    moderator, seen = visit(world.moderator), set()
    for path in [*PAGES, "/", "/territories/611000000", "/desk", "/my/notices", "/proposals?sort=most&place=612000000"]:
        page = moderator.get(path)
        found = {link.get("href") for link in page.find("a") if "?" in (link.get("href") or "")}
        for form in page.find("form"):
            if form.get("method") == "get" and form.get("action"):
                found.add(f"{form.get('action')}?{urlencode(fields_of(form))}")
        for address in sorted(found - seen):
            if address.startswith("/") and not address.startswith(("/language", "/city", "/sign", "/proposals/new")):
                answer = moderator._send("GET", address)
                assert answer.status in (200, 303), (path, address)
                assert "not-understood" not in answer.html, (path, address)
        seen |= found
    assert len(seen) > 25


def test_a_stamp_of_another_site_is_nobody_s_question(world, visit):
    shared = visit().get("/proposals?fbclid=abc&utm_source=telegram")
    assert "not understood" not in shared.text and "X-Robots-Tag" not in shared.response.headers
    assert visit().get("/proposals.json?fbclid=abc", 400)


def test_empty_fields_of_a_form_ask_for_nothing(world, visit):
    page = visit().get("/proposals?place=&sphere=&state=&sort=newest")
    assert "not understood" not in page.text
    assert visit().get("/proposals.csv?place=&sphere=&state=")


def test_the_desk_says_it_too(world, visit):
    assert (
        "due"
        in visit(world.moderator)
        .get("/desk?due=soon")
        .find("div", class_="notice notice-info not-understood")[0]
        .text_content()
    )
    assert "not understood" not in visit(world.moderator).get("/desk?tab=inbox&q=%20x%20&sphere=safety").text


# --- feeds


def feed_of(page):
    """A feed as RFC 4287 wants it."""
    feed = ET.fromstring(page.html.encode())
    for tag in ("id", "title", "updated"):
        assert len(feed.findall(f"{ATOM}{tag}")) == 1 and feed.findtext(f"{ATOM}{tag}")
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    entries = feed.findall(f"{ATOM}entry")
    keys = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(keys)) == len(keys) and all(urlsplit(key).scheme for key in keys)
    for one in [feed, *entries]:
        assert datetime.fromisoformat(one.findtext(f"{ATOM}updated")).tzinfo
        assert [link.get("href") for link in one.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
    return feed


def own_address(feed):
    return [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]


def test_a_feed_is_valid_and_another_filter_is_another_feed(world, visit):
    with unit_of_work():
        published(world, MONDAY)
    keys = set()
    for path in (
        "/proposals.atom",
        "/proposals.atom?sphere=safety",
        "/proposals.atom?place=611000000",
        "/moderation.atom",
    ):
        page = visit().get(path)
        feed = feed_of(page)
        assert own_address(feed) == [f"http://localhost{path}"]
        assert {"Accept-Language", "Cookie"} <= set(page.response.vary)
        keys.add(feed.findtext(f"{ATOM}id"))
    assert len(keys) == 4


def test_a_new_stage_is_an_update(world, visit, clock):
    with unit_of_work():
        key = published(world, MONDAY).id
    first = feed_of(visit().get("/proposals.atom"))
    later = MONDAY + timedelta(days=3)
    with unit_of_work():
        for voter in crowd(20, "611000000", MONDAY):
            cast_vote(voter, locked(Proposal, key), "support", MONDAY)
        words = ("Бұл ұсыныс қаралды, шешімнің себебі осы.", "Предложение рассмотрено, вот причина решения.")
        decide(world.officer, locked(Proposal, key), Reply(Decision.DECLINE, *words, "", "", "", None), later)
    second = feed_of(visit().get("/proposals.atom"))
    updated = [datetime.fromisoformat(one.findtext(f"{ATOM}entry/{ATOM}updated")) for one in (first, second)]
    assert updated == [MONDAY, later] and datetime.fromisoformat(second.findtext(f"{ATOM}updated")) == later


def every_character():
    """All of Unicode but the halves of pairs, which no database takes, in pieces."""
    signs = itertools.chain(range(1, 0xD800), range(0xE000, sys.maxunicode + 1))
    while piece := "".join(map(chr, itertools.islice(signs, 65_536))):
        yield piece


def test_no_character_breaks_a_feed_whoever_brought_it(app):
    with app.test_request_context("/"):
        for piece in every_character():
            entry = {"id": "x:1", "title": piece, "url": "http://localhost/1", "updated": MONDAY, "summary": piece}
            made = as_atom(piece[:200], "http://localhost/", MONDAY, [entry], own="http://localhost/x.atom")
            feed = ET.fromstring(made.get_data())
            assert len(feed.findtext(f"{ATOM}entry/{ATOM}title")) > 0 or not fit_for_xml(piece)


def test_no_character_that_is_typed_is_one_that_xml_forbids():
    """Of the planes of ideographs, of private use and of nothing the first and the last stand for the others."""
    ends = [chr(plane * 0x10000 + sign) for plane in range(2, 17) for sign in (*range(512), *range(0xFF00, 0x10000))]
    for piece in [*itertools.islice(every_character(), 2), "".join(ends)]:
        once = tidy(piece)
        assert fit_for_xml(once) == once == tidy(once)
    assert one_line("a\r\nb\tc\u2028d\x0be\u00a0 f\x85g") == "a b c d e f g"


ODD = "\x00\x01\x0b\x1f\x7f\x85\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0010ffff\u202e\u2066\u200b\ufeff\u2028"


def test_odd_characters_in_titles_and_names_break_no_feed_and_no_calendar(world, visit, app):
    stranger = visit(world.aigerim)
    typed = f"Парк{ODD.replace(chr(0), '')}Абая"
    draft = stranger.submit(stranger.get("/proposals/new"), "/proposals/new", title=typed, lang="ru").location
    token = draft.split("/")[2]
    stranger.submit(stranger.get(f"/drafts/{token}/place"), f"/drafts/{token}/place", origin="611000000", place=typed)
    stranger.submit(stranger.get(f"/drafts/{token}/text"), f"/drafts/{token}/text", text=typed)
    rollback()
    with unit_of_work():
        kept = db.session.query(Proposal.__table__).count()
        raw = propose(world.aigerim, MONDAY, title="x")
        raw.title = f"Brought in{ODD.replace(chr(0), '')}"  # as if by an older version
        seen = published(world, MONDAY, title=raw.written_title)
        world.aigerim.given_name = f"Айгерім{ODD[1:]}"
        db.session.get(Organisation, 1).name = f"Сырдария{ODD[1:]}"
        for person, purpose in ((world.aigerim, Purpose.FEED), (world.moderator, Purpose.CALENDAR)):
            make_address(person.id, purpose, MONDAY)
    tell(MONDAY + timedelta(minutes=2))
    assert kept >= 0 and seen.id
    assert "Brought in" in feed_of(visit().get("/proposals.atom")).findtext(f"{ATOM}entry/{ATOM}title")
    settings = visit(world.aigerim).get("/my/notifications").html
    personal = feed_of(visit().get(re.search(r"/feeds/[\w-]+\.atom", settings).group()))
    assert own_address(personal) == [] and "/feeds/" not in ET.tostring(personal, "unicode")
    address = re.search(r"/calendars/[\w-]+\.ics", visit(world.moderator).get("/my/notifications").html).group()
    raw_calendar = visit().get(address).html
    assert Calendar.from_ical(raw_calendar).walk("VEVENT")
    assert not set(raw_calendar) & set(ODD.replace("\u2028", "").replace("\x85", ""))
    for path in ("/organisations.csv", "/proposals.csv", "/organisations.json"):
        visit().get(path)


# --- what nobody can see


INVISIBLE = [
    " ", "\t", "\u00a0", "\u2003", "\u3000", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u2800", "\u3164", "\u115f", "\u1160",
    "\uffa0", "\u180e", "\u0301", "\ufe0f", "\ue000", "\U000e0041", "\u202e", "\u2066", "\u034f", "\u17b4", "\ufffe",
    "\u2800 \u3164\n\u0301", "\U000e0100", "\U0001d159", "\u061c", "\u2028",
]  # fmt: skip


@pytest.mark.parametrize("nothing", INVISIBLE, ids=ascii)
def test_what_nobody_can_see_is_no_word(nothing):
    assert not is_visible(nothing) and tidy(nothing * 3) == one_line(nothing) == ""


@pytest.mark.parametrize(
    "something", ["а", "1", "Ә", "é", "e\u0301", "…", "🙂", "👨\u200d👩", "中", "ا", "€", "-", "\u1100\u1161"]
)
def test_what_can_be_seen_is_a_word(something):
    assert is_visible(something) and tidy(f" {something} ")


def test_no_form_takes_an_invisible_text_for_one(world, visit):
    author = visit(world.aigerim)
    page = author.submit(author.get("/proposals/new"), "/proposals/new", title="Шам керек", lang="kk")
    token = page.location.split("/")[2]
    for nothing in ("\u2800\u2800", "\u3164", "\u0301\u0301", "\U000e0041\U000e0042", "\ufe0f"):
        refused = author.submit(author.get("/proposals/new"), "/proposals/new", 422, title=nothing, lang="kk")
        assert "Write in one sentence what should change" in refused.text
        author.submit(author.get(f"/drafts/{token}/text"), f"/drafts/{token}/text", 422, text=nothing)


def test_the_json_of_an_error_is_json(world, visit):
    assert json.loads(visit().get("/journal.jsonl?after=x", 400).html)["error"]
