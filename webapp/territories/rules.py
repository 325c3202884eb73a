"""How the official classifier (KATO, NK RK 11-2025) becomes a tree with readable names."""

from __future__ import annotations

import re
from collections.abc import Container
from enum import StrEnum

NATION = "000000000"
#: Cities that report straight to the Government although their code begins like a region's.
STRAIGHT_TO_NATION = frozenset({"191800000"})


class Kind(StrEnum):
    """What a territory is."""

    NATION = "nation"
    REGION = "region"
    REPUBLICAN_CITY = "republican_city"
    CITY = "city"
    DISTRICT = "district"
    CITY_DISTRICT = "city_district"
    RURAL = "rural"
    SETTLEMENT = "settlement"


class Rung(StrEnum):
    """A step of the ladder."""

    CITY = "city"
    REGION = "region"
    NATION = "nation"


class PopulationSource(StrEnum):
    """Where a population in the project's own table comes from; an import may bring a text of its own."""

    NATIONAL_STATISTICS = "national-statistics"
    PARASAT = "parasat"
    VLAST_ROUNDED = "vlast-rounded"


#: The rung on which the body of a territory acts. A republican city is city and region at once:
#: it stands on the city's rung and its next rung is the nation.
RUNG_OF_KIND = {
    Kind.NATION: Rung.NATION,
    Kind.REGION: Rung.REGION,
    Kind.REPUBLICAN_CITY: Rung.CITY,
    Kind.CITY: Rung.CITY,
    Kind.DISTRICT: Rung.CITY,
}


def rung_of(kind: str) -> str:
    """The rung of a kind of territory; empty for places inside a city or district."""
    rung = RUNG_OF_KIND.get(Kind(kind))
    return rung.value if rung else ""


class CodeError(ValueError):
    """A code that the classifier cannot contain."""


def is_code(kato: str) -> bool:
    """Nine digits, the first two of them not 00."""
    return bool(re.fullmatch(r"[0-9]{9}", kato)) and not kato.startswith("00")


def parent_code(kato: str, codes: Container[str]) -> str:
    """The nearest existing code with the same prefix of 7, 6, 4 or 2 digits, else the nation.

    Source: checked against the explicit parents of all 1,255 rows of Turkistan Region, no mismatch;
    zeroing the last digit instead gives 40 errors.
    """
    if kato in STRAIGHT_TO_NATION:
        return NATION
    for length in (7, 6, 4, 2):
        candidate = kato[:length] + "0" * (9 - length)
        if candidate != kato and candidate in codes:
            return candidate
    return NATION


def is_astray(kato: str, codes: Container[str]) -> bool:
    """Whether a place that needs a region above it has none: one wrong digit would make a village the nation's."""
    return kato not in STRAIGHT_TO_NATION and parent_code(kato, codes) == NATION


def kind_of(level: str, type_code: str, name_kk: str, parent_kind: str) -> Kind:
    """What a row of the classifier is, from its level, type and name. Raises `CodeError` on an unknown level."""
    if level == "oblast":
        return Kind.REPUBLICAN_CITY if type_code == "1" else Kind.REGION
    if level == "district":
        is_city = name_kk.endswith(("Қ.Ә.", "Г.А.", "қаласы"))
        return Kind.CITY if is_city else Kind.DISTRICT
    if level == "sub_district":
        return Kind.CITY_DISTRICT if parent_kind == Kind.REPUBLICAN_CITY else Kind.RURAL
    if level == "settlement":
        return Kind.SETTLEMENT
    raise CodeError(level)


_KK = (
    (r"\s*[ҚқГг]\.\s?[ӘәАа]\.$", " қаласы"),
    (r"\s+к\.\s?ә\.$", " кенттік әкімдігі"),
    (r"\s+а\.\s?о\.$", " ауылдық округі"),
    (r"\s+а\.\s?ә\.$", " ауылдық әкімдігі"),
    (r"\s+қ\.$", " қаласы"),
    (r"\s+к\.$", " кенті"),
    (r"\s+а\.$", " ауылы"),
    (r"атын\.\s*ауданы$", "атындағы аудан"),
)
_RU = (
    (r"^(.+?)\s+Г\.А\.$", r"город \1"),
    (r"^г\.\s*", "город "),
    (r"^с\.\s*", "село "),
    (r"^п\.\s*(?!а)", "посёлок "),
    (r"\s+с\.о\.$", " сельский округ"),
    (r"\s+г\.а\.$", " городская администрация"),
    (r"\s+п\.а\.$", " поселковая администрация"),
    (r"^Район\b", "район"),
    (r"им\.\s*", "имени "),
)


def display_name(name: str, language: str) -> str:
    """A classifier's name without its abbreviations: "Туркестан Г.А." is "город Туркестан"."""
    text = " ".join(name.split())
    for pattern, replacement in _KK if language == "kk" else _RU:
        text = re.sub(pattern, replacement, text)
    return text.strip()


_LATIN = dict(
    zip(
        "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
        [
            "a",
            "a",
            "b",
            "v",
            "g",
            "g",
            "d",
            "e",
            "e",
            "zh",
            "z",
            "i",
            "i",
            "k",
            "k",
            "l",
            "m",
            "n",
            "n",
            "o",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "u",
            "u",
            "f",
            "kh",
            "h",
            "ts",
            "ch",
            "sh",
            "shch",
            "",
            "y",
            "i",
            "",
            "e",
            "yu",
            "ya",
        ],
        strict=True,
    )
)


def transliterate(text: str) -> str:
    """Plain Latin letters for a Kazakh or Russian name; used where no English name is established."""
    letters = []
    for letter in text:
        latin = _LATIN.get(letter.lower())
        if latin is None:
            letters.append(letter)
        else:
            letters.append(latin.capitalize() if letter.isupper() else latin)
    return "".join(letters)
