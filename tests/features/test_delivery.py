"""Reports with evidence, plans of measures, overdue in public; supporters judge, twice, and reopen once."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select, update

from tests.conftest import MONDAY
from tests.factories import published, supported
from tests.strategies import KENTAU, add_direction, add_measure, add_programme
from webapp.account.services import forget_person, my_data
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import decide
from webapp.delivery.jobs import milestones as due_milestones
from webapp.delivery.jobs import miss_of_measures
from webapp.delivery.judging import close_rounds, move_judgements, rounds_of, tally
from webapp.delivery.models import Judgement, Milestone, MilestoneReport
from webapp.delivery.reporting import Evidence, report_done
from webapp.delivery.rules import Step, majority_says_no, progress
from webapp.delivery.services import plan_anew
from webapp.journal.models import Fact
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.notifications.models import Notice
from webapp.people.models import User
from webapp.photos.models import Photo
from webapp.proposals.models import Proposal
from webapp.strategies.models import Measure
from webapp.voting.models import Vote

both_databases = ("reports_with_evidence", "majority", "asked_again", "measure_promises", "changes_the_answer")
DAY = timedelta(days=1)
TODAY = local_date(MONDAY)
DONE = {"text_kk": "Шамдар орнатылды", "text_ru": "Фонари установлены"}
#: A round ends with the last second of its twenty-eighth day.
WEEKS = timedelta(days=28, hours=14)


def facts(verb):
    rollback()
    return list(db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id)))


def proposal():
    rollback()
    return db.session.get(Proposal, 1)


@pytest.fixture
def carried(world):
    """An accepted proposal of Turkistan with two milestones, supported by forty neighbours."""
    with unit_of_work():
        found = published(world, MONDAY - 9 * DAY)
        supported(found, 40, "611000000", MONDAY - 8 * DAY)
        found = locked(Proposal, found.id)
        reply = Reply(
            Decision.ACCEPT, "Қабылданды. " * 5, "Принято. " * 5, "Көлік бөлімі", "Отдел транспорта", "city_budget", 5
        )
        steps = [Step("Жоба", "Проект", TODAY, TODAY + 20 * DAY), Step("Орнату", "Установка", TODAY, TODAY + 60 * DAY)]
        decide(world.officer, found, reply, MONDAY - 7 * DAY, steps=steps)


def finish(world, at=MONDAY):
    with unit_of_work():
        locked(Proposal, 1)
        for milestone in db.session.scalars(select(Milestone).where(Milestone.done_at.is_(None))):
            report_done(world.officer, milestone, Evidence("Бітті", "Готово"), at)


def supporters(count):
    rollback()
    query = select(User).join(Vote, Vote.voter_id == User.id).where(Vote.proposal_id == 1, Vote.choice == 1)
    return list(db.session.scalars(query.order_by(User.id).limit(count)))


def picture(kind="PNG"):
    raw = io.BytesIO()
    Image.new("RGB", (80, 60), "green").save(raw, kind)
    raw.seek(0)
    return raw


def test_the_body_reports_with_evidence_and_everybody_reads_it(app, visit, world, carried):
    officer = visit(world.officer)
    page = officer.get("/proposals/1")
    assert "Milestones reported: 0 of 2" in page.text and "Отдел транспорта" in page.text
    form = officer.get("/milestones/1/report")
    more = {"document": "Акт № 3", "link": "https://example.kz/act", "amount_tenge": "1 250 000", "alt": "Фонарь"}
    officer.post("/milestones/1/report", page=form, **DONE, **more, photo=(picture(), "lamp.png"))
    page = visit(lang="ru").get("/proposals/1")
    for words in ("Фонари установлены", "Акт № 3", "1 250 000"):
        assert words in page.text.replace("\xa0", " "), words
    image = next(one for one in page.find("img") if one.get("alt") == "Фонарь")
    answer = visit().get(image.get("src"))
    assert answer.response.mimetype == "image/webp" and answer.response.cache_control.public
    assert page.find("a", href="https://example.kz/act")[0].get("rel") == "nofollow noopener"
    assert "1 из 2" in page.text
    assert proposal().stage == "implementing" and len(facts("milestone:done")) == 1
    officer.post("/milestones/1/report", 409, page=form, **DONE)  # twice
    assert officer.get("/milestones/1/report", status=303).location == "/proposals/1"
    jobs.run(MONDAY + timedelta(minutes=5))
    told = db.session.scalars(select(Notice).join(Fact, Fact.id == Notice.fact_id).where(Fact.verb == "milestone:done"))
    assert len(list(told)) >= 40  # supporters


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"text_ru": ""}, "in Kazakh and in Russian"),
        ({"link": "javascript:alert(1)"}, "begins with https"),
        ({"amount_tenge": "много"}, "whole tenge"),
        ({"amount_tenge": "-5"}, "whole tenge"),
        ({"photo": "text"}, "not a photo"),
        ({"photo": "image"}, "what the photo shows"),
    ],
)
def test_what_is_wrong_with_a_report_is_said_and_kept(app, visit, world, carried, more, words):
    officer = visit(world.officer)
    form = officer.get("/milestones/1/report")
    sent = dict(DONE) | {"alt": "Фонарь"}
    if more.get("photo") == "text":
        sent["photo"] = (io.BytesIO(b"<script>"), "lamp.png")
    elif more.get("photo") == "image":
        sent |= {"photo": (picture(), "lamp.png"), "alt": ""}
    else:
        sent |= more
    page = officer.post("/milestones/1/report", 422, page=form, **sent)
    assert words in page.text and ("Шамдар орнатылды" in page.html)
    assert not list(db.session.scalars(select(MilestoneReport))) and not list(db.session.scalars(select(Photo)))


def test_only_the_body_that_holds_it_reports(app, visit, world, carried):
    for person in (world.aigerim, world.moderator, world.region_officer, world.nation_officer, world.bolat):
        visitor = visit(person)
        visitor.get("/milestones/1/report", status=403)
        visitor.post("/milestones/1/report", 403, page=visitor.get("/proposals/1"), **DONE)
    visit(world.officer).get("/milestones/99/report", status=404)
    visit(world.officer).get("/milestones/99999999999/report", status=404)
    assert visit().get("/milestones/1/report", status=303).location.startswith("/sign-in")


def test_a_report_that_does_not_hold_is_opened_again_in_public(app, visit, world, carried):
    officer = visit(world.officer)
    form = officer.get("/milestones/1/report")
    officer.post("/milestones/1/report", page=form, **DONE)
    page = officer.get("/milestones/1/reopening")
    assert officer.submit(page, "/milestones/1/reopening", 422, text_kk="Жоқ").status == 422
    officer.submit(page, "/milestones/1/reopening", text_kk="Шам жанбайды", text_ru="Фонарь не горит")
    officer.submit(page, "/milestones/1/reopening", 409, text_kk="Тағы", text_ru="Ещё")
    page = visit(lang="ru").get("/proposals/1")
    assert "Фонарь не горит" in page.text and "Фонари установлены" in page.text and "0 из 2" in page.text
    assert len(facts("milestone:reopened")) == 1 and proposal().due_at is not None


def judge(visitor, status=303, **said):
    return visitor.post("/proposals/1/judgement", status, page=visitor.get("/proposals/1"), **said)


def test_supporters_judge_and_nobody_else(app, visit, world, carried):
    first, second = supporters(2)
    assert "Was it done" not in visit(first).get("/proposals/1").text
    judge(visit(first), 409, choice="yes")  # nobody is asked yet
    finish(world)
    assert proposal().stage == "done" and len(facts("judgement:opened")) == 1
    mine = visit(first)
    assert mine.get("/proposals/1").find("form", action="/proposals/1/judgement")
    assert "Say what was not done" in judge(mine, 422, choice="no", reason="").text
    assert judge(mine, 422, choice="maybe").status == 422
    judge(mine, choice="no", reason="Бір шам ғана <b>жанады</b>")
    judge(visit(second), choice="partly", reason="")
    page = visit().get("/proposals/1")
    assert "Бір шам ғана <b>жанады</b>" in page.text and first.public_name not in page.text
    for person in (world.bolat, world.moderator):
        assert not visit(person).get("/proposals/1").find("form", action="/proposals/1/judgement")
    judge(visit(world.bolat), 403, choice="no", reason="Жоқ")
    judge(visit(world.newcomer), 403, choice="yes")
    visit().post("/proposals/1/judgement", 401, choice="yes")
    assert len(list(db.session.scalars(select(Judgement)))) == 2
    names = {str(person.id) for person in (first, second)}
    for fact in db.session.scalars(select(Fact).where(Fact.verb.like("judgement:%"))):
        assert fact.actor_id is None and not names & {str(value) for value in fact.facts.values()}


def test_a_supporter_changes_the_answer_while_the_round_is_open(app, visit, world, carried):
    finish(world)
    visitor = visit(supporters(1)[0])
    judge(visitor, choice="no", reason="Жоқ")
    assert "You said: No" in visitor.get("/proposals/1").text
    judge(visitor, choice="yes", reason="")
    rows = list(db.session.scalars(select(Judgement)))
    assert [(row.choice, row.reason) for row in rows] == [("yes", "")]


def test_what_somebody_said_belongs_to_them(app, visit, world, carried):
    finish(world)
    first, second = supporters(2)
    judge(visit(first), choice="no", reason="Менің сөзім")
    assert my_data(first)["judgements"][0]["reason"] == "Менің сөзім"
    with unit_of_work():
        move_judgements(first.id, second.id)
        move_judgements(first.id, second.id)
    assert my_data(supporters(2)[1])["judgements"][0]["choice"] == "no"
    with unit_of_work():
        forget_person(locked(User, second.id), MONDAY)
    row = db.session.scalars(select(Judgement)).one()
    assert (row.choice, row.reason) == ("no", "")  # it stays counted, the words are gone


def say(world, choices, at):
    people = supporters(len(choices))
    with unit_of_work():
        found = rounds_of(1)[-1]
        for person, choice in zip(people, choices, strict=True):
            db.session.add(
                Judgement(round_id=found.id, user_id=person.id, choice=choice, reason="Себебі бар", lang="kk", at=at)
            )


def test_a_majority_that_says_no_reopens_it_exactly_once(app, visit, world, carried):
    finish(world)
    say(world, ["no", "no", "yes"], MONDAY)
    assert close_rounds(MONDAY + WEEKS - DAY) == 0
    assert close_rounds(MONDAY + WEEKS) == 1 and close_rounds(MONDAY + WEEKS) == 0
    found = proposal()
    assert found.stage == "implementing" and found.closed_at is None and found.due_at > MONDAY + WEEKS
    assert facts("judgement:closed")[0].facts.items() >= {"yes": 1, "partly": 0, "no": 2}.items()
    assert len(facts("proposal:reopened")) == 1
    assert "A majority of supporters said no" in visit().get("/proposals/1").text
    due = found.due_at
    due_milestones(due + timedelta(minutes=1))  # no new plan: recorded, and looked at again
    assert len(facts("plan:overdue")) == 1 and proposal().due_at > due
    officer, later = visit(world.officer), local_date(due) + 90 * DAY
    page = officer.get("/proposals/1/milestones")
    plan = {"milestone_1_kk": "Қайта орнату", "milestone_1_ru": "Установка заново"}
    assert officer.submit(page, "/proposals/1/milestones", 422, **plan).status == 422  # no date
    officer.submit(page, "/proposals/1/milestones", **plan, milestone_1_to=later.isoformat())
    finish(world, due + 5 * DAY)
    assert proposal().stage == "done"
    say(world, ["no"] * 5, due + 6 * DAY)
    assert close_rounds(due + 5 * DAY + WEEKS) == 1
    assert proposal().stage == "done" and len(facts("proposal:reopened")) == 1  # once


def test_what_was_overdue_before_is_not_when_it_is_opened_again_or_planned_anew(app, world, carried):
    late = MONDAY + 90 * DAY
    due_milestones(MONDAY + DAY)
    due_milestones(MONDAY + 70 * DAY)
    assert proposal().overdue_at is not None
    finish(world, late)
    say(world, ["no", "no", "yes"], late)
    close_rounds(late + WEEKS)
    assert proposal().stage == "implementing" and proposal().overdue_at is None
    due = proposal().due_at
    due_milestones(due + timedelta(minutes=1))
    assert proposal().overdue_at is not None
    last = local_date(due) + 90 * DAY
    with unit_of_work():
        plan_anew(world.officer, locked(Proposal, 1), [Step("Қ", "У", last - DAY, last)], due + DAY)
    assert proposal().overdue_at is None


def test_a_vote_that_counts_no_more_judges_no_more(app, world, carried):
    finish(world)
    say(world, ["no", "no", "no"], MONDAY)
    first, second = (person.id for person in supporters(2))
    with unit_of_work():
        for voter, change in ((first, {"choice": -1}), (second, {"quarantine_id": 7})):
            db.session.execute(update(Vote).where(Vote.proposal_id == 1, Vote.voter_id == voter).values(**change))
    rollback()
    assert tally(rounds_of(1)[-1])["no"] == 1
    close_rounds(MONDAY + WEEKS)
    assert proposal().stage == "done"  # one is no majority


def test_supporters_are_asked_again_after_four_weeks(app, visit, world, carried):
    finish(world)
    say(world, ["yes", "yes", "no"], MONDAY)
    close_rounds(MONDAY + WEEKS)
    rollback()
    first, second = rounds_of(1)
    assert (
        second.is_last and second.closes_at == first.closes_at + timedelta(days=28) and (first.yes, first.no) == (2, 1)
    )
    assert [fact.facts["again"] for fact in facts("judgement:opened")] == [False, True]
    jobs.run(MONDAY + WEEKS + timedelta(minutes=1))
    told = db.session.scalars(
        select(Notice).join(Fact, Fact.id == Notice.fact_id).where(Fact.verb == "judgement:opened")
    )
    assert len(list(told)) >= 80  # forty supporters, twice
    say(world, ["yes"], MONDAY + WEEKS)
    close_rounds(MONDAY + 2 * WEEKS)
    assert close_rounds(MONDAY + 9 * WEEKS) == 0 and len(rounds_of(1)) == 2
    page = visit().get("/proposals/1")
    assert "asked again" in page.text and page.text.count("Yes") >= 2


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 0, 2), False),
        ((0, 0, 3), True),
        ((1, 1, 2), False),
        ((1, 1, 3), True),
        ((9, 0, 9), False),
        ((0, 4, 5), True),
    ],
)
def test_what_a_majority_is(counts, expected):
    assert majority_says_no(*counts, at_least=3) is expected


def test_progress_is_between_nothing_and_all():
    assert [progress(done, 4) for done in range(5)] == [0, 0.25, 0.5, 0.75, 1] and progress(0, 0) == 0


@pytest.fixture
def measure(world):
    with unit_of_work():
        programme = add_programme(MONDAY, add_direction(MONDAY))
        add_measure(MONDAY, programme)
        add_measure(MONDAY, programme, KENTAU)


PLAN = {"milestone_1_kk": "Жоба", "milestone_1_ru": "Проект", "milestone_1_to": (TODAY + 5 * DAY).isoformat()}


def test_a_measure_promises_milestones_and_reports_them(app, visit, world, measure):
    officer = visit(world.officer)
    page = officer.get("/measures/1/milestones")
    assert (
        "must be due after today"
        in officer.submit(page, "/measures/1/milestones", 422, **PLAN | {"milestone_1_to": TODAY.isoformat()}).text
    )
    assert officer.submit(page, "/measures/1/milestones", 422).status == 422  # nothing promised
    officer.submit(page, "/measures/1/milestones", **PLAN)
    assert "Milestones reported: 0 of 1" in visit().get("/measures/1").text
    assert miss_of_measures(MONDAY + 5 * DAY) == 0
    assert miss_of_measures(MONDAY + 7 * DAY) == 1 and miss_of_measures(MONDAY + 8 * DAY) == 0
    assert facts("milestone:overdue")[0].subject_type == "measure" and facts("milestone:overdue")[0].public
    form = officer.get("/milestones/1/report")
    officer.post("/milestones/1/report", page=form, **DONE)
    page = visit().get("/measures/1")
    assert "Milestones reported: 1 of 1" in page.text and "Фонари установлены" in page.text
    assert "1 of 1" in visit().get("/programmes/1").text
    with unit_of_work():
        db.session.get(Measure, 1).closed_at = MONDAY
    page = officer.get("/milestones/1/reopening")
    officer.submit(page, "/milestones/1/reopening", 409, text_kk="Жоқ", text_ru="Нет")
    with unit_of_work():
        assert db.session.get(Milestone, 1).done_at is not None
        db.session.get(Measure, 1).closed_at = None
    officer.get("/measures/2/milestones", status=403)
    for person in (world.region_officer, world.nation_officer, world.moderator):
        visitor = visit(person)
        visitor.post("/measures/1/milestones", 403, page=visitor.get("/strategy"), **PLAN)
    many = {
        f"milestone_{n}_{part}": value
        for n in range(1, 5)
        for part, value in (("kk", "А"), ("ru", "Б"), ("to", "2027-09-01"))
    }
    page = officer.get("/measures/1/milestones")
    for _turn in range(2):
        officer.submit(page, "/measures/1/milestones", **many)
    assert "at most 12" in officer.submit(page, "/measures/1/milestones", 409, **many).text
