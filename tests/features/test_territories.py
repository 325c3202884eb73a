"""The official classifier becomes the tree: all of a file or nothing, twice as once, and a page for every place."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select, update

from tests.conftest import make_app
from tests.features.console import refused, run
from webapp.kernel.database import db, unit_of_work
from webapp.territories import rules
from webapp.territories.models import Body, Territory
from webapp.territories.services import by_kato, ladder, load_country

#: What the other database could do otherwise: conflicts, locks, dates, order.
both_databases = (
    "good_file",
    "second_time",
    "places_added_later",
    "empty_database",
    "whole_classifier",
    "every_level",
)
TABLE = Path(rules.__file__).with_name("kazakhstan.csv")
COLUMNS = ("kato", "kato_version", "level", "type_code", "name_ru", "name_kk")
# Written for these tests after the pattern of the classifier; the names are invented where they are small.
OKRUG = ("613630000", "sub_district", "2", "Бесагашский с.о.", "Бесағаш а.о.")
VILLAGE = ("613630100", "settlement", "2", "с.Бесагаш", "Бесағаш а.")


@pytest.fixture
def sheet(tmp_path):
    """Writes rows of (kato, level, type_code, name_ru, name_kk) as a file of the classifier."""

    def write(*rows, encoding="utf-8"):
        path = tmp_path / "classifier.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows((row[0], "test", *row[1:]) for row in rows)
        return path

    return write


def everything():
    query = select(
        Territory.kato, Territory.kind, Territory.rung, Territory.path, Territory.name_kk, Territory.name_ru
    ).order_by(Territory.kato)
    return [tuple(row) for row in db.session.execute(query)]


def size():
    return db.session.scalar(select(func.count()).select_from(Territory))


def test_a_good_file_adds_places_under_their_parents(app, sheet):
    before = size()
    answer = run(app, "import-territories", sheet(VILLAGE, OKRUG))
    assert (answer.code, answer.out) == (0, "2 added, 0 renamed, 0 unchanged.\n")
    assert size() == before + 2
    village, okrug = by_kato(VILLAGE[0]), by_kato(OKRUG[0])
    assert village.parent_id == okrug.id
    assert okrug.parent.kato == "613600000"
    assert (village.kind, okrug.kind) == ("settlement", "rural")
    assert (village.rung, okrug.rung) == ("", "")
    assert village.path == f"{okrug.path}{village.id}/"
    assert (village.name_kk, village.name_ru, village.name_en) == ("Бесағаш ауылы", "село Бесагаш", "Besagash auyly")
    assert [step.kato for step in ladder(village)] == ["613600000", "610000000", "000000000"]


def test_the_second_time_nothing_changes(app, sheet):
    path = sheet(OKRUG, VILLAGE, ("611000000", "district", "1", "Туркестан Г.А.", "Түркістан Қ.Ә."))
    run(app, "import-territories", path)
    once = everything()
    answer = run(app, "import-territories", path)
    assert answer.out == "0 added, 0 renamed, 3 unchanged.\n"
    assert everything() == once


def test_places_added_later_do_not_collide_with_those_of_an_import(app, sheet):
    run(app, "import-territories", sheet(OKRUG))
    run(app, "import-territories", sheet(OKRUG, VILLAGE))
    ids = list(db.session.scalars(select(Territory.id)))
    assert len(ids) == len(set(ids))
    assert by_kato(VILLAGE[0]).parent.kato == OKRUG[0]


def test_the_tree_is_the_same_in_whatever_order_files_come(app, sheet):
    run(app, "import-territories", sheet(VILLAGE))
    assert by_kato(VILLAGE[0]).parent.kato != OKRUG[0]
    assert "1 hang elsewhere now" in run(app, "import-territories", sheet(OKRUG)).out
    late = {
        place.kato: (place.parent.kato, len(place.path.split("/"))) for place in map(by_kato, (OKRUG[0], VILLAGE[0]))
    }
    assert late[VILLAGE[0]][0] == OKRUG[0]
    village, okrug = by_kato(VILLAGE[0]), by_kato(OKRUG[0])
    assert village.path == f"{okrug.path}{village.id}/" and okrug.path == f"{okrug.parent.path}{okrug.id}/"
    assert run(app, "import-territories", sheet(OKRUG, VILLAGE)).out == "0 added, 0 renamed, 2 unchanged.\n"


def test_a_village_takes_a_new_name_and_a_city_keeps_ours(app, sheet):
    run(app, "import-territories", sheet(OKRUG, VILLAGE))
    renamed = (*VILLAGE[:3], "с.Абай", "Абай а.")
    city = ("611000000", "district", "1", "Другой Г.А.", "Басқа Қ.Ә.")
    answer = run(app, "import-territories", sheet(OKRUG, renamed, city))
    assert answer.out == "0 added, 1 renamed, 2 unchanged.\n"
    assert by_kato(VILLAGE[0]).name_ru == "село Абай"
    assert by_kato("611000000").name_ru == "город Туркестан"


@pytest.mark.parametrize(
    "row, reason",
    [
        (("61363010", "settlement", "2", "с.А", "А а."), "not a KATO code of nine digits"),
        (("00363010١", "settlement", "2", "с.А", "А а."), "not a KATO code of nine digits"),
        (("000000000", "oblast", "0", "с.А", "А а."), "not a KATO code of nine digits"),
        (("613630200", "village", "2", "с.А", "А а."), "unknown level 'village'"),
        (("613630200", "settlement", "2", "", "А а."), "empty: name_ru"),
        (("613630200", "settlement", "2", "   ", "\t"), "empty: name_ru, name_kk"),
        (("613630200", "settlement", "2", "с.А"), "Cells in this line: 5; in the first line: 6"),
        (("613630200", "settlement", "2", "с.А", "А а.", "x"), "Cells in this line: 7; in the first line: 6"),
        (("613630200", "settlement", "2", "с." + "А" * 150, "А а."), "longer than 150 characters"),
        (("613630200", "settlement", "2", "А" * 143 + " с.о.", "А а."), "longer than 150 characters"),
        (("613630200", "settlement", "2", "с.А", "Щ" * 60), "longer than 150 characters"),
        (("613630200", "settlement", "2", "с.А\x01", "А а."), "a character that no name has"),
        (("993630200", "settlement", "2", "с.А", "А а."), "no region has a code that begins with 99"),
        (OKRUG, "613630000 stands in row 2 already"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_changed(app, sheet, row, reason):
    before = everything()
    answer = run(app, "import-territories", sheet(OKRUG, VILLAGE, row))
    assert answer.code == 1
    assert len(answer.refusals) == 2
    assert answer.refusals[0].startswith("row 4: ")
    assert reason in answer.refusals[0]
    assert answer.refusals[1] == "Error: 1 bad rows, nothing was changed."
    assert everything() == before


def test_every_bad_row_is_named_by_its_line(app, sheet):
    path = sheet(("1",), OKRUG, ("2", "x", "y", "z", "w"))
    path.write_text(
        path.read_text(encoding="utf-8").replace("613630000", "\n\n613630000"), encoding="utf-8", newline=""
    )
    refusals = run(app, "import-territories", path).refusals
    assert [line.split(":")[0] for line in refusals] == ["row 2", "row 6", "Error"]
    assert refusals[-1] == "Error: 2 bad rows, nothing was changed."


def test_a_flood_of_bad_rows_is_cut_short(app, sheet):
    answer = run(app, "import-territories", sheet(*[("1",)] * 200))
    assert len(answer.refusals) == 51
    assert "200 bad rows" in answer.refusals[-1]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01 not a table", b'kato,level\n"' + b"x" * 140_000, b"\x89PNG"])
def test_what_is_no_table_is_refused(app, tmp_path, content):
    path = tmp_path / "photo.csv"
    path.write_bytes(content)
    assert "is not a table that can be read" in refused(app, "import-territories", path)


@pytest.mark.parametrize(
    "content, reason",
    [
        ("", "The file is empty"),
        ("code;name\n1;2\n", "separated by “;”"),
        ("code,name\n1,2\n", "does not name the columns: kato, level, type_code, name_ru, name_kk"),
        ("kato,level,type_code,name_ru\n1,2,3,4\n", "does not name the columns: name_kk"),
        ("kato,level,type_code,name_ru,name_kk\n\n", "has no lines below the first one"),
    ],
)
def test_a_file_without_the_rows_that_were_meant_is_refused(app, tmp_path, content, reason):
    path = tmp_path / "empty.csv"
    path.write_text(content, encoding="utf-8")
    assert reason in refused(app, "import-territories", path)


def test_a_file_that_is_not_there_is_refused(app, tmp_path):
    assert "does not exist" in refused(app, "import-territories", tmp_path / "nowhere.csv")


def test_a_file_saved_by_a_spreadsheet_is_read(app, sheet):
    answer = run(app, "import-territories", sheet(OKRUG, encoding="utf-8-sig"))
    assert (answer.code, answer.out) == (0, "1 added, 0 renamed, 0 unchanged.\n")


@pytest.mark.parametrize("kato", ["710000000", "750000000", "790000000"])
def test_a_republican_city_has_two_rungs(app, kato):
    assert [step.kato for step in ladder(by_kato(kato))] == [kato, "000000000"]
    for place in db.session.scalars(select(Territory).where(Territory.parent_id == by_kato(kato).id)):
        assert place.kind == "city_district"
        assert [step.kato for step in ladder(place)] == [kato, "000000000"]


def test_alatau_reports_straight_to_the_government(app):
    assert [step.kato for step in ladder(by_kato("191800000"))] == ["191800000", "000000000"]


def test_the_rest_of_the_country_has_three_rungs(app):
    others = select(Territory).where(Territory.kind.in_(["city", "district"]), Territory.kato != "191800000")
    for place in db.session.scalars(others.limit(60)):
        assert [step.rung for step in ladder(place)] == ["city", "region", "nation"], place.kato


def test_an_empty_database_gets_the_country_with_the_first_import(tmp_path, sheet):
    app = make_app(f"sqlite:///{tmp_path / 'empty.sqlite3'}", tmp_path)
    with app.app_context():
        upgrade()
        path = sheet(("751999000", "sub_district", "1", "Новый район", "Жаңа ауданы"))
        assert run(app, "import-territories", path).code == 0
        district = by_kato("751999000")
        assert (district.parent.kato, district.kind) == ("750000000", "city_district")
        assert [step.kato for step in ladder(district)] == ["750000000", "000000000"]
        db.session.remove()
        db.engine.dispose()


def packaged():
    with TABLE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_packaged_table_is_the_country_of_today():
    kinds = Counter(row["kind"] for row in packaged())
    assert (kinds["nation"], kinds["region"], kinds["republican_city"]) == (1, 17, 3)
    assert (kinds["city"], kinds["district"]) == (39, 170)
    assert {row["kato"] for row in packaged() if row["kind"] == "republican_city"} == {
        "710000000",
        "750000000",
        "790000000",
    }


def test_the_packaged_codes_are_unique_and_their_parents_come_first():
    seen = set()
    for row in packaged():
        assert row["kato"] not in seen
        assert row["parent"] in seen or row["kind"] == "nation", row["kato"]
        assert row["kind"] == "nation" or rules.is_code(row["kato"])
        seen.add(row["kato"])


def test_every_packaged_name_is_there_in_three_languages():
    cyrillic = set("абвгдежзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі")
    for row in packaged():
        for column in ("name_kk", "name_ru", "name_en"):
            assert row[column].strip() == row[column] != "", (row["kato"], column)
        assert not cyrillic & set(row["name_en"].lower()), row["name_en"]


def test_every_name_has_its_russian_genitive_as_the_bodies_are_called(app):
    rows = db.session.execute(select(Territory.name_ru, Territory.name_ru_gen, Body.name_ru).outerjoin(Body)).all()
    assert len(rows) == 249 and all(form for _name, form, _body in rows)
    akimats = [(form, body) for _name, form, body in rows if body and body.startswith("Акимат ")]
    assert len(akimats) == 229 and all(body == f"Акимат {form}" for form, body in akimats)


def test_genitives_come_with_an_upgrade_and_with_an_import(app, sheet):
    with unit_of_work():  # as after the migration of a database that is older than they are
        db.session.execute(update(Territory).values(name_ru_gen=""))
        db.session.execute(update(Territory).where(Territory.kato == "101000000").values(name_ru="город Семипалатинск"))
        load_country()
    assert by_kato("611000000").name_ru_gen == "города Туркестана"
    assert by_kato("101000000").name_ru_gen == "города Семипалатинск"  # a name of the operator's own
    run(app, "import-territories", sheet(OKRUG, VILLAGE))
    assert by_kato("613630000").name_ru_gen == "Бесагашского сельского округа"
    assert by_kato("613630100").name_ru_gen == "села Бесагаш"


def test_every_rung_has_a_body(app):
    from webapp.territories.models import Body

    answering = set(db.session.scalars(select(Body.territory_id)))
    assert [
        t.kato for t in db.session.scalars(select(Territory).where(Territory.rung != "")) if t.id not in answering
    ] == []


def one_of_each_kind():
    kinds = dict(db.session.execute(select(Territory.kind, func.min(Territory.kato)).group_by(Territory.kind)).all())
    return sorted(kinds.values())


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_a_place_of_every_level_has_its_page(app, sheet, visit, lang):
    run(app, "import-territories", sheet(OKRUG, VILLAGE))
    katos = one_of_each_kind()
    assert len(katos) == len(rules.Kind)
    browser = visit(lang=lang)
    for kato in [*katos, "191800000"]:
        name = getattr(by_kato(kato), f"name_{lang}")
        assert name in browser.get(f"/territories/{kato}").text
    browser.get("/territories")


@pytest.mark.parametrize(
    ("lang", "counted", "rounded"),
    [
        ("kk", "Ұлттық статистика бюросы", "vlast.kz, дөңгелектелген"),
        ("ru", "Бюро национальной статистики", "vlast.kz, округлено"),
        ("en", "Bureau of National Statistics", "vlast.kz, rounded"),
    ],
)
def test_the_source_of_a_population_is_named_in_the_language_of_the_page(app, visit, lang, counted, rounded):
    rows = {
        t.population_source: t for t in db.session.scalars(select(Territory).where(Territory.population_source != ""))
    }
    assert set(rows) == set(rules.PopulationSource)
    browser = visit(lang=lang)
    for source, name in zip(rules.PopulationSource, (counted, "parasat.club", rounded), strict=True):
        assert f", {name})" in browser.get(f"/territories/{rows[source].kato}").text
    with unit_of_work():
        by_kato("611000000").population_source = "their own list"
    assert ", their own list)" in browser.get("/territories/611000000").text, "what an import brought stays as it is"


@pytest.fixture
def official():
    """The whole classifier; the makers of the software may not pass it on."""
    path = os.environ.get("SATY_KATO_CSV")
    if not path:
        pytest.skip("SATY_KATO_CSV does not name the official classifier")
    return Path(path)


@pytest.mark.slow
def test_the_whole_classifier_is_taken_in_once(app, visit, official):
    with official.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    before = size()
    answer = run(app, "import-territories", official)
    assert (answer.code, answer.err) == (0, "")
    assert size() - 1 == len(rows)  # the nation has no row of its own
    assert answer.out.startswith(f"{len(rows) - before + 1} added, ")
    assert run(app, "import-territories", official).out == f"0 added, 0 renamed, {len(rows)} unchanged.\n"
    kinds = Counter(db.session.scalars(select(Territory.kind)))
    assert (kinds["region"], kinds["republican_city"], kinds["city"] + kinds["district"]) == (17, 3, 209)
    levels = Counter(row["level"] for row in rows)
    assert kinds["settlement"] == levels["settlement"]
    assert kinds["rural"] + kinds["city_district"] == levels["sub_district"]
    orphans = select(Territory.kato).where(Territory.parent_id == by_kato("000000000").id)
    assert set(db.session.scalars(orphans)) == {r["kato"] for r in rows if r["level"] == "oblast"} | {"191800000"}
    assert not [n for n in db.session.scalars(select(Territory.name_ru)) if n.startswith(("с.", "г.")) or "Г.А." in n]
    for lang in ("kk", "ru", "en"):
        for kato in one_of_each_kind():
            visit(lang=lang).get(f"/territories/{kato}")
