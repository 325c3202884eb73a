"""Backup and restore."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.engine import make_url

from webapp.kernel.database import db, is_sqlite


def _plain_url() -> str:
    return (
        make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
        .set(drivername="postgresql")
        .render_as_string(hide_password=False)
    )


def _run(*command: str) -> None:
    if shutil.which(command[0]) is None:
        raise click.ClickException(f"{command[0]} is not installed (Debian: postgresql-client).")
    subprocess.run(command, check=True)


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(target: Path) -> None:
    """Write the whole database to TARGET while it is in use, and check what was written."""
    if target.exists():
        raise click.ClickException(f"{target} is there already.")
    if not is_sqlite():
        _run("pg_dump", "--format=custom", f"--file={target}", _plain_url())
        click.echo(f"{target}: {target.stat().st_size:,} bytes.")
        return
    source = sqlite3.connect(str(db.engine.url.database))
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
        _run("pg_restore", "--clean", "--if-exists", "--no-owner", f"--dbname={_plain_url()}", str(source))
        click.echo("Restored.")
        return
    copy = sqlite3.connect(source)
    try:
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{source} is not a backup: {error}") from error
    if verdict != "ok":
        raise click.ClickException(f"{source} is damaged: {verdict}")
    db.engine.dispose()
    target = sqlite3.connect(str(db.engine.url.database))
    with target:
        copy.backup(target)
    target.close()
    click.echo("Restored.")


COMMANDS = (backup, restore)
