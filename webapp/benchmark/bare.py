"""The yardstick: the least that a Flask page with one query, and a Flask POST with an insert and an update, can cost.

Same server, same database file, same pragmas, same driver; no session, no form token, no layout, no language.
"""

from __future__ import annotations

import os
import random
import threading

from flask import Flask, Response, redirect, render_template_string
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, text

PAGE = "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1><p>{{ supports }} supports</p>"
db = SQLAlchemy()


def create_bare() -> Flask:
    """A Flask application with two views."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _pragmas)
            event.listen(db.engine, "begin", lambda connection: connection.exec_driver_sql(_begin()))

    @app.get("/page/<int:key>")
    def page(key: int) -> str:
        query = text("SELECT title, supports FROM proposal WHERE id = :key")
        row = db.session.execute(query, {"key": key}).one()
        return render_template_string(PAGE, title=row.title, supports=row.supports)

    @app.post("/vote/<int:key>")
    def vote(key: int) -> Response:
        _mode.writes = True
        values = {"key": key, "voter": random.getrandbits(40)}
        db.session.execute(text("INSERT INTO bare_vote (proposal_id, voter) VALUES (:key, :voter)"), values)
        db.session.execute(text("UPDATE bare_count SET supports = supports + 1 WHERE id = :key"), values)
        db.session.commit()
        _mode.writes = False
        return redirect(f"/page/{key}", 303)  # type: ignore[return-value]

    return app


_mode = threading.local()


def _begin() -> str:
    return "BEGIN IMMEDIATE" if getattr(_mode, "writes", False) else "BEGIN"


def _pragmas(connection: object, _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "mmap_size=268435456"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]


if os.environ.get("BARE"):
    app = create_bare()
