"""The desk: what lies on it, one decision after the other, the way back, and what staff arrange among themselves."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import add_user, propose, published, supported
from webapp.access.services import give_role
from webapp.desk.batches import act_on_many
from webapp.journal.models import Fact
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.errors import Invalid
from webapp.kernel.jobs import jobs
from webapp.kernel.kazakh import Case, day_in
from webapp.kernel.mail import Message
from webapp.moderation.models import TriageDecision
from webapp.moderation.phrases import keep_phrase
from webapp.moderation.rules import placeholders
from webapp.moderation.services import ask, reject
from webapp.proposals.models import Proposal
from webapp.rulebook.services import working_days_left
from webapp.teamwork.models import Assignment
from webapp.teamwork.services import change_setting, open_department
from webapp.territories.services import by_kato

both_databases = True
sensitive = (
    "test_a_colleague_sees_who_reads_and_can_take_over",
    "test_a_decision_is_taken_back_within_a_minute",
    "test_a_department_takes_it_and_the_term_goes_on",
    "test_a_list_shows_what_is_asked_for_and_keeps_it",
    "test_a_template_of_a_body_is_for_it_and_those_below",
    "test_after_a_decision_comes_the_next_in_the_list",
    "test_an_inbox_of_37_is_cleared_without_javascript",
    "test_any_text_with_braces_left_stops_every_decision",
    "test_every_list_holds_what_its_name_says",
    "test_keys_can_be_switched_off",
    "test_many_are_sorted_forwarded_and_shared_out",
    "test_new_words_of_a_reason_begin_and_old_decisions_keep_theirs",
    "test_notes_stay_inside_and_find_their_reader",
    "test_the_letter_shown_first_is_the_letter_that_is_sent",
    "test_the_shortest_term_is_first_and_pages_go_on",
    "test_work_goes_to_whoever_has_waited_longest",
)
MINUTE = timedelta(minutes=1)


def made(world, number, **more):
    """Proposals that wait in Turkistan, the oldest first."""
    with unit_of_work():
        return [
            propose(world.aigerim, MONDAY - timedelta(hours=number - n), title=f"Көшеге жарық керек {n}", **more).id
            for n in range(number)
        ]


def proposal(key):
    rollback()
    return db.session.get_one(Proposal, key)


def rows(page):
    return [urlsplit(link.get("href")).path for link in page.find("a") if link.get("data-row") is not None]


# --- lists


def test_the_shortest_term_is_first_and_pages_go_on(world, visit):
    keys = made(world, 53)
    page = visit(world.moderator).get("/desk")
    assert rows(page) == [f"/desk/{key}" for key in keys[:50]]
    onward = next(link.get("href") for link in page.find("a") if link.get("rel") == "next")
    rest = visit(world.moderator).get(onward)
    assert rows(rest) == [f"/desk/{key}" for key in keys[50:]]
    back = next(link.get("href") for link in rest.find("a") if link.get("rel") == "prev")
    assert rows(visit(world.moderator).get(back)) == rows(page)
    assert rows(visit(world.moderator).get("/desk?at=nonsense")) == rows(page)


def test_a_list_shows_what_is_asked_for_and_keeps_it(world, visit):
    keys = made(world, 2)
    with unit_of_work():
        one = db.session.get_one(Proposal, keys[1])
        one.sphere, one.lang, number = "ecology", "ru", one.number
    desk = visit(world.moderator)
    for query in ("sphere=ecology", "lang=ru", f"q={number}", "q=жарық керек 1&sphere=ecology"):
        assert rows(desk.get(f"/desk?{query}")) == [f"/desk/{keys[1]}"], query
    assert rows(desk.get("/desk?q=жарык")) == [f"/desk/{key}" for key in keys]  # typed without Kazakh letters
    assert rows(desk.get("/desk?q=туннель")) == []
    assert rows(desk.get("/desk?place=750000000")) == []
    assert rows(desk.get("/desk?due=1")) == [] and len(rows(desk.get("/desk?due=9"))) == 2
    page = desk.get("/desk?sphere=ecology")
    desk.submit(page, "/desk/views", name="Экология")
    again = desk.get("/desk")
    link = next(a for a in again.find("a") if "".join(a.itertext()) == "Экология")
    assert rows(desk.get(link.get("href"))) == [f"/desk/{keys[1]}"]
    assert "Экология" not in visit(world.region_moderator).get("/desk").text
    removal = next(f.get("action") for f in again.find("form") if f.get("action", "").endswith("/removal"))
    visit(world.region_moderator).post(removal, 404)
    desk.post(removal)
    assert "Экология" not in desk.get("/desk").text


def test_an_old_page_removes_only_the_view_that_it_showed(world, visit):
    """SQLite gives the number of a removed view to the next one."""
    desk = visit(world.moderator)
    desk.submit(desk.get("/desk?lang=ru"), "/desk/views", name="бірінші")
    old = desk.get("/desk")
    removal = next(form.get("action") for form in old.find("form") if form.get("action", "").endswith("/removal"))
    desk.submit(old, removal)
    desk.submit(desk.get("/desk?lang=kk"), "/desk/views", name="екінші")
    desk.submit(old, removal)
    assert "екінші" in desk.get("/desk").text


def test_every_list_holds_what_its_name_says(world, visit, clock):
    first, second = made(world, 2)
    with unit_of_work():
        soon = published(world, MONDAY - timedelta(days=1), title="Аялдама керек")
        supported(soon, 17, "611000000", MONDAY)
    desk = visit(world.moderator)
    desk.submit(desk.get(f"/desk/{second}/question"), f"/desk/{second}/question", question="Қай көше?")
    desk.post(f"/desk/{first}/assignment", assignee="me")
    assert rows(desk.get("/desk")) == rows(desk.get("/desk?tab=mine")) == [f"/desk/{first}"]
    assert rows(desk.get("/desk?tab=waiting")) == [f"/desk/{second}"]
    assert rows(desk.get("/desk?tab=soon")) == [f"/proposals/{soon.id}"]
    assert rows(desk.get("/desk?tab=done"))[0] == f"/proposals/{second}"
    assert rows(desk.get("/desk?tab=overdue")) == []
    assert "Waiting for authors 1" in desk.get("/desk").text
    clock(MONDAY + timedelta(days=6))
    desk = visit(world.moderator)
    assert rows(desk.get("/desk?tab=overdue")) == [f"/desk/{first}"]
    assert "Overdue" in desk.get("/desk").text
    officer = visit(world.officer)
    assert officer.get("/desk").status == 200 and rows(officer.get("/desk?tab=inbox")) == []


def test_a_clock_is_said_in_words(world, visit, clock):
    made(world, 1)
    desk = visit(world.moderator)
    assert "3 working days left" in desk.get("/desk").text
    for later, words in ((1, "2 working days left"), (3, "Due today"), (4, "Overdue")):
        clock(MONDAY + timedelta(days=later))
        assert words in visit(world.moderator).get("/desk").text


# --- deciding, one after the other


def test_after_a_decision_comes_the_next_in_the_list(world, visit):
    keys = made(world, 3)
    desk = visit(world.moderator)
    page = desk.get(f"/desk/{keys[1]}/publication?sphere=safety")
    answer = desk.submit(page, f"/desk/{keys[1]}/publication", sphere="safety")
    following = desk._send("GET", answer.location)
    assert (following.status, urlsplit(following.location).path) == (303, f"/desk/{keys[2]}")
    assert "sphere=safety" in following.location  # the filter one came with goes on
    for key, then in ((keys[2], keys[0]), (keys[0], None)):  # at the end of the list its beginning
        answer = desk.submit(desk.get(f"/desk/{key}/publication"), f"/desk/{key}/publication", sphere="safety")
        location = desk._send("GET", answer.location).location
        assert urlsplit(location).path == (f"/desk/{then}" if then else "/desk")


def test_an_inbox_of_37_is_cleared_without_javascript(world, visit):
    keys = made(world, 37)
    desk, page = visit(world.moderator), None
    location = rows(visit(world.moderator).get("/desk"))[0]
    for turn in range(37):
        page = desk.get(location)
        path = urlsplit(location).path + ("/publication" if turn % 2 else "/rejection")
        assert path in {urlsplit(link.get("href")).path for link in page.find("a")}
        answer = desk.submit(desk.get(path), path, **({"sphere": "safety"} if turn % 2 else {"reason": "unclear"}))
        location = desk._send("GET", answer.location).location
    assert location == "/desk" and rows(desk.get("/desk")) == []
    rollback()
    decided = select(func.count()).where(TriageDecision.proposal_id.in_(keys))
    assert db.session.scalar(decided) == 37
    assert "You have decided 37 today." in desk.get("/desk").text


FORMS = {
    "publication": {"sphere": "safety"},
    "question": {"question": "Қай көше?"},
    "rejection": {"reason": "unclear"},
    "forwarding": {"target": "750000000"},
}


@pytest.mark.parametrize("path", FORMS)
def test_a_decision_is_taken_back_within_a_minute(world, visit, clock, path):
    (key,) = made(world, 1)
    before = proposal(key)
    was = (before.stage, before.seat_id, before.due_at, before.sphere, before.paused_at, before.closes_at)
    desk = visit(world.moderator)
    desk.post(f"/desk/{key}/assignment", assignee="me")
    desk.submit(desk.get(f"/desk/{key}/{path}"), f"/desk/{key}/{path}", **FORMS[path])
    page = desk.get("/desk")
    undo = next(form.get("action") for form in page.find("form") if "/undo" in form.get("action"))
    visit(world.region_moderator).post(undo, 403)
    clock(MONDAY + timedelta(seconds=60))
    answer = desk.submit(page, undo)
    assert urlsplit(answer.location).path == f"/desk/{key}"
    after = proposal(key)
    assert (after.stage, after.seat_id, after.due_at, after.sphere, after.paused_at, after.closes_at) == was
    assert db.session.get(Assignment, key).assignee_id == world.moderator.id
    desk.post(undo, 409)
    assert "undone" in desk.get(f"/desk/{key}").text
    # and it can be decided anew, as if nothing had been
    desk.submit(desk.get(f"/desk/{key}/{path}"), f"/desk/{key}/{path}", **FORMS[path])
    assert proposal(key).stage != "submitted" or path == "forwarding"
    visit().get(f"/proposals/{key}", status=200 if path == "publication" else 410 if path == "rejection" else 404)


def test_after_the_minute_a_decision_stands(world, visit, clock):
    (key,) = made(world, 1)
    desk = visit(world.moderator)
    desk.submit(desk.get(f"/desk/{key}/rejection"), f"/desk/{key}/rejection", reason="unclear")
    undo = next(form.get("action") for form in desk.get("/desk").find("form") if "/undo" in form.get("action"))
    clock(MONDAY + timedelta(seconds=61))
    assert "The minute is over" in desk.post(undo, 409).text
    assert not [form for form in desk.get("/desk").find("form") if "/undo" in form.get("action")]
    assert proposal(key).stage == "rejected"


def test_what_somebody_has_voted_on_stays_published(world, visit):
    (key,) = made(world, 1)
    desk = visit(world.moderator)
    desk.submit(desk.get(f"/desk/{key}/publication"), f"/desk/{key}/publication", sphere="safety")
    undo = next(form.get("action") for form in desk.get("/desk").find("form") if "/undo" in form.get("action"))
    visit(world.bolat).post(f"/proposals/{key}/vote", choice="oppose")
    assert "Somebody has voted on it already" in desk.post(undo, 409).text
    assert (proposal(key).stage, proposal(key).opposes) == ("collecting", 1)


def test_two_decisions_stand_side_by_side_and_nothing_typed_is_lost(world, visit):
    (key,) = made(world, 1)
    late, early = visit(world.moderator), visit(world.region_moderator)
    page = late.get(f"/desk/{key}/rejection")
    early.submit(early.get(f"/desk/{key}/forwarding"), f"/desk/{key}/forwarding", target="610000000")
    # the region holds it now; whoever moderates there too still may decide, with the difference in sight
    both = visit(world.region_moderator)
    words = {"reason": "unclear", "note_kk": "Қай көше екені белгісіз", "note_ru": "Неясно, какая улица"}
    answer = both._send(
        "POST", f"/desk/{key}/rejection", data=page.form(f"/desk/{key}/rejection") | words | token(both)
    )
    assert answer.status == 409
    for text in ("Decision in force", "Forwarded", "What you were about to decide", "Неясно, какая улица"):
        assert text in answer.text
    assert proposal(key).stage == "submitted"
    both.submit(answer, f"/desk/{key}/rejection")  # read again, decided all the same
    assert proposal(key).stage == "rejected"
    late.submit(page, f"/desk/{key}/rejection", 403, **words)  # it is no longer on this desk


def token(browser):
    return {"csrf_token": browser.get("/desk").form("/sign-out")["csrf_token"]}


def test_an_author_is_asked_twice_at_most_and_the_clock_goes_on_where_it_stood(world, visit, clock):
    (key,) = made(world, 1)
    for turn in range(2):
        desk = visit(world.moderator)
        left = working_days_left(proposal(key).due_at, MONDAY + timedelta(days=10 * turn))
        desk.submit(desk.get(f"/desk/{key}/question"), f"/desk/{key}/question", question="Қай мектеп?")
        assert "Paused: the author has been asked" in desk.get("/desk?tab=waiting").text
        moment = MONDAY + timedelta(days=10 * (turn + 1))
        clock(moment)
        author = visit(world.aigerim)
        page = author.get(f"/proposals/{key}/revision")
        author.submit(page, f"/proposals/{key}/revision", note="№ 5", text="№ 5 мектеп алдында жарық жоқ")
        assert working_days_left(proposal(key).due_at, moment) >= max(1, left)
    desk = visit(world.moderator)
    page = desk.submit(desk.get(f"/desk/{key}/question"), f"/desk/{key}/question", 422, question="Тағы бір сұрақ")
    assert "asked 2 times already" in page.text and "Тағы бір сұрақ" in page.html


# --- words


def test_nothing_with_a_placeholder_reaches_an_author(world, visit):
    (key,) = made(world, 1)
    desk = visit(world.moderator)
    desk.submit(
        desk.get("/desk/templates"),
        "/desk/templates",
        use="question",
        name="Қай жер?",
        text_kk="{place}{gen} «{title}» ұсынысы бойынша {due}{dat} дейін: {мектеп} нешінші?",
        text_ru="По предложению «{title}»: какая {школа}?",
    )
    page = desk.get(f"/desk/{key}/question")
    template = page.find("select", id="template")[0].find("option").get("value")
    filled = desk.get(f"/desk/{key}/question?template={template}")
    question = filled.form(f"/desk/{key}/question")["question"]
    day = re.escape(day_in(Case.DAT, local_date(proposal(key).due_at)))
    assert re.fullmatch(
        rf"Түркістан қаласының «Көшеге жарық керек 0» ұсынысы бойынша {day} дейін: {{мектеп}} нешінші\?", question
    )
    refused = desk.submit(filled, f"/desk/{key}/question", 422)
    assert "Fill in what is in braces: {мектеп}." in refused.text
    desk.submit(refused, f"/desk/{key}/question", question=question.replace("{мектеп}", "мектеп"))
    assert proposal(key).stage == "returned"


@settings(max_examples=25)
@given(st.text(st.sampled_from("ab{} {x}\n"), min_size=1, max_size=30))
def test_any_text_with_braces_left_stops_every_decision(app, world, text):
    with unit_of_work():
        one = propose(world.aigerim, MONDAY)
        acts = (
            lambda: ask(world.moderator, one, text, MONDAY),
            lambda: reject(world.moderator, one, "unclear", MONDAY, text, text),
        )
        for act in acts:
            if placeholders(text):
                with pytest.raises(Invalid):
                    act()
                assert one.stage == "submitted"
    if placeholders(text):
        assert not db.session.scalar(select(func.count()).where(TriageDecision.proposal_id == one.id))
    rollback()


def test_the_letter_shown_first_is_the_letter_that_is_sent(world, visit, clock):
    (key,) = made(world, 1)
    with unit_of_work():
        world.aigerim.lang = "kk"
    desk = visit(world.moderator)
    words = {"reason": "unclear", "note_kk": "Қай өткел екенін жазыңыз.", "note_ru": "Напишите, какой переход."}
    page = desk.get(f"/desk/{key}/rejection")
    data = page.form(f"/desk/{key}/rejection") | words
    look = desk._send("POST", f"/desk/{key}/letter/reject", data=data)
    assert look.status == 200 and proposal(key).stage == "submitted"
    assert not db.session.scalar(select(func.count()).select_from(TriageDecision))
    assert not db.session.scalar(select(func.count()).where(Fact.verb == "proposal:rejected"))
    desk.submit(look, f"/desk/{key}/rejection")
    clock(MONDAY + 2 * MINUTE)
    jobs.run(MONDAY + 2 * MINUTE)
    rollback()
    sent = db.session.scalars(
        select(Message).where(Message.to == world.aigerim.email).order_by(Message.id.desc())
    ).first()
    letter = look.find("section", class_="letter")[0]
    shown = re.sub(r"\s+", " ", "".join(letter.itertext()))
    assert re.sub(r"\s+", " ", sent.subject) in shown
    for paragraph in sent.body.split("\n\n")[:4]:
        assert re.sub(r"\s+", " ", paragraph).strip() in shown
    assert "Қай өткел екенін жазыңыз." in sent.body


def test_a_letter_is_not_shown_for_a_form_that_is_not_right(world, visit):
    (key,) = made(world, 1)
    desk = visit(world.moderator)
    data = desk.get(f"/desk/{key}/rejection").form(f"/desk/{key}/rejection")
    assert desk._send("POST", f"/desk/{key}/letter/reject", data=data).status == 422
    assert desk._send("POST", f"/desk/{key}/letter/nonsense", data=data).status == 404


def test_new_words_of_a_reason_begin_and_old_decisions_keep_theirs(world, visit, clock):
    first, second = made(world, 2)
    with unit_of_work():
        operator = add_user("operator@test.example", MONDAY - timedelta(days=9), home=None)
        give_role(operator, "operator", by_kato("000000000"), MONDAY - timedelta(days=9))
    desk, office = visit(world.moderator), visit(operator)
    desk.submit(desk.get(f"/desk/{first}/rejection"), f"/desk/{first}/rejection", reason="unclear")
    clock(MONDAY + timedelta(minutes=10))
    page = office.get("/rejection-reasons/unclear")
    refused = office.submit(page, "/rejection-reasons/unclear", 422, text_kk=" ")
    assert "in all three languages" in refused.text
    office.submit(page, "/rejection-reasons/unclear", text_en="Say where it is.", law_en="Article 7")
    desk.submit(desk.get(f"/desk/{second}/rejection"), f"/desk/{second}/rejection", reason="unclear")
    author = visit(world.aigerim)
    assert "We could not see what should change" in author.get(f"/proposals/{first}").text
    newer = author.get(f"/proposals/{second}").text
    assert "Say where it is." in newer and "Ground: Article 7." in newer
    assert "Say where it is." in visit().get("/rejection-reasons").text
    data = dict(office.get("/rejection-reasons/insult").form("/rejection-reasons/insult").items())
    data.pop("is_offered")
    assert office._send("POST", "/rejection-reasons/insult", data=data).status == 303
    (third,) = made(world, 1)
    assert "It insults or threatens somebody" not in desk.get(f"/desk/{third}/rejection").text
    desk.post(f"/desk/{third}/rejection", 422, reason="insult")
    visit(world.moderator).get("/rejection-reasons/unclear", status=403)
    office.get("/rejection-reasons/nonsense", status=404)


# --- staff among themselves


def test_a_department_takes_it_and_the_term_goes_on(world, visit):
    (key,) = made(world, 1)
    with unit_of_work():
        names = {"kk": "Көлік бөлімі", "ru": "Отдел транспорта", "en": "Transport department"}
        room = open_department(world.moderator, by_kato("611000000"), names, MONDAY).id
    due, desk = proposal(key).due_at, visit(world.moderator)
    desk.submit(desk.get(f"/desk/{key}/forwarding"), f"/desk/{key}/forwarding", target=f"d{room}")
    assert (proposal(key).stage, proposal(key).due_at) == ("submitted", due)
    assert rows(desk.get(f"/desk?dept={room}")) == [f"/desk/{key}"]
    author = visit(world.aigerim, "kk").get(f"/proposals/{key}")
    assert "Көлік бөлімі" in author.text
    visit(world.region_officer).post(f"/desk/departments/{room}/closing", 403)
    desk.post(f"/desk/departments/{room}/closing")
    assert rows(desk.get(f"/desk?dept={room}")) == []
    desk.submit(desk.get(f"/desk/{key}/forwarding"), f"/desk/{key}/forwarding", 422, target=f"d{room}")


def test_notes_stay_inside_and_find_their_reader(world, visit):
    (key,) = made(world, 1)
    secret = "Автормен телефонмен сөйлестім"
    officer, moderator = visit(world.officer), visit(world.moderator)
    page = officer.get(f"/desk/{key}")
    officer.submit(page, f"/desk/{key}/notes", 422, note="  ")
    officer.submit(page, f"/desk/{key}/notes", note="Ешкімге", mention="9" * 5000)  # no number of anybody
    officer.submit(page, f"/desk/{key}/notes", note=secret, mention=str(world.moderator.id))
    assert "Mentions 1" in moderator.get("/desk").text
    assert rows(moderator.get("/desk?tab=mentions")) == [f"/desk/{key}"]
    assert secret in moderator.get(f"/desk/{key}").text
    moderator.post(f"/desk/{key}/reading")
    assert "Mentions 0" in moderator.get("/desk").text
    moderator.submit(moderator.get(f"/desk/{key}/publication"), f"/desk/{key}/publication", sphere="safety")
    for who in (None, world.aigerim, world.bolat):
        browser = visit(who) if who else visit()
        for path in (f"/proposals/{key}", "/proposals.csv", "/proposals.json", "/proposals.atom", "/journal.jsonl"):
            assert secret not in browser._send("GET", path).html
    author = visit(world.aigerim)
    assert secret not in author._send("GET", "/my/data").html
    jobs.run(MONDAY + 2 * MINUTE)
    rollback()
    assert not db.session.scalar(select(func.count()).where(Message.body.contains(secret)))
    visit(world.almaty_moderator).post(f"/desk/{key}/notes", 403, note="Бөтен")
    (other,) = made(world, 1)
    moderator.submit(moderator.get(f"/desk/{other}/forwarding"), f"/desk/{other}/forwarding", target="610000000")
    officer.post(f"/desk/{other}/notes", 403, note="Енді біздікі емес")  # it left the officer's desk


def test_a_colleague_sees_who_reads_and_can_take_over(world, visit, clock):
    (key,) = made(world, 1)
    first, second = visit(world.moderator), visit(world.region_moderator)
    first.post(f"/desk/{key}/reading")
    assert "has been reading this since" in second.get(f"/desk/{key}").text
    second.post(f"/desk/{key}/reading")
    assert "has been reading this since" in second.get(f"/desk/{key}").text  # asking is not taking
    second.submit(second.get(f"/desk/{key}"), f"/desk/{key}/reading")
    assert "has been reading this since" in first.get(f"/desk/{key}").text
    clock(MONDAY + timedelta(minutes=11))
    assert "has been reading this since" not in first.get(f"/desk/{key}").text
    fragment = first._send(
        "POST",
        f"/desk/{key}/reading",
        data=token(first),
        headers={"HX-Request": "true", "HX-Target": "reading"},
    )
    assert "you are reading this" in fragment.text and "<html" not in fragment.html


def test_a_look_is_measured_from_its_mark(world, visit, clock):
    (key,) = made(world, 1)
    desk = visit(world.moderator)
    desk.post(f"/desk/{key}/reading")
    clock(MONDAY + timedelta(seconds=25))
    desk.submit(desk.get(f"/desk/{key}/publication"), f"/desk/{key}/publication", sphere="safety")
    assert "Median reading time: 25 seconds." in desk.get("/desk/team").text


def test_work_goes_to_whoever_has_waited_longest(world, visit):
    keys = made(world, 4)
    with unit_of_work():
        second = add_user("second@test.example", MONDAY - timedelta(days=9), home=None)
        give_role(second, "moderator", by_kato("611000000"), MONDAY - timedelta(days=9))
        third = add_user("third@test.example", MONDAY - timedelta(days=9), home=None)
        give_role(third, "moderator", by_kato("611000000"), MONDAY - timedelta(days=9))
        change_setting(third, languages=["ru"])  # all four are in Kazakh
    desk = visit(world.moderator)
    for key in keys:
        desk.post(f"/desk/{key}/assignment", assignee="turn")
    rollback()
    given = dict(
        db.session.execute(select(Assignment.assignee_id, func.count()).group_by(Assignment.assignee_id)).all()
    )
    assert given == {world.moderator.id: 2, second.id: 2}
    board = desk.get("/desk/team")
    assert "Nobody yet 0" in board.text
    desk.submit(board, "/desk/setting", languages="kk", away_until="2026-12-01")
    assert "away; back on" in desk.get("/desk/team").text
    refused = desk._send("POST", "/desk/setting", data=token(desk) | {"away_until": "soon"})
    assert refused.status == 422 and "Write the date" in refused.text
    desk.post(f"/desk/{keys[0]}/assignment", 422, assignee=str(world.bolat.id))
    desk.post(f"/desk/{keys[0]}/assignment", assignee="")
    assert "Nobody yet 1" in desk.get("/desk/team").text


def test_keys_can_be_switched_off(world, visit):
    (key,) = made(world, 1)
    desk = visit(world.moderator)
    assert "desk.js" in desk.get(f"/desk/{key}").html
    desk.submit(desk.get("/desk/keys"), "/desk/keys")
    assert "Keys are off." in desk.get("/desk/keys").text
    for path in ("/desk", f"/desk/{key}"):
        assert "desk.js" not in desk.get(path).html
    desk.submit(desk.get("/desk/keys"), "/desk/keys")
    assert "desk.js" in desk.get("/desk").html


# --- many at once


def many(desk, act, keys):
    return desk.get(f"/desk/many?act={act}&" + "&".join(f"key={key}" for key in keys))


def test_many_are_rejected_after_a_look_and_taken_back(world, visit, clock):
    keys = made(world, 5)
    desk = visit(world.moderator)
    page = many(desk, "reject", keys)
    assert "5 proposals" in page.text and len([k for k in keys if f"/desk/{k}" in page.html]) == 3  # samples
    values = [field.get("value") for field in page.find("input", name="key")]
    data = page.form("/desk/many") | {"key": values, "reason": "advertising"}
    with unit_of_work():  # one of them changes between the look and the act
        ask(world.region_moderator, db.session.get_one(Proposal, keys[2]), "Қай көше?", MONDAY)
    assert desk._send("POST", "/desk/many", data=data).status == 303
    after = desk.get("/desk")
    assert "4 proposals done." in after.text
    assert [proposal(key).stage for key in keys] == ["rejected", "rejected", "returned", "rejected", "rejected"]
    undo = next(form.get("action") for form in after.find("form") if "/batches/" in form.get("action"))
    visit(world.region_moderator).post(undo, 404)
    clock(MONDAY + timedelta(seconds=59))
    desk.submit(after, undo)
    assert [proposal(key).stage for key in keys].count("submitted") == 4
    desk.post(undo, 409)


@pytest.mark.parametrize(
    ("act", "choice", "seen"),
    [
        ("categorise", {"sphere": "ecology"}, lambda p: p.sphere == "ecology"),
        ("forward", {"target": "610000000"}, lambda p: p.seat.kato == "610000000"),
        ("assign", {"assignee": ""}, lambda p: db.session.get(Assignment, p.id).assignee_id is not None),
    ],
)
def test_many_are_sorted_forwarded_and_shared_out(world, visit, act, choice, seen):
    keys = made(world, 3)
    desk = visit(world.moderator)
    page = many(desk, act, keys)
    data = page.form("/desk/many") | {"key": [f.get("value") for f in page.find("input", name="key")]} | choice
    assert desk._send("POST", "/desk/many", data=data).status == 303
    assert all(seen(proposal(key)) for key in keys)
    after = desk.get("/desk")
    desk.submit(after, next(form.get("action") for form in after.find("form") if "/batches/" in form.get("action")))
    for key in keys:
        rollback()
        db.session.expire_all()
        row = db.session.get(Assignment, key)
        assert proposal(key).sphere != "ecology" and proposal(key).seat.kato == "611000000"
        assert db.session.get(Assignment, key) is None or row.assignee_id is None


def test_many_means_fifty_and_needs_an_act_and_a_choice(world, visit):
    keys = made(world, 2)
    desk = visit(world.moderator)
    for query in ("act=reject", "act=burn&key=1", "act=reject&key=x"):
        assert desk.get(f"/desk/many?{query}", status=303).location == "/desk"
    page = many(desk, "reject", keys)
    values = [field.get("value") for field in page.find("input", name="key")]
    refused = desk._send("POST", "/desk/many", data=page.form("/desk/many") | {"key": values, "reason": "nothing"})
    assert refused.status == 422 and "Choose a reason from the list" in refused.text
    many_keys = "&".join(f"key={n}" for n in range(1, 60))
    assert desk.get(f"/desk/many?act=reject&{many_keys}", status=303).location == "/desk"
    assert "at most 50 at once" in desk.get("/desk").text
    with pytest.raises(Invalid), unit_of_work():
        act_on_many(world.moderator, "reject", dict.fromkeys(range(51), 0), "advertising", MONDAY)
    assert {proposal(key).stage for key in keys} == {"submitted"}


def test_a_template_of_a_body_is_for_it_and_those_below(world, visit):
    (key,) = made(world, 1)
    with unit_of_work():
        texts = ("Облыс үлгісі", "Шаблон области")
        keep_phrase(world.region_moderator, by_kato("610000000"), "rejection", "Облыстан", *texts, MONDAY)
        keep_phrase(world.almaty_moderator, by_kato("750000000"), "rejection", "Алматыдан", *texts, MONDAY)
    page = visit(world.moderator).get(f"/desk/{key}/rejection")
    assert "Облыстан" in page.text and "Алматыдан" not in page.text
    chosen = page.find("select", id="template")[0].find("option").get("value")
    filled = visit(world.moderator).get(f"/desk/{key}/rejection?template={chosen}").form(f"/desk/{key}/rejection")
    assert (filled["note_kk"], filled["note_ru"]) == texts
