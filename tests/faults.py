"""Faults of a database, put in at the driver's seam: what a driver raises there, with the codes that it gives."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import NotSupportedError

WRITES = ("INSERT", "UPDATE", "DELETE")


def of_sqlite(code: int, words: str) -> sqlite3.OperationalError:
    """An error as SQLite raises it, with its code."""
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


@contextmanager
def refusing(engine: Engine, error: Callable[[], BaseException], *begin: str) -> Iterator[None]:
    """Every statement that begins like this fails."""

    def fail(_cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(begin):
            raise error()

    event.listen(engine, "do_execute", fail)
    event.listen(engine, "do_execute_no_params", fail)
    try:
        yield
    finally:
        event.remove(engine, "do_execute", fail)
        event.remove(engine, "do_execute_no_params", fail)


@contextmanager
def stopped(engine: Engine, error: Callable[[], BaseException] | None = None) -> Iterator[None]:
    """No connection is made any more, and none is left."""

    def fail(*_arguments: Any) -> None:
        raise error() if error else of_sqlite(sqlite3.SQLITE_CANTOPEN, "unable to open database file")

    engine.dispose()
    event.listen(engine, "do_connect", fail)
    try:
        yield
    finally:
        event.remove(engine, "do_connect", fail)


@contextmanager
def lost(engine: Engine) -> Iterator[None]:
    """The connections that there are turn out to be dead when they are used; new ones are not made."""

    def dead() -> BaseException:
        return of_sqlite(sqlite3.SQLITE_IOERR, "disk I/O error")

    with refusing(engine, dead, "BEGIN", "SELECT", "WITH", *WRITES):
        yield


@contextmanager
def full(engine: Engine) -> Iterator[None]:
    """Nothing more fits on the disk."""
    with refusing(engine, lambda: of_sqlite(sqlite3.SQLITE_FULL, "database or disk is full"), *WRITES):
        yield


@contextmanager
def read_only(engine: Engine) -> Iterator[None]:
    """A file that must not be written."""
    error = of_sqlite(sqlite3.SQLITE_READONLY, "attempt to write a readonly database")
    with refusing(engine, lambda: error, "BEGIN IMMEDIATE"):
        yield


@contextmanager
def replica(engine: Engine) -> Iterator[None]:
    """A PostgreSQL that follows another one: it has no writing transactions."""
    said = "cannot set transaction read-write mode during recovery"

    def error() -> BaseException:
        return NotSupportedError("BEGIN", None, psycopg.errors.FeatureNotSupported(said))

    with refusing(engine, error, "BEGIN IMMEDIATE"):
        yield


@contextmanager
def pool_empty(engine: Engine) -> Iterator[None]:
    """All connections are in other hands, and none comes back in time."""
    engine.dispose()
    pool: Any = engine.pool
    patience, pool._timeout = pool._timeout, 0.001
    with ExitStack() as hands:
        for _hand in range(pool.size() + pool._max_overflow):
            hands.callback(engine.raw_connection().close)
        yield
    pool._timeout = patience


FAULTS = {
    "stopped": stopped,
    "lost": lost,
    "full": full,
    "read-only": read_only,
    "replica": replica,
    "pool empty": pool_empty,
}
