"""Residents: the population register, and the keys that stand for persons."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from webapp.commands.tables import read_table
from webapp.kernel.clock import now
from webapp.kernel.database import rollback, unit_of_work
from webapp.verification.register_import import import_register
from webapp.verification.rotation import rotate_keys

SHOWN = 50


@click.command("import-register")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every line and change nothing.")
@with_appcontext
def register(file: Path, dry_run: bool) -> None:
    """Take in the population register (columns iin, surname, kato). Numbers are kept as keyed hashes only."""
    table = read_table(file, ("iin", "surname", "kato"))
    with unit_of_work():
        report = import_register(table.rows, now())
        problems = sorted([*table.problems, *report.problems])
        if problems or dry_run:
            rollback()
    for number, reason in problems[:SHOWN]:
        click.echo(f"row {number}: {reason}", err=True)
    if len(problems) > SHOWN:
        click.echo(f"and {len(problems) - SHOWN} more", err=True)
    if problems:
        raise click.ClickException(f"{len(problems)} bad rows, nothing was changed.")
    click.echo(f"{report.changed} people {'would be' if dry_run else 'are'} in the register.")
    if report.moved:
        click.echo(f"{report.moved} verified accounts {'would have' if dry_run else 'have'} another home.")


@click.command("rotate-person-keys")
@with_appcontext
def rotate() -> None:
    """Bring the keys of all persons under the pepper in PERSON_PEPPER; may be stopped and started again."""
    done = rotate_keys(now())
    click.echo(f"{done.accounts} accounts and {done.entries} register entries brought to version {done.version}.")


COMMANDS = (register, rotate)
