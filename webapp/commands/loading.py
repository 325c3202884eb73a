"""The demonstration, and proposals from elsewhere."""

from __future__ import annotations

import time
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from webapp.demo.services import PASSWORD, build, is_loaded
from webapp.importing.services import BadLine, check_lines, import_in_parts
from webapp.kernel.clock import now
from webapp.kernel.database import rollback


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
    """Take in proposals from elsewhere, one JSON object a line (docs/how-to/import-proposals.md).

    All lines are checked before the first is taken in; then they are written in parts, while the site is in use.
    """
    moment = now()
    with file.open("rb") as handle:
        report = check_lines(handle, moment)
    for number, reason in report.problems[:50]:
        click.echo(f"line {number}: {reason}", err=True)
    if report.problems:
        raise click.ClickException(f"{len(report.problems)} bad lines of {report.read}, nothing was changed.")
    if dry_run:
        click.echo(f"{report.added} would be added, {report.known} known already.")
        return
    added = 0
    try:
        with file.open("rb") as handle:
            for count in import_in_parts(handle, moment):
                added += count
    except BadLine as error:
        raise click.ClickException(f"{error}. {added} of {report.added} were added before.") from error
    except BaseException:
        click.echo(f"{added} of {report.added} were added before this. Run it again: they are known then.", err=True)
        raise
    click.echo(f"{added} added, {report.known} known already.")


COMMANDS = (demo, import_proposals)
