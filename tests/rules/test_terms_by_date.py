"""Terms by their bounds: thresholds rounded up, shortest terms, lost days, colours of a clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from webapp.rulebook.presets import PRESETS
from webapp.rulebook.rules import (
    Terms,
    Tone,
    absence,
    add_working_days,
    after_absence,
    end_of_day,
    resumed,
    threshold,
    tone,
    unusable,
    working_days_between,
)

ALMATY = ZoneInfo("Asia/Almaty")  # five hours ahead of UTC
CITY = replace(
    PRESETS["saty-default"]["city"], threshold_share=1_000, threshold_floor=10, threshold_cap=100, threshold_number=55
)
MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)


def on_weekdays(day):
    return day.weekday() < 5


def at(day, hour, minute=0, second=0):
    """A moment of a day of November 2026 in Kazakhstan."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=ALMATY).astimezone(UTC)


@pytest.mark.parametrize(
    ("population", "wanted"),
    [(0, 10), (1_000, 10), (1_001, 11), (1_100, 11), (1_101, 12), (10_000, 100), (10_001, 100), (None, 55)],
)
def test_one_in_a_hundred_is_rounded_up_between_ten_and_a_hundred(population, wanted):
    assert threshold(CITY, population) == wanted


def test_without_a_cap_the_share_alone_counts():
    assert threshold(replace(CITY, threshold_cap=None), 1_000_000) == 10_000


def test_what_a_rule_set_says_that_does_not_say_it():
    """One extension of fifteen working days, plans for three years, accreditations for five, a day lost by four hours."""
    said = Terms("x", 1, None, 1, None, 50, 0, 0, 90, 5, 15, 10, 30, 10)
    assert (said.extensions, said.extension_working_days, said.outage_hours) == (1, 15, 4)
    assert date(2026, 1, 1) + timedelta(days=said.plan_days) == date(2028, 12, 31)
    assert date(2026, 1, 1) + timedelta(days=said.accreditation_days) == date(2031, 1, 1)


def test_the_numbers_that_came_later_are_those_that_held_before():
    """What stood in the code until it became columns of the rule sets (`Terms` says of each what it is)."""
    said = Terms("x", 1, None, 1, None, 50, 0, 0, 90, 5, 15, 10, 30, 10)
    assert (said.questions, said.verify_working_days, said.letter_days) == (2, 2, 365)
    assert (said.offer_working_days, said.promise_working_days) == (15, 15)
    assert (said.moves, said.move_days, said.missed_again_working_days) == (2, 180, 10)
    assert (said.judging_days, said.judging_minimum, said.replan_working_days) == (28, 3, 10)
    assert (said.merger_days, said.plan_wait_days, said.progress_percent, said.home_days) == (30, 30, 25, 90)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"threshold_number": 0}, ["threshold_number"]),
        ({"threshold_number": 1}, []),
        ({"collection_days": -1}, ["collection_days"]),
        ({"threshold_floor": 0, "spread_places": 0, "spread_supports": 0, "withdraw_below": 0, "extensions": 0}, []),
        ({"spread_places": -1}, ["spread_places"]),
        ({"minimum_support_percent": 0}, []),
        ({"minimum_support_percent": 100}, []),
        ({"minimum_support_percent": 101}, ["minimum_support_percent"]),
        ({"progress_percent": -1}, ["progress_percent"]),
        ({"threshold_share": None, "threshold_cap": None}, []),
        ({"threshold_cap": 0, "threshold_share": 0}, ["threshold_share", "threshold_cap"]),
        ({"collection_days": 101}, []),
    ],
)
def test_no_rule_works_with_a_term_of_no_day_or_a_share_above_the_whole(change, found):
    assert unusable(replace(CITY, **change)) == found


def test_a_term_of_no_days_is_none():
    for days in (0, -1):
        with pytest.raises(ValueError, match=f"{days} days"):
            add_working_days(MONDAY, days, on_weekdays)
    assert add_working_days(FRIDAY, 1, on_weekdays) == date(2026, 11, 30)


def test_working_days_are_counted_after_the_first_and_up_to_the_last():
    assert working_days_between(MONDAY, FRIDAY, on_weekdays) == 4
    assert working_days_between(FRIDAY, date(2026, 11, 30), on_weekdays) == 1
    assert working_days_between(FRIDAY, FRIDAY, on_weekdays) == 0
    assert working_days_between(FRIDAY, MONDAY, on_weekdays) == 0


def test_a_term_that_stood_still_has_a_day_left_at_least():
    assert resumed(FRIDAY, FRIDAY, FRIDAY, on_weekdays) == date(2026, 11, 30)
    assert resumed(FRIDAY, MONDAY, FRIDAY, on_weekdays) == date(2026, 12, 3)
    assert resumed(FRIDAY, MONDAY, MONDAY, on_weekdays) == FRIDAY


def test_a_day_ends_with_its_last_second_in_kazakhstan():
    assert end_of_day(MONDAY, ALMATY) == datetime(2026, 11, 23, 18, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("began", "ended", "lost"),
    [
        (at(23, 9), at(23, 13), [23]),
        (at(23, 9), at(23, 12, 59, 59), []),
        (at(23, 20), at(24, 4), [23, 24]),
        (at(23, 20, 0, 1), at(24, 4), [24]),
        (at(23, 20), at(24, 3, 59, 59), [23]),
        (at(23, 23), at(25, 1), [24]),
    ],
)
def test_a_day_is_lost_by_four_hours_of_its_own(began, ended, lost):
    away = absence(began, ended, 4, ALMATY)
    assert (away.began_at, away.ended_at) == (began, ended)
    assert away.days == tuple(date(2026, 11, day) for day in lost)


@pytest.mark.parametrize(
    ("due_at", "new"),
    [
        (at(24, 8, 59, 59), at(24, 8, 59, 59)),  # over before the site went
        (at(24, 9), at(26, 23, 59, 59)),  # in the first second of the absence, a lost day to give back
        (at(24, 23, 59, 59), at(26, 23, 59, 59)),
        (at(25, 12), at(27, 23, 59, 59)),  # in the last second: two lost days
        (at(25, 12, 0, 1), at(27, 23, 59, 59)),
        (at(27, 23, 59, 59), datetime(2026, 12, 1, 18, 59, 59, tzinfo=UTC)),
    ],
)
def test_lost_days_are_given_back_at_the_end_of_a_term(due_at, new):
    away = absence(at(24, 9), at(25, 12), 4, ALMATY)
    assert away.days == (date(2026, 11, 24), date(2026, 11, 25))
    assert after_absence(due_at, away, on_weekdays, ALMATY) == new


def test_a_short_absence_moves_only_what_would_have_ended_in_it():
    away = absence(at(24, 22), at(24, 23), 4, ALMATY)
    assert away.days == ()
    assert after_absence(at(24, 22, 30), away, on_weekdays, ALMATY) == at(25, 23, 59, 59)
    assert after_absence(at(24, 23), away, on_weekdays, ALMATY) == at(25, 23, 59, 59)
    assert after_absence(at(24, 23, 0, 1), away, on_weekdays, ALMATY) == at(24, 23, 0, 1)


@pytest.mark.parametrize(
    ("left", "whole", "is_over", "colour"),
    [
        (6, 10, False, Tone.GREEN),
        (5, 10, False, Tone.AMBER),
        (3, 10, False, Tone.AMBER),
        (2, 10, False, Tone.RED),
        (10, 10, True, Tone.RED),
        (51, 100, False, Tone.GREEN),
        (50, 100, False, Tone.AMBER),
        (21, 100, False, Tone.AMBER),
        (20, 100, False, Tone.RED),
    ],
)
def test_a_clock_is_amber_from_a_half_and_red_from_a_fifth(left, whole, is_over, colour):
    assert tone(left, whole, is_over) is colour
