"""Who is told of what, in the application and by mail: once, in their language, briefly, and no more than they want."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, select, update

from tests.conftest import MONDAY
from tests.factories import add_user, propose, published, supported
from webapp.access.models import Grant
from webapp.access.services import finish_grant, give_role
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import decide
from webapp.journal.models import Fact
from webapp.journal.services import record
from webapp.journal.verbs import INSIDE, Verb
from webapp.kernel.clock import LOCAL_ZONE
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.i18n import in_language
from webapp.kernel.mail import Message
from webapp.moderation import services as moderation
from webapp.notifications import followers
from webapp.notifications.digest import forget_notices, send_digests
from webapp.notifications.follows import follow
from webapp.notifications.letters import letter_about
from webapp.notifications.listing import unread
from webapp.notifications.models import Follow, Notice, SecretAddress, Wish
from webapp.notifications.rules import AT_ONCE_A_DAY, TEXT_BYTES, TOLD, UNDOABLE, Audience, Mail, Subject
from webapp.notifications.sentences import sentence
from webapp.notifications.services import tell
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.territories.services import by_kato
from webapp.voting.services import cast_vote

both_databases = True
sensitive = (
    "test_a_calendar_of_what_is_owed",
    "test_a_feed_of_ones_own",
    "test_a_mail_program_unsubscribes_without_signing_in",
    "test_a_place_and_a_sphere_are_followed_by_what_matters_there",
    "test_a_worker_that_was_killed_on_the_way_goes_on_where_it_was",
    "test_every_mail_is_short_in_every_language",
    "test_fifty_thousand_need_no_fifty_thousand_in_memory",
    "test_notices_come_in_pages",
    "test_old_notices_are_forgotten",
    "test_ten_mails_a_day_and_the_rest_waits_for_the_digest",
    "test_what_comes_while_one_reads_stays_new",
    "test_what_is_not_there_cannot_be_followed",
    "test_what_somebody_was_told_as_staff_ends_with_the_role",
    "test_who_stops_following_hears_nothing_and_who_follows_by_name_does",
    "test_whoever_leaves_leaves_no_notices",
)
LATER = MONDAY + timedelta(minutes=2)
NEXT_MONDAY = MONDAY + timedelta(days=7)
TURKISTAN, KENTAU = "611000000", "612000000"


def told(person, kind=None):
    """The verbs that somebody has a notice of, the oldest first."""
    rollback()
    query = select(Fact.verb).join(Notice, Notice.fact_id == Fact.id).where(Notice.person_id == person.id)
    return list(db.session.scalars((query.where(Notice.kind == kind) if kind else query).order_by(Notice.id)))


def mails(person):
    rollback()
    return list(db.session.scalars(select(Message).where(Message.to == person.email).order_by(Message.id)))


def count(model, *where):
    rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


@pytest.fixture
def key(app, world):
    """A proposal of Aigerim that collects support, with all that was written about it told."""
    with unit_of_work():
        proposal = published(world, MONDAY - timedelta(days=2))
    tell(MONDAY - timedelta(days=2) + timedelta(minutes=2))
    with unit_of_work():
        db.session.execute(db.delete(Message))
        db.session.execute(db.delete(Notice))
        return proposal.id


def proposal_of(key):
    return locked(Proposal, key)


def answered(world, key, at=MONDAY):
    """The city has declined: a fact that is told to everybody who follows."""
    with unit_of_work():
        supported(proposal_of(key), 20, TURKISTAN, at, name=f"crowd{key}-")
        text = ("Бұл ұсыныс қаралды, шешімнің себебі осы.", "Предложение рассмотрено, вот причина решения.")
        decide(world.officer, proposal_of(key), Reply(Decision.DECLINE, *text, "", "", "", None), at)


def test_the_author_is_told_at_once_and_the_one_who_owes_too(world, key):
    with unit_of_work():
        supported(proposal_of(key), 20, TURKISTAN, MONDAY)
    assert tell(MONDAY) == 2
    assert told(world.aigerim) == told(world.officer) == ["threshold:reached"]
    (mail,) = mails(world.aigerim)
    number = db.session.get(Proposal, key).number
    assert number in mail.subject and number in mail.body and mail.html.count("<a ") == 1
    assert re.findall(r"https?://\S+", mail.body) == [f"http://127.0.0.1:8000/proposals/{key}"]
    assert mail.unsubscribe.startswith("http://127.0.0.1:8000/unsubscribe/")
    assert tell(MONDAY) == 0 and len(mails(world.aigerim)) == 1


def test_supporters_follow_quietly(world, key):
    with unit_of_work():
        cast_vote(world.bolat, proposal_of(key), "support", MONDAY)
        cast_vote(world.kentau, proposal_of(key), "oppose", MONDAY)
    answered(world, key)
    tell(MONDAY)
    assert told(world.bolat) == ["threshold:reached", "proposal:declined"]
    assert told(world.kentau) == []
    assert mails(world.bolat) == []
    assert send_digests(NEXT_MONDAY - timedelta(hours=1, seconds=1)) == 0  # not before nine o'clock in Almaty
    assert send_digests(NEXT_MONDAY) == 21
    (mail,) = mails(world.bolat)
    assert mail.body.count(db.session.get(Proposal, key).number) == 1  # one line for each proposal, the newest fact
    assert "/my/notices" in mail.body
    assert send_digests(NEXT_MONDAY + timedelta(days=6)) == 0


def test_who_stops_following_hears_nothing_and_who_follows_by_name_does(world, visit, key):
    with unit_of_work():
        cast_vote(world.bolat, proposal_of(key), "support", MONDAY)
    supporter = visit(world.bolat)
    page = supporter.get(f"/proposals/{key}")
    assert "You follow this proposal" in page.text
    supporter.submit(page, f"/proposals/{key}/following/ending")
    browser = visit(world.kentau)
    assert "Follow this proposal" in browser.get(f"/proposals/{key}").text
    browser.submit(browser.get(f"/proposals/{key}"), f"/proposals/{key}/following")
    assert "You follow this proposal" in browser.get(f"/proposals/{key}").text
    assert count(Follow, Follow.person_id == world.bolat.id, ~Follow.wanted) == 1
    fickle = visit(world.member)
    fickle.submit(fickle.get(f"/proposals/{key}"), f"/proposals/{key}/following")
    fickle.submit(fickle.get(f"/proposals/{key}"), f"/proposals/{key}/following/ending")
    assert count(Follow, Follow.person_id == world.member.id) == 0  # whoever supports it later follows it
    answered(world, key)
    tell(MONDAY)
    assert told(world.bolat) == told(world.member) == []
    assert told(world.kentau) == ["threshold:reached", "proposal:declined"]


def test_a_place_and_a_sphere_are_followed_by_what_matters_there(world, visit, clock):
    browser = visit(world.bolat)
    browser.submit(browser.get("/territories/610000000"), "/territories/610000000/following")
    other = visit(world.member)
    other.submit(other.get("/proposals?sphere=safety"), "/spheres/safety/following")
    assert "You follow this sphere" in other.get("/proposals?sphere=safety").text
    assert "Follow this sphere" not in other.get("/proposals").text
    with unit_of_work():
        published(world, MONDAY)
        elsewhere = propose(world.aigerim, MONDAY, kato="750000000")
        moderation.publish(world.almaty_moderator, elsewhere, MONDAY, "ecology")
    tell(LATER)
    assert told(world.bolat) == told(world.member) == ["proposal:published"]  # and not that it was sent, or of Almaty
    browser.submit(browser.get("/territories/610000000"), "/territories/610000000/following/ending")
    assert count(Follow, Follow.person_id == world.bolat.id, Follow.wanted) == 0


def test_what_nobody_has_checked_is_told_to_no_follower(world, key):
    with unit_of_work():
        follow(world.bolat.id, Subject.TERRITORY, TURKISTAN, MONDAY)
        waiting = propose(world.aigerim, MONDAY, title="Әлі тексерілмеген").id
        follow(world.bolat.id, Subject.PROPOSAL, str(waiting), MONDAY)
    tell(LATER)
    with unit_of_work():
        moderation.reject(world.moderator, proposal_of(waiting), "unclear", LATER)
    tell(LATER + timedelta(minutes=2))
    assert told(world.bolat) == []
    assert told(world.aigerim) == ["proposal:submitted", "proposal:rejected"]
    assert told(world.moderator) == ["proposal:submitted"]


@pytest.mark.parametrize("verb", sorted(UNDOABLE))
def test_what_may_be_taken_back_waits_and_is_not_told_when_it_was(world, key, verb):
    with unit_of_work():
        where = {"proposal_id": key, "territory_id": world.turkistan.id, "public": verb not in INSIDE}
        fact = record(verb, proposal_of(key), MONDAY, **where, into=1)
        db.session.flush()
        number = fact.id
    tell(MONDAY + timedelta(seconds=89))
    assert told(world.aigerim) == [] and not db.session.get(Fact, number).told
    with unit_of_work():
        record(Verb.DECISION_UNDONE, proposal_of(key), MONDAY, proposal_id=key, undoes=number)
    tell(LATER)
    assert told(world.aigerim) == [] and mails(world.aigerim) == []
    assert count(Fact, ~Fact.told) == 0


def test_a_decision_that_stands_is_told_after_a_minute_and_a_half(world):
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
    with unit_of_work():
        moderation.ask(world.moderator, proposal_of(key), "Қай көше?", MONDAY)
    tell(MONDAY + timedelta(seconds=89))
    assert told(world.aigerim) == ["proposal:submitted"]
    tell(MONDAY + timedelta(seconds=90))
    assert told(world.aigerim) == ["proposal:submitted", "proposal:returned"]
    assert "Қай көше?" in mails(world.aigerim)[-1].body


def test_what_begins_a_term_goes_at_once_however_many_went_before(world):
    with unit_of_work():
        made = [propose(world.aigerim, MONDAY, title=f"Ұсыныс {number}").id for number in range(AT_ONCE_A_DAY + 3)]
    tell(MONDAY)
    assert len(mails(world.aigerim)) == AT_ONCE_A_DAY
    with unit_of_work():
        moderation.ask(world.moderator, locked(Proposal, made[0]), "Қай көше?", MONDAY)
        moderation.reject(world.moderator, locked(Proposal, made[1]), "unclear", MONDAY)
    tell(MONDAY + timedelta(minutes=2))
    assert len(mails(world.aigerim)) == AT_ONCE_A_DAY + 2
    assert {verb.value for verb, told_of in TOLD.items() if told_of.term} == {
        *("proposal:returned", "proposal:rejected", "proposal:declined", "content:hidden"),
    }


def test_ten_mails_a_day_and_the_rest_waits_for_the_digest(world):
    with unit_of_work():
        for number in range(AT_ONCE_A_DAY + 5):
            propose(world.aigerim, MONDAY, title=f"Ұсыныс {number}")
    tell(MONDAY)
    assert len(mails(world.aigerim)) == AT_ONCE_A_DAY
    assert count(Notice, Notice.person_id == world.aigerim.id, Notice.mail == Mail.WAITS) == 5
    with unit_of_work():
        propose(world.aigerim, MONDAY + timedelta(days=1), title="Ертеңгі ұсыныс")
    tell(MONDAY + timedelta(days=1))
    assert len(mails(world.aigerim)) == AT_ONCE_A_DAY + 1
    send_digests(NEXT_MONDAY)
    digest = mails(world.aigerim)[-1]
    assert digest.dedup_key == f"digest:{world.aigerim.id}:2026-11-30"
    assert digest.body.count("\n- ") == 5 and digest.body.count("Ұсыныс 1") == 5
    assert len(digest.body.encode()) <= TEXT_BYTES


def test_a_long_week_is_told_briefly(world):
    """Each line is full: as many as fit, never more than twenty, and how many there are besides."""
    with unit_of_work():
        follow(world.bolat.id, Subject.TERRITORY, TURKISTAN, MONDAY)
        for number in range(30):
            published(world, MONDAY, title=f"{number:02d} {'Ұзақ тақырып ' * 6}"[:80])
    tell(LATER)
    assert send_digests(NEXT_MONDAY) >= 1
    (mail,) = mails(world.bolat)
    lines = mail.body.count("\n- ")
    assert 5 <= lines <= 20 and f"{30 - lines}" in mail.body
    assert 2_000 < len(mail.body.encode()) <= TEXT_BYTES


def test_many_digests_leave_the_other_jobs_their_turn(world, key):
    """A run ends after twenty seconds and the next goes on; nobody is left out, nobody has two."""
    answered(world, key)
    tell(MONDAY)
    turns, seconds = [], [0.0]

    def watch():
        seconds[0] += 21.0
        return seconds[0]

    while not turns or turns[-1]:
        turns.append(send_digests(NEXT_MONDAY, stopwatch=watch))
    assert turns == [10, 10, 0]
    assert count(Message, Message.dedup_key.like("digest:%")) == 20
    assert count(Notice, Notice.mail == Mail.WAITS) == 0


def test_no_mail_when_nothing_happened_or_nobody_wants_it(world, key, visit):
    assert send_digests(MONDAY) == 0
    with unit_of_work():
        for person in (world.bolat, world.kentau, world.newcomer, world.member):
            follow(person.id, Subject.PROPOSAL, str(key), MONDAY)
        locked(User, world.newcomer.id).email_confirmed_at = None
        locked(User, world.member.id).disabled_at = MONDAY
    browser = visit(world.bolat)
    page = browser.get("/my/notifications")
    assert page.form("/my/notifications")["own"] == page.form("/my/notifications")["digest"] == "y"
    browser.post("/my/notifications", 303, page, own="y")
    assert "digest" not in browser.get("/my/notifications").form("/my/notifications")
    answered(world, key)
    tell(MONDAY)
    assert told(world.bolat) == told(world.kentau) == told(world.newcomer) and len(told(world.kentau)) == 2
    assert told(world.member) == []
    with unit_of_work():
        locked(User, world.kentau.id).disabled_at = MONDAY
    send_digests(NEXT_MONDAY)
    assert [mails(p) for p in (world.bolat, world.kentau, world.newcomer, world.member)] == [[], [], [], []]
    assert count(Notice, Notice.mail == Mail.WAITS) == 0


def test_who_wants_no_mails_of_their_own_reads_them_on_the_page(world, visit, key):
    browser = visit(world.aigerim)
    browser.post("/my/notifications", 303, browser.get("/my/notifications"), digest="y")
    with unit_of_work():
        supported(proposal_of(key), 20, TURKISTAN, MONDAY)
    assert tell(MONDAY) == 1  # the officer's
    send_digests(NEXT_MONDAY)
    assert mails(world.aigerim) == []
    assert "1 new notification" in browser.get("/my").text
    page = browser.get("/my/notices")
    assert "The threshold is reached" in page.text and "Not read yet ·" in page.text
    browser.submit(page, "/my/notices/reading")
    assert "Mark all as read" not in browser.get("/my/notices").text
    assert "Nothing new" in browser.get("/my").text
    assert "The threshold is reached" not in visit(world.bolat).get("/my/notices").text


def test_what_comes_while_one_reads_stays_new(world, visit, key):
    with unit_of_work():
        supported(proposal_of(key), 20, TURKISTAN, MONDAY)
    tell(MONDAY)
    browser = visit(world.aigerim)
    page = browser.get("/my/notices")
    answered_later = MONDAY + timedelta(minutes=1)
    with unit_of_work():
        text = ("Бұл ұсыныс қаралды, шешімнің себебі осы.", "Предложение рассмотрено, вот причина решения.")
        decide(world.officer, proposal_of(key), Reply(Decision.DECLINE, *text, "", "", "", None), answered_later)
    tell(answered_later)
    browser.submit(page, "/my/notices/reading")
    rollback()
    assert unread(world.aigerim.id, MONDAY) == 1
    browser.post("/my/notices/reading", 303, page, upto="no number")
    rollback()
    assert unread(world.aigerim.id, MONDAY) == 1


def test_notices_come_in_pages(world, visit):
    with unit_of_work():
        for number in range(30):
            propose(world.aigerim, MONDAY, title=f"Ұсыныс {number}")
    tell(MONDAY)
    browser = visit(world.aigerim)
    first = browser.get("/my/notices")
    (onwards,) = first.find("a", rel="next")
    second = browser.get(onwards.get("href"))
    assert "Ұсыныс 29" in first.text and "Ұсыныс 29" not in second.text and "Ұсыныс 0" in second.text
    assert browser.get(second.find("a", rel="prev")[0].get("href")).text == first.text


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_mail_is_short_in_every_language(world, key, lang):
    """The longest of everything: title, name, body, question, reasons."""
    with unit_of_work():
        proposal, person = proposal_of(key), locked(User, world.aigerim.id)
        proposal.title, person.given_name, person.lang = "Щ" * 80, "Ы" * 80, lang
        for name in ("name_kk", "name_ru", "name_en"):
            setattr(moderation_body(world), name, "Ә" * 200)
        seen = set()
        for verb, row in TOLD.items():
            facts = {
                **dict.fromkeys(
                    ("question", "note", "note_kk", "note_ru", "sentence", "answer"),
                    "https://evil.example/ " + "Ұ" * 1900,
                ),
                **dict.fromkeys(("due_at", "closes_at", "appeal_until"), MONDAY.isoformat()),
                "reason": "insult",
                "what": "text",
                "with_title": True,
                "supports": 10,
                "by": "moderator",
                "cause": "support",
                "title_kk": "Қ" * 200,
                "title_ru": "Ж" * 200,
                "in_part": True,
                "into": 1,
            }
            where = {"proposal_id": key, "territory_id": world.turkistan.id, "public": verb not in INSIDE}
            fact = record(verb, proposal, MONDAY, **where, **facts)
            db.session.flush()
            for kind in [*([Audience.AUTHOR] if row.author else []), *([row.staff] if row.staff else [])]:
                letter = letter_about(fact, proposal, person, kind)
                assert len(letter.text.encode()) < 3_072, (verb, kind, len(letter.text.encode()))
                assert letter.text.count(f"http://127.0.0.1:8000/proposals/{key}") == 1
                assert proposal.number in letter.subject + letter.text and letter.html.count("<a ") == 1
                assert letter.html.startswith("<!doctype html>") and f'<html lang="{lang}">' in letter.html
                assert "\n" not in letter.subject and letter.subject
            with in_language(lang):
                said = sentence(verb, fact.facts)
            assert said.endswith("."), f"{verb} has no sentence"
            seen.add(said)
    assert len(seen) >= len(TOLD) - 1  # nothing says the same of two things


def moderation_body(world):
    from webapp.territories.models import Body

    return db.session.scalars(select(Body).where(Body.territory_id == world.turkistan.id)).one()


def test_fifty_thousand_need_no_fifty_thousand_in_memory(world, key, monkeypatch):
    """Parts of a few people, by statements whose number does not grow with the people in a part."""
    with unit_of_work():
        supported(proposal_of(key), 19, TURKISTAN, MONDAY)
        follow(world.bolat.id, Subject.PROPOSAL, str(key), MONDAY)
        locked(User, world.kentau.id).disabled_at = MONDAY
        cast_vote(world.aigerim, proposal_of(key), "support", MONDAY)  # the deciding one, and the author's own
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    fact = db.session.scalars(select(Fact).where(Fact.verb == "threshold:reached")).one().id
    monkeypatch.setattr(followers.spread, "__defaults__", (4,))
    tell(MONDAY)
    rollback()
    assert count(Notice, Notice.fact_id == fact, Notice.kind == Audience.FOLLOWER) == 20
    assert told(world.aigerim) == ["threshold:reached"]
    writing = [statement for statement in seen if statement.startswith("INSERT INTO notice")]
    assert len(writing) <= 2 + 6 and not [s for s in seen if "executemany" in s]


def test_a_worker_that_was_killed_on_the_way_goes_on_where_it_was(world, key, monkeypatch):
    with unit_of_work():
        supported(proposal_of(key), 20, TURKISTAN, MONDAY)
    whole, parts = followers._write, []

    class Killed(BaseException):
        pass

    def killed_at_the_third_part(*arguments):
        parts.append(arguments)
        if len(parts) == 3:
            raise Killed
        return whole(*arguments)

    monkeypatch.setattr(followers, "_write", killed_at_the_third_part)
    monkeypatch.setattr(followers.spread, "__defaults__", (4,))
    with pytest.raises(Killed):
        tell(MONDAY)
    assert count(Notice, Notice.kind == Audience.FOLLOWER) == 8
    assert tell(MONDAY) == 0  # the two mails were written before
    assert count(Notice, Notice.kind == Audience.FOLLOWER) == 20
    assert len(parts) == 3 + 3, "it has not begun anew"
    assert count(Message, Message.dedup_key.like("fact:%")) == 2
    assert count(Fact, ~Fact.told) == 0


def test_nobody_is_told_twice_whatever_they_are(world, key):
    with unit_of_work():
        give_role(world.aigerim, "officer", by_kato(TURKISTAN), MONDAY)
        follow(world.aigerim.id, Subject.PROPOSAL, str(key), MONDAY)
        follow(world.aigerim.id, Subject.TERRITORY, TURKISTAN, MONDAY)
        follow(world.aigerim.id, Subject.SPHERE, "safety", MONDAY)
        supported(proposal_of(key), 20, TURKISTAN, MONDAY)
    tell(MONDAY)
    assert told(world.aigerim) == ["threshold:reached"] and len(mails(world.aigerim)) == 1


def test_a_mail_program_unsubscribes_without_signing_in(app, world, visit, key):
    with unit_of_work():
        supported(proposal_of(key), 20, TURKISTAN, MONDAY)
    tell(MONDAY)
    path = mails(world.aigerim)[0].unsubscribe.removeprefix("http://127.0.0.1:8000")
    for name in ("aigerim", "Айгерім", str(world.aigerim.email)):
        assert name not in path
    stranger = visit()
    page = stranger.get(path)
    assert "Stop these mails?" in page.text and "Айгерім" not in page.text and "aigerim" not in page.html
    assert stranger._send("HEAD", path).status == 200
    assert count(Wish) == 0  # looking changes nothing
    done = stranger._send("POST", path, data={"List-Unsubscribe": "One-Click"})
    assert done.status == 200 and "No more of these mails" in done.text
    assert stranger._send("POST", path, data={"List-Unsubscribe": "One-Click"}).text == done.text
    rollback()
    wish = db.session.get(Wish, world.aigerim.id)
    assert (wish.own, wish.digest) == (False, True)
    for wrong in (path[:-2], path + "x", "/unsubscribe/x", f"/unsubscribe/{'x' * 500}"):
        assert stranger._send("GET", wrong).status == stranger._send("POST", wrong).status == 404
    with unit_of_work():
        app_key = app.config["SECRET_KEY"]
    app.config["SECRET_KEY"] = "another"
    assert stranger._send("POST", path).status == 404
    app.config["SECRET_KEY"] = app_key


def test_a_feed_of_ones_own(app, world, visit, key):
    with unit_of_work():
        supported(proposal_of(key), 20, TURKISTAN, MONDAY)
        db.session.execute(update(User).where(User.id == world.aigerim.id).values(lang="en"))
    tell(MONDAY)
    browser = visit(world.aigerim)
    browser.submit(browser.get("/my/notifications"), "/my/notifications/feed")
    page = browser.get("/my/notifications")
    assert "/calendars/" not in page.html and "Calendar" not in page.text
    (address,) = re.findall(r"http://127\.0\.0\.1:8000(/feeds/[\w-]{43}\.atom)", page.find("code")[0].text)
    stranger = visit()
    feed = stranger._send("GET", address)
    assert feed.status == 200 and feed.response.mimetype == "application/atom+xml"
    assert "The threshold is reached" in feed.html and db.session.get(Proposal, key).title in feed.html
    headers = feed.response.headers
    assert headers["Cache-Control"].startswith("private") and "noindex" in headers["X-Robots-Tag"]
    assert headers["Referrer-Policy"] == "no-referrer"
    for private in ("aigerim", "Сәрсенова", "@test.example", address.split("/")[2][:20]):
        assert private not in feed.html
    rollback()
    row = db.session.scalars(select(SecretAddress)).one()
    assert row.fingerprint not in address and row.seed not in address
    browser.submit(page, "/my/notifications/feed")
    assert stranger._send("GET", address).status == 404  # a new address, and the former leads nowhere
    newer = re.findall(r"(/feeds/[\w-]{43}\.atom)", browser.get("/my/notifications").html)[0]
    assert newer != address and stranger._send("GET", newer).status == 200
    assert stranger._send("GET", newer.replace("feeds", "calendars").replace("atom", "ics")).status == 404
    browser.submit(browser.get("/my/notifications"), "/my/notifications/feed/removal")
    assert stranger._send("GET", newer).status == 404
    assert stranger._send("GET", "/feeds/.atom").status == stranger._send("GET", "/feeds/x.atom").status == 404


def test_a_closed_account_has_no_feed(world, visit, key):
    browser = visit(world.bolat)
    browser.submit(browser.get("/my/notifications"), "/my/notifications/feed")
    address = re.findall(r"(/feeds/[\w-]{43}\.atom)", browser.get("/my/notifications").html)[0]
    assert visit()._send("GET", address).status == 200
    with unit_of_work():
        locked(User, world.bolat.id).disabled_at = MONDAY
    assert visit()._send("GET", address).status == 404


def test_what_somebody_was_told_as_staff_ends_with_the_role(app, world, visit):
    """On the page, in the feed and in the mail of the week, whose words nobody has published yet."""
    with unit_of_work():
        propose(world.aigerim, MONDAY, title="Жарияланбаған мәтін")
    tell(LATER)
    browser = visit(world.moderator)
    browser.post("/my/notifications/feed", page=browser.get("/my/notifications"))
    path = re.search(r"/feeds/[\w-]+\.atom", browser.get("/my/notifications").html)[0]
    assert "Жарияланбаған" in browser.get("/my/notices").text and "Жарияланбаған" in visit()._send("GET", path).html
    with unit_of_work():
        db.session.execute(update(Notice).where(Notice.person_id == world.moderator.id).values(mail=Mail.WAITS))
        grant = db.session.scalars(select(Grant).where(Grant.user_id == world.moderator.id)).one()
        finish_grant(grant, MONDAY)
    before = len(mails(world.moderator))
    assert "Жарияланбаған" not in visit()._send("GET", path).html
    assert "Жарияланбаған" not in visit(world.moderator).get("/my/notices").text
    send_digests(NEXT_MONDAY + timedelta(hours=5))
    assert len(mails(world.moderator)) == before and count(Notice, Notice.mail == Mail.WAITS) == 0


def test_a_calendar_of_what_is_owed(world, visit, key):
    from icalendar import Calendar

    with unit_of_work():
        db.session.execute(update(User).where(User.id == world.officer.id).values(lang="en"))
        proposal_of(key).title = "Көше; жарық, және\\nBEGIN:VEVENT"
        supported(proposal_of(key), 20, TURKISTAN, MONDAY)
        due = proposal_of(key).due_at
    browser = visit(world.officer)
    browser.submit(browser.get("/my/notifications"), "/my/notifications/calendar")
    address = re.findall(r"(/calendars/[\w-]{43}\.ics)", browser.get("/my/notifications").html)[0]
    answer = visit()._send("GET", address)
    assert answer.status == 200 and answer.response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    (owed,) = Calendar.from_ical(answer.html).walk("VEVENT")
    assert owed["SUMMARY"].startswith("Answer due: 6110-2026-0000") and "Көше; жарық, және" in owed["SUMMARY"]
    assert owed["URL"] == f"http://127.0.0.1:8000/proposals/{key}"
    assert owed["DTSTART"].dt == due.astimezone(LOCAL_ZONE).date()
    assert not [word for word in ("aigerim", "officer@", "Айгерім", "Гүлнар") if word in answer.html]
    with unit_of_work():
        grant = locked(User, world.officer.id).grants[0]
        grant.valid_until = MONDAY - timedelta(days=1)
    assert visit()._send("GET", address).status == 404  # no longer of staff


def test_following_with_htmx_changes_the_panel_alone(world, visit, key):
    browser = visit(world.bolat)
    page = browser.get(f"/proposals/{key}")
    headers = {"HX-Request": "true", "HX-Target": "follow"}
    browser.post(f"/proposals/{key}/following", 303, page, headers)
    part = browser.get(f"/proposals/{key}", **headers)
    assert "<html" not in part.html and "You follow this proposal" in part.text
    assert part.find("div", id="follow")[0].get("data-hx-swap-oob") is None
    assert part.find("div", id="flash")[0].get("data-hx-swap-oob") == "outerHTML"
    voted = browser.get(f"/proposals/{key}", **(headers | {"HX-Target": "vote-panel"}))
    assert voted.find("div", id="follow")[0].get("data-hx-swap-oob") == "true"
    for address in ("/territories/611000000", "/proposals?sphere=safety"):
        part = browser.get(address, **headers)
        assert "<html" not in part.html and part.find("div", id="follow")


@pytest.mark.parametrize(
    "address", ["/proposals/999999/following", "/territories/999999999/following", "/spheres/love/following"]
)
def test_what_is_not_there_cannot_be_followed(world, visit, address, clock):
    browser = visit(world.bolat)
    browser.post(address, 404)
    browser.post(f"{address}/ending", 404)
    assert count(Follow) == 0


def test_after_following_one_is_led_to_no_other_site(world, visit, key):
    browser = visit(world.bolat)
    answer = browser.post(f"/proposals/{key}/following", 303, next="https://evil.example/")
    assert answer.location == f"/proposals/{key}"
    listed = browser.get("/my/notifications")
    done = browser.submit(listed, f"/proposals/{key}/following/ending")
    assert done.location == "/my/notifications"


def test_whoever_leaves_leaves_no_notices(world, visit, key):
    from tests.factories import PASSWORD

    with unit_of_work():
        follow(world.kentau.id, Subject.TERRITORY, KENTAU, MONDAY)
        follow(world.kentau.id, Subject.PROPOSAL, str(key), MONDAY)
        supported(proposal_of(key), 20, TURKISTAN, MONDAY)
    tell(MONDAY)
    browser = visit(world.kentau)
    browser.post("/my/notifications", 303, browser.get("/my/notifications"), own="y")
    browser.submit(browser.get("/my/notifications"), "/my/notifications/feed")
    stored = json.loads(browser._send("GET", "/my/data.json").html)
    assert {(row["what"], row["key"]) for row in stored["follows"]} == {
        ("territory", KENTAU),
        ("proposal", str(key)),
    }
    assert [row["what"] for row in stored["notices"]] == ["threshold:reached"]
    assert stored["mails_wanted"] == [{"own": True, "digest": False}]
    assert [row["for"] for row in stored["secret_addresses"]] == ["feed"]
    browser.submit(browser.get("/my/deletion"), "/my/deletion", agree="y", password=PASSWORD)
    for kind in (Notice, Follow, Wish, SecretAddress):
        assert count(kind, kind.person_id == world.kentau.id) == 0
    answered_at = MONDAY + timedelta(minutes=1)
    assert tell(answered_at) == 0
    assert told(world.kentau) == []


def test_old_notices_are_forgotten(world, key):
    with unit_of_work():
        supported(proposal_of(key), 20, TURKISTAN, MONDAY)
    tell(MONDAY)
    everything = count(Notice)
    assert everything == 22
    assert forget_notices(MONDAY + timedelta(days=180)) == 0
    assert forget_notices(MONDAY + timedelta(days=180, seconds=1)) == everything
    assert count(Notice) == 0 and tell(MONDAY + timedelta(days=181)) == 0 and count(Notice) == 0


def test_every_audience_of_the_table_has_its_words_and_every_verb_a_known_name():
    assert {row.staff for row in TOLD.values()} - {None} == {Audience.MODERATOR, Audience.OFFICER}
    assert all(isinstance(verb, Verb) for verb in TOLD)
    assert not [verb for verb, row in TOLD.items() if row.places and not row.followers]


def test_nobody_else_is_named_in_a_notice_a_mail_a_feed(world, visit, key):
    """Names, addresses and numbers of others stay out; the voters most of all."""
    with unit_of_work():
        add_user("nobody@test.example", MONDAY)
        cast_vote(world.kentau, proposal_of(key), "support", MONDAY)
        follow(world.bolat.id, Subject.PROPOSAL, str(key), MONDAY)
        supported(proposal_of(key), 20, TURKISTAN, MONDAY)
    answered_at = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    tell(answered_at)
    send_digests(NEXT_MONDAY)
    (mail,) = mails(world.bolat)
    said = "\n".join((mail.subject, mail.body, mail.html, visit(world.bolat).get("/my/notices").html))
    for person in (world.kentau, world.aigerim, world.officer, world.moderator):
        assert person.email not in said and person.surname not in said
    assert "voter" not in said


def test_what_a_moderator_wrote_in_lines_arrives_in_lines(world):
    lines = "Где это:\n1. Абая, 12\n7. Төле би\n\n- и что с ней?"
    with unit_of_work():
        asked = propose(world.aigerim, MONDAY - timedelta(minutes=5), title="Сұрақ")
        moderation.ask(world.moderator, asked, lines, MONDAY - timedelta(minutes=5))
        refused = propose(world.aigerim, MONDAY - timedelta(minutes=5), title="Бас тарту")
        moderation.reject(world.moderator, refused, "unclear", MONDAY - timedelta(minutes=5), lines, lines)
    tell(MONDAY)
    found = [mail for mail in mails(world.aigerim) if "1. Абая" in mail.body]
    assert len(found) == 2
    for mail in found:
        assert lines in mail.body.replace("\r", "")
        assert "Где это:\n1. Абая, 12\n7. Төле би" in mail.html and "pre-line" in mail.html
