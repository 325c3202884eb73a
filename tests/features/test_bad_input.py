"""What should not arrive: a clear page in the person's language, nothing lost, never a 500."""

import base64
import io
import re
from datetime import timedelta

import pytest

from tests.conftest import MONDAY
from tests.factories import PASSWORD, published
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.paging import decode_mark
from webapp.kernel.security import safe_next
from webapp.proposals.models import Draft, Proposal

HUGE = "9" * 20


@pytest.fixture
def key(app, world):
    with unit_of_work():
        return published(world, MONDAY - timedelta(days=1)).id


@pytest.mark.parametrize(
    "path",
    [
        f"/proposals/{HUGE}",
        f"/proposals/{HUGE}/talon",
        f"/desk/{HUGE}",
        f"/proposals/{HUGE}/answer",
        f"/territories/{HUGE}",
        "/territories/x",
        "/territories/%00",
        "/proposals?page=AAAA",
        f"/proposals?page={HUGE}",
        "/proposals?place=%F0%28%8C%28",
        "/proposals?sort=%27%20OR%201=1",
        "/proposals?state[]=x",
        "/drafts/nothing/title",
        "/drafts/%2e%2e%2f/title",
        "/language?to=zz&next=https://evil.example/",
        "/city?kato=%00",
        "/proposals.csv?page=%%%",
        "/sign-in?next=%5C%5Cevil.example",
        "/nothing/here",
        "/%E0%A4%A",
        "/proposals/-1",
        "/proposals/1e3",
        "/static/../wsgi.py",
        "/proposals?page=WzAsMSwyLDNd",
    ],
)
@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_odd_addresses(visit, key, path, lang):
    browser = visit(lang=lang)
    page = browser._send("GET", path)
    assert page.status < 500, page.text[:200]
    assert "Traceback" not in page.html
    if page.status == 303:
        assert not page.location.startswith(("http", "//", "\\"))


@pytest.mark.parametrize(
    "path",
    [
        f"/proposals/{HUGE}/vote",
        f"/proposals/{HUGE}/vote/withdrawal",
        f"/proposals/{HUGE}/answer",
        f"/desk/{HUGE}/publication",
    ],
)
def test_odd_addresses_posted(world, visit, path):
    visit(world.officer).post(path, 404, choice="support")


def test_methods_that_an_address_does_not_know(visit, key):
    browser = visit()
    assert browser._send("GET", f"/proposals/{key}/vote").status == 405
    assert browser._send("DELETE", f"/proposals/{key}").status in (400, 405)
    assert browser._send("PUT", "/").status in (400, 405)


@pytest.mark.parametrize("field", ["title", "lang"])
def test_nul_bytes(visit, field):
    values = {"title": "Жол", "lang": "kk"} | {field: "a\x00b"}
    answer = visit().post("/proposals/new", 400, **values)
    assert "arrived damaged" in answer.text


def test_a_megabyte_of_title_is_refused_and_kept(visit):
    long = "Ұзақ " * 50_000
    answer = visit().post("/proposals/new", 422, title=long, lang="kk")
    assert "Shorten it: at most 80 characters fit" in answer.text
    assert long[:3000].strip() in answer.html


def test_more_than_fits_at_all(visit):
    answer = visit().post("/proposals/new", 413, title="x" * 3_000_000, lang="kk")
    assert "up to 2 MB" in answer.text


def test_wrong_encodings(visit):
    browser = visit()
    page = browser.get("/proposals/new")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.html).group(1)
    body = f"csrf_token={token}&lang=kk&title=%FF%FE%C3".encode()
    answer = browser._send("POST", "/proposals/new", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status in (303, 422)


@pytest.mark.parametrize("path", ["/sign-in", "/proposals/new"])
def test_a_file_in_place_of_a_text(visit, path):
    browser = visit()
    fields = browser.get(path).form(path)
    fields |= {name: (io.BytesIO(b"<svg/>"), "x.svg") for name in fields if name != "csrf_token"}
    answer = browser._send("POST", path, data=fields, content_type="multipart/form-data")
    assert answer.status == 422 and "Write" in answer.text


def test_blanks_are_not_a_title(visit):
    assert "Write in one sentence" in visit().post("/proposals/new", 422, title=" \t\n ", lang="kk").text


def test_hostile_text_stays_text(world, visit, clock):
    evil = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)> **bold**"
    with unit_of_work():
        found = published(world, MONDAY - timedelta(days=1), title='<b>Жол</b> & "жөндеу"', text=evil).id
    page = visit().get(f"/proposals/{found}")
    assert "<script>alert" not in page.html
    assert not [e for e in page.tree.iter() if e.get("onerror")]
    assert not [a for a in page.find("a") if (a.get("href") or "").startswith("javascript")]
    assert "<strong>bold</strong>" in page.html
    assert "&lt;b&gt;Жол&lt;/b&gt;" in page.html
    csv = visit().get("/proposals.csv").response.get_data(as_text=True)
    assert "<b>Жол</b>" in csv


def test_a_formula_in_an_export_is_disarmed(world, visit, clock):
    with unit_of_work():
        published(world, MONDAY - timedelta(days=1), title="=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in visit().get("/proposals.csv").response.get_data(as_text=True)


def test_an_expired_form_keeps_what_was_typed(visit):
    browser = visit()
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = browser._send(
        "POST", "/proposals/new", data={"csrf_token": "old", "title": "Көшеге жарық", "lang": "kk"}, headers=headers
    )
    assert answer.status == 400
    fields = answer.form("/proposals/new")
    assert fields["title"] == "Көшеге жарық"
    assert browser._send("POST", "/proposals/new", data=fields).status == 303


def test_a_form_from_another_site_is_refused(visit, key, world):
    browser = visit(world.aigerim)
    answer = browser._send(
        "POST", f"/proposals/{key}/vote", data={"choice": "support"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status == 400
    assert not [f for f in answer.find("form") if "vote" in f.get("action", "")]
    assert db.session.get(Proposal, key).supports == 0


def test_a_double_submission_is_one_proposal(world, visit, clock):
    browser = visit(world.aigerim)
    page = browser.submit(browser.get("/proposals/new"), "/proposals/new", title="Саябаққа көп орындық", lang="kk")
    token = page.location.split("/")[2]
    browser.submit(browser.get(f"/drafts/{token}/place"), f"/drafts/{token}/place", origin="611000000")
    browser.submit(browser.get(f"/drafts/{token}/text"), f"/drafts/{token}/text", text="Отыратын жер жоқ.")
    page = browser.get(f"/drafts/{token}/check")
    first = browser.submit(page, f"/drafts/{token}/submission")
    second = browser.submit(page, f"/drafts/{token}/submission")
    assert first.location == second.location
    rollback()
    assert db.session.query(Proposal).filter_by(title="Саябаққа көп орындық").count() == 1


@pytest.mark.parametrize("named", ["0", "000000000", "999999999"])
def test_a_draft_for_an_organisation_that_is_not_there(world, visit, clock, named):
    browser = visit()  # nobody's draft, sent by somebody who has signed in meanwhile elsewhere
    token = browser.post("/proposals/new", title="Саябаққа орындық", lang="kk").location.split("/")[2]
    browser.submit(browser.get(f"/drafts/{token}/place"), f"/drafts/{token}/place", origin="611000000")
    browser.submit(browser.get(f"/drafts/{token}/text"), f"/drafts/{token}/text", text="Отыратын жер жоқ.")
    member = visit(world.member)
    page = member.get(f"/drafts/{token}/check")
    answer = member.submit(page, f"/drafts/{token}/submission", 422, organisation=named)
    assert "You do not represent this organisation" in answer.text


def test_two_tabs_do_not_lose_each_other(world, visit, clock):
    browser = visit(world.aigerim)
    page = browser.submit(browser.get("/proposals/new"), "/proposals/new", title="Бірінші", lang="kk")
    token = page.location.split("/")[2]
    one, two = browser.get(f"/drafts/{token}/text"), browser.get(f"/drafts/{token}/title")
    browser.submit(one, f"/drafts/{token}/text", text="Мәтін қалады.")
    browser.submit(two, f"/drafts/{token}/title", title="Екінші")
    rollback()
    draft = db.session.query(Draft).filter_by(token=token).one()
    assert (draft.title, draft.text) == ("Екінші", "Мәтін қалады.")


def test_somebody_elses_draft_is_not_there(world, visit, clock):
    page = visit(world.aigerim).post("/proposals/new", title="Менің жобам", lang="kk")
    token = page.location.split("/")[2]
    visit(world.bolat).get(f"/drafts/{token}/text", status=404)
    visit().get(f"/drafts/{token}/text", status=404)


def test_a_draft_is_resumable_for_thirty_days(world, visit, clock):
    browser = visit()
    page = browser.post("/proposals/new", title="Кейін жазамын", lang="kk")
    token = page.location.split("/")[2]
    clock(MONDAY + timedelta(days=29))
    assert "Кейін жазамын" in visit().get(f"/drafts/{token}/title").html
    clock(MONDAY + timedelta(days=31))
    assert "Drafts are kept for 30 days" in visit().get(f"/drafts/{token}/title", status=410).text


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%0a/evil",
        "javascript:alert(1)",
        "/a\nb",
        " /x",
        "",
        None,
        "http:/x",
        "/" + "a" * 3000,
    ],
)
def test_next_never_leaves_the_site(target):
    assert safe_next(target, "/home") in {"/home", "/%0a/evil"}


def test_next_keeps_a_path():
    assert safe_next("/proposals/7?x=1#y") == "/proposals/7?x=1#y"


def test_signing_in_does_not_tell_who_has_an_account(world, visit):
    answers = []
    for email in (world.aigerim.email, "nobody@test.example"):
        browser = visit()
        page = browser.get("/sign-in")
        answer = browser.submit(page, "/sign-in", 422, email=email, password="wrong password")
        answers.append(re.sub(r'value="[^"]*"', "", answer.html))
    assert answers[0] == answers[1]


def test_a_dead_database_is_a_calm_page(app, visit, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def dead(*_args, **_kwargs):
        raise OperationalError("SELECT", None, Exception("unable to open database file"))

    monkeypatch.setattr(type(db.session()), "execute", dead)
    monkeypatch.setattr(type(db.session()), "scalar", dead)
    page = visit()._send("GET", "/proposals")
    assert page.status == 503
    assert "service is busy" in page.text
    assert page.response.headers["Retry-After"]


def test_every_answer_has_its_armour(visit, key):
    for path in ("/", f"/proposals/{key}", "/nothing", "/static/css/app.css", "/proposals.json"):
        headers = visit()._send("GET", path).response.headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
    assert "script-src 'self'" in visit()._send("GET", "/").response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [("kk", "Нұсқалардың бірін таңдаңыз"), ("ru", "Выберите один из вариантов"), ("en", "Choose one")],
)
def test_a_choice_that_was_not_offered(visit, lang, words):
    assert words in visit(lang=lang).post("/proposals/new", 422, title="Жол", lang="zz").text


NEST = "[" * 30_000


def test_a_deep_nest_of_brackets_is_no_stack_of_calls(world, visit):
    """Python's reader of JSON gives up on it with an error of its own kind."""
    assert decode_mark(base64.urlsafe_b64encode(NEST.encode()).decode(), 2) is None
    mark = base64.urlsafe_b64encode(NEST.encode()[:3000]).decode()
    visit().get(f"/proposals?page={mark}")
    stranger = visit()
    page = stranger.get("/sign-in")
    stranger.submit(page, "/sign-in", email=world.aigerim.email, password=PASSWORD, waiting=NEST)
    stranger.get("/my")
