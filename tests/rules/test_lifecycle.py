"""The life of a proposal never leaves its table."""

from hypothesis import given
from hypothesis import strategies as st

from webapp.escalation.rules import RungStanding, climb, is_reached, progress
from webapp.proposals.rules import FINAL, TRANSITIONS, Event, Stage, may_withdraw, next_stage

rungs = st.builds(
    RungStanding,
    threshold=st.integers(1, 50),
    supports=st.integers(0, 80),
    opposes=st.integers(0, 80),
    minimum_support_percent=st.integers(0, 100),
    spread_places=st.integers(0, 4),
    places=st.integers(0, 5),
    reached=st.booleans(),
)


@given(st.lists(st.sampled_from(Event), max_size=40))
def test_random_events_stay_in_the_table(events):
    stage = Stage.DRAFT
    for event in events:
        after = next_stage(stage, event)
        assert after == TRANSITIONS.get((stage, event))
        stage = after or stage


def test_final_stages_lead_nowhere_but_back_to_work():
    back = {(stage, event): after for (stage, event), after in TRANSITIONS.items() if stage in FINAL}
    assert back.pop((Stage.DONE, Event.REOPEN)) is Stage.IMPLEMENTING
    parted = {Stage.SUBMITTED, Stage.COLLECTING, Stage.REVIEW}
    assert {stage for stage, _event in back} == {Stage.MERGED} and set(back.values()) == parted
    assert parted == {stage for stage, event in TRANSITIONS if event is Event.MERGE}


def test_every_stage_can_be_reached():
    assert {Stage.DRAFT} | set(TRANSITIONS.values()) == set(Stage)


@given(st.sampled_from(Stage), st.lists(rungs, min_size=2, max_size=3), st.data())
def test_never_below_a_threshold_nor_past_the_next_rung(stage, ladder, data):
    seat = data.draw(st.integers(0, len(ladder) - 1))
    step = climb(stage, seat, ladder)
    if step is None:
        return
    target = ladder[step.position]
    assert step.position in (seat, seat + 1)
    assert target.supports >= target.threshold
    assert target.places >= target.spread_places
    assert not target.reached
    assert is_reached(target)
    assert next_stage(stage, step.event) is Stage.REVIEW
    assert (step.event is Event.REACH) == (step.position == seat)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_progress_is_between_nothing_and_all(supports, threshold):
    assert 0 <= progress(supports, threshold) <= 1000


def test_withdrawal_ends_where_many_people_stand_behind_it():
    assert may_withdraw(Stage.COLLECTING, 9, 10)
    assert not may_withdraw(Stage.COLLECTING, 10, 10)
    assert not may_withdraw(Stage.DONE, 0, 10)
