"""What hangs: every cause, opened on the next tick with a public fact, ended by itself, reminded of before, read by all."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from tests.conftest import MONDAY
from tests.factories import published, supported
from tests.strategies import (
    ALMATY,
    KENTAU,
    TURKISTAN,
    TURKISTAN_REGION,
    add_commitment,
    add_direction,
    add_entry,
    add_measure,
    add_programme,
)
from webapp.delivery.models import Milestone
from webapp.hanging.gathering import picture_of
from webapp.hanging.jobs import remind
from webapp.hanging.matrix import cells, hanging_in, totals
from webapp.hanging.models import HangingCase
from webapp.hanging.rules import Cause, Cell, coverage, hanging
from webapp.hanging.services import keep_cases
from webapp.journal.models import Fact
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.strategies.models import Direction, Measure, Programme
from webapp.strategies.reading import adapting
from webapp.territories.services import by_kato

both_databases = ("next_tick", "every_cause", "matrix_in_sql", "opened_once", "reminded")
DAY = timedelta(days=1)
NO_OWNER = {"owner_kk": "", "owner_ru": ""}


def facts(verb):
    rollback()
    return list(db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id)))


def cases():
    rollback()
    return list(db.session.scalars(select(HangingCase).where(HangingCase.ended_at.is_(None)).order_by(HangingCase.id)))


def milestone(measure, due_on, done_at=None):
    row = Milestone(
        measure_id=measure.id,
        position=0,
        title_kk="К",
        title_ru="К",
        starts_on=due_on - 30 * DAY,
        due_on=due_on,
        done_at=done_at,
    )
    db.session.add(row)
    db.session.flush()
    return row


def everything(world):
    """One of each cause, and some that are well."""
    today = local_date(MONDAY)
    old = MONDAY - 200 * DAY
    direction = add_direction(old)
    add_direction(old, "Иесіз", **NO_OWNER)
    programme = add_programme(old, direction, **NO_OWNER)
    bare = add_programme(old, direction, ALMATY)
    add_entry(old, programme, 100)
    assert bare
    slow = add_measure(old, programme, ends_on=today - DAY, **NO_OWNER)
    milestone(slow, today - 10 * DAY)
    add_measure(old, programme, KENTAU)  # without milestones
    add_commitment(old, slow)
    well = add_programme(MONDAY - DAY, db.session.get(Direction, 2))
    add_entry(MONDAY, add_measure(MONDAY - DAY, well), 5)
    proposal = published(world, MONDAY - 60 * DAY)
    supported(proposal, 40, TURKISTAN, MONDAY - 59 * DAY)
    proposal.overdue_at = MONDAY - DAY


def test_a_direction_nobody_adapts_hangs_on_the_next_tick_and_leaves_when_it_is_adapted(app, visit, world):
    with unit_of_work():
        add_direction(MONDAY)
    jobs.run(MONDAY + timedelta(minutes=1))
    owed = cases()
    assert {case.cause for case in owed} == {"no-programme"} and len(owed) == len(adapting()) == 21
    page = visit().get(f"/hanging?place={TURKISTAN_REGION}")
    assert "1 stalled item" in page.text and "this region has no programme for it" in page.text
    assert page.find("a", href="/directions/1")
    with unit_of_work():
        add_programme(MONDAY, db.session.get(Direction, 1), **NO_OWNER)
    jobs.run(MONDAY + timedelta(minutes=2))
    assert "no programme for it" not in visit().get(f"/hanging?place={TURKISTAN_REGION}&cause=no-programme").text
    resumed = facts("strategy:resumed")
    assert [fact.facts["cause"] for fact in resumed] == ["no-programme"]
    assert resumed[0].territory_id == by_kato(TURKISTAN_REGION).id and resumed[0].public
    hung = [fact.facts["cause"] for fact in facts("strategy:hangs")]
    assert sorted(set(hung)) == ["no-measures", "no-money", "no-owner", "no-programme"]


def test_every_cause_occurs_and_each_is_opened_once(app, visit, world):
    with unit_of_work():
        everything(world)
    assert keep_cases(MONDAY) > 0
    assert {case.cause for case in cases()} == {cause.value for cause in Cause}
    before = len(facts("strategy:hangs"))
    assert keep_cases(MONDAY) == 0 and keep_cases(MONDAY + timedelta(minutes=5)) == 0
    assert len(facts("strategy:hangs")) == before == len(cases())
    page = visit().get("/hanging")
    for cause in Cause:
        only = visit().get(f"/hanging?cause={cause}")
        assert f"{sum(case.cause == cause for case in cases())}" in only.text, cause
    machines = visit().get("/hanging.json").response.get_json()["items"]
    assert len(machines) == len(cases()) and {row["cause"] for row in machines} == {cause.value for cause in Cause}
    assert visit().get("/hanging.csv").response.get_data(as_text=True).count("\n") == len(cases()) + 1
    assert page.status == 200
    for odd in (
        "?place=99",
        "?direction=" + "9" * 40,
        "?page=x",
        "?cause=no-money&place=000000000&direction=1",
    ):
        assert visit().get("/hanging" + odd).status == 200


def test_what_ended_stays_in_the_history(app, visit, world):
    with unit_of_work():
        everything(world)
    keep_cases(MONDAY - 70 * DAY)
    many = len(cases())
    with unit_of_work():
        for model in (Direction, Programme, Measure):
            for row in db.session.scalars(select(model)):
                row.closed_at = MONDAY
    keep_cases(MONDAY)
    assert {case.cause for case in cases()} <= {"body-silent"}
    page = visit().get("/hanging")
    assert "Is it getting better?" in page.text and str(many) in page.text
    assert all(case.ended_at for case in db.session.scalars(select(HangingCase)) if case.cause != "body-silent")


def test_the_matrix_in_sql_says_what_the_pure_rule_says(app, visit, world):
    with unit_of_work():
        everything(world)
        done = add_measure(MONDAY - DAY, db.session.get(Programme, 2), ALMATY)
        milestone(done, local_date(MONDAY), done_at=MONDAY)
    keep_cases(MONDAY)
    picture = picture_of()
    pure = coverage(picture)
    sql = cells([1, 2])
    for direction in (1, 2):
        for region in picture.adapters:
            assert sql.get((direction, region), Cell()) == pure.get((direction, region), Cell()), (direction, region)
    hung = {}
    for one in hanging(picture, local_date(MONDAY)):
        if one.region_id:
            hung[one.direction_id, one.region_id] = hung.get((one.direction_id, one.region_id), 0) + 1
    assert hanging_in([1, 2]) == hung
    region = by_kato(TURKISTAN_REGION)
    by_city = cells([1, 2], region)
    assert sum(cell.measures for cell in by_city.values()) == sum(
        pure[key].measures for key in pure if key[1] == region.id
    )
    whole = totals()
    assert (whole.programmes, whole.measures, whole.late) == (3, 4, len(cases()))
    page = visit().get("/progress")
    assert page.find("a", href=f"/progress?region={ALMATY}") and not re.search(r"\b50\s?%", page.text)
    for address in (
        f"/progress?region={TURKISTAN_REGION}",
        f"/progress?region={ALMATY}",
        "/progress?region=1&page=999",
    ):
        assert visit().get(address).status == 200
    headings = [cell.get("scope") for cell in page.find("th")]
    assert headings.count("row") >= 2 and headings.count("col") >= 22


def test_a_region_stands_beside_its_cities_in_its_own_matrix(app, visit, world):
    with unit_of_work():
        add_programme(MONDAY - DAY, add_direction(MONDAY - DAY))
    keep_cases(MONDAY)
    page = visit().get(f"/progress?region={TURKISTAN_REGION}")
    cells_shown = [" ".join(cell.text_content().split()) for cell in page.find("td")]
    matrix = [words for words in cells_shown if "programme" in words]
    assert len(matrix) == 18 and all("programme, no measures" in words for words in matrix)  # the region, 17 places
    assert "2 stalled" in matrix[0] and not any(
        "stalled" in words for words in matrix[1:]
    )  # it has no money, no measures
    assert page.find("a", href=f"/hanging?place={TURKISTAN_REGION}&direction=1")
    beyond = visit().get("/progress?page=50")
    assert beyond.find("a", href="/directions/1") and "No direction is in force" not in beyond.text


def test_officers_are_reminded_once_before_it_hangs(app, world):
    today = local_date(MONDAY)
    with unit_of_work():
        programme = add_programme(MONDAY - DAY, add_direction(MONDAY - DAY, ends_on=today - DAY))
        add_entry(MONDAY, programme, 5)
        measure = add_measure(MONDAY - DAY, programme)
        milestone(measure, today + 4 * DAY)
    assert remind(MONDAY) == 1
    mails = [m for m in db.session.scalars(select(Message)) if m.to == "officer@test.example"]
    assert len(mails) == 1 and "Өткелдерге жарық" in mails[0].body and "/measures/1" in mails[0].body
    assert remind(MONDAY + timedelta(hours=1)) == 0
    keep_cases(MONDAY)
    assert "no-report" not in {case.cause for case in cases()}  # it does not hang yet
    keep_cases(MONDAY + 5 * DAY)
    assert "no-report" in {case.cause for case in cases()}
    assert remind(MONDAY + 5 * DAY) == 0


@pytest.fixture
def counted(app):
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "address",
    ["/progress", f"/progress?region={TURKISTAN_REGION}", "/hanging", "/strategy", "/directions/1", "/programmes/1"],
)
def test_at_most_twelve_queries_whatever_the_size(app, visit, world, counted, address):
    with unit_of_work():
        for number in range(40):
            direction = add_direction(MONDAY - 90 * DAY, f"Бағыт {number}")
            for kato in (TURKISTAN_REGION, ALMATY):
                programme = add_programme(MONDAY - 90 * DAY, direction, kato)
                for _measure in range(3):
                    measure = add_measure(MONDAY - 90 * DAY, programme, TURKISTAN if kato != ALMATY else ALMATY)
                    milestone(measure, local_date(MONDAY) - DAY)
                    add_entry(MONDAY, measure, 7)
    keep_cases(MONDAY)
    if address == "/strategy":  # thirty on a page, totals of all
        page, rest = visit().get(address), visit().get(f"{address}?page=2")
        assert (
            page.find("a", rel="next", href="/strategy?page=2")
            and "Бағыт 39" in rest.text
            and "Бағыт 3 " not in rest.text
        )
        assert visit().get(f"{address}?page=999").status == 200
    visitor = visit(world.region_officer)
    visitor.get(address)
    counted.clear()
    visitor.get(address)
    asked = [statement for statement in counted if statement.lstrip().upper().startswith(("SELECT", "WITH"))]
    assert len(asked) <= 12, f"{address}: {len(asked)} queries"
