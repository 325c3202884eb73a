"""What a page may cost: twelve queries, and a weight that a village connection carries."""

import gzip
from datetime import timedelta

import brotli
import pytest
from sqlalchemy import event

from tests.conftest import MONDAY, ROOT
from tests.factories import propose, published, supported
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import decide
from webapp.flagging.decisions import Verdict, hide
from webapp.flagging.services import Report, flag, open_review
from webapp.kernel.database import db, unit_of_work
from webapp.kernel.static import compress_static

PAGE_QUERIES = 12
ADDRESSES = (
    "/",
    "/proposals",
    "/proposals?place=611000000&state=review&sort=closest&sphere=safety",
    "/proposals?place=610000000&sort=most",
    "/proposals.csv",
    "/territories",
    "/territories/611000000",
    "/territories/000000000",
    "/how-it-works",
    "/proposals/new",
    "/sign-in",
    "/my",
    "/my/notices",
    "/my/notifications",
    "/desk",
    "/desk/{submitted}",
    "/proposals/{collecting}",
    "/proposals/{silent}",
    "/proposals/{silent}/answer",
    "/proposals/{collecting}/talon",
    "/proposals/{hidden}",
    "/proposals/{collecting}/flag",
    "/proposals/{hidden}/hiding/appeal",
    "/desk/flags",
    "/desk/flags/{review}",
    "/moderation",
    "/moderation/statistics?place=610000000",
    "/moderation.csv",
)


@pytest.fixture
def keys(world):
    """Proposals with votes, answers and a history."""
    with unit_of_work():
        for number in range(12):
            published(world, MONDAY - timedelta(days=3), title=f"Ұсыныс {number} туралы")
        submitted = propose(world.aigerim, MONDAY)
        collecting = published(world, MONDAY - timedelta(days=2))
        supported(collecting, 5, "611000000", MONDAY)
        silent = published(world, MONDAY - timedelta(days=2))
        supported(silent, 22, "611000000", MONDAY, name="crowd")
        text = ("Бұл ұсыныс қаралды, жоғарыға беріледі.", "Предложение рассмотрено и передаётся выше.")
        decide(world.officer, silent, Reply(Decision.PASS_UP, *text, "", "", "", None), MONDAY)
        keys = {"submitted": submitted.id, "collecting": collecting.id, "silent": silent.id}
        for number in range(6):
            reported = published(world, MONDAY - timedelta(days=2))
            flag(world.bolat, reported, Report("text", "insult", ""), None, MONDAY)
            review = open_review(reported.id, "text")
            if number == 0:
                hide(world.moderator, review, Verdict("text", "insult", "Біреуді қорлайды."), MONDAY)
                keys["hidden"] = reported.id
        return keys | {"review": review.id}


@pytest.fixture
def queries(app):
    """The statements of the last request."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("who", ["stranger", "aigerim", "moderator", "region_officer"])
def test_a_page_takes_at_most_twelve_queries(world, visit, keys, queries, who):
    browser = visit() if who == "stranger" else visit(getattr(world, who))
    browser._send("GET", "/proposals")  # the directory of places is read once a minute
    counted = {}
    for address in ADDRESSES:
        queries.clear()
        page = browser._send("GET", address.format(**keys))
        assert page.status in (200, 303, 403, 404), (address, page.status)
        counted[address] = len(queries)
    assert {address: count for address, count in counted.items() if count > PAGE_QUERIES} == {}
    assert counted["/proposals"] >= 1  # the counter counts


def test_the_number_of_queries_does_not_grow_with_the_list(world, visit, keys, queries):
    browser = visit()
    browser.get("/proposals")
    queries.clear()
    browser.get("/proposals")
    before = len(queries)
    with unit_of_work():
        for number in range(15):
            published(world, MONDAY - timedelta(days=3), title=f"Тағы бір ұсыныс {number}")
    queries.clear()
    browser.get("/proposals")
    assert len(queries) == before


def test_a_page_is_compressed_for_whoever_understands_it(app, keys):
    for coding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        answer = app.test_client().get("/proposals", headers={"Accept-Encoding": coding})
        assert answer.headers["Content-Encoding"] == coding
        assert "Accept-Encoding" in answer.headers["Vary"]
        raw = answer.get_data()
        assert len(raw) <= 25_000
        assert unpack(raw).decode().startswith("<!doctype html>")
    assert "Content-Encoding" not in app.test_client().get("/proposals").headers


def test_static_files_are_compressed_once(app, tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("static")
    (tmp_path / "a.css").write_text("p { color: red }\n" * 500)
    (tmp_path / "tiny.css").write_text("p{}")
    assert compress_static(tmp_path) == 1
    assert compress_static(tmp_path) == 0
    assert brotli.decompress((tmp_path / "a.css.br").read_bytes()) == (tmp_path / "a.css").read_bytes()
    assert not (tmp_path / "tiny.css.br").exists()
    (tmp_path / "a.css").write_text("p { color: blue }\n" * 500)
    assert compress_static(tmp_path) == 1
    assert b"blue" in brotli.decompress((tmp_path / "a.css.br").read_bytes())
    answer = app.test_client().get("/static/css/app.css", headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_the_design_system_stays_small():
    sizes = {name: len(brotli.compress((ROOT / "static" / name).read_bytes())) for name in ("css/app.css", "js/app.js")}
    assert sizes["css/app.css"] <= 15_000
    assert sizes["js/app.js"] <= 8_000
    assert len((ROOT / "static/js/app.js").read_text().splitlines()) < 150
