"""Hostile texts in every column that people write, on every page, as several people, in a real Chromium.

Nothing runs, nobody is asked anything, and the Content-Security-Policy has nothing to stop: the texts
have stayed text before it would have had to.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Thread
from urllib.parse import urlsplit

import pytest
from jinja2 import ChoiceLoader, DictLoader
from werkzeug.serving import make_server

from tests.conftest import ROOT, make_app
from tests.hostile.corpus import MARK, one_title
from tests.hostile.scene import hostile_theatre
from tests.matrix.table import TABLE
from tests.matrix.test_matrix import address
from tests.scenery import standing_clock, theatre
from tests.sizes import size
from webapp.kernel.database import db

LOOKING = ("visitor", "author@own", "owner", "moderator@own", "officer@own", "operator@above")
LISTEN = """
    window.__violations = [];
    addEventListener('securitypolicyviolation', e => __violations.push(e.violatedDirective + ' ' + e.blockedURI));
"""
#: What a reader does without wanting to: the pointer passes over everything, the keyboard goes through everything.
PASS_OVER = """() => {
    for (const e of document.querySelectorAll('body, body *')) {
        for (const kind of ['mouseover', 'mouseenter', 'focus', 'pointerover', 'animationstart', 'toggle', 'load'])
            e.dispatchEvent(new Event(kind, {bubbles: false}));
    }
    return [window.__pwned ?? null, window.__violations];
}"""


@contextmanager
def served(app):
    """The application on a free port of loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


#: What pages of staff ask for as soon as they are open: a reading mark, and what is similar.
BY_ITSELF = ("/reading", "/similar")


class Reader:
    """Somebody who has signed in and looks at pages; `found` holds what should not have happened."""

    def __init__(self, chromium, base, key=None):
        self.base, self.found, self.seen = base, [], 0
        self.context = chromium.new_context(viewport={"width": 1000, "height": 700})
        self.context.add_init_script(LISTEN)
        cookies = [{"name": "lang", "value": "ru", "url": base}]
        for cookie in key.cookies.values() if key else ():
            if cookie.key != "lang":
                cookies.append({"name": cookie.key, "value": cookie.value, "url": base})
        self.context.add_cookies(cookies)
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("dialog", self._dialog)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.found.append(f"script error: {error}"))
        self.page.on("request", self._request)
        self.page.on("download", lambda download: self.found.append(f"download {download.url}"))

    def _dialog(self, dialog):
        self.found.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _console(self, message):
        if message.type in {"error", "warning"}:
            self.found.append(f"{self.page.url}: {message.text[:300]}")

    def _request(self, request):
        if not request.url.startswith((self.base, "data:image/svg")):
            self.found.append(f"asked {request.url}")
        own = urlsplit(request.url).path.endswith(BY_ITSELF)
        if not own and (request.method != "GET" or request.headers.get("hx-request")):
            self.found.append(f"{self.page.url}: {request.method} {request.url} automatically")

    def look(self, path):
        """Open a page and move about on it."""
        self.page.goto(self.base + path)
        pwned, violations = self.page.evaluate(PASS_OVER)
        if pwned is not None:
            self.found.append(f"{path}: a text was executed")
        self.found += [f"{path}: the policy had to stop {what}" for what in violations]
        self.seen += MARK in self.page.content()


@pytest.fixture(scope="module")
def place(template_file, tmp_path_factory):
    """The hostile scene, served."""
    folder = tmp_path_factory.mktemp("hostile-browser")
    with hostile_theatre(template_file, folder, who=LOOKING) as stage, standing_clock(), served(stage.app) as base:
        stage.base = base
        yield stage


def pages_of(stage, name):
    """Addresses that a person may open; what everybody sees the visitor has looked at."""
    rows = [row for row in TABLE if row.method == "GET" and name in row.let_in()]
    if name != "visitor":
        rows = [
            row for row in rows if "visitor" not in row.let_in() or row.endpoint in {"portal.proposal", "portal.index"}
        ]
    # for machines, a bare picture, and two pages on which an outside service is missed, which the console says
    skipped = (
        *("static", "photo.show", "health.", "journal.", "account.data", "open_data.", "machines."),
        *(
            "public_organisations.for",
            "moderation_log.for",
            "cascade.for",
            "hanging.for",
            "offers.plan",
            "secret_addresses.",
            "verification_ways.outside",
            "verification_ways.answer",
        ),
    )
    rows = [row for row in rows if not row.endpoint.startswith(skipped)]
    # tests/hostile reads all of them as a browser would; here every third is opened in one
    return [address(stage.app, row, stage.scene)[0] for row in rows[:: size(3, 1)]]


@pytest.mark.slow
@pytest.mark.parametrize("name", LOOKING)
def test_nothing_happens(place, chromium, name):
    place.restore()
    began = time.monotonic()
    reader = Reader(chromium, place.base, place.keys[name])
    paths = pages_of(place, name)
    for path in paths:
        reader.look(path)
    reader.context.close()
    assert reader.found == []
    assert len(paths) >= 10 and reader.seen >= 5, (len(paths), reader.seen)
    assert time.monotonic() - began < 120


def planted(address_of_database, folder):
    """The application with `|safe` on a title, and the policy of the headers taken away."""
    app = make_app(address_of_database, folder)
    source = (ROOT / "templates/portal/my.html").read_text(encoding="utf-8")
    careless = {"portal/my.html": source.replace("{{ proposal.title }}", "{{ proposal.title|safe }}")}
    app.jinja_loader = ChoiceLoader([DictLoader(careless), app.jinja_loader])
    app.jinja_env.loader = app.jinja_loader
    return app


def without_policy(app):
    """A WSGI application that forgets the policy."""

    def careless(environ, start_response):
        def start(status, headers, *more):
            return start_response(status, [h for h in headers if h[0] != "Content-Security-Policy"], *more)

        return app(environ, start)

    return careless


@pytest.mark.slow
def test_one_word_too_many_in_one_template_is_seen(template_file, tmp_path, chromium):
    """A test of the test: with the policy the text is stopped, and told of; without it the text runs."""
    with theatre(template_file, tmp_path, one_title, planted, who=["author@own"]) as stage:
        for app, sign in ((stage.app, "the policy had to stop"), (without_policy(stage.app), "a text was executed")):
            with standing_clock(), served(app) as base:
                reader = Reader(chromium, base, stage.keys["author@own"])
                reader.look("/my")
                reader.context.close()
            assert any(sign in what for what in reader.found), (sign, reader.found)
        with stage.app.app_context():
            db.session.remove()
