"""The journal: every change leaves a fact, every fact is sealed to the one before it, and anybody can check that."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from sqlalchemy import delete, func, insert, select, update

from tests.conftest import MONDAY, ROOT
from tests.factories import NEWCOMERS_IIN, PASSWORD, PEOPLE, propose, published, supported
from tests.features.console import refused, run
from tests.joining import joined_by_the_journal
from webapp.account.services import forget_person
from webapp.journal import rules
from webapp.journal.models import Fact, FactSalt
from webapp.journal.services import plain, record, seal_facts, verify
from webapp.journal.verbs import AS_STAFF, Verb
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.mail import outbox
from webapp.moderation.services import publish
from webapp.people.models import User
from webapp.people.services import person_key
from webapp.proposals.models import Proposal

both_databases = True
sensitive = (
    "test_a_chain_that_was_sealed_anew_does_not_end_in_the_seal_that_somebody_wrote_down",
    "test_a_deleted_fact_is_found_by_both",
    "test_a_long_journal_comes_in_pages_that_fit_together",
    "test_a_private_fact_shows_its_seal_and_nothing_else",
    "test_an_altered_fact_is_found_by_the_operator",
    "test_an_outsider_who_gives_the_address_reads_every_page",
    "test_facts_with_the_first_seal_hold_and_name_nobody_but_staff",
    "test_the_feed_holds_no_personal_data",
    "test_the_journal_never_names_a_voter",
    "test_two_acts_of_one_person_have_nothing_in_common",
    "test_two_facts_that_changed_places_are_found_by_both",
    "test_who_leaves_takes_the_link_between_their_acts_along",
)
GENESIS = "0" * 64


@pytest.fixture
def sealed(app, world):
    """A small history, sealed; answers with the number of its facts."""
    with unit_of_work():
        proposal = published(world, MONDAY - timedelta(days=2))
        propose(world.bolat, MONDAY - timedelta(days=1), kato="750000000")
        supported(proposal, 20, "611000000", MONDAY)
    seal()
    return db.session.scalar(select(func.count()).select_from(Fact))


def seal():
    while seal_facts(MONDAY):
        pass


def feed(browser, after=None):
    answer = browser.get("/journal.jsonl" + (f"?after={after}" if after is not None else ""))
    assert answer.response.mimetype == "application/jsonl"
    return [json.loads(line) for line in answer.html.splitlines()]


def outsider(text, *address):
    """What the script says to somebody who has nothing but the feed and Python."""
    tool = subprocess.run(
        [sys.executable, "-I", "-S", ROOT / "tools" / "verify_journal.py", *address],
        input=text, capture_output=True, text=True,
    )  # fmt: skip
    assert tool.stderr == ""
    return tool.returncode, tool.stdout


def tampered(where, **values):
    with unit_of_work():
        done = db.session.execute(update(Fact).where(Fact.position == where).values(**values))
        assert done.rowcount == 1


def position_of(verb):
    return db.session.scalar(select(Fact.position).where(Fact.verb == verb).order_by(Fact.id.desc()).limit(1))


def test_facts_are_chained_from_the_beginning(sealed, visit):
    facts = feed(visit())
    assert [fact["position"] for fact in facts] == list(range(1, sealed + 1))
    assert facts[0]["prev_hash"] == GENESIS
    assert [fact["prev_hash"] for fact in facts[1:]] == [fact["hash"] for fact in facts[:-1]]
    assert len({fact["hash"] for fact in facts}) == sealed


def test_the_whole_chain_holds_inside_and_outside(app, sealed, visit):
    answer = run(app, "verify-journal")
    assert (answer.code, answer.out) == (0, f"{sealed} facts, every seal holds.\n")
    code, said = outsider(visit().get("/journal.jsonl").html)
    assert code == 0
    assert said.startswith(f"{sealed} facts, ") and " 0 problems" in said


def test_a_fact_is_public_once_it_is_sealed_and_stays_as_it_was(app, world, sealed, visit):
    before = feed(visit())
    with unit_of_work():
        published(world, MONDAY)
    assert feed(visit()) == before
    run(app, "tick", "--at", "2026-11-23T11:00")
    after = feed(visit())
    assert after[:sealed] == before
    assert [fact["verb"] for fact in after[sealed:]] == ["proposal:submitted", "proposal:published"]
    assert run(app, "verify-journal").code == 0


def test_sealing_again_changes_nothing(sealed, visit):
    before = feed(visit())
    seal()
    assert feed(visit()) == before


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "proposal:declined"},
        {"at": MONDAY - timedelta(days=3)},
        {"actor_id": 4711},
        {"subject_id": 4711},
        {"proposal_id": None},
        {"territory_id": None},
        {"facts": {}},
        {"public": False},
        {"hash": "f" * 64},
        {"prev_hash": "f" * 64},
        {"acting_for_id": 1},
        {"actor": "f" * 64},
        {"actor_id": None},
        {"seal": 1},
        {"seal": 3},
    ],
)
def test_an_altered_fact_is_found_by_the_operator(app, sealed, change):
    position = position_of("proposal:published")
    key = db.session.scalar(select(Fact.id).where(Fact.position == position))
    tampered(position, **change)
    said = refused(app, "verify-journal")
    assert f"of {sealed} facts do not fit their seal, the first is {key}." in said


@pytest.mark.parametrize("change", [{"verb": "proposal:declined"}, {"facts": {"number": "x"}}, {"hash": "f" * 64}])
def test_an_altered_fact_is_found_by_an_outsider(sealed, visit, change):
    position = position_of("proposal:published")
    tampered(position, **change)
    code, said = outsider(visit().get("/journal.jsonl").html)
    assert code == 1
    assert f"position {position} was changed after it was sealed" in said


def test_an_altered_private_fact_is_found_by_the_operator(app, sealed, world, visit):
    newcomer = visit(world.newcomer)
    newcomer.submit(newcomer.get("/verify"), "/verify", iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    seal()
    tampered(position_of("resident:verified"), subject_id=4711)
    assert "1 of " in refused(app, "verify-journal")


@pytest.mark.parametrize("which", ["first", "middle"])
def test_a_deleted_fact_is_found_by_both(app, sealed, visit, which):
    position = 1 if which == "first" else position_of("proposal:published")
    with unit_of_work():
        db.session.execute(delete(Fact).where(Fact.position == position))
    refused(app, "verify-journal")
    code, said = outsider(visit().get("/journal.jsonl").html)
    assert code == 1
    assert f"position {position} is missing" in said


def test_two_facts_that_changed_places_are_found_by_both(app, sealed, visit):
    tampered(2, position=9999)
    tampered(3, position=2)
    tampered(9999, position=3)
    refused(app, "verify-journal")
    assert outsider(visit().get("/journal.jsonl").html)[0] == 1


def test_a_chain_that_was_sealed_anew_does_not_end_in_the_seal_that_somebody_wrote_down(app, sealed, visit):
    last = feed(visit())[-1]["hash"]
    tampered(position_of("proposal:published"), facts={"number": "x"})
    with unit_of_work():
        db.session.execute(update(Fact).values(hash=None, prev_hash=None, position=None))
    seal()
    assert run(app, "verify-journal").code == 0  # which is why the last seal is printed, to be kept elsewhere
    code, said = outsider(visit().get("/journal.jsonl").html)
    assert (code, "last seal" in said, last in said) == (0, True, False)


def test_the_script_reads_what_is_no_journal_without_believing_it(sealed, visit):
    lines = visit().get("/journal.jsonl").html.splitlines()
    assert outsider("\n".join(lines[1:]))[0] == 1
    assert outsider("\n".join([*lines, lines[-1]]))[0] == 1
    assert outsider("\n\n".join(lines))[0] == 0
    assert outsider("")[1].startswith("0 facts")


def test_a_private_fact_shows_its_seal_and_nothing_else(sealed, world, visit):
    newcomer = visit(world.newcomer)
    newcomer.submit(newcomer.get("/verify"), "/verify", iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    seal()
    lines = feed(visit())
    unseen = select(Proposal.id).where(Proposal.published_at.is_(None))  # of it nobody has said that all may read it
    closed = Fact.public.is_(False) | Fact.proposal_id.in_(unseen)
    private = list(db.session.scalars(select(Fact.position).where(closed)))
    assert len(private) >= 2
    for line in lines:
        if line["position"] in private:
            assert set(line) == {"position", "prev_hash", "hash"}
        else:
            assert {"verb", "at", "facts"} < set(line)


def test_the_feed_holds_no_personal_data(app, world, visit, clock):
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
        turned_down = propose(world.aigerim, MONDAY).id
    stranger = visit()
    form = {"email": "zhanar@home.example", "given_name": "Жанар", "surname": "Тұрсынова", "password": PASSWORD}
    stranger.submit(stranger.get("/sign-up"), "/sign-up", **form)
    code = re.search(r"\b\d{6}\b", outbox_after_a_tick(app))
    stranger.submit(stranger.get("/confirm"), "/confirm", code=code[0])
    newcomer = visit(world.newcomer)
    newcomer.post(f"/proposals/{key}/vote", 303, newcomer.get(f"/proposals/{key}"), choice="support")
    newcomer.submit(newcomer.get("/verify"), "/verify", iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    bolat = visit(world.bolat)
    bolat.post(f"/proposals/{key}/vote", 303, bolat.get(f"/proposals/{key}"), choice="oppose")
    moderator = visit(world.moderator)
    moderator.submit(
        moderator.get(f"/desk/{turned_down}/rejection"),
        f"/desk/{turned_down}/rejection",
        reason="unclear",
        note="Айгерім, call +7 701 000 00 00 or write to desk@home.example",
    )
    run(app, "create-operator", "chief@home.example", "--password", PASSWORD)
    run(app, "grant", "zhanar@home.example", "analyst", "611000000")
    with unit_of_work():
        supported(locked(Proposal, key), 20, "611000000", MONDAY)
    run(app, "tick", "--at", "2026-12-31T09:00")
    seal()
    text = stranger.get("/journal.jsonl").html
    verbs = {line.get("verb") for line in feed(stranger)}
    assert {"proposal:published", "threshold:reached", "grant:given"} <= verbs
    assert "@" not in text
    for secret in (NEWCOMERS_IIN, person_key("pepper of the tests", NEWCOMERS_IIN), "+7 701", PASSWORD, "Тұрсынова"):
        assert secret not in text
    for given, surname, _home, _verified in PEOPLE.values():
        assert surname not in text and given not in text


def outbox_after_a_tick(app):
    run(app, "tick", "--at", "2026-11-23T10:01")
    return " ".join(message.body for message in outbox() if "zhanar@home.example" in message.to)


def test_the_journal_never_names_a_voter(world, visit):
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
    before = db.session.scalar(select(func.count()).select_from(Fact))
    for person, choice in ((world.aigerim, "support"), (world.bolat, "oppose"), (world.kentau, "support")):
        browser = visit(person)
        browser.post(f"/proposals/{key}/vote", 303, browser.get(f"/proposals/{key}"), choice=choice)
    rollback()
    assert db.session.scalar(select(func.count()).select_from(Fact)) == before
    with unit_of_work():
        supported(locked(Proposal, key), 20, "611000000", MONDAY)
    added = db.session.scalars(select(Fact).order_by(Fact.id).offset(before)).all()
    assert [(fact.verb, fact.actor_id, fact.subject_type) for fact in added] == [
        ("threshold:reached", None, "proposal")
    ]
    assert not [name for name in added[0].facts if "voter" in name or "user" in name]


def test_paging_gives_every_fact_once(sealed, visit):
    browser = visit()
    everything = feed(browser)
    assert feed(browser, 0) == everything
    for after in (1, sealed // 2, sealed - 1):
        assert feed(browser, after) == everything[after:]
    assert feed(browser, sealed) == []
    assert feed(browser, 999_999_999) == []


@pytest.mark.parametrize("after", ["x", "-1", "1e3", "٣", "9" * 30, "1;DROP", "0x10", "+1"])
def test_an_odd_position_is_refused_and_named(sealed, visit, after):
    page = visit()._send("GET", "/journal.jsonl", query_string={"after": after})
    assert page.status == 400 and "after" in page.response.get_json()["error"][0]


def test_no_position_begins_at_the_beginning(sealed, visit):
    assert feed(visit(), "")[0]["position"] == 1


def test_a_long_journal_comes_in_pages_that_fit_together(app, world, visit):
    place = world.turkistan.id
    with unit_of_work():
        row = {"at": MONDAY, "verb": "calendar:changed", "subject_type": "territory", "subject_id": place}
        rows = [{**row, "public": True, "told": True, "facts": {"day": number}} for number in range(5100)]
        db.session.execute(insert(Fact.__table__), rows)
    seal()
    browser = visit()
    text, position, pages = "", 0, 0
    while page := browser.get(f"/journal.jsonl?after={position}").html:
        text, pages = text + page, pages + 1
        position = json.loads(page.splitlines()[-1])["position"]
    total = db.session.scalar(select(func.count()).select_from(Fact))
    assert (pages, position) == (2, total)
    code, said = outsider(text)
    assert (code, said.split(",")[0], "may be more" in said) == (0, f"{total} facts", False)
    code, said = outsider("".join(text.splitlines(keepends=True)[:5000]))
    assert code == 0 and "there may be more: go on with ?after=5000" in said


def test_an_outsider_who_gives_the_address_reads_every_page(sealed, visit, monkeypatch):
    monkeypatch.setattr(sys.modules["webapp.portal.journal"], "AT_MOST", 2)
    answered = []

    class Relay(BaseHTTPRequestHandler):
        """The site, to a program of its own."""

        def do_GET(self):
            address, after = f"http://127.0.0.1:{self.server.server_port}/journal.jsonl", 2 * len(answered)
            answered.append(self.path)
            self.send_response(200)
            if after + 2 < sealed:
                self.send_header("Link", f'<{address}?after={after + 2}>; rel="next"')
            self.end_headers()
            self.wfile.write(parts[after].encode())

        def log_message(self, *_said):
            """Nothing."""

    parts = {after: visit().get(f"/journal.jsonl?after={after}").html for after in range(0, sealed, 2)}
    with HTTPServer(("127.0.0.1", 0), Relay) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        code, said = outsider("", f"http://127.0.0.1:{server.server_port}/journal.jsonl")
        server.shutdown()
    assert (code, said.split(",")[0]) == (0, f"{sealed} facts")
    assert len(answered) == -(-sealed // 2) >= 2 and answered[1] == "/journal.jsonl?after=2"


@pytest.mark.parametrize("text", ["<html>", "[]", '{"position": "1"}', "null"])
def test_what_is_no_fact_is_a_problem_in_a_sentence(text):
    code, said = outsider(text)
    assert code == 1 and "line 1 is no fact" in said


# --- who acted


def first_seal():
    """The chain as it was before commitments."""
    with unit_of_work():
        db.session.execute(delete(FactSalt))
        prev = GENESIS
        for position, fact in enumerate(db.session.scalars(select(Fact).order_by(Fact.id)), start=1):
            fact.seal, fact.actor, fact.acting_for = 1, None, None
            fact.position, fact.prev_hash = position, prev
            fact.hash = prev = rules.seal(prev, plain(fact), 1)


def test_an_officer_who_writes_as_a_resident_is_not_joined_to_what_they_do_as_staff(world, visit):
    with unit_of_work():
        critical = propose(world.moderator, MONDAY - timedelta(days=1))
        publish(world.region_moderator, critical, MONDAY)
        published(world, MONDAY)
        key = critical.id
    seal()
    lines = feed(visit())
    of_critic = [line for line in lines if line.get("proposal_id") == key]
    assert {line["verb"]: line.get("actor_id") for line in of_critic} == {
        "proposal:submitted": None,
        "proposal:published": world.region_moderator.id,
    }
    assert world.moderator.id in [line.get("actor_id") for line in lines]  # as staff, of the other one
    assert joined_by_the_journal(lines) == []
    assert outsider(visit().get("/journal.jsonl").html)[0] == 0


def test_two_acts_of_one_person_have_nothing_in_common(world, visit):
    with unit_of_work():
        for number in range(3):
            published(world, MONDAY + timedelta(minutes=number), title=f"Ұсыныс {number}")
        with db.session.no_autoflush:
            made = [fact for fact in db.session.scalars(select(Fact)) if fact.verb == "proposal:submitted"]
    seal()
    assert {fact.actor_id for fact in made} == {world.aigerim.id}
    assert len({fact.actor for fact in made}) == 3 and None not in {fact.actor for fact in made}
    lines = feed(visit())
    assert joined_by_the_journal(lines) == []
    own = [line for line in lines if line.get("verb") == "proposal:submitted"]
    planted = [dict(line, facts=line["facts"] | {"by": 4711}) for line in own]
    assert joined_by_the_journal(planted)  # the net sees what it is there for


def test_staff_can_be_told_apart_and_the_number_fits_its_seal(sealed, world, visit):
    text = visit().get("/journal.jsonl").html
    opened = [json.loads(line) for line in text.splitlines() if "actor_salt" in line]
    assert {line["verb"] for line in opened} >= {"proposal:published"} <= AS_STAFF
    assert {line["actor_id"] for line in opened if line["verb"] == "proposal:published"} == {world.moderator.id}
    code, said = outsider(text.replace(f'"actor_id": {world.moderator.id},', '"actor_id": 4711,'))
    assert code == 1 and "names somebody who did not act" in said


def test_who_leaves_takes_the_link_between_their_acts_along(app, world, visit):
    with unit_of_work():
        published(world, MONDAY - timedelta(days=1))
    seal()
    with unit_of_work():
        propose(world.aigerim, MONDAY)
        person = locked(User, world.aigerim.id)
        forget_person(person, MONDAY)
    seal()
    assert not db.session.scalar(select(Fact.id).where(Fact.actor_id == person.id))
    own = select(FactSalt.fact_id).join(Fact, Fact.id == FactSalt.fact_id).where(Fact.verb == "proposal:submitted")
    assert not db.session.scalars(own).all()
    assert verify()[1] == [] and outsider(visit().get("/journal.jsonl").html)[0] == 0


def test_facts_with_the_first_seal_hold_and_name_nobody_but_staff(app, sealed, world, visit):
    first_seal()
    with unit_of_work():
        published(world, MONDAY, title="Жаңа мөрмен")
    seal()
    assert verify()[1] == []
    text = visit().get("/journal.jsonl").html
    lines = [json.loads(line) for line in text.splitlines()]
    old = [line for line in lines if line.get("seal") == 1]
    assert {line["verb"] for line in old if line.get("actor_id")} <= AS_STAFF
    withheld = [line for line in old if line.get("withheld")]
    assert withheld and all(set(line) == {"position", "prev_hash", "hash", "seal", "withheld"} for line in withheld)
    assert {line["seal"] for line in lines if "seal" in line} == {1, 2}
    code, said = outsider(text)
    assert code == 0 and "is withheld" in said
    changed = [
        dict(line, verb="proposal:declined") if line.get("verb") == "proposal:published" else line for line in old
    ]
    assert outsider("\n".join(map(json.dumps, changed)))[0] == 1
    assert outsider("\n".join(map(json.dumps, [*lines[sealed:], *lines[:sealed]])))[0] == 1


def test_a_fact_about_an_account_is_never_public(app, world):
    with pytest.raises(ValueError, match="cannot be public"), unit_of_work():
        record(Verb.PERSON_LEFT, db.session.get_one(User, world.aigerim.id), MONDAY)
