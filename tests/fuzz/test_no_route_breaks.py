"""No 5xx, no trace of the program, no answer that takes longer than five seconds, and nobody becomes what they are not.

`make test` sends three requests to each route; `make fuzz` sends 1,000 (`--fuzz 1000`).
"""

from __future__ import annotations

import re
import time

import pytest
from sqlalchemy import select

from tests.conftest import make_app
from tests.fuzz.requests import COLUMNS, Gunner, Shot, forms_of
from tests.matrix.table import PUBLIC, TABLE, Row
from tests.matrix.test_every_route import nobody_answers
from tests.scenery import Theatre, standing_clock, theatre
from tests.sizes import size
from webapp.access.models import Grant
from webapp.kernel.database import db, unit_of_work
from webapp.people.models import Organisation, User
from webapp.proposals.models import Proposal

#: A wall-clock bound on a machine that has ten other things to do.
SECONDS = 5
TRACE = re.compile(r"Traceback|File \"|sqlalchemy|psycopg|sqlite3|jinja2\.|werkzeug\.|/webapp/|IntegrityError|Errno")
#: The one 5xx that is an answer: the worker of a scene that has been changed is not running.
WELL_MEANT = {("GET health.readyz", 503)} | {
    (f"{method} verification_ways.{view}", 503)
    for method, view in (
        ("POST", "check_signature"),
        ("POST", "leave"),
        ("POST", "take_answer"),
        ("GET", "outside"),
        ("GET", "answer"),
    )
}


def shoot(stage, shot):
    """Send it; the answer, and how long it took. The scene is as it was afterwards."""
    stage.restore()
    browser = stage.browser(shot.person)
    began = time.monotonic()
    page = browser._send(shot.method, shot.path, **shot.more)
    return page, time.monotonic() - began


def complaints(stage, row, shot):
    """What is wrong with the answer to a request, as sentences with the request to send again."""
    page, seconds = shoot(stage, shot)
    if seconds > SECONDS:  # the machine may have had something else to do: what hangs, hangs twice
        page, again = shoot(stage, shot)
        seconds = min(seconds, again)
    found = []
    if (
        page.status >= 500
        and page.status != 501
        and (row.route, page.status) not in WELL_MEANT
        and not nobody_answers(row, page)
    ):
        found.append(f"{page.status}")
    if page.response.mimetype != "application/json" and (trace := TRACE.search(page.html)):
        found.append(f"a trace: {page.html[max(0, trace.start() - 80) : trace.end() + 80]!r}")
    if seconds > SECONDS:
        found.append(f"{seconds:.1f} seconds")
    if page.status in {301, 302, 303, 307} and not re.match(r"/(?![/\\])|http://localhost/", page.location):
        found.append(f"leads away to {page.location!r}")
    if stage.written:
        found += promoted(stage, row)
    return [f"{what} <- {shot}" for what in found]


def standing(stage):
    """Who is what, as far as no single form may change it except through the verb that is made for it."""
    with stage.app.app_context():
        found = {
            "people": set(
                db.session.execute(
                    select(User.id, User.verified_at, User.home_id, User.person_key, User.deleted_at.is_not(None))
                )
            ),
            "roles": set(db.session.execute(select(Grant.id, Grant.user_id, Grant.role, Grant.territory_id))),
            "organisations": set(
                db.session.execute(select(Organisation.id, Organisation.verified_at, Organisation.accredited_until))
            ),
            "authors": set(
                db.session.execute(select(Proposal.id, Proposal.origin_id, Proposal.supports, Proposal.submitted_at))
            ),
        }
        db.session.rollback()
    return found


#: What each of these routes is there to change; everything else that changes there is a promotion.
MADE_FOR = {
    "account.leave": {"people"},
    "doors.join": {"people"},
    "verification.check_register": {"people", "authors"},
    "verification_desk.confirm": {"people", "authors"},
    "fraud.release": {"authors"},
    "staffing.give": {"roles"},
    "organisations.create": {"organisations"},
    "organisations_desk.verify": {"organisations"},
    "organisations_desk.accredit": {"organisations"},
    "organisations.update": {"organisations"},
    "proposing.submit": {"authors"},
    "voting.create": {"authors"},
    "voting.withdraw": {"authors"},
}
_before: dict[int, dict[str, set]] = {}


def promoted(stage, row):
    before = _before.get(id(stage))
    if before is None:
        return []
    changed = {what for what, rows in standing(stage).items() if rows != before[what]}
    strange = changed - MADE_FOR.get(row.endpoint, set())
    return [f"changed {sorted(strange)}, which {row.endpoint} is not made for"] if strange else []


@pytest.fixture(scope="module")
def forms(stage):
    stage.restore()
    _before[id(stage)] = standing(stage)
    return forms_of(stage)


def test_the_forms_are_found(forms):
    assert len(forms) >= 20 and sum(len(fields) for fields in forms.values()) >= 60
    assert len(COLUMNS) > 60


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_no_route_breaks(stage, forms, row, request):
    of_this_route = sum(other.route == row.route for other in TABLE)
    count = -(-request.config.getoption("--fuzz") // of_this_route)
    gunner = Gunner(stage, row, forms, request.config.getoption("--fuzz-seed"))
    found = []
    for shot in gunner.shots(count if row.endpoint != "static" else min(count, 30)):
        found += complaints(stage, row, shot)
        if len(found) > 5:
            break
    stage.restore()
    assert not found, "\n".join(found)


def test_nor_on_postgresql(forms, postgresql, template_on_postgresql, tmp_path):
    """One to every third route, on the engine that refuses more: NUL bytes, numbers, encodings. One scene for all."""
    from tests.postgresql import create_database

    url = create_database(template_on_postgresql, "fuzzed", "world")
    stage, found = OnPostgreSQL(url, tmp_path), []
    with stage.open():
        for row in TABLE[:: size(3, 1)]:
            if row.endpoint in {"static", "account.leave", "doors.sign_out"}:
                continue
            for shot in Gunner(stage, row, forms, 7).shots(size(1, 3)):
                found += complaints(stage, row, shot)
    assert not found, "\n".join(found)


test_nor_on_postgresql = pytest.mark.postgresql(test_nor_on_postgresql)


class OnPostgreSQL(Theatre):
    """A scene that is not put back: what one request has changed the next one finds."""

    def __init__(self, url, folder):
        from tests.scenery import build_scene

        self._clock = standing_clock()
        self._clock.__enter__()
        app = make_app(url, folder)
        with app.app_context():
            scene = build_scene()
            db.session.remove()
        super().__init__(app, scene, folder / "none", folder / "none")

    @staticmethod
    def _copy(_source, _target):
        """There is one database."""

    def open(self):
        from contextlib import contextmanager

        @contextmanager
        def opened():
            from tests.fuzz.requests import PEOPLE

            try:
                self.let_sign_in(PEOPLE)
                yield self
            finally:
                with self.app.app_context():
                    db.session.remove()
                    db.engine.dispose()
                self._clock.__exit__(None, None, None)

        return opened()


def careless(address_of_database, folder):
    """The application with four faults that a fuzzer is there to find."""
    from flask import redirect, request

    app = make_app(address_of_database, folder)

    def number():
        return str(int(request.values.get("page", "0")))

    def leak():
        return "Traceback (most recent call last)" if "%27" in request.full_path else "calm"

    def away():
        return redirect(request.args.get("next", "/"), 303)

    def promote():
        user = db.session.get(User, 4)
        for name, value in request.form.items():
            if value == "operator" and name in COLUMNS:
                user.home_id = 2
        return "saved"

    for name, view in (("number", number), ("leak", leak), ("away", away), ("promote", promote)):
        app.add_url_rule(f"/planted/{name}", f"planted.{name}", view, methods=["GET", "POST"])
    return app


@pytest.mark.parametrize(
    ("route", "sign"),
    [
        ("GET planted.number", "500 <-"),
        ("GET planted.leak", "a trace"),
        ("GET planted.away", "leads away"),
        ("POST planted.promote", "changed ['people']"),
    ],
)
def test_planted_faults_are_found(faulty, route, sign):
    """A test of the test."""
    row = Row(route, PUBLIC, "everybody")
    found = []
    for shot in Gunner(faulty, row, {"/planted/promote": {"title": "x"}}, 1).shots(400):
        found += complaints(faulty, row, shot)
        if any(what.startswith(sign) for what in found):
            break
    assert any(what.startswith(sign) for what in found), found


def test_a_slow_answer_is_found(faulty, monkeypatch):
    monkeypatch.setattr("tests.fuzz.test_no_route_breaks.SECONDS", -1)
    assert "seconds <-" in complaints(faulty, TABLE[0], Shot("visitor", "GET", "/"))[0]


@pytest.fixture(scope="module")
def faulty(template_file, tmp_path_factory):
    from tests.fuzz.requests import PEOPLE

    with theatre(template_file, tmp_path_factory.mktemp("faulty"), make=careless, who=PEOPLE) as found:
        _before[id(found)] = standing(found)
        yield found


def test_a_scene_is_put_back(stage):
    before = standing(stage)
    with stage.app.app_context(), unit_of_work():
        db.session.get(User, 4).given_name = "Басқа"
    assert stage.written
    stage.restore()
    assert standing(stage) == before and not stage.written
