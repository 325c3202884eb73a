"""Backup and restore; addresses that take no mails."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.engine import URL, make_url

from webapp.kernel.database import db, for_owner_only, is_sqlite
from webapp.kernel.refused import RefusedAddress


def _run(*command: str) -> None:
    """Run a tool of PostgreSQL on our database. The password goes by the environment: everybody can read arguments."""
    if shutil.which(command[0]) is None:
        raise click.ClickException(f"{command[0]} is not installed (Debian: postgresql-client).")
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    name = URL.create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)
    where = f"--dbname={name.render_as_string()}"
    if subprocess.run([*command, where], env=os.environ | secret, check=False, umask=0o077).returncode:
        raise click.ClickException(f"{command[0]} has not done it; it says why above.")


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(target: Path) -> None:
    """Write the whole database to TARGET while it is in use, and check what was written."""
    if target.exists():
        raise click.ClickException(f"{target} is there already.")
    if not target.parent.is_dir():
        raise click.ClickException(f"There is no folder {target.parent}.")
    if not is_sqlite():
        _run("pg_dump", "--format=custom", f"--file={target}")
        click.echo(f"{target}: {target.stat().st_size:,} bytes.")
        return
    source = sqlite3.connect(str(db.engine.url.database))
    for_owner_only(target)
    copy = sqlite3.connect(target)
    with copy:
        source.backup(copy)
    verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    copy.close()
    source.close()
    if verdict != "ok":
        raise click.ClickException(f"The copy is damaged: {verdict}")
    click.echo(f"{target}: {target.stat().st_size:,} bytes, integrity ok.")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace the present database without asking.")
@with_appcontext
def restore(source: Path, yes: bool) -> None:
    """Replace the database by a backup. Stop web server and worker first."""
    if not yes:
        click.confirm("This replaces everything in the present database. Go on?", abort=True)
    if not is_sqlite():
        _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(source))
        click.echo("Restored.")
        return
    copy = sqlite3.connect(source)
    try:
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        copy.execute("SELECT count(*) FROM alembic_version, fact")  # an empty file is a sound database too
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{source} is not a backup: {error}") from error
    if verdict != "ok":
        raise click.ClickException(f"{source} is damaged: {verdict}")
    present = Path(str(db.engine.url.database))
    if present.exists() and source.samefile(present):
        raise click.ClickException(f"{source} is the present database itself.")
    db.engine.dispose()
    target = sqlite3.connect(present)
    with target:
        copy.backup(target)
    target.close()
    click.echo("Restored.")


@click.command("refused-addresses")
@with_appcontext
def refused() -> None:
    """How many addresses a mail server has refused for good, by host; no address is printed."""
    hosts = Counter(email.rpartition("@")[2] for email in db.session.scalars(select(RefusedAddress.email)))
    for host, count in hosts.most_common():
        click.echo(f"{count:>7}  {host}")
    click.echo(f"{sum(hosts.values()):>7}  addresses were refused for good; no mails go there.")


COMMANDS = (backup, restore, refused)
