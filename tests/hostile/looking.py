"""What an answer must not hold when a text of the corpus was somewhere in it."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import html5lib
from icalendar import Calendar

from tests.client import Page
from tests.hostile.corpus import ALERT, MARK

#: Elements that no page of ours has, apart from the ones in `_own_script`.
NEVER = {"iframe", "frame", "object", "embed", "applet", "base", "math", "style", "video", "audio", "marquee", "xmp"}
ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "xlink:href", "background", "ping", "srcdoc")
SCHEMES = {"", "http", "https", "mailto", "tel"}
TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")


def faults(page: Page, secret: str = "") -> list[str]:
    """Everything in an answer by which a text has become more than text, as sentences; empty when it has stayed one."""
    kind = page.response.mimetype
    if not page.html:
        return []
    look = {
        "text/html": _in_html,
        "application/json": _in_json,
        "application/jsonl": _in_lines,
        "text/csv": _in_csv,
        "application/atom+xml": _in_atom,
        "text/calendar": _in_calendar,
        "text/plain": lambda _page: [],
        "application/pdf": lambda _page: [],  # saved as a file, in a sandbox: tests/features/test_offers.py
        "image/png": lambda _page: [],
        "image/vnd.microsoft.icon": lambda _page: [],
        "image/webp": lambda _page: [],  # made anew from pixels: tests/features/test_photos.py
    }.get(kind)
    if look is None:
        return [f"{page.url}: nobody has said how to look at {kind}: tests/hostile/looking.py"]
    found = look(page)
    if f"49{MARK}" in page.html or f"4949{MARK}" in page.html or (secret and secret in page.html):
        found.append("a template was executed")
    location = page.location
    if location and (urlsplit(location).netloc not in {"", "localhost"} or location.startswith(("//", "\\"))):
        found.append(f"leads away to {location}")
    if any("evil.example" in value or "\n" in value for _name, value in page.response.headers if _name != "Location"):
        found.append("a header holds it")
    return [f"{page.url}: {what}" for what in found]


#: What keeps the line ends of a text by itself.
KEEPS_LINES = {"pre", "textarea", "title"}


def _lost_lines(element: Any, tag: str) -> list[str]:
    """A text of several lines that a browser would run together into one."""
    if tag in KEEPS_LINES or {"pre-line", "preview", "signed-text"} & set(element.get("class", "").split()):
        return []
    texts = [element.text or "", *(child.tail or "" for child in element)]
    inner = [(text, text[text.find(MARK) : text.rfind(MARK)]) for text in texts if text.count(MARK) > 2]  # not a title
    ran_together = [text for text, between in inner if "\n" in between]
    return [f"lines run together in <{tag} class={element.get('class')}>: {text[:60]!r}" for text in ran_together]


def lost_lines(page: Page) -> list[str]:
    """The same of a whole page."""
    elements = [element for element in html5lib.parse(page.html).iter() if isinstance(element.tag, str)]
    return [what for element in elements for what in _lost_lines(element, element.tag.rpartition("}")[2])]


def _in_html(page: Page) -> list[str]:
    found = []
    for element in html5lib.parse(page.html).iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.rpartition("}")[2]
        found += _lost_lines(element, tag)
        if tag in NEVER:
            found.append(f"<{tag}>")
        if tag == "script" and not _own_script(element):
            found.append("a script that is not ours")
        if tag in {"link", "img", "source"} and not _own_file(element):
            found.append(f"<{tag}> from elsewhere")
        if tag == "meta" and element.get("http-equiv"):
            found.append("<meta http-equiv>")
        for name, value in element.attrib.items():
            found += _in_attribute(tag, str(name).rpartition("}")[2].lower(), value)
    return found


def _own_script(element: Any) -> bool:
    return element.get("src", "").startswith("/static/") and not "".join(element.itertext()).strip()


def _own_file(element: Any) -> bool:
    address = element.get("href") or element.get("src") or ""
    return address.startswith(("/", "http://localhost/", "data:image/svg+xml")) and not address.startswith("//")


#: What our own templates say to htmx, and no text of people ever.
HTMX = {
    "data-hx-get": re.compile(r"/(?:desk|proposals)/\d+[a-z/?=&0-9_.%+-]*"),
    "data-hx-post": re.compile(r"/[a-z]+/[a-z0-9-]+/(?:vote|vote/withdrawal|following|following/ending|reading)"),
    "data-hx-trigger": re.compile(r"load(?:, submit)?"),
    "data-hx-target": re.compile(r"#(?:vote-panel|follow|item|reading|decide|similar)"),
    "data-hx-swap": re.compile(r"outerHTML|innerHTML show:#item:top"),
    "data-hx-swap-oob": re.compile(r"outerHTML|true"),
    "data-hx-sync": re.compile(r"this:drop"),
    "data-hx-disabled-elt": re.compile(r"find button(?:, find button ~ button)?"),
}


def _own_htmx(name: str, value: str) -> bool:
    return name in HTMX and HTMX[name].fullmatch(value) is not None


def _in_attribute(tag: str, name: str, value: str) -> list[str]:
    found = []
    if name.startswith(("on", "hx-", "data-hx-on")) or name in {"style", "srcdoc"}:  # ours all begin with data-hx-
        found.append(f"<{tag} {name}>")
    if name.startswith("data-hx-") and (MARK in value or "js:" in value or not _own_htmx(name, value)):
        found.append(f"{name}={value!r}")
    if name in ADDRESSES:
        plain = re.sub(r"[\x00-\x20\x7f\xa0\u200b-\u200f\u2028-\u202e\ufeff]", "", value)
        try:
            parts = urlsplit(plain)
        except ValueError:
            return [*found, f"{name}={value!r}"]
        if parts.scheme.lower() not in SCHEMES and not plain.startswith("data:image/svg+xml"):
            found.append(f"{name}={value!r}")
        if tag != "a" and parts.netloc not in {"", "localhost"}:
            found.append(f"<{tag} {name}={value!r}>")
    return found


def _in_json(page: Page) -> list[str]:
    json.loads(page.html)
    return []


def _in_lines(page: Page) -> list[str]:
    for line in page.html.splitlines():
        json.loads(line)
    return []


def _in_csv(page: Page) -> list[str]:
    rows = list(csv.reader(io.StringIO(page.html.removeprefix("\ufeff"))))
    widths = {len(row) for row in rows}
    return [f"a cell begins with {cell[:5]!r}" for row in rows for cell in row if cell.startswith(TRIGGERS)] + (
        [f"rows of {widths} cells"] if len(widths) != 1 else []
    )


def _in_atom(page: Page) -> list[str]:
    names = {element.tag.rpartition("}")[2] for element in ET.fromstring(page.html.encode()).iter()}
    return [
        f"<{name}>" for name in names - {"feed", "entry", "id", "title", "updated", "summary", "link", "author", "name"}
    ]


def _in_calendar(page: Page) -> list[str]:
    """Only the parts and lines that we write: a text cannot end its line and begin another one."""
    calendar = Calendar.from_ical(page.html)
    found = [f"a part {part.name}" for part in calendar.walk() if part.name not in {"VCALENDAR", "VEVENT"}]
    known = {"PRODID", "VERSION", "X-WR-CALNAME", "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "URL", "TRANSP"}
    for part in calendar.walk():
        found += [f"a line {name}" for name in set(part) - known]
        if urlsplit(str(part.get("URL", ""))).hostname not in {None, "localhost", "127.0.0.1"}:
            found.append(f"leads to {part['URL']}")
    return found


def _in_html_of_mail(html: str) -> list[str]:
    """One way out, nothing that is loaded, no element but ours, and styles without a word of anybody."""
    found, ways = [], []
    for element in html5lib.parse(html).iter():
        tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "a comment"
        if tag not in OF_A_MAIL:
            found.append(f"<{tag}> in a mail")
        for name, value in element.attrib.items():
            if name not in {"style", "lang", "charset", "href"} or MARK in value or "url(" in value:
                found.append(f"<{tag} {name}={value!r}>")
        ways += [element.get("href")] if "href" in element.attrib else []
    if len(ways) != 1 or urlsplit(ways[0]).scheme not in {"http", "https"}:
        found.append(f"leads to {ways}")
    return found


OF_A_MAIL = {"html", "head", "meta", "title", "body", "div", "p", "ul", "li", "a"}


def in_mail(message: Any) -> list[str]:
    """The same of a mail: plain text, with the same in harmless HTML or without; one recipient, headers of ours alone."""
    parsed = message.message()
    found = []
    kinds = [part.get_content_type() for part in parsed.walk()]
    if kinds == ["multipart/alternative", "text/plain", "text/html"]:
        found += _in_html_of_mail(parsed.get_payload()[1].get_payload(decode=True).decode())
    elif kinds != ["text/plain"]:
        found.append(f"parts {kinds}")
    if message.recipients() != [message.to[0]] or message.bcc or message.cc:
        found.append(f"to {message.recipients()}")
    known = {
        "content-type",
        "mime-version",
        "content-transfer-encoding",
        "subject",
        "from",
        "to",
        "date",
        "message-id",
        "auto-submitted",
        "list-unsubscribe",
        "list-unsubscribe-post",
    }
    strange = {name.lower() for name in parsed} - known
    if strange:
        found.append(f"headers {sorted(strange)}")
    if any(
        "\n" in str(value).strip() and MARK in str(value) and not str(value).startswith("=?")
        for value in parsed.values()
    ):
        found.append("a header of several lines")
    return found


def runs(text: str) -> bool:
    """Whether a text of the corpus would do something if it were taken for markup."""
    return ALERT in text or "evil.example" in text
