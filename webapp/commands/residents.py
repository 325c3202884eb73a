"""Residents: the population register, and the keys that stand for persons."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from webapp.commands.tables import long_table as read_table
from webapp.kernel.clock import now
from webapp.verification.register_import import CheckedRegister
from webapp.verification.rotation import rotate_keys


@click.command("import-register")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every line and change nothing.")
@with_appcontext
def register(file: Path, dry_run: bool) -> None:
    """Take in the population register (columns iin, surname, kato). Numbers are kept as keyed hashes only.

    All rows are checked before the first is written; then they are written in parts, while the site is in use.
    """
    with read_table(file, ("iin", "surname", "kato")) as table:
        checked = CheckedRegister(table, now())
    report = checked.report
    for number, reason in report.problems:
        click.echo(f"row {number}: {reason}", err=True)
    if report.bad > len(report.problems):
        click.echo(f"and {report.bad - len(report.problems)} more", err=True)
    if report.bad:
        raise click.ClickException(f"{report.bad} bad rows, nothing was changed.")
    try:
        for _part in checked.take_in(dry_run):
            pass
    except BaseException:
        if not dry_run:
            click.echo(f"{report.changed} of {report.people} people were taken in before this. Run it again.", err=True)
        raise
    finally:
        checked.close()
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
