"""Directions, programmes and measures: each rung writes its own, in steps, in versions, and everybody reads."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import World
from tests.strategies import ALMATY, TURKISTAN, TURKISTAN_REGION, add_direction, add_measure, add_programme
from webapp.access.services import give_role
from webapp.journal.models import Fact
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.errors import Conflict, NotAllowed
from webapp.strategies import services
from webapp.strategies.models import Direction, Indicator, Measure, Programme, StrategyVersion
from webapp.strategies.rules import Level
from webapp.territories.services import by_kato, nation

both_databases = ("one_programme", "versions", "from_the_nation_to_the_city", "csv")
DIRECTION = {
    "title_kk": "Қауіпсіз көшелер",
    "title_ru": "Безопасные улицы",
    "title_en": "Safe streets",
    "text_kk": "Әр көше түнде де жарық.",
    "text_ru": "Каждая улица светла и ночью.",
    "sphere": "safety",
}
TERMS = {
    "owner_kk": "Көлік министрлігі",
    "owner_ru": "Министерство транспорта",
    "starts_on": "2026-12-01",
    "ends_on": "2029-12-31",
}
COUNTED = {
    "indicator_1_name_kk": "Жарық өткелдер",
    "indicator_1_name_ru": "Освещённые переходы",
    "indicator_1_unit_kk": "%",
    "indicator_1_unit_ru": "%",
    "indicator_1_baseline": "41,5",
    "indicator_1_baseline_year": "2025",
    "indicator_1_target": "90",
    "indicator_1_target_year": "2029",
}
NOTE = {"note_kk": "Мерзім нақтыланды", "note_ru": "Уточнён срок"}


def facts(verb):
    rollback()
    return list(db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id)))


def one(model):
    rollback()
    return db.session.scalars(select(model)).one()


@pytest.fixture
def nation_officer(app, visit, world):
    visitor = visit()
    visitor.sit_down(world.nation_officer)
    return visitor


@pytest.fixture
def region_officer(app, visit, world):
    visitor = visit()
    visitor.sit_down(world.region_officer)
    return visitor


@pytest.fixture
def officer(app, visit, world):
    visitor = visit()
    visitor.sit_down(world.officer)
    return visitor


def publish(visitor, url):
    page = visitor.get(f"{url}/publication")
    assert "Before it can be published" not in page.text
    assert visitor.submit(page, f"{url}/publication").location == url
    return visitor.get(url)


def new_direction(visitor):
    page = visitor.get("/directions/new")
    answer = visitor.submit(page, "/directions/new", **DIRECTION)
    url = answer.location.removesuffix("/edit/terms")
    page = visitor.follow(answer)
    answer = visitor.submit(page, f"{url}/edit/terms", **TERMS, goals="16.7, 11.2")
    page = visitor.follow(answer)
    answer = visitor.submit(page, f"{url}/edit/indicators", **COUNTED)
    assert answer.location == f"{url}/publication"
    return url


def test_from_the_nation_to_the_city_each_writes_its_own(app, visit, nation_officer, region_officer, officer, world):
    direction = new_direction(nation_officer)
    assert "Your" not in visit().get("/strategy").text
    visit().get(direction, status=404)  # a draft is nobody's business
    region_officer.get(direction, status=404)
    page = publish(nation_officer, direction)
    for words in ("Safe streets", "41.5", "90", "16.7", "11.2", "Министерство транспорта"):
        assert words in page.text.replace(",", "."), words

    page = region_officer.get(direction)
    assert region_officer.get(direction).find("a", href="/programmes/new?direction=1")
    page = region_officer.get("/programmes/new?direction=1")
    assert page.form("/programmes/new")["title_kk"] == DIRECTION["title_kk"]  # begins with the words of the direction
    answer = region_officer.submit(page, "/programmes/new", title_kk="Түркістан көшелері", title_ru="Улицы Туркестана")
    programme = answer.location.removesuffix("/edit/choices")
    page = region_officer.follow(answer)
    page = region_officer.follow(
        region_officer.submit(
            page,
            f"{programme}/edit/choices",
            adopted_kk="Бәрі",
            adopted_ru="Всё",
            left_out_kk="Ауылдар",
            left_out_ru="Сёла",
        )
    )
    page = region_officer.follow(region_officer.submit(page, f"{programme}/edit/terms", **TERMS))
    assert (
        page.form(f"{programme}/edit/indicators")["indicator_1_target"] == "90"
    )  # those of the direction, to begin with
    region_officer.submit(page, f"{programme}/edit/indicators", indicator_1_target="80")
    page = publish(region_officer, programme)
    assert "Safe streets" in page.text and "Сёла" in page.text
    assert "1 of 21" in visit().get(direction).text

    page = officer.get(programme)
    page = officer.get(page.find("a", href="/measures/new?programme=1")[0].get("href"))
    answer = officer.submit(
        page, "/measures/new", title_kk="Өткелдер", title_ru="Переходы", text_kk="Жарық", text_ru="Свет"
    )
    measure = answer.location.removesuffix("/edit/terms")
    page = officer.follow(answer)
    answer = officer.submit(page, f"{measure}/edit/terms", **TERMS, budget_tenge="12 500 000")
    assert answer.location == f"{measure}/publication"
    page = publish(officer, measure)
    line = [item.text_content() for item in page.find("li") if "line-step" in item.get("class", "")]
    assert [("Safe streets" in line[0]), ("Улицы Туркестана" in line[1]), ("Переходы" in line[2])] == [True] * 3
    assert one(Measure).budget_tenge == 12_500_000 and one(Measure).programme_id == 1
    assert "Переходы" in visit().get(programme).text
    for verb in ("direction:published", "programme:published", "measure:published"):
        assert len(facts(verb)) == 1 and facts(verb)[0].public
    page = visit().get(f"/strategy?region={TURKISTAN_REGION}")
    assert "Улицы Туркестана" in page.text and "1 measure" in page.text


def test_no_rung_writes_in_what_is_anothers(app, visit, nation_officer, region_officer, officer, world):
    with unit_of_work():
        direction = add_direction(MONDAY)
        programme = add_programme(MONDAY, direction)
        add_measure(MONDAY, programme)
        add_measure(MONDAY, programme, "612000000", title_kk="Кентау")
        other = add_programme(MONDAY, direction, ALMATY)
        addresses = {
            "directions/1": nation_officer,
            "programmes/1": region_officer,
            "measures/1": officer,
            "measures/2": None,
            f"programmes/{other.id}": None,
        }
    people = {nation_officer, region_officer, officer}
    for address, owner in addresses.items():
        for visitor in people:
            expected = 200 if visitor is owner else 403
            visitor.get(f"/{address}/edit/words", status=expected)
            visitor.get(f"/{address}/ending", status=expected)
        page = (owner or officer).get("/strategy")
        for visitor in people - {owner}:
            answer = visitor.post(
                f"/{address}/edit/words", 403, page=visitor.get("/strategy"), title_kk="А", title_ru="Б"
            )
            assert "each rung manages what is its own" in answer.text
        assert page.status == 200
    for path in ("directions", "programmes", "measures"):
        assert visit().get(f"/{path}/new", status=303).location.startswith("/sign-in")
    officer.get("/directions/new", status=403)
    nation_officer.get("/measures/new", status=403)
    with unit_of_work(), pytest.raises(Conflict):  # the rule, not only the page: a city sets no direction
        services.begin(world.officer, Level.DIRECTION, by_kato(TURKISTAN), DIRECTION, MONDAY)
    with unit_of_work(), pytest.raises(NotAllowed):
        services.begin(world.officer, Level.DIRECTION, nation(), DIRECTION, MONDAY)


def test_what_is_published_changes_in_versions_with_a_note(app, nation_officer, visit, world):
    with unit_of_work():
        add_direction(MONDAY, **{key: DIRECTION[key] for key in ("title_kk", "title_ru", "text_kk", "text_ru")})
    page = nation_officer.get("/directions/1/edit/words")
    answer = nation_officer.submit(
        page, "/directions/1/edit/words", 422, text_ru="Другие слова", note_kk="", note_ru=""
    )
    assert "what has changed and why" in answer.text and "Другие слова" in answer.html
    assert one(Direction).text_ru == DIRECTION["text_ru"]
    nation_officer.submit(answer, "/directions/1/edit/words", **NOTE)
    assert one(Direction).text_ru == "Другие слова" and one(Direction).version == 2
    kept = one(StrategyVersion)
    assert kept.version == 2 and kept.content["text_ru"] == "Другие слова" and kept.note_ru == NOTE["note_ru"]
    page = visit().get("/directions/1/versions")
    assert "Другие слова" in page.text and NOTE["note_ru"] in page.text
    again = nation_officer.submit(nation_officer.get("/directions/1/edit/words"), "/directions/1/edit/words", **NOTE)
    assert "Nothing has changed" in nation_officer.follow(again).text and one(Direction).version == 2
    page = nation_officer.get("/directions/1/edit/indicators")
    bad = nation_officer.submit(
        page, "/directions/1/edit/indicators", 422, **NOTE, **COUNTED | {"indicator_1_target": "x"}
    )
    assert "as numbers" in bad.text and not list(db.session.scalars(select(Indicator)))
    nation_officer.submit(bad, "/directions/1/edit/indicators", indicator_1_target="77,25")
    assert f"{one(Indicator).target.normalize():f}" == "77.25" and one(Direction).version == 3
    assert [fact.facts["version"] for fact in facts("direction:changed")] == [2, 3]


def test_one_programme_of_a_region_for_a_direction_is_in_force(app, region_officer, world):
    with unit_of_work():
        direction = add_direction(MONDAY)
        add_programme(MONDAY, direction)
        draft = add_programme(
            MONDAY, direction, published_at=None, text_kk="А", text_ru="Б", adopted_kk="А", adopted_ru="Б"
        )
        key = draft.id
    page = region_officer.get(f"/programmes/{key}/publication")
    answer = region_officer.submit(page, f"/programmes/{key}/publication", 409)
    assert "has a programme for the direction already" in answer.text
    ending = region_officer.get("/programmes/1/ending")
    missing = region_officer.submit(ending, "/programmes/1/ending", 422, reason_kk="Мерзімі бітті")
    assert "Мерзімі бітті" in missing.html
    region_officer.submit(missing, "/programmes/1/ending", reason_ru="Срок вышел")
    region_officer.submit(page, f"/programmes/{key}/publication")
    assert facts("programme:ended")[0].facts["reason_ru"] == "Срок вышел"
    region_officer.submit(ending, "/programmes/1/ending", 409, reason_kk="Тағы", reason_ru="Ещё")
    page = region_officer.get("/programmes/1")
    assert "Ended on" in page.text and not page.find("a", href="/programmes/1/ending")


def test_what_is_missing_is_said_before_publication(app, nation_officer, world):
    page = nation_officer.get("/directions/new")
    answer = nation_officer.submit(page, "/directions/new", 422, title_kk="Бағыт", title_ru="")
    assert "Write the title in Kazakh and in Russian" in answer.text and 'value="Бағыт"' in answer.html
    answer = nation_officer.submit(page, "/directions/new", title_kk="Бағыт", title_ru="Направление")
    url = answer.location.removesuffix("/edit/terms")
    page = nation_officer.get(f"{url}/publication")
    for words in ("Write the text in Kazakh and in Russian", "when it begins and when it ends"):
        assert words in page.text
    assert nation_officer.submit(page, f"{url}/publication", 422)
    terms = nation_officer.get(f"{url}/edit/terms")
    bad = nation_officer.submit(terms, f"{url}/edit/terms", 422, starts_on="2028-01-01", ends_on="2027-01-01")
    assert "cannot end before it begins" in bad.text
    bad = nation_officer.submit(terms, f"{url}/edit/terms", 422, goals="18.1")
    assert "for example 16.7" in bad.text and "18.1" in bad.html
    nation_officer.submit(page, f"{url}/removal")
    nation_officer.get(url, status=404)
    assert not list(db.session.scalars(select(Direction)))


def test_csv_goes_out_and_comes_in_as_drafts(app, visit, nation_officer, officer, world):
    with unit_of_work():
        direction = add_direction(MONDAY, text_kk="=Формула", text_ru="Текст", goals="16.7")
        add_programme(MONDAY, direction)
        add_measure(MONDAY, db.session.get(Programme, 1))
        add_direction(MONDAY, "Жоба", published_at=None)
    raw = visit().get("/strategy.csv").response.get_data()
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [(row["level"], row["parent_id"]) for row in rows] == [
        ("direction", ""),
        ("programme", "1"),
        ("measure", "1"),
    ]
    items = visit().get("/strategy.json").response.get_json()["items"]
    assert items[0]["goals"] == "16.7" and items[2]["budget_tenge"] == 10_000_000
    only = [row for row in rows if row["level"] == "direction"]
    answer = send(nation_officer, only, "000000000")
    assert answer.location == "/strategy"
    taken = db.session.scalars(select(Direction).order_by(Direction.id.desc())).first()
    assert taken.text_kk == "=Формула" and taken.published_at is None and taken.ends_on is not None
    bad = [only[0] | {"title_ru": ""}, only[0] | {"starts_on": "soon"}, only[0] | {"level": "dream"}, only[0]]
    page = send(nation_officer, bad, "000000000", 422)
    for words in ("Line 2: Write the title", "Line 3: Write the date", "Line 4: The level is"):
        assert words in page.text
    assert len(list(db.session.scalars(select(Direction)))) == 3  # all or none
    nobodys = [only[0] | {"kato": "", "id": "", "url": ""}]
    assert "This rung has none of these" in send(officer, nobodys, TURKISTAN, 422).text
    assert "This line belongs to" in send(officer, only, TURKISTAN, 422).text
    send(officer, only, "000000000", 403)
    assert "UTF-16" in send(officer, b"\xff\xfe\x00", TURKISTAN, 422).text


def test_a_line_of_another_body_or_thing_is_refused_by_name_and_one_s_own_come_back(app, visit, officer, world):
    with unit_of_work():
        direction = add_direction(MONDAY)
        programme = add_programme(MONDAY, direction)
        own = add_measure(MONDAY, programme).id
        other = add_measure(MONDAY, programme, kato="612000000").id
    everything = list(csv.DictReader(io.StringIO(visit().get("/strategy.csv").html.removeprefix("\ufeff"))))
    page = send(officer, everything, TURKISTAN, 422)
    assert page.text.count("This line belongs to") == 3 and "Kentau" in page.text
    mine = visit().get(f"/strategy.csv?place={TURKISTAN}").response.get_data()
    assert [row["id"] for row in csv.DictReader(io.StringIO(mine.decode("utf-8-sig")))] == [str(own)]
    send(officer, mine, TURKISTAN)
    row = csv.DictReader(io.StringIO(mine.decode("utf-8-sig")))
    (row,) = list(row)
    for changes, said in (
        ({"id": str(other), "url": ""}, "has nothing of this level with the number"),
        ({"id": "x"}, "has nothing of this level with the number x"),
        ({"url": f"/measures/{other}"}, "belongs to something else"),
        ({"parent_id": "999"}, "Choose a programme of the region"),
        ({"parent_id": "the first"}, "Choose a programme of the region"),
        ({"goals": "16.7", "adopted_kk": "x"}, "Nothing of this level has the columns goals, adopted_kk."),
        ({"starts_on": "2026-W01-1"}, "Write the date"),
        ({"starts_on": "0001-01-01"}, "Choose a day from 16 December 1991"),
        ({"ends_on": "9999-12-31"}, "Choose a day from 16 December 1991"),
    ):
        assert said in send(officer, [row | changes], TURKISTAN, 422).text, changes
    lines = mine.decode("utf-8-sig").splitlines()
    for broken, said in (
        ([lines[0], lines[1] + ",x"], f"Line 2: Cells in this line: {lines[0].count(',') + 2};"),
        ([lines[0], lines[1].rpartition(",")[0]], f"Line 2: Cells in this line: {lines[0].count(',')};"),
        ([lines[0] + ",level", lines[1] + ",x"], "names a column twice: level"),
        ([lines[0] + ",colour", lines[1] + ",x"], "does not know: 'colour'"),
        ([lines[0].replace(",", ";"), lines[1]], "separated by"),
        ([lines[0], lines[1].replace(",,", ',a"b,', 1)], "quotation mark inside a cell"),
    ):
        assert said in send(officer, "\n".join(broken).encode(), TURKISTAN, 422).text, said
    assert (
        "windows-1251"
        in send(officer, "level,title_kk,title_ru\nmeasure,x,Мера по городу".encode("cp1251"), TURKISTAN, 422).text
    )
    assert len(list(db.session.scalars(select(Measure)))) == 3


def send(visitor, rows, kato, status=303):
    if not isinstance(rows, bytes):
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        rows = buffer.getvalue().encode()
    page = visitor.get("/strategy/import")
    return visitor.post("/strategy/import", status, page=page, territory=kato, file=(io.BytesIO(rows), "s.csv"))


def test_a_republican_city_is_region_and_city_at_once(app, world):
    with unit_of_work():
        direction = add_direction(MONDAY - timedelta(days=1))
        person = world.officer
        give_role(person, "officer", by_kato(ALMATY), MONDAY)
        content = {"title_kk": "Алматы", "title_ru": "Алматы"}
        programme = services.begin(person, Level.PROGRAMME, by_kato(ALMATY), content, MONDAY, parent=direction)
        programme.published_at = MONDAY
        assert services.begin(person, Level.MEASURE, by_kato(ALMATY), content, MONDAY, parent=programme).id
        with pytest.raises(Conflict):  # a city of a region adapts nothing
            services.begin(person, Level.PROGRAMME, by_kato(TURKISTAN), content, MONDAY, parent=direction)
    assert World.read()
