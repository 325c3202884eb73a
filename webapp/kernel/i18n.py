"""Kazakh, Russian, English: which one a page speaks, and how dates and numbers are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache, wraps
from urllib.parse import urlencode

from babel import Locale
from babel import dates as babel_dates
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel, force_locale
from werkzeug.local import LocalProxy

from webapp.kernel.clock import LOCAL_ZONE

LANGUAGES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
COOKIE = "lang"
_LOCALES = {"kk": Locale.parse("kk"), "ru": Locale.parse("ru_KZ"), "en": Locale.parse("en_GB")}

babel = Babel()
#: A thread serves one request after another: what was kept for one is forgotten at its end.
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)
_catalogues: dict[str, Translations | NullTranslations] = {code: NullTranslations() for code in LANGUAGES}


def known(code: str | None) -> str | None:
    """The language code if the interface speaks it."""
    return code if code in LANGUAGES else None


def chosen_language() -> str:
    """Cookie, then the browser's wish, then the setting; an unknown language is simply not chosen."""
    return (
        known(request.cookies.get(COOKIE))
        or known(request.accept_languages.best_match(list(LANGUAGES)))
        or known(current_app.config["DEFAULT_LANGUAGE"])
        or "kk"
    )


def current_language() -> str:
    """The language being spoken now: the page's, or of the mail that is being written.

    Asked some hundred times a page, so the answer is kept until the end of the request.
    """
    spoken = _spoken.get()
    if spoken is not None:
        return spoken
    if not has_request_context():
        return "en"
    _spoken.set(chosen := chosen_language())
    return chosen


def gettext(text: str, **values: object) -> str:
    """The text in the language being spoken, with `%(name)s` filled in.

    Flask-Babel finds the catalogue anew for every text; a page has some hundred of them.
    """
    spoken = str(_catalogues[current_language()].ugettext(text))
    return spoken % values if values else spoken


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The text for a number; `%(num)d` is the number itself."""
    return str(_catalogues[current_language()].ungettext(one, many, num)) % {"num": num, **values}


def by_language(function: Callable[[], dict[str, str]]) -> Callable[[], dict[str, str]]:
    """Words that depend on nothing but the language are put together once for each; every caller gets a copy."""
    kept: dict[str, dict[str, str]] = {}

    @wraps(function)
    def spoken() -> dict[str, str]:
        code = current_language()
        words = kept.get(code)
        if words is None:
            words = kept[code] = function()
        return dict(words)

    return spoken


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Speak one language for a while: a mail in the language of its reader."""
    token = _spoken.set(code)
    try:
        with force_locale(code):
            yield
    finally:
        _spoken.reset(token)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak one language where no request is at hand any more."""
    token = _spoken.set(code)
    try:
        yield
    finally:
        _spoken.reset(token)


def localized(record: object, attribute: str = "name") -> str:
    """`name_kk`, `name_ru` or `name_en` of a record, whichever the reader speaks; Russian where English is absent."""
    code = current_language()
    text = getattr(record, f"{attribute}_{code}", None)
    if text is None:
        text = getattr(record, f"{attribute}_ru")
    return str(text)


@lru_cache(maxsize=4096)
def _decimal(value: int | float, code: str) -> str:
    return str(format_decimal(value, locale=_LOCALES["ru" if code == "en" else code]))


def format_number(value: int | float) -> str:
    """12 345 with a no-break space."""
    return _decimal(value, current_language())


@lru_cache(maxsize=4096)
def _date(value: date, style: str, code: str) -> str:
    if code == "ru":  # the library's "г." would double the full stop of a sentence
        style = {"long": "d MMMM y", "medium": "d MMM y"}.get(style, style)
    return str(babel_dates.format_date(value, format=style, locale=_LOCALES[code]))


def format_date(value: date | datetime, style: str = "long") -> str:
    """A date as people of the language write it: 2026 ж. 14 наурыз."""
    if isinstance(value, datetime):
        value = value.astimezone(LOCAL_ZONE).date()
    return _date(value, style, current_language())


def format_datetime(value: datetime) -> str:
    """Date and time of day in Kazakhstan."""
    local = value.astimezone(LOCAL_ZONE)
    return f"{format_date(local)}, {local:%H:%M}"


def format_clock(value: datetime) -> str:
    """The time of day in Kazakhstan: 10:45."""
    return f"{value.astimezone(LOCAL_ZONE):%H:%M}"


def format_tenge(value: int) -> str:
    """Whole tenge: 58 300 000 ₸."""
    return f"{format_number(value)}\u00a0₸"


def language_links() -> list[dict[str, object]]:
    """The switch: each language under its own name, leading back to this very page."""
    here = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return [
        {
            "code": code,
            "label": label,
            "url": f"/language?{urlencode({'to': code, 'next': here})}",
            "current": code == current_language(),
        }
        for code, label in LANGUAGES.items()
    ]


def _forget_language(_error: BaseException | None) -> None:
    _spoken.set(None)


def init_i18n(app: Flask) -> None:
    """Languages for views and templates."""
    babel.init_app(app, locale_selector=current_language)
    app.teardown_request(_forget_language)
    folder = app.config["BABEL_TRANSLATION_DIRECTORIES"]
    _catalogues.update({code: Translations.load(folder, [code]) for code in LANGUAGES})
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["lang"] = LocalProxy(current_language)
    app.jinja_env.globals["localized"] = localized
    app.jinja_env.filters.update(
        number=format_number, date=format_date, datetime=format_datetime, clock=format_clock, tenge=format_tenge
    )
