"""Kazakh endings: how a date, a number, a moment or the name of a place stands inside a sentence.

An ending follows the last vowel of a word (back or front) and its last sound (a vowel, a voiced or a voiceless
consonant). A noun that belongs to another ("Түркістан қаласы", "Абай облысының әкімдігі") takes endings of its own.
A translator writes the case after the placeholder, `%(date)s{dat} дейін`, and `webapp/kernel/i18n.py` fills it in.
Source of the rules: the school grammar of Kazakh (септік жалғаулары); the table is tried word by word in
`tests/rules/test_kazakh.py`.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import lru_cache


class Case(StrEnum):
    """The cases a translator may ask for, as they are written in the catalogue."""

    #: барыс: to, until (дейін)
    DAT = "dat"
    #: шығыс: from, since (бастап)
    ABL = "abl"
    #: жатыс: in, at, on
    LOC = "loc"
    #: жатыс with -ғы/-гі: which is in, of that day
    ADJ = "adj"
    #: ілік: of
    GEN = "gen"
    #: табыс: the object of an act
    ACC = "acc"


MONTHS = (
    "қаңтар",
    "ақпан",
    "наурыз",
    "сәуір",
    "мамыр",
    "маусым",
    "шілде",
    "тамыз",
    "қыркүйек",
    "қазан",
    "қараша",
    "желтоқсан",
)

_BACK, _FRONT = frozenset("аоұыяёю"), frozenset("әөүіеэ")
#: Long vowels and signs that say nothing of the harmony: the vowel before them does.
_VOWELS = _BACK | _FRONT | frozenset("иу")
#: б, в, г and д end a word of another language only, and are spoken as п, ф, к and т there.
_VOICELESS = frozenset("кқпстфхһцчшщбвгд")
_NASAL = frozenset("мнң")

# Endings by the last sound: (back, front).
_AFTER_VOWEL = {
    Case.DAT: ("ға", "ге"),
    Case.ABL: ("дан", "ден"),
    Case.LOC: ("да", "де"),
    Case.ADJ: ("дағы", "дегі"),
    Case.GEN: ("ның", "нің"),
    Case.ACC: ("ны", "ні"),
}
_AFTER_VOICED = _AFTER_VOWEL | {Case.GEN: ("дың", "дің"), Case.ACC: ("ды", "ді")}
_AFTER_NASAL = _AFTER_VOICED | {Case.ABL: ("нан", "нен"), Case.GEN: ("ның", "нің")}
_AFTER_VOICELESS = {
    Case.DAT: ("қа", "ке"),
    Case.ABL: ("тан", "тен"),
    Case.LOC: ("та", "те"),
    Case.ADJ: ("тағы", "тегі"),
    Case.GEN: ("тың", "тің"),
    Case.ACC: ("ты", "ті"),
}
#: After the ending of belonging: қаласына, облысынан, әкімдігінде.
_AFTER_BELONGING = {
    Case.DAT: ("на", "не"),
    Case.ABL: ("нан", "нен"),
    Case.LOC: ("нда", "нде"),
    Case.ADJ: ("ндағы", "ндегі"),
    Case.GEN: ("ның", "нің"),
    Case.ACC: ("н", "н"),
}
#: What a place or a body is called by; each belongs to the word before it. All territories and bodies end in one of
#: them, or in аудан, which is no one's.
BELONGING = frozenset(
    {
        "қаласы",
        "облысы",
        "ауданы",
        "республикасы",
        "әкімдігі",
        "үкіметі",
        "ауылы",
        "округі",
        "кенті",
        "министрлігі",
        "агенттігі",
        "басқармасы",
        "бөлімі",
        "мекемесі",
        "ауылдары",
        "мекені",
        "өңірі",
        "маслихаты",
    }
)
_UNITS = ("нөл", "бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз")
_TENS = ("", "он", "жиырма", "отыз", "қырық", "елу", "алпыс", "жетпіс", "сексен", "тоқсан")
#: By groups of three zeros. Above a milliard nobody counts here.
_GROUPS = ("", "мың", "миллион", "миллиард", "триллион", "квадриллион")
_SIGNS = {"%": "пайыз", "₸": "теңге", "№": "нөмір"}
#: The number at the end of a text, in at most fifteen digits, blanks between them.
_NUMBER = re.compile(r"(?:[0-9]\s?){0,14}[0-9]\Z")
_LETTERS = re.compile(r"[^\W\d_]+")
_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})")


def _is_back(word: str) -> bool:
    for sign in reversed(word):
        if sign in _BACK:
            return True
        if sign in _FRONT:
            return False
    return "и" not in word


def _is_vowel(word: str) -> bool:
    """Whether a word ends in a vowel; у after a vowel is a consonant (тау), й always is."""
    return word[-1] in _VOWELS and not (word[-1] == "у" and len(word) > 1 and word[-2] in _VOWELS)


@lru_cache(maxsize=4096)
def ending(word: str, case: Case) -> str:
    """What is put after a word: `ending("қазан", Case.DAT)` is "ға". Empty for a word without a Cyrillic letter.

    Belonging is known for the words of `BELONGING`; any other word is taken as it sounds.
    """
    word = word.lower().rstrip("ьъ")
    if not word or not any("а" <= sign <= "ӿ" for sign in word):
        return ""
    if word in BELONGING:
        table = _AFTER_BELONGING
    elif _is_vowel(word):
        table = _AFTER_VOWEL
    elif word[-1] in _VOICELESS:
        table = _AFTER_VOICELESS
    elif word[-1] in _NASAL:
        table = _AFTER_NASAL
    else:
        table = _AFTER_VOICED
    back, front = table[case]
    return back if _is_back(word) else front


def spoken_end(number: int) -> str:
    """The last word of a number that is read aloud: 0 нөл, 10 он, 25 бес, 300 жүз, 12,000 мың."""
    if number == 0:
        return _UNITS[0]
    group = 0
    while number % 1000 == 0:
        number, group = number // 1000, group + 1
    if group:
        return _GROUPS[min(group, len(_GROUPS) - 1)]
    if number % 10:
        return _UNITS[number % 10]
    return _TENS[number // 10 % 10] if number % 100 else "жүз"


@lru_cache(maxsize=4096)
def day_in(case: Case, day: date) -> str:
    """A day inside a sentence: 2026 жылғы 15 желтоқсанға."""
    month = MONTHS[day.month - 1]
    return f"{day.year} жылғы {day.day} {month}{ending(month, case)}"


@lru_cache(maxsize=4096)
def moment_in(case: Case, day: date, clock: str) -> str:
    """A moment inside a sentence: 2026 жылғы 15 желтоқсан сағат 10:45-ке; with `LOC` the day takes the ending, too."""
    month = MONTHS[day.month - 1]
    date_part = day_in(case, day) if case is Case.LOC else f"{day.year} жылғы {day.day} {month}"
    return f"{date_part} сағат {clock}-{ending(_clock_end(clock), case)}"


def _clock_end(clock: str) -> str:
    hours, minutes = clock.split(":")
    return spoken_end(int(minutes) or int(hours))


@lru_cache(maxsize=4096)
def words_in(case: Case, text: str) -> str:
    """A name or a number as it stands in a text, with its ending: «Түркістан қаласында», «12 345-тен», «71%-дан».

    Between quotation marks or brackets, or in Latin letters, nothing can be put after it: it comes back as it is.
    """
    bare = text.rstrip()
    if not bare:
        return text
    if clock := _CLOCK.fullmatch(bare[-5:]):
        return f"{bare}-{ending(_clock_end(clock.group()), case)}"
    if bare[-1] in _SIGNS:
        return f"{bare}-{ending(_SIGNS[bare[-1]], case)}"
    if found := _NUMBER.search(bare):
        digits = found.group()
        return f"{bare}-{ending(spoken_end(int(''.join(digits.split()))), case)}"
    words = _LETTERS.findall(bare)
    return bare + ending(words[-1], case) if words and bare.endswith(words[-1]) else text
