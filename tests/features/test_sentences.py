"""Each public verb has one sentence, in three languages; a package brings those of its own verbs, by its name alone."""

import sys
from types import ModuleType

import pytest

from tests.conftest import MONDAY
from tests.factories import propose, published
from webapp.access.words import role_labels
from webapp.hanging.rules import Cause
from webapp.journal.models import Fact
from webapp.journal.services import record
from webapp.journal.verbs import INSIDE, FeatureVerb, Verb
from webapp.kernel.database import db, unit_of_work
from webapp.kernel.i18n import LANGUAGES, in_language
from webapp.notifications import sentences
from webapp.notifications.rules import TOLD
from webapp.notifications.sentences import said, sentence
from webapp.notifications.services import tell
from webapp.offers.rules import Form, Stage
from webapp.proposals.models import Proposal

PUBLIC = [verb for verb in Verb if verb not in INSIDE]
#: What facts hold, with values that stand out in a sentence.
NAMES = {"kk": "Бөлім атауы", "ru": "Имя отдела", "en": "Name of a department"}
PLAUSIBLE = {
    **dict.fromkeys(("due_at", "closes_at", "appeal_until", "began_at", "ended_at"), MONDAY.isoformat()),
    **dict.fromkeys(("moved_from", "moved_to", "day", "since", "until"), "2026-12-09"),
    **dict.fromkeys(("supports", "proposals", "votes", "milestones", "yes", "partly", "no"), 12),
    "title_kk": "Тақырып",
    "title_ru": "Название",
    "reason_kk": "Дәлел",
    "reason_ru": "Довод",
    "number": "TRK-7",
    "amount_tenge": 5_000_000,
    "name": "Бірлестік",
    "names": NAMES,
    "id": 1,
    "form": Form.PILOT.value,
    "stage": Stage.CONCEPT.value,
    "cause": Cause.NO_MONEY.value,
    "role": "officer",
}
#: Values that choose between the sentences of one verb; every verb is also said without any.
CHOICES = {
    Verb.BODY_SILENT: [
        *({"what": "triage"}, {"what": "flags"}, {"what": "flags", "at_top": True}, {"what": "hiding-appeal"}),
    ],
    Verb.PROPOSAL_FORWARDED: [{"by": "silence"}, {"department": NAMES}],
    Verb.PROPOSAL_CLIMBED: [{"cause": "silence"}],
    Verb.PROPOSAL_ENLARGED: [{"supports": 0}],
    Verb.PROPOSAL_ACCEPTED: [{"in_part": True}],
    Verb.PROPOSAL_DECLINED: [{"appeal_until": None}],
    Verb.PROPOSAL_PLACED: [{"id": None}],
    Verb.MILESTONE_OVERDUE: [{"moved_to": None}],
    Verb.JUDGEMENT_OPENED: [{"again": True}],
    Verb.JUDGEMENT_CLOSED: [{"yes": 0, "partly": 0, "no": 0}],
    Verb.FLAGS_REVIEWED: [{"what": "photo"}],
    Verb.CONTENT_HIDDEN: [{"what": "photo"}],
    Verb.CONTENT_SHOWN: [{"by": "silence"}],
    Verb.VOTES_SET_ASIDE: [{"votes": 3}],
    Verb.VOTES_GIVEN_BACK: [{"votes": 3}],
    Verb.CHECK_ENDED: [{"whole": True}],
    Verb.CALENDAR_CHANGED: [{"is_working": True}],
}


def spoken(verb, facts, lang, on_page=False):
    with in_language(lang):
        return sentence(verb, facts, on_page=on_page)


@pytest.mark.parametrize("verb", [*PUBLIC, *sorted(set(TOLD) & INSIDE)])
def test_a_public_verb_has_a_sentence_in_three_languages(app, verb):
    """For each shape of its facts; what is told to an author or to staff only has one too."""
    assert verb in said(), f"{verb} has no sentence: write it in webapp/notifications/sentences/"
    with app.app_context():
        unknown = {lang: spoken("nobody:knows", {}, lang) for lang in LANGUAGES}
        for more in [{}, *CHOICES.get(verb, [])]:
            for on_page in (True, False):
                words = {lang: spoken(verb, PLAUSIBLE | more, lang, on_page) for lang in LANGUAGES}
                assert len(set(words.values())) == 3, f"{verb}, {more}: not translated, {words}"
                for lang, text in words.items():
                    assert text[-1] in ".?" or on_page, (verb, text)
                    assert "%(" not in text and verb not in text and "  " not in text and text != unknown[lang], text
                    assert not {": .", " ."} & {text[-3:], text[-2:]}, (verb, text)


def test_a_sentence_in_a_list_stands_on_one_line_and_points_to_the_page(app):
    facts = PLAUSIBLE | {"reason_ru": "Первая строка.\n\nВторая"}
    with app.app_context():
        assert spoken(Verb.TERM_EXTENDED, facts, "ru", on_page=True).endswith("Первая строка.\n\nВторая")
        assert "строка" not in spoken(Verb.TERM_EXTENDED, facts, "ru")
        assert "below" in spoken(Verb.PROPOSAL_ACCEPTED, {}, "en", on_page=True)
        assert "on the page of the proposal" in spoken(Verb.PROPOSAL_ACCEPTED, {}, "en")
        title = spoken(Verb.MILESTONE_DONE, {"title_kk": "Бір\nекі", "title_ru": "Раз"}, "kk")
        assert "Бір екі" in title and "\n" not in title


def test_a_verb_that_is_never_public_cannot_be_recorded_in_public(app, world):
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
    with unit_of_work(), pytest.raises(ValueError, match="never public"):
        record(Verb.PROPOSAL_REJECTED, db.session.get_one(Proposal, key), MONDAY, proposal_id=key)


class QuestionVerb(FeatureVerb):
    """Verbs of a package that the project does not know."""

    ASKED = "question:asked"


@pytest.fixture
def questions(monkeypatch):
    """A package `questions` is added: its module of sentences, and its name in the tuple."""
    module = ModuleType("questions_sentences")
    module.SAID = {QuestionVerb.ASKED: lambda it: f"A question was asked: {it.title}."}
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(sentences, "SENTENCES", (*sentences.SENTENCES, module.__name__))
    sentences._merged.cache_clear()  # it is kept by the names
    yield module
    sentences._merged.cache_clear()


@pytest.fixture
def asked(app, world):
    """A published proposal with a fact of that package."""
    with unit_of_work():
        proposal = published(world, MONDAY)
        where = {"proposal_id": proposal.id, "territory_id": proposal.seat_id}
        record(QuestionVerb.ASKED, proposal, MONDAY, **where, title_kk="Қашан", title_ru="Когда")
        return proposal.id


def test_a_package_brings_the_sentence_of_its_own_verb_by_its_name(world, visit, questions, asked):
    """The timeline says it; the job that tells people passes over what the table of notices does not know."""
    assert "A question was asked: Когда." in visit(lang="en").get(f"/proposals/{asked}").text
    tell(MONDAY)
    with unit_of_work():
        assert db.session.query(Fact).filter(~Fact.told, Fact.verb == "question:asked").count() == 0


def test_a_fact_of_a_package_that_is_gone_is_not_shown_raw(world, visit, asked):
    page = visit(lang="en").get(f"/proposals/{asked}").text
    assert "question:asked" not in page and "The journal keeps what happened here." in page


def test_two_packages_do_not_say_the_same_verb(questions):
    questions.SAID = {Verb.PROPOSAL_CLOSED: lambda it: "Closed."}
    with pytest.raises(ValueError, match="says again"):
        said()


@pytest.mark.parametrize("verb", ["proposal:published", "asked", "Question:asked", f"question:{'a' * 40}"])
def test_a_verb_of_a_package_is_written_like_the_others_and_is_its_own(verb):
    with pytest.raises(ValueError, match="cannot be a verb"):
        FeatureVerb("Wrong", {"ONE": verb})


def test_every_verb_in_the_table_is_a_verb(app):
    known = set(Verb) | {verb for kind in FeatureVerb.__subclasses__() for verb in kind}
    assert set(said()) <= known and set(role_labels()) >= {"officer"}
