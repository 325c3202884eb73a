"""Refusals are sentences for people. Every problem becomes one calm page or fragment."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_login import current_user
from markupsafe import escape
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request as PlainRequest
from werkzeug.wrappers import Response as PlainResponse

from webapp.kernel import outage
from webapp.kernel.database import TransactionalFlask, rollback
from webapp.kernel.htmx import wants_fragment
from webapp.kernel.i18n import COOKIE, LANGUAGES, known, speaking
from webapp.kernel.i18n import gettext as _
from webapp.kernel.outage import Trouble, trouble_of
from webapp.kernel.redaction import redact_standard_logs, without_numbers
from webapp.kernel.sizes import megabytes, size_of_file
from webapp.kernel.typed import (
    BEGUN_AS,
    NEVER_KEPT,
    all_shown,
    begun_as,
    came_from_here,
    rescue,
    sealed,
    sendable,
    signed_in_last,
)

log = structlog.get_logger("saty.errors")


#: Who answers where somebody whose sign-in is over sent a form and is refused for it: the door. The factory names it.
ON_SIGN_IN_OVER: list[Callable[[], Response]] = []
#: Refusals after which the same form may well succeed: it is offered again by a button.
PASSING = frozenset({429, 500, 503})


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


#: Sentences that name something of the site, a page to go on from for example; the shell of the pages writes them in.
SENTENCES_OF_THE_SITE: dict[int, Callable[[], str]] = {}


def titles() -> dict[int, str]:
    """Headings of problem pages by status."""
    return {
        400: _("We could not read this request"),
        401: _("Sign in to go on"),
        403: _("This is not possible for you"),
        404: _("There is no such page"),
        405: _("This address cannot be used in this way"),
        409: _("This has changed in the meantime"),
        410: _("This page is no longer here"),
        413: _("That is too much"),
        422: _("Something has to be changed"),
        429: _("Too many tries in a short time"),
        503: _("The service is busy"),
    }


def sentences() -> dict[int, str]:
    """What happened and what to do, by status."""
    return {
        400: _("The address or the form arrived damaged. Go back, and send it again."),
        401: _("This page is for people who have signed in."),
        403: _("You do not have the role that this page needs."),
        405: _("Go back and use the button on the page."),
        410: _("It was withdrawn or removed."),
        413: _("A form holds up to %(size)s MB. Shorten what you typed and send it again.", size=megabytes()),
        422: _("Go back, look at the marked fields and send the form again."),
        429: _("Nothing was done yet. Wait a minute, then try again."),
        503: _("Nothing was changed. Wait a minute, then send it again."),
        **{status: said() for status, said in SENTENCES_OF_THE_SITE.items()},
    }


def problem(
    status: int,
    message: str | None = None,
    title: str | None = None,
    way_out: tuple[str, str] | None = None,
    may_resend: bool = False,
) -> Response:
    """The page of a problem; for HTMX the sentence lands in `#flash` and the page stays.

    What was typed into a form that is refused stands on the page too, to be copied, and can be sent again
    where the reason passes by itself. So no refusal, of whatever kind, loses a text.
    """
    message = message or sentences().get(status) or _("Something went wrong on our side. It has been written down.")
    title = title or titles().get(status) or _("Something went wrong on our side")
    if status >= 500 and (kind := _kind_of_machine()):
        return _for_machines(kind, status, title, message)
    if request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted"):
        kept = _given_back(True)[1] if may_resend else []  # the page stays, but its key is of no use any more
        return _fragment(status, title, message, way_out, kept)
    typed, kept = _given_back(may_resend or status in PASSING)
    html = render_template(
        "errors/problem.html",
        title=title,
        message=message,
        status=status,
        way_out=way_out,
        typed=typed,
        kept=kept,
        action=request.path,
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _fragment(
    status: int, title: str, message: str, way_out: tuple[str, str] | None, kept: list[tuple[str, str]]
) -> Response:
    html = render_template(
        "errors/fragment.html",
        title=title,
        message=message,
        way_out=way_out,
        kept=kept,
        action=request.path,
    )
    response = make_response(html, status)
    response.headers["HX-Retarget"] = "#flash"
    response.headers["HX-Reswap"] = "outerHTML"
    response.headers["Cache-Control"] = "no-store"
    return response


def _given_back(may_resend: bool) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What was typed, with labels; and the fields of the form that may be sent again. Nothing to another site's form."""
    if request.method != "POST" or not came_from_here():
        return [], []
    kept = sendable(NEVER_KEPT) if may_resend else []
    if outage.noted() is not None and begun_as() not in (None, signed_in_last()):
        return all_shown(), []  # nobody can be asked whose it is: to be copied, not to be sent in another's name
    if kept and outage.noted() is None and not current_user.is_authenticated and begun_as() is not None:
        kept.append((BEGUN_AS, sealed(begun_as())))  # a stranger's page says nothing of itself: it stays that account's
    return all_shown(), kept


def _is_refused_at_the_end(status: int) -> bool:
    """Whether somebody is refused because the sign-in that their form was begun with is over."""
    is_stranger = signed_in_last() is not None and not current_user.is_authenticated and outage.noted() is None
    return status in {403, 404} and request.method == "POST" and is_stranger and not wants_fragment()


def _refused(status: int, message: str | None = None, way_out: tuple[str, str] | None = None) -> Response:
    if ON_SIGN_IN_OVER and _is_refused_at_the_end(status):
        return ON_SIGN_IN_OVER[0]()
    return problem(status, message, way_out=way_out)


def _http(error: HTTPException) -> Any:
    if error.response is not None:  # a ready answer, such as a redirect
        return error.response
    if error.code is None or error.code < 400:
        return error
    if error.code == 413:
        return _too_large()
    if error.code == 500:
        return _our_mistake()
    response = _refused(error.code)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _too_large() -> Response:
    """The words that came in front of what was too large are saved; a file is called a file."""
    rescue()
    if size_of_file(request.endpoint) is None and request.mimetype != "multipart/form-data":
        return problem(413)
    said = _("The file may be up to %(size)s MB. Choose a smaller one and send it again.", size=megabytes())
    return problem(413, said, _("That file is too large"))


def _our_mistake() -> Response:
    """A page that asks nothing of the database: it may be what is broken."""
    _let_go(Trouble.AWAY)
    return problem(500)


def _let_go(trouble: Trouble) -> None:
    outage.note(trouble)
    rollback()


def _for_nobody_to_blame(error: BaseException, trouble: Trouble) -> Response:
    """The database is away, full, only to be read, or too busy: a calm page that says so, and when to try again."""
    _let_go(trouble)
    said = str(getattr(error, "orig", None) or error).partition("\n")[0]
    log.error("database unavailable", trouble=trouble, error=said, kind=type(error).__name__, **where())
    title, message = in_words(trouble)
    response = problem(503, message, title)
    response.headers["Retry-After"] = str(RETRY_AFTER[trouble])
    return response


#: In seconds, for machines; the sentences say the same to people.
RETRY_AFTER = {Trouble.AWAY: 30, Trouble.FULL: 300, Trouble.READ_ONLY: 60, Trouble.BUSY: 5}


def _causes() -> dict[Trouble, tuple[str, str, str]]:
    """The heading, what is so, and when to try again."""
    return {
        Trouble.AWAY: (
            _("The service is busy"),
            _("The database of this site does not answer just now. What was saved before is safe."),
            _("Try again in half a minute."),
        ),
        Trouble.FULL: (
            _("There is no room left to save anything"),
            _(
                "The disk of this site is full, so nothing new can be saved. What was saved before is safe and can be read."
            ),
            _("Try again in five minutes."),
        ),
        Trouble.READ_ONLY: (
            _("This site can only be read just now"),
            _("Nothing new can be saved for a while. What was saved before is safe and can be read."),
            _("Try again in a minute."),
        ),
        Trouble.BUSY: (
            _("Very many people are using the site just now"),
            _("The site could not answer you in time."),
            _("Try again in a few seconds."),
        ),
    }


def in_words(trouble: Trouble) -> tuple[str, str]:
    """The heading, and three sentences: what is so, what has become of what was sent, and when to try again."""
    title, cause, when = _causes()[trouble]
    return title, f"{cause} {_what_became_of_it()} {when}"


def _what_became_of_it() -> str:
    if outage.is_in_doubt():
        return _(
            "The connection broke while it was being saved, so we cannot say whether that was done. Check first whether it is there, before you send it again."
        )
    if request.method != "POST":
        return _("Nothing was changed.")
    return _("Nothing was changed. What you typed is on this page and can be sent again.")


_LAST_PAGE = """<!doctype html>
<html lang="{code}">
<head><meta charset="utf-8"><title>{title} · Saty</title><meta name="viewport" content="width=device-width"></head>
<body><main><h1>{title}</h1><p>{message}</p></main></body>
</html>
"""


def last_words(environ: dict[str, Any], error: Exception) -> PlainResponse:
    """The answer where even the page of a problem broke: it needs no template, no session and no database."""
    trouble = trouble_of(error)
    log.error("no page could be made", trouble=trouble, exc_info=error)
    asked = PlainRequest(environ)
    wished = known(asked.cookies.get(COOKIE)) or asked.accept_languages.best_match(list(LANGUAGES), "kk")
    with speaking(wished):
        title = _("Something went wrong on our side")
        message = _("Something went wrong on our side. It has been written down.")
        if trouble:
            title, cause, when = _causes()[trouble]
            message = f"{cause} {when}"
        page = _LAST_PAGE.format(code=wished, title=escape(title), message=escape(message))
    response = PlainResponse(page, 503 if trouble else 500, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    if trouble:
        response.headers["Retry-After"] = str(RETRY_AFTER[trouble])
    return response


#: Addresses that programs read, by their ending.
_MACHINES = {
    **dict.fromkeys(("json", "jsonl"), "json"),
    **dict.fromkeys(("csv", "atom", "ics", "txt", "webp", "pdf"), "text"),
}


def _kind_of_machine() -> str | None:
    """In what a program reads the answer; None where a person does."""
    name = request.path.rpartition("/")[2]
    if request.path == "/metrics":
        return "text"
    return _MACHINES.get(name.rpartition(".")[2]) if "." in name else None


def _for_machines(kind: str, status: int, title: str, message: str) -> Response:
    if kind == "json":
        response = jsonify({"error": title, "message": message, "status": status})
        response.status_code = status
    else:
        response = Response(f"{title}\n{message}\n", status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response


def where() -> dict[str, str]:
    """Where something happened, for a log: the rule of the address, never the address; those of feeds are secrets."""
    return {"route": request.url_rule.rule if request.url_rule is not None else "none"}


def _to_standard_error(*_names: object) -> structlog.PrintLogger:
    """Standard error as it is now: who began the program may have put another stream in its place and closed that."""
    return structlog.PrintLogger(sys.stderr)


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
        logger_factory=_to_standard_error,
    )


def init_errors(app: Flask) -> None:
    """Register one handler a kind."""
    init_logs()

    @app.errorhandler(DomainError)
    def domain(error: DomainError) -> Response:
        return _refused(error.status, error.message, error.way_out)

    app.register_error_handler(HTTPException, _http)
    if isinstance(app, TransactionalFlask):
        app.tell = _for_nobody_to_blame

    @app.errorhandler(DataError)
    def unfit(_error: DataError) -> Response:
        """A number that no column can hold, a NUL byte."""
        return problem(400)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        if (trouble := trouble_of(error)) is not None:
            return _for_nobody_to_blame(error, trouble)
        if app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        log.exception("unexpected error", method=request.method, **where())
        return _our_mistake()
