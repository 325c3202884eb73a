"""The words by which a proposal is found are its words now, after every act, on every way they are asked for."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.conftest import MONDAY, ROOT
from tests.factories import propose, published
from tests.features.console import run
from tests.mergers import merged, parted
from webapp.flagging import decisions
from webapp.flagging.decisions import Verdict
from webapp.flagging.services import Report, flag, open_review
from webapp.importing.services import import_lines
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.moderation import services as moderation
from webapp.moderation.undoing import last_decision, undo
from webapp.proposals.models import Proposal, ProposalTerm
from webapp.proposals.services import resubmit, withdraw
from webapp.proposals.similarity import similar_to
from webapp.proposals.terms import INDEXED, differs, ordered_terms, weights_of

both_databases = True
sensitive = (
    "test_a_search_that_finds_nothing_says_so",
    "test_duplicates_with_short_words_are_found",
    "test_reindex_finds_what_differs_and_mends_it",
    "test_what_an_author_takes_out_finds_nothing",
)
DAY = timedelta(days=1)
OLD, NEW = "Увольте Канарейкина за жадность", "Почините фонарь на площади"


def wrong():
    """Proposals that are found by anything else than their words."""
    rollback()
    return [one.id for one in db.session.scalars(select(Proposal)) if differs(one)]


def terms(key):
    rollback()
    return set(db.session.scalars(select(ProposalTerm.term).where(ProposalTerm.proposal_id == key)))


def returned(world):
    with unit_of_work():
        proposal = propose(world.aigerim, MONDAY - DAY, title=OLD, text=f"{OLD}. Он живёт в доме 7.")
        moderation.ask(world.moderator, proposal, "Уберите фамилию, пожалуйста.", MONDAY - DAY)
        return proposal.id


def test_what_an_author_takes_out_finds_nothing(world, visit):
    key = returned(world)
    author = visit(world.aigerim)
    form = author.get(f"/proposals/{key}/revision")
    author.submit(form, f"/proposals/{key}/revision", title=NEW, text="Темно и скользко.", note="Убрала")
    assert wrong() == [] and "канар" not in terms(key) and "фонар" in terms(key)
    moderator = visit(world.moderator)
    assert f"/desk/{key}" in moderator.get("/desk?q=фонарь").html
    for word in ("Канарейкина", "Канарейкин", "жадность", "доме"):
        assert f"/desk/{key}" not in moderator.get(f"/desk?q={word}").html
    with unit_of_work():
        moderation.publish(world.moderator, locked(Proposal, key), MONDAY)
    assert similar_to("Канарейкин") == [] and [one.id for one in similar_to(NEW)] == [key]
    stranger = visit()
    typed = stranger.submit(stranger.get("/proposals/new"), "/proposals/new", title="Канарейкин", lang="ru")
    assert stranger.get(typed.location, 303).location.endswith("/place")  # straight on: nothing is like it


def acts(world):
    """Every act that writes, hides, shows, joins or moves the words of a proposal, one after the other."""
    key = returned(world)
    one = lambda: locked(Proposal, key)  # noqa: E731
    yield "asked"
    resubmit(world.aigerim, one(), NEW, "Темно.", "", MONDAY - DAY)
    yield "answered"
    moderation.ask(world.moderator, one(), "Где это?", MONDAY)
    yield "asked again"
    undo(world.moderator, last_decision(key), MONDAY)
    yield "the question taken back"
    moderation.reject(world.moderator, one(), "unclear", MONDAY)
    yield "rejected"
    undo(world.moderator, last_decision(key), MONDAY)
    yield "the rejection taken back"
    moderation.publish(world.moderator, one(), MONDAY)
    yield "published"
    for with_title in (False, True):
        flag(None, one(), Report("text", "insult", ""), f"{with_title:>016}", MONDAY)
        verdict = Verdict("title_and_text" if with_title else "text", "insult", "Здесь кого-то оскорбили словами.")
        number = decisions.hide(world.moderator, open_review(key, "text"), verdict, MONDAY).id
        assert wrong_now() == []
        yield f"hidden {with_title}"
        row = db.session.get(decisions.Hiding, number)
        decisions.appeal(world.aigerim, row, "Никого я не оскорбляла.", MONDAY)
        if with_title:
            decisions.show_by_silence(row, MONDAY)
        else:
            decisions.decide_appeal(world.region_moderator, row, "shown", "Так и есть.", MONDAY)
        yield f"shown {with_title}"
    other = published(world, MONDAY, title="Другой фонарь на той же площади").id
    yield "another"
    merger = merged(world.moderator.id, key, other, MONDAY)
    yield "joined"
    parted(world.moderator.id, merger, MONDAY)
    yield "parted"
    withdraw(world.aigerim, one(), MONDAY)
    yield "withdrawn"
    line = b'{"external_id": "x-1", "title": "\xd0\xa1\xd0\xb0\xd0\xb4", "text": "\xd0\x94\xd2\xaf\xd0\xba\xd0\xb5\xd0\xbd", "kato": "611000000"}'
    import_lines([line], MONDAY)
    yield "imported"


def wrong_now():
    db.session.flush()
    return [one.id for one in db.session.scalars(select(Proposal)) if differs(one)]


def test_after_every_act_the_index_is_as_if_it_were_written_anew(world):
    walk, done = acts(world), []
    while True:
        with unit_of_work():
            name = next(walk, None)
        if name is None:
            break
        assert wrong() == [], name
        done.append(name)
    assert len(done) >= 13
    jobs.run(MONDAY + 30 * DAY)
    assert wrong() == []


def test_whoever_writes_words_writes_the_index(app):
    """The places that change a column of `INDEXED`; each of them, or `advance` for it, writes the index anew."""
    names = "|".join(sorted(INDEXED))
    writes = re.compile(rf"\.({names}) = |\"({names})\":|\b({names})=|[^.\w]Proposal\(\n")
    found = {
        path.relative_to(ROOT / "webapp").as_posix()
        for path in (ROOT / "webapp").rglob("*.py")
        if writes.search(path.read_text("utf-8")) and path.parent.name != "commands"
    }
    found -= {
        "proposals/models.py",
        "portal/views.py",
        "flagging/pages.py",
        "flagging/words.py",
        "portal/moderation_rows.py",
    }  # pages, words
    assert found == {"proposals/services.py", "flagging/terms.py", "importing/services.py"}
    assert all("index_anew(" in (ROOT / "webapp" / name).read_text("utf-8") for name in found)


def test_reindex_finds_what_differs_and_mends_it(app, world):
    with unit_of_work():
        key = published(world, MONDAY, title=NEW).id
        db.session.execute(update(Proposal.__table__).where(Proposal.id == key).values(title=OLD))
    assert wrong() == [key]
    assert "1 proposals were found by other words" in run(app, "reindex").out
    assert wrong() == [] and "канар" in terms(key)
    assert "0 proposals" in run(app, "reindex").out


@pytest.mark.parametrize(
    "title, searches",
    [
        ("Ауылда су жоқ", ["су", "СУ", "су жоқ"]),
        ("Жаңа үй салу", ["үй", "уй", "үй салу"]),
        ("Қаңғыбас ит көп", ["ит", "ИТ"]),
        ("ЖК және 5G", ["ЖК", "жк", "5G", "5g"]),
        ("Wi-Fi в парке", ["Wi-Fi", "wi-fi", "WI-FI парк"]),
        ("Ремонт школы № 12", ["12", "школа 12", "№ 12"]),
        ("Край света", ["Край", "Кра\u0438\u0306", "край"]),
    ],
)
def test_the_desk_finds_short_words_hyphens_digits_and_other_spellings(world, visit, title, searches):
    with unit_of_work():
        key = propose(world.aigerim, MONDAY, title=title).id
        number = locked(Proposal, key).number
    moderator = visit(world.moderator)
    for q in [*searches, number, f"№ {number}", f"№{number}", str(key), f"№ {key}", f" {number} "]:
        assert f"/desk/{key}" in moderator.get("/desk", query_string={"q": q}).html, q


def test_a_search_that_finds_nothing_says_so(world, visit):
    with unit_of_work():
        propose(world.aigerim, MONDAY)
    moderator = visit(world.moderator)
    page = moderator.get("/desk?q=жираф")
    assert "Nothing was found" in page.text and "Everything is answered" not in page.text
    assert "Everything is answered" in moderator.get("/desk?tab=waiting").text
    assert "Nothing was found" in moderator.get("/desk?tab=waiting&sphere=safety").text


def test_duplicates_with_short_words_are_found(world):
    with unit_of_work():
        key = published(world, MONDAY, title="Су мен газ").id
    assert [one.id for one in similar_to("су газ")] == [key]
    assert [one.id for one in similar_to("СУ")] == [key]


def test_a_frequent_word_alone_is_still_a_word():
    assert ordered_terms("на по") == ["на", "по"]
    proposal = Proposal(title="На по", text="но не то су", hidden=None)
    assert weights_of(proposal) == {"на": 3, "по": 3, "су": 1}


def test_the_longest_search_can_be_kept(world, visit):
    """Eighty letters of Kazakh are 480 characters of an address."""
    moderator = visit(world.moderator)
    page = moderator.get("/desk", query_string={"q": "Ә" * 80, "sphere": "safety"})
    moderator.submit(page, "/desk/views", name="ұзын")
    assert "Ә" * 80 in moderator.get("/desk").text or "ұзын" in moderator.get("/desk").text
