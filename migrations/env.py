"""Alembic's environment: the same history for SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import context
from flask import current_app

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


def run() -> None:
    """Run the migrations in one transaction."""
    settings = dict(current_app.extensions["migrate"].configure_args)
    settings.setdefault("process_revision_directives", _no_empty_revision)
    with access_mode("write"), db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_object=include_object,
            render_item=render_item,
            **settings,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


def _no_empty_revision(_context: object, _revision: object, directives: list[object]) -> None:
    script = directives[0]
    if getattr(config.cmd_opts, "autogenerate", False) and script.upgrade_ops.is_empty():
        directives[:] = []


run()
