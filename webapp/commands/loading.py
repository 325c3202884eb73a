"""The demonstration, and proposals from elsewhere."""

from __future__ import annotations

import time
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from webapp.demo.services import PASSWORD, build, is_loaded
from webapp.importing.services import import_lines
from webapp.kernel.clock import now
from webapp.kernel.database import rollback, unit_of_work


@click.command()
@with_appcontext
def demo() -> None:
    """Build the demonstration: cities, people, staff and proposals in every state. Does nothing a second time."""
    if current_app.config["PRODUCTION"]:
        raise click.ClickException("The demonstration has accounts with a public password; it is not for production.")
    upgrade()
    if is_loaded():
        rollback()
        click.echo("The demonstration is loaded already.")
        return
    rollback()
    begun = time.perf_counter()
    count = build(now())
    click.echo(f"{count} proposals in {time.perf_counter() - begun:.1f} s. Everybody's password: {PASSWORD}")


@click.command("import-proposals")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every line and change nothing.")
@with_appcontext
def import_proposals(file: Path, dry_run: bool) -> None:
    """Take in proposals from elsewhere, one JSON object a line (docs/how-to/import-proposals.md)."""
    with file.open("rb") as handle, unit_of_work():
        report = import_lines(handle, now())
        if report.problems or dry_run:
            rollback()
    for number, reason in report.problems[:50]:
        click.echo(f"line {number}: {reason}", err=True)
    if report.problems:
        raise click.ClickException(f"{len(report.problems)} bad lines of {report.read}, nothing was changed.")
    verb = "would be added" if dry_run else "added"
    click.echo(f"{report.added} {verb}, {report.known} known already.")


COMMANDS = (demo, import_proposals)
