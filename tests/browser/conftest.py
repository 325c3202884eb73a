"""A real server on loopback, a real Chromium, and people who sit in front of it."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.person import Person
from tests.conftest import CHROMIUM, make_app
from tests.race.serving import PATIENCE_SECONDS, answers, free_port, serving, until
from webapp.kernel.database import db

#: Nothing of the browser's own may ask the network; what a page asks for is then all that is asked.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=PreloadTopChromeWebUI,PreloadTopChromeWebUILessNavigations",
]


def pytest_collection_modifyitems(items):
    """Everything in this folder is a browser test."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


class Site:
    """The address of the server, and the application on the same database for what a test arranges."""

    def __init__(self, url, app):
        self.url = url
        self.app = app


@pytest.fixture(scope="session")
def site(template_file, tmp_path_factory):
    """One server for all browser tests; each test makes proposals and voters of its own."""
    folder = tmp_path_factory.mktemp("browser")
    shutil.copy(template_file, folder / "saty.sqlite3")
    address = f"sqlite:///{folder / 'saty.sqlite3'}"
    port = free_port()
    settings = {"PERSON_PEPPER": "pepper of the tests", "RATE_LIMITS": "off", "PORT": str(port)}
    with serving(address, folder, port, 1, **settings):
        until(lambda: answers(port), PATIENCE_SECONDS, "the server is up")
        app = make_app(address, folder)
        yield Site(f"http://127.0.0.1:{port}", app)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="session")
def chromium():
    """One browser; each person has a profile of their own in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def person(site, chromium):
    """Opens a browser for somebody: `person("aigerim", lang="kk", width=360, javascript=False)`."""
    opened = []

    def sit_down(name=None, host="127.0.0.1", **manner):
        someone = Person(site.url.replace("127.0.0.1", host), chromium, **manner)
        opened.append(someone)
        if name:
            someone.sign_in(f"{name}@test.example")
        return someone

    yield sit_down
    for someone in opened:
        someone.leave()


@pytest.fixture
def arrange(site):
    """The application context on the server's database, for crowds and passing dates."""
    with site.app.app_context():
        yield
        db.session.remove()
