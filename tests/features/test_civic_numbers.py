"""Numbers that a citizen may dispute are columns of the rule sets: a place has its own, and every sentence says them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import propose, published, supported
from tests.strategies import add_direction, add_measure, add_programme
from webapp.answering.rules import Decision
from webapp.answering.services import Reply, decide
from webapp.delivery.jobs import milestones as due_milestones
from webapp.delivery.judging import close_rounds, judge
from webapp.delivery.models import JudgingRound, Milestone
from webapp.delivery.reporting import Evidence, report
from webapp.delivery.rules import Outcome, Step
from webapp.hanging.services import keep_cases
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.errors import Invalid
from webapp.merging.models import Merger
from webapp.offers.models import Offer
from webapp.people.models import Organisation, User
from webapp.proposals.models import Proposal
from webapp.resources.models import Commitment
from webapp.rulebook.presets import PRESETS
from webapp.rulebook.rules import end_of_day
from webapp.rulebook.services import closing_after, due_after, set_rules
from webapp.strategies.models import Programme
from webapp.territories.services import by_kato, nation
from webapp.voting.models import Vote

DAY = timedelta(days=1)
FIRST = local_date(MONDAY) + 20 * DAY
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


@pytest.fixture
def measure(world):
    """A measure of the city, which has other numbers than the rest of the country."""
    let_begin()
    with unit_of_work():
        add_measure(MONDAY, add_programme(MONDAY, add_direction(MONDAY)))


def only(model):
    rollback()
    return db.session.scalars(select(model)).one()


OFFER = {"form": "ppp", "summary": "Шамдарды салып, он жыл күтеміз", "conditions": "Жыл сайын төлем"}
PROMISE = {
    "source": "regional_budget",
    "amount_tenge": "5 000 000",
    "due_on": "2027-03-01",
    "document": "№ 7",
    "condition_kk": "Смета дайын болғанда",
    "condition_ru": "При готовой смете",
    "reason_kk": "Жоспарда жоқ еді",
    "reason_ru": "В плане не было",
}


def test_an_offer_is_answered_in_the_term_of_the_place_and_keeps_it(visit, world, measure):
    url = "/measures/1/offers/new"
    visitor = visit(world.member)
    page = visitor.get(url)
    assert "An answer is due within 21 working days." in page.text
    sent = visitor.submit(page, url, **OFFER)
    assert "Officers answer it within 21 working days." in visitor.get(sent.location).text
    promised = only(Offer).answer_due_at
    assert promised == due_after(21, MONDAY)
    let_begin(offer_working_days=2)
    assert only(Offer).answer_due_at == promised
    assert "within 2 working days" in visitor.get(url).text


def test_a_promise_of_money_is_answered_in_the_term_of_the_city(visit, world, measure):
    url = "/measures/1/commitments/new"
    region = visit(world.region_officer)
    page = region.get(url)
    assert "The city accepts or refuses it within 22 working days" in page.text
    sent = region.submit(page, url, **PROMISE)
    assert "The city answers it within 22 working days." in region.get(sent.location).text
    assert only(Commitment).accept_due_at == due_after(22, MONDAY)


def test_an_organisation_is_checked_in_the_term_of_its_home(visit, world):
    let_begin()
    fields = {"bin": "000140000121", "kind": "ngo", "name": "Түркістан", "letter_number": "7", "home": TURKISTAN}
    visitor, url = visit(world.aigerim), "/organisations/new"
    page = visitor.get(url)
    assert "within 4 working days" in page.text
    page = visitor.submit(page, url, 422, **fields, letter_on="2026-08-01")
    assert "The letter is older than 90 days." in page.text
    visitor.submit(page, url, **fields, letter_on="2026-09-01")
    rollback()
    made = db.session.scalars(select(Organisation).where(Organisation.bin == fields["bin"])).one()
    assert made.verify_due_at == due_after(4, MONDAY)
    assert "within the term that the page of the place says" in visit(world.newcomer).get(url).text


def test_an_author_is_asked_as_often_as_the_place_allows(visit, world, clock):
    let_begin()
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
    desk, url = visit(world.moderator), f"/desk/{key}/question"
    page = desk.get(url)
    assert "can be returned 1 time;" in page.text
    desk.submit(page, url, question="Қай мектеп?")
    author = visit(world.aigerim)
    revision = f"/proposals/{key}/revision"
    author.submit(author.get(revision), revision, note="№ 5", text="№ 5 мектеп алдында жарық жоқ")
    page = desk.submit(desk.get(url), url, 422, question="Тағы бір сұрақ")
    assert "asked 1 time already" in page.text


def test_a_merger_keeps_the_days_in_which_it_can_be_undone(visit, world, clock):
    let_begin()
    with unit_of_work():
        one = published(world, MONDAY, title="Мектеп жанындағы өткелге жарық").id
        other = published(world, MONDAY, title="Мектеп жанындағы өткелді жарықтандыру").id
    desk, url = visit(world.moderator), f"/desk/{one}/merger/{other}"
    check = desk.get(url)
    assert "It can be undone for 45 days." in check.text
    told = desk.get(desk.submit(check, url).location)
    assert "Joined. Everybody concerned is told. It can be undone for 45 days." in told.text
    let_begin(merger_days=1)
    undoing = f"/mergers/{only(Merger).id}/undo"
    clock(MONDAY + 46 * DAY)
    late = visit(world.moderator)
    answer = late.post(undoing, 409, page=late.get(f"/proposals/{other}"))
    assert "A merger can be undone for 45 days; they have passed." in answer.text
    clock(MONDAY + 44 * DAY)
    in_time = visit(world.moderator)
    in_time.post(undoing, 303, page=in_time.get(f"/proposals/{other}"))
    matter = visit(world.region_officer).get("/regional-matters/new?territory=610000000")
    assert "separated again for 30 days" in matter.text  # the region has its own number


@pytest.fixture
def carried(world):
    """A proposal that the city published and accepted while its other numbers were in force, with one milestone."""
    let_begin(now=MONDAY - 20 * DAY)
    with unit_of_work():
        found = published(world, MONDAY - 9 * DAY)
        supported(found, 40, TURKISTAN, MONDAY - 8 * DAY)
        found = locked(Proposal, found.id)
        texts = ("Қабылданды. " * 5, "Принято. " * 5, "Көлік бөлімі", "Отдел транспорта", "city_budget", 5)
        steps = [Step("Жоба", "Проект", FIRST - 40 * DAY, FIRST)]
        decide(world.officer, found, Reply(Decision.ACCEPT, *texts), MONDAY - 7 * DAY, steps=steps)
    let_begin(now=MONDAY - DAY, moves=9, move_days=900, judging_days=90, judging_minimum=1, replan_working_days=90)


def acted(world, act, outcome, at, *more):
    with unit_of_work():
        locked(Proposal, 1)
        return act(world.officer, locked(Milestone, 1), outcome, Evidence("Кейін", "Позже"), at, *more)


def test_a_milestone_keeps_how_often_and_how_far_it_may_be_moved(visit, world, carried):
    page = visit(world.officer).get("/milestones/1/report")
    assert "The date can be moved 1 more time." in page.text
    for day in (FIRST + 62 * DAY, FIRST + 61 * DAY):
        if day > FIRST + 61 * DAY:
            with pytest.raises(Invalid) as refused:
                acted(world, report, Outcome.LATER, MONDAY, day)
            assert refused.value.field == "moved_to"
        else:
            acted(world, report, Outcome.LATER, MONDAY, day)
    with pytest.raises(Invalid) as refused:
        acted(world, report, Outcome.LATER, MONDAY, FIRST + 50 * DAY)
    assert refused.value.field == "outcome"


def test_supporters_judge_by_the_numbers_of_the_publication(world, carried):
    acted(world, report, Outcome.DONE, MONDAY)
    ends = closing_after(14, MONDAY)
    assert only(JudgingRound).closes_at == ends
    _say_no(world, 4)
    assert close_rounds(ends) == 1
    assert only(Proposal).stage == "done"  # four of the five that are needed
    again = db.session.scalars(select(JudgingRound).order_by(JudgingRound.number.desc())).first().closes_at
    _say_no(world, 5, ends + DAY)
    assert close_rounds(again) == 1
    found = only(Proposal)
    assert (found.stage, found.due_at) == ("implementing", due_after(12, again))


def _say_no(world, count, at=MONDAY):
    query = select(Vote.voter_id).where(Vote.choice == 1).order_by(Vote.voter_id).limit(count)
    for key in list(db.session.scalars(query)):
        with unit_of_work():
            judge(db.session.get(User, key), locked(Proposal, 1), "no", "Жасалмады", at)


def test_a_missed_milestone_is_recorded_again_by_the_numbers_of_the_publication(world, carried):
    ended = end_of_day(FIRST, LOCAL_ZONE)
    due_milestones(MONDAY)
    due_milestones(ended)
    found = only(Proposal)
    assert found.overdue_at == ended and found.due_at == due_after(7, ended)


def test_what_stalls_goes_by_the_rules_of_its_publication_and_says_them(visit, world, clock):
    let_begin()
    let_begin("610000000")
    with unit_of_work():
        programme = add_programme(MONDAY, add_direction(MONDAY))
        add_measure(MONDAY, programme)
    let_begin(plan_wait_days=1, now=MONDAY + DAY)
    let_begin("610000000", progress_percent=1, now=MONDAY + DAY)
    part = (programme_of().ends_on - programme_of().starts_on).days * 40 // 100
    for after, reasons in ((52, 0), (53, 1), (part, 1), (part + 1, 2)):
        when = MONDAY + after * DAY
        keep_cases(when)
        clock(when)
        text = visit().get(f"/hanging?place={TURKISTAN}").text + visit().get("/hanging?place=610000000").text
        said = ("52 days after its publication no milestone", "40% of its term is over")
        assert sum(words in text for words in said) == reasons, after


def programme_of():
    rollback()
    return db.session.scalars(select(Programme)).one()
