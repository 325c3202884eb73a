"""Alembic's environment: the same history for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from webapp.kernel.database import UTCDateTime, access_mode, db

config = context.config


def include_object(_object: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Leave tables alone that are not ours: another program may share the database."""
    return not (kind == "table" and reflected and compare_to is None)


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Migrations stay readable, and runnable when our own types move: plain types only."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


@contextmanager
def _references_at_rest(connection: Connection) -> Iterator[None]:
    """Let SQLite drop a table that it has made anew without deleting what refers to its rows.

    SQLite changes a table by copying it, and the drop of the old one would act like a DELETE (ON DELETE CASCADE). So no
    reference is enforced meanwhile, and all are checked before the end (sqlite.org/lang_altertable.html, section 7).
    Outside a transaction only, hence at the driver.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF").close()  # type: ignore[attr-defined]
    try:
        yield
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON").close()  # type: ignore[attr-defined]


def _check_references(connection: Connection) -> None:
    """Raises RuntimeError where a row refers to one that is no longer there; nothing is committed then."""
    if connection.dialect.name == "sqlite":
        broken = sorted({str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})
        if broken:
            raise RuntimeError(f"rows of these tables refer to rows that are gone: {', '.join(broken)}")


def run() -> None:
    """Run the migrations in one transaction."""
    settings = dict(current_app.extensions["migrate"].configure_args)
    settings.setdefault("process_revision_directives", _no_empty_revision)
    with access_mode("write"), db.engine.connect() as connection, _references_at_rest(connection):
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_object=include_object,
            render_item=render_item,
            **settings,
        )
        with context.begin_transaction():
            context.run_migrations()
            _check_references(connection)
        connection.commit()


def _no_empty_revision(_context: object, _revision: object, directives: list[object]) -> None:
    script = directives[0]
    if getattr(config.cmd_opts, "autogenerate", False) and script.upgrade_ops.is_empty():
        directives[:] = []


run()
