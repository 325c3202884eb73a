"""Requests of thousands of residents: real cookies, real tokens, no password form and no page before each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.conftest import MONDAY, make_app
from tests.factories import password_hash
from webapp.kernel import clock
from webapp.kernel.database import db, unit_of_work
from webapp.kernel.database import insert as insert_or_leave
from webapp.people.models import SignIn, User
from webapp.people.presence import TOKEN
from webapp.people.sign_ins import token_key
from webapp.territories.services import by_kato

FORM = "application/x-www-form-urlencoded"
_open: dict[tuple[Any, str], Flask] = {}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    location: str
    text: str


@dataclass(frozen=True)
class Passport:
    """What the browser of somebody who has signed in keeps: the signed cookie and the token of its forms."""

    cookie: str
    token: str


def application(url: str, folder: str, make: Callable[..., Flask] = make_app) -> Flask:
    """The application as a process of its own has it: its connections, its locks; the clock stands at `MONDAY`."""
    if (make, url) not in _open:
        forget()
        _open[make, url] = make(url, Path(folder))
        set_clock(MONDAY)
    return _open[make, url]


def forget() -> Callable[[], None]:
    """For a crew: no database is held any longer."""
    for app in _open.values():
        with app.app_context():
            (app.extensions.get("naive") or db.engine).dispose()
    _open.clear()
    return lambda: None


def set_clock(moment: datetime) -> None:
    """The time that the views of this process read."""
    for name, module in list(sys.modules.items()):
        if name.startswith("webapp") and getattr(module, "now", None) is clock.now and module is not clock:
            module.now = lambda: moment


def passport(app: Flask, person_id: int | None) -> Passport:
    """As the application itself signs it; None is a stranger.

    Signing in with the form costs an argon2 hash (0.1 s) and tests nothing here; the cookie, its
    signature, the look-up of the person and the check of the token stay what they are in production.
    """
    secret, token = _token(app)
    kept = {"csrf_token": secret}
    if person_id is not None:
        kept |= {"_user_id": str(person_id), "_fresh": True, TOKEN: _browser_of(person_id)}
        if "naive" not in app.extensions:
            _sign_in(app, person_id)
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return Passport(f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(kept)}; lang=en", token)


def _browser_of(person_id: int) -> str:
    return f"browser of {person_id}"


def _row_of(person_id: int) -> dict[str, Any]:
    """A sign-in that began now by the clock on the wall: older than no clock of a test."""
    moment = datetime.now(UTC)
    key = token_key(_browser_of(person_id))
    return {
        "user_id": person_id,
        "token_key": key,
        "is_staff": False,
        "browser": "",
        "created_at": moment,
        "seen_at": moment,
    }


def _sign_in(app: Flask, person_id: int) -> None:
    """The row of somebody who did not come with `settle`."""
    with app.app_context():
        known = select(SignIn.id).where(SignIn.token_key == token_key(_browser_of(person_id)))
        if db.session.scalar(known) is None:
            with unit_of_work():
                db.session.execute(insert_or_leave(SignIn).values(**_row_of(person_id)).on_conflict_do_nothing())
        db.session.remove()


def _token(app: Flask) -> tuple[str, str]:
    """What a session remembers of the token of its forms, and the token; one pair does for a whole crowd."""
    if "race token" not in app.extensions:
        with app.app_context(), app.test_request_context():  # a context of its own: `g` remembers the last token
            token = generate_csrf()
            app.extensions["race token"] = session["csrf_token"], token
    return app.extensions["race token"]


def post(app: Flask, url: str, holder: Passport, **fields: str) -> Answer:
    """One request through the whole WSGI application, as a server makes it."""
    builder = EnvironBuilder(
        path=url,
        method="POST",
        content_type=FORM,
        input_stream=None,
        data=urlencode({"csrf_token": holder.token, **fields}).encode(),
        headers={"Cookie": holder.cookie},
    )
    parts, status, headers = run_wsgi_app(app, builder.get_environ(), buffered=True)
    return Answer(int(status.split()[0]), headers.get("Location", ""), b"".join(parts).decode())


def posting(url: str, folder: str, person_id: int | None, path: str, fields: dict[str, str]) -> Callable[[], Answer]:
    """For a crew: everything is ready, then one person sends one form."""
    app = application(url, folder)
    return partial(post, app, path, passport(app, person_id), **fields)


def settle(count: int, kato: str, at: datetime, name: str = "resident") -> list[int]:
    """So many verified residents of one place, by one statement; returns their ids."""
    shared = {
        "password_hash": password_hash(),
        "given_name": "Олжас",
        "surname": "Сейітов",
        "lang": "kk",
        "shows_full_name": False,
        "created_at": at,
        "email_confirmed_at": at,
        "verified_at": at,
        "home_id": by_kato(kato).id,
    }
    addresses = [f"{name}.{number}@race.example" for number in range(count)]
    db.session.execute(insert(User), [shared | {"email": e, "person_key": f"key of {e}"} for e in addresses])
    keys = list(db.session.scalars(select(User.id).where(User.email.like(f"{name}.%")).order_by(User.id)))
    db.session.execute(insert(SignIn), [_row_of(key) for key in keys])
    return keys
