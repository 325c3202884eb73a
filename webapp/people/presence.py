"""Who sits in front of this request: the token in the browser's cookie, and the sign-in that it stands for.

The signed cookie holds a token, the form key, and what a visitor has begun; all that decides whether
somebody is signed in is in the table `sign_in` (docs/adr/0009-sign-ins-on-the-server.md).
"""

from __future__ import annotations

import structlog
from flask import Flask, Response, g, request, session
from flask_login import LoginManager, current_user, login_user, logout_user

from webapp.kernel import outage
from webapp.kernel.clock import now
from webapp.kernel.confirmation import note_confirmation
from webapp.people import sign_ins
from webapp.people.models import SignIn, User

log = structlog.get_logger("saty.presence")
TOKEN = "sign_in"  # noqa: S105 (the name of a key in the cookie)


def here() -> SignIn | None:
    """The sign-in of this request; None for a stranger."""
    return g.get("sign_in") if current_user.is_authenticated else None


def person() -> User:
    """The account itself, not Flask-Login's stand-in for it."""
    user: User = current_user._get_current_object()
    return user


def person_if_known() -> User | None:
    """The account of whoever asks; None for somebody who has not signed in."""
    return person() if current_user.is_authenticated else None


def enter(user: User) -> None:
    """Sign the person in: nothing of the visitor's cookie survives, the token is new."""
    empty_cookie()
    row, token = sign_ins.begin(user, request.headers.get("User-Agent", ""), now())
    session[TOKEN] = token
    g.sign_in = row
    login_user(user, remember=False)
    session.permanent = True
    note_confirmation(now())


def renew(at_once: bool = False) -> None:
    """Another token for the same sign-in, at every change of what the person may do.

    A copy of the cookie is worth nothing half a minute later; `at_once` where the person wants others out.
    """
    row = here()
    if row is not None:
        session[TOKEN] = sign_ins.renew(row, now(), at_once)


def leave() -> None:
    """Sign the person out, here."""
    row = here()
    if row is not None:
        sign_ins.end(row.user, row.id, now())
    forget()


def forget() -> None:
    """Take the cookie's contents away; the table is somebody else's business."""
    logout_user()
    empty_cookie()


def empty_cookie() -> None:
    """Nothing is left in the cookie; a page that is still to be written gets a form key that fits the new one."""
    session.clear()
    g.pop("csrf_token", None)


def _load(_key: str) -> User | None:
    token = session.get(TOKEN)
    row = sign_ins.find(token, now()) if isinstance(token, str) else None
    g.sign_in = row
    if row is None:
        return None
    session[TOKEN] = sign_ins.present_token(row, token)
    return row.user


def _note_life(response: Response) -> Response:
    """A sign of life now and then; that it could not be written is no reason to refuse a page."""
    row = g.pop("sign_of_life", None)
    if row is not None and outage.noted() is None:
        try:
            sign_ins.note_life(row, now())
        except Exception as error:
            trouble = outage.trouble_of(error)
            if trouble is None:
                raise
            log.warning("a sign of life was not written", trouble=trouble, error=type(error).__name__)
    return response


def _nobody() -> None:
    g.sign_in = None


def _found(key: str) -> User | None:
    """Who it is. A page of a problem goes out to nobody where the table cannot be asked; every other page is refused."""
    if outage.noted() is not None:
        return _nobody()
    try:
        return _load(key)
    except Exception as error:
        trouble = outage.trouble_of(error)
        if trouble is None or not outage.is_telling():
            raise
        outage.note(trouble)
        return _nobody()


def init_presence(app: Flask) -> LoginManager:
    """Ask the table with every request that wants to know who it is."""
    login = LoginManager(app)
    login.session_protection = None

    @login.user_loader
    def load(key: str) -> User | None:
        user = _found(key)
        if g.sign_in is not None and sign_ins.is_due(g.sign_in, now()):
            g.sign_of_life = g.sign_in.id
        return user

    app.after_request(_note_life)
    return login
