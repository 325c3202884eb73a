"""A form says everything that is to be changed at once, each at its field and in the summary, and loses nothing typed."""

from datetime import timedelta

import pytest

from tests.conftest import MONDAY
from tests.factories import ACCEPTANCE, published, supported
from webapp.answering.rules import ACCEPTING, SOURCES, TEXT_MIN, Decision, Fault, Reply, reply_faults
from webapp.kernel.database import unit_of_work

TODAY = MONDAY.date()


@pytest.fixture
def key(world):
    with unit_of_work():
        found = published(world, MONDAY - timedelta(days=2))
        supported(found, 20, "611000000", MONDAY - timedelta(days=1))
        return found.id


def summary(page):
    """The fields that the summary links to."""
    return [a.get("href", "")[1:] for box in page.tree.find_class("error-summary") for a in box.iter("a")]


def test_an_answer_is_refused_once_for_everything(world, visit, key):
    officer = visit(world.officer)
    page = officer.get(f"/proposals/{key}/answer")
    typed = {
        "milestone_1_ru": "Фонари",
        "milestone_1_from": "2027-02-01",
        "milestone_2_kk": "Шам",
        "milestone_2_to": "abc",
    }
    answer = officer.submit(
        page, f"/proposals/{key}/answer", 422, decision="accept", text_kk="Жоқ", amount_tenge="x", **typed
    )
    fields = summary(answer)
    wanted = ["text_kk", "text_ru", "responsible_kk", "responsible_ru", "source", "amount_tenge"]
    wanted += ["milestone_1_kk", "milestone_1_to", "milestone_2_ru", "milestone_2_to"]
    assert sorted(fields) == sorted(wanted), fields
    ids = {e.get("id") for e in answer.tree.iter() if e.get("id")}
    assert set(fields) <= ids
    for value in ("Жоқ", "Фонари", "Шам", "2027-02-01"):
        assert value in answer.html
    none = officer.submit(page, f"/proposals/{key}/answer", 422)  # no decision: that, and what every decision needs
    assert sorted(summary(none)) == ["decision-0", "text_kk", "text_ru"]


def test_each_choice_has_its_own_fields_marked(world, visit, key):
    with unit_of_work():
        pass
    page = visit(world.officer).get(f"/proposals/{key}/answer")
    groups = {group.get("data-for"): group for group in page.tree.find_class("by-choice")}
    assert set(groups) == {"accept accept_part"}
    group = groups["accept accept_part"]
    assert "If you accept" in group.text_content() and group.get("aria-labelledby") == "for-acceptance"
    named = {e.get("name") for e in group.iter() if e.get("name")}
    assert {"responsible_kk", "source", "amount_tenge", "milestone_1_to"} <= named and "text_kk" not in named


@pytest.mark.parametrize("words", ["Қаражат жоқ биыл.", "Денег в этом году н"])
def test_an_honest_phrase_is_a_reason_and_the_number_is_said(world, visit, key, words):
    assert TEXT_MIN <= len(words) <= 19
    officer = visit(world.officer)
    page = officer.get(f"/proposals/{key}/answer")
    short = officer.submit(page, f"/proposals/{key}/answer", 422, decision="decline", text_kk="Жоқ", text_ru="Нет")
    assert f"at least {TEXT_MIN} characters" in short.text
    officer.submit(page, f"/proposals/{key}/answer", decision="decline", text_kk=words, text_ru=words)


def test_all_that_an_answer_lacks_is_named():
    empty = Reply(Decision.ACCEPT, "", "")
    assert set(reply_faults(empty)) == set(Fault)
    assert set(reply_faults(Reply(Decision.DECLINE, "", ""))) == {Fault.TEXT_KK, Fault.TEXT_RU}
    for decision in ACCEPTING:
        full = Reply(decision, "ж" * TEXT_MIN, "ж" * TEXT_MIN, "Б", "Б", SOURCES[0], 5)
        assert reply_faults(full) == [] and ACCEPTANCE["decision"] == "accept"
