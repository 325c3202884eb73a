"""Thresholds and terms."""

from dataclasses import asdict, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import holidays
from hypothesis import given
from hypothesis import strategies as st

from webapp.rulebook.presets import PRESETS
from webapp.rulebook.rules import add_working_days, end_of_day, threshold, unusable, working_days_between

KZ = holidays.country_holidays("KZ", years=range(2024, 2030))
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
city = PRESETS["saty-default"]["city"]


def is_working(day):
    return KZ.is_working_day(day)


def test_the_vector_of_november_2026():
    assert add_working_days(date(2026, 11, 23), 15, is_working) == date(2026, 12, 14)


def test_2026_has_247_working_days():
    assert sum(is_working(date(2026, 1, 1) + timedelta(days=n)) for n in range(365)) == 247


@given(days, st.integers(1, 60))
def test_a_term_ends_on_a_later_working_day_and_counts_back(start, term):
    end = add_working_days(start, term, is_working)
    assert end > start
    assert is_working(end)
    assert working_days_between(start, end, is_working) == term
    assert end_of_day(end, ZoneInfo("Asia/Almaty")).date() == end  # 19:00 UTC of the same date


@given(days, st.integers(1, 30), st.integers(0, 10), st.integers(0, 30))
def test_terms_are_monotone(start, term, more, later):
    first = add_working_days(start, term, is_working)
    assert add_working_days(start, term + more, is_working) >= first
    assert add_working_days(start + timedelta(days=later), term, is_working) >= first


@given(st.integers(1, 30_000_000), st.integers(1, 30_000_000))
def test_thresholds_grow_with_the_population_between_floor_and_cap(one, other):
    low, high = sorted((one, other))
    assert city.threshold_floor <= threshold(city, low) <= threshold(city, high) <= city.threshold_cap


def test_without_a_population_the_number_counts():
    assert threshold(city, None) == city.threshold_number
    assert threshold(replace(city, threshold_share=None), 10**6) == city.threshold_number


def test_the_presets_are_numbers_that_rules_can_work_with():
    assert all(unusable(terms) == [] for rungs in PRESETS.values() for terms in rungs.values())


@given(st.sampled_from(sorted(set(asdict(city)) - {"preset"})), st.integers(-(10**6), 10**6))
def test_numbers_below_nothing_and_shares_above_the_whole_are_unusable(name, number):
    found = unusable(replace(city, **{name: number}))
    assert found in ([], [name])
    assert bool(found) or number >= 0
    assert not found or number <= 0 or (name.endswith("_percent") and number > 100)
