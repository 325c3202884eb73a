"""One form, one effect: Back to the first step and on again, a double click, two tabs."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import propose, published
from tests.features.test_organisations import FIELDS
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.once import FormSent, forget_sent_forms
from webapp.offers.models import Offer
from webapp.people.models import Organisation
from webapp.proposals.models import Draft
from webapp.strategies.models import Direction
from webapp.teamwork.models import StaffNote as Note

both_databases = ("of_a_strategy_makes_one",)
TITLE = "Саябаққа орындықтар керек"


def number(model):
    rollback()
    return db.session.scalar(select(func.count()).select_from(model))


def titles():
    rollback()
    return list(db.session.scalars(select(Draft.title).order_by(Draft.id)))


@pytest.mark.parametrize("name", ["aigerim", ""])
def test_back_to_the_first_step_and_on_again_makes_one_draft(world, visit, name):
    browser = visit(getattr(world, name) if name else None)
    first = browser.get("/proposals/new")
    one = browser.submit(first, "/proposals/new", title=TITLE, lang="kk")
    two = browser.submit(first, "/proposals/new", title=TITLE, lang="kk")  # a double click
    three = browser.submit(first, "/proposals/new", title="Көп орындық керек", lang="ru")  # Back, another title
    four = browser.submit(first, "/proposals/new", title=TITLE, lang="kk")
    assert one.location == two.location == three.location == four.location
    assert titles() == [TITLE]
    browser.submit(browser.get("/proposals/new"), "/proposals/new", title=TITLE, lang="kk")
    assert titles() == [TITLE] * 2  # another form is another draft


def test_a_mistake_first_and_then_back_makes_one_draft_too(world, visit):
    browser = visit(world.aigerim)
    bad = browser.submit(browser.get("/proposals/new"), "/proposals/new", 422, title="", lang="kk")
    one = browser.submit(bad, "/proposals/new", title=TITLE, lang="kk")
    two = browser.submit(bad, "/proposals/new", title=f"{TITLE}!", lang="kk")
    assert one.location == two.location and titles() == [f"{TITLE}!"]


def test_the_form_of_one_person_is_nothing_to_another(world, visit):
    browser, other = visit(world.aigerim), visit(world.bolat)
    first = browser.get("/proposals/new")
    one = browser.submit(first, "/proposals/new", title=TITLE, lang="kk")
    word = first.form("/proposals/new")["once"]
    two = other.submit(other.get("/proposals/new"), "/proposals/new", title=TITLE, lang="kk", once=word)
    assert one.location != two.location and titles() == [TITLE] * 2


def test_after_it_was_sent_the_first_step_begins_anew(world, visit):
    browser = visit(world.aigerim)
    first = browser.get("/proposals/new")
    token = browser.submit(first, "/proposals/new", title=TITLE, lang="kk").location.split("/")[2]
    browser.submit(browser.get(f"/drafts/{token}/place"), f"/drafts/{token}/place", origin="611000000")
    browser.submit(browser.get(f"/drafts/{token}/text"), f"/drafts/{token}/text", text="Мәтін осында.")
    browser.submit(browser.get(f"/drafts/{token}/check"), f"/drafts/{token}/submission")
    again = browser.submit(first, "/proposals/new", title="Тағы бір мәселе", lang="kk").location.split("/")[2]
    assert again != token and titles() == [TITLE, "Тағы бір мәселе"]


WORDS = {"title_kk": "Көше", "title_ru": "Улица", "text_kk": "Мәтін", "text_ru": "Текст", "sphere": "transport"}


def test_the_first_step_of_a_strategy_makes_one_draft(world, visit):
    browser = visit(world.nation_officer)
    first = browser.get("/directions/new")
    one = browser.submit(first, "/directions/new", territory="000000000", **WORDS)
    two = browser.submit(first, "/directions/new", territory="000000000", **WORDS)
    three = browser.submit(first, "/directions/new", territory="000000000", **(WORDS | {"title_ru": "Дороги"}))
    assert one.location == two.location == three.location
    rollback()
    assert list(db.session.scalars(select(Direction.title_ru))) == ["Дороги"]


def test_a_registration_and_an_offer_and_a_note_that_are_sent_twice_are_one(world, visit):
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
        waits = propose(world.aigerim, MONDAY).id
        verified = db.session.scalar(select(Organisation.id))
    letter = FIELDS
    offer = {"organisation": str(verified), "form": "ppp", "summary": "Шам орнатамыз", "amount_tenge": "5"}
    member, moderator = visit(world.member), visit(world.moderator)
    for browser, page, path, fields in (
        (member, "/organisations/new", "/organisations/new", letter),
        (member, f"/proposals/{key}/offers/new", f"/proposals/{key}/offers/new", offer),
        (moderator, f"/desk/{waits}", f"/desk/{waits}/notes", {"note": "Тағы бір рет қараңыз."}),
    ):
        form = browser.get(page)
        answers = [browser.submit(form, path, **fields).location for _click in range(2)]
        assert answers[0] == answers[1], path
    assert (number(Organisation), number(Offer), number(Note)) == (2, 1, 1)


def test_another_file_of_the_same_name_is_another_sending(app, world, visit, tmp_path):
    app.config["UPLOADS"] = str(tmp_path / "uploads")
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
        verified = db.session.scalar(select(Organisation.id))
    member, path = visit(world.member), f"/proposals/{key}/offers/new"
    form = member.get(path)
    fields = {"organisation": str(verified), "form": "ppp", "summary": "Шам орнатамыз", "amount_tenge": "5"}

    def send(status, content):
        return member.submit(form, path, status, **fields, plan=(io.BytesIO(content), "plan.pdf"))

    assert send(303, b"%PDF-1.7\nold\n%%EOF").location == send(303, b"%PDF-1.7\nold\n%%EOF").location
    refused = send(409, b"%PDF-1.7\nnew\n%%EOF")  # Back, the newer version: nobody may believe that it has arrived
    assert "has made an offer for this already" in refused.text and number(Offer) == 1


def test_a_refused_form_claims_nothing_and_old_ones_are_forgotten(world, visit):
    browser = visit(world.aigerim)
    browser.submit(browser.get("/proposals/new"), "/proposals/new", 422, title="", lang="kk")
    assert number(FormSent) == 0
    browser.submit(browser.get("/proposals/new"), "/proposals/new", title=TITLE, lang="kk", once="x' OR 1=1 --")
    assert number(FormSent) == 0
    browser.submit(browser.get("/proposals/new"), "/proposals/new", title=TITLE, lang="kk")
    assert number(FormSent) == 1
    rollback()
    assert forget_sent_forms(MONDAY + timedelta(days=1)) == 0
    assert forget_sent_forms(MONDAY + timedelta(days=3)) == 1
