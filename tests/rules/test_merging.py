"""Who may be joined to whom, which of two stays, and what a clock shows that stood still: on values alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from webapp.merging.rules import (
    PARTINGS,
    TARGETS,
    Fault,
    Obstacle,
    Side,
    fault,
    later,
    leading,
    makes_a_matter,
    obstacle,
    resumed,
    undo_until,
)
from webapp.proposals.rules import FINAL, Event, Stage, next_stage

NOON = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
sides = st.builds(
    Side,
    key=st.integers(1, 6),
    stage=st.sampled_from(Stage),
    is_public=st.booleans(),
    is_open=st.booleans(),
    is_merged=st.booleans(),
    level=st.integers(0, 2),
    supports=st.integers(0, 5),
    submitted_at=moments,
)


def side(key, stage=Stage.COLLECTING, level=0, supports=3, at=NOON):
    return Side(key, stage, True, stage not in FINAL, stage is Stage.MERGED, level, supports, at)


@given(sides, sides)
def test_what_is_joined_is_open_and_comes_back_and_what_stays_is_public_and_open(one, other):
    if fault(one, other) is not None:
        return
    assert one.key != other.key and one.is_open and one.stage in PARTINGS
    assert other.is_public and other.is_open and not other.is_merged and other.stage in TARGETS
    assert next_stage(one.stage, Event.MERGE) is Stage.MERGED
    assert next_stage(Stage.MERGED, PARTINGS[one.stage]) is one.stage


@given(sides, sides)
def test_no_body_gets_rid_of_an_answer_that_it_owes(one, other):
    if one.stage is Stage.REVIEW and fault(one, other) is None:
        assert other.stage in TARGETS[1:]
        assert other.stage is not Stage.REVIEW or other.level >= one.level


def test_each_fault_is_found():
    owed = side(3, Stage.REVIEW, level=1)
    assert fault(side(1), side(1)) is Fault.ITSELF
    for stage in set(Stage) - set(PARTINGS):
        assert fault(side(1, stage), side(2)) is Fault.MOVED_ON
    hidden = Side(2, Stage.SUBMITTED, False, True, False, 0, 0, NOON)
    assert fault(side(1), hidden) is Fault.NOT_PUBLIC
    assert fault(side(1), side(2, Stage.MERGED)) is Fault.TARGET_MERGED
    for stage in (Stage.DECLINED, Stage.UNSUPPORTED, Stage.DONE, Stage.WITHDRAWN):
        assert fault(side(1), side(2, stage)) is Fault.TARGET_OVER
    for other in (side(2), side(2, Stage.REVIEW, level=0)):
        assert fault(owed, other) is Fault.ANSWER_OWED
    for other in (side(2, Stage.REVIEW, level=1), side(2, Stage.ACCEPTED), side(2, Stage.IMPLEMENTING)):
        assert fault(owed, other) is None
    assert fault(side(1, Stage.SUBMITTED), side(2)) is None is fault(side(1), owed)


@given(sides, sides)
def test_the_direction_does_not_depend_on_who_asks(one, other):
    assert leading(one, other) in (one, other)
    if one.key != other.key:
        assert leading(one, other) is leading(other, one)


def test_further_before_better_supported_before_older():
    old = NOON - timedelta(days=9)
    assert leading(side(1, supports=99), side(2, Stage.REVIEW)).key == 2
    assert leading(side(1, Stage.REVIEW, supports=99), side(2, Stage.REVIEW, level=1)).key == 2
    assert leading(side(1, supports=4), side(2, supports=5, at=NOON)).key == 2
    assert leading(side(1), side(2, at=old)).key == 2
    assert leading(side(1), side(2)).key == 1
    assert leading(side(1, Stage.SUBMITTED, supports=0, at=old), side(2)).key == 2


@given(moments, st.integers(0, 400), st.integers(0, 40), st.integers(0, 400))
def test_a_clock_never_ends_earlier_and_keeps_the_days_that_were_left(merged_at, left, pause, term):
    due_at, now = merged_at + timedelta(days=left), merged_at + timedelta(days=pause)
    day = resumed(due_at.date(), merged_at.date(), now.date())
    assert day - now.date() == due_at.date() - merged_at.date()
    resumed_at = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    fresh = now + timedelta(days=term)
    found = later(due_at, fresh, resumed_at, now)
    assert found >= due_at
    assert found >= resumed_at
    assert due_at > now or found >= fresh  # one that passed meanwhile begins anew


@given(moments, st.booleans(), st.booleans(), st.integers(0, 60), st.integers(1, 90))
def test_in_its_term_once_and_not_in_the_middle_of_a_chain(merged_at, is_undone, is_chained, days, term):
    until = undo_until(merged_at, term)
    found = obstacle(until, is_undone, is_chained, merged_at + timedelta(days=days))
    assert (found is None) == (not is_undone and not is_chained and days <= term)
    assert until == merged_at + timedelta(days=term)
    assert obstacle(until, True, True, merged_at) is Obstacle.DONE
    assert obstacle(until, False, True, merged_at) is Obstacle.CHAINED
    assert obstacle(until, False, False, until + timedelta(seconds=1)) is Obstacle.LATE


def test_a_matter_has_two_to_twelve_proposals():
    assert [number for number in range(20) if makes_a_matter(number)] == list(range(2, 13))
