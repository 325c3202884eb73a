"""Days, spans, shares and sums as people of each language write them."""

from datetime import UTC, date, datetime

import pytest

from webapp.kernel.i18n import (
    format_date,
    format_datetime,
    format_percent,
    format_short_tenge,
    format_span,
    format_tenge,
    localized,
    speaking,
)
from webapp.kernel.russian import genitive

DAY = date(2026, 12, 5)


def in_three(write):
    said = []
    for code in ("kk", "ru", "en"):
        with speaking(code):
            said.append(write().replace("\u00a0", " ").replace("\u202f", " "))
    return said


def test_days():
    assert in_three(lambda: format_date(DAY)) == ["2026 ж. 5 желтоқсан", "5 декабря 2026 года", "5 December 2026"]
    assert in_three(lambda: format_date(DAY, "medium")) == ["2026 ж. 5 желтоқсан", "5 декабря 2026", "5 Dec 2026"]
    assert (
        in_three(lambda: format_datetime(datetime(2026, 12, 5, 20, 30, tzinfo=UTC)))[1] == "6 декабря 2026 года, 01:30"
    )


def test_no_month_is_shortened_to_another_word():
    for month in range(1, 13):
        kk, ru, _en = in_three(lambda month=month: format_date(date(2026, month, 6), "medium"))
        assert "." not in kk.replace("ж.", "") and "." not in ru


def test_a_span_names_its_year_once_where_both_days_share_it():
    same = in_three(lambda: format_span(date(2027, 3, 1), date(2027, 4, 5)))
    assert same == ["2027 ж. 1 наурыз — 5 сәуір", "1 марта — 5 апреля 2027 года", "1 March — 5 April 2027"]
    one = in_three(lambda: format_span(DAY, DAY))
    assert one == in_three(lambda: format_date(DAY))
    other = in_three(lambda: format_span("2026-12-31", "2027-01-01"))
    assert other[1] == "31 декабря 2026 года — 1 января 2027 года"


def test_shares_and_sums():
    assert in_three(lambda: format_percent(71)) == ["71%", "71 %", "71%"]
    assert in_three(lambda: format_short_tenge(6_900_000_000)) == ["6,9 млрд ₸", "6,9 млрд ₸", "6.9 billion ₸"]
    assert in_three(lambda: format_short_tenge(12_340_000)) == ["12,3 млн ₸", "12,3 млн ₸", "12.3 million ₸"]
    assert in_three(lambda: format_short_tenge(999_999)) == in_three(lambda: format_tenge(999_999))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("село Акжар", "села Акжар"),
        ("Шорнакский сельский округ", "Шорнакского сельского округа"),
        ("Туркестанская область", "Туркестанской области"),
        ("область Абай", "области Абай"),
        ("Ескельдинский район", "Ескельдинского района"),
        ("посёлок Шиели", "посёлка Шиели"),
        ("Some place", "Some place"),
        ("", ""),
    ],
)
def test_the_genitive_of_a_place_that_came_without_one(name, form):
    assert genitive(name) == form


def test_a_place_brings_its_genitive_along():
    class Place:
        name_kk, name_ru, name_ru_gen, name_en = "Семей қаласы", "город Семей", "города Семея", "Semey city"

    with speaking("ru"):
        assert (localized(Place), localized(Place).genitive) == ("город Семей", "города Семея")
    with speaking("kk"):
        assert localized(Place) == "Семей қаласы"
