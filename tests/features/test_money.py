"""Money of programmes and measures: entered with a document, never below zero, promised and accepted as acts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.strategies import KENTAU, TURKISTAN_REGION, add_direction, add_entry, add_measure, add_programme
from webapp.access.services import give_role
from webapp.journal.models import Fact
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.resources.commitments import waiting_for
from webapp.resources.models import Commitment, Entry
from webapp.resources.services import sums_of, sums_of_programmes
from webapp.strategies.models import Measure, Programme
from webapp.territories.services import by_kato

both_databases = ("rolls_up", "accepts_the_money", "twice")
SUM = {
    "kind": "planned",
    "source": "city_budget",
    "amount_tenge": "9 000 000",
    "on": "2026-11-20",
    "document": "№ 15, 20.11.2026",
}
PROMISE = {
    "source": "regional_budget",
    "amount_tenge": "5000000",
    "due_on": "2027-03-01",
    "condition_kk": "Жоба-сметасы дайын болса",
    "condition_ru": "При готовой смете",
    "document": "№ 7",
}
WHY = {"reason_kk": "Баға өсті", "reason_ru": "Цены выросли"}


@pytest.fixture
def cascade(world):
    with unit_of_work():
        direction = add_direction(MONDAY)
        programme = add_programme(MONDAY, direction)
        add_measure(MONDAY, programme)


def facts(verb):
    rollback()
    return list(db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id)))


def sums(model, key=1):
    rollback()
    found = sums_of(model, [key])[key]
    return found.planned, found.committed, found.spent


def enter(officer, status=303, url="/measures/1/money", **more):
    return officer.submit(officer.get(url), url, status, **SUM | more)


def test_a_sum_is_entered_with_its_document_and_read_by_everybody(app, visit, world, cascade):
    officer = visit(world.officer)
    enter(officer)
    enter(officer, kind="committed", amount_tenge="4000000")
    enter(officer, kind="spent", amount_tenge="1500000", document="Акт № 3")
    assert sums(Measure) == (9_000_000, 4_000_000, 1_500_000)
    page = visit().get("/measures/1/money")
    assert "Акт № 3" in page.text and "City budget" in page.text and not page.find("form", action="/measures/1/money")
    assert [fact.facts["amount_tenge"] for fact in facts("money:entered")] == [9_000_000, 4_000_000, 1_500_000]
    assert all(fact.public for fact in facts("money:entered"))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"amount_tenge": "0"}, "whole tenge"),
        ({"amount_tenge": "1.5"}, "whole tenge"),
        ({"amount_tenge": "9" * 5000}, "whole tenge"),
        ({"amount_tenge": "-5"}, "never falls below zero"),
        ({"amount_tenge": "10000001"}, "more than was granted"),
        ({"kind": "committed"}, "more than was granted"),
        ({"kind": "spent", "on": "2026-11-30"}, "cannot be in the future"),
        ({"document": " "}, "Name the document"),
        ({"on": "soon"}, "Write the date as year-month-day"),
        ({"on": ""}, "Write the date of the document"),
        ({"source": "lottery"}, "where the money comes from"),
        ({"kind": "lent"}, "Choose one of the options"),
    ],
)
def test_what_is_wrong_is_said_and_kept(app, visit, world, cascade, more, sentence):
    page = enter(visit(world.officer), 422, **more)
    assert sentence in page.text and ("№ 15, 20.11.2026" in page.html or "document" in more)
    assert sums(Measure) == (0, 0, 0)


def test_more_than_granted_and_corrections_need_a_reason_on_record(app, visit, world, cascade):
    officer = visit(world.officer)
    enter(officer)
    enter(officer, amount_tenge="2000000", **WHY)
    assert facts("money:entered")[-1].facts["exceeds_tenge"] == 1_000_000
    enter(officer, 422, amount_tenge="-1000000")
    enter(officer, amount_tenge="−1 000 000", **WHY)  # with the minus of typographers
    assert sums(Measure) == (10_000_000, 0, 0)
    assert facts("money:entered")[-1].facts["reason_ru"] == WHY["reason_ru"]
    assert "Цены выросли" in visit(lang="ru").get("/measures/1/money").text
    assert len(list(db.session.scalars(select(Entry)))) == 3  # nothing is overwritten


def test_it_rolls_up_from_the_measures_to_the_programme_and_the_direction(app, visit, world, cascade):
    with unit_of_work():
        programme, measure = db.session.get(Programme, 1), db.session.get(Measure, 1)
        add_entry(MONDAY, programme, 20_000_000, source="regional_budget")
        add_entry(MONDAY, measure, 3_000_000)
        add_entry(MONDAY, measure, 1_000_000, kind="spent")
        other = add_measure(MONDAY, programme, KENTAU)
        add_entry(MONDAY, other, 4_000_000, source="private")
        draft = add_measure(MONDAY, programme, KENTAU, published_at=None)
        add_entry(MONDAY, draft, 500)
    rollback()
    whole = sums_of_programmes([1])[1]
    assert (whole.planned, whole.spent) == (27_000_000, 1_000_000) and whole.of("planned", "private") == 4_000_000
    for address in ("/programmes/1", "/directions/1", f"/strategy?region={TURKISTAN_REGION}", "/strategy"):
        assert "27 000 000" in visit().get(address).text.replace("\xa0", " ").replace(",", " "), address


def promise(region, status=303, **more):
    page = region.get("/measures/1/commitments/new")
    return region.submit(page, "/measures/1/commitments/new", status, **PROMISE | more)


def test_the_region_promises_and_the_city_accepts_the_money(app, visit, world, cascade):
    with unit_of_work():
        add_entry(MONDAY, db.session.get(Programme, 1), 6_000_000, source="regional_budget")
    region, officer = visit(world.region_officer), visit(world.officer)
    promise(region)
    assert "The city answers by" in visit().get("/measures/1").text
    assert [row.id for row in waiting_for([by_kato("611000000").id])] == [1]
    region.get("/commitments/1/answer", status=403)
    page = officer.get("/commitments/1/answer")
    assert "При готовой смете" in page.text
    officer.submit(page, "/commitments/1/acceptance")
    assert sums(Measure) == (5_000_000, 5_000_000, 0)
    assert sums(Programme) == (1_000_000, 0, 0)  # what was passed on is not counted twice
    rollback()
    assert sums_of_programmes([1])[1].planned == 6_000_000
    officer.submit(page, "/commitments/1/acceptance", 409)
    assert sums(Measure) == (5_000_000, 5_000_000, 0)
    assert [fact.verb for fact in facts("commitment:made") + facts("commitment:accepted")] == [
        "commitment:made",
        "commitment:accepted",
    ]
    assert waiting_for([by_kato("611000000").id]) == []
    assert officer.get("/commitments/1/answer", status=303).location == "/measures/1"


def test_more_than_the_programme_has_left_needs_a_reason(app, visit, world, cascade):
    with unit_of_work():
        add_entry(MONDAY, db.session.get(Programme, 1), 6_000_000, source="regional_budget")
    region = visit(world.region_officer)
    promise(region, amount_tenge="4000000")
    page = promise(region, 422, amount_tenge="3000000")  # four of six are promised already
    assert "only 2" in page.text and "left" in page.text
    promise(region, amount_tenge="3000000", **WHY)
    assert facts("commitment:made")[-1].facts["exceeds_tenge"] == 1_000_000


def test_the_city_refuses_with_reasons(app, visit, world, cascade):
    promise(visit(world.region_officer), **WHY)
    officer = visit(world.officer)
    page = officer.get("/commitments/1/answer")
    missing = officer.submit(page, "/commitments/1/refusal", 422, reason_kk="Шарт тым қатал")
    assert "Шарт тым қатал" in missing.html
    officer.submit(missing, "/commitments/1/refusal", reason_ru="Условие невыполнимо")
    assert "Условие невыполнимо" in visit(lang="ru").get("/measures/1").text
    officer.submit(page, "/commitments/1/acceptance", 409)
    assert sums(Measure) == (0, 0, 0)


def test_money_of_others_is_not_touched(app, visit, world, cascade):
    with unit_of_work():
        add_measure(MONDAY, db.session.get(Programme, 1), KENTAU)
        give_role(world.almaty_moderator, "officer", by_kato("750000000"), MONDAY - timedelta(days=1))
    officer, region = visit(world.officer), visit(world.region_officer)
    for visitor, url in (
        (officer, "/measures/2/money"),
        (officer, "/programmes/1/money"),
        (region, "/measures/1/money"),
        (visit(world.nation_officer), "/programmes/1/money"),
        (visit(world.aigerim), "/measures/1/money"),
    ):
        visitor.post(url, 403, page=visitor.get("/strategy"), **SUM)
    for visitor in (officer, visit(world.almaty_moderator), visit(world.aigerim)):
        visitor.get("/measures/1/commitments/new", status=403)
        page = visitor.get("/strategy")
        visitor.post("/measures/1/commitments/new", 403, page=page, **PROMISE, giver=TURKISTAN_REGION)
    promise(visit(world.nation_officer), source="republican_budget")  # the nation may, to any city
    assert db.session.scalars(select(Commitment)).one().giver.rung == "nation"


def test_what_is_a_draft_or_has_ended_takes_no_money(app, visit, world, cascade):
    with unit_of_work():
        db.session.get(Measure, 1).closed_at = MONDAY
    officer = visit(world.officer)
    assert not officer.get("/measures/1/money").find("form", action="/measures/1/money")
    answer = officer.post("/measures/1/money", 409, page=officer.get("/strategy"), **SUM)
    assert "published and in force" in answer.text
