"""Numbers that a citizen may dispute are columns of the rule sets: a place has its own, and every sentence says them."""

from dataclasses import replace

import pytest

from tests.conftest import MONDAY
from webapp.kernel.database import unit_of_work
from webapp.rulebook.presets import PRESETS
from webapp.rulebook.services import set_rules
from webapp.territories.services import by_kato, nation

TURKISTAN = "611000000"
#: None of them is the usual one.
OTHERS = {
    "questions": 1,
    "verify_working_days": 4,
    "letter_days": 90,
    "offer_working_days": 21,
    "promise_working_days": 22,
    "moves": 1,
    "move_days": 61,
    "missed_again_working_days": 7,
    "judging_days": 14,
    "judging_minimum": 5,
    "replan_working_days": 12,
    "merger_days": 45,
    "plan_wait_days": 52,
    "progress_percent": 40,
}


def let_begin(kato=TURKISTAN, now=MONDAY, **numbers):
    """Other numbers for a place from a moment on; usually all of them, for the city."""
    with unit_of_work():
        place = by_kato(kato)
        set_rules(place, place.rung, replace(PRESETS["demo"][place.rung], **(numbers or OTHERS)), now)


def test_the_page_of_a_place_says_its_own_numbers_in_every_language(visit, world):
    let_begin()
    spoken = {
        "en": ("4 working days", "90 days", "21 working days", "22 working days", "1 time, 61 days", "7 working days"),
        "kk": ("4 жұмыс күні", "90 күн", "21 жұмыс күні", "1 рет, 61 күн", "14 күн", "12 жұмыс күні", "40%"),
        "ru": ("4 рабочих дня", "90 дней", "21 рабочий день", "1 раз, 61 день", "14 дней", "45 дней", "52 дня", "40 %"),
    }
    for language, words in spoken.items():
        text = visit(lang=language).get(f"/territories/{TURKISTAN}").text.replace("\xa0", " ")
        for said in words:
            assert said in text, (language, said)
    usual = visit(lang="en").get("/territories/612000000").text
    assert "2 times, 180 days" in usual and "61 days" not in usual


def test_numbers_that_no_rule_can_work_with_do_not_begin(world):
    for wrong in ({"offer_working_days": 0}, {"questions": -1}, {"progress_percent": 101}):
        with pytest.raises(ValueError, match=next(iter(wrong))), unit_of_work():
            set_rules(nation(), "city", replace(PRESETS["demo"]["city"], **wrong), MONDAY)
