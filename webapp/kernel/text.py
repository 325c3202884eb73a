"""Text from outside, brought into one normal form."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

#: control, surrogate, format and private characters have no place in a text; the joiner of scripts stays
_INVISIBLE = frozenset({"Cc", "Cs", "Cf", "Co"})
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
#: What Unicode calls a letter or a sign and no font draws: Braille without dots, Hangul fillers, a null of music.
_BLANK_SIGNS = frozenset("\u2800\u3164\u115f\u1160\uffa0\U0001d159")
_DRAWN = frozenset("LNPS")
#: Unicode keeps U+FDD0 to U+FDEF and the last two of every plane for programs; they are no characters.
_NO_CHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
_NO_CHARACTER = re.compile(f"[{_NO_CHARACTERS}]")
_FORBIDDEN_IN_XML = re.compile(f"[^\t\n\r\x20-\ud7ff\ue000-\U0010ffff]|[{_NO_CHARACTERS}]")
_EMPTY_BEFORE = re.compile(r"\A(?:[^\S\n]*\n)+")
_ISO_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,3})?")


def is_visible(text: str | None) -> bool:
    """Whether anybody can see something of a text: blanks, fillers and marks without a letter are no words."""
    return any(unicodedata.category(sign)[0] in _DRAWN and sign not in _BLANK_SIGNS for sign in text or "")


def _normal(text: str | None) -> str:
    lines = _NO_CHARACTER.sub("", _LINE_ENDS.sub("\n", text or ""))
    kept = "".join(sign for sign in lines if sign in "\n\t\u200d" or unicodedata.category(sign) not in _INVISIBLE)
    normal = unicodedata.normalize("NFC", kept)
    return normal if is_visible(normal) else ""


def tidy(text: str | None) -> str:
    """One normal form, no invisible controls, no blanks around; line ends are \\n. What nobody can see is no text."""
    return _normal(text).strip()


def tidy_lines(text: str | None) -> str:
    """The same of a text of several lines: how far its first line is set in stays, as that of every other line."""
    return _EMPTY_BEFORE.sub("", _normal(text)).rstrip()


def one_line(text: str | None) -> str:
    """The same in one line: every run of blanks and line ends is one blank."""
    return " ".join(tidy(text).split())


def fit_for_xml(text: str) -> str:
    """A text without what XML 1.0 forbids, whoever brought it into the database."""
    return _FORBIDDEN_IN_XML.sub("", text)


def read_json(raw: str | bytes) -> Any:
    """What somebody sent as JSON. Raises ValueError for all that is none, a nest too deep for Python's reader among it."""
    try:
        return json.loads(raw)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def shortened(text: str, limit: int) -> str:
    """A text of at most `limit` bytes; where it was longer it ends at a word, with three dots."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    kept = raw[: max(0, limit - 3)].decode(errors="ignore")
    at_a_word = kept.rsplit(None, 1)[0] if len(kept.split()) > 1 else kept
    return at_a_word.rstrip() + "…"


def whole_number(raw: str | None, digits: int = 9) -> int | None:
    """A number from outside, written in at most so many of the digits 0 to 9; None for anything else.

    Nine digits fit every key of the database; Python itself refuses to read some thousand.
    """
    text = raw or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def spaced_number(raw: str | None) -> int | None:
    """A whole number of at most fifteen digits, as sums are written: maybe with blanks between the digits."""
    return whole_number("".join((raw or "").split()), digits=15)


def iso_date(raw: str | None) -> date | None:
    """A day of the calendar, written as year-month-day in ASCII digits; None for anything else, weeks of ISO 8601 too."""
    text = raw or ""
    try:
        return date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
    except ValueError:
        return None


def all_written(*texts: str) -> bool:
    """Whether there is something to see in every text; what must stand in Kazakh and in Russian is asked so."""
    return all(map(is_visible, texts))


def decimal_number(raw: str | None) -> Decimal | None:
    """A decimal number from outside: a sign, at most twelve digits before and three after a point or comma."""
    text = "".join((raw or "").split()).replace(",", ".").replace("−", "-")
    return Decimal(text) if _DECIMAL.fullmatch(text) else None
