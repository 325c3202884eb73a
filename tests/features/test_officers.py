"""Officers: more time once and in public, the record of a body, the whole file on one page, the Monday view."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import published, supported
from webapp.answering.record import record_of
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import decide
from webapp.escalation.models import LadderRung
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.people.models import Organisation
from webapp.proposals.models import Proposal
from webapp.rulebook.services import due_after
from webapp.territories.services import by_kato
from webapp.voting.services import cast_for_organisation

both_databases = True
sensitive = (
    "test_a_term_is_extended_once_with_reasons_that_everybody_reads",
    "test_every_number_of_monday_is_its_list",
    "test_the_record_of_a_body_is_what_it_did",
)
DAY = timedelta(days=1)
TEXTS = ("Бұл ұсыныс қаралды, шешімнің негізі осы.", "Предложение рассмотрено, основание решения таково.")
REASONS = {"text_kk": TEXTS[0], "text_ru": TEXTS[1]}


@pytest.fixture
def key(world):
    """A proposal under review in Turkistan."""
    with unit_of_work():
        found = published(world, MONDAY - 2 * DAY, title="Көпірге жарық керек")
        supported(found, 20, "611000000", MONDAY - DAY, name="crowd")
        return found.id


def proposal(key):
    rollback()
    return db.session.get_one(Proposal, key)


def rung(key, position=0):
    rollback()
    return db.session.scalars(
        select(LadderRung).where(LadderRung.proposal_id == key, LadderRung.position == position)
    ).one()


def extend(browser, key, status=303, **values):
    page = browser.get(f"/proposals/{key}/extension")
    return browser.submit(page, f"/proposals/{key}/extension", status, **REASONS | values)


# --- more time


def test_a_term_is_extended_once_with_reasons_that_everybody_reads(world, visit, key, clock):
    was_due, officer = proposal(key).due_at, visit(world.officer)
    extend(officer, key, days="10")
    assert proposal(key).due_at == rung(key).due_at == due_after(10, was_due) > was_due
    page = visit(lang="kk").get(f"/proposals/{key}")
    assert TEXTS[0] in page.text and "ұзартылды" in page.text
    fact = db.session.scalars(select(Fact).where(Fact.verb == "term:extended")).one()
    assert fact.public and fact.facts["reason_ru"] == TEXTS[1]
    jobs.run(MONDAY + DAY)  # told at once, long before three working days are over
    rollback()
    told = select(Message).where(Message.to == world.aigerim.email).order_by(Message.id.desc())
    assert "extended" in db.session.scalars(told).first().dedup_key or db.session.scalars(told).first().body
    assert db.session.scalar(select(func.count()).where(Message.dedup_key == f"fact:{fact.id}:{world.aigerim.id}")) == 1
    assert "as often as the rules allow" in officer.get(f"/proposals/{key}/extension").text
    officer.post(f"/proposals/{key}/extension", 409, days="1", **REASONS)
    assert "Take more time" not in officer.get(f"/proposals/{key}/answer").text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"days": ""}, "Say by how many working days."),
        ({"days": "16"}, "Choose a number of working days from 1 to 15."),
        ({"days": "0"}, "Choose a number of working days from 1 to 15."),
        ({"days": "ten"}, "Choose a number of working days from 1 to 15."),
        ({"days": "5", "text_kk": "Қысқа"}, "Write the reasons in Kazakh"),
        ({"days": "5", "text_ru": ""}, "Write the reasons in Russian"),
    ],
)
def test_an_incomplete_extension_is_refused_and_kept(world, visit, key, values, sentence):
    was_due = proposal(key).due_at
    page = extend(visit(world.officer), key, 422, **values)
    assert sentence in page.text and (TEXTS[1] in page.html or "text_ru" in values)
    assert proposal(key).due_at == was_due and rung(key).extended == 0


@pytest.mark.parametrize("name", ["aigerim", "moderator", "region_officer"])
def test_only_the_officer_of_the_seat_extends(world, visit, key, name):
    visit(getattr(world, name)).post(f"/proposals/{key}/extension", 403, days="5", **REASONS)


def test_the_silence_of_a_body_that_asked_for_time_climbs_at_the_new_date(world, visit, key):
    was_due = proposal(key).due_at
    extend(visit(world.officer), key, days="5")
    jobs.run(was_due + timedelta(minutes=1))
    assert (proposal(key).stage, proposal(key).seat.kato) == ("review", "611000000")
    jobs.run(proposal(key).due_at + timedelta(minutes=1))
    assert (proposal(key).seat.kato, rung(key).outcome) == ("610000000", "silent")
    assert rung(key, 1).extended == 0  # the region has an extension of its own


def test_what_is_overdue_gets_no_more_time(world, visit, key, clock):
    moment = MONDAY
    for _rung in range(3):
        moment = proposal(key).due_at + timedelta(minutes=1)
        jobs.run(moment)
    assert proposal(key).overdue_at is not None
    clock(moment + timedelta(minutes=1))
    officer = visit(world.nation_officer)
    assert "Take more time" not in officer.get(f"/proposals/{key}/answer").text
    assert (
        "an answer is due, not more time" in officer.post(f"/proposals/{key}/extension", 409, days="5", **REASONS).text
    )


# --- the record


def answer(world, who, key, decision, at):
    with unit_of_work():
        decide(getattr(world, who), locked(Proposal, key), Reply(decision, *TEXTS), at)


def test_the_record_of_a_body_is_what_it_did(world, visit, key):
    with unit_of_work():
        others = []
        for number in range(2):
            found = published(world, MONDAY - 2 * DAY, title=f"Аула {number}")
            supported(found, 20, "611000000", MONDAY - DAY, name=f"other{number}x")
            others.append(found.id)
    answer(world, "officer", key, Decision.DECLINE, MONDAY)  # a day after it arrived
    answer(world, "officer", others[0], Decision.PASS_UP, MONDAY + 2 * DAY)
    moment = proposal(others[1]).due_at + timedelta(minutes=1)
    jobs.run(moment)
    found = record_of(by_kato("611000000").id, moment)
    assert (found.on_time, found.late, found.silent, found.median_days, found.percent) == (2, 0, 1, 1, 66)
    page = visit().get("/territories/611000000").text
    assert "How this body answers" in page and "Answers due: 3. Given on time: 66%." in page
    for _rung in range(2):  # region and nation stay silent too; the nation answers late in the end
        moment = proposal(others[1]).due_at + timedelta(minutes=1)
        jobs.run(moment)
    answer(world, "nation_officer", others[1], Decision.DECLINE, moment + DAY)
    assert record_of(by_kato("000000000").id, moment + DAY).late == 1
    assert record_of(by_kato("610000000").id, moment).silent >= 1
    assert record_of(by_kato("611000000").id, moment + 400 * DAY).owed == 0  # a year is remembered


# --- the whole file


def test_the_whole_file_is_on_one_page(world, visit, key):
    with unit_of_work():
        supported(locked(Proposal, key), 3, "750000000", MONDAY, name="few")
        organisation = db.session.scalars(select(Organisation)).one()
        cast_for_organisation(world.member, organisation, locked(Proposal, key), "oppose", MONDAY)
        published(world, MONDAY - DAY, title="Көпірге жарық керек екен")
    answer(world, "officer", key, Decision.PASS_UP, MONDAY)
    page = visit(world.region_officer).get(f"/proposals/{key}/answer")
    for words in (
        "Supporters: 20 of 20",
        "Passed up",
        "Сырдария сервис",
        "is against",
        TEXTS[1],
        "Places with fewer than 10",
    ):
        assert words in page.text, words
    assert "Almaty" not in page.find("aside")[0].text_content().split("By place")[1].split("Organisations")[0]
    similar = visit(world.region_officer).get(f"/proposals/{key}/similar")
    assert "Көпірге жарық керек екен" in similar.text and "%" in similar.text
    visit(world.officer).get(f"/proposals/{key}/similar", status=403)


def test_the_letter_of_an_answer_can_be_read_first(world, visit, key):
    officer = visit(world.officer)
    data = officer.get(f"/proposals/{key}/answer?decision=decline").form(f"/proposals/{key}/answer")
    assert data["decision"] == "decline"
    look = officer._send("POST", f"/desk/{key}/answer-letter", data=data | REASONS)
    assert look.status == 200 and "The letter that the author gets" in look.text
    assert TEXTS[0] in look.html and proposal(key).stage == "review"
    rollback()
    assert not db.session.scalar(select(func.count()).where(Fact.verb == "proposal:declined"))
    officer.submit(look, f"/proposals/{key}/answer")
    jobs.run(MONDAY + timedelta(minutes=2))
    rollback()
    sent = db.session.scalars(
        select(Message).where(Message.to == world.aigerim.email).order_by(Message.id.desc())
    ).first()
    shown = re.sub(r"\s+", " ", look.find("section", class_="letter")[0].text_content())
    for paragraph in sent.body.split("\n\n")[:3]:
        assert re.sub(r"\s+", " ", paragraph).strip() in shown
    bad = officer._send("POST", f"/desk/{key}/answer-letter", data=data | REASONS)
    assert bad.status in (403, 409)  # it is decided


def test_a_template_of_an_answer_is_filled_in_and_blocks_what_is_left(world, visit, key):
    officer = visit(world.officer)
    officer.submit(
        officer.get("/desk/templates"),
        "/desk/templates",
        use="answer",
        name="Жөндеу",
        text_kk="«{title}» бойынша жөндеу {ай} айында басталады.",
        text_ru="По «{title}» ремонт начнётся в {месяц}.",
    )
    page = officer.get(f"/proposals/{key}/answer")
    chosen = page.find("select", id="template")[0].find("option").get("value")
    filled = officer.get(f"/proposals/{key}/answer?decision=decline&template={chosen}")
    assert "«Көпірге жарық керек» бойынша" in filled.html
    refused = officer.submit(filled, f"/proposals/{key}/answer", 422)
    assert "Fill in what is in braces: {ай}." in refused.text
    assert proposal(key).stage == "review"


# --- Monday


def test_every_number_of_monday_is_its_list(world, visit, key):
    with unit_of_work():
        up = published(world, MONDAY - 2 * DAY, title="Облысқа көтерілді")
        supported(up, 20, "611000000", MONDAY - DAY, name="lift")
    answer(world, "officer", up.id, Decision.PASS_UP, MONDAY - timedelta(hours=1))
    region = visit(world.region_officer)
    page = region.get("/desk")
    stats = {
        stat.find_class("stat-label")[0].text_content().strip(): (
            stat.find_class("stat-number")[0].text_content().strip(),
            next(stat.iter("a")).get("href"),
        )
        for stat in page.tree.find_class("stat")
    }
    for label, count, link in (
        ("came here within a week", "1", f"/proposals/{up.id}/answer"),
        ("answer due", "1", f"/proposals/{up.id}/answer"),
        ("under review below", "1", f"/proposals/{key}"),
        ("overdue", "0", None),
    ):
        number, url = stats[label]
        assert number == count, label
        listed = [a.get("href") for a in region.get(url).find("a") if a.get("data-row") is not None]
        assert listed == ([link] if link else []), label
    assert stats["promised for what is being carried out"][0].startswith("0")
    assert "under review below" not in visit(world.officer).get("/desk").text  # nothing is below a city
    assert "answer due" not in visit(world.moderator).get("/desk").text
