"""`flask --app wsgi <command>`: what an operator types."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import wraps
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from webapp.commands import (
    bench,
    breach,
    country,
    deadlines,
    keeping,
    loading,
    residents,
    restoring,
    serving,
    staff,
    texts,
)
from webapp.kernel.errors import NotSetUp
from webapp.kernel.outage import Trouble, trouble_of

#: SQLite says no more; PostgreSQL: no answer, no such table
NOT_THERE = frozenset({None, "42P01"})
#: For the operator, who reads the log too.
STANDS_IN_THE_WAY = {
    Trouble.AWAY: "The database does not answer",
    Trouble.FULL: "The disk is full",
    Trouble.READ_ONLY: "The database cannot be written",
    Trouble.BUSY: "Somebody else holds the database for too long",
}


def register(app: Flask) -> None:
    """Add every command to the application."""
    for group in (serving, deadlines, country, staff, residents, loading, keeping, restoring, breach, texts, bench):
        for command in group.COMMANDS:
            polite = copy(command)
            polite.callback = _in_a_sentence(command.callback)
            app.cli.add_command(polite)


def _in_a_sentence(work: Callable[..., Any]) -> Callable[..., Any]:
    """What an operator can put right is said in a sentence; only our own mistakes are tracebacks."""

    @wraps(work)
    def run(*args: Any, **options: Any) -> Any:
        try:
            return work(*args, **options)
        except NotSetUp as error:
            raise click.ClickException(str(error)) from error
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            if (trouble := trouble_of(error)) is not None:
                why = str(getattr(error, "orig", None) or error).splitlines()[0]
                said = f"{STANDS_IN_THE_WAY[trouble]} ({why}). What was done before this is kept; run it again then."
                raise click.ClickException(said) from error
            if not isinstance(error, OperationalError | ProgrammingError):
                raise
            if getattr(error.orig, "sqlstate", None) not in NOT_THERE:
                raise
            why = str(error.orig).splitlines()[0]
            raise click.ClickException(f"The database: {why}. Has `flask --app wsgi db upgrade` been run?") from error

    return run
