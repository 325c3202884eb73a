"""In every list beside the proposal itself, a hidden title is its mark: never the words, and never nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

from icalendar import Calendar
from sqlalchemy import select

from tests.conftest import MONDAY, ROOT
from tests.factories import propose, published
from webapp.flagging import decisions
from webapp.flagging.decisions import Verdict
from webapp.flagging.services import Report, flag, open_review
from webapp.kernel.database import db, locked, unit_of_work
from webapp.kernel.i18n import in_language
from webapp.kernel.mail import Message
from webapp.moderation import services as moderation
from webapp.moderation.undoing import last_decision, undo
from webapp.notifications.addresses import Purpose, make_address
from webapp.notifications.digest import send_digests
from webapp.notifications.follows import follow
from webapp.notifications.rules import Subject
from webapp.notifications.services import tell
from webapp.offers import services as offers
from webapp.offers.rules import Form
from webapp.proposals.hiding import mark
from webapp.voting.services import cast_vote

both_databases = True
sensitive = (
    "test_a_calendar_and_a_desk_show_the_mark",
    "test_a_hidden_title_is_a_mark_in_notices_feeds_follows_and_digests",
    "test_an_offer_for_what_is_not_public_any_more_does_not_name_it",
)
TITLE, DAY = "Канарейка на дереве", timedelta(days=1)


def hidden(world):
    """A proposal that is followed, supported, told of, and then hidden with its title."""
    with unit_of_work():
        proposal = published(world, MONDAY - DAY, title=TITLE)
        key = proposal.id
        follow(world.bolat.id, Subject.PROPOSAL, str(key), MONDAY - DAY)
        cast_vote(world.kentau, proposal, "support", MONDAY - DAY)
        flag(None, locked(type(proposal), key), Report("text", "insult", ""), "f" * 16, MONDAY)
        verdict = Verdict("title_and_text", "insult", "Здесь оскорбили соседа по дому.")
        decisions.hide(world.moderator, open_review(key, "text"), verdict, MONDAY)
    tell(MONDAY + timedelta(minutes=2))
    return key


def test_a_hidden_title_is_a_mark_in_notices_feeds_follows_and_digests(world, visit):
    key = hidden(world)
    with unit_of_work():
        for name in ("bolat", "aigerim"):
            make_address(getattr(world, name).id, Purpose.FEED, MONDAY)
    seen = 0
    for person in (world.bolat, world.aigerim):
        reader = visit(person)
        notices, settings = reader.get("/my/notices"), reader.get("/my/notifications")
        for page in (notices, settings):
            assert TITLE not in page.html
            assert all(
                link.text_content().strip() for link in page.find("a") if f"/proposals/{key}" == link.get("href")
            )
        seen += notices.text.count("Hidden by a moderator")
        (address, *_again) = re.findall(r"/feeds/[\w-]+\.atom", settings.html)
        feed = reader.get(address).html
        assert TITLE not in feed and ET.fromstring(feed.encode()) is not None
        with in_language(person.lang):
            seen += feed.count(mark("insult"))
    assert seen >= 3 and "Hidden by a moderator" in visit(world.bolat).get("/my/notifications").text
    before = set(db.session.scalars(select(Message.id)))
    send_digests(MONDAY + 7 * DAY)
    written = [row for row in db.session.scalars(select(Message)) if row.id not in before]
    assert written and not [row for row in written if TITLE in f"{row.subject}{row.body}"]
    with in_language("kk"):
        assert any(mark("insult") in row.body for row in written)


def test_a_calendar_and_a_desk_show_the_mark(world, visit):
    hidden(world)
    with unit_of_work():
        proposal = propose(world.aigerim, MONDAY, title=f"{TITLE} 2")
        proposal.hidden, proposal.hidden_reason = "title_and_text", "insult"
        make_address(world.moderator.id, Purpose.CALENDAR, MONDAY)
    moderator = visit(world.moderator)
    (address, *_again) = re.findall(r"/calendars/[\w-]+\.ics", moderator.get("/my/notifications").html)
    events = Calendar.from_ical(moderator.get(address).html).walk("VEVENT")
    with in_language("kk"):
        assert [str(one["SUMMARY"]).endswith(mark("insult")) for one in events] == [True]
    assert TITLE not in moderator.get("/desk").html


def test_what_is_not_public_any_more_is_named_to_nobody_who_followed_it(world, visit):
    with unit_of_work():
        proposal = published(world, MONDAY, title=TITLE)
        follow(world.bolat.id, Subject.PROPOSAL, str(proposal.id), MONDAY)
    assert TITLE in visit(world.bolat).get("/my/notifications").text
    with unit_of_work():
        undo(world.moderator, last_decision(proposal.id), MONDAY)
    assert TITLE not in visit(world.bolat).get("/my/notifications").text
    with unit_of_work():
        moderation.publish(world.moderator, locked(type(proposal), proposal.id), MONDAY)
    assert TITLE in visit(world.bolat).get("/my/notifications").text


def test_a_title_is_selected_with_what_may_hide_it():
    """In SQL a hidden title is empty, which is a link without words: rows are read with `TITLED` and `shown_title`."""
    found = {
        path.relative_to(ROOT / "webapp").as_posix()
        for path in (ROOT / "webapp").rglob("*.py")
        if re.search(r"\bProposal\.(title|text|place)\b", re.sub(r'""".*?"""', "", path.read_text("utf-8"), flags=re.S))
    }
    assert found <= {"proposals/models.py", "portal/listing.py"}  # the list asks for the place, which may be nothing


def test_an_offer_for_what_is_not_public_any_more_does_not_name_it(world, visit):
    with unit_of_work():
        proposal = published(world, MONDAY, title=TITLE)
        key, number = proposal.id, proposal.number
        organisation = world.member.memberships[0].organisation
        said = offers.Said(Form.PPP, 7, "Біз көмектесеміз", "", None)
        offer = offers.make(world.member, organisation, proposal, said, MONDAY)
        offers.agree(world.member, offer, False, MONDAY)
        path = f"/offers/{offer.id}"
    assert TITLE in visit().get(path).text
    with unit_of_work():
        undo(world.moderator, last_decision(key), MONDAY)
    visit().get(f"/proposals/{key}", 404)
    visit().get(path, 404)  # it is no more public than what it is made for
    page = visit(world.member).get(path)
    assert TITLE not in page.html and f"Proposal № {number}" in page.text
