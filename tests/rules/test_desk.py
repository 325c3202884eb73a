"""Clocks that stand still, decisions that can be taken back, texts with something left to fill in, turns, filters."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.desk.rules import LANGUAGES, Filters, Tab, filters_of
from webapp.kernel.text import one_line
from webapp.moderation.rules import UNDO, Undoing, filled, placeholders, undo_fault
from webapp.proposals.rules import SPHERES, Stage
from webapp.rulebook.rules import Tone, add_working_days, resumed, tone, working_days_between
from webapp.teamwork.rules import Colleague, next_in_turn

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
NOON = datetime(2026, 11, 25, 7, tzinfo=UTC)


def calendar(holidays):
    return lambda day: day.weekday() < 5 and day not in holidays


@given(days, st.integers(1, 30), st.integers(0, 60), st.integers(0, 200), st.sets(days, max_size=40))
def test_a_paused_clock_never_ends_early(start, term, before, pause, holidays):
    is_working = calendar(holidays)
    due = add_working_days(start, term, is_working)
    paused = min(start + timedelta(days=before), due)
    today = paused + timedelta(days=pause)
    end = resumed(due, paused, today, is_working)
    assert end >= due and end > today
    left = working_days_between(paused, due, is_working)
    assert working_days_between(today, end, is_working) >= max(1, left)  # what was left is left
    if pause and left:
        assert working_days_between(today, end, is_working) == max(left, working_days_between(today, due, is_working))


@given(st.integers(0, 60), st.integers(1, 60))
def test_a_clock_turns_amber_and_red_once(left, whole):
    order = [Tone.GREEN, Tone.AMBER, Tone.RED]
    assert order.index(tone(left, whole, False)) <= order.index(tone(max(0, left - 1), whole, False))
    assert tone(left, whole, True) is Tone.RED
    assert tone(whole, whole, False) is Tone.GREEN


@pytest.mark.parametrize(
    ("left", "whole", "colour"),
    [(6, 10, Tone.GREEN), (5, 10, Tone.AMBER), (3, 10, Tone.AMBER), (2, 10, Tone.RED), (0, 10, Tone.RED)],
)
def test_green_above_a_half_red_below_a_fifth(left, whole, colour):
    assert tone(left, whole, False) is colour


USUAL = {"is_mine": True, "is_undone": False, "is_latest": True, "stage": Stage.REJECTED, "votes": 0}


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        ({}, None),
        ({"is_mine": False}, Undoing.ANOTHER),
        ({"is_undone": True}, Undoing.ALREADY),
        ({"is_latest": False}, Undoing.MOVED_ON),
        ({"stage": Stage.REVIEW}, Undoing.MOVED_ON),
        ({"stage": Stage.COLLECTING, "votes": 1}, Undoing.VOTED),
        ({"stage": Stage.COLLECTING}, None),
        ({"now": NOON + UNDO}, None),
        ({"now": NOON + UNDO + timedelta(seconds=1)}, Undoing.TOO_LATE),
    ],
)
def test_what_can_be_taken_back(what, fault):
    assert undo_fault(**{"decided_at": NOON, "now": NOON} | USUAL | what) is fault


def test_placeholders_are_found_wherever_they_stand():
    assert placeholders("Құрметті {аты}, {due} дейін") == ["{аты}", "{due}"]
    assert placeholders("{}") == ["{}"]
    assert placeholders("no { braces\n} here") == []


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)


@given(st.dictionaries(st.sampled_from(["title", "due", "body"]), words), words, words)
def test_a_filled_text_holds_no_placeholder_but_those_that_nobody_knew(values, before, after):
    text = f"{before} {{title}} {after} {{due}} {{school}}"
    unknown = {mark for mark in placeholders(text) if mark[1:-1].strip() not in values}
    assert set(placeholders(filled(text, values))) <= unknown | set(placeholders(before + after))
    assert "{school}" in filled(text, values)


def colleague(user_id, languages="kk ru", department=None, away=None, last=None, has=0):
    last_at = NOON - timedelta(hours=last) if last is not None else None
    return Colleague(user_id, frozenset(languages.split()), department, away, last_at, has)


def test_who_has_waited_longest_is_next():
    team = [colleague(1, last=1), colleague(2, last=3), colleague(3, "ru", last=9)]
    assert next_in_turn(team, "kk", None, NOON.date()) == 2
    assert next_in_turn(team, "ru", None, NOON.date()) == 3
    assert next_in_turn(team, "en", None, NOON.date()) is None
    assert next_in_turn([*team, colleague(4)], "kk", None, NOON.date()) == 4  # never given anything


def test_a_department_and_an_absence_count():
    team = [
        colleague(1, department=7, last=1),
        colleague(2, last=5),
        colleague(3, department=7, away=date(2026, 12, 1)),
    ]
    assert next_in_turn(team, "kk", 7, NOON.date()) == 1
    assert next_in_turn(team, "kk", 7, date(2026, 12, 1)) == 3  # back on that day
    assert next_in_turn(team, "kk", 8, NOON.date()) is None


@given(
    st.builds(
        Filters,
        tab=st.sampled_from(Tab),
        place=st.sampled_from(["", "611000000"]),
        sphere=st.sampled_from(["", *SPHERES]),
        dept=st.sampled_from(["", "0", "17"]),
        lang=st.sampled_from(["", *LANGUAGES]),
        who=st.sampled_from(["", "me", "nobody", "12"]),
        due=st.sampled_from(["", "0", "14"]),
        q=words.map(lambda text: one_line(one_line(text)[:80])),
    )
)
def test_a_filter_is_its_address(filters):
    assert filters_of(dict(parse_qsl(filters.query()))) == filters


@given(st.dictionaries(st.sampled_from([*asdict(Filters()), "after"]), words))
def test_any_address_is_some_filter(values):
    filters = filters_of(values)
    assert filters_of(dict(parse_qsl(filters.query()))) == filters
