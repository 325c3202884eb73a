"""Who may give which role where, when a grant holds, and which codes of the second step are open."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.access.rules import OF_A_BODY, Held, Role, end_of, gives_anywhere, in_force, may_give
from webapp.kernel.clock import LOCAL_ZONE
from webapp.people.rules import (
    SECOND_STEP_PAUSE,
    SECOND_STEP_TRIES,
    STEP_SECONDS,
    next_try,
    open_steps,
    plain_code,
)

NATION, REGION, CITY, OTHER = "/1/", "/1/12/", "/1/12/130/", "/1/13/140/"
NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("held", "role", "path", "answer"),
    [
        ([Held("operator", NATION)], "operator", NATION, True),
        ([Held("operator", NATION)], "analyst", CITY, True),
        ([Held("officer", REGION)], "moderator", CITY, True),
        ([Held("moderator", REGION)], "officer", CITY, True),
        ([Held("officer", NATION)], "officer", REGION, True),
        ([Held("officer", REGION)], "officer", REGION, False),
        ([Held("officer", REGION)], "analyst", CITY, False),
        ([Held("officer", REGION)], "operator", CITY, False),
        ([Held("officer", REGION)], "officer", OTHER, False),
        ([Held("officer", REGION)], "officer", NATION, False),
        ([Held("officer", CITY)], "moderator", CITY, False),
        ([Held("analyst", NATION)], "moderator", CITY, False),
        ([Held("officer", "/1/1/")], "officer", "/1/12/", False),
        ([], "moderator", CITY, False),
    ],
)
def test_a_role_is_given_from_above(held, role, path, answer):
    assert may_give(role, path, held) is answer


roles = st.sampled_from([role.value for role in Role])
paths = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(lambda ids: "/" + "".join(f"{i}/" for i in ids))


@given(st.lists(st.builds(Held, roles, paths), max_size=4), roles, paths)
def test_nobody_gives_more_than_they_stand_above(held, role, path):
    if may_give(role, path, held):
        assert gives_anywhere(held)
        assert any(path.startswith(own.path) for own in held)
        if not any(own.role == "operator" for own in held):
            assert role in OF_A_BODY
            assert any(path.startswith(own.path) and len(own.path) < len(path) for own in held)


@given(paths, roles, paths)
def test_who_was_appointed_by_staff_cannot_appoint_who_appointed_them(path, role, below):
    officer = [Held("officer", path)]
    if may_give(role, below, officer):
        assert not may_give("officer", path, [Held(role, below)])


def test_a_grant_holds_up_to_its_last_day():
    until = end_of(date(2026, 11, 30), LOCAL_ZONE)
    assert until == datetime(2026, 11, 30, 19, 0, tzinfo=UTC)
    assert in_force(NOW, until, until - timedelta(seconds=1))
    assert not in_force(NOW, until, until)
    assert not in_force(NOW, until, NOW - timedelta(seconds=1))
    assert in_force(NOW, None, NOW + timedelta(days=9999))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.integers(-3, 3))
def test_a_code_is_open_for_a_step_on_either_side_and_never_twice(moment, off):
    present = int(moment.timestamp()) // STEP_SECONDS
    assert open_steps(moment, None) == (present - 1, present, present + 1)
    assert all(step > present + off for step in open_steps(moment, present + off))
    assert (present + off in open_steps(moment, None)) is (abs(off) <= 1)


def test_five_tries_then_a_pause():
    tries, since = 0, None
    for number in range(SECOND_STEP_TRIES):
        tries, since = next_try(tries, since, NOW + timedelta(seconds=number))
    assert since == NOW
    assert next_try(tries, since, NOW + timedelta(seconds=9)) is None
    assert next_try(tries, since, NOW + SECOND_STEP_PAUSE) == (1, NOW + SECOND_STEP_PAUSE)


@pytest.mark.parametrize("typed", ["ABCD-EFGH-2345", " abcd efgh 2345 ", "abcd\u2011efgh\u20112345"])
def test_a_code_is_read_in_any_spelling(typed):
    assert plain_code(typed) == "ABCDEFGH2345"
