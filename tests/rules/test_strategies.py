"""Which rung holds which level, what must be said, SDG targets, and how sums add up."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.cascade.rules import Candidate, likeness, rank
from webapp.kernel.text import decimal_number
from webapp.resources.rules import EntryFault, Kind, Source, Sums, entry_fault, excess, moved, total
from webapp.strategies.rules import (
    Fault,
    IndicatorFault,
    Level,
    Measured,
    Place,
    indicator_fault,
    may_hold,
    publication_faults,
    sdg_targets,
    words_fault,
)

KEYS = [(kind.value, source.value) for kind in Kind for source in Source]
AMOUNTS = st.integers(1, 10**12)
SUMS = st.dictionaries(st.sampled_from(KEYS), AMOUNTS).map(Sums)
WHOLE = {
    **{f"{name}_{code}": "сөз" for name in ("title", "text", "adopted") for code in ("kk", "ru")},
    "starts_on": date(2026, 12, 1),
    "ends_on": date(2029, 12, 31),
}
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("place", "levels"),
    [
        (Place("nation"), {Level.DIRECTION}),
        (Place("region"), {Level.PROGRAMME}),
        (Place("city"), {Level.MEASURE}),
        (Place("city", reports_to_nation=True), {Level.PROGRAMME, Level.MEASURE}),
        (Place(""), set()),
    ],
)
def test_each_rung_holds_its_own_level(place, levels):
    assert {level for level in Level if may_hold(level, place)} == levels


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("16.7, 11.2", ["16.7", "11.2"]),
        ("16.7 16.7;4", ["16.7", "4"]),
        ("17.B 1.a", ["17.b", "1.a"]),
        ("", []),
        ("18", None),
        ("0.1", None),
        ("16.20", None),
        ("16.7.1", None),
        ("мир", None),
    ],
)
def test_targets_of_the_sdgs(raw, expected):
    assert sdg_targets(raw) == expected


def test_what_keeps_from_publishing():
    assert publication_faults(Level.PROGRAMME, WHOLE, TODAY) == []
    for level, gone, fault in (
        (Level.DIRECTION, {"title_ru": " "}, Fault.UNTITLED),
        (Level.DIRECTION, {"text_kk": ""}, Fault.NO_TEXT),
        (Level.MEASURE, {"ends_on": None}, Fault.NO_TERM),
        (Level.MEASURE, {"starts_on": date(2026, 1, 1), "ends_on": TODAY}, Fault.OVER),
        (Level.PROGRAMME, {"adopted_ru": ""}, Fault.NO_CHOICE),
        (Level.DIRECTION, {"starts_on": date(2031, 1, 1)}, Fault.BACKWARDS),
        (Level.DIRECTION, {"goals": "99"}, Fault.GOALS),
    ):
        assert publication_faults(level, WHOLE | gone, TODAY) == [fault]
    assert publication_faults(Level.DIRECTION, WHOLE | {"adopted_kk": ""}, TODAY) == []  # only a region chooses
    assert words_fault({"title_kk": "а", "title_ru": "б"}) is None


def measured(**more):
    usual = {"name_kk": "а", "name_ru": "б", "unit_kk": "%", "unit_ru": "%"}
    numbers = {"baseline": Decimal(1), "baseline_year": 2025, "target": Decimal(2), "target_year": 2029}
    return Measured(**usual | numbers | more)


def test_an_indicator_can_be_counted():
    assert indicator_fault(measured()) is None
    for more, fault in (
        ({"unit_ru": " "}, IndicatorFault.UNNAMED),
        ({"target": None}, IndicatorFault.NO_NUMBER),
        ({"target_year": 2024}, IndicatorFault.YEARS),
        ({"baseline_year": None}, IndicatorFault.YEARS),
        ({"baseline_year": 25}, IndicatorFault.YEARS),
        ({"target": Decimal(1)}, IndicatorFault.NOTHING_CHANGES),
    ):
        assert indicator_fault(measured(**more)) is fault


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("41,5", "41.5"),
        (" 1 000.25 ", "1000.25"),
        ("−3", "-3"),
        ("1e5", None),
        ("NaN", None),
        ("٣", None),
        ("1,2345", None),
    ],
)
def test_decimal_numbers_from_outside(raw, number):
    assert decimal_number(raw) == (Decimal(number) if number else None)


@given(st.lists(SUMS, max_size=6))
def test_sums_roll_up(parts):
    whole = total(parts)
    for kind in Kind:
        assert whole.of(kind) == sum(part.of(kind) for part in parts) >= 0
        for source in Source:
            assert whole.of(kind, source) == sum(part.of(kind, source) for part in parts)
    assert total([total(parts[:2]), total(parts[2:])]).by == whole.by  # in whatever steps they are added


@given(
    st.lists(
        st.tuples(st.sampled_from(Kind), st.sampled_from(Source), st.integers(-100, 100), st.booleans()), max_size=30
    ),
    st.one_of(st.none(), st.integers(0, 200)),
)
def test_no_sum_falls_below_zero_and_none_exceeds_without_a_reason(wanted, ceiling):
    sums, unexplained = Sums(), True
    for kind, source, amount, has_reason in wanted:
        if entry_fault(sums, kind, source, amount, has_reason, ceiling) is None:
            sums = total([sums, Sums({(kind.value, source.value): amount})])
            unexplained = unexplained and not has_reason
        assert all(amount >= 0 for amount in sums.by.values())
        if unexplained:
            assert excess(sums, ceiling) == 0
            assert sums.spent <= sums.committed <= sums.planned
            assert ceiling is None or sums.planned <= ceiling


def test_why_a_sum_is_not_entered():
    planned = Sums({("planned", "city_budget"): 100})
    ask = lambda kind, amount, reason=False: entry_fault(planned, kind, Source.CITY, amount, reason, 120)  # noqa: E731
    assert ask(Kind.PLANNED, 0) is EntryFault.NOTHING
    assert ask(Kind.PLANNED, 10**16) is EntryFault.TOO_LARGE
    assert ask(Kind.PLANNED, -101, True) is EntryFault.BELOW_ZERO
    assert ask(Kind.PLANNED, -1) is EntryFault.REASON_FOR_CORRECTION
    assert ask(Kind.PLANNED, 21) is EntryFault.REASON_FOR_EXCESS
    assert ask(Kind.COMMITTED, 101) is EntryFault.REASON_FOR_EXCESS
    assert ask(Kind.SPENT, 1) is EntryFault.REASON_FOR_EXCESS
    assert ask(Kind.PLANNED, 20) is None and ask(Kind.COMMITTED, 100) is None and ask(Kind.SPENT, 1, True) is None


@given(AMOUNTS, AMOUNTS)
def test_money_passed_on_is_not_counted_twice(reserve, promised):
    """What leaves a programme and what arrives at a measure: together at least what there was, at most what is promised more."""
    left = reserve - moved(reserve, promised)
    assert left >= 0 and left + promised == max(reserve, promised)


WORDS = st.frozensets(st.sampled_from("abcdefgh"), max_size=8)


@given(WORDS, WORDS, st.sampled_from(["", "safety", "social"]), st.sampled_from(["", "safety"]))
def test_likeness_is_bounded_and_grows_with_what_is_shared(mine, theirs, sphere, other):
    candidate = Candidate(0, Level.MEASURE, theirs, other)
    rate = likeness(mine, sphere, candidate)
    assert 0 <= rate <= 1.2 + 1e-9
    assert rate <= likeness(theirs, other, candidate) + 1e-9 or not theirs


def test_the_lower_one_is_the_better_answer():
    same = frozenset("abc")
    levels = [Level.DIRECTION, Level.MEASURE, Level.PROGRAMME]
    rows = [Candidate(number, level, same, "") for number, level in enumerate(levels)]
    assert rank(same, "", rows) == [1, 2, 0]
    assert rank(frozenset("xyz"), "", rows) == []


@pytest.mark.parametrize(
    ("years", "fault"),
    [
        ((1991, 1991), None),
        ((1990, 2000), IndicatorFault.YEARS),
        ((2025, 2024), IndicatorFault.YEARS),
        ((2100, 2100), None),
        ((2100, 2101), IndicatorFault.YEARS),
        ((None, 2030), IndicatorFault.YEARS),
        ((2025, None), IndicatorFault.YEARS),
    ],
)
def test_an_indicator_counts_from_independence_to_the_end_of_the_century(years, fault):
    said = Measured("Жол", "Дорога", "км", "км", 1, years[0], 2, years[1])
    assert indicator_fault(said) is fault
