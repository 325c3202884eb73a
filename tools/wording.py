"""What a careful editor would mark in the texts of the interface: in the catalogues, the demonstration, and on pages.

`catalogue_faults` looks at translations, `data_faults` at the texts of JSON and CSV files, `page_faults` at what a
reader sees once everything is filled in. `make check` runs the first two; the tests run the third on every page and mail.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from webapp.kernel.kazakh import MONTHS, Case, words_in
from webapp.wording.rules import Fault as Refusal
from webapp.wording.rules import fault_of

HERE = Path(__file__).resolve().parent
LETTER = "A-Za-zА-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі"
CYRILLIC = "А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі"
HOLE = re.compile(r"%\(([a-z_]+)\)([sd])(?:\{([a-z]+)\})?")

#: Kazakh words that ask for the dative and the ablative of the word before them.
_POSTPOSITIONS = {"дейін": Case.DAT, "шейін": Case.DAT, "қарай": Case.DAT, "бастап": Case.ABL, "бері": Case.ABL}
_BARE = re.compile(rf"%\([a-z_]+\)[sd]\s+({'|'.join((*_POSTPOSITIONS, 'кейін'))})(?![{CYRILLIC}])")
#: A placeholder that holds a day or a moment, by its name.
_OF_TIME = re.compile(r"date|until|since|due|day|moment|time|at|on|when|before|after|from|to|first|last|begin|end")
#: What may stand after a day without an ending: a day that was named (күні, күнгі), or a word that leaves it as it is.
_AFTER_A_DAY = re.compile(r"күн|үшін|сайын|мен\b|және\b|немесе\b|бойынша|болып|ж\.")
#: An ending after a placeholder is right for one number only; an ordinal is a word of its own: 5-жол.
_ORDINALS = r"жол|кезең|нұсқа|қадам|саты|рет|көрсеткіш|бап|тармақ|й\b|я\b|е\b|м\b|го\b|ю\b"
_GLUED = re.compile(rf"%\([a-z_]+\)[sd]-(?!(?:{_ORDINALS}))[{CYRILLIC}]")
_LATIN_AND_CYRILLIC = re.compile(rf"(?<!QR)(?<!PIN)(?<=[A-Za-z])-[{CYRILLIC}]")
_MIXED = re.compile(rf"(?:[A-Za-z][{CYRILLIC}]|[{CYRILLIC}][A-Za-z])")
_POLITE = {
    "kk": re.compile(r"(?<=[а-яәғқңөұүһі,;:—–)»”\d] )Сіз(?:ді|ге|ден|дің|де|бен)?(?![а-яәғқңөұүһі])"),
    "ru": re.compile(r"(?<=[а-яё,;:—–)»”\d] )В(?:ы|ас|ам|ами|аш(?:а|е|и|его|ему|ей|ем|им|ими|их|у)?)(?![а-яё])"),
}
_SPACED_EN = re.compile(r"(?<![\d\s%)]) – | – (?![\d%(])")
_HYPHEN = re.compile(rf"(?<=[{LETTER})\d]) - (?=[{LETTER}(\d])")
#: Quotation marks by language; “…” inside «…» is the second level.
_QUOTES = {"kk": "“", "ru": "“", "en": "«"}
_ENDS = ".:?!…"
_COUNT = re.compile(rf"%\(([a-z_]+)\)d (?!или\b|мин\b|МБ\b)[{CYRILLIC}]{{3,}}")
#: Placeholders that number something, and count nothing: line 3.
_NO_COUNT = frozenset({"line", "number", "version", "year", "step"})
#: Placeholders that hold what is never declined: names of people, organisations, departments; titles; numbers of papers.
_NO_ENDING = frozenset({"name", "names", "title", "titles", "department", "organisation", "places", "email", "what"})


#: What an operator's text is refused for, too; placeholders are compared more strictly in `check_catalogues.py`.
_UNSAYABLE = {
    Refusal.MARK: "a case mark where nothing is declined",
    Refusal.PER_CENT: "a single per cent sign beside a placeholder",
    Refusal.MARKUP: "angle brackets",
}


@dataclass(frozen=True)
class Fault:
    """What is wrong, and with which text."""

    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:100]!r}"


@cache
def banned() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """The words that nobody writes here any more, by language, with what is written instead (`banned_words.txt`)."""
    rows = []
    for line in (HERE / "banned_words.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            lang, pattern, instead = re.split(r": | => ", line)
            rows.append((lang, re.compile(rf"(?<![{LETTER}])(?:{pattern})", re.IGNORECASE), instead))
    return tuple(rows)


@cache
def shared() -> frozenset[tuple[str, frozenset[str]]]:
    """Texts that may share one translation, by language: the same thing is meant (`shared_words.txt`)."""
    rows = set()
    for line in (HERE / "shared_words.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            lang, *texts = (part.strip() for part in line.split("|"))
            rows.add((lang, frozenset(texts)))
    return frozenset(rows)


def forms_of(message: Message) -> tuple[list[str], list[str]]:
    """The English and the translated forms of a message."""
    sources = [message.id] if isinstance(message.id, str) else list(message.id)
    texts = [message.string] if isinstance(message.string, str) else list(message.string)
    return sources, texts


def catalogue_faults(catalogue: Catalog, lang: str) -> Iterator[Fault]:
    """Everything an editor would mark in a catalogue."""
    meant: dict[str, set[str]] = defaultdict(set)
    said: dict[str, set[str]] = defaultdict(set)
    for message in catalogue:
        if not message.id:
            continue
        sources, texts = forms_of(message)
        for text in filter(None, texts):
            if kind := _UNSAYABLE.get(fault_of(sources, text, lang)):
                yield Fault(kind, text)
            yield from text_faults(text, lang)
            yield from _hole_faults(text, lang)
        if len(sources) == 1 and texts[0]:
            yield from _against_source(sources[0], texts[0], lang)
            meant[_plain(texts[0])].add(sources[0])
            said[sources[0].casefold()].add(texts[0].casefold())
    for text, english in meant.items():
        different = {_plain(one) for one in english}
        if len(different) > 1 and not any(
            language == lang and different <= {_plain(one) for one in allowed} for language, allowed in shared()
        ):
            yield Fault("one translation for two things", " | ".join([text, *sorted(english)]))
    for source, translations in said.items():
        if len(translations) > 1:
            yield Fault("one thing with two translations", " | ".join([source, *sorted(translations)]))


_ARTICLES = re.compile(r"\b(?:a|an|the|your|it is) ")


def _plain(text: str) -> str:
    """A text without what makes no other thing of it: letter case, the end, articles."""
    return _ARTICLES.sub("", text.casefold()).strip(" .:…!")


def english_faults(catalogue: Catalog) -> Iterator[Fault]:
    """The same for the English texts, which are the keys of the catalogue."""
    for message in catalogue:
        if message.id:
            for text in forms_of(message)[0]:
                yield from text_faults(text, "en")


def text_faults(text: str, lang: str) -> Iterator[Fault]:
    """What is wrong in any text of a language, whatever is filled in."""
    bare = HOLE.sub("%", text)
    if lang != "en":
        if _LATIN_AND_CYRILLIC.search(bare):
            yield Fault("a Latin word with a Cyrillic ending", text)
        if _MIXED.search(bare):
            yield Fault("two scripts in one word", text)
        if _POLITE[lang].search(text):
            yield Fault("Сіз, Вы with a capital letter inside a sentence", text)
        if _SPACED_EN.search(text):
            yield Fault("a dash is —", text)
    if '"' in text:
        yield Fault("straight quotation marks", text)
    if _QUOTES[lang] in text and not (lang != "en" and "«" in text):
        yield Fault("quotation marks of another language", text)
    if "  " in text:
        yield Fault("two blanks", text)
    for language, pattern, instead in banned():
        if language == lang and (found := pattern.search(text)):
            yield Fault(f"“{found.group()}”: write {instead}", text)


def _hole_faults(text: str, lang: str) -> Iterator[Fault]:
    """What is wrong round the placeholders of a translation."""
    if any(mark and name in _NO_ENDING for name, _kind, mark in HOLE.findall(text)):
        yield Fault("a case mark where nothing is declined", text)
    if lang == "kk":
        yield from _ending_faults(text)
        if _BARE.search(text):
            yield Fault("a postposition after a value without an ending", text)
        for found in HOLE.finditer(text):
            after = text[found.end() :]
            following = re.match(rf" ([{CYRILLIC.lower()}]+)", after)
            is_day = not found.group(3) and found.group(2) == "s" and _OF_TIME.fullmatch(found.group(1))
            if is_day and following and following.group(1).islower() and not _AFTER_A_DAY.match(following.group(1)):
                yield Fault("a day without its case", text)
    if _GLUED.search(text):
        yield Fault("an ending that is right for one value only", text)


def _against_source(source: str, text: str, lang: str) -> Iterator[Fault]:
    last, wanted = text.rstrip(" »”)")[-1:], source.rstrip(" ”)")[-1:]
    is_greeting = source.startswith("Hello") and last == "!"
    if (last in _ENDS or wanted in _ENDS) and last != wanted and "…" not in {last, wanted} and not is_greeting:
        yield Fault(f"ends otherwise than {source[-20:]!r}", text)
    if _HYPHEN.search(HOLE.sub("%", text)) and not _HYPHEN.search(HOLE.sub("%", source)):
        yield Fault("a hyphen for a dash", text)
    if lang == "ru" and any(found.group(1) not in _NO_COUNT for found in _COUNT.finditer(text)):
        yield Fault("a count before a noun, without forms for numbers", text)


def data_faults(texts: Iterable[str]) -> Iterator[Fault]:
    """Two scripts in one word, in any text of a data file."""
    for text in texts:
        for word in re.findall(rf"[{LETTER}]+", text):
            if _MIXED.search(word):
                yield Fault("two scripts in one word", word)


# What a reader sees.

_MONTH = "|".join(MONTHS)
_DAY_KK = rf"\d{{4}} ж\. \d{{1,2}} (?:{_MONTH})(?:, \d\d:\d\d)?"
_KIND_KK = r"(?:қаласы|облысы|ауданы|Республикасы|әкімдігі|Үкіметі|ауылы|округі|кенті)"
_WRONG_KK = {
    "a postposition after a day without an ending": re.compile(
        rf"{_DAY_KK},? (?:{'|'.join(_POSTPOSITIONS)}|кейін)(?![{CYRILLIC}])"
    ),
    "a day without its case": re.compile(
        rf"{_DAY_KK} (?!күн|үшін|сайын|мен |және |немесе |бойынша)[а-яәғқңөұүһі]{{3,}}(?= [а-яәғқңөұүһі]|[.,])"
    ),
    "a day with its year twice": re.compile(r"ж\.\s+(?:жылғы|жылы)|жылғы\s+жылғы"),
    "a name without its ending": re.compile(rf"{_KIND_KK} (?:{'|'.join(_POSTPOSITIONS)})(?![{CYRILLIC}])"),
    "a number without its ending": re.compile(
        rf"(?<![№.\d-])\d+ (?:{'|'.join(_POSTPOSITIONS)}|ішінен)(?![{CYRILLIC}])"
    ),
}
_KIND_RU = r"(?:город|область|район|Республика) "
_WRONG_RU = {
    "a name without its case": re.compile(
        rf"(?<![{CYRILLIC}])(?:из|от|до|для|без|у|около|к|по|о|об|при|после|кроме|против|акимат|жители|жителей) "
        rf"(?:{_KIND_RU}|[А-ЯЁ][а-яё-]+(?:ская|цкая) область|[А-ЯЁ][а-яё-]+(?:ский|цкий) район)"
    ),
    "a day with its year twice": re.compile(r"года (?:года|г\.)"),
}
_ENDING_KK = re.compile(rf"(?<![\d.,:/-])(\d[\d\u00a0]*)-([а-яәғқңөұүһі]+)(?![{CYRILLIC}])")
_MARK_LEFT = re.compile(rf"\{{(?:{'|'.join(Case)})\}}|%\([a-z_]+\)")


def page_faults(text: str, lang: str) -> list[Fault]:
    """Days, numbers and names in the wrong case, and marks that nobody filled in, in the text of a page or mail.

    Of numbers, in Kazakh, the ending; in Russian, the form of the noun after them (`count_faults`).
    """
    wrong = {"kk": _WRONG_KK, "ru": _WRONG_RU}.get(lang, {})
    faults = [Fault(kind, found.group()) for kind, pattern in wrong.items() for found in pattern.finditer(text)]
    faults += [Fault("a mark that nobody filled in", found.group()) for found in _MARK_LEFT.finditer(text)]
    if lang == "kk":
        faults += _ending_faults(text)
    return faults


def _ending_faults(text: str) -> list[Fault]:
    """Kazakh endings after a number that is read otherwise: «20-тен»."""
    known = {form for forms in _ENDINGS.values() for form in forms}
    return [
        Fault("an ending of another number", found.group())
        for found in _ENDING_KK.finditer(text)
        if found.group(2) in known and found.group() not in {words_in(case, found.group(1)) for case in Case}
    ]


_ENDINGS = {
    case: {words_in(case, str(number)).partition("-")[2] for number in (*range(10), *range(10, 101, 10), 1000)}
    for case in Case
}


def nouns_of(catalogue: Catalog) -> dict[str, set[tuple[str, str, str]]]:
    """Russian nouns that are counted somewhere, by each of their forms: (день, дня, дней), (голоса, голосов, голосов)."""
    found: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for message in catalogue:
        if message.id and not isinstance(message.id, str):
            forms = [re.search(rf"%\(num\)[sd] ([а-яё]+)(?![{CYRILLIC}])", text) for text in message.string]
            if len(forms) == 3 and all(forms):
                one, few, many = (form.group(1) for form in forms if form)
                if len({one, few, many}) > 1:
                    for form in (one, few, many):
                        found[form].add((one, few, many))
    return dict(found)


def count_faults(text: str, nouns: dict[str, set[tuple[str, str, str]]]) -> list[Fault]:
    """Russian nouns in another form than the number before them asks for: «21 дней»; after из, до … the genitive."""
    faults = []
    for found in re.finditer(r"(?:(\w+) )?(?<![\d.,:№/–-])(\d[\d\u00a0]*) ([а-яё]+)", text):
        before, digits, noun = found.groups()
        number = int(re.sub(r"\D", "", digits))
        is_one = number % 10 == 1 and number % 100 != 11
        is_few = number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14}
        slot = 0 if is_one else 1 if is_few else 2
        is_genitive = (before or "").lower() in _GENITIVE
        fitting = set()
        for triple in nouns.get(noun, ()):
            if is_genitive and triple[1] != triple[2]:  # of the nominative: до 21 дня, до 2 дней
                fitting.add(triple[1 if is_one else 2])
            else:
                fitting |= {triple[slot], _accusative(triple[slot]) if is_one else triple[slot]}
        if fitting and noun not in fitting:
            faults.append(Fault("a noun in the form of another number", found.group()))
    return faults


_GENITIVE = frozenset(
    ["из", "от", "до", "более", "менее", "больше", "меньше", "около", "свыше", "после", "без", "для", "у"]
)


def _accusative(word: str) -> str:
    return word[:-1] + {"а": "у", "я": "ю"}.get(word[-1], word[-1])


def sentences(faults: Sequence[Fault]) -> list[str]:
    """Each fault once, as a line."""
    return sorted({str(fault) for fault in faults})
