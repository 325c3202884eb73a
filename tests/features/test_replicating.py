"""Do this in another city: a draft with the words of the other, its lessons beside it; lineage and network in public."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.strategies import ALMATY, KENTAU, add_direction, add_entry, add_measure, add_programme
from webapp.access.services import give_role
from webapp.delivery.models import Milestone
from webapp.journal.models import Fact
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.strategies.models import Measure
from webapp.territories.services import by_kato

both_databases = ("is_a_draft", "lineage_is_drawn")
DAY = timedelta(days=1)
TODAY = local_date(MONDAY)


def facts(verb):
    rollback()
    return list(db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id)))


@pytest.fixture
def pilot(world):
    """A measure of Turkistan with half of its milestones reported and money spent; officers of two other cities."""
    with unit_of_work():
        programme = add_programme(MONDAY, add_direction(MONDAY))
        measure = add_measure(MONDAY, programme, text_kk="Түркістан көшелері", text_ru="Улицы Туркестана")
        common = {"measure_id": measure.id, "title_kk": "К", "title_ru": "К", "starts_on": TODAY, "due_on": TODAY + DAY}
        db.session.add_all([Milestone(position=n, done_at=MONDAY if n else None, **common) for n in range(2)])
        add_entry(MONDAY, measure, 3_000_000, kind="spent")
        give_role(world.kentau, "officer", by_kato(KENTAU), MONDAY - DAY)
        give_role(world.bolat, "officer", by_kato(ALMATY), MONDAY - DAY)


def copy(visitor, url, kato, title):
    page = visitor.get(f"{url}/replication")
    words = {"title_kk": title, "title_ru": f"{title} (ru)", "owner_kk": "Бөлім", "owner_ru": "Отдел"}
    term = {"starts_on": TODAY.isoformat(), "ends_on": (TODAY + 300 * DAY).isoformat()}
    answer = visitor.submit(page, f"{url}/replication", territory=kato, **words, **term)
    address = answer.location.removesuffix("/publication")
    return address, visitor.follow(answer)


def test_the_copy_is_a_draft_of_the_other_city_with_its_own_owner_and_term(app, visit, world, pilot):
    kentau, almaty = visit(world.kentau), visit(world.bolat)
    page = kentau.get("/measures/1/replication")
    form = page.form("/measures/1/replication")
    assert form["text_kk"] == "Түркістан көшелері" and form["owner_kk"] == form["ends_on"] == ""
    assert "has not written down yet" in page.text
    bad = kentau.submit(page, "/measures/1/replication", 422, title_ru="", text_ru="Улицы Кентау")
    assert "Улицы Кентау" in bad.html
    address, page = copy(kentau, "/measures/1", KENTAU, "Кентау көшелері")
    visit().get(address, status=404)
    almaty.get(f"{address}/replication", status=404)  # a draft teaches nobody
    found = db.session.scalars(select(Measure).order_by(Measure.id.desc())).first()
    assert found.replicated_from_id == 1 and found.territory.kato == KENTAU and found.owner_ru == "Отдел"
    kentau.submit(page, f"{address}/publication")
    assert facts("measure:published")[-1].facts["replicated_from_id"] == 1
    assert "Learned from Turkistan city" in visit().get(address).text
    assert "1 city repeats it" in visit().get("/measures/1").text


def test_who_may_not(app, visit, world, pilot):
    officer = visit(world.officer)
    assert "/measures/1/replication" not in officer.get("/measures/1").html
    officer.get("/measures/1/replication", status=403)  # it does it already, and has no other city
    for person in (world.region_officer, world.moderator, world.aigerim):
        visitor = visit(person)
        visitor.get("/measures/1/replication", status=403)
        visitor.post(
            "/measures/1/replication", 403, page=visitor.get("/strategy"), territory=KENTAU, title_kk="А", title_ru="Б"
        )
    kentau = visit(world.kentau)
    page = kentau.get("/measures/1/replication")
    kentau.submit(page, "/measures/1/replication", 403, territory=ALMATY)
    assert kentau.submit(page, "/measures/1/replication", 422, programme="99").status == 422
    with unit_of_work():
        give_role(world.officer, "officer", by_kato(KENTAU), MONDAY)
    officer = visit(world.officer)
    assert (
        "does it already"
        in officer.post(
            "/measures/1/replication",
            409,
            page=officer.get("/strategy"),
            territory="611000000",
            title_kk="А",
            title_ru="Б",
        ).text
    )


def test_lessons_stand_beside_every_copy(app, visit, world, pilot):
    officer = visit(world.officer)
    page = officer.get("/measures/1/lessons")
    assert officer.submit(page, "/measures/1/lessons", 422, lessons_kk="Көршілермен сөйлесіңіз").status == 422
    officer.submit(page, "/measures/1/lessons", lessons_kk="Көршілермен сөйлесіңіз", lessons_ru="Говорите с соседями")
    officer.submit(page, "/measures/1/lessons", lessons_kk="Көршілермен сөйлесіңіз", lessons_ru="Говорите с соседями")
    assert len(facts("measure:lessons-written")) == 1
    for address in ("/measures/1", "/measures/1/lineage"):
        assert "Говорите с соседями" in visit(lang="ru").get(address).text
    assert "Говорите с соседями" in visit(world.kentau, lang="ru").get("/measures/1/replication").text
    visit(world.kentau).get("/measures/1/lessons", status=403)


def test_the_lineage_is_drawn_from_the_first_city_outward_with_results(app, visit, world, pilot):
    kentau, almaty = visit(world.kentau), visit(world.bolat)
    second, page = copy(kentau, "/measures/1", KENTAU, "Кентау көшелері")
    kentau.submit(page, f"{second}/publication")
    third, page = copy(almaty, second, ALMATY, "Алматы көшелері")
    draft = visit().get("/measures/1/lineage")
    assert "Алматы" not in draft.text
    almaty.submit(page, f"{third}/publication")
    for address in ("/measures/1", second, third):
        page = visit().get(f"{address}/lineage")
        rows = [row.text_content() for row in page.find("tr")][1:]
        assert ["Turkistan" in rows[0], "→ Kentau" in rows[1], "→ → Almaty" in rows[2]] == [True] * 3
        assert "1 of 2" in rows[0] and "3 000 000" in rows[0].replace("\xa0", " ").replace(",", " ")
        assert len(page.find("circle")) == 3
    page = visit().get("/network")
    assert "Kentau learned from Turkistan city" in page.text.replace("Kentau city", "Kentau")
    assert "Almaty city learned from Kentau" in page.text.replace("Kentau city", "Kentau")
    visit().get("/measures/99/lineage", status=404)
