"""What the address of a list asks for: read part by part, and nothing that was not understood is passed over.

A program that asked for a sphere that does not exist must not be given the whole list as if it had asked for
nothing: it is told, with 400. People see the list without what was not understood, and a sentence that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from flask import Response, abort, g, jsonify, request
from werkzeug.datastructures import MultiDict

from webapp.kernel.database import LARGEST_KEY
from webapp.kernel.i18n import gettext as _
from webapp.kernel.paging import decode_mark
from webapp.kernel.text import iso_date, shortened, whole_number

#: What other sites add to an address that is shared there: nobody who follows it has asked for anything by it.
_STAMPS = ("utm_", "fbclid", "gclid", "yclid", "ysclid", "_openstat", "igsh", "mc_")
_SHOWN_BYTES, _LISTED = 60, 24
#: So many sentences are said at once: an address may hold thousands of parts, and an answer of ours must not grow with it.
_SAID = 10


class Asked:
    """The parts of an address behind the question mark. Each is read once, and every fault is kept as a sentence."""

    def __init__(self, args: MultiDict[str, str] | None = None) -> None:
        self.args = request.args if args is None else args
        self.faults: list[str] = []
        self._read: set[str] = set()

    def _raw(self, name: str) -> str:
        self._read.add(name)
        values = self.args.getlist(name)
        if len(values) > 1:
            self.faults.append(_("“%(name)s” is in the address more than once.", name=name))
        return values[0] if values else ""

    def _refuse(self, name: str, value: str, allowed: Collection[str] = ()) -> None:
        shown = {"name": name, "value": shortened(value, _SHOWN_BYTES)}
        said = _("“%(value)s” is not a value of “%(name)s”.", **shown)
        listed = [one for one in allowed if one]
        if listed and len(listed) <= _LISTED:
            said += " " + _("It can be: %(names)s.", names=", ".join(listed))
        self.faults.append(said)

    def choice(self, name: str, allowed: Collection[str], usual: str = "") -> str:
        """One of a list; what is usual where nothing was asked."""
        value = self._raw(name)
        if not value or value in allowed:
            return value or usual
        self._refuse(name, value, allowed)
        return usual

    def code(self, name: str, exists: Callable[[str], Any]) -> str:
        """The KATO code of a territory that is there."""
        value = self._raw(name)
        if not value:
            return ""
        if value.isascii() and value.isdigit() and len(value) == 9 and exists(value) is not None:
            return value
        self._refuse(name, value)
        return ""

    def number(self, name: str, least: int = 0, most: int = LARGEST_KEY) -> int | None:
        """A whole number between two others."""
        value = self._raw(name)
        number = whole_number(value, digits=10)
        if not value or (number is not None and least <= number <= most):
            return number
        self._refuse(name, value)
        return None

    def day(self, name: str) -> str:
        """A day, as year-month-day, in the years of this country."""
        value = self._raw(name)
        day = iso_date(value)
        if not value or (day is not None and 1991 <= day.year <= 2100):
            return value
        self._refuse(name, value)
        return ""

    def mark(self, width: int, name: str = "page") -> str | None:
        """The mark of a page, made by us for a list that is sorted by so many columns."""
        value = self._raw(name)
        if not value or decode_mark(value, width) is not None:
            return value or None
        self._refuse(name, value)
        return None

    def text(self, name: str) -> str:
        """Words, whatever they are."""
        return self._raw(name)

    def kept(self, name: str, understood: str) -> None:
        """A part that somebody else has read, and what became of it."""
        value = self._raw(name)
        if value and value != understood:
            self._refuse(name, value)

    def _leftover(self, is_program: bool) -> list[str]:
        names = sorted({name for name in self.args if name not in self._read})
        if not is_program:
            names = [name for name in names if not name.startswith(_STAMPS)]
        said = [shortened(name, _SHOWN_BYTES) for name in names[:_SAID]]
        return [_("“%(name)s” is not part of this list.", name=name) for name in said]

    def by_a_program(self) -> None:
        """All has been read: a program is refused with what was not understood."""
        faults = [*self.faults, *self._leftover(is_program=True)]
        if faults:
            abort(_refusal(faults[:_SAID]))

    def by_a_person(self) -> None:
        """All has been read: the page says what was not understood, and no search engine keeps it."""
        faults = [*self.faults, *self._leftover(is_program=False)]
        if faults:
            g.not_understood = faults[:_SAID]


def _refusal(faults: list[str]) -> Response:
    if request.path.endswith((".csv", ".atom")):
        response = Response("\n".join(faults) + "\n", 400, content_type="text/plain; charset=utf-8")
    else:
        response = jsonify({"error": faults})
        response.status_code = 400
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept-Language")
    return response
