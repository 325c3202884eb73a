"""Offers of business: seen by officers first, public when the organisation agrees, answered in a term, compared."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import propose, published
from tests.strategies import add_commitment, add_direction, add_measure, add_programme
from webapp.delivery.models import Milestone
from webapp.hanging.services import keep_cases
from webapp.journal.models import Fact
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.mail import Message
from webapp.moderation.services import publish
from webapp.moderation.undoing import last_decision, undo
from webapp.offers import plans
from webapp.offers.models import BusinessPlan, Offer, OfferStage
from webapp.offers.rules import ORDER, Form, State, may_move, next_stage, plan_fault
from webapp.offers.services import note_silence
from webapp.people.models import Membership, Organisation
from webapp.proposals.models import Proposal
from webapp.strategies.models import Measure

both_databases = ("seen_by_officers", "recorded_once", "stages_are_passed")
PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
URL = "/measures/1/offers/new"
OFFER = {
    "form": "ppp",
    "amount_tenge": "250 000 000",
    "summary": "Шамдарды салып, он жыл күтеміз",
    "conditions": "Жыл сайын төлем",
}


def facts(verb):
    rollback()
    return list(db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id)))


@pytest.fixture
def measure(app, world, tmp_path):
    app.config["UPLOADS"] = str(tmp_path / "uploads")
    with unit_of_work():
        add_measure(MONDAY, add_programme(MONDAY, add_direction(MONDAY)))
        published(world, MONDAY)


def make(visitor, status=303, url=URL, plan=PDF, **more):
    page = visitor.get(url)
    sent = page.form(url) | OFFER | more
    sent.pop("csrf_token")
    sent.pop("plan", None)
    files = {"plan": (io.BytesIO(plan), "plan.pdf")} if plan else {}
    return visitor.post(url, status, page=page, **sent, **files)


def one():
    rollback()
    return db.session.scalars(select(Offer)).one()


def test_it_is_seen_by_officers_first_and_public_when_the_organisation_agrees(app, visit, world, measure):
    member, officer = visit(world.member), visit(world.officer)
    answer = make(member)
    assert answer.location == "/offers/1" and one().amount_tenge == 250_000_000
    for visitor in (visit(), visit(world.aigerim), visit(world.moderator)):
        visitor.get("/offers/1", status=404)
        visitor.get("/offers/1/business-plan", status=404)
        assert "Сырдария" not in visitor.get("/measures/1/offers").text
        assert "bound method" not in visitor.get("/measures/1/offers").text
    for visitor in (member, officer, visit(world.region_officer), visit(world.nation_officer)):
        assert "он жыл күтеміз" in visitor.get("/offers/1").text
        assert "Сырдария" in visitor.get("/measures/1/offers").text
    assert facts("offer:made")[0].public is False
    mails = [one for one in db.session.scalars(select(Message)) if one.dedup_key.startswith("offer:")]
    assert [one.to for one in mails] == ["officer@test.example"] and "/offers/1" in mails[0].body
    member.submit(member.get("/offers/1"), "/offers/1/publicity", agree="yes")
    page = visit().get("/offers/1")
    assert "он жыл күтеміз" in page.text and "business-plan" not in page.html
    visit().get("/offers/1/business-plan", status=404)
    member.post("/offers/1/publicity", page=member.get("/offers/1"), agree="yes", with_plan="y")
    file = visit().get("/offers/1/business-plan").response
    assert file.data == PDF and file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in file.headers["Content-Security-Policy"]
    assert len(facts("offer:published")) == 1 and facts("offer:published")[0].public
    member.post("/offers/1/publicity", page=member.get("/offers/1"), agree="no")
    visit().get("/offers/1", status=404)
    visit().get("/offers/1/business-plan", status=404)


@pytest.mark.parametrize(
    ("more", "plan", "sentence"),
    [
        ({"summary": " "}, None, "Say what you offer"),
        ({"form": "bribe"}, None, "Choose one of the options"),
        ({"amount_tenge": "0"}, None, "more than nothing"),
        ({"amount_tenge": "-7"}, None, "more than nothing"),
        ({"amount_tenge": "9" * 40}, None, "more than nothing"),
        ({}, b"<html><script>alert(1)</script>", "as a PDF"),
        ({}, b"%PDF-" + b"0" * (5 * 1024 * 1024 + 1), "larger than 5"),
    ],
)
def test_what_is_wrong_is_said_and_kept(app, visit, world, measure, more, plan, sentence):
    page = make(visit(world.member), 422, plan=plan, **more)
    assert sentence in page.text and ("Жыл сайын төлем" in page.html)
    assert not list(db.session.scalars(select(Offer))) and not list(db.session.scalars(select(BusinessPlan)))


def test_only_who_speaks_for_a_verified_organisation_offers(app, visit, world, measure):
    for person in (world.aigerim, world.officer):
        visitor = visit(person)
        visitor.get(URL, status=403)
        visitor.post(URL, 403, page=visitor.get("/strategy"), organisation="1", **OFFER)
    assert visit().get(URL, status=303).location.startswith("/sign-in")
    with unit_of_work():
        waiting = db.session.scalars(select(Organisation)).one()
        waiting.verified_at, waiting.verify_due_at = None, MONDAY + timedelta(days=2)
    member = visit(world.member)
    member.get(URL, status=403)
    member.post(URL, 403, page=member.get("/strategy"), organisation="1", **OFFER)
    member.get("/measures/99/offers/new", status=404)


def test_offers_for_proposals_and_programmes_too(app, visit, world, measure):
    member = visit(world.member)
    for url in ("/proposals/1/offers/new", "/programmes/1/offers/new"):
        assert make(member, url=url, plan=None, form="in_kind", amount_tenge="").status == 303
    visit(world.officer).get("/offers/1")
    visit(world.officer).get("/offers/2", status=404)  # a programme is the region's
    assert "not named" in visit(world.region_officer).get("/programmes/1/offers").text
    with unit_of_work():
        db.session.get(Measure, 1).closed_at = MONDAY
    assert member.get(URL, status=409).status == 409


def test_the_body_answers_with_reasons_and_not_its_own(app, visit, world, measure):
    member, officer = visit(world.member), visit(world.officer)
    make(member)
    page = officer.get("/offers/1")
    missing = officer.submit(page, "/offers/1/answer", 422, outcome="taken_up", answer_kk="Келісеміз")
    assert "Келісеміз" in missing.html
    region = visit(world.region_officer)
    region.post("/offers/1/answer", 403, page=region.get("/strategy"), outcome="taken_up", answer_kk="А", answer_ru="Б")
    with unit_of_work():
        db.session.add(Membership(organisation_id=1, user_id=world.officer.id, role="representative"))
    own = officer.post(
        "/offers/1/answer", 403, page=officer.get("/strategy"), outcome="taken_up", answer_kk="А", answer_ru="Б"
    )
    assert "Nobody decides on an organisation they belong to" in own.text
    with unit_of_work():
        db.session.query(Membership).filter_by(user_id=world.officer.id).delete()
    officer.submit(missing, "/offers/1/answer", answer_ru="Согласны")
    assert one().state == State.TAKEN_UP
    officer.submit(page, "/offers/1/answer", 409, outcome="declined", answer_kk="Жоқ", answer_ru="Нет")
    assert "Согласны" in visit(world.member, lang="ru").get("/offers/1").text
    keys = {row.dedup_key for row in db.session.scalars(select(Message))}
    assert f"offer:1:taken_up:{world.member.id}" in keys


def test_the_stages_are_passed_in_their_order(app, visit, world, measure):
    member, officer = visit(world.member), visit(world.officer)
    make(member)
    officer.post(
        "/offers/1/stages", 409, page=officer.get("/offers/1"), stage="task", done_on="2026-11-20", document="№ 1"
    )
    officer.submit(officer.get("/offers/1"), "/offers/1/answer", outcome="taken_up", answer_kk="Иә", answer_ru="Да")
    for stage in ORDER:
        page = officer.get("/offers/1")
        if stage == ORDER[0]:
            officer.post("/offers/1/stages", 409, page=page, stage="contract", done_on="2026-11-20", document="№ 1")
            officer.submit(page, "/offers/1/stages", 422, document="")
            officer.submit(page, "/offers/1/stages", 422, document="№ 1", done_on="2027-01-01")
        officer.submit(page, "/offers/1/stages", document=f"№ {stage}", done_on="2026-11-20")
    assert len(list(db.session.scalars(select(OfferStage)))) == 7
    page = officer.get("/offers/1")
    assert "№ monitoring" in page.text and not page.find("form", action="/offers/1/stages")
    assert member.get("/measures/1/offers").text.count("Monitoring and evaluation") == 1


def test_it_is_taken_back(app, visit, world, measure):
    member = visit(world.member)
    make(member)
    member.submit(member.get("/offers/1"), "/offers/1/withdrawal")
    assert one().state == State.WITHDRAWN
    officer = visit(world.officer)
    assert not officer.get("/offers/1").find("form", action="/offers/1/answer")
    officer.post(
        "/offers/1/answer", 409, page=officer.get("/strategy"), outcome="taken_up", answer_kk="А", answer_ru="Б"
    )
    member.post("/offers/1/publicity", 409, page=member.get("/offers/1"), agree="yes")
    assert "Сырдария" not in officer.get("/measures/1/offers").text


def test_a_silence_is_recorded_once_without_the_name_of_the_organisation(app, visit, world, measure):
    make(visit(world.member))
    due = one().answer_due_at
    assert note_silence(due - timedelta(minutes=1)) == 0
    assert note_silence(due) == 1 and note_silence(due + timedelta(days=9)) == 0
    fact = facts("offer:overdue")[0]
    assert fact.public and "organisation_id" not in fact.facts and fact.actor_id is None


def test_it_waits_on_the_desk_of_the_body_and_on_the_page_of_its_members(app, visit, world, measure):
    with unit_of_work():
        found = db.session.get(Measure, 1)
        add_commitment(MONDAY, found)
        due = local_date(MONDAY) + timedelta(days=9)
        step = {"measure_id": 1, "position": 0, "title_kk": "Жоба", "title_ru": "Проект", "starts_on": due}
        db.session.add(Milestone(due_on=due, **step))
        found.owner_kk = found.owner_ru = ""
    make(visit(world.member))
    keep_cases(MONDAY)
    page = visit(world.officer).get("/desk/strategy")
    for address in ("/offers/1", "/commitments/1/answer", "/milestones/1/report", "/measures/1"):
        assert page.find("a", href=address), address
    other = visit(world.region_officer).get("/desk/strategy")
    assert not other.find("a", href="/offers/1") and other.find("a", href="/programmes/1")  # it has no money yet
    assert visit(world.member).get("/my").find("a", href="/offers/1")
    assert not visit(world.aigerim).get("/my").find("a", href="/offers/1")
    visit(world.aigerim).get("/desk/strategy", status=403)


def test_the_rules():
    assert next_stage([]) is ORDER[0] and next_stage([stage.value for stage in ORDER]) is None
    assert plan_fault(PDF) is None and plan_fault(b"") is not None
    moves = {(a, b) for a in State for b in State if may_move(a, b)}
    assert moves == {
        (State.SENT, State.TAKEN_UP),
        (State.SENT, State.DECLINED),
        (State.SENT, State.WITHDRAWN),
        (State.TAKEN_UP, State.WITHDRAWN),
        (State.DECLINED, State.WITHDRAWN),
    }
    assert Form("ppp") is Form.PPP


# --- one open offer, a bound on bytes, and what was taken back is gone


def test_one_open_offer_of_an_organisation_for_one_thing(app, visit, world, measure):
    member = visit(world.member)
    make(member)
    page = make(member, 409)
    assert "Take that one back before you make another" in page.text and "Жыл сайын төлем" in page.html
    rollback()
    assert len(db.session.scalars(select(Offer)).all()) == 1
    member.post("/offers/1/withdrawal", page=member.get("/offers/1"))
    assert make(member).location == "/offers/2"  # and another thing has always been possible
    make(member, url="/programmes/1/offers/new", plan=None)


def test_an_organisation_keeps_so_many_bytes_of_plans(app, visit, world, measure, monkeypatch):
    monkeypatch.setattr(plans, "PLANS_MAX", 2 * len(PDF) - 1)
    member = visit(world.member)
    make(member)
    page = make(member, 422, url="/programmes/1/offers/new")
    assert "MB of business plans" in page.text and "Жыл сайын төлем" in page.html
    assert make(member, url="/programmes/1/offers/new", plan=None).status == 303
    member.post("/offers/1/withdrawal", page=member.get("/offers/1"))
    make(member, url="/proposals/1/offers/new")


def test_a_declined_offer_can_be_taken_back_too_with_its_plan(app, visit, world, measure, monkeypatch):
    """Otherwise plans that were declined would take the room of an organisation for ever."""
    monkeypatch.setattr(plans, "PLANS_MAX", 2 * len(PDF) - 1)
    member, officer = visit(world.member), visit(world.officer)
    make(member)
    officer.post(
        "/offers/1/answer", page=officer.get("/offers/1"), outcome="declined", answer_kk="Жоқ", answer_ru="Нет"
    )
    make(member, 422)
    page = member.get("/offers/1")
    assert page.form("/offers/1/withdrawal")
    member.post("/offers/1/withdrawal", page=page)
    assert make(member).status == 303
    after = member.get("/offers/1").html  # what cannot be done any more is not offered
    assert "/offers/1/publicity" not in after and "/offers/1/withdrawal" not in after


def test_taking_an_offer_back_ends_its_publicity_and_deletes_its_plan(app, visit, world, measure):
    member, officer = visit(world.member), visit(world.officer)
    make(member)
    member.post("/offers/1/publicity", page=member.get("/offers/1"), agree="yes", with_plan="y")
    (file,) = Path(app.config["UPLOADS"]).glob("*.pdf")
    assert visit().get("/offers/1/business-plan").response.data == file.read_bytes() == PDF
    member.post("/offers/1/withdrawal", page=member.get("/offers/1"))
    for url in ("/offers/1", "/offers/1/business-plan"):
        visit().get(url, status=404)
    for reader in (member, officer):
        reader.get("/offers/1/business-plan", status=404)
        assert "business-plan" not in reader.get("/offers/1").html
    assert not file.exists() and not db.session.scalars(select(BusinessPlan)).all()


def test_an_offer_is_no_more_public_than_its_proposal(app, visit, world, measure):
    """Made within the minute in which a moderator takes the publication back."""
    with unit_of_work():
        key = propose(world.aigerim, MONDAY, title="Құпия тақырып").id
        publish(world.moderator, locked(Proposal, key), MONDAY)
    member, officer = visit(world.member), visit(world.officer)
    make(member, url=f"/proposals/{key}/offers/new", plan=None)
    member.post("/offers/1/publicity", page=member.get("/offers/1"), agree="yes")
    assert "Құпия тақырып" in visit().get("/offers/1").text
    with unit_of_work():
        undo(world.moderator, last_decision(key), MONDAY)
    visit().get("/offers/1", status=404)
    page = officer.get("/offers/1")
    answer = officer.submit(
        page, "/offers/1/answer", 409, outcome="taken_up", answer_kk="Келістік", answer_ru="Согласны"
    )
    assert "what is public and not over" in answer.text and one().state == "sent"
    officer.submit(page, "/offers/1/answer", outcome="declined", answer_kk="Жоқ", answer_ru="Нет")


def test_files_of_plans_without_a_row_go(app, visit, world, measure):
    make(visit(world.member))
    folder = Path(app.config["UPLOADS"])
    (kept,) = folder.glob("*.pdf")
    (folder / "0.pdf").write_bytes(PDF)
    (folder / ".1.pdf.part").write_bytes(PDF)
    assert plans.forget_stray_plans(MONDAY - timedelta(days=3000)) == 0
    assert plans.forget_stray_plans(MONDAY + timedelta(days=3000)) == 2
    assert [file.name for file in folder.iterdir()] == [kept.name]
    kept.unlink()  # as after a restore without the folder: the offer stands, the plan is not offered
    assert "business-plan" not in visit(world.officer).get("/offers/1").html
