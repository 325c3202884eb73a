"""Whether the site is there: the web server leaves a beat each minute, and notices when it was away.

Only what serves pages beats, and only when the database takes it; so a beat means that people could act. The worker
does not count: when it is away, people can still answer, vote and withdraw.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import click
import structlog
from flask import Flask
from flask.cli import ScriptInfo

from webapp.kernel.clock import now as present_moment
from webapp.kernel.database import db, insert, locked, rollback, unit_of_work
from webapp.kernel.jobs import Heartbeat, is_played

log = structlog.get_logger("saty.presence")
SITE = "site"
EVERY = timedelta(minutes=1)
#: Without a beat for so long the site is taken to be away; a restart takes seconds.
AWAY_AFTER = timedelta(minutes=5)

#: What is done in the transaction of the first beat after an absence; called with its beginning, its end and now.
ON_RETURN: list[Callable[[datetime, datetime, datetime], object]] = []


def beat(now: datetime) -> bool:
    """Leave a sign of life; True when it ends an absence, which is then acted on in the same transaction."""
    with unit_of_work():
        last = locked(Heartbeat, SITE)
        began_at = last.ran_at if last is not None else None
        statement = insert(Heartbeat).values(name=SITE, ran_at=now)
        db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"ran_at": now}))
        db.session.expire_all()
        was_away = began_at is not None and now - began_at > AWAY_AFTER
        if was_away and began_at is not None:
            for act in ON_RETURN:
                act(began_at, now, now)
        return was_away


def there_until(now: datetime) -> datetime:
    """Up to when dates may be acted on: now; while the site is away, the moment at which it was last there.

    What falls due in an absence waits until the absence is over and has moved it. A moment that is played, or that
    lies ahead of the clock, and a database that no web server has served yet, know of no absence.
    """
    if is_played() or now > present_moment() + AWAY_AFTER:
        return now
    last = db.session.get(Heartbeat, SITE)
    return now if last is None or now - last.ran_at <= AWAY_AFTER else last.ran_at


def begin_to_beat(app: Flask) -> None:
    """Let this process beat for as long as it serves. A command of the operator serves nobody and does not."""
    context = click.get_current_context(silent=True)
    if context is not None and context.find_object(ScriptInfo) is not None:
        return
    threading.Thread(target=_beat_on, args=(app, threading.Event()), name="site-beat", daemon=True).start()


def _beat_on(app: Flask, stop: threading.Event) -> None:
    while True:
        with app.app_context():
            try:
                beat(present_moment())
            except Exception as error:  # the database is away: then so is the site, and the gap will say so
                log.warning("no beat of the site", error=type(error).__name__)
                with suppress(Exception):
                    rollback()
        if stop.wait(EVERY.total_seconds()):
            return
