"""What programs read follows its standard: Atom, iCalendar, CSV, robots.txt, descriptions, the mark of the site."""

import csv
import io
import re
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import MONDAY
from tests.factories import propose, published, supported
from webapp.kernel.database import db, unit_of_work
from webapp.notifications.addresses import Purpose, addresses_of, make_address
from webapp.notifications.services import tell
from webapp.proposals.models import Proposal

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ONCE = ("id", "title", "updated")
LONG = "Өте ұзын атау: «тырнақша», үтір; нүктелі үтір \\ кері сызық, ғғғғғғғғғғғғғғғ, тағы сөздер"


@pytest.fixture
def matters(world):
    """Proposals with the letters that formats choke on."""
    with unit_of_work():
        for title in (LONG[:80], '=1+1;"x"', "<b>&amp; ]]> 'бір'"):
            supported(published(world, MONDAY - timedelta(days=2), title=title), 3, "611000000", MONDAY, name=title[:5])
        propose(world.aigerim, MONDAY, title="Тексерілуде, үтір; нүкте")
    tell(MONDAY)


def address_of(purpose, person):
    """A secret address, made for somebody."""
    make_address(person.id, purpose, MONDAY)
    db.session.flush()
    return urlsplit(addresses_of(person.id)[purpose.value]).path


def moment(text):
    """RFC 3339, with a zone."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text), text
    return datetime.fromisoformat(text)


def check_atom(raw, own):
    """RFC 4287, section 4: what a feed and each entry must hold, once; types, and where links lead."""
    feed = ET.fromstring(raw)
    assert feed.tag == f"{ATOM}feed" and feed.get(LANG) in {"kk", "ru", "en"}
    for node in (feed, *feed.findall(f"{ATOM}entry")):
        for tag in ONCE:
            assert len(node.findall(ATOM + tag)) == 1 and (node.findtext(ATOM + tag) or "").strip(), tag
        assert urlsplit(node.findtext(f"{ATOM}id")).scheme in {"http", "https", "urn", "tag"}
        moment(node.findtext(f"{ATOM}updated"))
        links = [(link.get("rel"), link.get("type"), link.get("href")) for link in node.findall(f"{ATOM}link")]
        assert len({(rel, kind) for rel, kind, _href in links}) == len(links)  # 4.1.1: no two alternates of a type
        assert all(urlsplit(href).netloc for _rel, _kind, href in links)
        assert ("alternate", "text/html") in {(rel, kind) for rel, kind, _href in links}
        known = {*ONCE, "link", "author", "summary", "entry"}
        assert {child.tag.removeprefix(ATOM) for child in node} <= known
    assert (feed.findtext(f"{ATOM}author/{ATOM}name") or "").strip()  # 4.1.1: or else every entry has one
    selves = [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert [link.get("type") for link in selves] == (["application/atom+xml"] if own else [])
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    stamps = [moment(entry.findtext(f"{ATOM}updated")) for entry in feed.findall(f"{ATOM}entry")]
    assert not stamps or moment(feed.findtext(f"{ATOM}updated")) >= max(stamps)
    return ids


def check_calendar(raw):
    """RFC 5545: lines of at most 75 octets that end in CRLF, whole letters, what an event must have, days as days."""
    assert raw.endswith(b"\r\n") and b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b"")
    for line in raw.split(b"\r\n"):
        assert len(line) <= 75, line
        line.decode()  # no letter is torn in two by a fold
    lines = raw.decode().replace("\r\n ", "").strip().split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR" and "VERSION:2.0" in lines
    assert sum(line.startswith("PRODID:") for line in lines) == 1
    events, inside = [], None
    for line in lines:
        name, _colon, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            inside = {}
        elif line == "END:VEVENT":
            events.append(inside)
            inside = None
        elif inside is not None:
            assert name not in inside, line
            inside[name] = value
    for event in events:
        assert {"UID", "DTSTAMP", "DTSTART;VALUE=DATE", "SUMMARY"} <= event.keys()
        assert re.fullmatch(r"\d{8}T\d{6}Z", event["DTSTAMP"]) and "@" in event["UID"]
        first, end = (date.fromisoformat(event[f"DT{which};VALUE=DATE"]) for which in ("START", "END"))
        assert end == first + timedelta(days=1)
        assert not re.search(r"(?<!\\)[,;]|\\(?![\\,;nN])", event["SUMMARY"]), event["SUMMARY"]
    assert len({event["UID"] for event in events}) == len(events)
    return {event["UID"]: event["SUMMARY"] for event in events}


def test_feeds_are_atom(world, visit, matters):
    for path in ("/proposals.atom", "/proposals.atom?place=611000000&sort=most", "/moderation.atom"):
        for lang in ("kk", "en"):
            answer = visit(lang=lang).get(path).response
            assert answer.content_type == "application/atom+xml; charset=utf-8"
            ids = check_atom(answer.data, own=True)
    assert len(check_atom(visit().get("/proposals.atom").response.data, own=True)) == 3
    with unit_of_work():
        secret = address_of(Purpose.FEED, world.aigerim)
    ids = check_atom(visit().get(secret).response.data, own=False)
    assert ids and check_atom(visit().get(secret).response.data, own=False) == ids


def test_calendars_are_icalendar(world, visit, clock, matters):
    with unit_of_work():
        secret = address_of(Purpose.CALENDAR, world.moderator)
    answer = visit().get(secret).response
    assert answer.content_type == "text/calendar; charset=utf-8"
    first = check_calendar(answer.data)
    assert first
    clock(MONDAY + timedelta(hours=3))
    assert check_calendar(visit().get(secret).response.data) == first  # known by the same names for ever


def test_tables_are_csv(world, visit, matters):
    """RFC 4180: CRLF, as many cells in each line, quotes doubled, a header, and it is said that there is one."""
    for path in ("/proposals.csv", "/moderation.csv"):
        answer = visit().get(path).response
        assert answer.content_type == "text/csv; charset=utf-8; header=present"
        raw = answer.data.decode("utf-8-sig")
        assert raw.endswith("\r\n") and not re.search(r"(?<!\r)\n", re.sub(r'"(?:[^"]|"")*"', "", raw))
        rows = list(csv.reader(io.StringIO(raw, newline=""), strict=True))
        assert len({len(row) for row in rows}) == 1 and all(re.fullmatch(r"[a-z_0-9]+", name) for name in rows[0])
    rows = list(
        csv.DictReader(io.StringIO(visit().get("/proposals.csv").response.data.decode("utf-8-sig"), newline=""))
    )
    assert '\'=1+1;"x"' in {row["title"] for row in rows}


def test_every_public_page_describes_itself(world, visit, matters):
    """In words of its own: a proposal by its title, its place, its count and until when."""
    key = db.session.query(Proposal.id).filter(Proposal.written_title.startswith("Өте")).scalar()
    said = {}
    paths = ("/", "/proposals", f"/proposals/{key}", "/territories", "/territories/611000000", "/territories/000000000")
    for path in (
        *paths,
        "/how-it-works",
        "/strategy",
        "/progress",
        "/moderation",
        "/moderation/statistics",
        "/hanging",
    ):
        page = visit(lang="ru").get(path)
        (meta,) = page.find("meta", name="description")
        said[path] = meta.get("content")
        assert 30 < len(said[path]) < 600 and "<" not in said[path], (path, said[path])
    assert len(set(said.values())) == len(said)
    about = said[f"/proposals/{key}"]
    assert LONG[:80] in about and "Туркестан" in about and "3 " in about and re.search(r"\d{1,2} [а-я]+", about), about


def test_what_programs_ask_for_without_reading_a_page(visit):
    robots = visit().get("/robots.txt").response
    assert robots.mimetype == "text/plain" and "public" in robots.headers["Cache-Control"]
    lines = [line.partition(":")[::2] for line in robots.get_data(as_text=True).splitlines() if line]
    assert (
        lines[0] == ("User-agent", " *") and ("Disallow", " /my") in lines and ("Disallow", " /proposals") not in lines
    )
    icon = visit().get("/favicon.ico").response
    assert icon.mimetype == "image/vnd.microsoft.icon" and icon.data[:4] == b"\x00\x00\x01\x00"
    touch = visit().get("/apple-touch-icon.png").response
    assert touch.mimetype == "image/png" and touch.data[:8] == b"\x89PNG\r\n\x1a\n"
    page = visit().get("/")
    links = [(link.get("rel"), link.get("href")) for link in page.find("link")]
    assert ("icon", "/favicon.ico") in links and ("apple-touch-icon", "/apple-touch-icon.png") in links
