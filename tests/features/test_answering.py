"""The duty to answer."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import published, supported
from tests.features.console import run
from webapp.answering.services import latest_due
from webapp.escalation.rules import Cause
from webapp.escalation.services import move, rungs_of
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.i18n import format_date
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event

both_databases = True
sensitive = (
    "test_a_promised_term_for_an_appeal_stays_whatever_the_calendar_says_later",
    "test_appeal_and_support_end_on_their_own_days",
)

REASONS = {
    "text_kk": "Бұл ұсынысты биыл орындау мүмкін емес, себебі жоба жоқ.",
    "text_ru": "В этом году предложение выполнить нельзя: проекта нет.",
}


@pytest.fixture
def key(app, world):
    with unit_of_work():
        found = published(world, MONDAY - timedelta(days=2))
        supported(found, 20, "611000000", MONDAY - timedelta(days=1))
        return found.id


def proposal(key):
    rollback()
    return db.session.get(Proposal, key)


def answer(browser, key, status=303, **values):
    page = browser.get(f"/proposals/{key}/answer")
    return browser.submit(page, f"/proposals/{key}/answer", status, **values)


@pytest.mark.parametrize("name", ["aigerim", "moderator", "region_officer", "nation_officer", "bolat"])
def test_only_the_seat_answers(world, visit, key, name):
    browser = visit(getattr(world, name))
    browser.get(f"/proposals/{key}/answer", status=403)
    browser.post(f"/proposals/{key}/answer", 403, decision="decline", **REASONS)
    assert proposal(key).stage == "review"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Choose a decision"),
        ({"decision": "decline", "text_kk": "", "text_ru": REASONS["text_ru"]}, "reasons in Kazakh"),
        ({"decision": "decline", "text_kk": REASONS["text_kk"], "text_ru": "нет"}, "reasons in Russian"),
        ({"decision": "accept", **REASONS}, "responsible body in Kazakh"),
        (
            {"decision": "accept", **REASONS, "responsible_kk": "Бөлім", "responsible_ru": "Отдел"},
            "where the resources come from",
        ),
        (
            {
                "decision": "accept",
                **REASONS,
                "responsible_kk": "Бөлім",
                "responsible_ru": "Отдел",
                "source": "city_budget",
                "amount_tenge": "-5",
            },
            "whole tenge",
        ),
        (
            {
                "decision": "accept",
                **REASONS,
                "responsible_kk": "Бөлім",
                "responsible_ru": "Отдел",
                "source": "none_needed",
            },
            "at least one milestone",
        ),
        ({"decision": "hand_down", **REASONS}, "Choose a lower rung"),
    ],
)
def test_an_incomplete_answer_is_refused_and_kept(world, visit, key, values, sentence):
    page = answer(visit(world.officer), key, 422, **values)
    assert sentence in page.text
    assert values.get("text_ru", "") in page.text
    assert proposal(key).stage == "review"


def test_a_refusal_and_an_appeal(world, visit, key, clock):
    answer(visit(world.officer), key, decision="decline", **REASONS)
    assert proposal(key).stage == "declined"
    page = visit().get(f"/proposals/{key}")
    assert "Official answer: Declined" in page.text
    visit(world.bolat).get(f"/proposals/{key}/appeal", status=403)
    author = visit(world.aigerim)
    author.submit(
        author.get(f"/proposals/{key}/appeal"), f"/proposals/{key}/appeal", note="Қауіпсіздік туралы айтылмаған."
    )
    assert (proposal(key).stage, proposal(key).seat.kato) == ("review", "610000000")
    author.post(f"/proposals/{key}/appeal", 409, note="тағы да")


def test_an_appeal_that_comes_too_late(world, visit, key, clock):
    answer(visit(world.officer), key, decision="decline", **REASONS)
    clock(MONDAY + timedelta(days=40))
    page = visit(world.aigerim).post(f"/proposals/{key}/appeal", 409, note="кеш")
    assert "The term for an appeal is over" in page.text


def words_on(page):
    return page.text.replace("\xa0", " ")


def at_the_region(key):
    with unit_of_work():
        found = locked(Proposal, key)
        move(found, rungs_of(found)[1], Event.PASS_UP, Cause.PASSED_UP, MONDAY)


@pytest.mark.parametrize("due_on", ["9999-12-31", "2040-12-31", "2027-06-01"])
def test_nobody_parks_a_proposal_below(world, visit, key, due_on):
    at_the_region(key)
    page = answer(visit(world.region_officer), key, 422, decision="hand_down", target="0", due_on=due_on, **REASONS)
    latest = format_date(latest_due(rungs_of(proposal(key))[0], MONDAY))
    if due_on < "2057":  # later no form takes a date at all
        assert f"working days for an answer, not more: {latest} at the latest" in words_on(page)
    assert REASONS["text_kk"] in page.html and proposal(key).seat.kato == "610000000"


def test_each_rung_passes_on_once_each_way(world, visit, key):
    """City up, region down, city again: it cannot send it up a second time, nor the region down."""
    city, region = visit(world.officer), visit(world.region_officer)
    answer(city, key, decision="pass_up", **REASONS)
    latest = local_date(latest_due(rungs_of(proposal(key))[0], MONDAY)).isoformat()
    answer(region, key, decision="hand_down", target="0", due_on=latest, **REASONS)
    assert proposal(key).seat.kato == "611000000"
    page = city.get(f"/proposals/{key}/answer")
    assert not page.find("input", value="pass_up") and page.find("input", value="decline")
    again = city.post(f"/proposals/{key}/answer", 409, page, decision="pass_up", **REASONS)
    assert "already passed the proposal to another body in this way" in again.text
    at_the_region(key)
    assert not region.get(f"/proposals/{key}/answer").find("input", value="hand_down")
    region.post(f"/proposals/{key}/answer", 409, decision="hand_down", target="0", due_on=latest, **REASONS)
    answer(region, key, decision="decline", **REASONS)


def test_appeal_and_support_end_on_their_own_days(world, visit, key, clock):
    """Two dates: until when support can carry a refused proposal up, and until when its author may appeal."""
    with unit_of_work():
        db.session.get(Proposal, key).closes_at = MONDAY + timedelta(days=60)
    answer(visit(world.officer), key, decision="decline", **REASONS)
    found = proposal(key)
    assert found.appeal_until < found.closes_at == found.due_at
    appeal, support = (format_date(moment) for moment in (found.appeal_until, found.closes_at))
    page = words_on(visit(world.aigerim).get(f"/proposals/{key}"))
    assert f"Support can still move it up until {support}. The author can appeal until {appeal}." in page
    assert f"may appeal until {appeal}" in page
    jobs.run(MONDAY + timedelta(minutes=2))
    mail = db.session.scalars(
        select(Message).where(Message.subject.contains("eclin") | Message.body.contains("бас тарт"))
    )
    assert [m for m in mail if m.to == world.aigerim.email]
    clock(found.appeal_until + timedelta(minutes=1))
    page = words_on(visit(world.aigerim).get(f"/proposals/{key}"))
    assert f"Support can still move it up until {support}." in page and "can appeal until" not in page
    assert not visit(world.aigerim).get(f"/proposals/{key}").find("a", href=f"/proposals/{key}/appeal")
    visit(world.aigerim).post(f"/proposals/{key}/appeal", 409, note="кеш")


@pytest.mark.parametrize("change", ["working", "free"])
def test_a_promised_term_for_an_appeal_stays_whatever_the_calendar_says_later(app, world, visit, key, clock, change):
    answer(visit(world.officer), key, decision="decline", **REASONS)
    until = proposal(key).appeal_until
    for day in ("2026-11-28", "2026-12-05", "2026-12-12") if change == "working" else ("2026-11-26", "2026-12-01"):
        assert run(app, "calendar", day, change).code == 0
    assert proposal(key).appeal_until == until
    clock(until - timedelta(minutes=1))
    author = visit(world.aigerim)
    assert format_date(until) in words_on(author.get(f"/proposals/{key}"))
    author.submit(author.get(f"/proposals/{key}/appeal"), f"/proposals/{key}/appeal", note="Келіспеймін.")
    assert proposal(key).stage == "review"


def test_at_the_top_nobody_is_promised_an_appeal(world, visit, key):
    with unit_of_work():
        found = locked(Proposal, key)
        rungs = rungs_of(found)
        move(found, rungs[-1], Event.SILENCE, Cause.SILENCE, MONDAY)
    answer(visit(world.nation_officer), key, decision="decline", **REASONS)
    page = words_on(visit(world.aigerim).get(f"/proposals/{key}"))
    assert "Declined with reasons." in page and "ppeal" not in page.replace("appealed", "")


def test_support_carries_a_refused_proposal_up(world, visit, key):
    answer(visit(world.officer), key, decision="decline", **REASONS)
    with unit_of_work():
        found = db.session.get(Proposal, key)
        supported(found, 20, "612000000", MONDAY)
    assert (proposal(key).stage, proposal(key).seat.kato) == ("review", "610000000")


def test_a_refusal_closes_when_its_windows_are_over(world, visit, key):
    answer(visit(world.officer), key, decision="decline", **REASONS)
    jobs.run(proposal(key).due_at + timedelta(minutes=1))
    assert proposal(key).closed_at is not None
    assert proposal(key).stage == "declined"


def test_silence_at_the_top_stays_and_is_marked(world, key):
    for _rung in range(3):
        jobs.run(proposal(key).due_at + timedelta(minutes=1))
    assert proposal(key).seat.kato == "000000000"
    assert proposal(key).overdue_at is not None
    assert proposal(key).due_at is not None
    assert proposal(key).stage == "review"


def test_the_same_tick_twice_does_it_once(world, key):
    late = proposal(key).due_at + timedelta(minutes=1)
    jobs.run(late)
    first = (proposal(key).seat_id, proposal(key).due_at)
    jobs.run(late)
    assert (proposal(key).seat_id, proposal(key).due_at) == first


def test_a_missed_milestone_is_recorded(world, visit, key):
    due = (MONDAY + timedelta(days=10)).date().isoformat()
    answer(
        visit(world.officer),
        key,
        decision="accept",
        **REASONS,
        responsible_kk="Бөлім",
        responsible_ru="Отдел",
        source="none_needed",
        milestone_1_kk="Шам",
        milestone_1_ru="Фонарь",
        milestone_1_to=due,
    )
    jobs.run(proposal(key).due_at + timedelta(minutes=1))
    assert proposal(key).stage == "implementing"
    jobs.run(proposal(key).due_at + timedelta(minutes=1))
    assert proposal(key).overdue_at is not None
    assert "Milestone overdue" in visit().get(f"/proposals/{key}").text


def test_a_double_answer_is_one_answer(world, visit, key):
    browser = visit(world.officer)
    page = browser.get(f"/proposals/{key}/answer")
    browser.submit(page, f"/proposals/{key}/answer", decision="decline", **REASONS)
    browser.submit(page, f"/proposals/{key}/answer", 409, decision="decline", **REASONS)
