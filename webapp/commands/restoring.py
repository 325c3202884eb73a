"""Restore: a backup is brought in beside the present database, checked there, and changes places with it in one step.

Nothing of the present database is touched before the check agrees. It refuses while anybody uses the database: what
people do meanwhile would be gone, although the site told them that it was done.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from psycopg import sql
from sqlalchemy import Engine, create_engine, func, inspect, literal, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from webapp.commands.keeping import environment, in_dsn, tool
from webapp.journal.models import Fact, FactSalt
from webapp.journal.services import verify
from webapp.kernel.clock import now
from webapp.kernel.database import db, for_owner_only, is_sqlite, rollback
from webapp.kernel.files import sync_folder
from webapp.kernel.jobs import Heartbeat
from webapp.kernel.presence import SITE

#: A beat that is younger comes from something that runs. The site itself beats once a minute.
ALIVE, SITE_ALIVE = timedelta(minutes=1), timedelta(seconds=90)
#: Where the present tables of PostgreSQL wait until the restored ones have been checked.
ASIDE = "before_restore"
_REVISION = re.compile(r"[0-9a-z_]{1,32}")


# --- what stands in the way


def _ensure_nobody_works() -> None:
    """Refuse while a worker or the site has left a sign of life within a minute."""
    try:
        beats = db.session.execute(select(Heartbeat.name, Heartbeat.ran_at)).all()
    except DBAPIError:  # there is nothing yet, or what is there is damaged: that is what a restore is for
        beats = []
    finally:
        rollback()
    moment = now()
    for name, at in beats:
        age = moment - at
        if -ALIVE < age < (SITE_ALIVE if name == SITE else ALIVE):
            who = "The web server" if name == SITE else f"The worker (job “{name}”)"
            raise click.ClickException(
                f"{who} gave a sign of life {max(0, int(age.total_seconds()))} seconds ago. "
                "Stop web server and worker, wait a minute, and run this again. Nothing was changed."
            )


def _ensure_known(revision: str | None) -> bool:
    """Whether a schema is the present one; refuses one that only a later version of the program knows."""
    folder = current_app.extensions["migrate"].directory
    script = ScriptDirectory.from_config(_alembic(str(folder)))
    known = {step.revision for step in script.walk_revisions()}
    if revision is None or not _REVISION.fullmatch(revision) or revision not in known:
        raise click.ClickException(
            f"The backup has the schema {revision!r}, which this version does not know. It was made by a later version: "
            "get that one, and restore there. Nothing was changed."
        )
    return bool(revision == script.get_current_head())


def _alembic(folder: str) -> Config:
    settings = Config()
    settings.set_main_option("script_location", folder)
    return settings


# --- the check


def _facts_of(engine: Engine) -> Iterator[tuple[Any, dict[str, str]]]:
    """Sealed facts in their order, each with its salts, also where the schema is an older one: what it lacks is empty."""
    shape = inspect(engine)
    there = {column["name"] for column in shape.get_columns("fact")}
    columns = [c if c.name in there else literal(None).label(c.name) for c in Fact.__table__.columns]
    salts: dict[int, dict[str, str]] = {}
    with engine.connect() as connection:
        if shape.has_table("fact_salt"):
            for key, part, salt in connection.execute(select(FactSalt.fact_id, FactSalt.part, FactSalt.salt)):
                salts.setdefault(key, {})[part] = salt
        query = select(*columns).where(Fact.position.is_not(None)).order_by(Fact.position)
        for fact in connection.execution_options(yield_per=500).execute(query):
            yield fact, salts.get(fact.id, {})


def _check(engine: Engine, despite_seals: bool) -> str:
    """What was restored, in words. Raises `ClickException` where it is not whole."""
    with engine.connect() as connection:
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        is_present = _ensure_known(revision)
        tables = {name: db.metadata.tables[name] for name in ("proposal", "vote", "fact")}
        counts = {name: connection.scalar(select(func.count()).select_from(t)) for name, t in tables.items()}
    count, broken = verify(_facts_of(engine))
    if broken and not despite_seals:
        raise click.ClickException(
            f"{len(broken)} of {count} facts in the backup do not fit their seal, the first is {broken[0]}: somebody has "
            "changed the journal. Nothing was changed. Take an earlier backup, or add --despite-broken-seals."
        )
    said = f"{counts['proposal']} proposals, {counts['vote']} votes, {counts['fact']} facts"
    said += f", {len(broken)} broken seals." if broken else ", every seal holds."
    if not is_present:
        said += f" The schema is {revision}: run `flask --app wsgi db upgrade` before you start the site."
    return said


# --- SQLite: a file beside, checked, renamed


def _leftovers(file: Path) -> list[Path]:
    return [file.with_name(f"{file.name}{end}") for end in ("-wal", "-shm", "-journal")]


@contextmanager
def _held(file: Path) -> Iterator[None]:
    """Nobody else has the present file open, or can open it while this lasts; its WAL is written into it."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=2)) as present:
        try:
            mode = present.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
            present.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) and "busy" not in str(error):
                yield  # it cannot even be opened: nobody has it
                return
            mode = "locked"
        except sqlite3.DatabaseError:  # no database any more: nobody has it
            yield
            return
        if mode != "delete":
            raise click.ClickException(
                f"Another process has {file} open. Stop web server, worker and shells that use it, and run this again. "
                "Nothing was changed."
            )
        yield
        with suppress(sqlite3.Error):
            present.execute("ROLLBACK")


def _ensure_backup(source: Path, present: Path) -> None:
    if present.exists() and source.samefile(present):
        raise click.ClickException(f"{source} is the present database itself.")
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        try:
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
            copy.execute("SELECT count(*) FROM alembic_version, fact")  # an empty file is a sound database too
            revision = copy.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.DatabaseError as error:
            raise click.ClickException(f"{source} is not a backup: {error}") from error
    if verdict != "ok":
        raise click.ClickException(f"{source} is damaged: {verdict}")
    _ensure_known(revision[0] if revision else None)


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    quoted = [(name, str(name).replace('"', '""')) for (name,) in names.fetchall()]
    return {name: connection.execute(f'SELECT count(*) FROM "{q}"').fetchone()[0] for name, q in quoted}  # nosec B608  # noqa: S608 (names of tables, quoted)


def _copy_beside(source: Path, beside: Path) -> None:
    """The backup under another name, whole and on the disk."""
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as copy,
        closing(sqlite3.connect(beside)) as target,
    ):
        copy.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        verdict = target.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok" or _rows(copy) != _rows(target):
            raise click.ClickException(f"What was restored from {source} is not what it holds. Nothing was changed.")


def _restore_sqlite(source: Path, despite_seals: bool) -> str:
    present = Path(str(db.engine.url.database))
    db.session.remove()
    db.engine.dispose()
    beside = present.with_name(f".{present.name}.restoring")
    with _held(present):
        try:
            for file in (beside, *_leftovers(beside)):
                file.unlink(missing_ok=True)
            for_owner_only(beside)
            _copy_beside(source, beside)
            engine = create_engine(f"sqlite:///{beside}", poolclass=NullPool)
            said = _check(engine, despite_seals)
            _sync(beside)
            for file in _leftovers(present):  # a journal of the former file would be played into the new one
                file.unlink(missing_ok=True)
            beside.replace(present)
            sync_folder(present.parent)
        finally:
            for file in (beside, *_leftovers(beside)):
                file.unlink(missing_ok=True)
    return said


def _sync(file: Path) -> None:
    with file.open("rb") as written:
        os.fsync(written.fileno())


# --- PostgreSQL: the present tables step aside, the restored ones are checked, one of the two goes


def _connect() -> psycopg.Connection[Any]:
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _ensure_alone(connection: psycopg.Connection[Any]) -> None:
    others = connection.execute(
        "SELECT count(*), min(coalesce(nullif(application_name, ''), 'without a name')) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    ).fetchone()
    if others and others[0]:
        raise click.ClickException(
            f"{others[0]} other connections to the database are open (one of them: {others[1]}). Stop web server, worker, "
            "pooler and shells that use it, and run this again. Nothing was changed."
        )


def _list_of(source: Path) -> str:
    """What the dump holds, without the schema itself, which is there already."""
    tool("pg_restore")
    command = ["pg_restore", "--list", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or " TABLE DATA public alembic_version " not in done.stdout:
        raise click.ClickException(
            f"{source} is not a backup: {(done.stderr or 'other tables').strip().splitlines()[0]}"
        )
    of_schema = re.compile(r"^\d+; \d+ \d+ (SCHEMA - public|(ACL|COMMENT) - SCHEMA public) ", re.M)
    return "\n".join(line for line in done.stdout.splitlines() if not of_schema.match(line)) + "\n"


def _tables(connection: psycopg.Connection[Any], schema: str) -> list[str]:
    """Our tables in a schema: those that belong to no extension."""
    found = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s "
        "AND c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass "
        "AND d.objid = c.oid AND d.deptype = 'e') ORDER BY c.relname",
        [schema],
    )
    return [name for (name,) in found.fetchall()]


def _step_aside(connection: psycopg.Connection[Any]) -> None:
    with connection.transaction():
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(ASIDE)))
        _move(connection, "public", ASIDE)


def _step_back(connection: psycopg.Connection[Any]) -> None:
    """What was before stands in its place again; what was being restored goes."""
    with connection.transaction():
        for name in _tables(connection, "public"):
            connection.execute(sql.SQL("DROP TABLE public.{} CASCADE").format(sql.Identifier(name)))
        _move(connection, ASIDE, "public")
        connection.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(ASIDE)))


def _move(connection: psycopg.Connection[Any], source: str, target: str) -> None:
    for name in _tables(connection, source):
        statement = sql.SQL("ALTER TABLE {}.{} SET SCHEMA {}")
        connection.execute(statement.format(*map(sql.Identifier, (source, name, target))))


def _is_aside(connection: psycopg.Connection[Any]) -> bool:
    return connection.execute("SELECT to_regnamespace(%s)", [ASIDE]).fetchone() != (None,)


def _restore_postgresql(source: Path, contents: str, despite_seals: bool) -> str:
    db.session.remove()
    db.engine.dispose()
    with closing(_connect()) as connection:
        _ensure_alone(connection)
        if _is_aside(connection):  # a restore was stopped half-way
            _step_back(connection)
        _step_aside(connection)
        try:
            _bring_in(source, contents)
            engine = create_engine(current_app.config["SQLALCHEMY_DATABASE_URI"], poolclass=NullPool)
            said = _check(engine, despite_seals)
        except BaseException:
            _step_back(connection)
            raise
        with connection.transaction():
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(ASIDE)))
    return said


def _bring_in(source: Path, contents: str) -> None:
    command = [
        "pg_restore",
        "--no-owner",
        "--no-acl",
        "--single-transaction",
        "--exit-on-error",
        "--use-list=/dev/stdin",
    ]
    done = subprocess.run(
        [*command, in_dsn(), str(source)],
        env=environment(),
        input=contents,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        why = next((line for line in done.stderr.splitlines() if "error" in line.lower()), done.stderr.strip())
        raise click.ClickException(f"{source} could not be restored: {why}. Nothing was changed.")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace the present database without asking.")
@click.option("--despite-broken-seals", is_flag=True, help="Take a backup whose journal does not fit its seals.")
@with_appcontext
def restore(source: Path, yes: bool, despite_broken_seals: bool) -> None:
    """Replace the database by a backup. Stop web server and worker first; it refuses while they run."""
    contents = ""
    if is_sqlite():
        _ensure_backup(source, Path(str(db.engine.url.database)))
    else:
        contents = _list_of(source)
    _ensure_nobody_works()
    if not yes:
        click.confirm("This replaces everything in the present database. Go on?", abort=True)
    try:
        if is_sqlite():
            said = _restore_sqlite(source, despite_broken_seals)
        else:
            said = _restore_postgresql(source, contents, despite_broken_seals)
    except (OSError, sqlite3.Error, psycopg.Error, DBAPIError) as error:
        why = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise click.ClickException(f"{source} was not restored: {why}. Nothing was changed.") from error
    click.echo("Restored.")
    click.echo(said, err=True)


COMMANDS = (restore,)
