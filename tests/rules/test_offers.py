"""Offers: the ways between their states, the stages of a private initiative, and what is a PDF."""

from itertools import product

import pytest

from webapp.offers.rules import (
    LARGEST_TENGE,
    OPEN,
    ORDER,
    PLAN_MAX,
    PLANS_MAX,
    PlanFault,
    Stage,
    State,
    may_move,
    next_stage,
    plan_fault,
)

#: An offer that was sent is answered either way; all but a withdrawn one can be withdrawn; nothing else happens to it.
WAYS = {
    (State.SENT, State.TAKEN_UP),
    (State.SENT, State.DECLINED),
    (State.SENT, State.WITHDRAWN),
    (State.TAKEN_UP, State.WITHDRAWN),
    (State.DECLINED, State.WITHDRAWN),
}


@pytest.mark.parametrize(("state", "to"), list(product(State, State)))
def test_an_offer_goes_these_ways_and_no_other(state, to):
    assert may_move(state, to) is ((state, to) in WAYS)


def test_an_offer_stands_until_it_is_declined_or_withdrawn():
    assert set(OPEN) == {State.SENT, State.TAKEN_UP}


def test_stages_are_passed_in_the_order_of_the_law():
    done = []
    while (stage := next_stage(done)) is not None:
        done.append(stage.value)
    assert done == ["task", "concept", "expertise", "budget", "choice", "contract", "monitoring"]
    assert next_stage({"concept"}) is Stage.TASK  # one that was left out comes first
    assert tuple(done) == ORDER


def pdf(size, end_at):
    """So many bytes that begin like a PDF, with the mark of the end so many bytes before the last one."""
    begins, ends = b"%PDF-1.7\n", b"%%EOF"
    return begins + b" " * (size - len(begins) - end_at) + ends + b"\n" * (end_at - len(ends))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"%PDF-1.7\n%%EOF", None),
        (b"%PDF-1.7\n", PlanFault.NO_PDF),
        (b"PK\x03\x04 %%EOF", PlanFault.NO_PDF),
        (b" %PDF-1.7\n%%EOF", PlanFault.NO_PDF),
        (b"", PlanFault.NO_PDF),
        (pdf(5000, 2048), None),
        (pdf(5000, 2049), PlanFault.NO_PDF),
        (pdf(PLAN_MAX, 6), None),
        (pdf(PLAN_MAX + 1, 6), PlanFault.TOO_HEAVY),
    ],
    ids=[
        "whole",
        "no end",
        "no beginning",
        "late beginning",
        "empty",
        "end in sight",
        "end too early",
        "full",
        "heavy",
    ],
)
def test_a_plan_is_a_pdf_with_a_beginning_and_an_end(data, fault):
    assert plan_fault(data) is fault


def test_a_plan_has_five_megabytes_all_of_an_organisation_twenty_and_no_sum_a_thousand_trillion_and_one():
    assert (PLAN_MAX, PLANS_MAX) == (5_242_880, 20_971_520)
    assert LARGEST_TENGE == 1_000_000_000_000_000
