"""A mail says what happened, begins the answer, and leads to where its reader acts; at the top no silence climbs."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import propose, published, supported
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import decide
from webapp.escalation.rules import Cause
from webapp.escalation.services import move, rungs_of
from webapp.journal.models import Fact
from webapp.journal.services import record
from webapp.journal.verbs import INSIDE, Verb
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.i18n import in_language
from webapp.kernel.mail import Message
from webapp.merging.services import merge
from webapp.moderation.services import ask, reject
from webapp.notifications.letters import letter_about
from webapp.notifications.rules import AT_ONCE_A_DAY, TOLD, Audience, begins_term
from webapp.notifications.services import tell
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event

SITE = "http://127.0.0.1:8000"
TEXTS = ("Биыл **қаражат** жоқ, келесі жылы қаралады.", "В этом году **средств** нет, вернёмся в следующем.")


@pytest.fixture
def key(world):
    with unit_of_work():
        return published(world, MONDAY - timedelta(days=2)).id


def last(person):
    rollback()
    rows = db.session.scalars(
        select(Message).where(Message.to == db.session.get(User, person.id).email).order_by(Message.id)
    )
    return list(rows)[-1]


def links(mail):
    return re.findall(r'href="([^"]+)"', mail.html)


@pytest.mark.parametrize("decision", [Decision.DECLINE, Decision.PASS_UP])
def test_the_answer_begins_in_the_mail_in_the_readers_language(world, key, decision):
    with unit_of_work():
        supported(locked(Proposal, key), 20, "611000000", MONDAY)
        made = decide(world.officer, locked(Proposal, key), Reply(decision, *TEXTS, "", "", "", None), MONDAY).id
    for lang, words in (("kk", "Биыл қаражат жоқ"), ("ru", "В этом году средств нет")):
        with unit_of_work():
            author, proposal = db.session.get(User, world.aigerim.id), db.session.get(Proposal, key)
            author.lang = lang
            fact = db.session.scalars(select(Fact).where(Fact.proposal_id == key).order_by(Fact.id.desc())).first()
            letter = letter_about(fact, proposal, author, Audience.AUTHOR)
        assert words in letter.text and words in letter.html and "**" not in letter.text
        assert f"{SITE}/proposals/{key}#answer-{made}" in letter.text


def test_each_mail_leads_to_where_its_reader_acts(world, key):
    with unit_of_work():
        asked, refused = (propose(world.aigerim, MONDAY, title=f"Ұсыныс {n}").id for n in range(2))
    tell(MONDAY)
    moderator = last(world.moderator)
    assert links(moderator) == [f"{SITE}/desk/{refused}"] and f"{SITE}/proposals/{refused}" in moderator.body
    with unit_of_work():
        ask(world.moderator, locked(Proposal, asked), "Қай көше?", MONDAY)
    tell(MONDAY + timedelta(minutes=3))
    assert links(last(world.aigerim)) == [f"{SITE}/proposals/{asked}/revision"]
    with unit_of_work():
        reject(world.moderator, locked(Proposal, refused), "unclear", MONDAY)
    tell(MONDAY + timedelta(minutes=6))
    assert links(last(world.aigerim)) == [f"{SITE}/proposals/{refused}/appeal"]
    with unit_of_work():
        twin = propose(world.aigerim, MONDAY, title="Жарық")
        merge(world.moderator, twin, locked(Proposal, key), MONDAY)
    tell(MONDAY + timedelta(minutes=9))
    rows = db.session.scalars(select(Message).where(Message.subject.contains(twin.number))).all()
    joined = next(mail for mail in rows if f"{SITE}/proposals/{key}" in mail.body and mail.to == "aigerim@test.example")
    assert links(joined) == [f"{SITE}/proposals/{key}"]  # the one that goes on, not the closed one
    with unit_of_work():
        supported(locked(Proposal, key), 20, "611000000", MONDAY)
    tell(MONDAY + timedelta(minutes=12))
    assert links(last(world.officer)) == [f"{SITE}/proposals/{key}/answer"]


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_a_subject_says_what_happened(world, key, lang):
    with unit_of_work():
        proposal, author = db.session.get(Proposal, key), db.session.get(User, world.aigerim.id)
        author.lang, subjects = lang, {}
        with in_language(lang):
            news = " ".join(
                __import__("webapp.kernel.i18n", fromlist=["gettext"])
                .gettext("News about your proposal %(number)s", number=proposal.number)
                .split()
            )
        for verb, row in TOLD.items():
            if not row.author:
                continue
            facts = {
                "due_at": MONDAY.isoformat(),
                "reason": "insult",
                "what": "text",
                "with_title": True,
                "sentence": "x",
                "question": "?",
                "supports": 1,
                "cause": "support",
                "appeal_until": MONDAY.isoformat(),
                "answer": "x",
                "by": "moderator",
                "title_kk": "Ш",
                "title_ru": "Ф",
                "moved_from": "2026-12-01",
                "moved_to": "2026-12-09",
                "into": key,
            }
            where = {"proposal_id": key, "territory_id": proposal.seat_id, "public": verb not in INSIDE}
            fact = record(verb, proposal, MONDAY, **where, **facts)
            db.session.flush()
            subjects[verb] = letter_about(fact, proposal, author, Audience.AUTHOR).subject
        assert news not in subjects.values() and len(set(subjects.values())) == len(subjects)


def test_the_government_is_never_told_that_silence_climbs(world, key):
    with unit_of_work():
        proposal = locked(Proposal, key)
        supported(proposal, 20, "611000000", MONDAY)
        for rung in rungs_of(proposal)[1:]:
            move(proposal, rung, Event.PASS_UP, Cause.PASSED_UP, MONDAY)
    tell(MONDAY + timedelta(minutes=3))
    for person, climbs in ((world.officer, True), (world.region_officer, True), (world.nation_officer, False)):
        with unit_of_work():
            db.session.get(User, person.id).lang = "en"
            fact = db.session.scalars(
                select(Fact).where(Fact.proposal_id == key, Fact.territory_id == _seat(person)).order_by(Fact.id.desc())
            ).first()
            for kind in (Audience.OFFICER, Audience.MODERATOR):
                letter = letter_about(fact, db.session.get(Proposal, key), db.session.get(User, person.id), kind)
                said = (
                    "automatically" in letter.text.partition("must answer")[2]
                    or "next rung automatically" in letter.text
                )
                assert said == climbs, (person.email, kind, letter.text)
                assert climbs or "There is no higher body" in letter.text


def _seat(person):
    return db.session.get(User, person.id).grants[0].territory_id


def test_what_carries_a_term_does_not_wait_for_the_digest(world):
    officers = [verb for verb, row in TOLD.items() if row.staff is Audience.OFFICER]
    assert officers and all(begins_term(verb, Audience.OFFICER) for verb in officers)
    assert {verb for verb in TOLD if begins_term(verb, Audience.AUTHOR)} == {
        *(Verb.PROPOSAL_RETURNED, Verb.PROPOSAL_REJECTED, Verb.PROPOSAL_DECLINED, Verb.CONTENT_HIDDEN),
    }
    with unit_of_work():
        for number in range(AT_ONCE_A_DAY + 2):
            proposal = published(world, MONDAY, title=f"Ұсыныс {number}")
            move(proposal, rungs_of(proposal)[0], Event.REACH, Cause.THRESHOLD, MONDAY, supports=20)
    tell(MONDAY + timedelta(minutes=3))
    rollback()
    sent = db.session.scalars(select(Message).where(Message.to == "officer@test.example")).all()
    assert len(sent) == AT_ONCE_A_DAY + 2
