"""Kazakh, Russian, English: which one a page speaks, and how dates and numbers are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache, wraps
from typing import Literal
from urllib.parse import urlencode

from babel import Locale
from babel import dates as babel_dates
from babel import numbers as babel_numbers
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel, force_locale
from flask_babel.speaklater import LazyString
from jinja2 import pass_context
from jinja2.runtime import Context
from werkzeug.local import LocalProxy

from webapp.kernel.cases import Day, PlaceName, filled, marked
from webapp.kernel.clock import EARLIEST, LOCAL_ZONE
from webapp.kernel.text import iso_date

LANGUAGES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
COOKIE = "lang"
_LOCALES = {"kk": Locale.parse("kk"), "ru": Locale.parse("ru_KZ"), "en": Locale.parse("en_GB")}

babel = Babel()
#: A thread serves one request after another: what was kept for one is forgotten at its end.
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)
_catalogues: dict[str, Translations | NullTranslations] = {code: NullTranslations() for code in LANGUAGES}
#: Texts as they are said in each language, kept: a page asks for some hundred of the same ones.
_said: dict[str, dict[str, str]] = {code: {} for code in LANGUAGES}
_heard: ContextVar[dict[str, str] | None] = ContextVar("heard", default=None)
#: What the operator of a site says instead, by language, English text and plural form (0 where there is one form).
_instead: dict[str, Mapping[tuple[str, int], str]] = {code: {} for code in LANGUAGES}


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


def say_instead(code: str, texts: Mapping[tuple[str, int], str]) -> None:
    """From now on this process says these texts of one language otherwise; what was said so before is forgotten."""
    _instead[code] = dict(texts)
    _said[code].clear()
    for words in _words_by_language:
        words.pop(code, None)


@contextmanager
def listening() -> Iterator[dict[str, str]]:
    """What is said in this thread meanwhile: the texts, unfilled, by their English words in the order of the first time."""
    heard: dict[str, str] = {}
    for words in _words_by_language:
        words.clear()  # what was put together before would not be heard
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def _spoken_text(text: str) -> str:
    """A text in the language being spoken, its case marks read."""
    code = current_language()
    said = _said[code].get(text)
    if said is None:
        said = _said[code][text] = marked(_instead[code].get((text, 0)) or _catalogues[code].ugettext(text))
    if (heard := _heard.get()) is not None:
        heard[text] = said
    return said


def _spoken_count(one: str, many: str, num: int) -> str:
    """The same for a number; a text is known by its English singular."""
    code = current_language()
    catalogue, instead = _catalogues[code], _instead[code]
    text = instead.get((one, catalogue.plural(num))) if instead else None
    said = marked(text or catalogue.ungettext(one, many, num))
    if (heard := _heard.get()) is not None:
        heard[one] = said
    return said


def gettext(text: str, **values: object) -> str:
    """The text in the language being spoken, with `%(name)s` filled in.

    Flask-Babel finds the catalogue anew for every text; a page has some hundred of them.
    """
    return filled(_spoken_text(text), values, current_language())


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The text for a number; `%(num)d` is the number itself."""
    return filled(_spoken_count(one, many, num), {"num": num, **values}, current_language())


def lazy_gettext(text: str, **values: object) -> LazyString:
    """The same, spoken when it is shown: for what is written where no request is at hand, as the labels of forms."""
    return LazyString(gettext, text, **values)


@pass_context
def _text_of_page(context: Context, text: str, /, **values: object) -> str:
    return filled(_spoken_text(text), values, current_language(), context.eval_ctx.autoescape)


@pass_context
def _count_of_page(context: Context, one: str, many: str, num: int, /, **values: object) -> str:
    return filled(_spoken_count(one, many, num), {"num": num} | values, current_language(), context.eval_ctx.autoescape)


#: What `by_language` keeps, of each function.
_words_by_language: list[dict[str, dict[str, str]]] = []


def by_language(function: Callable[[], dict[str, str]]) -> Callable[[], dict[str, str]]:
    """Words that depend on nothing but the language are put together once for each; every caller gets a copy."""
    kept: dict[str, dict[str, str]] = {}
    _words_by_language.append(kept)

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
    genitive = getattr(record, f"{attribute}_ru_gen", "") if code == "ru" else ""
    return PlaceName(text, genitive) if genitive else str(text)


@lru_cache(maxsize=4096)
def _decimal(value: int | float, code: str) -> str:
    return str(babel_numbers.format_decimal(value, locale=_LOCALES["ru" if code == "en" else code]))


def format_number(value: int | float) -> str:
    """12 345 with a no-break space."""
    return _decimal(value, current_language())


@lru_cache(maxsize=4096)
def _percent(value: int | float, code: str) -> str:
    return str(babel_numbers.format_percent(value / 100, locale=_LOCALES[code]))


def format_percent(value: int | float) -> str:
    """A share of a hundred as people of the language write it: 71% in Kazakh and English, 71 % in Russian."""
    return _percent(value, current_language())


#: The library's own would double the full stop of a sentence ("г."), shorten months to other words (жел is wind) or
#: leave out the word that Russian wants after a year.
_STYLES = {
    "kk": dict.fromkeys(("long", "medium"), "y\u00a0'ж'. d MMMM"),
    "ru": {"long": "d MMMM y 'года'", "medium": "d MMMM y"},
    "en": {"long": "d MMMM y", "medium": "d MMM y"},
}
#: A day whose year stands beside it already.
_IN_ITS_YEAR = "d MMMM"


@lru_cache(maxsize=4096)
def _date(value: date, style: str, code: str) -> Day:
    style = _STYLES[code].get(style, style)
    return Day(babel_dates.format_date(value, format=style, locale=_LOCALES[code]), value)


def format_date(value: date | datetime, style: str = "long") -> Day:
    """A date as people of the language write it: 2026 ж. 14 наурыз, 14 марта 2026 года, 14 March 2026."""
    if isinstance(value, datetime):
        value = value.astimezone(LOCAL_ZONE).date()
    return _date(value, style, current_language())


def format_span(first: date | str, last: date | str) -> str:
    """From one day to another; what both share stands once: 2026 ж. 1 наурыз — 5 сәуір, 1–21 сентября 2026 года.

    Days of a kept version are strings, year-month-day.
    """
    code = current_language()
    first, last = (iso_date(day) or EARLIEST if isinstance(day, str) else day for day in (first, last))
    if first == last:
        return format_date(first)
    if first.year != last.year:
        return f"{format_date(first)} — {format_date(last)}"
    is_one_month = first.month == last.month and first < last
    begin = f"{first.day}–" if is_one_month else f"{_date(first, _IN_ITS_YEAR, code)} — "
    if code == "kk":
        return f"{first.year}\u00a0ж. {begin}{_date(last, _IN_ITS_YEAR, code)}"
    return f"{begin}{format_date(last)}"


def format_datetime(value: datetime) -> Day:
    """Date and time of day in Kazakhstan."""
    local = value.astimezone(LOCAL_ZONE)
    clock = f"{local:%H:%M}"
    return Day(f"{format_date(local)}, {clock}", local.date(), clock)


def format_clock(value: datetime) -> str:
    """The time of day in Kazakhstan: 10:45."""
    return f"{value.astimezone(LOCAL_ZONE):%H:%M}"


def format_tenge(value: int) -> str:
    """Whole tenge: 58 300 000 ₸."""
    return f"{format_number(value)}\u00a0₸"


@lru_cache(maxsize=4096)
def _short_sum(value: int, code: str) -> str:
    if abs(value) < 1_000_000:
        return _decimal(value, code)
    style: Literal["long", "short"] = "long" if code == "en" else "short"  # bankers write "6.9B"; everybody "6,9 млрд"
    short = babel_numbers.format_compact_decimal(value, format_type=style, locale=_LOCALES[code], fraction_digits=1)
    return str(short).replace(" ", "\u00a0")


def format_short_tenge(value: int) -> str:
    """A large sum at a glance, from a million on with one digit after the point: 6,9 млрд ₸. The exact one stands elsewhere."""
    return f"{_short_sum(value, current_language())}\u00a0₸"


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
    for said in _said.values():
        said.clear()
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]
    app.jinja_env.globals.update(gettext=_text_of_page, ngettext=_count_of_page)
    app.jinja_env.globals["lang"] = LocalProxy(current_language)
    app.jinja_env.globals["localized"] = localized
    app.jinja_env.filters.update(
        number=format_number,
        percent=format_percent,
        date=format_date,
        datetime=format_datetime,
        clock=format_clock,
        tenge=format_tenge,
        short_tenge=format_short_tenge,
    )
    app.jinja_env.globals["span"] = format_span
