"""A restore touches nothing before what it brings is checked, and refuses while anybody uses the database; a backup is whole or not there."""

import resource
import sqlite3
import stat
from datetime import timedelta

import psycopg
import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from tests.conftest import MONDAY
from tests.factories import published, supported
from tests.features.console import refused, run
from tests.features.test_commands import forget_connections, proposal, tools
from webapp.commands import restoring
from webapp.journal.services import verify
from webapp.kernel.clock import now
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import Heartbeat, jobs
from webapp.kernel.presence import SITE
from webapp.proposals.models import Proposal

both_databases = True
alone_in_database = True
__all__ = ["tools"]
FORMER = "Мектеп жанындағы өткелге жарық керек"


@pytest.fixture
def copy(app, world, tmp_path, tools):
    """A backup with one proposal and three votes; the proposal has another title since."""
    with unit_of_work():
        row = published(world, MONDAY - timedelta(days=2))
        supported(row, 3, "611000000", MONDAY)
    jobs.run(MONDAY)
    target = tmp_path / "saty.backup"
    assert run(app, "backup", target).code == 0
    change("Changed after the backup")
    return target


def change(title):
    with unit_of_work():
        db.session.get(Proposal, 1).title = title
    forget_connections()


def title():
    rollback()
    return proposal(1).title


def beat(name, age):
    with unit_of_work():
        db.session.merge(Heartbeat(name=name, ran_at=now() - timedelta(seconds=age)))
    forget_connections()


def outside(url):
    """A connection of somebody else; it has read, as a server has."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("SELECT count(*) FROM fact").fetchone()
        return other
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_it_refuses_while_anybody_uses_the_database(app, copy, database_url):
    for name, age in (("mail", 30), (SITE, 62), ("seal", -20)):
        beat(name, age)
        said = refused(app, "restore", copy, "--yes")
        assert "gave a sign of life" in said and "Nothing was changed" in said, name
        assert said.startswith("Error: The web server" if name == SITE else f"Error: The worker (job “{name}”)")
        beat(name, 100)
    other = outside(database_url)
    said = refused(app, "restore", copy, "--yes")
    assert "open" in said and "Nothing was changed" in said
    assert title() == "Changed after the backup"
    other.close()
    forget_connections()
    answer = run(app, "restore", copy, "--yes")
    assert (answer.code, answer.out) == (0, "Restored.\n"), answer.err
    assert "1 proposals, 3 votes" in answer.err and "every seal holds" in answer.err
    assert title() == FORMER and verify()[1] == []
    with unit_of_work():
        supported(locked(Proposal, 1), 1, "611000000", MONDAY, name="again")
    assert proposal(1).supports == 4
    assert refused(app, "restore", copy, "--yes", "--while-running")


def test_what_does_not_agree_changes_nothing(app, copy, engine, database_url, tmp_path, monkeypatch):
    """Seals that do not hold, a schema of tomorrow, a dump that ends in the middle."""
    with unit_of_work():
        db.session.execute(db.text("UPDATE fact SET verb = 'proposal:done' WHERE position = 2"))
    broken = tmp_path / "broken.backup"
    assert run(app, "backup", broken).code == 0
    with unit_of_work():
        db.session.execute(db.text("UPDATE alembic_version SET version_num = '9999'"))
    tomorrow = tmp_path / "tomorrow.backup"
    assert run(app, "backup", tomorrow).code == 0
    half = tmp_path / "half.backup"
    half.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    change("As it is now")
    for file, why in ((broken, "do not fit their seal, the first is 2"), (tomorrow, "does not know"), (half, "Error")):
        said = refused(app, "restore", file, "--yes")
        assert why in said, said
        assert title() == "As it is now", file
        forget_connections()
    if engine == "postgresql":
        with outside(database_url) as other:
            assert not restoring._is_aside(other)
    assert run(app, "restore", broken, "--yes", "--despite-broken-seals").code == 0
    assert title() != "As it is now" and len(verify()[1]) > 0


def test_an_older_backup_comes_over_a_newer_schema(app, copy, tmp_path):
    forget_connections()
    downgrade(revision="0024")
    forget_connections()
    older = tmp_path / "older.backup"
    assert run(app, "backup", older).code == 0
    forget_connections()
    upgrade()
    forget_connections()
    assert inspect(db.engine).has_table("recount")
    forget_connections()
    answer = run(app, "restore", older, "--yes")
    assert answer.code == 0 and "The schema is 0024" in answer.err and "db upgrade" in answer.err, answer.err
    assert not inspect(db.engine).has_table("recount")
    forget_connections()
    upgrade()
    assert title() == "Changed after the backup" and run(app, "verify-journal").code == 0
    forget_connections()
    assert run(app, "restore", copy, "--yes").code == 0 and title() == FORMER


def test_a_restore_that_was_killed_is_put_right_by_the_next(app, copy, engine, database_url):
    if engine == "postgresql":
        with outside(database_url) as other:
            restoring._step_aside(other)
            other.execute("CREATE TABLE fact (id integer)")  # so far it had come
    else:
        file = db.engine.url.database
        forget_connections()
        for end in ("", "-wal", "-journal"):
            with open(f"{file[: file.rindex('/')]}/.{file[file.rindex('/') + 1 :]}.restoring{end}", "wb") as rest:
                rest.write(b"rest of another restore")
    forget_connections()
    assert run(app, "restore", copy, "--yes").code == 0
    assert title() == FORMER
    with unit_of_work():
        supported(locked(Proposal, 1), 1, "611000000", MONDAY, name="again")


def test_a_database_that_is_damaged_is_replaced_with_all_its_rests(app, copy, engine):
    if engine != "sqlite":
        pytest.skip("a file")
    file = db.engine.url.database
    forget_connections()
    with open(file, "wb") as damaged, open(f"{file}-wal", "wb") as rest:
        damaged.write(b"no database any more" * 1000)
        rest.write(b"rest of a journal" * 1000)
    assert run(app, "restore", copy, "--yes").code == 0
    assert title() == FORMER


def test_of_a_backup_that_was_not_finished_nothing_is_left(app, copy, engine, tmp_path, monkeypatch):
    target = tmp_path / "full.backup"
    if engine == "sqlite":
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
        try:
            said = refused(app, "backup", target)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert "was not written" in said and "Nothing is left of it" in said
    else:
        broken = tmp_path / "bin" / "pg_dump"
        broken.parent.mkdir()
        broken.write_text(
            '#!/bin/sh\nfor word; do case "$word" in --file=*) echo half > "${word#--file=}";; esac; done\nexit 1\n'
        )
        broken.chmod(stat.S_IRWXU)
        monkeypatch.setenv("PATH", f"{broken.parent}:/usr/bin:/bin")
        assert "pg_dump has not done it" in refused(app, "backup", target)
        monkeypatch.undo()
    assert sorted(file.name for file in tmp_path.glob("full.backup*")) == []
    rollback()
    if engine == "sqlite":
        assert run(app, "backup", target).code == 0 and target.exists()
