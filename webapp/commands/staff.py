"""People: operators and grants."""

from __future__ import annotations

from datetime import datetime

import click
from flask.cli import with_appcontext

from webapp.access.rules import Role, end_of
from webapp.access.services import ROLES, confirmed_person, finish_grant, give_role, role_in_force
from webapp.kernel.addresses import address_fault
from webapp.kernel.clock import LOCAL_ZONE, local_date, now
from webapp.kernel.database import unit_of_work
from webapp.kernel.errors import DomainError
from webapp.people.breached import is_breached
from webapp.people.models import User
from webapp.people.passwords import hash_password
from webapp.people.rules import PASSWORD_MAX, PASSWORD_MIN, password_fault
from webapp.people.second_step import remove
from webapp.people.services import by_email, close_account, reopen_account, sign_up
from webapp.territories.models import Territory
from webapp.territories.services import by_kato, nation


def _person(email: str) -> User:
    try:
        return confirmed_person(email)
    except DomainError as error:
        raise click.ClickException(f"{email}: {error.message}") from error


def _place(territory: str) -> Territory:
    place = nation() if territory == "nation" else by_kato(territory)
    if place is None:
        raise click.ClickException(f"No territory has the KATO code {territory}.")
    return place


@click.command()
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.argument("territory")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day of the role; without it, until ended.")
@with_appcontext
def grant(email: str, role: str, territory: str, until: datetime | None) -> None:
    """Give EMAIL a ROLE in TERRITORY (KATO code, or "nation") and below."""
    last_day = until.date() if until else None
    if last_day and last_day <= local_date(now()):
        raise click.ClickException("Choose a last day after today.")
    with unit_of_work():
        user, place = _person(email), _place(territory)
        ends = end_of(last_day, LOCAL_ZONE) if last_day else None
        given = give_role(user, role, place, now(), until=ends)
        if ends and given.valid_until != ends:
            raise click.ClickException(f"{email} has this role there already. End it first to change its last day.")
        until_words = f" until {local_date(given.last_moment)}" if given.last_moment else ""
        said = f"{email} is {role} in {place.name_en}{until_words}."
    click.echo(said)


@click.command("end-grant")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.argument("territory")
@with_appcontext
def end_grant(email: str, role: str, territory: str) -> None:
    """End the ROLE of EMAIL in TERRITORY (KATO code, or "nation") now."""
    with unit_of_work():
        user, place = by_email(email), _place(territory)
        held = role_in_force(user, role, place, now()) if user else None
        if held is None:
            raise click.ClickException(f"{email} is not {role} in {place.name_en}.")
        finish_grant(held, now())
        said = f"{email} is no longer {role} in {place.name_en}."
    click.echo(said)


@click.command("remove-second-step")
@click.argument("email")
@with_appcontext
def remove_second_step(email: str) -> None:
    """Let the password of EMAIL sign in alone again: phone and recovery codes are lost. See the person first."""
    with unit_of_work():
        had = remove(_account(email), now())
    click.echo(f"{email} signs in with the password alone." if had else f"{email} had no second step.")


def _account(email: str) -> User:
    user = by_email(email)
    if user is None:
        raise click.ClickException(f"Nobody has signed up as {email}.")
    return user


@click.command("close-account")
@click.argument("email")
@with_appcontext
def close(email: str) -> None:
    """Let EMAIL in no more: a stolen or misused account. Votes and texts stay; reopen-account undoes it."""
    with unit_of_work():
        close_account(_account(email), now())
    click.echo(f"{email} is signed out everywhere and cannot sign in.")


@click.command("reopen-account")
@click.argument("email")
@with_appcontext
def reopen(email: str) -> None:
    """Let EMAIL sign in again."""
    with unit_of_work():
        reopen_account(_account(email), now())
    click.echo(f"{email} can sign in again.")


@click.command("create-operator")
@click.argument("email")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@with_appcontext
def create_operator(email: str, password: str) -> None:
    """Make the account of an operator of the whole country."""
    if password_fault(password, (email,), is_breached):
        raise click.ClickException(
            f"Choose a password of {PASSWORD_MIN} to {PASSWORD_MAX} characters that is on no list of stolen ones and not about you."
        )
    if address_fault(email):
        raise click.ClickException(f"{email!r} is not an e-mail address with Latin letters before the @.")
    hashed = hash_password(password)
    try:
        with unit_of_work():
            user = sign_up(email, hashed, "Operator", "", "en", now())
            user.email_confirmed_at = now()
            give_role(user, Role.OPERATOR, nation(), now())
    except DomainError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"{email} is operator.")


COMMANDS = (grant, end_grant, create_operator, remove_second_step, close, reopen)
