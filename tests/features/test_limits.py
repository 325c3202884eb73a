"""Limits: each act has one, says when to come back, keeps what was typed, and outlives the store that counts."""

import shutil
import socket
import subprocess
import threading
import time

import pytest
from fakeredis import TcpFakeServer
from limits.storage import MemoryStorage

from tests.client import Visitor
from tests.conftest import MONDAY, make_app
from webapp.kernel.challenge import ChallengedForm
from webapp.kernel.database import db
from webapp.kernel.security import limiter

NOBODY = {"email": "nobody@test.example", "password": "not the password"}


class Broken(MemoryStorage):
    """A store that was there at the start and is gone now."""

    STORAGE_SCHEME = ["gone-store"]
    is_gone = True

    def incr(self, *args, **named):
        if Broken.is_gone:
            raise ConnectionError("the store is gone")
        return super().incr(*args, **named)

    def get(self, *args, **named):
        if Broken.is_gone:
            raise ConnectionError("the store is gone")
        return super().get(*args, **named)

    def check(self):
        return not Broken.is_gone


@pytest.fixture
def build(database_url, tmp_path, clock, monkeypatch):
    """An application whose limits hold, with the store that it is given."""
    made = []

    def make(store="memory://", **settings):
        for name, value in {"_storage_uri": None, "_storage": None, "_storage_dead": False}.items():
            monkeypatch.setattr(limiter, name, value)
        monkeypatch.setattr(limiter, "_storage_options", {})
        monkeypatch.setattr(limiter, "enabled", True)
        options = {"RATELIMIT_STORAGE_URI": store, "RATELIMIT_ENABLED": True}
        if store.startswith("redis"):
            options["RATELIMIT_STORAGE_OPTIONS"] = {"socket_connect_timeout": 3, "socket_timeout": 3}
        app = make_app(database_url, tmp_path, **options, **settings)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def try_to_sign_in(browser, times):
    page, answers = browser.get("/sign-in"), []
    for _try in range(times):
        answers.append(browser._send("POST", "/sign-in", data=page.form("/sign-in") | NOBODY))
    return [answer.status for answer in answers], answers[-1]


def changing(app):
    """Every address that changes something, with a number in each gap."""
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods:
            values = dict.fromkeys(rule.arguments, 1) | ({"plural": "measures"} if "plural" in rule.arguments else {})
            with app.test_request_context():
                yield rule.endpoint, app.url_for(rule.endpoint, **values)


def test_every_act_that_changes_something_has_a_limit(build, world):
    app = build(WTF_CSRF_ENABLED=False, RATE_LIMIT_DEFAULT="1 per minute")
    person, acts, own, without = str(world.aigerim.id), list(changing(app)), [], []
    for endpoint, address in acts:
        client = app.test_client()
        for _try in range(2):
            with client.session_transaction() as session:  # signing out is among the acts
                session["_user_id"], session["confirmed_at"] = person, int(MONDAY.timestamp())
            status = client.post(address, data={"email": "x"}).status_code
        with app.app_context():
            _default, decorated = limiter.limit_manager.resolve_limits(app, endpoint)
        (own if decorated else without if status != 429 else []).append(endpoint)
    assert len(acts) > 40 and without == []
    assert {"doors.enter", "doors.join", "account.leave", "fraud.ask"} <= set(own)


def test_reading_has_no_limit(build):
    browser = Visitor(build(RATE_LIMIT_DEFAULT="1 per hour"))
    assert {browser.get("/healthz").status for _try in range(4)} == {200}
    assert {browser.get("/sign-in").status for _try in range(4)} == {200}


@pytest.mark.parametrize(
    "lang, words",
    [
        ("en", "Too many tries in a short time"),
        ("kk", "Қысқа уақытта тым көп әрекет жасалды"),
        ("ru", "Слишком много попыток за короткое время"),
    ],
)
def test_too_many_tries_say_when_to_come_back_and_keep_what_was_typed(build, lang, words):
    browser = Visitor(build(), lang)
    statuses, page = try_to_sign_in(browser, 11)
    assert statuses == [422] * 10 + [429]
    assert 0 < int(page.response.headers["Retry-After"]) <= 300
    assert page.response.headers["Cache-Control"] == "no-store"
    assert words in page.text and len(page.find("h1")) == 1
    assert page.form("/sign-in")["email"] == NOBODY["email"]
    assert NOBODY["password"] not in page.html and page.html.count("csrf_token") == 1 + page.html.count("/sign-out")


def test_a_long_text_survives_a_limit(build):
    browser = Visitor(build(RATE_LIMIT_DEFAULT="0 per minute"))
    text = "Ұзақ мәтін <script>alert(1)</script>\nекінші жол"
    page = browser.post("/proposals/1/withdrawal", 429, note=text, title="Тақырып")
    kept = page.form("/proposals/1/withdrawal")
    assert kept["note"].replace("\r\n", "\n") == text and kept["title"] == "Тақырып"
    assert "<script>alert" not in page.html


def test_htmx_gets_the_sentence_and_the_page_stays(build):
    browser = Visitor(build(RATE_LIMIT_DEFAULT="0 per minute"))
    page = browser.post("/proposals/1/vote", 429, headers={"HX-Request": "true"}, choice="support")
    assert page.response.headers["HX-Retarget"] == "#flash" and "Retry-After" in page.response.headers


def test_the_store_is_gone_and_the_site_serves_and_counts_on(build, capfd):
    Broken.is_gone = True
    browser = Visitor(build("gone-store://"))
    statuses, _page = try_to_sign_in(browser, 11)
    assert statuses == [422] * 10 + [429]
    log = capfd.readouterr().err
    assert '"event": "rate limit store"' in log and "unreachable" in log and '"level": "error"' in log


def test_a_challenge_needs_no_store(build):
    Broken.is_gone = True
    app = build("gone-store://")
    with app.test_request_context("/sign-in"):
        form = ChallengedForm(meta={"csrf": False})
        form.door, form.allowance = "sign-in", "2 per minute"
        assert form.riddle() is None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Redis:
    """Debian's redis-server where it is installed, else its imitation over TCP; both speak the real protocol."""

    def __init__(self):
        self.port = free_port()
        if shutil.which("redis-server"):
            command = ["redis-server", "--port", str(self.port), "--save", "", "--bind", "127.0.0.1"]
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            self.server = None
        else:
            self.process = None
            self.server = TcpFakeServer(("127.0.0.1", self.port), server_type="redis")
            self.server.daemon_threads = True
            threading.Thread(target=self.server.serve_forever, daemon=True).start()
        for _try in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)

    @property
    def uri(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
        elif self.server:
            self.server.shutdown()
            self.server.server_close()
        self.process = self.server = None


@pytest.fixture
def redis():
    server = Redis()
    yield server
    server.stop()


def test_two_processes_count_together_in_redis(build, redis):
    one = Visitor(build(redis.uri))
    statuses, _page = try_to_sign_in(one, 6)
    assert statuses == [422] * 6
    other = Visitor(build(redis.uri))  # as another process: a limiter that knows nothing but the store
    statuses, _page = try_to_sign_in(other, 5)
    assert statuses == [422] * 4 + [429]


def test_nobody_listens_where_redis_should_be(build, capfd):
    browser = Visitor(build(f"redis://127.0.0.1:{free_port()}/0"))
    begun = time.monotonic()
    statuses, _page = try_to_sign_in(browser, 11)
    assert statuses == [422] * 10 + [429]
    assert time.monotonic() - begun < 10
    assert "unreachable" in capfd.readouterr().err


def test_the_store_comes_back(build, monkeypatch):
    Broken.is_gone = True
    browser = Visitor(build("gone-store://"))
    try_to_sign_in(browser, 1)
    assert limiter._storage_dead
    Broken.is_gone = False
    monkeypatch.setattr(limiter, "_Limiter__last_check_backend", 0)
    try_to_sign_in(browser, 1)
    assert not limiter._storage_dead
    Broken.is_gone = True


@pytest.mark.parametrize("address", ["/feeds/{}.atom", "/calendars/{}.ics", "/unsubscribe/{}"])
def test_nobody_tries_secret_addresses_without_end(build, address):
    visitor = Visitor(build())
    statuses = [visitor._send("GET", address.format(f"{number:043d}")).status for number in range(61)]
    assert statuses == [404] * 60 + [429]
