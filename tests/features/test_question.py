"""The moderator's question stands where it is answered: in full, who asked, until when; and it is not optional."""

import pytest

from tests.conftest import MONDAY
from tests.factories import propose
from webapp.kernel.cases import in_case
from webapp.kernel.database import db, locked, unit_of_work
from webapp.kernel.i18n import format_date, in_language
from webapp.kernel.kazakh import Case
from webapp.moderation.services import ask
from webapp.proposals.models import Proposal

QUESTION = "Қай көше туралы айтасыз?\nМектептің нөмірі қандай?" + " Толығырақ жазыңыз." * 40


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_it_is_there_in_full(world, visit, clock, lang):
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
        ask(world.moderator, locked(Proposal, key), QUESTION, MONDAY)
    author = visit(world.aigerim, lang=lang)
    page = author.get(f"/proposals/{key}/revision")
    asked = next(e for e in page.find("section") if e.get("id") == "question").text_content()
    assert " ".join(QUESTION.split()) in " ".join(asked.split()) and "Ерлан" in asked
    with in_language(lang):
        day = format_date(db.session.get(Proposal, key).due_at)
        assert (in_case(day, Case.DAT, lang) if lang == "kk" else day) in asked
    label = next(e for e in page.find("label") if e.get("for") == "note")
    assert not label.find_class("optional")
    refused = author.submit(page, f"/proposals/{key}/revision", 422)  # neither an answer nor another word
    assert [a.get("href") for box in refused.tree.find_class("error-summary") for a in box.iter("a")] == ["#note"]
    both = author.submit(page, f"/proposals/{key}/revision", 422, title="")
    assert "#title" in [a.get("href") for box in both.tree.find_class("error-summary") for a in box.iter("a")]
    assert "question" in {e.get("id") for e in refused.find("section")}
    author.submit(page, f"/proposals/{key}/revision", note="№ 5")
    author.get(f"/proposals/{key}/revision", 409)
