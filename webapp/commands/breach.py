"""`breach-report`: who is affected by a leak, with what, and what happened meanwhile; for the notice that is due."""

from __future__ import annotations

import csv
import os
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
from flask.cli import with_appcontext
from sqlalchemy import Table, func, select

from webapp.commands.deadlines import as_moment
from webapp.journal.models import Fact
from webapp.kernel.clock import LOCAL_ZONE, now
from webapp.kernel.database import db, rollback
from webapp.people.models import User
from webapp.rulebook.services import due_after

#: Columns that say since when a row is there; the first that a table has counts.
SINCE = ("created_at", "submitted_at", "imported_at", "given_at", "made_at", "valid_from", "at")
#: Columns that tell nothing of a person by themselves.
SILENT = {"id", "told", "position", "hash", "prev_hash", "attempts", "next_at", "dedup_key"}
#: What stands in a table, for people who do not read columns.
KINDS = {
    "user": "e-mail, name, keyed hashes of password and IIN, home, language",
    "email_code": "keyed hashes of codes sent by mail",
    "consent": "consents",
    "second_step": "encrypted secrets of the second step",
    "recovery_code": "keyed hashes of recovery codes",
    "membership": "memberships in organisations",
    "grant": "roles (public)",
    "waiting_form": "forms that were sent after a sign-in had ended, with what was typed",
    "draft": "texts that were not sent yet",
    "proposal": "proposals with their authors",
    "vote": "how people voted, keyed hashes of networks",
    "pending_vote": "how people want to vote",
    "organisation_vote": "who voted for an organisation",
    "invitation": "addresses of invited people",
    "refused_address": "addresses that take no mails",
    "message": "mails with their addresses and texts",
    "notice": "what people were told about which facts",
    "follow": "which proposals, places and spheres people follow",
    "wish": "which mails people want",
    "secret_address": "seeds of secret addresses of feeds and calendars; useless without SECRET_KEY",
    "arrival": "keyed hashes of networks",
    "check_request": "requests to be looked at",
    "sign_in": "devices: keyed hashes of tokens, browsers, times",
    "passkey": "public keys of passkeys",
    "challenge": "questions to passkeys that wait for an answer",
    "photo": "photos of proposals and drafts (words about them; the pictures are files)",
    "register_entry": "keyed hashes of IIN and surname, home (people of the register, with or without account)",
}
TIMELINE_LINES = 200


class Affected(NamedTuple):
    """One table: what kind of data, how many rows, whose."""

    table: str
    kind: str
    rows: int
    accounts: set[int]


def personal_tables() -> dict[str, Table]:
    """Tables that hold something about people: those that point to an account, and those that hold an address or a person."""
    account = User.__table__.c.id
    found = {}
    for name, table in sorted(db.metadata.tables.items()):
        points = any(key.column is account for key in table.foreign_keys)
        tells = {"email", "recipient", "person_key"} & set(table.columns.keys()) or name == "message"
        if points or tells or name == "user":
            found[name] = table
    return found


def _owners(table: Table) -> list[Any]:
    if table.name == "user":
        return [table.c.id]
    return [key.parent for key in table.foreign_keys if key.column is User.__table__.c.id]


def _affected(table: Table, until: datetime) -> Affected:
    since = next((table.c[name] for name in SINCE if name in table.c), None)
    where = [] if since is None else [since <= until]
    rows = db.session.scalar(select(func.count()).select_from(table).where(*where)) or 0
    accounts: set[int] = set()
    for column in _owners(table):
        accounts |= set(db.session.scalars(select(column).where(*where, column.is_not(None)).distinct()))
    address = table.c.get("recipient", table.c.get("email") if table.name != "user" else None)
    if address is not None:
        known = select(User.id).join(table, address == User.email).where(*where)
        accounts |= set(db.session.scalars(known.distinct()))
    kind = KINDS.get(table.name) or ", ".join(column.name for column in table.c if column.name not in SILENT)
    return Affected(table.name, kind, rows, accounts)


def _write_notices(target: Path, found: list[Affected]) -> tuple[int, int]:
    """Addresses with the kinds of data that concern each, for its owner alone to read; how many, and how many have none."""
    kinds: dict[int, list[str]] = defaultdict(list)
    for entry in found:
        for account in entry.accounts:
            kinds[account].append(entry.kind)
    query = select(User.id, User.email, User.lang, User.deleted_at).order_by(User.id)
    people = [row for row in db.session.execute(query) if row.id in kinds]
    gone = sum(row.deleted_at is not None for row in people)
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.ClickException(f"{target} cannot be made: {error.strerror}.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["email", "language", "data"])
        for row in people:
            if row.deleted_at is None:
                writer.writerow([row.email, row.lang, "; ".join(kinds[row.id])])
    return len(people) - gone, gone


def _timeline(begin: datetime, end: datetime) -> None:
    facts = select(Fact.at, Fact.verb, Fact.subject_type, Fact.subject_id, Fact.actor_id)
    rows = db.session.execute(facts.where(Fact.at >= begin, Fact.at <= end).order_by(Fact.at, Fact.id)).all()
    click.echo(f"\nTimeline of the journal: {len(rows)} facts.")
    for verb, number in sorted(Counter(row.verb for row in rows).items()):
        click.echo(f"  {verb}: {number}")
    for row in rows[:TIMELINE_LINES]:
        actor = f" by account {row.actor_id}" if row.actor_id else ""
        local = row.at.astimezone(LOCAL_ZONE).isoformat(timespec="seconds")
        click.echo(f"  {local} {row.verb} {row.subject_type} {row.subject_id}{actor}")
    if len(rows) > TIMELINE_LINES:
        click.echo(f"  ... and {len(rows) - TIMELINE_LINES} more: narrow the time.")


@click.command("breach-report")
@click.option("--from", "begin", required=True, help="When it began: 2026-12-01T14:00 (Kazakhstan's time).")
@click.option("--to", "end", required=True, help="When it was stopped.")
@click.option("--table", "tables", multiple=True, help="Only this table; may be given several times.")
@click.option(
    "--notices", type=click.Path(dir_okay=False, path_type=Path), help="Write the addresses to this new file."
)
@with_appcontext
def breach_report(begin: str, end: str, tables: tuple[str, ...], notices: Path | None) -> None:
    """Count whose data a leak between two moments has touched, and of what kind; nothing is changed."""
    first, last = as_moment(begin), as_moment(end)
    if last < first:
        raise click.ClickException("--to lies before --from.")
    known = personal_tables()
    strange = [name for name in tables if name not in known]
    if strange:
        raise click.ClickException(f"Holds nothing about people: {', '.join(strange)}. Tables: {', '.join(known)}.")
    found = [_affected(table, last) for name, table in known.items() if not tables or name in tables]
    everybody = set().union(*(entry.accounts for entry in found))
    click.echo(f"From {first.isoformat()} to {last.isoformat()}")
    due = due_after(1, now()).astimezone(LOCAL_ZONE)
    click.echo(f"Tell the ministry by {due.isoformat(timespec='minutes')} if you learnt of it today.\n")
    for entry in found:
        click.echo(f"{entry.table}: {entry.rows} rows, {len(entry.accounts)} accounts: {entry.kind}")
    click.echo(f"\n{len(everybody)} accounts are affected.")
    _timeline(first, last)
    if notices is not None:
        written, gone = _write_notices(notices, found)
        click.echo(f"\n{notices}: {written} addresses, readable by you alone. {gone} deleted accounts have none.")
    rollback()


COMMANDS = (breach_report,)
