"""Fixtures: one small country in a fresh database, a clock in hand, a client that looks at every page."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings
from sqlalchemy import event

from tests.client import Visitor
from tests.factories import World, build_world
from tests.postgresql import KeptDatabase, create_database, server
from tests.sizes import SOAK
from tests.watch import pytest_runtest_makereport  # noqa: F401 (a hook that looks after the whole run)
from webapp import create_app
from webapp.kernel.database import db, rollback
from webapp.kernel.security import limiter

settings.register_profile(
    "saty", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("saty")
ROOT = Path(__file__).resolve().parent.parent
#: Debian's Chromium; without its windows where that is installed: the same engine opens pages in half the time.
SHELL = "/usr/bin/chromium-headless-shell"
CHROMIUM = os.environ.get("CHROMIUM") or (SHELL if Path(SHELL).exists() else "/usr/bin/chromium")
#: A Monday morning in Kazakhstan; the present of every test that does not say otherwise.
MONDAY = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def make_app(database_url: str, instance: Path, **more):
    """An application for tests: memory mail, no rate limits, errors are shown as errors."""
    usual = {
        "INSTANCE": str(instance),
        "SQLALCHEMY_DATABASE_URI": database_url,
        "TESTING": True,
        "PROPAGATE_EXCEPTIONS": None,
        "SECRET_KEY": "tests",
        "PERSON_PEPPER": "pepper of the tests",
        "MAIL_BACKEND": "memory",
        "RATELIMIT_ENABLED": False,
    }
    app = create_app(**usual | more)
    if database_url.startswith("sqlite"):
        with app.app_context():  # what a test wrote need not survive a power cut
            event.listen(db.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF").close())
    return app


def copy_database(source: Path, target: Path) -> None:
    """A SQLite database into a file, also while somebody has it open."""
    with sqlite3.connect(source) as there, sqlite3.connect(target) as here:
        there.backup(here)
    there.close()
    here.close()


def _fill(url: str, folder: Path) -> None:
    app = make_app(url, folder)
    with app.app_context():
        upgrade()
        build_world(MONDAY)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def template_file(tmp_path_factory):
    """A SQLite file with the schema of the migrations and the small country; copied for every test."""
    folder = tmp_path_factory.mktemp("template")
    _fill(f"sqlite:///{folder / 'template.sqlite3'}", folder)
    return folder / "template.sqlite3"


@pytest.fixture(scope="session")
def postgresql():
    """A real PostgreSQL for the whole session."""
    with server() as url:
        yield url


@pytest.fixture(scope="session")
def template_on_postgresql(postgresql, tmp_path_factory):
    """The same small country as a template database."""
    _fill(create_database(postgresql, "world"), tmp_path_factory.mktemp("template-pg"))
    return postgresql


@pytest.fixture(scope="session")
def kept_on_postgresql(template_on_postgresql):
    """The small country in a database of this process, put back before each test."""
    return KeptDatabase(template_on_postgresql, "world")


@pytest.fixture(scope="session")
def stage(template_file, tmp_path_factory):
    """A scene with an object and a person of every kind (`tests.scenery`); whoever writes calls `restore` or `act` next."""
    from tests.scenery import theatre

    with theatre(template_file, tmp_path_factory.mktemp("scene")) as found:
        yield found


def pytest_addoption(parser):
    """How hard `tests/fuzz` tries."""
    parser.addoption("--fuzz", type=int, default=3, help="requests to each route")
    parser.addoption("--fuzz-seed", type=int, default=20261123, help="another seed is another set of requests")
    parser.addoption("--situations-seed", type=int, default=0, help="draw the situations of an earlier run again")


def pytest_generate_tests(metafunc):
    """Which databases a test runs on: SQLite, and PostgreSQL where its module says `both_databases`.

    True means all tests of the module; where it lists its `sensitive` ones (between them they send PostgreSQL every
    statement that the module sends), `make test` runs those there and `make soak` runs all. A tuple means the
    tests whose names hold one of its words.
    """
    if "engine" in metafunc.fixturenames:
        names, wanted = ["sqlite"], getattr(metafunc.module, "both_databases", False)
        name, sensitive = metafunc.function.__name__, getattr(metafunc.module, "sensitive", ())
        if wanted is True:
            on_both = SOAK or not sensitive or name in sensitive
        else:
            on_both = wanted and any(word in name for word in wanted)
        if on_both:
            names.append(pytest.param("postgresql", marks=pytest.mark.postgresql))
        metafunc.parametrize("engine", names)


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """One application for each database in this process: making one and compiling its templates costs more than most tests."""
    apps = {}
    yield tmp_path_factory.mktemp("kept"), apps
    for app in apps.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def is_alone(request):
    """Whether other processes use the database of this test too: then it has an address of its own."""
    return not {"crew", "where"} & set(request.fixturenames) and "/race/" not in request.node.path.as_posix()


@pytest.fixture
def database_url(engine, request, tmp_path, kept, is_alone):
    """A database filled with the small country, as if nobody had ever used it."""
    folder, apps = kept
    if engine in apps and is_alone:
        with apps[engine].app_context():
            db.session.remove()
            if engine == "sqlite":  # the file is another one each time
                db.engine.dispose()
    if engine == "sqlite":
        target = (folder if is_alone else tmp_path) / "saty.sqlite3"
        for rest in target.parent.glob("saty.sqlite3*"):  # a new file: whoever still has the former one open reads that
            rest.unlink()
        shutil.copy(request.getfixturevalue("template_file"), target)
        return f"sqlite:///{target}"
    if is_alone:
        held = request.getfixturevalue("kept_on_postgresql")
        url = held.fresh()
        if getattr(request.module, "alone_in_database", False):
            held.hang_up()
        return url
    return create_database(request.getfixturevalue("template_on_postgresql"), f"t{uuid4().hex[:12]}", "world")


@pytest.fixture
def app(database_url, engine, request, tmp_path, kept, is_alone):
    """The application on that database, at `MONDAY`."""
    _folder, apps = kept
    if not is_alone:
        app = make_app(database_url, tmp_path)
    elif engine in apps:
        app = apps[engine]
    else:
        app = apps[engine] = make_app(database_url, _folder)
        if engine == "postgresql":
            own = request.getfixturevalue("kept_on_postgresql").own
            with app.app_context():
                event.listen(db.engine, "connect", lambda raw, _record: own.add(raw.info.backend_pid))
    limiter.enabled = app.config["RATELIMIT_ENABLED"]  # the last application that was made has set it for all
    config, extensions, filters = dict(app.config), dict(app.extensions), dict(app.before_request_funcs)
    with app.app_context():
        yield app
        rollback()
        db.session.remove()
        if not is_alone:
            db.engine.dispose()
    app.config.clear()
    app.config.update(config)
    app.extensions.clear()
    app.extensions.update(extensions)
    app.before_request_funcs = filters
    getattr(app.extensions["mailman"], "outbox", []).clear()


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """What `built_once` has built in this process: a name, and a copy of the database after it."""
    return tmp_path_factory.mktemp("built"), {}


@pytest.fixture
def built_once(app, engine, database_url, built):
    """`built_once(name, build)`: what `build` writes into the small country is written once, then copied from a file.

    It writes through the database alone, and what it gives back is not kept. Rows that were loaded before are read anew.
    """
    folder, files = built

    def take(name, build):
        target = Path(database_url.removeprefix("sqlite:///"))
        if engine != "sqlite":
            build()
        elif name in files:
            rollback()
            db.engine.dispose()
            for rest in target.parent.glob(f"{target.name}*"):
                rest.unlink()
            shutil.copy(files[name], target)
        else:
            build()
            rollback()
            files[name] = folder / f"{len(files)}.sqlite3"
            copy_database(target, files[name])

    return take


@pytest.fixture
def clock(monkeypatch):
    """Sets the time that views read: `clock(MONDAY + timedelta(days=1))`."""
    from webapp.kernel import clock as kernel_clock

    present = [MONDAY]
    real = kernel_clock.now
    for name, module in list(sys.modules.items()):
        if name.startswith("webapp") and getattr(module, "now", None) is real:
            monkeypatch.setattr(module, "now", lambda: present[0])

    def set_to(moment: datetime) -> None:
        present[0] = moment

    return set_to


@pytest.fixture
def world(app):
    """People and places of the small country, read anew."""
    return World.read()


@pytest.fixture
def visit(app, clock):
    """A visitor factory: `visit()` is a stranger, `visit(world.aigerim)` is signed in; each has its own browser."""

    def open_browser(person=None, lang: str = "en", **headers):
        visitor = Visitor(app, lang, headers)
        if person is not None:
            visitor.sit_down(person)
        return visitor

    return open_browser


def pytest_collection_modifyitems(items):
    """The slow ones first, so that no process is left alone with them in the end.

    Where no browser is installed, say so loudly instead of failing one by one.
    """
    items.sort(key=lambda item: not item.get_closest_marker("slow"))
    if Path(CHROMIUM).exists():
        return
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(
                pytest.mark.skip(reason="CHROMIUM IS MISSING: no browser test was run (apt-get install chromium)")
            )
