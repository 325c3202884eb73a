"""Backup; addresses that take no mails."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from contextlib import closing
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.engine import URL, make_url

from webapp.kernel.database import db, for_owner_only, is_sqlite
from webapp.kernel.files import sync_folder
from webapp.kernel.refused import RefusedAddress


def tool(name: str) -> None:
    """Refuse with a sentence where a tool of PostgreSQL is not there."""
    if shutil.which(name) is None:
        raise click.ClickException(f"{name} is not installed (Debian: postgresql-client).")


def in_dsn() -> str:
    """Our database for a tool of PostgreSQL, without the password: everybody can read arguments."""
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    name = URL.create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)
    return f"--dbname={name.render_as_string()}"


def environment() -> dict[str, str]:
    """The same, with the password: it goes by the environment."""
    password = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).password
    return os.environ | ({"PGPASSWORD": str(password)} if password else {})


def _dump(target: Path) -> None:
    tool("pg_dump")
    command = ["pg_dump", "--format=custom", f"--file={target}", in_dsn()]
    if subprocess.run(command, env=environment(), check=False, umask=0o077).returncode:
        raise click.ClickException("pg_dump has not done it; it says why above.")


def _copy(target: Path) -> None:
    for_owner_only(target)
    with closing(sqlite3.connect(str(db.engine.url.database))) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise click.ClickException(f"The copy is damaged: {verdict}")


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(target: Path) -> None:
    """Write the whole database to TARGET while it is in use, and check what was written."""
    if target.exists():
        raise click.ClickException(f"{target} is there already.")
    if not target.parent.is_dir():
        raise click.ClickException(f"There is no folder {target.parent}.")
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        _copy(part) if is_sqlite() else _dump(part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(target)
        sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise click.ClickException(f"{target} was not written: {error}. Nothing is left of it.") from error
    finally:
        for rest in (part, *(part.with_name(f"{part.name}{end}") for end in ("-journal", "-wal", "-shm"))):
            rest.unlink(missing_ok=True)
    checked = ", integrity ok" if is_sqlite() else ""
    click.echo(f"{target}: {target.stat().st_size:,} bytes{checked}.")


@click.command("refused-addresses")
@with_appcontext
def refused() -> None:
    """How many addresses a mail server has refused for good, by host; no address is printed."""
    hosts = Counter(email.rpartition("@")[2] for email in db.session.scalars(select(RefusedAddress.email)))
    for host, count in hosts.most_common():
        click.echo(f"{count:>7}  {host}")
    click.echo(f"{sum(hosts.values()):>7}  addresses were refused for good; no mails go there.")


COMMANDS = (backup, refused)
