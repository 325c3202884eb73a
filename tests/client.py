"""A visitor whose every page is inspected: headings, labels, ids, languages, forms, and the plain road of each htmx control."""

from __future__ import annotations

import hashlib
import os
import re
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from itsdangerous import URLSafeTimedSerializer
from lxml import html

from tests import markup, spoken
from webapp.doors import entrance
from webapp.fraud.services import note_arrival
from webapp.kernel.database import db, unit_of_work
from webapp.kernel.networks import present_network
from webapp.people.models import User
from webapp.people.presence import enter
from webapp.wording.reading import cookie_of

#: Some twenty times as quick as html5lib; where a browser's own reading matters (tests/hostile), that one reads.
_PARSER = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)


#: Pages of this process whose markup was looked at, by address and size: another one of the same build says nothing new.
_VALID: set[tuple[str, int]] = set()


class Page:
    """An answer, parsed."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status = response.status_code
        self.html = "" if (response.mimetype or "").startswith("image/") else response.get_data(as_text=True)
        self.url = response.request.path
        self.location = response.headers.get("Location", "")
        self._tree = None

    @property
    def tree(self) -> Any:
        """The document."""
        if self._tree is None:
            self._tree = html.document_fromstring(self.html.encode() or b"<html></html>", parser=_PARSER)
        return self._tree

    def find(self, tag: str, **attributes: str) -> list[Any]:
        """Elements by tag and attributes (`class_` for class)."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [e for e in self.tree.iter(tag) if all(e.get(k) == v for k, v in wanted.items())]

    @cached_property
    def text(self) -> str:
        """All that can be read."""
        return " ".join(" ".join(self.tree.itertext()).split())

    def form(self, action: str) -> dict[str, str]:
        """The fields of the form with this action, as the browser would send them."""
        found = [form for form in self.find("form") if form.get("action") == action]
        if found:  # of a form that asks and one that acts, the one that acts
            return fields_of(max(found, key=lambda form: form.get("method") == "post"))
        raise AssertionError(
            f"no form with action {action} on {self.url}: {[f.get('action') for f in self.find('form')]}"
        )


def fields_of(form: Any) -> dict[str, str]:
    """What an untouched form sends."""
    values: dict[str, str] = {}
    for element in form.iter():
        tag, name = element.tag, element.get("name")
        if not name:
            continue
        if tag == "input" and element.get("type") in {"radio", "checkbox"}:
            if element.get("checked") is not None:
                values[name] = element.get("value", "on")
        elif tag == "input" and element.get("type") not in {"submit", "button"}:
            values[name] = element.get("value", "")
        elif tag == "textarea":
            values[name] = (element.text or "").removeprefix("\n")
        elif tag == "select":
            options = list(element.iter("option"))
            chosen = [o for o in options if o.get("selected") is not None] or options[:1]
            values[name] = chosen[0].get("value", "") if chosen else ""
    return values


def inspect(page: Page) -> None:
    """What must be true of every page; of what the Nu checker asks, the most frequent (`tests/markup.py`)."""
    where = f"{page.url}: "
    headings = page.find("h1")
    assert len(headings) == 1, where + f"{len(headings)} h1"
    title = "".join(page.find("title")[0].itertext()).strip()
    assert title.endswith("· Saty"), where + f"title {title!r}"
    build = (re.sub(r"\d+", "0", page.url), len(page.html) // 300)
    if build not in _VALID:
        wrong = markup.faults(page.tree)
        assert not wrong, where + "; ".join(wrong[:4])
        said = spoken.on_page(page.tree)
        assert not said, where + "; ".join(map(str, said[:4]))
        _VALID.add(build)
    ids = [e.get("id") for e in page.tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids)), where + f"ids twice: {[i for i in ids if ids.count(i) > 1][:3]}"
    assert page.find("html")[0].get("lang") in {"kk", "ru", "en"}, where + "lang"
    labelled = {label.get("for") for label in page.find("label")}
    for element in (*page.find("input"), *page.find("select"), *page.find("textarea")):
        if element.get("type") in {"hidden", "submit"}:
            continue
        assert element.get("id") in labelled or element.get("aria-label"), where + f"no label for {element.get('name')}"
    for form in page.find("form"):
        assert form.get("action"), where + "a form without action"
        if (form.get("method") or "get").lower() == "post":
            assert "csrf_token" in fields_of(form), where + f"no token in {form.get('action')}"
    for element in page.tree.iter():
        if element.get("data-hx-post"):
            assert element.get("action") == element.get("data-hx-post"), where + "data-hx-post without a plain form"
        if element.get("data-hx-get"):
            assert (element.get("href") or element.get("action")) == element.get("data-hx-get"), (
                where + "data-hx-get without href"
            )
        for name in element.attrib:
            assert not str(name).startswith(("on", "data-hx-on")), where + f"inline handler {name}"
            assert name != "style", where + "inline style"


class Visitor:
    """A browser without JavaScript."""

    def __init__(self, app: Any, lang: str = "en", headers: dict[str, str] | None = None) -> None:
        self.app = app
        self.client = app.test_client()
        self.client.set_cookie("lang", lang)
        self.headers = headers or {}

    def _send(self, method: str, url: str, **more: Any) -> Page:
        """One request in an application context of its own, as a server would do it."""
        with self.app.app_context():
            return Page(self.client.open(url, method=method, **more))

    def get(self, url: str, status: int = 200, **headers: str) -> Page:
        """Open an address."""
        page = self._send("GET", url, headers=self.headers | headers)
        assert page.status == status, f"GET {url}: {page.status}, expected {status}"
        if page.response.mimetype == "text/html" and status not in {301, 302, 303} and "HX-Request" not in headers:
            inspect(page)
        return page

    def post(
        self,
        url: str,
        status: int = 303,
        page: Page | None = None,
        headers: dict[str, str] | None = None,
        **values: Any,
    ) -> Page:
        """Send a form with the token of a page, or with the one that any page would hold."""
        tokens = [e.get("value") for e in page.find("input", name="csrf_token")] if page else [self._token()]
        data = {"csrf_token": tokens[0] if tokens else "", **values}
        answer = self._send("POST", url, data=data, headers=self.headers | (headers or {}))
        assert answer.status == status, f"POST {url}: {answer.status}, expected {status}: {answer.text[:600]}"
        if answer.response.mimetype == "text/html" and status >= 400 and not headers:
            inspect(answer)
        return answer

    def _token(self) -> str:
        """What Flask-WTF would write into a form of this browser now; to make a page for it costs more than most posts."""
        secure = self.app.config["SESSION_COOKIE_SECURE"]
        with (
            self.app.app_context(),
            self.client.session_transaction(base_url="https://localhost" if secure else None) as held,
        ):
            raw = held.setdefault("csrf_token", hashlib.sha1(os.urandom(64)).hexdigest())
        return str(URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(raw))

    def submit(self, page: Page, action: str, status: int = 303, **values: Any) -> Page:
        """Fill in a form of a page and send it."""
        data = page.form(action) | values
        answer = self._send("POST", action, data=data, headers=self.headers)
        assert answer.status == status, f"POST {action}: {answer.status}, expected {status}: {answer.text[:600]}"
        if status >= 400:
            inspect(answer)
        return answer

    def follow(self, page: Page) -> Page:
        """Go where a redirect leads."""
        parts = urlsplit(page.location)
        return self.get(parts.path + (f"?{parts.query}" if parts.query else ""))

    def sit_down(self, person: Any) -> None:
        """Signed in by the verbs that the form ends with: what the form asks costs more than most tests."""
        where = {"environ_overrides": {"REMOTE_ADDR": "127.0.0.1"}, "headers": self.headers}
        with self.app.test_request_context("/", **where), unit_of_work():
            user = db.session.get_one(User, person.id)
            enter(user)
            note_arrival(user, present_network(), entrance.now())
            cookie = cookie_of(self.app)
        self.client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], cookie)

    def sign_in(self, person: Any) -> None:
        """With the password of all test people."""
        from tests.factories import PASSWORD

        page = self.get("/sign-in")
        self.submit(page, "/sign-in", email=person.email, password=PASSWORD)
