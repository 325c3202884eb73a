"""Values of a text in the case that its sentence asks for: days, moments, numbers, names of places and bodies.

A translator writes the case after the placeholder, `%(date)s{dat} дейін`; the value knows, or learns, its form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache

from markupsafe import Markup

from webapp.kernel import kazakh, russian
from webapp.kernel.kazakh import Case


class Day(str):
    """A day as it is written in a list, that knows how it stands inside a sentence."""

    __slots__ = ("clock", "day")
    day: date
    #: the time of day, "10:45"; empty for a day alone
    clock: str

    def __new__(cls, text: str, day: date, clock: str = "") -> Day:
        """`text` as a list shows it, the day in Kazakhstan, the time of day."""
        made = super().__new__(cls, text)
        made.day, made.clock = day, clock
        return made


class PlaceName(str):
    """The name of a place, with its Russian genitive where the table of territories has one."""

    __slots__ = ("genitive",)
    genitive: str

    def __new__(cls, text: str, genitive: str) -> PlaceName:
        """The name, and the genitive of it."""
        made = super().__new__(cls, text)
        made.genitive = genitive
        return made


class _Marked(str):
    """A translation that asks for a case of one of its values."""

    __slots__ = ()


#: `%(date)s{dat}`: the value in that case. The mark becomes a part of the name under which the value is asked for.
_MARK = re.compile(r"%\(([a-z_]+)\)[sd]\{(" + "|".join(Case) + r")\}")


@lru_cache(maxsize=8192)
def marked(text: str) -> str:
    """A translation as it is kept: its case marks are parts of the names of its values."""
    made = _MARK.sub(r"%(\1{\2})s", text)
    return text if made == text else _Marked(made)


def in_case(value: object, case: Case, code: str) -> object:
    """A value as it stands in a sentence of that language.

    Kazakh: days, moments, numbers and names of places and bodies. Russian: names of places in the genitive.
    """
    if code == "kk":
        if isinstance(value, Day):
            said = kazakh.moment_in(case, value.day, value.clock) if value.clock else kazakh.day_in(case, value.day)
        else:
            said = kazakh.words_in(case, str(value))
    elif code == "ru" and case is Case.GEN:
        said = value.genitive if isinstance(value, PlaceName) else russian.genitive(str(value))
    else:
        return value
    return Markup(said) if isinstance(value, Markup) else said  # nosec B704  # noqa: S704 (what was safe, with an ending)


#: By what stands behind the brace that opens a mark.
_CASES = {f"{case}}}": case for case in Case}


class _InCases(Mapping[str, object]):
    """The values of a text; `date{dat}` is the value of `date` in that case."""

    def __init__(self, values: Mapping[str, object], code: str) -> None:
        self._values, self._code = values, code

    def __getitem__(self, name: str) -> object:
        bare, _brace, case = name.partition("{")
        value = self._values[bare]
        return in_case(value, _CASES[case], self._code) if case else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def filled(text: str, values: Mapping[str, object], code: str, is_safe: bool = False) -> str:
    """A translation of that language with its values; `is_safe` for a page, where they are escaped.

    Where nothing is filled in, a text stands as it is written: a per cent sign is one.
    """
    if not values:
        return Markup(text) if is_safe else str(text)  # nosec B704  # noqa: S704 (our own text)
    asked = _InCases(values, code) if isinstance(text, _Marked) else values
    return Markup(text) % asked if is_safe else text % asked  # nosec B704  # noqa: S704 (our own text)
