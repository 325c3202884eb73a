"""Russian names of places in the genitive: of the city, of the region.

The table of territories has the genitive of every place of the country (`name_ru_gen`); for a place that an operator
imported without it, the word that says what it is takes its ending, and the name stays as official papers leave it:
село Акжар, села Акжар.
"""

from __future__ import annotations

import re

#: The words a place is called by.
_KINDS = {
    "город": "города",
    "область": "области",
    "район": "района",
    "село": "села",
    "аул": "аула",
    "посёлок": "посёлка",
    "поселок": "поселка",
    "округ": "округа",
    "станция": "станции",
    "разъезд": "разъезда",
    "республика": "республики",
    "микрорайон": "микрорайона",
    "участок": "участка",
}
#: An adjective before or after such a word agrees with it: Туркестанская область, Сауранский район.
_ADJECTIVES = (
    (re.compile(r"(ск|цк)ая$"), r"\1ой"),
    (re.compile(r"(ск|цк)ий$"), r"\1ого"),
    (re.compile(r"(ск|цк)ое$"), r"\1ого"),
)


def genitive(name: str) -> str:
    """The name with its kind and its adjectives in the genitive; everything else stays: «Туркестанской области»."""
    return " ".join(_word(word) for word in name.split(" "))


def _word(word: str) -> str:
    found = _KINDS.get(word.lower())
    if found:
        return found.capitalize() if word[:1].isupper() else found
    for ending, instead in _ADJECTIVES:
        if ending.search(word):
            return ending.sub(instead, word)
    return word
