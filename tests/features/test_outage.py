"""What is no mistake of ours is told calmly, wherever it happens; what is one stays one; and afterwards all goes on."""

import errno
import json
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from flask import abort
from sqlalchemy import event, select
from sqlalchemy import exc as sa
from sqlalchemy.engine import make_url

from tests import faults
from tests.client import Visitor, inspect
from tests.conftest import MONDAY, make_app
from tests.factories import PASSWORD, published
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.outage import Trouble, trouble_of
from webapp.people.models import SignIn
from webapp.proposals.models import Draft
from webapp.voting.models import Vote

HTMX = {"HX-Request": "true", "HX-Target": "vote-panel"}


def of_psycopg(state, words="what the server says"):
    """An error with the class that the driver gives to a state."""
    kind = psycopg.errors.lookup(state) if state in psycopg.errors._sqlcodes else psycopg.OperationalError
    error = kind(words)
    error.sqlstate = state
    return error


def wrapped(orig):
    """As SQLAlchemy raises it, in the class of its own that fits the driver's."""
    name = next((k.__name__ for k in type(orig).__mro__ if k.__module__ in {"psycopg", "sqlite3"}), "OperationalError")
    return getattr(sa, name, sa.DBAPIError)("SELECT 1", None, orig)


STATES = {
    Trouble.AWAY: ("08000", "08006", "08P01", "57P01", "57P03", "58030", "26000", "42P05", "XX000", "28P01"),
    Trouble.FULL: ("53100",),
    Trouble.READ_ONLY: ("25006",),
    Trouble.BUSY: ("53300", "53200", "57014", "55P03", "40001", "40P01"),
    None: ("42601", "42P01", "42703", "23505", "22003", "25P02", "0A000"),
}
SQLITE = {
    Trouble.AWAY: ("unable to open database file", "disk I/O error", "something new"),
    Trouble.FULL: ("database or disk is full",),
    Trouble.READ_ONLY: ("attempt to write a readonly database",),
    Trouble.BUSY: ("database is locked", "database table is locked: vote"),
    None: ("no such table: vote", "no such column: x", 'near "FORM": syntax error'),
}


def test_the_cause_is_read_from_the_code_and_not_from_the_class():
    for wanted, states in STATES.items():
        for state in states:
            for error in (of_psycopg(state), wrapped(of_psycopg(state))):
                assert trouble_of(error) is wanted, (state, error)
    for wanted, sentences in SQLITE.items():
        for words in sentences:
            for error in (sqlite3.OperationalError(words), wrapped(sqlite3.OperationalError(words))):
                assert trouble_of(error) is wanted, (words, error)
    recovery = of_psycopg("0A000", "cannot set transaction read-write mode during recovery")
    assert trouble_of(wrapped(recovery)) is trouble_of(recovery) is Trouble.READ_ONLY
    assert trouble_of(psycopg.OperationalError("connection refused")) is Trouble.AWAY
    assert trouble_of(sa.TimeoutError("QueuePool limit reached")) is Trouble.BUSY
    assert trouble_of(wrapped(sqlite3.DatabaseError("database disk image is malformed"))) is Trouble.AWAY
    kinds = {errno.ENOSPC: Trouble.FULL, errno.EDQUOT: Trouble.FULL, errno.EROFS: Trouble.READ_ONLY}
    for code, wanted in (kinds | {errno.ENOENT: None, errno.EACCES: None}).items():
        assert trouble_of(OSError(code, "what the disk says")) is wanted
    for ours in (ValueError("x"), wrapped(sqlite3.IntegrityError("UNIQUE constraint failed")), TimeoutError()):
        assert trouble_of(ours) is None


@pytest.fixture
def bare(engine, database_url, tmp_path):
    """An application of its own, so that faults can be planted in it; errors go out as on a real site."""
    app = make_app(database_url, tmp_path)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def inside(app, person, lang="en"):
    """A browser in which somebody is signed in; whoever it is is known from another application's database."""
    key = SimpleNamespace(id=person.id)
    rollback()
    browser = Visitor(app, lang)
    browser.sit_down(key)
    return browser


def breaking(app, place, error):
    """The application with a fault outside of every view."""

    def fail(*_arguments):
        raise error

    if place == "before":
        app.before_request(fail)
    elif place == "after":
        app.after_request(fail)
    elif place == "view":
        app.view_functions["portal.proposals"] = fail
    else:  # a fault in the page of a problem itself
        app.view_functions["portal.proposals"] = fail
        app.jinja_env.globals["static_url"] = fail


@pytest.mark.parametrize("place", ["before", "after", "view", "page"])
def test_outside_of_a_view_it_is_told_too(bare, place):
    error = wrapped(faults.of_sqlite(sqlite3.SQLITE_FULL, "database or disk is full"))
    breaking(bare, place, error)
    for headers in ({}, HTMX):
        visitor = Visitor(bare, "ru")
        page = visitor._send("GET", "/proposals", headers=headers)
        assert page.status == 503 and page.html and page.response.headers["Retry-After"] == "300", place
        assert ("Сохранять больше некуда" in page.html) or (place == "page" and "Сайт сейчас недоступен" in page.html)
        assert page.response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("place", ["before", "after", "view", "page"])
def test_a_mistake_of_ours_stays_one_and_has_its_page(bare, world, place):
    signed_in = inside(bare, world.aigerim)
    bare.testing = False
    bare.wsgi_app._shows_errors = False  # as on a real site
    breaking(bare, place, wrapped(of_psycopg("42601")))
    with bare.app_context():
        engine = db.engine
    with faults.stopped(engine):
        page = signed_in._send("GET", "/proposals")
    assert page.status == 500 and "Something went wrong on our side" in page.text
    assert not page.find("nav", class_="account")


def test_who_cannot_be_asked_is_told_apart_from_who_is_nobody(bare, world):
    """Refusals keep their own status; nobody is led to the door who stands inside."""
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
    browser = inside(bare, world.aigerim, "kk")
    token = browser.get("/my").form("/sign-out")["csrf_token"]
    with bare.app_context():
        engine = db.engine
    with faults.stopped(engine):
        for path in ("/", "/my", f"/proposals/{key}", "/how-it-works", "/desk"):
            page = browser.get(path, 503)
            assert "Сервис қазір тым жүктеулі" in page.text and "дерекқоры қазір жауап бермей тұр" in page.text
            assert page.response.headers["Retry-After"] == "30" and "Кіру" not in page.text
        assert browser._send("GET", "/nothing/here").status == 404
        assert browser._send("POST", "/proposals", data={"csrf_token": token}).status == 405
        assert browser._send("POST", f"/proposals/{key}/vote", data={"csrf_token": "x"}).status == 400
        vote = {"data": {"csrf_token": token, "choice": "support"}, "headers": HTMX}
        fragment = browser._send("POST", f"/proposals/{key}/vote", **vote)
        assert fragment.status == 503 and fragment.response.headers["HX-Retarget"] == "#flash"
        assert "<html" not in fragment.html and "дерекқоры" in fragment.text
        assert browser.get("/healthz").html == "ok\n"
        assert json.loads(browser.get("/readyz", 503).html)["problems"] == ["database: OperationalError"]
        assert browser.get("/metrics").html.rstrip().endswith("saty_database_up 0.0")
        for path in ("/proposals.json", "/my/data.json", "/journal.jsonl"):
            assert json.loads(browser.get(path, 503).html)["status"] == 503, path
        for path in ("/proposals.csv", "/proposals.atom", "/organisations.csv"):
            page = browser.get(path, 503)
            assert page.response.mimetype == "text/plain" and "дерекқоры" in page.html, path
    assert "saty_database_up 1.0" in browser.get("/metrics").html
    assert browser.get("/my").find("nav", class_="account"), "the sign-in has outlived the hour"
    (config,) = browser.get("/").find("meta", name="htmx-config")
    rules = json.loads(config.get("content"))["responseHandling"]
    assert next(rule for rule in rules if re.search(rule["code"], "503"))["swap"], "or nobody would see the fragment"


def test_what_was_typed_in_that_hour_is_sent_again_after_it(bare, world):
    browser = inside(bare, world.aigerim)
    page = browser.get("/proposals/new")
    (action,) = [
        f.get("action") for f in page.find("form") if f.get("method") == "post" and f.get("action") != "/sign-out"
    ]
    words = {"title": "A bench under the poplars of our yard"}
    with bare.app_context():
        engine = db.engine
    with faults.full(engine):
        refused = browser.submit(page, action, 503, **words)
        assert "There is no room left" in refused.text and "Nothing was changed" in refused.text
        assert words["title"] in refused.html
        again = browser.submit(refused, action, 503)
    with faults.lost(engine):
        again = browser.submit(again, action, 503)
    browser.submit(again, action, 303)
    with bare.app_context():
        assert [draft.title for draft in db.session.scalars(select(Draft))] == [words["title"]]
        rollback()
    begun = browser.get("/proposals/new")
    other = browser.submit
    with bare.app_context(), bare.test_request_context("/"):
        from webapp.kernel.typed import sealed

        of_another = sealed(world.bolat.id)
    with faults.full(engine):
        page = other(begun, action, 503, **words, begun_as=of_another)
    assert words["title"] in page.html and not [f for f in page.find("form") if f.get("action") == action]


def test_a_sign_in_that_was_not_saved_leaves_the_cookie_as_it_was(bare, world):
    browser = Visitor(bare)
    page = browser.get("/sign-in")
    with bare.app_context():
        engine = db.engine
    with faults.full(engine):
        refused = browser.submit(page, "/sign-in", 503, email=world.aigerim.email, password=PASSWORD)
    assert PASSWORD not in refused.html
    with bare.app_context():
        assert db.session.scalar(select(SignIn.id).where(SignIn.user_id == world.aigerim.id)) is None
        rollback()
    browser.submit(refused, "/sign-in", 303, password=PASSWORD)
    assert browser.get("/my").status == 200


def test_a_real_file_that_is_gone_full_locked_or_not_to_be_written(app, bare, world, tmp_path):
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
    browser = inside(bare, world.aigerim)
    form = browser.get(f"/proposals/{key}").form(f"/proposals/{key}/vote") | {"choice": "support"}
    with bare.app_context():
        engine = db.engine
    file = Path(engine.url.database)

    def said(words, method="POST", status=503):
        more = {"data": form} if method == "POST" else {}
        page = browser._send(method, f"/proposals/{key}{'/vote' if more else ''}", **more)
        assert page.status == status and words in page.text, page.text[:300]
        if status == 503:
            inspect(page)

    def pragma(words):
        def tell(raw, _record):
            raw.execute(words).close()

        return tell

    def with_pragma(words, check):
        tell = pragma(words)
        engine.dispose()
        event.listen(engine, "connect", tell)
        check()
        event.remove(engine, "connect", tell)
        engine.dispose()

    def while_full():
        """What still finds room in a page that is there is saved; what does not is told."""
        for number in range(60):
            page = browser.get("/proposals/new")
            action = [f.get("action") for f in page.find("form") if f.get("method") == "post"][-1]
            fields = page.form(action) | {"title": f"A bench number {number} under the poplars of our long street"}
            answer = browser._send("POST", action, data=fields)
            if answer.status != 303:
                break
        assert answer.status == 503 and "There is no room left" in answer.text, (number, answer.status)

    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("VACUUM")  # no free page is left inside
        pages = other.execute("PRAGMA page_count").fetchone()[0]
    with_pragma(f"PRAGMA max_page_count={pages}", while_full)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with_pragma("PRAGMA busy_timeout=20", lambda: said("Very many people are using the site"))
        other.execute("ROLLBACK")

    def only_to_read(_dialect, _record, cargs, cparams):
        return sqlite3.connect(f"file:{file}?mode=ro", uri=True, **cparams)

    engine.dispose()
    event.listen(engine, "do_connect", only_to_read)
    said("This site can only be read just now")
    said("Collecting support", "GET", 200)
    event.remove(engine, "do_connect", only_to_read)
    engine.dispose()
    db.session.remove()
    db.engine.dispose()  # of the application that the fixtures share
    moved = tmp_path / "moved"
    moved.mkdir()
    for part in list(file.parent.glob("saty.sqlite3*")):
        part.rename(moved / part.name)
    file.mkdir()
    said("The database of this site does not answer")
    said("The database of this site does not answer", "GET")
    engine.dispose()
    file.rmdir()
    for part in moved.iterdir():
        part.rename(file.parent / part.name)
    said("", status=303)


@pytest.mark.postgresql
def test_a_real_server_that_goes_away_and_comes_back(template_on_postgresql, tmp_path):
    from tests.factories import World
    from tests.postgresql import create_database

    url = create_database(template_on_postgresql, "gone", "world")
    server = make_url(template_on_postgresql).set(drivername="postgresql").render_as_string(hide_password=False)
    app = make_app(url, tmp_path)
    with app.app_context():
        world = World.read()
        with unit_of_work():
            key = published(world, MONDAY - timedelta(days=1)).id
        browser = inside(app, world.aigerim, "ru")
        db.session.remove()
    form = browser.get(f"/proposals/{key}").form(f"/proposals/{key}/vote") | {"choice": "support"}

    def end_connections():
        with psycopg.connect(server, autocommit=True) as boss:
            boss.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'gone'")

    def allow(connections):
        with psycopg.connect(server, autocommit=True) as boss:
            boss.execute(f"ALTER DATABASE gone WITH ALLOW_CONNECTIONS {connections}")

    def killed(*_arguments):
        end_connections()

    with app.app_context():
        engine = db.engine
    for place in ("before_cursor_execute", "commit"):  # in the middle of a view, and in the middle of saving
        event.listen(engine, place, killed, once=True)
        page = browser._send("POST", f"/proposals/{key}/vote", data=form)
        assert page.status == 503 and "Сайт сейчас недоступен" in page.text, page.text[:300]
        assert ("не знаем, удалось ли" in page.text) is (place == "commit")
    allow("false")
    end_connections()
    for path in ("/my", "/", f"/proposals/{key}"):
        assert "База данных сайта сейчас не отвечает" in browser.get(path, 503).text
    refused = browser._send("POST", f"/proposals/{key}/vote", data=form)
    assert refused.status == 503
    allow("true")
    browser.submit(refused, f"/proposals/{key}/vote", 303)
    with app.app_context():
        assert len(db.session.scalars(select(Vote)).all()) == 1
        db.session.remove()
        db.engine.dispose()


def test_a_refusal_looks_as_ever_while_all_is_well(visit, world):
    page = visit(world.aigerim).get("/nothing/here", 404)
    assert "Айгерім" in page.find("nav", class_="account")[0].text_content()


def test_an_answer_that_is_ready_stays_one(bare):
    bare.add_url_rule("/planted", "planted", lambda: abort(bare.make_response(("ready", 418))))
    assert Visitor(bare)._send("GET", "/planted").status == 418
