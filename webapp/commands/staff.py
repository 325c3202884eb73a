"""People: operators, grants, the population register."""

from __future__ import annotations

from pathlib import Path

import click
from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask.cli import with_appcontext

from webapp.access.services import ROLES, give_role
from webapp.commands.tables import read_table
from webapp.kernel.clock import now
from webapp.kernel.database import rollback, unit_of_work
from webapp.kernel.errors import DomainError
from webapp.people.passwords import hash_password
from webapp.people.rules import PASSWORD_MAX, PASSWORD_MIN
from webapp.people.services import by_email, import_register, sign_up
from webapp.territories.services import by_kato, nation


@click.command()
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.argument("territory")
@with_appcontext
def grant(email: str, role: str, territory: str) -> None:
    """Give EMAIL a ROLE in TERRITORY (KATO code, or "nation") and below."""
    with unit_of_work():
        user = by_email(email)
        if user is None:
            raise click.ClickException(f"Nobody has signed up as {email}.")
        place = nation() if territory == "nation" else by_kato(territory)
        if place is None:
            raise click.ClickException(f"No territory has the KATO code {territory}.")
        give_role(user, role, place, now())
        name = place.name_en
    click.echo(f"{email} is {role} in {name}.")


@click.command("create-operator")
@click.argument("email")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@with_appcontext
def create_operator(email: str, password: str) -> None:
    """Make the account of an operator of the whole country."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise click.ClickException(f"Choose a password of {PASSWORD_MIN} to {PASSWORD_MAX} characters.")
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError as error:
        raise click.ClickException(f"{email!r} is not an e-mail address: {error}") from error
    hashed = hash_password(password)
    try:
        with unit_of_work():
            user = sign_up(email, hashed, "Operator", "", "en", now())
            user.email_confirmed_at = now()
            give_role(user, "operator", nation(), now())
    except DomainError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"{email} is operator.")


@click.command("import-register")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every line and change nothing.")
@with_appcontext
def register(file: Path, dry_run: bool) -> None:
    """Take in the population register (columns iin, surname, kato). Numbers are kept as keyed hashes only."""
    rows = read_table(file, ("iin", "surname", "kato"))
    with unit_of_work():
        report = import_register(rows, current_app.config["PERSON_PEPPER"], now())
        if report.problems or dry_run:
            rollback()
    for number, reason in report.problems[:50]:
        click.echo(f"row {number}: {reason}", err=True)
    if report.problems:
        raise click.ClickException(f"{len(report.problems)} bad rows, nothing was changed.")
    click.echo(f"{report.changed} people {'would be' if dry_run else 'are'} in the register.")


COMMANDS = (grant, create_operator, register)
