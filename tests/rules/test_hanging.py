"""What hangs, and what has come of each direction: computed a second time by different code, they agree."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.hanging.rules import (
    Cause,
    Cell,
    DirectionRow,
    MeasureRow,
    Picture,
    ProgrammeRow,
    PromiseRow,
    SilenceRow,
    State,
    about_to_hang,
    coverage,
    hanging,
)

TODAY = date(2026, 11, 23)
DAYS = st.integers(-400, 400).map(lambda days: TODAY + timedelta(days=days))
SHARES = st.sampled_from([0, 1, 25, 50, 100])
REGIONS, CITIES = (10, 11, 12), (20, 21, 22, 23)


@st.composite
def pictures(draw):
    """Up to four directions, and what three regions and four cities may have made of them."""
    directions = tuple(
        DirectionRow(key, draw(DAYS), draw(DAYS), 1, draw(st.booleans()))
        for key in range(1, draw(st.integers(0, 4)) + 1)
    )
    pairs = [(one.id, region) for one in directions for region in REGIONS]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    programmes = []
    for key, (direction, region) in enumerate(chosen, start=1):
        starts = draw(DAYS)
        ends = starts + timedelta(days=draw(st.integers(0, 900)))
        flags = draw(st.booleans()), draw(st.booleans())
        programmes.append(ProgrammeRow(key, direction, region, draw(DAYS), starts, ends, *flags, draw(SHARES)))
    under = st.sampled_from([None, *[one.id for one in programmes]])
    measures = []
    for key in range(1, draw(st.integers(0, 6)) + 1):
        promised = draw(st.integers(0, 4))
        reported = draw(st.integers(0, promised))
        late = draw(DAYS) if reported < promised else None
        measures.append(
            MeasureRow(
                *(key, draw(under), draw(st.sampled_from(CITIES)), draw(DAYS), draw(DAYS), draw(st.booleans())),
                *(draw(st.integers(1, 90)), reported, promised, late),
            )
        )
    promises = tuple(
        PromiseRow(key, draw(st.integers(1, 7)), draw(st.sampled_from(CITIES)), draw(DAYS))
        for key in range(1, draw(st.integers(0, 3)) + 1)
    )
    silences = tuple(
        SilenceRow(key, draw(st.sampled_from(CITIES)), draw(DAYS)) for key in range(draw(st.integers(0, 3)))
    )
    return Picture(REGIONS, directions, tuple(programmes), tuple(measures), promises, silences)


def naive(picture, today):
    """The same, thing by thing, cause by cause, by asking for each whether it hangs today."""
    found = set()
    for cause in Cause:
        for level, rows in (
            ("direction", picture.directions),
            ("programme", picture.programmes),
            ("measure", picture.measures),
            ("commitment", picture.promises),
            ("proposal", picture.silences),
        ):
            for row in rows:
                for territory in (*REGIONS, *CITIES, 1):
                    if does_hang(picture, today, cause, level, row, territory):
                        found.add((cause.value, level, row.id, territory))
    return found


def does_hang(picture, today, cause, level, row, territory):
    if level == "proposal":
        return cause is Cause.BODY_SILENT and territory == row.territory_id and not row.since > today
    if level == "commitment":
        return (
            cause is Cause.PROMISE_UNANSWERED
            and territory == row.territory_id
            and (today - row.accept_due_on).days >= 1
        )
    if row.published_on > today:
        return False
    if level == "direction":
        if row.ends_on < today:
            return False
        if cause is Cause.NO_OWNER:
            return territory == 1 and not row.has_owner
        theirs = [one for one in picture.programmes if one.direction_id == row.id and one.territory_id == territory]
        return cause is Cause.NO_PROGRAMME and territory in REGIONS and theirs == []
    if territory != row.territory_id:
        return False
    if cause is Cause.NO_OWNER:
        return not row.has_owner
    if level == "programme":
        measures = [one for one in picture.measures if one.programme_id == row.id]
        gone, term = (today - row.starts_on).days, (row.ends_on - row.starts_on).days
        return (
            (cause is Cause.NO_MONEY and not row.has_money)
            or (cause is Cause.NO_MEASURES and len(measures) == 0)
            or (
                cause is Cause.NO_PROGRESS
                and bool(measures)
                and gone > term * row.progress_percent // 100
                and sum(m.reported for m in measures) == 0
            )
        )
    is_done = row.promised > 0 and row.reported == row.promised
    return (
        (cause is Cause.NO_MILESTONES and row.promised == 0 and (today - row.published_on).days > row.plan_wait_days)
        or (cause is Cause.NO_REPORT and row.late_since is not None and (today - row.late_since).days > 0)
        or (cause is Cause.OVERDUE and today > row.ends_on and not is_done)
    )


@given(pictures())
def test_what_hangs_is_the_same_computed_twice(picture):
    found = hanging(picture, TODAY)
    assert {one.key for one in found} == naive(picture, TODAY)
    assert len({one.key for one in found}) == len(found)
    assert all(one.since <= TODAY for one in found)  # nothing hangs from tomorrow on


@given(pictures(), st.integers(0, 60))
def test_what_is_about_to_hang_is_what_hangs_then_and_not_now(picture, days):
    ahead = TODAY + timedelta(days=days)
    soon = {one.key for one in about_to_hang(picture, TODAY, ahead)}
    assert soon == naive(picture, ahead) - naive(picture, TODAY)


@given(pictures())
def test_coverage_is_the_same_computed_twice(picture):
    cells = coverage(picture)
    for direction in picture.directions:
        for region in REGIONS:
            programme = [p for p in picture.programmes if (p.direction_id, p.territory_id) == (direction.id, region)]
            cell = cells.get((direction.id, region), Cell())
            measures = [m for m in picture.measures if programme and m.programme_id == programme[0].id]
            assert cell.has_programme is bool(programme) and cell.measures == len(measures)
            assert (cell.reported, cell.promised) == (
                sum(m.reported for m in measures),
                sum(m.promised for m in measures),
            )
            assert 0 <= cell.progress <= 1
            done = bool(measures) and all(m.promised and m.reported == m.promised for m in measures)
            expected = (
                State.DONE if done else State.UNDERWAY if measures else State.ADOPTED if programme else State.NONE
            )
            assert cell.state is expected
    hung = {(one.direction_id, one.region_id) for one in hanging(picture, TODAY) if one.cause is Cause.NO_PROGRAMME}
    in_force = {d.id for d in picture.directions if d.published_on <= TODAY <= d.ends_on}
    assert hung == {(d, r) for d in in_force for r in REGIONS if (d, r) not in cells}  # a hole in the matrix hangs


@pytest.mark.parametrize("reported", [0, 1, 2])
def test_progress_grows_with_each_report_and_falls_only_when_one_is_reopened(reported):
    before, after = Cell(True, 1, 0, reported, 3), Cell(True, 1, 0, reported + 1, 3)
    assert 0 <= before.progress < after.progress <= 1
