"""The hour without a database: whoever comes, wherever, reads what is so; nobody gets an empty answer or a 500."""

from __future__ import annotations

import os
import random
import secrets
from collections import Counter
from itertools import product

import pytest

from tests.client import inspect
from tests.faults import FAULTS
from tests.matrix.table import TABLE
from tests.matrix.test_every_route import nobody_answers
from tests.matrix.test_matrix import address
from tests.sizes import SOAK
from webapp.kernel.database import db
from webapp.kernel.errors import RETRY_AFTER, in_words
from webapp.kernel.i18n import LANGUAGES, speaking
from webapp.kernel.outage import Trouble

PEOPLE = ("visitor", "resident@own", "officer@own")
WAYS = ("GET", "POST", "HTMX GET", "HTMX POST")
TROUBLES = {
    "stopped": Trouble.AWAY,
    "lost": Trouble.AWAY,
    "full": Trouble.FULL,
    "read-only": Trouble.READ_ONLY,
    "replica": Trouble.READ_ONLY,
    "pool empty": Trouble.BUSY,
}
#: What answers for those who keep the site alive says it in its own words.
OWN_WORDS = {"health.readyz", "health.metrics", "health.healthz"}
#: Files are served in front of the application.
ROUTES = {row.route: row for row in TABLE if row.endpoint != "static"}


def requests(fault):
    """Every route, person, way and language in the long run; else 20 routes that a printed seed draws."""
    if SOAK:
        return list(product(ROUTES.values(), PEOPLE, WAYS, LANGUAGES))
    seed = os.environ.get("SATY_SEED") or str(secrets.randbits(32))
    print(f"{fault}: drawn by the seed {seed} (SATY_SEED={seed} draws the same again)")
    dice = random.Random(f"{seed} {fault}")
    rows = dice.sample(list(ROUTES.values()), 20)
    return [
        (row, name, dice.choice(ways), dice.choice(tuple(LANGUAGES)))
        for row, name, ways in product(rows, PEOPLE, (WAYS[:2], WAYS[2:]))
    ]


def send(stage, row, name, way, lang):
    """One request; nothing that was written stays."""
    path, form = address(stage.app, row, stage.scene)
    browser = stage.browser(name)
    browser.client.set_cookie("lang", lang)
    method, more = way.rpartition(" ")[2], {}
    if way.startswith("HTMX"):
        more["headers"] = {"HX-Request": "true", "HX-Target": "vote-panel"}
    if method == "POST":
        more["data"] = {"csrf_token": stage.keys[name].token, "begun_as": "", **form, "text": "Words that took an hour"}
    return browser._send(method, path, **more)


def complaint(page, row, fault, name, way, lang):
    """What is wrong with an answer, or None."""
    title = heading(TROUBLES[fault], lang)
    if page.status >= 500 and page.status != 503:
        return f"{page.status}"
    leads_on = page.status in {204, 303, 304, 307} or "HX-Redirect" in page.response.headers
    if not leads_on and not page.response.get_data():
        return "empty"
    if page.status == 303 and name != "visitor" and page.location.startswith("/sign-in") and fault != "full":
        return None if row.endpoint.startswith(("doors.", "second_step.", "passwords.")) else "sent to the door"
    if page.status != 503 or row.endpoint in OWN_WORDS or nobody_answers(row, page):
        return None
    if title not in (page.text if page.response.mimetype == "text/html" else page.html):
        return f"says nothing of {fault}: {page.text[:300]}"
    if page.response.headers.get("Retry-After") != str(RETRY_AFTER[TROUBLES[fault]]):
        return "no Retry-After"
    if way.startswith("HTMX"):
        return None if page.response.headers.get("HX-Retarget") == "#flash" or "." in page.url else "no fragment"
    if page.response.mimetype == "text/html":
        inspect(page)
        if page.find("nav", class_="account"):
            return "says who is signed in, and cannot know"
        if way == "POST" and "Words that took an hour" not in page.html:
            return "the words are gone"
    return None


_headings: dict[tuple[Trouble, str], str] = {}


def heading(trouble, lang):
    return _headings[trouble, lang]


@pytest.fixture(scope="module", autouse=True)
def words(stage):
    """What each page says above its text; three languages, and no two the same."""
    for lang in LANGUAGES:
        with stage.app.test_request_context("/"), speaking(lang):
            _headings.update({(trouble, lang): in_words(trouble)[0] for trouble in Trouble})
    assert len(set(_headings.values())) == 12


@pytest.mark.parametrize("fault", FAULTS)
def test_everybody_reads_what_is_so(stage, fault):
    found, answers = [], Counter()
    stage.restore()
    with stage.app.app_context():
        engine = db.engine
    with FAULTS[fault](engine):
        for row, name, way, lang in requests(fault):
            where = f"{row.route} {way} {name} {lang}"
            try:
                page = send(stage, row, name, way, lang)
            except Exception as error:  # it left the application: the server would answer with nothing
                found.append(f"{where}: {error!r}")
                continue
            answers[page.status] += 1
            if wrong := complaint(page, row, fault, name, way, lang):
                found.append(f"{where}: {wrong}")
    print(fault, dict(sorted(answers.items())))
    stage.written.append("whatever came through")
    stage.restore()
    assert not found, f"{len(found)} of {answers.total()}\n" + "\n".join(found[:20])
    assert answers[503], "nobody met the fault"
    if fault in {"stopped", "lost"}:
        assert answers[503] > answers.total() / 3
