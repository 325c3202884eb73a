"""No refusal loses a text: the page of the reason shows what was typed, and never a secret."""

import io
import re
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.client import Visitor
from tests.conftest import MONDAY, make_app
from tests.factories import PASSWORD, propose, published
from webapp.access.models import Grant
from webapp.answering.rules import Decision, Reply
from webapp.delivery.services import milestones_of
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.security import limiter
from webapp.people.models import Organisation
from webapp.people.sign_ins import end_all
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.services import withdraw

DAY = timedelta(days=1)
WORDS = "Бірінші жол «тырнақша» <b>\n  екінші жол, 2*3*4 & т.б."
OWN = {"Sec-Fetch-Site": "same-origin"}


def words_of(page):
    """What stands on the page to be copied."""
    areas = [(area.text or "").removeprefix("\n") for area in page.find("textarea") if area.get("readonly") is not None]
    return areas + ["".join(words.itertext()) for words in page.find("p", class_="pre-line")]


def shows(page, text=WORDS):
    return text in [words.replace("\r\n", "\n") for words in words_of(page)]


# --- one reason after the other


def gone_draft(world, visit, clock):
    browser = visit(world.aigerim)
    token = browser.post("/proposals/new", title="Саябақ", lang="kk").location.split("/")[2]
    clock(MONDAY + 31 * DAY)
    return visit(world.aigerim), f"/drafts/{token}/text", 410, {"text": WORDS}


def draft_of_another(world, visit, clock):
    token = visit(world.aigerim).post("/proposals/new", title="Саябақ", lang="kk").location.split("/")[2]
    return visit(world.bolat), f"/drafts/{token}/text", 404, {"text": WORDS}


def withdrawn_meanwhile(world, visit, clock):
    with unit_of_work():
        proposal = propose(world.aigerim, MONDAY)
        withdraw(world.aigerim, proposal, MONDAY)
        key = proposal.id
    return (
        visit(world.moderator),
        f"/desk/{key}/rejection",
        409,
        {"reason": "insult", "note_kk": WORDS, "note_ru": WORDS},
    )


def decided_meanwhile(world, visit, clock):
    with unit_of_work():
        key = published(world, MONDAY).id
    return visit(world.moderator), f"/desk/{key}/question", 409, {"question": WORDS}


def role_ended(world, visit, clock):
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
    browser = visit(world.moderator)
    browser.get("/desk")
    with unit_of_work():
        db.session.query(Grant).filter_by(user_id=world.moderator.id).update({"valid_until": MONDAY})
    return browser, f"/desk/{key}/question", 403, {"question": WORDS}


def another_body(world, visit, clock):
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
    return visit(world.almaty_moderator), f"/desk/{key}/question", (403, 404), {"question": WORDS}


def no_such_thing(world, visit, clock):
    return visit(world.aigerim), "/proposals/999999/revision", 404, {"title": "Саябақ", "text": WORDS, "note": ""}


def no_such_page(world, visit, clock):
    return visit(world.aigerim), "/nowhere/at/all", 404, {"text": WORDS}


def wrong_method(world, visit, clock):
    return visit(world.aigerim), "/my/data.json", 405, {"text": WORDS}


REASONS = (
    *(gone_draft, draft_of_another, withdrawn_meanwhile, decided_meanwhile, role_ended, another_body),
    *(no_such_thing, no_such_page, wrong_method),
)


@pytest.mark.parametrize("reason", REASONS, ids=lambda one: one.__name__)
def test_the_reason_and_all_words_stand_on_one_page(world, visit, clock, reason):
    browser, path, status, fields = reason(world, visit, clock)
    browser.headers = OWN
    secrets = {"password": "қ secret words", "code": "123 456", "iin": "851231399996"}
    page = browser._send("POST", path, data={"csrf_token": key_of(browser), **fields, **secrets}, headers=OWN)
    assert page.status in (status if isinstance(status, tuple) else (status,)), page.text[:300]
    assert shows(page), page.html[-2500:]
    assert not [secret for secret in secrets.values() if secret in page.html]
    assert len(page.find("h1")) == 1 and page.response.headers["Cache-Control"] == "no-store"


def key_of(browser):
    page = browser._send("GET", "/my/name")
    return page.find("input", name="csrf_token")[0].get("value")


def test_a_stranger_whose_draft_is_gone_copies_the_words(visit, clock):
    browser = visit()
    token = browser.post("/proposals/new", title="Саябақ", lang="kk").location.split("/")[2]
    page = browser.get(f"/drafts/{token}/text")
    clock(MONDAY + 31 * DAY)
    assert shows(browser.submit(page, f"/drafts/{token}/text", 410, text=WORDS))


def test_a_refusal_shows_only_ones_own_words(world, visit):
    with unit_of_work():
        key = propose(world.aigerim, MONDAY, title="Құпия тақырып").id
    page = visit(world.bolat).post(f"/proposals/{key}/revision", 404, title="x", text=WORDS)
    assert shows(page) and "Құпия тақырып" not in page.html


def test_the_script_keeps_the_page_and_its_words(world, visit):
    page = visit(world.bolat).post("/proposals/999999/revision", 404, headers={"HX-Request": "true"}, text=WORDS)
    assert page.response.headers["HX-Retarget"] == "#flash" and "екінші" not in page.html


# --- the form that lost its key, and another site's


def stale(browser, path, fields, **headers):
    return browser._send("POST", path, data=fields | {"csrf_token": "old"}, headers=headers)


def test_a_form_without_its_key_is_shown_and_sent_again(world, visit):
    browser = visit(world.aigerim)
    token = browser.post("/proposals/new", title="Саябақ", lang="kk").location.split("/")[2]
    page = stale(browser, f"/drafts/{token}/text", {"text": WORDS, "funding": "unknown"}, **OWN)
    assert page.status == 400 and shows(page)
    browser.submit(page, f"/drafts/{token}/text")
    rollback()
    assert db.session.scalar(select(Draft.text).where(Draft.token == token)) == WORDS.strip()


def test_with_the_script_the_page_stays_and_gets_a_key_that_fits(world, visit):
    browser = visit(world.aigerim)
    token = browser.post("/proposals/new", title="Саябақ", lang="kk").location.split("/")[2]
    page = stale(
        browser, f"/drafts/{token}/text", {"text": WORDS, "funding": "unknown"}, **OWN, **{"HX-Request": "true"}
    )
    assert page.status == 400 and page.response.headers["HX-Retarget"] == "#flash"
    assert browser.submit(page, f"/drafts/{token}/text").location.endswith("/check")


HOST = "http://localhost"
FOREIGN = [
    "http://localhost.evil.example",
    "http://localhost:80@evil.example",
    "http://user@localhost",
    "http://localhos",
    "https://localhost",
    "http://localhost:8080",
    "http://evil.example/http://localhost",
    "null",
    "",
    "http://[",
]


def test_the_form_of_another_site_is_not_offered_again(visit):
    browser = visit()
    for origin in FOREIGN:
        for header in ("Origin", "Referer"):
            page = stale(browser, "/proposals/new", {"title": WORDS}, **({header: origin} if origin else {}))
            assert page.status == 400 and "did not come from this site" in page.text and not shows(page), origin


def test_an_own_form_is_known_by_scheme_host_and_port(visit):
    browser = visit()
    for origin in (HOST, "http://localhost:80", "HTTP://LOCALHOST", f"{HOST}/proposals/new?x=1"):
        assert shows(stale(browser, "/proposals/new", {"title": WORDS}, Origin=origin)), origin


@pytest.mark.parametrize("path", ["/nowhere", "/proposals/999999/revision"])
def test_another_site_writes_no_words_on_our_pages(visit, path):
    page = visit()._send("POST", path, data={"text": WORDS}, headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status in (400, 404) and not shows(page)


# --- too much


def test_two_million_signs_are_refused_and_the_rest_is_saved(visit):
    browser = visit()
    fields = {"title": "Қысқа тақырып сөздері", "text": "ж" * 1_500_000}
    page = browser._send("POST", "/proposals/new", data=fields, headers=OWN)
    assert page.status == 413 and "up to 2 MB" in page.text
    assert shows(page, "Қысқа тақырып сөздері") and len(page.html) < 300_000


def officer_with_milestone(world, visit):
    from tests.factories import supported
    from webapp.answering.services import decide
    from webapp.delivery.rules import Step

    with unit_of_work():
        proposal = published(world, MONDAY - 5 * DAY)
        supported(proposal, 20, "611000000", MONDAY - 4 * DAY)
        proposal = db.session.get(Proposal, proposal.id)
        texts = ["Жауап себебі және негізі осында."] * 2
        reply = Reply(Decision.ACCEPT, *texts, "Орган", "Орган", "city_budget", 5_000_000)
        today = (MONDAY - 3 * DAY).date()
        steps = [Step("Жоба", "Проект", today, today + 100 * DAY)]
        decide(world.officer, proposal, reply, MONDAY - 3 * DAY, steps=steps)
        key = milestones_of(proposal.id)[0].id
    return visit(world.officer), f"/milestones/{key}/report"


def with_file(browser, path, size, field="photo", **fields):
    data = {"csrf_token": key_of(browser), **fields, field: (io.BytesIO(b"\xff\xd8" + b"0" * size), "plan.jpg")}
    return browser._send("POST", path, data=data, content_type="multipart/form-data", headers=OWN)


@pytest.mark.parametrize("megabytes", [3.5, 6, 20])
def test_evidence_that_is_too_large_is_called_a_file_and_the_text_stays(world, visit, megabytes):
    browser, path = officer_with_milestone(world, visit)
    page = with_file(browser, path, int(megabytes * 2**20), text_kk=WORDS, text_ru="Текст", alt="Сурет")
    assert page.status == (413 if megabytes > 16 else 422)
    assert re.search(r"larger than 3 MB|file may be up to 3 MB", page.text) and "Shorten" not in page.text
    kept = words_of(page) if page.status == 413 else [area.text.removeprefix("\n") for area in page.find("textarea")]
    assert WORDS in [words.replace("\r\n", "\n") for words in kept]


@pytest.mark.parametrize("megabytes", [5.5, 17])
def test_a_plan_that_is_too_large_is_called_a_file_and_the_text_stays(world, visit, megabytes):
    with unit_of_work():
        key = published(world, MONDAY).id
    number = str(db.session.scalar(select(Organisation.id)))
    fields = {"organisation": number, "form": "ppp", "summary": WORDS, "amount_tenge": "5", "conditions": ""}
    page = with_file(visit(world.member), f"/proposals/{key}/offers/new", int(megabytes * 2**20), "plan", **fields)
    assert page.status == (413 if megabytes > 16 else 422) and "5 MB" in page.text and "Shorten" not in page.text
    kept = [(area.text or "").removeprefix("\n") for area in page.find("textarea")]
    assert WORDS in [words.replace("\r\n", "\n") for words in kept]


def test_a_table_that_is_too_large_is_called_a_file_too(world, visit):
    page = with_file(visit(world.officer), "/strategy/import", int(2.5 * 2**20), "file", note=WORDS)
    assert page.status == 413 and "file may be up to 2 MB" in page.text and "Shorten" not in page.text and shows(page)


def test_a_thousand_and_one_fields_are_refused_at_once(visit):
    browser = visit()
    form = {"content_type": "application/x-www-form-urlencoded", "headers": OWN}
    assert browser._send("POST", "/proposals/5/vote", data=b"a=&" * 999, **form).status == 400
    browser._send("POST", "/proposals/5/vote", data=b"a&" * 1000, **form)
    for fields in (1_000, 1_000_000):
        began = time.process_time()
        page = browser._send("POST", "/proposals/5/vote", data=b"a&" * fields, **form)
        assert page.status == 413 and len(page.html) < 30_000
        assert time.process_time() - began < 0.1


def test_a_thousand_and_one_parts_of_a_multipart_form_too(visit):
    body = (
        b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' for _part in range(1_001))
        + b"--x--\r\n"
    )
    form = {"content_type": "multipart/form-data; boundary=x", "headers": OWN}
    page = visit()._send("POST", "/proposals/5/vote", data=body, **form)
    assert page.status == 413 and len(page.html) < 100_000


def test_a_form_with_many_fields_is_not_offered_again_but_shown(visit):
    page = stale(visit(), "/proposals/new", {f"f{n}": "екі сөз" for n in range(300)}, **OWN)
    assert page.status == 400 and len(words_of(page)) == 200
    assert not [form for form in page.find("form") if form.get("action") == "/proposals/new"]
    page = stale(visit(), "/proposals/new", {"title": "екі сөз " * 9_000}, **OWN)
    assert page.status == 400 and len(page.html) < 200_000
    assert not [form for form in page.find("form") if form.get("action") == "/proposals/new"]


def test_a_body_that_comes_with_a_get_is_not_read(visit):
    browser = visit()
    form = {"content_type": "application/x-www-form-urlencoded"}
    began = time.process_time()
    page = browser._send("GET", "/healthz", data=b"a&" * 1_000_000, **form)
    assert page.status == 200 and time.process_time() - began < 0.1
    assert (
        browser._send("GET", "/sign-in", data=b"next=%2Fmy", **form).find("input", name="next")[0].get("value") == "/"
    )


def test_a_form_without_a_key_counts_as_a_try(database_url, tmp_path, clock, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", limiter.enabled)
    app = make_app(database_url, tmp_path, RATELIMIT_ENABLED=True, RATE_LIMIT_DEFAULT="6 per minute")
    browser = Visitor(app)
    assert [browser._send("POST", "/proposals/5/vote", data={"a": "1"}).status for _try in range(8)] == [400] * 6 + [
        429
    ] * 2
    limiter.reset()


# --- a dangerous act


def test_a_dangerous_act_that_is_asked_about_gives_no_secret_back(world, visit, clock):
    browser = visit(world.region_moderator)
    page = browser.get("/staff")
    clock(MONDAY + timedelta(minutes=11))
    asked = browser.submit(page, "/staff/grants", 403, email="bolat@test.example", note=WORDS, code="123 456")
    assert shows(asked) and "123 456" not in asked.html
    assert browser.submit(asked, "/confirm-it-is-you", 307, password=PASSWORD).location == "/staff/grants"


def test_the_end_of_a_sign_in_leads_to_the_door_also_where_a_page_is_for_everybody(world, visit):
    """The views of offers and flags are open to strangers; what somebody typed there waits all the same."""
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id  # not public: only its author may read it
    browser = visit(world.aigerim)
    browser.get("/my")
    with unit_of_work():
        end_all(world.aigerim.id, MONDAY)
    page = browser.post(f"/proposals/{key}/flag", 401, what="text", reason="other", note=WORDS)
    assert shows(page)
    back = browser.submit(page, "/sign-in", 200, email=world.aigerim.email, password=PASSWORD)
    assert WORDS in [words.replace("\r\n", "\n") for words in words_of(back)]
