"""When support moves a proposal, rung by rung, and the rules around it: withdrawals, judgements, likeness, grants."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from webapp.access.rules import end_of, in_force
from webapp.cascade.rules import Candidate, likeness, rank
from webapp.delivery.rules import PlanFault, Step, majority_says_no, plan_fault
from webapp.delivery.rules import progress as share_done
from webapp.escalation.rules import Climb, RungStanding, climb, is_reached, next_target, progress
from webapp.kernel.clock import LOCAL_ZONE
from webapp.proposals.rules import Event, Stage, is_public
from webapp.strategies.rules import Level

#: Just reached in every respect: thirty supports, half of all votes, from two places.
REACHED = RungStanding(30, 30, 30, 50, 2, 2, reached=False)
SHORT = replace(REACHED, supports=29, opposes=0)
PASSED = replace(REACHED, reached=True)


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, True),
        ({"supports": 31}, True),
        ({"opposes": 0}, True),
        ({"places": 3}, True),
        ({"supports": 29, "opposes": 29}, False),
        ({"places": 1}, False),
        ({"opposes": 31}, False),
        ({"minimum_support_percent": 51}, False),
        ({"minimum_support_percent": 49, "opposes": 31}, True),
        ({"spread_places": 3}, False),
        ({"threshold": 31}, False),
    ],
)
def test_a_rung_is_reached_by_enough_supports_from_enough_places_and_enough_of_the_votes(change, answer):
    assert is_reached(replace(REACHED, **change)) is answer


@pytest.mark.parametrize(
    ("stage", "seat", "rungs", "step"),
    [
        (Stage.COLLECTING, 0, [REACHED, REACHED, SHORT], Climb(Event.REACH, 0)),
        (Stage.COLLECTING, 0, [SHORT, REACHED, REACHED], Climb(Event.CLIMB, 1)),
        (Stage.COLLECTING, 0, [PASSED, REACHED, REACHED], Climb(Event.CLIMB, 1)),
        (Stage.COLLECTING, 0, [SHORT, SHORT, REACHED], None),
        (Stage.COLLECTING, 2, [SHORT, SHORT, REACHED], Climb(Event.REACH, 2)),
        (Stage.COLLECTING, 2, [REACHED, REACHED, SHORT], None),
        (Stage.REVIEW, 0, [REACHED, SHORT, REACHED], None),
        (Stage.REVIEW, 0, [REACHED, PASSED, REACHED], None),
        (Stage.REVIEW, 0, [REACHED, REACHED, SHORT], Climb(Event.CLIMB, 1)),
        (Stage.REVIEW, 1, [REACHED, SHORT, REACHED], Climb(Event.CLIMB, 2)),
        (Stage.REVIEW, 2, [REACHED, REACHED, REACHED], None),
        (Stage.DECLINED, 1, [SHORT, SHORT, REACHED], Climb(Event.CLIMB, 2)),
        (Stage.ACCEPTED, 0, [REACHED, REACHED, REACHED], None),
        (Stage.SUBMITTED, 0, [REACHED, REACHED, REACHED], None),
        (Stage.UNSUPPORTED, 0, [REACHED, REACHED, REACHED], None),
    ],
)
def test_support_moves_a_proposal_one_rung_once(stage, seat, rungs, step):
    assert climb(stage, seat, rungs) == step


@pytest.mark.parametrize(
    ("stage", "seat", "target"),
    [
        (Stage.COLLECTING, 0, 0),
        (Stage.COLLECTING, 2, 2),
        (Stage.REVIEW, 0, 1),
        (Stage.REVIEW, 1, 2),
        (Stage.REVIEW, 2, None),
        (Stage.DECLINED, 1, 2),
        (Stage.DECLINED, 2, None),
        (Stage.ACCEPTED, 0, None),
        (Stage.DRAFT, 0, None),
    ],
)
def test_which_threshold_is_looked_at_next(stage, seat, target):
    assert next_target(stage, seat, 3) == target


@pytest.mark.parametrize(
    ("supports", "threshold", "answer"),
    [
        (0, 30, 0),
        (1, 30, 33),
        (29, 30, 966),
        (30, 30, 1000),
        (31, 30, 1000),
        (0, 0, 0),
        (1, 0, 1000),
        (1, 1, 1000),
        (1, 2, 500),
    ],
)
def test_the_way_to_a_threshold_in_thousandths(supports, threshold, answer):
    assert progress(supports, threshold) == answer


def test_what_was_published_or_joined_is_public():
    assert is_public("withdrawn", True) and is_public("merged", False) and is_public(" merged".strip(), False)
    assert not is_public("withdrawn", False) and not is_public("unsupported", False) and not is_public("done", False)


@pytest.mark.parametrize(
    ("yes", "partly", "no", "decided"),
    [
        (0, 0, 2, False),
        (0, 0, 3, True),
        (0, 1, 2, True),
        (1, 1, 2, False),
        (1, 1, 3, True),
        (2, 0, 2, False),
        (3, 0, 0, False),
    ],
)
def test_more_than_half_of_at_least_three_say_no(yes, partly, no, decided):
    assert majority_says_no(yes, partly, no, at_least=3) is decided


def test_a_share_of_what_was_promised():
    assert [share_done(*pair) for pair in ((0, 0), (0, 4), (1, 4), (4, 4))] == [0.0, 0.0, 0.25, 1.0]


TODAY, LATEST = date(2026, 11, 23), date(2027, 11, 23)
STEP = Step("Жол", "Дорога", TODAY, TODAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"title_kk": " "}, PlanFault.UNTITLED),
        ({"title_ru": ""}, PlanFault.UNTITLED),
        ({"starts_on": STEP.due_on}, None),
        ({"starts_on": STEP.due_on + timedelta(days=1)}, PlanFault.BACKWARDS),
        ({"due_on": TODAY}, PlanFault.PAST),
        ({"due_on": LATEST}, None),
        ({"due_on": LATEST + timedelta(days=1)}, PlanFault.FAR),
    ],
)
def test_a_plan_lies_between_tomorrow_and_the_last_day_of_the_rules(change, fault):
    assert plan_fault([STEP, replace(STEP, **change)], TODAY, LATEST) is fault
    assert plan_fault([], TODAY, LATEST) is PlanFault.EMPTY


def test_likeness_is_a_cosine_and_a_fifth_for_the_same_sphere():
    one = Candidate(1, Level.MEASURE, frozenset("abcd"), "safety")
    assert likeness({"a"}, "", one) == 0.5
    assert likeness({"a", "x", "y", "z"}, "safety", one) == 0.45
    assert likeness(set("abcd"), "safety", one) == 1.2
    assert likeness(set(), "safety", one) == 0.2
    assert likeness(set(), "", replace(one, sphere="")) == 0.0
    assert likeness({"x"}, "transport", one) == 0.0


def test_a_tenth_is_likely_enough_and_the_likeliest_comes_first():
    many = frozenset(map(str, range(100)))
    rows = [
        Candidate(5, Level.DIRECTION, many, ""),  # one word of a hundred: a tenth
        Candidate(4, Level.MEASURE, many | {"x"}, ""),  # a little less
        Candidate(3, Level.DIRECTION, frozenset("0"), ""),
        Candidate(2, Level.MEASURE, frozenset("0"), ""),
        Candidate(1, Level.PROGRAMME, frozenset("0"), ""),
        Candidate(0, Level.PROGRAMME, frozenset("0"), ""),
    ]
    assert rank({"0"}, "", rows) == [2, 0, 1, 3, 5]


def test_a_grant_holds_from_its_first_moment_up_to_the_end_of_its_last_day():
    begins, ends = datetime(2026, 11, 1, tzinfo=UTC), end_of(date(2026, 11, 30), LOCAL_ZONE)
    second = timedelta(seconds=1)
    assert ends == datetime(2026, 11, 30, 19, tzinfo=UTC)
    moments = (begins - second, begins, ends - second, ends)
    assert [in_force(begins, ends, now) for now in moments] == [False, True, True, False]
    assert [in_force(begins, None, now) for now in moments] == [False, True, True, True]
