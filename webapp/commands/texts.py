"""For editors: all texts of a page or mail in three languages, and whether the site's own wording can be said."""

from __future__ import annotations

import csv
import sys

import click
from flask import current_app, g
from flask.cli import with_appcontext
from sqlalchemy import delete

from webapp.config import ROOT
from webapp.kernel.database import db, unit_of_work
from webapp.kernel.i18n import LANGUAGES
from webapp.kernel.tables import BadTable
from webapp.people.models import SignIn
from webapp.people.presence import enter
from webapp.people.services import by_email
from webapp.wording.catalogue import all_texts
from webapp.wording.overrides import FILE, INSTEAD, read
from webapp.wording.reading import Line, Opened, Sources, cookie_of, open_page


@click.command("texts")
@click.argument("what", required=False)
@click.option("--as", "email", help="Open the page as this person.")
@click.option("--csv", "as_csv", is_flag=True, help=f"A table for a spreadsheet; filled in, it is instance/{FILE}.")
@click.option("--check", is_flag=True, help=f"Only say which rows of instance/{FILE} cannot be said.")
@with_appcontext
def texts(what: str | None, email: str | None, as_csv: bool, check: bool) -> None:
    """All texts of WHAT in three languages, with where each stands.

    WHAT is the address of a page (/proposals/12), a file or pattern (templates/portal/proposal.html, "desk/*"),
    "mails" for all mails, or nothing for every text there is.
    """
    if check:
        _check()
        return
    known = all_texts(current_app.config["BABEL_TRANSLATION_DIRECTORIES"])
    sources = Sources(ROOT, known)
    if what is not None and what.startswith("/"):
        opened = _opened(what, email)
        if opened.status >= 300:
            click.echo(f"{what} answered {opened.status}; these are the texts of that answer.", err=True)
        lines = sources.lines(opened.said)
    else:
        lines = sources.of_files(sources.files(what)) if what else sources.lines(known)
    if not lines:
        raise click.ClickException(f"No text stands in {what!r}: give an address that begins with / or a file.")
    _as_table(lines) if as_csv else _as_lines(lines)


def _check() -> None:
    try:
        found = read(current_app.instance_path, current_app.config["BABEL_TRANSLATION_DIRECTORIES"])
    except BadTable as error:
        raise click.ClickException(f"{FILE}: {error}") from error
    for line, said in found.problems:
        click.echo(f"{FILE}, line {line}: {said}", err=True)
    click.echo(f"{found.count} texts are said otherwise.")
    if found.problems:
        raise click.ClickException(f"{len(found.problems)} rows of {FILE} are passed over.")


def _opened(address: str, email: str | None) -> Opened:
    """The page as a visitor sees it, or as somebody who signs in for the moment of looking."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if email is None:
        return open_page(app, address)
    with app.test_request_context("/"):
        with unit_of_work():
            person = by_email(email)
            if person is None:
                raise click.ClickException(f"Nobody has the address {email}.")
            enter(person)
            key = g.sign_in.id
        cookie = cookie_of(app)
    try:
        return open_page(app, address, cookie)
    finally:
        with unit_of_work():
            db.session.execute(delete(SignIn).where(SignIn.id == key))


def _as_lines(lines: list[Line]) -> None:
    for number, line in enumerate(lines, start=1):
        click.echo(f"{number}  {', '.join(line.places) or '(put together while running)'}")
        for code in LANGUAGES:
            for form in line.text.forms.get(code, ()):
                click.echo(f"    {code}  {form}".replace("\n", "\n        "))
        click.echo()


def _as_table(lines: list[Line]) -> None:
    out = csv.writer(sys.stdout)
    out.writerow(["where", "english", "form", *LANGUAGES, *INSTEAD.values()])
    for line in lines:
        forms = line.text.forms
        for number in range(max(map(len, forms.values()))):
            said = [forms[code][number] if number < len(forms[code]) else "" for code in LANGUAGES]
            form = number if len(forms["en"]) > 1 else ""
            out.writerow([" ".join(line.places), line.text.english, form, *said, "", "", ""])


COMMANDS = (texts,)
