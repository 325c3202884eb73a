"""Routes x people x places, held against the checked-in table; and the table held against the application."""

from __future__ import annotations

import html
import re
from functools import cache
from urllib.parse import urlsplit

import pytest

from tests.matrix.table import EVERYBODY, HALF, OWN, PUBLIC, TABLE, filled
from tests.scenery import PEOPLE
from webapp.access.permissions import POLICY, Permission
from webapp.access.predicates import Reason
from webapp.access.services import sentence
from webapp.kernel.database import db, unit_of_work
from webapp.people.models import Membership, Organisation
from webapp.proposals.models import Proposal

DOORS = ("/sign-in", "/confirm", "/verify")
LET_IN = {200, 204, 303, 307, 422}
HOW_TO = "add a row to TABLE in tests/matrix/table.py: which Permission it asks, who is let in, on which object of tests/scenery.py"


def routes(app):
    """Every route as the table names it; HEAD and OPTIONS go the way of GET."""
    return {
        f"{method} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}
    }


def address(app, row, scene):
    values, fields = filled(row, scene)
    return adapter(app).build(row.endpoint, values, method=row.method), fields


@cache
def adapter(app):
    """Builds addresses; binding the map anew each time would cost more than the requests."""
    return app.url_map.bind("localhost")


def verdict(row, page):
    """True for let in, False for refused; anything else is neither and fails the test."""
    if row.asks in {OWN, HALF} and page.status == 409:
        return True  # it is theirs to do, at another moment
    if page.status == 503 and row.endpoint.startswith("verification_ways."):
        return True  # let in, and nobody answers at the other end
    if page.status == 409 and row.asks is Permission.BE_VERIFIED:
        return True  # there is no other account to ask
    if page.status in {401, 403, 404, 410}:
        return False
    if page.status == 303 and urlsplit(page.location).path.startswith(DOORS):
        return False
    return True if page.status in LET_IN else page.status


def ask(stage, row, name):
    path, fields = address(stage.app, row, stage.scene)
    return stage.act(name, row.method, path, fields)


def differences(stage, row):
    """Who is treated otherwise than the table says."""
    wrong = []
    for name in PEOPLE:
        expected, page = name in row.let_in(), ask(stage, row, name)
        if row.method == "GET" and stage.written:
            wrong.append(f"{name}: a GET wrote into {sorted(set(stage.written))}")
        if (verdict(row, page) is not expected) and not is_own_way(row, name, page):
            wrong.append(f"{name}: {'let in' if expected else 'refused'} expected, got {page.status} {page.location}")
        elif silence(stage, page):
            wrong.append(f"{name}: {silence(stage, page)}")
    return wrong


def is_own_way(row, name, page):
    """A door is the page itself for rows about doors: /confirm sends somebody on to /verify, not away."""
    return (
        row.endpoint.startswith(("doors.", "second_step.", "verification"))
        and name in row.let_in()
        and page.status == 303
    )


def test_every_route_is_in_the_table(stage):
    listed = {row.route for row in TABLE}
    missing, gone = routes(stage.app) - listed, listed - routes(stage.app)
    assert not missing, f"not in the table: {sorted(missing)}. {HOW_TO}"
    assert not gone, f"in the table, but there is no such route any more: {sorted(gone)}"


def test_every_permission_is_asked_by_some_row():
    asked = {row.asks for row in TABLE}
    assert set(Permission) <= asked, f"no route asks {sorted(set(Permission) - asked)}: {HOW_TO}"
    assert asked <= set(Permission) | {PUBLIC, OWN, HALF}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_the_table_decides(stage, row):
    assert differences(stage, row) == []


def decided_by_a_permission():
    return [pytest.param(row, id=row.name) for row in TABLE if isinstance(row.asks, Permission)]


@pytest.mark.parametrize("row", decided_by_a_permission())
def test_a_route_asks_the_permission_of_its_row(stage, row, monkeypatch):
    """Nobody is let in any more when the row of the policy says no: the view has no rule of its own beside it."""
    monkeypatch.setitem(POLICY, row.asks, (lambda *_anything: Reason.NOT_STAFF,))
    name = sorted(row.let_in() - {"visitor"})[0]
    assert verdict(row, ask(stage, row, name)) is False, f"{row.route} does not ask {row.asks!r}"


def silence(stage, page):
    """What is wrong with the words of a refusal; empty when a person learns from them why, or that nothing is there."""
    if page.status == 403 and not any(words in html.unescape(page.html) for words in sentences(stage)):
        return f"403 without a reason: {page.text[:300]}"
    if page.status in {404, 410} and not re.search(r"There is no such page|is no longer here", page.html):
        return f"{page.status} without a word: {page.text[:300]}"
    return ""


@cache
def sentences(stage):
    with stage.app.test_request_context(headers={"Cookie": "lang=en"}):
        return [str(sentence(reason)) for reason in Reason]


def test_a_refusal_says_why(stage):
    """Asked of every refusal in `differences`; here the sentences are taken away to see that it is asked."""
    row = next(row for row in TABLE if row.route == "POST moderation.publish")
    page = ask(stage, row, "resident@own")
    assert "held by a body that you do not moderate for" in page.text and silence(stage, page) == ""
    page.html = page.html.replace("held by a body", "")
    assert silence(stage, page).startswith("403 without a reason")


CASES = {
    *(Permission.TRIAGE, Permission.WORK_ON, Permission.ANSWER, Permission.REPORT, Permission.MERGE),
    *(Permission.PLAN, Permission.CONFIRM_SERVING, Permission.JOIN_MEASURE),
}
#: What undoes a merger names no proposal in its address: tests/features/test_merging.py looks at it.
#: A measure is nobody's proposal.
ELSEWHERE = ("merging.undo",), ("measure milestone",)
DECISIONS = [
    row
    for row in TABLE
    if row.asks in CASES and row.endpoint not in ELSEWHERE[0] and row.on.get("key") not in ELSEWHERE[1]
]
#: The proposal that a milestone of the scene belongs to.
OF_MILESTONE = {"milestone": "accepted", "reported milestone": "implementing"}


@pytest.mark.parametrize("own", ["as author", "through an organisation"])
@pytest.mark.parametrize("row", DECISIONS, ids=lambda row: row.name)
def test_nobody_decides_on_their_own_proposal(stage, row, own):
    for name in sorted(row.let_in()):
        stage.restore()
        with stage.app.app_context(), unit_of_work():
            named = row.on.get("key", "submitted")
            proposal = db.session.get(Proposal, stage.scene[OF_MILESTONE.get(named, named)])
            if own == "as author":
                proposal.author_id = stage.scene[f"user {name}"]
            else:
                proposal.organisation_id = stage.scene["organisation verified"]
                db.session.add(membership(stage, name, "organisation verified"))
        page = act_without_restoring(stage, row, name)
        assert page.status == 403 and "Nobody decides on their own proposal" in page.text, (name, page.status)


def membership(stage, name, organisation):
    return Membership(
        organisation_id=stage.scene[organisation], user_id=stage.scene[f"user {name}"], role="representative"
    )


def act_without_restoring(stage, row, name):
    path, fields = address(stage.app, row, stage.scene)
    if row.method == "POST":
        return stage.browser(name)._send("POST", path, data={"csrf_token": stage.keys[name].token, **fields})
    return stage.browser(name)._send("GET", path)


@pytest.mark.parametrize(
    "row",
    [row for row in TABLE if row.asks in {Permission.VERIFY_ORGANISATION, Permission.ACCREDIT_ORGANISATION}],
    ids=lambda row: row.name,
)
def test_nobody_decides_on_their_own_organisation(stage, row):
    for name in sorted(row.let_in()):
        stage.restore()
        with stage.app.app_context(), unit_of_work():
            db.session.add(membership(stage, name, row.on["key"]))
            assert db.session.get(Organisation, stage.scene[row.on.get("key", "submitted")])
        page = act_without_restoring(stage, row, name)
        assert page.status == 403 and "Nobody decides on an organisation they belong to" in page.text, (
            name,
            page.status,
        )


#: Whose pages are looked through for buttons; the others see what one of these sees.
LOOKING = (
    "visitor",
    "unconfirmed",
    "resident@own",
    "author@own",
    "owner",
    "representative",
    "invited",
    *(f"{role}@{place}" for role in ("moderator", "officer", "operator") for place in ("own", "region")),
)


@pytest.mark.parametrize("name", LOOKING)
def test_a_button_is_shown_only_to_those_whom_it_serves(stage, name):
    """What a page offers as a form does not answer 'you may not': page and verb ask the same table."""
    served = {}
    for row in TABLE:
        if row.method == "POST" and not row.form.get("organisation"):
            served.setdefault(address(stage.app, row, stage.scene)[0], []).append(row)
    wrong = []
    for row in TABLE:
        if row.method != "GET" or name not in row.let_in() or row.endpoint == "static":
            continue
        page = ask(stage, row, name)
        if page.response.mimetype != "text/html" or page.status != 200:
            continue
        for action in {urlsplit(form.get("action")).path for form in page.find("form", method="post")}:
            targets = served.get(action, [])
            if not targets or any(name in target.let_in() for target in targets):
                continue
            answers = [ask(stage, target, name) for target in targets]
            if all(answer.status not in {303, 401} for answer in answers):  # a way to the doors is an offer too
                wrong.append(f"{page.url} offers {targets[0].route}")
    assert not wrong


def test_the_matrix_sees_a_permission_that_lets_too_many_in(stage, monkeypatch):
    """A test of the test: without its conditions the verb of a moderator is open to everybody who signs in."""
    row = next(row for row in TABLE if row.route == "POST moderation.publish")
    monkeypatch.setitem(POLICY, Permission.TRIAGE, ())
    wrong = differences(stage, row)
    assert len(wrong) == len(PEOPLE) - 1 - len(row.let_in()), wrong


def test_the_matrix_sees_a_route_that_nobody_listed(stage, template_file, tmp_path):
    from tests.conftest import make_app

    app = make_app(f"sqlite:///{tmp_path / 'x.sqlite3'}", tmp_path)
    app.add_url_rule("/planted", "planted", lambda: "open", methods=["GET", "DELETE"])
    assert routes(app) - {row.route for row in TABLE} == {"GET planted", "DELETE planted"}


def test_a_name_of_the_table_means_somebody():
    with pytest.raises(AssertionError, match="nobody is called"):
        from tests.matrix.table import Row

        Row("GET portal.index", PUBLIC, "mayor").let_in()
    assert all(row.let_in() for row in TABLE)
    assert sum(row.who == EVERYBODY for row in TABLE) < len(TABLE) / 2
