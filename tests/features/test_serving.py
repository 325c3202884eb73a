"""What a proposal serves, and how an accepted one becomes a measure or joins one."""

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import published, supported
from tests.strategies import KENTAU, add_direction, add_measure, add_programme
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import decide
from webapp.cascade.models import Serving
from webapp.cascade.services import served, serving_of, suggestions
from webapp.delivery.models import Milestone
from webapp.delivery.rules import Step
from webapp.journal.models import Fact
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.proposals.models import Proposal
from webapp.resources.services import sums_of
from webapp.strategies.models import Direction, Measure, Programme
from webapp.strategies.reading import for_proposals_of

both_databases = ("becomes_a_measure", "joins_a_measure")
STEP = "Шамдар орнатылды"
PATH = "/proposals/1/serving"
MEASURE = "/proposals/1/measure"


def facts(verb):
    rollback()
    return list(db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id)))


@pytest.fixture
def cascade(world):
    """A direction about crossings with a programme and measures, one about schools, and a proposal in Turkistan."""
    with unit_of_work():
        words = {"text_kk": "Өткелге жарық керек", "text_ru": "Свет на переходах"}
        direction = add_direction(MONDAY, "Жаяу жүргінші өткелдері мен жарық", **words)
        programme = add_programme(MONDAY, direction, title_kk="Түнгі жарық", **words)
        add_measure(MONDAY, programme, title_kk="Мектеп жанындағы өткелге жарық", **words)
        add_measure(MONDAY, programme, KENTAU, title_kk="Кентау өткелдері", **words)
        add_direction(MONDAY, "Емхана кезегі", text_kk="Дәрігер", text_ru="Врач", sphere="social")
        proposal = published(world, MONDAY)
        assert proposal.id == 1


@pytest.fixture
def accepted(world, cascade):
    """The same, accepted by the city with one milestone."""
    with unit_of_work():
        proposal = locked(Proposal, 1)
        supported(proposal, 40, "611000000", MONDAY)
        reply = Reply(
            Decision.ACCEPT,
            "Қабылданды. " * 5,
            "Принято. " * 5,
            "Көлік бөлімі",
            "Отдел транспорта",
            "city_budget",
            12_500_000,
        )
        today = local_date(MONDAY)
        steps = [Step(STEP, "Фонари установлены", today, today.replace(month=12))]
        decide(world.officer, proposal, reply, MONDAY, steps=steps)


def serving():
    rollback()
    return served(serving_of(1))


def test_the_likeliest_comes_first_by_words_and_sphere(app, world, cascade):
    proposal = db.session.get(Proposal, 1)
    found = suggestions(proposal, for_proposals_of(proposal.origin))
    assert isinstance(found[0], Measure) and found[0].title_kk == "Мектеп жанындағы өткелге жарық"
    assert {type(one) for one in found} == {Measure, Programme, Direction}
    titles = [one.title_kk for one in found]
    assert "Кентау өткелдері" not in titles  # of another city
    assert "Емхана кезегі" not in titles  # about something else


def test_the_moderator_confirms_it_and_both_ways_are_drawn(app, visit, world, cascade):
    moderator = visit(world.moderator)
    page = moderator.get(PATH)
    assert page.form(PATH)["serves"] == "measure-1"  # the likeliest is chosen, the moderator confirms
    moderator.submit(page, PATH, serves="programme-1")
    assert serving() == db.session.get(Programme, 1)
    page = visit().get("/proposals/1")
    line = [item.text_content() for item in page.find("li") if "line-step" in item.get("class", "")]
    assert "өткелдері мен жарық" in line[0] or "(ru)" in line[0]
    assert len(line) == 3 and page.find("a", href="/programmes/1")
    for address in ("/programmes/1", "/directions/1"):
        assert visit().get(address).find("a", href="/proposals/1"), address
    assert not visit().get("/directions/2").find("a", href="/proposals/1")
    assert facts("proposal:placed")[0].facts["level"] == "programme"
    moderator.submit(page if page.find("form", action=PATH) else moderator.get(PATH), PATH, serves="programme-1")
    assert len(facts("proposal:placed")) == 1  # the same again is no news
    moderator.submit(moderator.get(PATH), PATH, serves="none")
    assert serving() is None and len(facts("proposal:placed")) == 2
    assert "Part of" not in visit().get("/proposals/1").text


@pytest.mark.parametrize("raw", ["measure-2", "measure-99", "measure-x", "dream-1", "", "direction-" + "9" * 30])
def test_what_is_not_of_its_line_is_refused(app, visit, world, cascade, raw):
    moderator = visit(world.moderator)
    status = 409 if raw == "measure-2" else 422
    moderator.submit(moderator.get(PATH), PATH, status, serves=raw)
    assert serving() is None


def test_only_who_works_on_it_confirms(app, visit, world, cascade):
    for person in (world.aigerim, world.almaty_moderator, world.bolat, world.nation_officer):
        visitor = visit(person)
        visitor.get(PATH, status=403)
        visitor.post(PATH, 403, page=visitor.get("/proposals/1"), serves="direction-1")
    assert visit().get(PATH, status=303).location.startswith("/sign-in")
    visit(world.region_moderator).get(PATH)


def test_an_accepted_proposal_becomes_a_measure_with_its_plan_and_money(app, visit, world, accepted):
    officer = visit(world.officer)
    assert officer.get("/proposals/1").find("a", href=MEASURE)
    page = officer.get(MEASURE)
    bad = officer.submit(page, MEASURE, 422, title_ru="")
    assert "Write the title in Kazakh and in Russian" in bad.text
    answer = officer.submit(page, MEASURE, title_ru="Свет у школы", programme="1")
    page = officer.follow(answer)
    measure = db.session.scalars(select(Measure).order_by(Measure.id.desc())).first()
    assert measure.programme_id == 1 and measure.owner_ru == "Отдел транспорта" and measure.budget_tenge == 12_500_000
    assert sums_of(Measure, [measure.id])[measure.id].of("planned", "city_budget") == 12_500_000
    assert db.session.scalars(select(Milestone)).one().measure_id == measure.id
    assert "The measure was made from this proposal" in page.text and "Milestones reported: 0 of 1" in page.text
    page = visit().get("/proposals/1")
    assert page.find("a", href=f"/measures/{measure.id}") and page.find("a", href="/directions/1")
    assert [fact.facts["id"] for fact in facts("proposal:became-measure")] == [measure.id]
    officer.submit(bad, MEASURE, 409, title_ru="Ещё раз")
    moderator = visit(world.moderator)
    moderator.submit(moderator.get(PATH), PATH, 409, serves="direction-1")
    assert not officer.get("/proposals/1").find("a", href=MEASURE)


def test_an_accepted_proposal_joins_a_measure_of_its_city(app, visit, world, accepted):
    officer = visit(world.officer)
    page = officer.get(MEASURE)
    officer.submit(page, MEASURE, 422, measure="2")  # Kentau's
    officer.submit(page, MEASURE, 422, measure="9" * 12)
    officer.submit(page, MEASURE, measure="1")
    assert serving().id == 1 and db.session.scalars(select(Milestone)).one().measure_id == 1
    assert not db.session.scalars(select(Serving)).one().begot
    assert len(list(db.session.scalars(select(Measure)))) == 2
    assert visit().get("/measures/1").find("a", href="/proposals/1")
    assert len(facts("proposal:joined-measure")) == 1


def test_who_makes_a_measure_of_it(app, visit, world, accepted, cascade):
    for person in (world.moderator, world.region_officer, world.nation_officer, world.aigerim):
        visitor = visit(person)
        visitor.get(MEASURE, status=403)
        visitor.post(MEASURE, 403, page=visitor.get("/proposals/1"), measure="new")


def test_what_is_not_accepted_becomes_no_measure(app, visit, world, cascade):
    officer = visit(world.officer)
    officer.get(MEASURE, status=409)
    page = officer.get("/proposals/1")
    assert not page.find("a", href=MEASURE)
    officer.post(MEASURE, 409, page=officer.get("/strategy"), measure="1")
