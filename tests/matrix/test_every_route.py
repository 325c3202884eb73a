"""What holds for every route, listed or not: no act without a token, no trace of reading, armour on every answer."""

from __future__ import annotations

import json

import pytest

from tests.client import Visitor
from tests.conftest import make_app
from tests.matrix.table import TABLE, filled
from tests.matrix.test_matrix import HOW_TO, address
from tests.scenery import Theatre, standing_clock
from webapp import create_app
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.jobs import Heartbeat
from webapp.kernel.security import HEADERS, csrf, limiter

SAFE = {"GET", "HEAD", "OPTIONS"}
#: A mail program posts without cookies and without a form (RFC 8058): the sealed address is the key to this act alone.
WITHOUT_TOKEN = {"notices.unsubscribe"}
#: Addresses that are secrets are told to no other site, not even to this one.
SECRET = {"notices.ask_unsubscribe", "notices.unsubscribe", "secret_addresses.feed", "secret_addresses.calendar"}
#: A photo is boxed in; the page before an OpenID provider lets its form go there.
OWN_POLICY = {"photo.show", "verification_ways.outside", "verification_ways.leave", "verification_ways.answer"}


def nobody_answers(row, page):
    """The other end of two ways to be verified is not there in the scene."""
    return page.status == 503 and row.endpoint.startswith("verification_ways.")


def insider(row):
    """Somebody who is let in; where nobody is, somebody who has signed in."""
    return sorted(row.let_in() or {"author@own"})[-1]


def acts(app):
    """Every rule that changes something and asks for the token of a form: (method, rule)."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in WITHOUT_TOKEN]
    return [(method, rule) for rule in rules for method in sorted(rule.methods - SAFE)]


def rows_of(method, endpoint):
    found = [row for row in TABLE if (row.method, row.endpoint) == (method, endpoint)]
    assert found, f"{method} {endpoint} is not in the table. {HOW_TO}"
    return found


def unguarded(stage, method, rule, path, form, name):
    """How a form without a good token was answered, where it was not refused outright; and what it has written."""
    found = []
    tokens = {
        "none": None,
        "made up": "made-up",
        "of another browser": stage.keys["officer@city" if name != "officer@city" else "visitor"].token,
    }
    for what, token in tokens.items():
        stage.restore()
        data = form | ({"csrf_token": token} if token else {})
        page = stage.browser(name)._send(method, path, data=data)
        if page.status != 400 or stage.written:
            found.append(f"{method} {rule.rule}, token {what}: {page.status}, wrote {stage.written}")
    return found


def test_no_act_without_a_token(stage):
    """Sent by those who are let in, with all that is asked, but for the token."""
    found = []
    for method, rule in acts(stage.app):
        for row in rows_of(method, rule.endpoint):
            path, form = address(stage.app, row, stage.scene)
            found += unguarded(stage, method, rule, path, form, insider(row))
    assert not found


def test_no_act_for_a_form_from_another_site(stage):
    """SameSite=Lax and the token stand in the way already; a browser that says where a form comes from is believed too."""
    for method, rule in acts(stage.app):
        row = rows_of(method, rule.endpoint)[0]
        path, form = address(stage.app, row, stage.scene)
        page = stage.act(
            insider(row), "POST", path, form | {"csrf_token": ""}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert page.status == 400 and not stage.written, rule.rule
        offered = [f for f in page.find("form") if f.get("action") == path and path != "/sign-out"]
        assert not offered, f"{path} is offered again to a stranger's form"


@pytest.fixture
def planted(stage, tmp_path):
    """The application on the same scene, with three faults put in on purpose."""
    live = tmp_path / "scene.sqlite3"
    Theatre._copy(stage._pristine, live)
    app = make_app(f"sqlite:///{live}", tmp_path)

    def write() -> str:
        db.session.execute(db.update(Heartbeat).values(ran_at=now()))
        return "written"

    def explode() -> str:
        raise RuntimeError("planted")

    app.add_url_rule("/planted/open", "planted_open", csrf.exempt(lambda: "done"), methods=["POST"])
    app.add_url_rule("/planted/writing", "planted_writing", write)
    app.add_url_rule("/planted/explosion", "planted_explosion", explode)
    with standing_clock():
        theatre = Theatre(app, stage.scene, stage._pristine, live)
        theatre.keys = stage.keys
        yield theatre
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_an_act_without_a_token_is_seen(planted):
    """A test of the test."""
    method, rule = next(pair for pair in acts(planted.app) if pair[1].endpoint == "planted_open")
    assert len(unguarded(planted, method, rule, "/planted/open", {}, "visitor")) == 3
    with pytest.raises(AssertionError, match="add a row to TABLE"):
        rows_of(method, rule.endpoint)


def test_a_get_that_writes_is_seen_and_stopped(planted):
    """A test of the test, and of the transaction that cannot write."""
    page = planted.act("visitor", "GET", "/planted/writing")
    assert planted.written == ["heartbeat"]
    assert page.status == 503


def test_head_writes_nothing_either(stage):
    for row in TABLE:
        if row.method == "GET":
            path, _form = address(stage.app, row, stage.scene)
            page = stage.act(insider(row), "HEAD", path)
            assert (page.status < 500 or nobody_answers(row, page)) and page.html == "" and not stage.written, path
            if row.endpoint == "static":
                continue  # served in front of the application, which knows GET and HEAD only
            assert stage.act("visitor", "OPTIONS", path).status == 200 and not stage.written, path


def lacking(response):
    """Which of the promised headers an answer does not carry as promised; a picture has a stricter policy."""
    if response.headers.get("Content-Security-Policy") == "sandbox; default-src 'none'":
        return [name for name in HEADERS if name not in response.headers]
    return [name for name, value in HEADERS.items() if response.headers.get(name) != value]


def test_every_answer_wears_its_armour(stage):
    for row in TABLE:
        path, form = address(stage.app, row, stage.scene)
        for name in ("visitor", insider(row)):
            page = stage.act(name, row.method, path, form)
            own_policy = {"Content-Security-Policy"} if row.endpoint in OWN_POLICY else set()
            if row.endpoint in SECRET:
                own_policy = {"Referrer-Policy"}
                assert page.response.headers["Referrer-Policy"] == "no-referrer", row.route
            assert set(lacking(page.response)) <= own_policy, (row.route, name, page.status)
            assert "default-src 'none'" in page.response.headers["Content-Security-Policy"]
            assert "Strict-Transport-Security" not in page.response.headers
            if name != "visitor" and row.endpoint not in {"static", "photo.show"}:
                assert page.response.headers["Cache-Control"] == "no-store", row.route


def test_no_route_opens_itself_to_another_origin(stage):
    for row in TABLE:
        path, form = address(stage.app, row, stage.scene)
        page = stage.act("visitor", row.method, path, form, headers={"Origin": "https://evil.example"})
        cross = [name for name, _value in page.response.headers if name.lower().startswith("access-control-")]
        assert cross == [], row.route


def test_every_answer_says_what_it_is(stage):
    """Type and encoding, and what is said is true."""
    for row in TABLE:
        path, form = address(stage.app, row, stage.scene)
        page = stage.act(insider(row), row.method, path, form)
        kind = page.response.headers["Content-Type"]
        assert kind.startswith(
            ("application/json", "application/octet-stream", "application/pdf", "image/")
        ) or "charset=utf-8" in kind.lower().replace('"', ""), (
            row.route,
            kind,
        )
        if page.html.lstrip().startswith("<!doctype html"):
            assert kind == "text/html; charset=utf-8", row.route
        if page.response.mimetype == "application/json":
            json.loads(page.html)


def test_after_signing_out_the_browser_is_asked_to_forget(stage):
    out = stage.act("author@own", "POST", "/sign-out")
    assert out.status == 303 and out.response.headers["Clear-Site-Data"] == '"storage"'
    assert out.response.headers["Cache-Control"] == "no-store"
    for path in ("/", "/my", "/sign-in"):
        assert "Clear-Site-Data" not in stage.act("author@own", "GET", path).response.headers
    assert "Clear-Site-Data" not in stage.act("visitor", "POST", "/sign-out").response.headers


def armour_of(app, method, path, status, **more):
    """The answer of an address over HTTPS, which must have this status."""
    with app.app_context():
        response = app.test_client().open(path, method=method, base_url="https://localhost", **more)
    assert response.status_code == status, (path, response.status_code)
    return response


@pytest.mark.parametrize(
    ("method", "path", "status", "more"),
    [
        ("GET", "/", 200, {}),
        ("GET", "/static/css/app.css", 200, {}),
        ("GET", "/static/js/htmx.min.js", 200, {"headers": {"Accept-Encoding": "br"}}),
        ("GET", "/static/nothing.css", 404, {}),
        ("GET", "/static/../wsgi.py", 404, {}),
        ("GET", "/nothing/here", 404, {}),
        ("GET", "/%00", 400, {}),
        ("GET", "/my", 303, {}),
        ("POST", "/sign-in", 400, {}),
        ("DELETE", "/sign-in", 405, {}),
        ("GET", "/sign-out", 405, {}),
        ("POST", "/sign-in", 413, {"data": {"email": "x" * 3_000_000}}),
        ("GET", "/planted/explosion", 500, {}),
        ("GET", "/planted/writing", 503, {}),
        ("GET", "/proposals", 200, {"headers": {"HX-Request": "true", "HX-Target": "results"}}),
        ("GET", "/nothing", 404, {"headers": {"HX-Request": "true"}}),
    ],
)
def test_armour_on_every_kind_of_answer(planted, method, path, status, more):
    response = armour_of(planted.app, method, path, status, **more)
    assert lacking(response) == []
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    text = response.get_data().decode(errors="replace").lower()
    assert not [word for word in ("traceback", "runtimeerror", "readonly", "sqlite") if word in text]


@pytest.fixture
def limited(tmp_path, stage):
    """An application with its limits on; they are off in every other test."""
    live = tmp_path / "scene.sqlite3"
    Theatre._copy(stage._pristine, live)
    settings = {"SECRET_KEY": "tests", "PERSON_PEPPER": "p", "TESTING": True, "RATELIMIT_ENABLED": True}
    yield create_app(INSTANCE=str(tmp_path), SQLALCHEMY_DATABASE_URI=f"sqlite:///{live}", **settings)
    limiter.reset()
    limiter.enabled = False


def test_armour_on_a_refusal_for_too_many_tries(limited):
    visitor = Visitor(limited)
    statuses = [visitor.post("/sign-in", 422, email="somebody@test.example").status for _try in range(10)]
    last = visitor.post("/sign-in", 429, email="somebody@test.example")
    assert statuses == [422] * 10 and lacking(last.response) == []
    assert int(last.response.headers["Retry-After"]) > 0
    assert "Too many tries in a short time" in last.text


def test_the_policy_is_as_strict_as_promised():
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == policy["connect-src"] == "'self'"
    assert not [source for source in policy.values() if "unsafe" in source or "*" in source or "http" in source]


def test_the_proxy_is_believed_only_where_one_is_named(tmp_path):
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "10.0.0.1"}
    for hops, secure in ((0, False), (1, True)):
        folder = tmp_path / str(hops)
        folder.mkdir()
        app = make_app(f"sqlite:///{folder / 'x.sqlite3'}", folder, PROXY_HOPS=hops)
        for path in ("/healthz", "/static/css/app.css"):
            headers = app.test_client().get(path, headers=forwarded).headers
            assert ("Strict-Transport-Security" in headers) is secure, (hops, path)


def test_the_table_can_be_filled(stage):
    for row in TABLE:
        values, fields = filled(row, stage.scene)
        assert all(value not in (None, "") for value in values.values())
        assert all(isinstance(value, str) for value in fields.values())
