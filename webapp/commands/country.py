"""Territories, rules and the calendar."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from webapp.commands.deadlines import as_moment
from webapp.commands.tables import read_table
from webapp.kernel.clock import EARLIEST, day_in_years, local_date, now
from webapp.kernel.database import rollback, unit_of_work
from webapp.kernel.errors import DomainError
from webapp.kernel.text import iso_date
from webapp.rulebook.outages import note_by_hand
from webapp.rulebook.presets import PRESETS
from webapp.rulebook.services import adopt_preset, override_day
from webapp.territories.services import COLUMNS, import_classifier


@click.command("import-territories")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def import_territories(file: Path) -> None:
    """Take in the official classifier (columns kato, level, type_code, name_ru, name_kk), all of it or nothing."""
    table = read_table(file, COLUMNS, passed_over=("kato_version",))
    with unit_of_work():
        done, bad = import_classifier(table.rows)
        if done is None or table.problems:
            rollback()
    problems = sorted([*table.problems, *((row.number, row.reason) for row in bad)])
    for number, reason in problems[:50]:
        click.echo(f"row {number}: {reason}", err=True)
    if done is None or problems:
        raise click.ClickException(f"{len(problems)} bad rows, nothing was changed.")
    moved = f", {done.moved} hang elsewhere now" if done.moved else ""
    click.echo(f"{done.added} added, {done.renamed} renamed, {done.unchanged} unchanged{moved}.")


@click.command("rules")
@click.argument("preset", type=click.Choice(sorted(PRESETS)))
@with_appcontext
def rules(preset: str) -> None:
    """Let a preset of thresholds and terms begin for the whole country."""
    with unit_of_work():
        adopt_preset(preset, now())
    click.echo(f"The rules {preset} are in force for proposals published from now on.")


@click.command("calendar")
@click.argument("day")
@click.argument("kind", type=click.Choice(["working", "free"]))
@click.argument("reason", default="")
@with_appcontext
def calendar(day: str, kind: str, reason: str) -> None:
    """Make a DAY (2026-12-31) working or free, as the Government announces transfers."""
    date = iso_date(day)
    if date is None:
        raise click.BadParameter(f"{day!r} is not a date like 2026-12-31.")
    latest = day_in_years(30, local_date(now()))
    if not EARLIEST <= date <= latest:
        raise click.BadParameter(f"{day} is not between {EARLIEST} and {latest}.")
    if len(reason) > 200:
        raise click.BadParameter(f"The reason has {len(reason)} characters, at most 200 fit.")
    with unit_of_work():
        override_day(date, kind == "working", reason, now())
    click.echo(f"{date} is {kind} for terms that are set from now on.")


@click.command("outage")
@click.argument("begin")
@click.argument("end")
@click.argument("reason")
@with_appcontext
def outage(begin: str, end: str, reason: str) -> None:
    """Note that people could not reach the site from BEGIN to END (2026-12-14T09:00): open dates move by the rules.

    The site notices by itself when it was away; this is for what it cannot see, such as a cut line.
    """
    if len(reason) > 200:
        raise click.BadParameter(f"The reason has {len(reason)} characters, at most 200 fit.")
    try:
        with unit_of_work():
            row = note_by_hand(as_moment(begin), as_moment(end), reason, now())
            click.echo(f"Noted; {row.moved} dates were moved.")
    except DomainError as error:
        raise click.ClickException(error.message) from error


COMMANDS = (import_territories, rules, calendar, outage)
