"""A milestone is done, partly done, or comes later with the reason: what was promised first stays in sight and on record."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import published, supported
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import decide
from webapp.delivery.models import Milestone, MilestoneReport
from webapp.delivery.reporting import Evidence, report, report_done
from webapp.delivery.rules import Dates, Outcome, ReportFault, Step, report_faults
from webapp.journal.models import Fact
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.errors import Invalid
from webapp.kernel.jobs import jobs
from webapp.proposals.models import Proposal

DAY = timedelta(days=1)
#: As the rules of the demonstration say.
MOST_MOVES, MOVE_AT_MOST_DAYS = 2, 180
TODAY = local_date(MONDAY)
TEXT = {"text_kk": "Үш көше дайын, үшеуі қалды", "text_ru": "Три улицы из шести готовы"}
WHY = {"text_kk": "Мердігер кешікті", "text_ru": "Подрядчик опаздывает"}


@pytest.fixture
def carried(world):
    """A proposal that is being carried out: one milestone has begun, the other begins in three weeks."""
    with unit_of_work():
        found = published(world, MONDAY - 9 * DAY)
        supported(found, 20, "611000000", MONDAY - 8 * DAY)
        found = locked(Proposal, found.id)
        texts = ("Қабылданды. " * 5, "Принято. " * 5, "Көлік бөлімі", "Отдел транспорта", "city_budget", 5)
        steps = [
            Step("Жоба", "Проект", TODAY - 5 * DAY, TODAY + 20 * DAY),
            Step("Орнату", "Установка", TODAY + 21 * DAY, TODAY + 60 * DAY),
        ]
        decide(world.officer, found, Reply(Decision.ACCEPT, *texts), MONDAY - 7 * DAY, steps=steps)
    jobs.run(MONDAY)


def milestone(key):
    rollback()
    return db.session.get(Milestone, key)


def facts(verb):
    rollback()
    return [fact.facts for fact in db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id))]


def test_partly_done_stays_open_and_the_missing_evidence_is_seen(world, visit, clock, carried):
    officer = visit(world.officer)
    form = officer.get("/milestones/1/report")
    officer.post("/milestones/1/report", 303, form, outcome="partly", **TEXT)
    assert milestone(1).done_at is None
    page = visit(lang="ru").get("/proposals/1")
    assert "Три улицы из шести готовы" in page.text and "0 из 2" in page.text
    english = visit().get("/proposals/1")
    assert "Partly done" in english.text and "No document, link or photo shows it" in english.text
    officer.post("/milestones/1/report", 303, form, outcome="done", document="Акт № 3", **TEXT)
    assert milestone(1).done_at is not None
    assert visit().get("/proposals/1").text.count("No document, link or photo shows it") == 1
    jobs.run(MONDAY + timedelta(minutes=5))
    assert len(facts("milestone:partly-done")) == 1 and "partly done" in visit().get("/proposals/1").text


def test_a_report_before_the_beginning_is_said_to_be_one(world, visit, clock, carried):
    officer = visit(world.officer)
    form = officer.get("/milestones/2/report")
    assert "It was planned to begin on" in form.text
    why = {"early_kk": "Материал ерте келді", "early_ru": "Материалы пришли раньше"}
    officer.post("/milestones/2/report", 303, form, outcome="partly", **TEXT, **why)
    assert "Материалы пришли раньше" in visit(lang="ru").get("/proposals/1").text
    silent = "Reported before its planned beginning; no reason is given."
    assert silent not in visit().get("/proposals/1").text
    officer.post("/milestones/2/report", 303, form, outcome="done", **TEXT)
    assert milestone(2).done_at is not None and silent in visit().get("/proposals/1").text


def test_later_keeps_the_first_date_in_sight_and_its_passing_on_record(world, visit, clock, carried):
    officer = visit(world.officer)
    first, second = TODAY + 20 * DAY, TODAY + 50 * DAY
    form = officer.get("/milestones/1/report")
    both = officer.post("/milestones/1/report", 422, form, outcome="later", text_kk="", text_ru="", moved_to="")
    assert "Give the new date." in both.text and both.text.count("Write in Kazakh and in Russian.") >= 2
    for day, words in ((first, "must be after today"), (first + (MOVE_AT_MOST_DAYS + 1) * DAY, "at the latest")):
        assert (
            words
            in officer.post("/milestones/1/report", 422, form, outcome="later", moved_to=day.isoformat(), **WHY).text
        )
    officer.post("/milestones/1/report", 303, form, outcome="later", moved_to=second.isoformat(), **WHY)
    row = milestone(1)
    assert (row.due_on, row.promised_on, row.moves, row.missed_at) == (second, first, 1, None)
    page = visit().get("/proposals/1")
    assert "First promised by 13 December 2026" in page.text and "now by 12 January 2027" in page.text
    assert "Подрядчик опаздывает" in visit(lang="ru").get("/proposals/1").text
    when = MONDAY + 21 * DAY
    clock(when)
    jobs.run(when)
    jobs.run(when + timedelta(hours=1))
    assert milestone(1).first_missed_at is not None and milestone(1).missed_at is None
    missed = [one for one in facts("milestone:overdue") if one.get("moved_to")]
    assert [(one["due_on"], one["moved_to"]) for one in missed] == [(first.isoformat(), second.isoformat())]
    assert "that date was missed" in visit().get("/proposals/1").text
    assert proposal().overdue_at is None and local_date(proposal().due_at) == second  # the date in force is the new one
    with unit_of_work():
        locked(Proposal, 1)
        report_done(world.officer, milestone(1), Evidence("Бітті", "Готово"), when)
    assert "that date was missed" in visit().get("/proposals/1").text  # done afterwards, and still so


def proposal():
    rollback()
    return db.session.get(Proposal, 1)


def test_what_was_missed_already_may_still_be_moved_and_only_so_often(world, clock, carried):
    when = MONDAY + 25 * DAY
    jobs.run(when)
    assert milestone(1).missed_at is not None and proposal().overdue_at is not None
    first = milestone(1).due_on
    for number in range(MOST_MOVES):
        with unit_of_work():
            locked(Proposal, 1)
            report(
                world.officer,
                locked(Milestone, 1),
                Outcome.LATER,
                Evidence("Кейін", "Позже"),
                when,
                first + (30 + number) * DAY,
            )
    row = milestone(1)
    assert (row.moves, row.promised_on, row.first_missed_at is not None) == (MOST_MOVES, first, True)
    assert proposal().overdue_at is None and len(facts("milestone:overdue")) == 1
    with pytest.raises(Invalid) as refused, unit_of_work():
        report(world.officer, locked(Milestone, 1), Outcome.LATER, Evidence("Кейін", "Позже"), when, first + 60 * DAY)
    assert refused.value.field == "outcome"
    jobs.run(when + 40 * DAY)  # the date in force passes as any other
    assert milestone(1).missed_at is not None and proposal().overdue_at is not None
    assert len(db.session.scalars(select(MilestoneReport)).all()) == MOST_MOVES


def test_no_move_goes_beyond_the_bound_counted_from_the_first_date():
    dates = Dates(TODAY, TODAY + 40 * DAY, TODAY + 10 * DAY, 1, MOST_MOVES, MOVE_AT_MOST_DAYS)
    last = TODAY + (10 + MOVE_AT_MOST_DAYS) * DAY
    assert report_faults(Outcome.LATER, dates, TODAY, last) == []
    assert report_faults(Outcome.LATER, dates, TODAY, last + DAY) == [ReportFault.TOO_LATE]
    assert report_faults(Outcome.LATER, dates, TODAY + 50 * DAY, TODAY + 45 * DAY) == [ReportFault.NOT_LATER]
