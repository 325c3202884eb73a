"""What makes an answer complete, and what keeps a term of answering from being extended: each bound from both sides."""

from dataclasses import replace

import pytest

from webapp.answering.rules import (
    ACCEPTING,
    PASSING_ON,
    SOURCES,
    Decision,
    Fault,
    Refusal,
    Reply,
    extension_faults,
    reply_faults,
)

#: Ten characters are reasons; the page says the number.
TEN = "Ол керек.."
FULL = Reply(Decision.ACCEPT, TEN, TEN, "Әкімдік", "Акимат", "city_budget", 1)
LARGEST = 1_000_000_000_000_000  # a thousand trillion tenge: no sum of the house is larger


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({}, []),
        ({"text_kk": TEN[:9]}, [Fault.TEXT_KK]),
        ({"text_ru": TEN[:9]}, [Fault.TEXT_RU]),
        ({"text_kk": f"  {TEN[:9]}  "}, [Fault.TEXT_KK]),
        ({"text_ru": f"  {TEN[:9]}  "}, [Fault.TEXT_RU]),
        ({"text_kk": "Қаражат жоқ.", "text_ru": "Жоқ"}, [Fault.TEXT_RU]),
        ({"text_kk": TEN * 99, "text_ru": TEN * 99}, []),
        ({"responsible_kk": " "}, [Fault.RESPONSIBLE_KK]),
        ({"responsible_ru": " "}, [Fault.RESPONSIBLE_RU]),
        ({"source": ""}, [Fault.SOURCE]),
        ({"source": "treasure"}, [Fault.SOURCE]),
        ({"amount_tenge": None}, [Fault.AMOUNT]),
        ({"amount_tenge": -1}, [Fault.AMOUNT]),
        ({"amount_tenge": 0}, [Fault.AMOUNT]),
        ({"amount_tenge": 1}, []),
        ({"amount_tenge": LARGEST}, []),
        ({"amount_tenge": LARGEST + 1}, [Fault.AMOUNT]),
        ({"source": " none_needed".strip(), "amount_tenge": None}, []),
        ({"decision": Decision.ACCEPT_PART, "amount_tenge": 0}, [Fault.AMOUNT]),
    ],
)
def test_an_acceptance_says_why_who_and_with_what_money(change, faults):
    assert reply_faults(replace(FULL, **change)) == faults


@pytest.mark.parametrize("decision", [Decision.DECLINE, Decision.PASS_UP, Decision.HAND_DOWN])
def test_what_accepts_nothing_owes_reasons_alone(decision):
    assert reply_faults(Reply(decision, TEN, TEN)) == []
    assert reply_faults(Reply(decision, "", "")) == [Fault.TEXT_KK, Fault.TEXT_RU]
    assert decision not in ACCEPTING


def test_an_empty_acceptance_lacks_everything_in_the_order_of_the_form():
    assert reply_faults(Reply(Decision.ACCEPT, "", "")) == list(Fault)


def test_every_source_is_taken_and_a_proposal_is_passed_on_in_two_ways():
    assert all(reply_faults(replace(FULL, source=source)) == [] for source in SOURCES)
    assert set(PASSING_ON) == {Decision.PASS_UP, Decision.HAND_DOWN}


ASKED = {"used": 0, "allowed": 1, "days": 1, "most": 15, "text_kk": TEN, "text_ru": TEN}


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({}, []),
        ({"days": 15}, []),
        ({"days": 16}, [Refusal.DAYS]),
        ({"days": 0}, [Refusal.DAYS]),
        ({"days": -1}, [Refusal.DAYS]),
        ({"days": None}, [Refusal.DAYS]),
        ({"text_kk": f" {TEN[:9]} "}, [Refusal.TEXT_KK]),
        ({"text_ru": f" {TEN[:9]} "}, [Refusal.TEXT_RU]),
        ({"text_kk": TEN * 99, "text_ru": TEN * 99}, []),
        ({"days": None, "text_kk": "", "text_ru": ""}, [Refusal.DAYS, Refusal.TEXT_KK, Refusal.TEXT_RU]),
        ({"used": 1}, [Refusal.USED]),
        ({"used": 2}, [Refusal.USED]),
        ({"used": 1, "days": None, "text_kk": ""}, [Refusal.USED]),  # once it is used up, nothing else is worth saying
        ({"used": 1, "allowed": 2}, []),
        ({"allowed": 0}, [Refusal.USED]),
    ],
)
def test_a_term_is_extended_as_often_and_as_far_as_the_rules_say(change, faults):
    assert extension_faults(**ASKED | change) == faults
