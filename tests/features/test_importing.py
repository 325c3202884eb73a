"""Proposals from another platform: a whole file or nothing of it, every bad line named, and no line taken in twice."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import supported
from tests.features.console import refused, run
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.proposals.models import Proposal, ProposalTerm

#: What the other database could do otherwise: conflicts, locks, dates, order.
both_databases = (
    "become_proposals",
    "second_time",
    "stands_twice",
    "invisible",
    "dry_run",
)
LINE = {
    "external_id": "old-1",
    "title": "Саябаққа орындықтар керек",
    "text": "Орталық саябақта отыратын орын жоқ.",
    "lang": "kk",
    "kato": "611000000",
    "submitted_at": "2026-03-01T09:00:00+05:00",
}
WITHOUT = object()


@pytest.fixture
def jsonl(tmp_path):
    """Writes lines as a file: dictionaries as JSON, bytes as they are."""

    def write(*lines):
        path = tmp_path / "proposals.jsonl"
        raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        path.write_bytes(b"\n".join(raw) + b"\n")
        return path

    return write


def line(number=1, **changes):
    return {k: v for k, v in (LINE | {"external_id": f"old-{number}"} | changes).items() if v is not WITHOUT}


def counts():
    return tuple(db.session.scalar(select(func.count()).select_from(t)) for t in (Proposal, Fact, ProposalTerm))


def imported(external_id="old-1"):
    rollback()
    return db.session.scalars(select(Proposal).where(Proposal.external_id == external_id)).one()


def test_the_lines_of_a_text_stay_set_in(app, jsonl, clock):
    assert run(app, "import-proposals", jsonl(line(1, text="\r\n    Бірінші\r\n    Екінші \n"))).code == 0
    assert imported().text == "    Бірінші\n    Екінші"


def test_good_lines_become_proposals(app, jsonl, clock):
    answer = run(app, "import-proposals", jsonl(line(1), line(2, state="collecting"), line(3, state="closed")))
    assert (answer.code, answer.out, answer.err) == (0, "3 added, 0 known already.\n", "")
    proposal = imported()
    assert (proposal.title, proposal.text, proposal.lang) == (LINE["title"], LINE["text"], "kk")
    assert (proposal.origin.kato, proposal.seat.kato) == ("611000000", "611000000")
    assert proposal.submitted_at.isoformat() == "2026-03-01T04:00:00+00:00"
    assert proposal.number == f"6110-2026-{proposal.id:05d}"
    assert proposal.author is None
    stages = [imported(f"old-{n}").stage for n in (1, 2, 3)]
    assert stages == ["submitted", "collecting", "unsupported"]
    facts = db.session.scalars(select(Fact.facts).where(Fact.verb == "proposal:imported")).all()
    assert [f["external_id"] for f in facts] == ["old-1", "old-2", "old-3"]


def test_what_was_taken_in_lives_on(app, jsonl, world, visit):
    run(app, "import-proposals", jsonl(line(1), line(2, state="collecting"), line(3, state="closed")))
    moderator = visit(world.moderator)
    key = imported("old-1").id
    moderator.submit(moderator.get(f"/desk/{key}/publication"), f"/desk/{key}/publication", sphere="city_management")
    assert imported("old-1").stage == "collecting"
    with unit_of_work():
        supported(locked(Proposal, imported("old-2").id), 20, "611000000", MONDAY)
    assert imported("old-2").stage == "review"
    for lang in ("kk", "ru", "en"):
        reader = visit(lang=lang)
        for number in (1, 2, 3):
            assert LINE["title"] in reader.get(f"/proposals/{imported(f'old-{number}').id}").text
    reader.get("/proposals")
    assert all(done >= 0 for done in jobs.run(MONDAY + timedelta(days=400)).values())


def test_nobody_is_hurried_by_a_term_of_the_past(app, jsonl, clock):
    run(app, "import-proposals", jsonl(line(1), line(2, state="collecting")))
    assert imported("old-1").due_at > MONDAY
    assert imported("old-2").closes_at > MONDAY


def test_a_dry_run_changes_nothing(app, jsonl):
    before = counts()
    answer = run(app, "import-proposals", jsonl(line(1), line(2)), "--dry-run")
    assert (answer.code, answer.out) == (0, "2 would be added, 0 known already.\n")
    assert counts() == before


def test_the_second_time_nothing_is_added(app, jsonl):
    path = jsonl(line(1), line(2))
    run(app, "import-proposals", path)
    once = counts()
    assert run(app, "import-proposals", path).out == "0 added, 2 known already.\n"
    assert counts() == once
    assert run(app, "import-proposals", jsonl(line(2), line(3))).out == "1 added, 1 known already.\n"


def test_a_line_that_stands_twice_is_taken_once(app, jsonl):
    assert run(app, "import-proposals", jsonl(line(1), line(1))).out == "1 added, 1 known already.\n"


def test_two_proposals_with_one_mark_are_named(app, jsonl):
    """Neither of them is left out in silence."""
    said = refused(app, "import-proposals", jsonl(line(1), line(2), line(1, text="Басқа мәтін")))
    assert "external_id stands in line 1 too, with other words" in said and "line 3" in said


@pytest.mark.parametrize("value", [0, False, [], {}])
def test_what_is_no_choice_is_not_taken_for_none(app, jsonl, value):
    assert "state is " in refused(app, "import-proposals", jsonl(line(1, state=value)))


def test_blank_lines_count_as_lines_and_not_as_proposals(app, jsonl):
    refusals = run(app, "import-proposals", jsonl(b"", line(1), b"   ", b"{")).refusals
    assert refusals == ["line 4: not JSON in UTF-8: JSONDecodeError", "Error: 1 bad lines of 2, nothing was changed."]


def test_good_lines_beside_a_bad_one_stay_out(app, jsonl):
    before = counts()
    answer = run(app, "import-proposals", jsonl(line(1), line(2, kato="999999999"), line(3), line(4, title="")))
    assert answer.code == 1
    assert answer.refusals == [
        "line 2: no city or district has the KATO code '999999999'",
        "line 4: title is missing",
        "Error: 2 bad lines of 4, nothing was changed.",
    ]
    assert counts() == before


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"external_id": WITHOUT}, "external_id is missing"),
        ({"external_id": 300000}, "external_id is not a text"),
        ({"external_id": "x" * 121}, "external_id has 121 characters, at most 120 fit"),
        ({"title": WITHOUT}, "title is missing"),
        ({"title": None}, "title is not a text"),
        ({"title": ["a"]}, "title is not a text"),
        ({"title": " \u200b\x00 "}, "title is missing"),
        ({"title": "А" * 1_000_000}, "title has 1000000 characters, at most 200 fit"),
        ({"text": "А" * 20_001}, "text has 20001 characters, at most 20000 fit"),
        ({"text": {"kk": "мәтін"}}, "text is not a text"),
        ({"lang": "fr"}, "lang is 'fr', not one of kk, ru, en, es"),
        ({"lang": ["kk"]}, "lang is ['kk'], not one of"),
        ({"lang": "x" * 100_000}, "lang is 'xxx"),
        ({"kato": 611000000}, "kato is not a text"),
        ({"kato": "999999999"}, "no city or district has the KATO code '999999999'"),
        ({"kato": "610000000"}, "no city or district has the KATO code '610000000'"),
        ({"kato": "000000000"}, "no city or district has the KATO code '000000000'"),
        ({"kato": "6110000000"}, "kato has 10 characters, at most 9 fit"),
        ({"kato": "' OR 1=1"}, "no city or district has the KATO code"),
        ({"place": 7}, "place is not a text"),
        ({"sphere": "magic"}, "sphere is 'magic', not one of"),
        ({"funding": {}, "sphere": {"a": 1}}, "sphere is {'a': 1}, not one of"),
        ({"state": "accepted"}, "state is 'accepted', not one of collecting, submitted, closed"),
        ({"submitted_at": "yesterday"}, "submitted_at is 'yesterday', not a moment like"),
        ({"submitted_at": 1_700_000_000.5}, "not a moment like"),
        ({"submitted_at": {"$date": 1}}, "not a moment like"),
        ({"submitted_at": "2026-13-45"}, "not a moment like"),
        ({"submitted_at": "2026-W10-1"}, "not a moment like"),
        ({"submitted_at": "20260301"}, "not a moment like"),
        ({"submitted_at": "1991-12-15"}, "submitted_at lies before 1991-12-16"),
        ({"votes": 7}, "fields that nothing is made of: 'votes'"),
        ({"Title": "x", "author": "y"}, "'Title', 'author'"),
        ({"title": "\u2800\u3164"}, "title is missing"),
        ({"submitted_at": "2026-11-23T05:00:01+00:00"}, "submitted_at lies in the future"),
        ({"submitted_at": "9999-12-31T23:59:59-12:00"}, "submitted_at lies outside the calendar"),
        ({"submitted_at": "0001-01-01T00:00:00+14:00"}, "submitted_at lies outside the calendar"),
    ],
)
def test_a_bad_value_is_named_in_a_sentence(app, jsonl, clock, changes, reason):
    before = counts()
    answer = run(app, "import-proposals", jsonl(line(1), line(2, **changes)))
    assert answer.code == 1
    assert answer.refusals[0].startswith("line 2: ")
    assert reason in answer.refusals[0]
    assert len(answer.refusals[0]) < 300
    assert counts() == before


@pytest.mark.parametrize(
    "raw",
    [
        b"not json",
        b'{"external_id": "x"',
        b'{"title": "\x00"}',
        b"\xff\xfe{}",
        '{"title": "ә"}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"title": ' + b"9" * 10_000 + b"}",
        b"[]",
        b"null",
        b'"text"',
        b"NaN",
        b"Infinity",
        b"\x00",
    ],
)
def test_a_line_that_is_no_object_is_named(app, jsonl, raw):
    before = counts()
    answer = run(app, "import-proposals", jsonl(line(1), raw))
    assert answer.code == 1
    assert answer.refusals[0].startswith("line 2: not ")
    assert counts() == before


def test_invisible_characters_do_not_reach_the_database(app, jsonl):
    run(app, "import-proposals", jsonl(line(1, title="Орын\u0000дық\ud800 \u202eкерек", text="бір\r\nекі\x07")))
    assert (imported().title, imported().text) == ("Орындық керек", "бір\nекі")


def test_hostile_texts_are_shown_as_texts(app, jsonl, visit):
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)> {{ 7*7 }} [a](javascript:alert(1))"
    run(app, "import-proposals", jsonl(line(1, title=attack, text=attack, place=attack, state="closed")))
    page = visit().get(f"/proposals/{imported().id}")
    assert not [e for e in page.find("script") if not e.get("src")]
    assert not page.find("img", src="x")
    assert not [a for a in page.find("a") if (a.get("href") or "").startswith("javascript:")]
    assert "{{ 7*7 }}" in "".join(page.find("h1")[0].itertext())


def test_a_file_saved_by_a_windows_editor_is_read(app, jsonl):
    raw = json.dumps(LINE, ensure_ascii=False).encode("utf-8-sig") + b"\r"
    assert run(app, "import-proposals", jsonl(raw)).out == "1 added, 0 known already.\n"


def test_a_flood_of_bad_lines_is_cut_short(app, jsonl):
    answer = run(app, "import-proposals", jsonl(*[b"x"] * 300))
    assert len(answer.refusals) == 51
    assert answer.refusals[-1] == "Error: 300 bad lines of 300, nothing was changed."


def test_an_empty_file_adds_nothing(app, jsonl):
    assert run(app, "import-proposals", jsonl()).out == "0 added, 0 known already.\n"


def test_a_file_that_is_not_there_is_refused(app, tmp_path):
    assert "does not exist" in refused(app, "import-proposals", tmp_path / "nowhere.jsonl")


def test_a_country_without_rules_says_what_to_do_first(app, jsonl):
    from webapp.rulebook.models import RuleSet

    with unit_of_work():
        db.session.query(RuleSet).delete()
    assert "rules PRESET" in refused(app, "import-proposals", jsonl(line(1)))
    assert run(app, "rules", "demo").code == 0
    assert run(app, "import-proposals", jsonl(line(1))).out == "1 added, 0 known already.\n"


@pytest.mark.parametrize(
    "raw, reason",
    [
        ('{"title": "Мақта", "text": "Тест"}'.encode("utf-16"), "UTF-16"),
        ('{"title": "Парк на площади"}'.encode("cp1251"), "windows-1251"),
        (b'{"title": "a", "title": "b"}', "'title' stands there twice"),
    ],
)
def test_what_a_line_really_is_is_named(app, jsonl, raw, reason):
    answer = run(app, "import-proposals", jsonl(line(1), raw))
    assert answer.code == 1 and reason in answer.refusals[0]


def test_a_title_from_a_file_is_one_line_and_a_text_keeps_its_lines(app, jsonl, clock):
    run(app, "import-proposals", jsonl(line(1, title="Саябаққа\nорындықтар\u2028керек", text="бір\r\nекі\u2028үш")))
    assert imported().title == "Саябаққа орындықтар керек" and imported().text == "бір\nекі\nүш"
