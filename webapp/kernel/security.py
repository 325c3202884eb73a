"""Headers, cookies, tokens, limits: the same on every answer."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Request, Response, abort, current_app, g, request, session
from flask_compress import Compress
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.datastructures import MultiDict
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.kernel.database import SAFE_METHODS
from webapp.kernel.errors import last_words
from webapp.kernel.networks import visitor
from webapp.kernel.outage import trouble_of
from webapp.kernel.sizes import MOST_PARTS, read_at_most

csrf = CSRFProtect()


def _whose() -> str:
    """Whose tries are counted where a view says nothing else: an account's, or else a household's."""
    user = session.get("_user_id")
    return f"user:{user}" if user else visitor()


def _reads_only() -> bool:
    return request.method in {"GET", "HEAD", "OPTIONS"}


#: Every act that changes something has a limit: its own where a view wears one, or else this one.
limiter = Limiter(
    _whose,
    default_limits=[lambda: str(current_app.config["RATE_LIMIT_DEFAULT"])],
    default_limits_exempt_when=_reads_only,
)
compress = Compress()
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; manifest-src 'self'"
)
#: On every answer.
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def safe_next(target: str | None, fallback: str = "/") -> str:
    """`target` if it is a path on this very site, else `fallback`; no host, no scheme, no tricks."""
    if not target or len(target) > 2000 or _CONTROL.search(target) or "\\" in target:
        return fallback
    if not target.startswith("/") or target.startswith("//"):
        return fallback
    try:
        parts = urlsplit(target)
    except ValueError:
        return fallback
    return fallback if parts.scheme or parts.netloc else target


def _refuse_damaged_requests() -> None:
    """NUL bytes and broken encodings never reach a view; PostgreSQL would answer them with a 500."""
    if "\x00" in request.path or "%00" in (request.query_string or b"").decode("latin-1"):
        abort(400)
    for values in (request.args, request.form):
        for key, entries in values.lists():
            if "\x00" in key or any("\x00" in entry for entry in entries):
                abort(400)


def _keep_nothing(response: Response) -> Response:
    """What was made for somebody who has signed in stays in no cache: the next person at this device is another one."""
    was_signed_in, is_signed_in = g.pop("was_signed_in", False), "_user_id" in session
    if (was_signed_in or is_signed_in) and not response.cache_control.public:
        response.headers["Cache-Control"] = "no-store"
    if was_signed_in and not is_signed_in:
        response.headers["Clear-Site-Data"] = '"storage"'
    return response


class _Alarm(logging.Handler):
    """What the limiter says of its store goes to our log, as an error that somebody is woken by."""

    def emit(self, entry: logging.LogRecord) -> None:
        """One line of JSON; whether the store is gone or back stands in `said`."""
        structlog.get_logger("saty.limits").error("rate limit store", said=entry.getMessage())


def _watch_store() -> None:
    """Limits are counted in this process while their store is gone, and in the store again when it is back."""
    voice = logging.getLogger("flask-limiter")
    if not any(isinstance(handler, _Alarm) for handler in voice.handlers):
        voice.addHandler(_Alarm(logging.WARNING))


class FrugalRequest(Request):
    """A request that reads a form only where one can change something."""

    @property
    def want_form_data_parsed(self) -> bool:
        """A body that comes with a GET is nobody's form: it is never read."""
        return self.method not in SAFE_METHODS and super().want_form_data_parsed


def _refuse_too_much() -> None:
    """Before anything is read as a form: how long the body is, and of how many parts."""
    request.max_content_length = read_at_most()
    if request.method in SAFE_METHODS or request.mimetype != "application/x-www-form-urlencoded":
        return  # the parts of other bodies are counted while they are read (`max_form_parts`)
    if (request.content_length or 0) <= MOST_PARTS:
        return
    if request.get_data(cache=True).count(b"&") >= MOST_PARTS:
        g.rescued_fields = MultiDict()  # no person has filled that in
        abort(413)


def _note_who_came() -> None:
    g.was_signed_in = "_user_id" in session


class Armour:
    """Around everything that answers, static files and errors of the server's own included.

    Nobody gets an empty answer: what broke even the page of a problem is answered by a few words from here.
    """

    def __init__(self, inner: Any, shows_errors: bool = False) -> None:
        self._inner, self._shows_errors = inner, shows_errors

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """The answer with what it lacks of `HEADERS`; HSTS only where the request came over HTTPS (RFC 6797, 7.2)."""
        wanted = dict(HEADERS)
        if environ.get("wsgi.url_scheme") == "https":
            wanted["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            there = {name.lower() for name, _value in headers}
            lacking = [(name, value) for name, value in wanted.items() if name.lower() not in there]
            return start_response(status, [*headers, *lacking], *more)

        held: list[tuple[Any, ...]] = []

        def hold(*what: Any) -> Any:
            held[:] = [what]

        try:
            answer = self._inner(environ, hold)
        except Exception as error:
            if self._shows_errors and trouble_of(error) is None:
                raise
            return last_words(environ, error)(environ, start)
        start(*held[0])
        return answer


def init_security(app: Flask) -> None:
    """Doors and locks."""
    app.request_class = FrugalRequest
    app.before_request(_refuse_too_much)
    limiter.init_app(app)  # before the form key: a form without one is a try like another
    csrf.init_app(app)
    _watch_store()
    compress.init_app(app)
    app.before_request(_refuse_damaged_requests)
    app.before_request(_note_who_came)
    app.after_request(_keep_nothing)


def put_on_armour(app: Flask) -> None:
    """The outermost layer, once everything else stands: the proxy's word about scheme and host, and the headers."""
    app.wsgi_app = Armour(app.wsgi_app, shows_errors=app.testing or app.debug)  # type: ignore[method-assign]
    hops = app.config["PROXY_HOPS"]
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


__all__ = ["CSRFError", "csrf", "init_security", "limiter", "put_on_armour", "safe_next"]
