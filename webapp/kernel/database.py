"""One transaction a request, on SQLite and PostgreSQL alike. The only module that commits.

Safe methods read in a transaction that cannot write; unsafe methods write in a transaction that
begins with the lock (`BEGIN IMMEDIATE` on SQLite). A deferred BEGIN that reads first and writes
later gets "database is locked" at once, whatever the time-out, and the driver's default silently
loses increments: docs/adr/0002-one-transaction-a-request.md has the measurements.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from flask import Flask, Response, current_app, g, request, session
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ColumnElement, DateTime, Engine, MetaData, event, func, make_url
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from webapp.kernel import outage
from webapp.kernel.gate import BUSY_TIMEOUT_SECONDS, WriteGate
from webapp.kernel.outage import CalmSession, Trouble, trouble_of

Mode = Literal["read", "write"]
Result = TypeVar("Result")
Row = TypeVar("Row")

TRIES = 4
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: serialization failure, deadlock, and SQLite's "database is locked"
RETRYABLE_STATES = frozenset({"40001", "40P01"})


class Base(DeclarativeBase):
    """All records share one naming of constraints, so that migrations can name them too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"class_": CalmSession})
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware UTC in Python, `timestamptz` in PostgreSQL, sortable text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: a time without a zone is a bug that shows itself months later."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"A moment without a time zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Every moment leaves the database in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: Whoever wants to write says so; a shell, a test or a template can only read.
_mode: ContextVar[Mode] = ContextVar("access_mode", default="read")


@contextmanager
def access_mode(mode: Mode) -> Iterator[None]:
    """Transactions begun inside may only read, or begin with the write lock."""
    token = _mode.set(mode)
    try:
        yield
    finally:
        _mode.reset(token)


_gate = WriteGate()


def _sqlite_connect(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-32000",
        "mmap_size=268435456",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    mode = _mode.get()
    if connection.info.get("mode") != mode:
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if mode == 'read' else 'OFF'}")
        connection.info["mode"] = mode
    if mode == "read":
        connection.exec_driver_sql("BEGIN")
        return
    _gate.enter()
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except BaseException:
        _gate.leave()
        raise


def _postgresql_begin(connection: Connection) -> None:
    cast(Any, connection.connection.dbapi_connection).read_only = _mode.get() == "read"


def _equip(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        event.listen(engine, "begin", _postgresql_begin)


def engine_options(app: Flask) -> dict[str, Any]:
    """Time-outs and pool of the engine; nothing may wait for ever."""
    size = app.config["DATABASE_POOL_SIZE"]
    options: dict[str, Any] = {"pool_size": size, "max_overflow": size, "pool_timeout": 15}
    options["hide_parameters"] = True  # an error in a log names no address and no number of a person
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        options["connect_args"] = {"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    else:
        options["pool_pre_ping"] = True
        options["connect_args"] = {
            "connect_timeout": 5,
            "options": "-c lock_timeout=10s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s -c timezone=UTC",
        }
    return options


def for_owner_only(file: Path) -> None:
    """A file of ours that no other account of the machine reads; it is made where there is none.

    SQLite makes its journal files with the rights of the database. A file that belongs to somebody else stays as it is.
    One that is there is not opened: closing it would drop the locks that SQLite holds on it in this process.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with suppress(PermissionError):
        file.chmod(0o600)


def init_database(app: Flask) -> None:
    """Attach the database to the application."""
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app)
    file = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database
    if file and file != ":memory:" and app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        for_owner_only(Path(file))
    db.init_app(app)
    with app.app_context():
        _equip(db.engine)
    app.teardown_appcontext(lambda _error: _gate.leave())


def commit() -> None:
    """Make the transaction durable and let the next writer in."""
    try:
        db.session.flush()
        try:
            db.session.commit()
        except DBAPIError as error:
            if trouble_of(error) is Trouble.AWAY and not is_sqlite():
                outage.note_doubt()
            raise
        late = db.session.info.pop(_LATE, ())
    except BaseException:
        db.session.info.pop(_LATE, None)
        raise
    finally:
        _gate.leave()
    for act in late:
        act()


def rollback() -> None:
    """Forget the transaction and let the next writer in."""
    db.session.info.pop(_LATE, None)
    try:
        db.session.rollback()
    finally:
        _gate.leave()


#: What waits for the commit of the transaction at hand.
_LATE = "after the commit"


def after_commit(act: Callable[[], object]) -> None:
    """Do something that no rollback takes back once the transaction at hand is durable; never where it is not.

    A process that is killed in between has not done it: it must be found and done later by somebody else too.
    """
    db.session.info.setdefault(_LATE, []).append(act)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """One transaction for jobs and commands: commits at the end, rolls back on any error.

    A reading transaction that is still open ends first: it could not be turned into a writing one.
    """
    rollback()
    with access_mode("write"):
        try:
            yield
            commit()
        except BaseException:
            rollback()
            raise


@contextmanager
def reading() -> Iterator[None]:
    """A short reading transaction inside an unsafe request, over before slow work begins.

    Hashing a password takes tens of milliseconds; holding the write lock meanwhile would stop
    every vote in the city.
    """
    with access_mode("read"):
        try:
            yield
        finally:
            rollback()


def is_retryable(error: BaseException) -> bool:
    """Whether the same work, begun again, may succeed: deadlock, serialization failure."""
    if not isinstance(error, DBAPIError):
        return False
    return getattr(error.orig, "sqlstate", None) in RETRYABLE_STATES


def retrying(work: Callable[[], Result], again: Callable[[], None] = lambda: None) -> Result:
    """Run `work`; after a deadlock roll back, call `again`, wait a moment and run it once more."""
    for attempt in range(1, TRIES + 1):
        try:
            return work()
        except DBAPIError as error:
            rollback()
            if attempt == TRIES or not is_retryable(error):
                raise
            again()
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 (jitter, not a secret)
        except BaseException:
            rollback()
            raise
    raise AssertionError("unreachable")


class TransactionalFlask(Flask):
    """A Flask whose requests are transactions: status < 400 commits, everything else rolls back."""

    def full_dispatch_request(self) -> Response:
        """Choose the access mode before anything touches the database."""
        with access_mode("read" if request.method in SAFE_METHODS else "write"):
            return super().full_dispatch_request()

    def dispatch_request(self) -> Response:
        """Answer inside the transaction; whatever runs afterwards may only read."""
        kept = dict(session)

        def restore_session() -> None:
            """The cookie as it came: what a try has put in belongs to rows that are not there."""
            session.clear()
            session.update(kept)
            g.pop("csrf_token", None)

        def answer() -> Response:
            response = self.make_response(super(TransactionalFlask, self).dispatch_request())
            if response.status_code < 400 and _mode.get() == "write":
                commit()
            else:
                rollback()
            return response

        try:
            return retrying(answer, restore_session)
        except Exception as error:
            if trouble_of(error) is not None:
                restore_session()
            raise
        finally:
            _mode.set("read")

    #: Makes the page for what is not the program's fault; `kernel.errors` puts it here.
    tell: Callable[[BaseException, Trouble], Response]

    def handle_user_exception(self, e: Exception) -> Any:
        """Whatever answers from here on is a page of a problem."""
        outage.begin_telling()
        return super().handle_user_exception(e)

    def handle_exception(self, e: Exception) -> Response:
        """What went wrong outside of a view, or in a page of a problem itself, gets its answer too."""
        outage.begin_telling()
        if (trouble := trouble_of(e)) is not None:
            return self.finalize_request(self.tell(e, trouble), from_error_handler=True)
        return super().handle_exception(e)


@contextmanager
def rehearsal() -> Iterator[None]:
    """Do something to see what would come of it: a savepoint that is always rolled back."""
    savepoint = db.session.begin_nested()
    before = list(db.session.info.get(_LATE, ()))
    try:
        yield
    finally:
        savepoint.rollback()
        db.session.info[_LATE] = before


def locked(model: type[Row], key: Any) -> Row | None:
    """The row, locked until the end of the transaction (SQLite holds the whole file anyway)."""
    return db.session.get(model, key, with_for_update={"of": model}, populate_existing=True)


#: A key is a 32-bit number in PostgreSQL; asked for a larger one it answers with an error.
LARGEST_KEY = 2**31 - 1


def by_key(model: type[Row], key: int, lock: bool = False) -> Row | None:
    """The row with a number out of an address, locked or not; None where there is none, or no key is so large."""
    if key > LARGEST_KEY:
        return None
    return locked(model, key) if lock else db.session.get(model, key)


def changed(statement: Any) -> int:
    """How many rows an UPDATE or a DELETE has changed; rows already loaded are not looked through for it."""
    return cast(int, cast(Any, db.session.execute(statement.execution_options(synchronize_session=False))).rowcount)


def alone(name: str) -> None:
    """Wait until no other transaction of this name is under way, and be the only one until ours ends.

    On SQLite nothing is left to do: a transaction that writes is alone in the whole file from its beginning.
    """
    if not is_sqlite():
        db.session.execute(db.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def insert(table: Any) -> Any:
    """An INSERT that understands ON CONFLICT, in the dialect of the database in use."""
    if db.engine.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as dialect_insert
    else:
        from sqlalchemy.dialects.postgresql import insert as dialect_insert  # type: ignore[assignment]
    return dialect_insert(table)


#: SQLite adds up in 64 bits and refuses to go beyond; a billion at a time, no table is large enough for that.
_BILLION = 10**9


def summed(column: Any) -> ColumnElement[Any]:
    """The sum of a column of large whole numbers, which may be larger than the column itself can hold."""
    return func.sum(column.op("/")(_BILLION)) * _BILLION + func.sum(column.op("%")(_BILLION))


def is_sqlite() -> bool:
    """Whether the application in use stands on SQLite."""
    return bool(current_app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"))
