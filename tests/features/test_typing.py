"""Forms that are saved while they are typed: whose they are, how much, for how long, and by whom they are seen."""

from datetime import timedelta

import pytest

from tests.client import fields_of
from tests.conftest import MONDAY, make_app
from tests.factories import propose
from tests.matrix.table import TABLE
from tests.matrix.test_matrix import address
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.security import limiter
from webapp.moderation import services as moderation
from webapp.people.waiting_forms import KEPT, MOST, WaitingForm, forget_forms, keep_typed, typed_of
from webapp.proposals.models import Draft, Proposal

HALF = "  Жартылай жазылған сөз \n\n - және "
OWN = {"Sec-Fetch-Site": "same-origin"}
#: Where people of the site write the most.
WRITTEN = {
    *("proposing.revision", "moderation.appeal_form", "answering.edit", "answering.extension", "delivery.new_report"),
    *("delivery.ask_reopening", "moderation.ask_form", "moderation.reject_form", "offers.new", "flagging.new"),
    *("flagging.appeal_form", "cascade_edit.edit", "replicating.lessons", "replicating.new"),
}


def kept_form(page):
    found = page.find("form", id="kept-form")
    assert len(found) == 1, f"{page.url} keeps nothing"
    return found[0]


def save(browser, form, status=200, headers=OWN, more=(), **typed):
    """What the page does while somebody types; no key of a form is needed for it."""
    fields = fields_of(form) | typed | dict(more)
    fields.pop("csrf_token", None)
    to = form.get("data-save")
    page = browser._send(
        "POST", f"{to}{'&' if '?' in to else '?'}seen={form.get('data-seen')}", data=fields, headers=headers
    )
    assert page.status == status, page.html[:500]
    return page.response.get_json() if status == 200 else page


def adopt(form, answer):
    """What the page does with the answer."""
    form.set("data-save", answer["save"])
    form.set("data-seen", answer["seen"])


def test_every_kept_form_shows_again_what_was_typed(stage):
    """Each field with words, letter by letter; without JavaScript too, in the other language; until it is thrown away."""
    seen = set()
    stage.restore()  # whatever others have written on it
    for row in TABLE:
        if row.method != "GET" or row.endpoint in seen or row.endpoint not in WRITTEN:
            continue
        path, _fields = address(stage.app, row, stage.scene)
        browser = stage.browser(sorted(row.let_in())[0])
        page = browser._send("GET", path)
        if page.response.mimetype != "text/html" or not page.find("form", id="kept-form"):
            continue
        seen.add(row.endpoint)
        if not kept_form(page).get("data-save").startswith("/typed/"):
            continue  # a draft
        form = kept_form(page)
        areas = [e.get("name") for e in form.iter("textarea")]
        typed = {area: f"{HALF}{number}" for number, area in enumerate(areas)}
        button = next(b for b in page.find("button", form="kept-form", lang="ru") if b.get("formaction"))
        answer = browser._send("POST", button.get("formaction"), data=fields_of(form) | typed)
        assert answer.status == 303, (row.endpoint, answer.status)
        browser._send("GET", answer.location)
        again = browser._send("GET", path)
        there = fields_of(kept_form(again))
        assert areas and {area: there[area].replace("\r\n", "\n") for area in areas} == typed, row.endpoint
        assert again.find("html")[0].get("lang") == "ru"
        discard = next(f for f in again.find("form") if f.get("action", "").startswith("/kept/forms/"))
        browser._send("POST", discard.get("action"), data=fields_of(discard))
        assert HALF.strip() not in browser._send("GET", path).html, row.endpoint
        browser.client.set_cookie("lang", "en")
    stage.restore()
    assert seen >= WRITTEN, (WRITTEN - seen, seen)


@pytest.fixture
def question(world):
    """The address at which the author answers a question."""
    with unit_of_work():
        key = propose(world.aigerim, MONDAY, title="Күйі сұрақ").id
        moderation.ask(world.moderator, db.session.get(Proposal, key), "Қай көше?", MONDAY)
    return f"/proposals/{key}/revision"


def test_what_is_typed_is_for_its_account_alone(world, visit, clock, question):
    """Two pages keep a text each; it outlives the sign-in; it is in the export; sent, it is gone."""
    browser = visit(world.aigerim)
    one, two = (kept_form(browser.get(question)) for _ in range(2))
    answer = save(browser, one, note="бірінші бет", password="құпия сөз", place="880101300123")
    adopt(one, answer)
    clock(MONDAY + timedelta(minutes=1))
    save(browser, two, note="екінші бет")
    page = browser.get(question)
    assert fields_of(kept_form(page))["note"] == "екінші бет" and "бірінші бет" in page.text
    kept = [row.fields for row in db.session.query(WaitingForm)]
    assert len(kept) == 2 and "құпия" not in str(kept) and "880101" not in str(kept)
    assert "екінші бет" in visit(world.aigerim).get("/my/data.json").html
    assert "екінші бет" not in visit(world.bolat).get(question, 404).html
    browser.client.delete_cookie(browser.app.config["SESSION_COOKIE_NAME"])  # the sign-in ends, the page stays open
    adopt(one, save(browser, one, note="кейін жазылғаны"))
    save(browser, one, 400, {"Sec-Fetch-Site": "cross-site"}, note="басқа сайттан")
    save(visit(world.bolat), one, note="Болаттың бетінде")  # the page is aigerim's, whoever sits there now
    rollback()
    assert {row.user_id for row in db.session.query(WaitingForm)} == {world.aigerim.id}
    browser = visit(world.aigerim)
    page = browser.get(question)
    form = kept_form(page)
    assert browser.submit(page, question, 422, title="").find("form", id="kept-form")[0].get("data-unsaved") is not None
    browser.submit(page, question, note="Есім хан көшесі")
    rollback()
    assert fields_of(form)["kept_form"] not in [row.name for row in db.session.query(WaitingForm)]


def test_what_is_kept_has_an_end(world, visit, question):
    """So many for an account, so long, so large; a stranger has no such form; nobody's row is another's."""
    with unit_of_work():
        for number in range(MOST + 3):
            at = MONDAY + timedelta(minutes=number)
            keep_typed(world.bolat.id, f"{number:032x}", "/proposals/1/appeal", [("note", str(number))], "", at)
    assert [row.fields[0][1] for row in typed_of(world.bolat.id)][:2] == [str(MOST + 2), str(MOST + 1)]
    assert len(typed_of(world.bolat.id)) == MOST
    browser = visit(world.aigerim)
    form = kept_form(browser.get(question))
    save(browser, form, 413, note="ұ" * 40_000)
    form.set("data-save", form.get("data-save").replace(form.get("data-save").split("/")[2][:32], f"{MOST:032x}"))
    answer = save(browser, form, note="басқаның қатары")
    assert answer["name"] != f"{MOST:032x}" and [row.user_id for row in typed_of(world.aigerim.id)] == [
        world.aigerim.id
    ]
    rollback()
    assert forget_forms(MONDAY + KEPT + timedelta(hours=2)) == MOST + 1
    assert visit().get("/proposals/new").find("form", id="kept-form")[0].get("data-save") == "/proposals/new/saving"


def test_a_draft_is_anybodys_page_but_one_persons(world, visit):
    """A stranger's by its key; an account's by its own page, also when the sign-in has ended; nobody else's."""
    stranger = visit()
    form = kept_form(stranger.get("/proposals/new"))
    assert save(stranger, form, title=" \n ")["at"] == "" and db.session.query(Draft).count() == 0
    answer = save(stranger, form, title="Жарық  ", lang="xx", origin="611000000")
    page = stranger.get(answer["address"])
    assert fields_of(kept_form(page))["title"] == "Жарық  " and page.response.headers["Cache-Control"] == "no-store"
    adopt(form, answer)
    long = "Ұзын атау " * 60
    answer = save(stranger, form, title=long)
    rollback()
    draft = db.session.query(Draft).one()
    assert draft.title == long and draft.origin.kato == "611000000"
    page = stranger.submit(
        stranger.get("/sign-in"), "/sign-in", email="bolat@test.example", password="a password for tests"
    )
    assert page.status == 303 and "Is this yours?" in stranger.follow(page).text  # it is offered behind the door
    owner = visit(world.aigerim)
    form = kept_form(owner.get("/proposals/new"))
    answer = save(owner, form, title="Менікі")
    adopt(form, answer)
    unmarked = {"begun_as": ""}
    save(visit(world.bolat), form, 404, more=unmarked, title="Болаттікі")
    save(visit(), form, 404, more=unmarked, title="Бөгденікі")
    save(visit(), form, title="Кірусіз де менікі")
    rollback()
    mine = db.session.query(Draft).filter_by(author_id=world.aigerim.id).one()
    assert mine.title == "Кірусіз де менікі"
    with unit_of_work():
        mine.expires_at = MONDAY - timedelta(seconds=1)
    save(owner, form, 410, title="Кеш")


def test_saving_is_never_too_often_for_one_who_types(database_url, tmp_path, world, visit, question):
    """Six times a minute and at each field, in five pages at once."""
    app = make_app(database_url, tmp_path, RATELIMIT_ENABLED=True)
    limiter.reset()
    try:
        browser = visit(world.aigerim)
        form = kept_form(browser.get(question))
        browser.app, browser.client.application = app, app
        for turn in range(50):
            adopt(form, save(browser, form, note=f"{turn}"))
    finally:
        limiter.reset()
        limiter.enabled = False
