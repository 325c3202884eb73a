"""The whole road through pages without JavaScript: a resident, a moderator, three officers, and two silences."""

from datetime import timedelta

from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import ACCEPTANCE, TEXT, supported
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.proposals.models import Proposal

both_databases = True

REASONS = {
    "text_kk": "Өткелге шам орнату қажет екенімен келісеміз, бірақ қала бюджетінде қаражат жоқ.",
    "text_ru": "Согласны, что освещение перехода нужно, но в городском бюджете средств нет.",
}


def proposal_of(page):
    return int(page.location.rstrip("/").split("/")[-2])


def latest():
    rollback()
    return db.session.scalars(select(Proposal).order_by(Proposal.id.desc())).first()


def write_and_send(browser):
    """The steps of proposing; returns the number of forms sent."""
    page = browser.get("/proposals/new")
    page = browser.submit(page, "/proposals/new", title="Мектеп жанындағы өткелге жарық керек", lang="kk")
    token = page.location.split("/")[2]
    browser.get(f"/drafts/{token}/similar", status=303)  # nothing similar: straight on
    page = browser.get(f"/drafts/{token}/place")
    browser.submit(page, f"/drafts/{token}/place", origin="611000000", place="№ 5 мектеп")
    page = browser.get(f"/drafts/{token}/text")
    browser.submit(page, f"/drafts/{token}/text", text=TEXT, sphere="safety", funding="budget")
    page = browser.get(f"/drafts/{token}/check")
    assert "Мектеп жанындағы өткелге жарық керек" in page.text
    return browser.submit(page, f"/drafts/{token}/submission")


def test_from_a_phone_to_the_nation(app, world, visit, clock):
    aigerim = visit(world.aigerim)
    sent = write_and_send(aigerim)
    talon = aigerim.follow(sent)
    key = latest().id
    assert latest().number in talon.text
    assert "<svg" in talon.html
    visit().get(f"/proposals/{key}", status=404)  # not checked yet: only the author and staff read it

    moderator = visit(world.moderator)
    assert "Мектеп жанындағы өткелге жарық керек" in moderator.get("/desk").text
    page = moderator.get(f"/desk/{key}/publication")
    moderator.submit(page, f"/desk/{key}/publication", sphere="safety")
    assert latest().stage == "collecting"
    assert latest().due_at > MONDAY

    page = aigerim.get(f"/proposals/{key}")
    aigerim.submit(page, f"/proposals/{key}/vote", choice="support")
    assert latest().supports == 1
    with unit_of_work():
        supported(locked(Proposal, key), 19, "611000000", MONDAY)
    assert latest().stage == "review"
    assert latest().seat.kato == "611000000"

    officer = visit(world.officer)
    assert "Answers due" in officer.get("/desk").text
    page = officer.get(f"/proposals/{key}/answer")
    officer.submit(page, f"/proposals/{key}/answer", decision="pass_up", **REASONS)
    assert latest().seat.kato == "610000000"

    region = visit(world.region_officer)
    page = region.get(f"/proposals/{key}/answer")
    in_three_weeks = (MONDAY + timedelta(days=20)).date().isoformat()
    region.submit(page, f"/proposals/{key}/answer", decision="hand_down", target="0", due_on=in_three_weeks, **REASONS)
    assert latest().seat.kato == "611000000"
    assert latest().due_at.date().isoformat() == in_three_weeks

    jobs.run(latest().due_at + timedelta(minutes=1))  # the city stays silent
    assert latest().seat.kato == "610000000"
    assert latest().silent_at is not None
    jobs.run(latest().due_at + timedelta(minutes=1))  # and the region
    assert latest().seat.kato == "000000000"
    clock(latest().due_at - timedelta(days=2))
    page = visit().get(f"/proposals/{key}")
    assert "That is on record" in page.text
    assert "Government of the Republic of Kazakhstan is preparing an answer" in page.text

    nation = visit(world.nation_officer)
    page = nation.get(f"/proposals/{key}/answer")
    day = latest().due_at.date()
    nation.submit(
        page,
        f"/proposals/{key}/answer",
        **ACCEPTANCE,
        **REASONS,
        milestone_1_kk="Жоба",
        milestone_1_ru="Проект",
        milestone_1_from=day.isoformat(),
        milestone_1_to=(day + timedelta(days=20)).isoformat(),
        milestone_2_kk="Орнату",
        milestone_2_ru="Установка",
        milestone_2_to=(day + timedelta(days=60)).isoformat(),
    )
    assert latest().stage == "accepted"
    jobs.run(latest().due_at + timedelta(minutes=1))
    assert latest().stage == "implementing"
    for _turn in range(2):
        page = nation.get(f"/proposals/{key}")
        action = next(a.get("href") for a in page.find("a") if a.get("href", "").endswith("/report"))
        nation.submit(nation.get(action), action, text_kk="Орындалды", text_ru="Выполнено")
    assert latest().stage == "done"
    assert latest().closed_at is not None

    verbs = [fact.verb for fact in db.session.scalars(select(Fact).where(Fact.proposal_id == key).order_by(Fact.id))]
    assert verbs.count("threshold:reached") == 1
    assert verbs.count("body:silent") == 2
    assert verbs[-2:] == ["implementation:done", "judgement:opened"]
    to_her = Message.to.in_([world.aigerim.email, ""])  # of an old mail only its key is left
    told = db.session.scalars(select(Message).where(to_her, Message.dedup_key.like("fact:%"))).all()
    assert len({message.dedup_key for message in told}) == len(told) >= 8


def test_a_stranger_proposes_and_votes_before_signing_in(app, world, visit, clock):
    """Act first, identify later: the text completes itself at its door; whose the vote of another door is, is asked."""
    from tests.factories import published

    with unit_of_work():
        other = published(world, MONDAY - timedelta(days=1), title="Саябаққа көп орындық", text="Отыратын жер аз.").id
    browser = visit()
    page = browser.get(f"/proposals/{other}")
    door = browser.submit(page, f"/proposals/{other}/vote", choice="support")
    assert door.location.startswith("/sign-in")
    assert "Your vote is kept" in browser.follow(door).text
    sent = write_and_send(browser)
    assert sent.location.startswith("/sign-in")

    door = browser.follow(sent)
    assert "Your text is kept" in door.text
    (way,) = [link.get("href") for link in door.find("a") if link.get("href").startswith("/sign-up?next=")]
    page = browser.get(way)
    step = browser.submit(
        page, "/sign-up", email="New@Test.example", given_name="Жанар", surname="Ким", password="қара бұлт 7 жол"
    )
    assert step.location.startswith("/confirm")
    code = db.session.scalars(select(Message).where(Message.to == "new@test.example")).one().subject.split()[0]
    page = browser.follow(step)
    page = browser.submit(page, "/confirm", status=422, code="000000" if code != "000000" else "111111")
    step = browser.submit(page, "/confirm", code=f" {code[:3]} {code[3:]} ")
    assert step.location.endswith("/talon")  # the text sent itself
    page = browser.follow(step)
    assert "Is this yours?" in page.text and "Саябаққа көп орындық" in page.text
    (mine,) = [form.get("action") for form in page.find("form") if form.get("action").endswith("/sending")]
    assert browser.submit(page, mine).location.startswith("/verify?next=")
    assert latest().title == "Мектеп жанындағы өткелге жарық керек"
    assert latest().author.email == "new@test.example"

    assert db.session.get(Proposal, other).supports == 0  # not verified yet: the vote waits
    page = browser.get("/verify")
    browser.submit(page, "/verify", status=422, iin="851231399997", surname="Ким", agree="y")
    page = browser.submit(browser.get("/verify"), "/verify", iin="851231399996", surname=" КИМ", agree="y")
    assert page.location == f"/proposals/{other}"
    rollback()
    assert db.session.get(Proposal, other).supports == 1
    assert "You support this" in browser.get(f"/proposals/{other}").text
