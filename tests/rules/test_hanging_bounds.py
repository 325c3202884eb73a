"""Cells of the matrix, and what hangs where, said one by one: how much is done, whose turn it is, since when."""

from datetime import date, timedelta

import pytest

from webapp.hanging.rules import (
    Cause,
    Cell,
    DirectionRow,
    Hanging,
    MeasureRow,
    Picture,
    ProgrammeRow,
    PromiseRow,
    SilenceRow,
    State,
    cell_of,
    hanging,
    places,
)

TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def measure(key=5, reported=1, promised=2, **other):
    """A measure of programme 3 in city 20, in force since today."""
    usual = {
        "programme_id": 3,
        "territory_id": 20,
        "published_on": TODAY,
        "ends_on": TODAY,
        "has_owner": True,
        "plan_wait_days": 30,
    }
    return MeasureRow(id=key, reported=reported, promised=promised, **usual | other)


PROGRAMME = ProgrammeRow(
    3, 1, 10, TODAY, TODAY, TODAY + timedelta(days=400), has_owner=True, has_money=True, progress_percent=25
)
DIRECTION = DirectionRow(1, TODAY, TODAY, 1, has_owner=True)
WHOLE = {"adapters": (10,), "directions": (DIRECTION,), "programmes": (PROGRAMME,), "measures": (measure(),)}


@pytest.mark.parametrize(
    ("reported", "promised", "is_done"), [(0, 0, False), (0, 1, False), (1, 1, True), (2, 2, True), (1, 2, False)]
)
def test_a_measure_is_done_when_all_that_it_promised_is_reported(reported, promised, is_done):
    assert measure(reported=reported, promised=promised).is_done is is_done


@pytest.mark.parametrize(
    ("cell", "state", "progress"),
    [
        (Cell(), State.NONE, 0.0),
        (Cell(has_programme=True), State.ADOPTED, 0.0),
        (Cell(True, 2, 1, 3, 4), State.UNDERWAY, 0.75),
        (Cell(True, 2, 0, 0, 1), State.UNDERWAY, 0.0),
        (Cell(True, 2, 2, 4, 4), State.DONE, 1.0),
    ],
)
def test_a_cell_in_one_word_and_as_a_share(cell, state, progress):
    assert (cell.state, cell.progress) == (state, progress)


def test_a_cell_sums_up_its_measures():
    assert cell_of([measure(5, 1, 2), measure(6, 3, 3), measure(7, 0, 4)]) == Cell(True, 3, 1, 4, 9)
    assert cell_of([]) == Cell(True, 0, 0, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"directions": (DirectionRow(1, TOMORROW, TOMORROW, 1, False),), "adapters": (10, 11)},
        {"directions": (DirectionRow(1, YESTERDAY, YESTERDAY, 1, False),), "adapters": (10, 11)},
        {"measures": (measure(late_since=TODAY),)},
        {"promises": (PromiseRow(8, 5, 20, TODAY),)},
        {"silences": (SilenceRow(9, 10, TOMORROW),)},
    ],
    ids=[
        "whole",
        "direction of tomorrow",
        "direction of yesterday",
        "due today",
        "promise due today",
        "silent tomorrow",
    ],
)
def test_nothing_hangs_before_its_day_is_over(change):
    assert hanging(Picture(**WHOLE | change), TODAY) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            {"directions": (DirectionRow(1, TODAY, TODAY, 1, False),)},
            Hanging(Cause.NO_OWNER, "direction", 1, 1, TODAY, 1, 0),
        ),
        ({"adapters": (10, 11)}, Hanging(Cause.NO_PROGRAMME, "direction", 1, 11, TODAY, 1, 11)),
        ({"measures": ()}, Hanging(Cause.NO_MEASURES, "programme", 3, 10, TODAY, 1, 10)),
        ({"measures": (measure(has_owner=False),)}, Hanging(Cause.NO_OWNER, "measure", 5, 20, TODAY, 1, 10)),
        ({"measures": (measure(late_since=YESTERDAY),)}, Hanging(Cause.NO_REPORT, "measure", 5, 20, TODAY, 1, 10)),
        ({"measures": (measure(ends_on=YESTERDAY),)}, Hanging(Cause.OVERDUE, "measure", 5, 20, TODAY, 1, 10)),
        (
            {"promises": (PromiseRow(8, 5, 20, YESTERDAY),)},
            Hanging(Cause.PROMISE_UNANSWERED, "commitment", 8, 20, TODAY, 1, 10),
        ),
        (
            {"promises": (PromiseRow(8, 6, 20, YESTERDAY),)},
            Hanging(Cause.PROMISE_UNANSWERED, "commitment", 8, 20, TODAY, 0, 0),
        ),
        ({"silences": (SilenceRow(9, 10, TODAY),)}, Hanging(Cause.BODY_SILENT, "proposal", 9, 10, TODAY, 0, 0)),
    ],
)
def test_what_hangs_says_since_when_and_where_in_the_matrix(change, found):
    assert hanging(Picture(**WHOLE | change), TODAY) == [found]


def test_a_programme_is_in_the_matrix_and_a_measure_without_one_is_not():
    alone = measure(programme_id=None, has_owner=False)
    picture = Picture(measures=(alone,), programmes=(PROGRAMME,))
    assert places(picture) == {3: (1, 10)}
    (found,) = (one for one in hanging(picture, TODAY) if one.level == "measure")
    assert (found.direction_id, found.region_id) == (0, 0)
