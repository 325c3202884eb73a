"""Numbers that a citizen may dispute are columns of the rule sets: a place has its own, and every sentence says them."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import propose
from tests.strategies import add_direction, add_measure, add_programme
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.offers.models import Offer
from webapp.people.models import Organisation
from webapp.resources.models import Commitment
from webapp.rulebook.presets import PRESETS
from webapp.rulebook.services import due_after, set_rules
from webapp.territories.services import by_kato, nation

TURKISTAN = "611000000"
#: None of them is the usual one.
OTHERS = {
    "questions": 1,
    "verify_working_days": 4,
    "letter_days": 90,
    "offer_working_days": 21,
    "promise_working_days": 22,
    "moves": 1,
    "move_days": 61,
    "missed_again_working_days": 7,
    "judging_days": 14,
    "judging_minimum": 5,
    "replan_working_days": 12,
    "merger_days": 45,
    "plan_wait_days": 52,
    "progress_percent": 40,
}


def let_begin(kato=TURKISTAN, now=MONDAY, **numbers):
    """Other numbers for a place from a moment on; usually all of them, for the city."""
    with unit_of_work():
        place = by_kato(kato)
        set_rules(place, place.rung, replace(PRESETS["demo"][place.rung], **(numbers or OTHERS)), now)


def test_the_page_of_a_place_says_its_own_numbers_in_every_language(visit, world):
    let_begin()
    spoken = {
        "en": ("4 working days", "90 days", "21 working days", "22 working days", "1 time, 61 days", "7 working days"),
        "kk": ("4 жұмыс күні", "90 күн", "21 жұмыс күні", "1 рет, 61 күн", "14 күн", "12 жұмыс күні", "40%"),
        "ru": ("4 рабочих дня", "90 дней", "21 рабочий день", "1 раз, 61 день", "14 дней", "45 дней", "52 дня", "40 %"),
    }
    for language, words in spoken.items():
        text = visit(lang=language).get(f"/territories/{TURKISTAN}").text.replace("\xa0", " ")
        for said in words:
            assert said in text, (language, said)
    usual = visit(lang="en").get("/territories/612000000").text
    assert "2 times, 180 days" in usual and "61 days" not in usual


def test_numbers_that_no_rule_can_work_with_do_not_begin(world):
    for wrong in ({"offer_working_days": 0}, {"questions": -1}, {"progress_percent": 101}):
        with pytest.raises(ValueError, match=next(iter(wrong))), unit_of_work():
            set_rules(nation(), "city", replace(PRESETS["demo"]["city"], **wrong), MONDAY)


@pytest.fixture
def measure(world):
    """A measure of the city, which has other numbers than the rest of the country."""
    let_begin()
    with unit_of_work():
        add_measure(MONDAY, add_programme(MONDAY, add_direction(MONDAY)))


def only(model):
    rollback()
    return db.session.scalars(select(model)).one()


OFFER = {"form": "ppp", "summary": "Шамдарды салып, он жыл күтеміз", "conditions": "Жыл сайын төлем"}
PROMISE = {
    "source": "regional_budget",
    "amount_tenge": "5 000 000",
    "due_on": "2027-03-01",
    "document": "№ 7",
    "condition_kk": "Смета дайын болғанда",
    "condition_ru": "При готовой смете",
    "reason_kk": "Жоспарда жоқ еді",
    "reason_ru": "В плане не было",
}


def test_an_offer_is_answered_in_the_term_of_the_place_and_keeps_it(visit, world, measure):
    url = "/measures/1/offers/new"
    visitor = visit(world.member)
    page = visitor.get(url)
    assert "An answer is due within 21 working days." in page.text
    sent = visitor.submit(page, url, **OFFER)
    assert "Officers answer it within 21 working days." in visitor.get(sent.location).text
    promised = only(Offer).answer_due_at
    assert promised == due_after(21, MONDAY)
    let_begin(offer_working_days=2)
    assert only(Offer).answer_due_at == promised
    assert "within 2 working days" in visitor.get(url).text


def test_a_promise_of_money_is_answered_in_the_term_of_the_city(visit, world, measure):
    url = "/measures/1/commitments/new"
    region = visit(world.region_officer)
    page = region.get(url)
    assert "The city accepts or refuses it within 22 working days" in page.text
    sent = region.submit(page, url, **PROMISE)
    assert "The city answers it within 22 working days." in region.get(sent.location).text
    assert only(Commitment).accept_due_at == due_after(22, MONDAY)


def test_an_organisation_is_checked_in_the_term_of_its_home(visit, world):
    let_begin()
    fields = {"bin": "000140000121", "kind": "ngo", "name": "Түркістан", "letter_number": "7", "home": TURKISTAN}
    visitor, url = visit(world.aigerim), "/organisations/new"
    page = visitor.get(url)
    assert "within 4 working days" in page.text
    page = visitor.submit(page, url, 422, **fields, letter_on="2026-08-01")
    assert "The letter is older than 90 days." in page.text
    visitor.submit(page, url, **fields, letter_on="2026-09-01")
    rollback()
    made = db.session.scalars(select(Organisation).where(Organisation.bin == fields["bin"])).one()
    assert made.verify_due_at == due_after(4, MONDAY)
    assert "within the term that the page of the place says" in visit(world.newcomer).get(url).text


def test_an_author_is_asked_as_often_as_the_place_allows(visit, world, clock):
    let_begin()
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
    desk, url = visit(world.moderator), f"/desk/{key}/question"
    page = desk.get(url)
    assert "can be returned 1 time;" in page.text
    desk.submit(page, url, question="Қай мектеп?")
    author = visit(world.aigerim)
    revision = f"/proposals/{key}/revision"
    author.submit(author.get(revision), revision, note="№ 5", text="№ 5 мектеп алдында жарық жоқ")
    page = desk.submit(desk.get(url), url, 422, question="Тағы бір сұрақ")
    assert "asked 1 time already" in page.text
