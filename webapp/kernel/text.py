"""Text from outside, brought into one normal form."""

from __future__ import annotations

import json
import re
import unicodedata
from decimal import Decimal
from typing import Any

#: control, surrogate, format and private characters have no place in a text; the joiner of scripts stays
_INVISIBLE = frozenset({"Cc", "Cs", "Cf", "Co"})
_DECIMAL = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,3})?")


def tidy(text: str | None) -> str:
    """One normal form, no invisible controls, no blanks around; line ends are \\n."""
    normal = unicodedata.normalize("NFC", text or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in normal if c in "\n\t\u200d" or unicodedata.category(c) not in _INVISIBLE)
    return "".join(kept).strip()


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


def all_written(*texts: str) -> bool:
    """Whether every text has more than blanks; what must stand in Kazakh and in Russian is asked so."""
    return all(text.strip() for text in texts)


def decimal_number(raw: str | None) -> Decimal | None:
    """A decimal number from outside: a sign, at most twelve digits before and three after a point or comma."""
    text = "".join((raw or "").split()).replace(",", ".").replace("−", "-")
    return Decimal(text) if _DECIMAL.fullmatch(text) else None
