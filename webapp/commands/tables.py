"""Tables that the operator hands over as CSV files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from webapp.kernel.tables import BadTable, LongTable, Table, read_csv


def read_table(file: Path, columns: Sequence[str], passed_over: Sequence[str] = ()) -> Table:
    """A CSV file in UTF-8. Refuses what is no such table, or an empty one, and says which columns it does not read."""
    try:
        table = read_csv(file.read_bytes(), columns)
    except BadTable as error:
        raise click.ClickException(f"{file} is not a table that can be read: {error}") from error
    unread = [name for name in table.unread if name not in passed_over]
    if unread:
        click.echo(f"Columns that are not read: {', '.join(unread)}.", err=True)
    return table


@contextmanager
def long_table(file: Path, columns: Sequence[str]) -> Iterator[LongTable]:
    """The same of a file that may be too large for the memory. Which columns are not read is said when all is over."""
    try:
        table = LongTable(file, columns)
        yield table
    except BadTable as error:
        raise click.ClickException(f"{file} is not a table that can be read: {error}") from error
    if table.unread:
        click.echo(f"Columns that are not read: {', '.join(table.unread)}.", err=True)
