"""Numbers, names and codes of people: pure decisions."""

from __future__ import annotations

import unicodedata
from datetime import date
from enum import StrEnum

_FIRST = tuple(range(1, 12))
_SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_CENTURY = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}
PASSWORD_MIN = 10
PASSWORD_MAX = 200


class NumberFault(StrEnum):
    """Why a number is not an IIN or BIN."""

    LENGTH = "length"
    DATE = "date"
    KIND = "kind"
    CHECKSUM = "checksum"


def check_digit(first_eleven: str) -> int | None:
    """The twelfth digit of an IIN or BIN, or None where no digit exists (such numbers are not issued).

    Source: orders P030000565_ and P070000406_ of the Government; weights 1..11, then 3..11,1,2 when
    the remainder is 10. The first pass does not protect the eleventh digit, so the checksum finds
    typing slips and proves nothing.
    """
    digits = [int(digit) for digit in first_eleven]
    for weights in (_FIRST, _SECOND):
        remainder = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if remainder < 10:
            return remainder
    return None


def _is_twelve_digits(number: str) -> bool:
    return len(number) == 12 and number.isascii() and number.isdigit()


def iin_fault(iin: str) -> NumberFault | None:
    """Why this is not the individual identification number of a person; None when it can be."""
    if not _is_twelve_digits(iin):
        return NumberFault.LENGTH
    century = _CENTURY.get(iin[6])
    if century is None:
        return NumberFault.KIND
    try:
        date(century + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))
    except ValueError:
        return NumberFault.DATE
    return None if check_digit(iin[:11]) == int(iin[11]) else NumberFault.CHECKSUM


def bin_fault(number: str) -> NumberFault | None:
    """Why this is not the business identification number of an organisation; None when it can be."""
    if not _is_twelve_digits(number):
        return NumberFault.LENGTH
    if not 1 <= int(number[2:4]) <= 12:
        return NumberFault.DATE
    if number[4] not in "456" or number[5] not in "0123":
        return NumberFault.KIND
    return None if check_digit(number[:11]) == int(number[11]) else NumberFault.CHECKSUM


def public_name(given: str, surname: str, full: bool) -> str:
    """First name and first letter of the surname, or the whole name where the person wants it so."""
    if full or not surname:
        return f"{given} {surname}".strip()
    return f"{given} {surname[0]}."


def fold_name(name: str) -> str:
    """A surname for comparing: no case, no blanks, hyphens and ё apart from е."""
    text = unicodedata.normalize("NFC", name).casefold().replace("ё", "е")
    return "".join(letter for letter in text if letter.isalpha())


def normal_email(email: str) -> str:
    """One spelling of an address; capitals do not make another person."""
    return unicodedata.normalize("NFC", email).strip().lower()
