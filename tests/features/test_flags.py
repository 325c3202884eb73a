"""Reports: anyone, with a reason; nothing is hidden by numbers; one review an object, with a date that acts."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.conftest import MONDAY
from tests.factories import PASSWORD, add_user, propose, published
from webapp.access.services import give_role
from webapp.flagging.decisions import Verdict, hide
from webapp.flagging.jobs import forget_flag_networks
from webapp.flagging.models import Flag, FlagReview
from webapp.flagging.rules import STRANGERS_PER_DAY, Reason
from webapp.flagging.services import Report, flag, open_review
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.people.models import User
from webapp.people.sign_ins import end_all
from webapp.proposals.hiding import reason_labels
from webapp.proposals.models import Proposal
from webapp.rulebook.services import due_after
from webapp.territories.services import by_kato, nation

both_databases = True
sensitive = (
    "test_a_report_after_the_end_of_a_sign_in_is_that_persons_still",
    "test_a_term_is_that_of_the_desk",
    "test_an_account_that_is_never_confirmed_goes_although_it_reported_something",
    "test_leaving_takes_the_name_off_and_leaves_the_note",
    "test_networks_of_strangers_are_forgotten_after_their_term",
    "test_nobody_decides_on_reports_about_their_own",
    "test_reports_that_nobody_looks_at_go_up_rung_by_rung_and_stay_overdue_at_the_top",
    "test_who_reported_gets_one_mail_and_the_author_another",
)
SENTENCE = "It names a neighbour and insults him."
DAY = timedelta(days=1)


@pytest.fixture
def key(world):
    with unit_of_work():
        return published(world, MONDAY - DAY).id


def review(key, what="text"):
    rollback()
    return db.session.scalars(select(FlagReview).where(FlagReview.proposal_id == key, FlagReview.what == what)).one()


def report(visitor, key, status=303, **fields):
    page = visitor.get(f"/proposals/{key}/flag")
    return visitor.submit(page, f"/proposals/{key}/flag", status, **fields)


def verbs(key):
    rollback()
    return list(db.session.scalars(select(Fact.verb).where(Fact.proposal_id == key).order_by(Fact.id)))


def test_the_list_of_reasons_is_the_one_that_pages_know():
    assert list(reason_labels()) == [reason.value for reason in Reason]


def test_a_report_after_the_end_of_a_sign_in_is_that_persons_still(world, visit, key):
    browser = visit(world.bolat)
    page = browser.get(f"/proposals/{key}/flag")
    with unit_of_work():
        end_all(world.bolat.id, MONDAY)
    action = f"/proposals/{key}/flag"
    door = browser.submit(page, action, 401, reason="other", note=SENTENCE)
    assert SENTENCE in door.text and db.session.scalar(select(func.count()).select_from(Flag)) == 0
    back = browser.submit(door, "/sign-in", 200, email=world.bolat.email, password=PASSWORD)
    browser.submit(back, action)
    rollback()
    assert list(db.session.scalars(select(Flag.reporter_id))) == [world.bolat.id]


def test_a_stranger_reports_and_is_told_what_happens_next(world, visit, key):
    stranger = visit()
    assert f"/proposals/{key}/flag" in stranger.get(f"/proposals/{key}").html
    answer = stranger.follow(report(stranger, key, reason="insult"))
    due = due_after(3, MONDAY)
    assert "A moderator of Turkistan city looks at it by 26 November 2026" in answer.text
    assert (review(key).due_at, review(key).desk.kato, review(key).flags) == (due, "611000000", 1)
    row = db.session.scalars(select(Flag)).one()
    assert (row.reporter_id, len(row.network), row.told_at) == (None, 16, None)
    fact = db.session.scalars(select(Fact).where(Fact.verb == "content:flagged")).one()
    assert (fact.actor_id, fact.public, fact.facts) == (None, False, {"what": "text", "reason": "insult"})
    assert "reported" not in stranger.get(f"/proposals/{key}").text


def test_what_is_missing_is_said_and_what_was_typed_stays(world, visit, key):
    page = report(visit(), key, 422, note="Қысқа сөз")
    assert "Choose a reason from the list" in page.text and "Қысқа сөз" in page.html
    for reason, sentence in (("other", "Say in a sentence"), ("unlawful", "which law"), ("untrue", "what is untrue")):
        refused = report(visit(), key, 422, reason=reason, note="х")
        assert sentence in refused.find("p", class_="error")[0].text_content()
    assert report(visit(), key, 422, reason="nonsense").status == 422
    assert "no photo" in visit().post(f"/proposals/{key}/flag", 409, what="photo", reason="insult").text
    assert visit().post(f"/proposals/{key}/flag", 422, what="everything", reason="insult").status == 422
    assert db.session.scalar(select(func.count()).select_from(Flag)) == 0


def test_a_person_says_the_same_once(world, visit, key):
    browser = visit(world.bolat)
    report(browser, key, reason="insult")
    again = browser.follow(report(browser, key, reason="insult", note="Тағы бір рет"))
    assert "You have reported this for the same reason before" in again.text
    assert review(key).flags == 1
    report(browser, key, reason="advertising")
    assert review(key).flags == 2
    assert verbs(key).count("content:flagged") == 2


def test_what_is_not_published_is_not_reported(world, visit):
    with unit_of_work():
        waiting = propose(world.aigerim, MONDAY).id
    visit().get(f"/proposals/{waiting}/flag", 404)
    visit().post(f"/proposals/{waiting}/flag", 404, what="text", reason="insult")
    visit(world.aigerim).get(f"/proposals/{waiting}/flag", 409)
    visit().get("/proposals/999999/flag", 404)
    visit().get(f"/proposals/{10**12}/flag", 404)


def test_a_thousand_reports_hide_nothing(world, visit, key):
    reasons = [reason.value for reason in Reason]
    with unit_of_work():
        proposal = locked(Proposal, key)
        for number in range(1000):
            said = Report("text", reasons[number % 7], f"Бұл мазмұн дұрыс емес {number}")
            flag(None, proposal, said, f"{number:016x}", MONDAY)
    assert review(key).flags == 1000
    assert db.session.get(Proposal, key).hidden is None
    page = visit().get(f"/proposals/{key}")
    assert db.session.get(Proposal, key).written_text.split("\n")[0] in page.text
    moderator = visit(world.moderator)
    assert "It insults or threatens somebody: 143" in moderator.get("/desk/flags").text
    moderator.get(f"/desk/flags/{review(key).id}")


def test_strangers_of_one_network_send_only_so_many_a_day(world, visit, key):
    stranger = visit()
    for _number in range(STRANGERS_PER_DAY):
        report(stranger, key, reason="insult")
    refused = report(visit(), key, 409, reason="insult", note="Мына сөз")
    assert "Many reports came from your network today" in refused.text and "Мына сөз" in refused.html
    report(visit(world.bolat), key, reason="insult")  # somebody with an account is no stranger
    assert review(key).flags == STRANGERS_PER_DAY + 1


def test_the_desk_groups_them_and_lets_it_stay(world, visit, key):
    report(visit(), key, reason="insult", note="Бірінші сөз")
    report(visit(world.bolat), key, reason="insult", note="Екінші сөз")
    report(visit(world.kentau), key, reason="other", note="Мүлде басқа себеп бар")
    moderator = visit(world.moderator)
    desk = moderator.get("/desk/flags").text
    assert "It insults or threatens somebody: 2" in desk and "Another reason: 1" in desk
    assert "3 working days left" in desk and "Мүлде басқа себеп бар" in desk
    number = review(key).id
    page = moderator.get(f"/desk/flags/{number}")
    assert all(note in page.text for note in ("Бірінші сөз", "Екінші сөз", "Мүлде басқа"))
    assert "Болат" not in page.text and "Оспанова" not in page.text  # who reported is nobody's business
    moderator.submit(page, f"/desk/flags/{number}/stays", note="Қорлау жоқ")
    assert (review(key).decision, review(key).note, review(key).due_at) == ("stays", "Қорлау жоқ", None)
    timeline = visit().get(f"/proposals/{key}").text
    assert "Reports about the text were looked at: it stays." in timeline and "Қорлау жоқ" not in timeline
    assert "Nothing is waiting" in moderator.get("/desk/flags").text
    assert "What was reported stays." in visit().get(f"/proposals/{key}/flag/received").text
    moderator.get(f"/desk/flags/{number}", 409)
    report(visit(), key, reason="insult")  # a new review, with a term of its own
    rollback()
    assert open_review(key, "text").id != number


def test_who_reported_gets_one_mail_and_the_author_another(world, visit, key):
    for reason in ("insult", "advertising"):
        report(visit(world.bolat), key, reason=reason)
    report(visit(), key, reason="insult")
    moderator = visit(world.moderator)
    number = review(key).id
    moderator.submit(moderator.get(f"/desk/flags/{number}"), f"/desk/flags/{number}/stays")
    for _round in range(2):
        jobs.run(MONDAY)
    mails = list(db.session.scalars(select(Message).where(Message.dedup_key == f"flags:{number}:{world.bolat.id}")))
    assert [mail.to for mail in mails] == ["bolat@test.example"]
    author = list(db.session.scalars(select(Message.body).where(Message.to == "aigerim@test.example")))
    with_name = [body for body in author if "Болат" in body]
    assert len(author) == 3 and with_name == []  # received, published, looked at
    assert db.session.scalar(select(func.count()).select_from(Flag).where(Flag.told_at.is_not(None))) == 2


@pytest.mark.parametrize("name", ["aigerim", "bolat", "officer", "almaty_moderator", "newcomer"])
def test_others_do_not_decide(world, visit, key, name):
    report(visit(), key, reason="insult")
    number, browser = review(key).id, visit(getattr(world, name))
    browser.get(f"/desk/flags/{number}", 403)
    browser.post(f"/desk/flags/{number}/stays", 403)
    browser.post(f"/desk/flags/{number}/hiding", 403, extent="text", reason="insult", sentence=SENTENCE)
    assert review(key).decided_at is None
    visit().get(f"/desk/flags/{number}", 303)


def test_nobody_decides_on_reports_about_their_own(world, visit):
    with unit_of_work():
        own = published(world, MONDAY - DAY)
        own.author_id = world.moderator.id
        flag(None, own, Report("text", "insult", ""), "0" * 16, MONDAY)
        number = open_review(own.id, "text").id
    assert "Nobody decides on their own proposal" in visit(world.moderator).get(f"/desk/flags/{number}", 403).text
    visit(world.moderator).post(f"/desk/flags/{number}/stays", 403)
    visit(world.region_moderator).get(f"/desk/flags/{number}")


def test_reports_that_nobody_looks_at_go_up_rung_by_rung_and_stay_overdue_at_the_top(world, visit, key):
    report(visit(), key, reason="insult")
    number = review(key).id
    for seat, name in (("610000000", "Turkistan Region"), ("000000000", "")):
        due = review(key).due_at
        moment = due + timedelta(minutes=1)
        jobs.run(moment - timedelta(minutes=2))
        assert review(key).desk.kato != seat
        jobs.run(moment)
        jobs.run(moment)  # once
        assert (review(key).desk.kato, review(key).due_at) == (seat, due_after(3, due)), (
            "from the date that was due, not from the job"
        )
        assert review(key).overdue_at is not None, name
    visit(world.moderator).get(f"/desk/flags/{number}", 403)
    assert "Nothing is waiting" in visit(world.moderator).get("/desk/flags").text
    assert verbs(key).count("body:silent") == 2
    jobs.run(review(key).due_at + timedelta(minutes=1))
    assert (review(key).desk.kato, verbs(key).count("body:silent")) == ("000000000", 3)
    timeline = visit().get(f"/proposals/{key}").text
    assert "Reports were not looked at in the term that ended on 26 November 2026." in timeline
    assert db.session.get(Proposal, key).hidden is None
    with unit_of_work():
        top = add_user("top@test.example", MONDAY)
        give_role(top, "moderator", nation(), MONDAY - DAY)
    desk = visit(top).get("/desk/flags").text
    assert "Overdue" in desk


def test_a_term_is_that_of_the_desk(world, visit, key):
    from webapp.rulebook.models import RuleSet

    with unit_of_work():
        db.session.execute(update(RuleSet).where(RuleSet.rung == "region").values(triage_working_days=7))
    report(visit(), key, reason="insult")
    due = review(key).due_at
    jobs.run(due + timedelta(minutes=1))
    assert review(key).due_at == due_after(7, due)


def test_leaving_takes_the_name_off_and_leaves_the_note(world, visit, key):
    browser = visit(world.bolat)
    report(browser, key, reason="untrue", note="Бұл адам мұны айтқан жоқ")
    (mine,) = browser.get("/my/data.json").response.get_json()["reports"]
    assert (mine["proposal"], mine["reason"], mine["note"]) == (key, "untrue", "Бұл адам мұны айтқан жоқ")
    browser.submit(browser.get("/my/deletion"), "/my/deletion", agree="y", password=PASSWORD)
    rollback()
    row = db.session.scalars(select(Flag)).one()
    assert (row.reporter_id, row.note) == (None, "Бұл адам мұны айтқан жоқ")
    moderator = visit(world.moderator)
    assert row.note in moderator.get(f"/desk/flags/{row.review_id}").text
    moderator.submit(moderator.get(f"/desk/flags/{row.review_id}"), f"/desk/flags/{row.review_id}/stays")
    jobs.run(MONDAY)
    assert not db.session.scalar(select(Message.id).where(Message.dedup_key.startswith("flags:")))


def test_an_account_that_is_never_confirmed_goes_although_it_reported_something(app, world, visit, key):
    with unit_of_work():
        add_user("fleeting@test.example", MONDAY - 50 * DAY).email_confirmed_at = None
    with unit_of_work():
        person = db.session.scalars(select(User).where(User.email == "fleeting@test.example")).one()
        flag(person, locked(Proposal, key), Report("text", "insult", ""), None, MONDAY)
    jobs.run(MONDAY)
    rollback()
    assert not db.session.scalar(select(User.id).where(User.email == "fleeting@test.example"))
    assert db.session.scalars(select(Flag.reporter_id)).one() is None


def test_networks_of_strangers_are_forgotten_after_their_term(app, world, visit, key):
    report(visit(), key, reason="insult")
    assert forget_flag_networks(MONDAY + (app.config["KEEP_NETWORKS_DAYS"] - 1) * DAY) == 0
    assert forget_flag_networks(MONDAY + (app.config["KEEP_NETWORKS_DAYS"] + 1) * DAY) == 1
    rollback()
    assert db.session.scalars(select(Flag.network)).one() is None


def test_what_is_hidden_is_not_reported_again(world, visit, key):
    report(visit(), key, reason="insult")
    with unit_of_work():
        hide(world.moderator, open_review(key, "text"), Verdict("text", "insult", SENTENCE), MONDAY)
    assert "hidden already" in visit().get(f"/proposals/{key}/flag", 409).text
    visit().post(f"/proposals/{key}/flag", 409, what="text", reason="insult")
    assert "/flag" not in visit().get(f"/proposals/{key}").html


def test_a_desk_of_another_place_sees_nothing(world, visit, key):
    report(visit(), key, reason="insult")
    assert "Nothing is waiting" in visit(world.almaty_moderator).get("/desk/flags").text
    assert by_kato("750000000").contains(by_kato("750000000"))
