"""Turkistan's proposal becomes a measure that the region pays for under a direction of the nation; done, judged, repeated.

Everybody acts in a browser without JavaScript, on the pages that they have; only the crowd votes by a verb.
"""

from datetime import timedelta

from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import ACCEPTANCE, published, supported
from tests.strategies import TURKISTAN_REGION
from webapp.access.services import give_role
from webapp.delivery.models import Milestone
from webapp.hanging.models import HangingCase
from webapp.journal.models import Fact
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.resources.services import sums_of_programmes
from webapp.strategies.models import Measure
from webapp.territories.services import by_kato
from webapp.voting.models import Vote

KENTAU, ABAI, SEMEY = "612000000", "100000000", "101000000"
DAY = timedelta(days=1)
WORDS = {"text_kk": "Кедергісіз кіру", "text_ru": "Вход без барьеров"}


def term(at):
    return {"starts_on": local_date(at).isoformat(), "ends_on": (local_date(at) + 700 * DAY).isoformat()}


def owner(name):
    return {"owner_kk": name, "owner_ru": f"{name} (ru)"}


def written(visitor, plural, at, first, steps, query=""):
    """Go through the wizard to the end; returns the address of what is in force then."""
    page = visitor.get(f"/{plural}/new{query}")
    answer = visitor.submit(page, f"/{plural}/new", **first)
    for step in steps:
        page = visitor.follow(answer)
        answer = visitor.submit(page, answer.location, **step)
    page = visitor.follow(answer)
    return visitor.submit(page, answer.location).location


def hung(cause, key):
    rollback()
    query = select(HangingCase).where(HangingCase.cause == cause, HangingCase.subject_id == key)
    return [case for case in db.session.scalars(query) if case.ended_at is None]


def test_the_whole_way_down_and_up_and_across(app, visit, world, clock):
    nation, region, city = visit(world.nation_officer), visit(world.region_officer), visit(world.officer)
    with unit_of_work():
        give_role(world.kentau, "officer", by_kato(KENTAU), MONDAY)
        give_role(world.bolat, "officer", by_kato(SEMEY), MONDAY)
        proposal = published(world, MONDAY)
        supported(proposal, 25, "611000000", MONDAY)
    kentau, semey = visit(world.kentau), visit(world.bolat)

    # the ministry sets a direction; nobody has adapted it yet, and that hangs on the next tick
    first = {"title_kk": "Кедергісіз орта", "title_ru": "Среда без барьеров", "title_en": "No barriers", **WORDS}
    direction = written(
        nation, "directions", MONDAY, first, [{**term(MONDAY), **owner("Министрлік"), "goals": "11.7"}, {}]
    )
    jobs.run(MONDAY + timedelta(minutes=1))
    assert len(hung("no-programme", 1)) == 21
    assert "no programme for it" in visit().get(f"/hanging?place={TURKISTAN_REGION}").text

    # the region adapts it and plans money: it leaves the list, and says what else is missing
    first = {"title_kk": "Кедергісіз емханалар", "title_ru": "Поликлиники без барьеров"}
    choices = {"adopted_kk": "Бәрі", "adopted_ru": "Всё"}
    steps = [choices, {**term(MONDAY), **owner("Денсаулық басқармасы")}, {}]
    programme = written(region, "programmes", MONDAY, first, steps, "?direction=1")
    money = {"source": "regional_budget", "amount_tenge": "20 000 000", "document": "№ 1"}
    region.submit(region.get(f"{programme}/money"), f"{programme}/money", **money)
    jobs.run(MONDAY + timedelta(minutes=2))
    assert len(hung("no-programme", 1)) == 20 and len(hung("no-measures", 1)) == 1 and not hung("no-money", 1)

    # the moderator says what the proposal serves; the city accepts it and makes it a measure
    moderator = visit(world.moderator)
    moderator.submit(moderator.get("/proposals/1/serving"), "/proposals/1/serving", serves="programme-1")
    due = (local_date(MONDAY) + 40 * DAY).isoformat()
    plan = {"milestone_1_kk": "Пандус", "milestone_1_ru": "Пандус", "milestone_1_to": due, "source": "city_budget"}
    reasons = {"text_kk": "Қабылданды, себебі маңызды.", "text_ru": "Принято, потому что важно."}
    city.submit(city.get("/proposals/1/answer"), "/proposals/1/answer", **ACCEPTANCE | plan | reasons)
    page = city.get("/proposals/1/measure")
    answer = city.submit(page, "/proposals/1/measure", title_kk="Емхана пандусы", title_ru="Пандус поликлиники")
    measure = answer.location
    assert db.session.get(Measure, 1).programme_id == 1

    # the region pays: a promise, accepted by the city; nothing is counted twice
    promise = {
        "amount_tenge": "5000000",
        "due_on": due,
        "condition_kk": "Жоқ",
        "condition_ru": "Нет",
        "document": "№ 2",
    }
    region.submit(region.get(f"{measure}/commitments/new"), f"{measure}/commitments/new", **promise)
    city.submit(city.get("/commitments/1/answer"), "/commitments/1/acceptance")
    rollback()
    sums = sums_of_programmes([1])[1]
    assert sums.of("planned", "regional_budget") == 20_000_000 and sums.committed == 5_000_000

    # it is done, with evidence; supporters judge
    milestone = db.session.scalars(select(Milestone)).one()
    report = f"/milestones/{milestone.id}/report"
    city.submit(city.get(report), report, text_kk="Орнатылды", text_ru="Установлено", document="Акт № 3")
    rollback()
    assert db.session.get(Proposal, 1).stage == "done"
    voters = select(User).join(Vote, Vote.voter_id == User.id).where(Vote.proposal_id == 1).order_by(User.id).limit(4)
    for person in list(db.session.scalars(voters)):
        supporter = visit(person)
        supporter.submit(supporter.get("/proposals/1"), "/proposals/1/judgement", choice="yes")
    clock(MONDAY + 29 * DAY)
    after = MONDAY + 29 * DAY
    jobs.run(after)
    page = visit().get("/proposals/1")
    for words in ("Part of", "No barriers", "Пандус поликлиники", "Was it done as promised?", "Yes 4"):
        assert words in page.text, words

    # Kentau and Semey do it, too; Kentau under the same programme
    nation, region, city = visit(world.nation_officer), visit(world.region_officer), visit(world.officer)
    kentau, semey = visit(world.kentau), visit(world.bolat)
    city.submit(
        city.get(f"{measure}/lessons"),
        f"{measure}/lessons",
        lessons_kk="Бірге тексеріңіз",
        lessons_ru="Проверяйте вместе",
    )
    copies = []
    for visitor, kato, under in ((kentau, KENTAU, "1"), (semey, SEMEY, "")):
        page = visitor.get(f"{measure}/replication")
        assert "Проверяйте вместе" in page.text
        words = {"title_kk": f"Пандус {kato}", "title_ru": f"Пандус {kato}", **owner("Бөлім"), **term(after)}
        answer = visitor.submit(page, f"{measure}/replication", territory=kato, programme=under, **words)
        page = visitor.follow(answer)
        copies.append(visitor.submit(page, answer.location).location)
    page = visit().get(f"{measure}/lineage")
    rows = [row.text_content() for row in page.find("tr")][1:]
    assert "4 of 4" in rows[0] and len(rows) == 3 and all("→" in row for row in rows[1:])
    assert "2 cities repeat it" in visit().get(measure).text
    page = visit().get(f"/progress?region={TURKISTAN_REGION}")
    assert page.find("a", href=direction) and visit().get(programme).find("a", href=copies[0])
    verbs = set(db.session.scalars(select(Fact.verb)))
    assert verbs >= {
        *("direction:published", "programme:published", "money:entered", "strategy:hangs", "strategy:resumed"),
        *("proposal:placed", "proposal:became-measure", "measure:published", "commitment:made", "commitment:accepted"),
        *("milestone:done", "implementation:done", "judgement:opened", "judgement:closed", "measure:lessons-written"),
    }
    assert ABAI in visit().get("/progress").html  # Semey's region still owes a programme
