"""The classifier becomes a tree: which rung each kind stands on, whose child a code is, what a row is."""

import pytest

from webapp.territories.rules import (
    NATION,
    STRAIGHT_TO_NATION,
    CodeError,
    Kind,
    display_name,
    is_astray,
    is_code,
    kind_of,
    parent_code,
    rung_of,
    transliterate,
)


@pytest.mark.parametrize(
    ("kind", "rung"),
    [
        ("nation", "nation"),
        ("region", "region"),
        ("republican_city", "city"),
        ("city", "city"),
        ("district", "city"),
        ("city_district", ""),
        ("rural", ""),
        ("settlement", ""),
    ],
)
def test_each_kind_stands_on_its_rung(kind, rung):
    assert rung_of(kind) == rung


def test_every_kind_has_an_answer_and_no_other_word():
    assert all(rung_of(kind) in {"", "city", "region", "nation"} for kind in Kind)
    with pytest.raises(ValueError, match="continent"):
        rung_of("continent")


@pytest.mark.parametrize(
    ("level", "type_code", "name", "above", "kind"),
    [
        ("oblast", "1", "Астана қ.", Kind.NATION, Kind.REPUBLICAN_CITY),
        ("oblast", "0", "Түркістан облысы", Kind.NATION, Kind.REGION),
        ("district", "0", "Түркістан Қ.Ә.", Kind.REGION, Kind.CITY),
        ("district", "0", "Туркестан Г.А.", Kind.REGION, Kind.CITY),
        ("district", "0", "Алатау қаласы", Kind.REGION, Kind.CITY),
        ("district", "1", "Сауран ауданы", Kind.REGION, Kind.DISTRICT),
        ("sub_district", "0", "Алматы ауданы", Kind.REPUBLICAN_CITY, Kind.CITY_DISTRICT),
        ("sub_district", "0", "Қарнақ а.о.", Kind.DISTRICT, Kind.RURAL),
        ("sub_district", "0", "Кентау қ.", Kind.CITY, Kind.RURAL),
        ("settlement", "0", "Қарнақ а.", Kind.RURAL, Kind.SETTLEMENT),
        ("settlement", "1", "Кентау қаласы", Kind.REPUBLICAN_CITY, Kind.SETTLEMENT),
    ],
)
def test_what_a_row_of_the_classifier_is(level, type_code, name, above, kind):
    read = [f" {word}".strip() for word in (level, type_code)]  # as from a file: no word of the code itself
    assert kind_of(*read, name, above) is kind


@pytest.mark.parametrize("level", ["", "nation", "village", "settlements", "zzz"])
def test_a_level_that_the_classifier_does_not_know_is_refused(level):
    with pytest.raises(CodeError, match=f"^{level}$"):
        kind_of(level, "0", "Қарнақ а.", Kind.RURAL)


@pytest.mark.parametrize(
    ("kato", "is_one"),
    [
        ("611010000", True),
        ("010000000", True),
        ("100000000", True),
        ("000000000", False),
        ("001000000", False),
        ("61101000", False),
        ("6110100000", False),
        ("61101000x", False),
        ("٦١١٠١٠٠٠٠", False),
        ("611010000\n", False),
        ("", False),
    ],
)
def test_a_code_has_nine_digits_and_does_not_begin_with_two_noughts(kato, is_one):
    assert is_code(kato) is is_one


#: Region, district, its rural district, a part of that, a village: prefixes of 2, 4, 6, 7 and 9 digits.
CODES = {"610000000", "611600000", "611637000", "611637100"}


@pytest.mark.parametrize(
    ("kato", "codes", "parent"),
    [
        ("611637105", CODES, "611637100"),
        ("611637105", CODES - {"611637100"}, "611637000"),
        ("611637105", CODES - {"611637100", "611637000"}, "611600000"),
        ("611637105", {"610000000"}, "610000000"),
        ("611637105", {"600000000", "611000000", "611630000", "611637105"}, NATION),
        ("611637100", CODES, "611637000"),
        ("611637000", CODES, "611600000"),
        ("611600000", CODES, "610000000"),
        ("610000000", CODES, NATION),
        ("191800000", {"190000000", "191800000"}, NATION),  # Alatau reports straight to the Government
        ("191600000", {"190000000", "191800000"}, "190000000"),
    ],
)
def test_the_parent_is_the_nearest_code_with_the_same_beginning(kato, codes, parent):
    assert parent_code(kato, codes) == parent


def test_a_place_without_a_region_is_astray_unless_it_reports_straight_to_the_nation():
    assert is_astray("621637105", CODES)
    assert not is_astray("611637105", CODES)
    assert not is_astray("191800000", CODES)
    assert set(STRAIGHT_TO_NATION) == {"191800000"} and NATION == "0" * 9


@pytest.mark.parametrize(
    ("name", "language", "said"),
    [
        ("Туркестан Г.А.", "ru", "город Туркестан"),
        ("Түркістан Қ.Ә.", "kk", "Түркістан қаласы"),
        ("Карнакский  с.о.", "ru", "Карнакский сельский округ"),
        ("Қарнақ а.о.", "kk", "Қарнақ ауылдық округі"),
        ("с.Карнак", "ru", "село Карнак"),
    ],
)
def test_a_name_is_said_without_its_abbreviations(name, language, said):
    assert display_name(name, language) == said


def test_a_name_in_latin_letters_keeps_its_capitals_and_what_is_no_letter():
    assert transliterate("Щучинск, Жаңа-Өзен 2 ЖШ") == "Shchuchinsk, Zhana-Ozen 2 ZhSh"
    assert transliterate("Объект Уйын") == "Obekt Uiyn"
    assert transliterate("Tashkent") == "Tashkent"
