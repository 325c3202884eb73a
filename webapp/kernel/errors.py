"""Refusals are sentences for people. Every problem becomes one calm page or fragment."""

from __future__ import annotations

import sys
from typing import Any

import structlog
from flask import Flask, Response, make_response, render_template, request
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from webapp.kernel.i18n import gettext as _
from webapp.kernel.redaction import redact_standard_logs, without_numbers

log = structlog.get_logger("saty.errors")


#: Fields that no page gives back.
NEVER_KEPT = frozenset({"csrf_token", "password", "new_password", "second_code", "code", "iin"})


class DomainError(Exception):
    """A refusal with a sentence; `field` names the form field it belongs to, `way_out` is (path, label) of a link."""

    status = 422

    def __init__(self, message: str, field: str | None = None, way_out: tuple[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.way_out = way_out


class Invalid(DomainError):
    """What was sent cannot be used as it is."""

    status = 422


class NotAllowed(DomainError):
    """This person may not do this; the message says why."""

    status = 403


class Conflict(DomainError):
    """It would have been possible earlier, or for somebody else first."""

    status = 409


class Gone(DomainError):
    """It was here and is not any more."""

    status = 410


class NotSetUp(LookupError):
    """Something that the operator has to bring in first; the message names the command."""


def titles() -> dict[int, str]:
    """Headings of problem pages by status."""
    return {
        400: _("We could not read this request"),
        401: _("Sign in to go on"),
        403: _("This is not possible for you"),
        404: _("There is no such page"),
        405: _("This address does not work that way"),
        409: _("This has changed in the meantime"),
        410: _("This page is no longer here"),
        413: _("That is too much text"),
        422: _("Something has to be changed"),
        429: _("Too many tries in a short time"),
        503: _("The service is catching its breath"),
    }


def sentences() -> dict[int, str]:
    """What happened and what to do, by status."""
    return {
        400: _("The address or the form arrived damaged. Go back, and send it again."),
        401: _("This page is for people who have signed in."),
        403: _("You do not have the role that this page needs."),
        404: _("The address may be mistyped, or the page has moved. The list of proposals is a good place to start."),
        405: _("Go back and use the button on the page."),
        410: _("It was withdrawn or removed."),
        413: _(
            "The form accepts up to 2 MB. Shorten the text and send it again; what you typed is still on the previous page."
        ),
        422: _("Go back, look at the marked fields and send the form again."),
        429: _("Wait a minute and try again. Nothing that you typed is lost: go back to the previous page."),
        503: _("Nothing was changed. Wait a minute, go back and send it again; what you typed is still there."),
    }


def problem(
    status: int, message: str | None = None, title: str | None = None, way_out: tuple[str, str] | None = None
) -> Response:
    """The page of a problem; for HTMX the sentence lands in `#flash` and the page stays."""
    message = message or sentences().get(status) or _("Something went wrong on our side. It has been written down.")
    title = title or titles().get(status) or _("Something went wrong on our side")
    fragment = request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted")
    template = "errors/fragment.html" if fragment else "errors/problem.html"
    html = render_template(template, title=title, message=message, status=status, way_out=way_out)
    response = make_response(html, status)
    if fragment:
        response.headers["HX-Retarget"] = "#flash"
        response.headers["HX-Reswap"] = "outerHTML"
    response.headers["Cache-Control"] = "no-store"
    return response


def _http(error: HTTPException) -> Any:
    if error.response is not None:  # a ready answer, such as a redirect
        return error.response
    if error.code is None or error.code < 400:
        return error
    if error.code == 413 and (request.endpoint or "").startswith("photo."):
        return problem(
            413,
            _("A photo may be up to 3 MB. Make it smaller and send it again; your text is kept."),
            _("That photo is too heavy"),
        )
    response = _send_again() if error.code == 429 and _has_typed() else problem(error.code)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def typed_fields() -> list[tuple[str, str]]:
    """What came with a form and may be offered again; never a password or a key."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER_KEPT]


def _has_typed() -> bool:
    return request.method == "POST" and request.headers.get("HX-Request") != "true" and bool(typed_fields())


def _send_again() -> Response:
    """Too many tries: the form waits on the page, with all that was typed, and is sent again by a button."""
    message = _("Nothing was done yet. Wait a minute, then send it again; what you typed is kept on this page.")
    title, kept = titles()[429], typed_fields()
    html = render_template("errors/resend.html", title=title, message=message, kept=kept, action=request.path)
    response = make_response(html, 429)
    response.headers["Cache-Control"] = "no-store"
    return response


def _database(error: DBAPIError) -> Response:
    if isinstance(error, DataError):  # a number that no column can hold, a NUL byte
        return problem(400)
    log.error("database unavailable", error=str(error.orig or error).splitlines()[0], path=request.path)
    response = problem(503)
    response.headers["Retry-After"] = "30"
    return response


def init_logs() -> None:
    """One line of JSON per event on standard error, without a number that could be a person's."""
    redact_standard_logs()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_numbers,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def init_errors(app: Flask) -> None:
    """Register one handler a kind."""
    init_logs()

    @app.errorhandler(DomainError)
    def domain(error: DomainError) -> Response:
        return problem(error.status, error.message, way_out=error.way_out)

    app.register_error_handler(HTTPException, _http)
    for kind in (OperationalError, InterfaceError, DataError, PoolTimeoutError):
        app.register_error_handler(kind, _database)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        if app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        log.exception("unexpected error", path=request.path, method=request.method)
        return problem(500)
