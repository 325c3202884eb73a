"""Triage: who may, who may not, with which reason, and what the author is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import add_user, propose
from webapp.access.services import give_role
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.moderation.decisions import DECISIONS, FILLED_IN
from webapp.moderation.rules import Kind
from webapp.moderation.services import reject
from webapp.proposals.models import Proposal
from webapp.territories.services import nation

both_databases = True
sensitive = (
    "test_joining_a_duplicate",
    "test_the_author_who_moderates_above_is_not_the_one_who_looks_again",
    "test_who_rejected_it_does_not_decide_on_the_appeal_although_they_moderate_above_too",
)


@pytest.fixture
def key(app, world):
    with unit_of_work():
        return propose(world.aigerim, MONDAY).id


def proposal(key):
    rollback()
    return db.session.get(Proposal, key)


def mails(person):
    jobs.run(MONDAY + timedelta(minutes=2))  # a moderator may take a decision back for a minute
    return "\n".join(
        f"{m.subject}\n{m.body}" for m in db.session.scalars(select(Message).where(Message.to == person.email))
    )


@pytest.mark.parametrize("name", ["aigerim", "bolat", "officer", "almaty_moderator", "newcomer"])
def test_others_cannot_triage(world, visit, key, name):
    browser = visit(getattr(world, name))
    browser.get(f"/desk/{key}", status=200 if name == "officer" else 403)  # an officer of the body reads along
    browser.get(f"/desk/{key}/publication", status=403)
    browser.post(f"/desk/{key}/publication", 403, sphere="safety")
    assert proposal(key).stage == "submitted"


def test_strangers_are_led_to_the_door(visit, key):
    assert visit().get(f"/desk/{key}", status=303).location.startswith("/sign-in")
    visit().get("/desk", status=303)


def test_nobody_decides_on_their_own(world, visit, clock):
    with unit_of_work():
        own = propose(world.moderator, MONDAY).id
    answer = visit(world.moderator).get(f"/desk/{own}", status=403)
    assert "Nobody decides on their own proposal" in answer.text
    visit(world.region_moderator).get(f"/desk/{own}")  # a moderator above may


def test_a_rejection_needs_a_reason_and_reaches_the_author(world, visit, key):
    browser = visit(world.moderator)
    page = browser.get(f"/desk/{key}/rejection")
    refused = browser.submit(page, f"/desk/{key}/rejection", 422, note_kk="Қысқаша ескерту")
    assert "Choose a reason from the list" in refused.text
    assert "Қысқаша ескерту" in refused.html  # nothing typed is lost
    refused = browser.submit(refused, f"/desk/{key}/rejection", 422, reason="unclear")
    assert "write it in Kazakh and in Russian" in refused.text
    words = {"note_kk": "Қай өткел екенін жазыңыз.", "note_ru": "Напишите, какой переход."}
    browser.submit(refused, f"/desk/{key}/rejection", reason="unclear", **words)
    assert proposal(key).stage == "rejected"
    assert "Қай өткел екенін жазыңыз." in mails(world.aigerim)
    assert "Қай өткел екенін жазыңыз." in visit(world.aigerim, "kk").get(f"/proposals/{key}").text
    assert "Напишите, какой переход." in visit(world.aigerim, "en").get(f"/proposals/{key}").text
    visit().get(f"/proposals/{key}", status=410)


def test_the_author_appeals_a_rejection_to_the_region(world, visit, key):
    browser = visit(world.moderator)
    browser.submit(browser.get(f"/desk/{key}/rejection"), f"/desk/{key}/rejection", reason="unclear")
    author = visit(world.aigerim)
    author.submit(author.get(f"/proposals/{key}/appeal"), f"/proposals/{key}/appeal", 422, note="  ")
    author.submit(
        author.get(f"/proposals/{key}/appeal"), f"/proposals/{key}/appeal", note="Мектеп нөмірі жазылған ғой."
    )
    assert (proposal(key).stage, proposal(key).seat.kato) == ("submitted", "610000000")
    browser.get(f"/desk/{key}", status=403)  # another moderator looks at it
    region = visit(world.region_moderator)
    region.submit(region.get(f"/desk/{key}/publication"), f"/desk/{key}/publication", sphere="safety")
    assert (proposal(key).stage, proposal(key).seat.kato) == ("collecting", "611000000")


def test_a_question_pauses_and_the_clock_goes_on_with_the_answer(world, visit, key, clock):
    browser = visit(world.moderator)
    browser.submit(browser.get(f"/desk/{key}/question"), f"/desk/{key}/question", question="Қай мектеп?")
    assert proposal(key).stage == "returned"
    assert "Қай мектеп?" in mails(world.aigerim)
    clock(MONDAY + timedelta(days=20))
    jobs.run(MONDAY + timedelta(days=20))
    assert proposal(key).stage == "returned"
    author = visit(world.aigerim)
    author.submit(
        author.get(f"/proposals/{key}/revision"),
        f"/proposals/{key}/revision",
        note="№ 5",
        text="№ 5 мектеп алдындағы өткел",
    )
    assert proposal(key).stage == "submitted"
    assert proposal(key).due_at > MONDAY + timedelta(days=21)
    assert proposal(key).text == "№ 5 мектеп алдындағы өткел"


def test_an_unanswered_question_lapses(world, visit, key):
    browser = visit(world.moderator)
    browser.submit(browser.get(f"/desk/{key}/question"), f"/desk/{key}/question", question="Қай мектеп?")
    jobs.run(MONDAY + timedelta(days=32))
    assert proposal(key).stage == "withdrawn"


def test_an_overlooked_text_goes_up_by_itself_to_the_top(world, key):
    for seat in ("610000000", "000000000"):
        jobs.run(proposal(key).due_at + timedelta(minutes=1))
        assert (proposal(key).stage, proposal(key).seat.kato) == ("submitted", seat)
    jobs.run(proposal(key).due_at + timedelta(minutes=1))
    assert proposal(key).overdue_at is not None
    assert proposal(key).due_at > proposal(key).overdue_at


def test_two_moderators_decide_and_one_is_told(world, visit, key):
    first, second = visit(world.moderator), visit(world.region_moderator)
    page = second.get(f"/desk/{key}/rejection")
    first.submit(first.get(f"/desk/{key}/publication"), f"/desk/{key}/publication", sphere="safety")
    answer = second.submit(page, f"/desk/{key}/rejection", 409, reason="unclear")
    assert "Two decisions at once" in answer.text
    assert proposal(key).stage == "collecting"


def test_joining_a_duplicate(world, visit, key):
    from tests.factories import published

    with unit_of_work():
        earlier = published(world, MONDAY - timedelta(days=3), title="Мектеп жанындағы өткелге жарық керек-ақ").id
    browser = visit(world.moderator)
    page = browser.get(f"/desk/{key}/merger")
    assert "Мектеп жанындағы өткелге жарық керек-ақ" in page.text
    check = browser.submit(page, f"/desk/{key}/merger", into=str(earlier))
    assert check.location == f"/desk/{key}/merger/{earlier}"
    assert proposal(key).stage == "submitted"  # looking changes nothing
    browser.submit(browser.follow(check), f"/desk/{key}/merger/{earlier}")
    assert proposal(key).stage == "merged"
    assert proposal(key).merged_into_id == earlier


def test_forwarding_to_another_city(world, visit, key):
    browser = visit(world.moderator)
    browser.submit(browser.get(f"/desk/{key}/forwarding"), f"/desk/{key}/forwarding", target="750000000")
    assert proposal(key).seat.kato == "750000000"
    visit(world.almaty_moderator).get(f"/desk/{key}")


def rejected_at_the_top(world, by):
    """A proposal that the moderator `by` of the nation has rejected."""
    with unit_of_work():
        found = propose(world.aigerim, MONDAY)
        found.seat_id = nation().id
        db.session.flush()
        db.session.refresh(found)
        reject(by, found, "unclear", MONDAY)
        return found.id


def moderator_of_the_nation(name):
    with unit_of_work():
        person = add_user(f"{name}@top.example", MONDAY - timedelta(days=1), given=name)
        give_role(person, "moderator", nation(), MONDAY - timedelta(days=1))
    return person


def test_who_rejected_it_does_not_decide_on_the_appeal_although_they_moderate_above_too(world, visit, key):
    region = visit(world.region_moderator)  # a moderator above decides at the lower rung too
    region.submit(region.get(f"/desk/{key}/rejection"), f"/desk/{key}/rejection", reason="unclear")
    visit(world.aigerim).post(f"/proposals/{key}/appeal", note="Қайта қараңыз.")
    assert (proposal(key).stage, proposal(key).seat.kato) == ("submitted", "610000000")
    assert "rejected this proposal yourself" in region.get(f"/desk/{key}/rejection", 403).text
    for act, values in (("publication", {"sphere": "safety"}), ("rejection", {"reason": "unclear"})):
        region.post(f"/desk/{key}/{act}", 403, **values)
    assert f"/desk/{key}" not in region.get("/desk").html
    assert proposal(key).stage == "submitted"
    other = visit(moderator_of_the_nation("Дәулет"))
    assert f"/desk/{key}" in other.get("/desk").html
    other.submit(other.get(f"/desk/{key}/publication"), f"/desk/{key}/publication", sphere="safety")
    assert proposal(key).stage == "collecting"


def test_at_the_top_a_colleague_decides_on_the_appeal(world, visit):
    first, second = moderator_of_the_nation("Бірінші"), moderator_of_the_nation("Екінші")
    key = rejected_at_the_top(world, first)
    author = visit(world.aigerim)
    page = author.get(f"/proposals/{key}/appeal")
    assert "Another moderator of the same body looks at it" in page.text
    author.submit(page, f"/proposals/{key}/appeal", note="Қайта қараңыз.")
    assert (proposal(key).stage, proposal(key).seat.kato) == ("submitted", "000000000")
    visit(first).get(f"/desk/{key}/rejection", 403)
    visit(first).post(f"/desk/{key}/publication", 403, sphere="safety")
    colleague = visit(second)
    colleague.submit(colleague.get(f"/desk/{key}/publication"), f"/desk/{key}/publication", sphere="safety")
    assert proposal(key).stage == "collecting"


def test_at_the_top_the_page_says_when_nobody_else_is_there(world, visit):
    key = rejected_at_the_top(world, moderator_of_the_nation("Жалғыз"))
    author = visit(world.aigerim)
    assert author.get(f"/proposals/{key}").find("a", href=f"/proposals/{key}/appeal")
    page = author.get(f"/proposals/{key}/appeal")
    assert "there is no other moderator here at the moment" in page.text
    assert not [form for form in page.find("form") if form.get("action") == f"/proposals/{key}/appeal"]
    refused = author.post(f"/proposals/{key}/appeal", 409, note="Қайта қараңыз.")
    assert "there is no other moderator here at the moment" in refused.text
    assert proposal(key).stage == "rejected"
    moderator_of_the_nation("Жаңа")
    author.submit(author.get(f"/proposals/{key}/appeal"), f"/proposals/{key}/appeal", note="Қайта қараңыз.")
    assert proposal(key).stage == "submitted"


def test_the_author_who_moderates_above_is_not_the_one_who_looks_again(world, visit):
    first = moderator_of_the_nation("Бірінші")
    key = rejected_at_the_top(world, first)
    with unit_of_work():
        give_role(world.aigerim, "moderator", nation(), MONDAY - timedelta(days=1))
    assert (
        "there is no other moderator here" in visit(world.aigerim).post(f"/proposals/{key}/appeal", 409, note="x").text
    )


def test_the_table_holds_every_decision_and_the_desk_offers_all_of_them(world, visit, key):
    """Each with its page, its key and its act at one address; joining is looked for on a page of its own."""
    assert set(DECISIONS) == set(Kind) and set(FILLED_IN) == set(Kind) - {Kind.MERGE}
    moderator = visit(world.moderator)
    ways = moderator.get(f"/desk/{key}").find("a")
    offered = {
        (a.get("href"), a.get("data-key")) for a in ways if "/desk/" in a.get("href") and a.find("kbd") is not None
    }
    assert offered == {(f"/desk/{key}/{d.path}", d.key) for d in DECISIONS.values()}
    for decision, page in FILLED_IN.values():
        shown = moderator.get(f"/desk/{key}/{decision.path}")
        names = {
            field.get("name") for field in shown.find("form", method="post")[-1].iter("input", "select", "textarea")
        }
        assert str(decision.label) in shown.text and "seen" in names, page.endpoint
        assert {n for n in ("sphere", "question", "target", "reason") if hasattr(page.form, n)} <= names
