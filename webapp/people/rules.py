"""Numbers, names and codes of people: pure decisions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

_FIRST = tuple(range(1, 12))
_SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
#: Marks in the header User-Agent, the more particular first: most browsers name others too.
_PROGRAMS = (
    *(("YaBrowser", "Yandex"), ("EdgA", "Edge"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung")),
    *(("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari")),
)
_SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac")),
    ("Linux", "Linux"),
)
#: Latin letters and the Cyrillic ones that look the same, capitals and small letters apart: H is Н, but h is һ.
_LOOK_ALIKE = str.maketrans("ABCEHIKMOPTXYaceikmoptxyhəӘƏ", "АВСЕНІКМОРТХУасеікмортхуһәӘӘ")
_CENTURY = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}
#: What the name of a person may hold besides letters; several hyphens and apostrophes are in use.
_IN_NAMES = frozenset(" .-\u2010\u2011\u2013'\u2019\u02bc\u02bb\u0060")
NAME_MAX = 60
ORGANISATION_IN_MAIL = 100
PASSWORD_MIN = 10
PASSWORD_MAX = 200
#: The second step of signing in (RFC 6238): codes of 30 seconds, and a clock may be one of them off.
STEP_SECONDS = 30
STEPS_OFF = 1
SECOND_STEP_TRIES = 5
SECOND_STEP_PAUSE = timedelta(minutes=5)
RECOVERY_CODES = 10
#: Wrong passwords: so many from one place within so long close the door there, and nowhere else.
TRIES_OF_A_PLACE = 10
PLACE_PAUSE = timedelta(minutes=5)
#: From everywhere together, within so long: from so many on a proof of work is asked, then a longer and the longest one.
TRIES_COUNT = timedelta(hours=1)
TRIES_TO_A_LEVEL = (5, 10, 20)
#: After so many wrong codes for an address, from everywhere together, only codes that nobody guesses are good.
WRONG_CODES = 20
#: Between the password and the code.
HALF_SIGNED_IN = timedelta(minutes=5)
#: A sign-in is over after so long without a sign of life, and after so long whatever happens: residents, staff.
IDLE = {False: timedelta(days=14), True: timedelta(minutes=30)}
ABSOLUTE = {False: timedelta(days=30), True: timedelta(hours=12)}
#: How often a sign of life is written down.
SIGN_OF_LIFE = {False: timedelta(hours=1), True: timedelta(minutes=1)}
#: How long a password that was typed allows dangerous acts.
CONFIRMATION = timedelta(minutes=10)


class NumberFault(StrEnum):
    """Why a number is not an IIN or BIN."""

    LENGTH = "length"
    DATE = "date"
    KIND = "kind"
    CHECKSUM = "checksum"


class CodeFor(StrEnum):
    """What a code that was mailed is good for."""

    ADDRESS = "address"
    SIGN_UP = "sign-up"
    RESET = "reset"
    CHANGE = "change"


class PasswordFault(StrEnum):
    """Why a new password is refused. There are no rules of composition (ASVS 5.0, 6.2.5)."""

    SHORT = "short"
    LONG = "long"
    BREACHED = "breached"
    ABOUT_YOU = "about-you"


def password_fault(password: str, about: tuple[str, ...], is_breached: Callable[[str], bool]) -> PasswordFault | None:
    """Why a password must not be chosen; None when it may. `about`: address and names, which others know.

    A word about the person counts when it makes up more than half of the password.
    """
    if len(password) < PASSWORD_MIN:
        return PasswordFault.SHORT
    if len(password) > PASSWORD_MAX:
        return PasswordFault.LONG
    folded = password.casefold()
    words = [word for text in about for word in (text.casefold(), text.casefold().split("@")[0]) if len(word) >= 4]
    if any(word in folded and 2 * len(word) > len(folded) for word in words):
        return PasswordFault.ABOUT_YOU
    if len(set(folded)) <= 2 or is_breached(password):
        return PasswordFault.BREACHED
    return None


def sign_in_is_over(created: datetime, seen: datetime, is_staff: bool, now: datetime) -> bool:
    """Whether a sign-in has outlived its limits (ASVS 5.0, 7.3.1 and 7.3.2)."""
    return now - seen >= IDLE[is_staff] or now - created >= ABSOLUTE[is_staff]


def browser_name(user_agent: str) -> str:
    """A browser as its owner would call it, "Chrome, Android"; empty where nothing is recognised."""
    program = next((name for mark, name in _PROGRAMS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (program, system) if part)


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


def is_name(name: str) -> bool:
    """Whether this can be the first name or surname of a person: letters, blanks, hyphens, apostrophes, full stops.

    No address and no sentence of a stranger comes through as a name: a full stop stands behind a letter and before
    a blank or the end, and lines, digits and everything else are none of a name.
    """
    if len(name) > NAME_MAX or not any(unicodedata.category(sign).startswith("L") for sign in name):
        return False
    if any(
        sign not in _IN_NAMES
        and unicodedata.category(sign)[0] != "L"
        and unicodedata.category(sign) not in {"Mn", "Mc"}
        for sign in name
    ):
        return False
    return not any(dot == "." and after not in " ." for dot, after in pairwise(name))


def name_in_mail(name: str) -> str:
    """The name of an organisation where a mail says it: one line, at most a hundred signs, and nothing to press on."""
    plain = re.sub(r"[:/\\@<>]+", " ", name)
    plain = " ".join(re.sub(r"(?<=\w)\.(?=\w)", ". ", plain).split())
    return plain if len(plain) <= ORGANISATION_IN_MAIL else plain[: ORGANISATION_IN_MAIL - 1].rstrip() + "…"


def fold_name(name: str) -> str:
    """A surname for comparing: no case, no blanks, hyphens and ё apart from е, Latin letters as the Cyrillic ones that they look like.

    Registers and people mix them up, and nobody sees it. Kazakh letters are no other spelling of Russian ones: they
    stay apart.
    """
    return former_fold(unicodedata.normalize("NFC", name).translate(_LOOK_ALIKE))


def former_fold(name: str) -> str:
    """The same without look-alikes: the keys of a register that was imported before they were folded are made of it."""
    text = unicodedata.normalize("NFC", name).casefold().replace("ё", "е")
    return "".join(letter for letter in text if letter.isalpha())


def open_steps(now: datetime, last_step: int | None) -> tuple[int, ...]:
    """The 30-second steps whose code is accepted now: this one and its neighbours, none up to the last one used.

    A code that somebody looked on at, or that a false page caught and passed on, is worth nothing
    once it was used (RFC 6238, 5.2).
    """
    present = int(now.timestamp()) // STEP_SECONDS
    steps = range(present - STEPS_OFF, present + STEPS_OFF + 1)
    return tuple(step for step in steps if last_step is None or step > last_step)


def next_try(tries: int, since: datetime | None, now: datetime) -> tuple[int, datetime] | None:
    """The count of tries with this one, and since when they are counted; None when it is one too many."""
    if since is None or now - since >= SECOND_STEP_PAUSE:
        return 1, now
    return (tries + 1, since) if tries < SECOND_STEP_TRIES else None


def level_of(failures: int) -> int:
    """How much work a stranger has to show at the door of an account: 0 none, 3 the most. It never closes."""
    return sum(failures >= count for count in TRIES_TO_A_LEVEL)


def plain_code(typed: str) -> str:
    """A code as it is compared: capitals, letters and digits alone."""
    return "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum())
