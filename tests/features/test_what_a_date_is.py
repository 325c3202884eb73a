"""The receipt, the cards, the ladder, the desk and the calendar call each date what it is, stage by stage."""

from datetime import timedelta

from tests.conftest import MONDAY
from tests.factories import ACCEPTANCE, propose, supported
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import decide
from webapp.kernel.database import db, locked, unit_of_work
from webapp.kernel.i18n import format_date, format_span, in_language
from webapp.kernel.jobs import jobs
from webapp.moderation.services import ask, publish
from webapp.notifications.reading import calendar_of
from webapp.people.models import User
from webapp.proposals.models import Proposal

WORDS = {
    "Checked by": "checked by",
    "The author answers by": "the author answers by",
    "Support is collected until": "support until",
    "To be answered by": "answer due by",
    "Appeal until": "appeal until",
    "Overdue since": "overdue since",
    "Ended on": None,
}


def said(page):
    """The dates of a talon: heading and day."""
    talon = page.tree.find_class("talon-main")[0]
    return [(e.find("dt").text_content(), e.find("dd").text_content()) for e in talon.find_class("talon-due")]


def day(moment, style="long"):
    with in_language("en"):
        return format_date(moment, style)


def test_each_stage_by_its_own_name(world, visit, clock):
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
    author, moderator, officer = visit(world.aigerim), visit(world.moderator), visit(world.officer)

    def proposal():
        db.session.expire_all()
        return db.session.get(Proposal, key)

    def expect(*dates):
        page = author.get(f"/proposals/{key}/talon")
        assert said(page) == [(label, day(moment)) for label, moment in dates]
        assert "Answer by" not in page.text and "As of" in page.text
        first = WORDS[dates[0][0]]
        assert first is None or f"{first} {day(dates[0][1])}" in author.get(f"/proposals/{key}").text

    expect(("Checked by", proposal().due_at))
    assert f"checked by {day(proposal().due_at)}" in moderator.get("/desk").text
    with unit_of_work():
        ask(world.moderator, locked(Proposal, key), "Which street?", MONDAY)
    expect(("The author answers by", proposal().due_at))
    assert f"the author answers by {day(proposal().due_at)}" in moderator.get("/desk?tab=waiting").text
    page = author.get(f"/proposals/{key}/revision")
    author.submit(page, f"/proposals/{key}/revision", note="Abai street")
    with unit_of_work():
        publish(world.moderator, locked(Proposal, key), MONDAY)
    expect(("Support is collected until", proposal().closes_at))
    assert f"support until {day(proposal().closes_at, 'medium')}" in visit().get("/proposals").text
    with unit_of_work():
        supported(locked(Proposal, key), 20, "611000000", MONDAY)
    expect(("To be answered by", proposal().due_at), ("Support is collected until", proposal().closes_at))
    assert f"answer due by {day(proposal().due_at)}" in officer.get(f"/proposals/{key}/answer").text
    text = ("Бұл ұсынысқа қаражат жоқ, сондықтан қабылданбады.", "На это предложение нет средств, оно отклонено.")
    with unit_of_work():
        decide(world.officer, locked(Proposal, key), Reply(Decision.DECLINE, *text, "", "", "", None), MONDAY)
    row = proposal()
    assert row.appeal_until < row.closes_at
    expect(("Appeal until", row.appeal_until), ("Support is collected until", row.closes_at))
    assert f"appeal until {day(row.appeal_until, 'medium')}" in visit().get("/proposals").text
    clock(row.appeal_until + timedelta(days=1))
    assert [label for label, _day in said(author.get(f"/proposals/{key}/talon"))] == ["Support is collected until"]
    clock(row.closes_at + timedelta(days=1))
    jobs.run(row.closes_at + timedelta(days=1))
    assert proposal().closed_at is not None
    page = author.get(f"/proposals/{key}/talon")
    assert "Result Declined" in page.text and [label for label, _day in said(page)] == ["Ended on"]


def test_the_calendar_of_an_officer_calls_the_beginning_a_beginning(world, visit, clock):
    with unit_of_work():
        proposal = propose(world.aigerim, MONDAY)
        publish(world.moderator, proposal, MONDAY)
        supported(proposal, 20, "611000000", MONDAY)
        key = proposal.id
    officer = visit(world.officer)
    page = officer.get(f"/proposals/{key}/answer")
    plan = {
        "text_kk": "Қабылданды: келесі айда жұмыс басталады.",
        "text_ru": "Принято: работа начнётся в следующем месяце.",
        "milestone_1_kk": "Шам",
        "milestone_1_ru": "Фонарь",
        "milestone_1_from": (MONDAY + timedelta(days=10)).date().isoformat(),
        "milestone_1_to": (MONDAY + timedelta(days=40)).date().isoformat(),
    }
    officer.submit(page, f"/proposals/{key}/answer", **ACCEPTANCE, **plan)
    db.session.expire_all()
    person = db.session.get(User, world.officer.id)
    with in_language("en"):
        assert b"SUMMARY:The work begins" in calendar_of(person, MONDAY).to_ical()
    talon = said(visit().get(f"/proposals/{key}/talon"))
    assert talon == [("The work begins on", day(MONDAY + timedelta(days=10)))]


def test_a_span_says_once_what_its_days_share(app):
    spans = {
        "kk": ("2026 ж. 1–21 қыркүйек", "2026 ж. 28 қыркүйек — 5 қазан"),
        "ru": ("1–21 сентября 2026 года", "28 сентября — 5 октября 2026 года"),
        "en": ("1–21 September 2026", "28 September — 5 October 2026"),
    }
    with app.app_context():
        for language, said_so in spans.items():
            with in_language(language):
                spans_said = format_span("2026-09-01", "2026-09-21"), format_span("2026-09-28", "2026-10-05")
                assert tuple(span.replace("\u00a0", " ") for span in spans_said) == said_so
