"""What an operator says instead of a text of ours: the file `texts.csv` in the folder of the site.

Columns `english`, `form` (empty, or 0, 1, 2 for the forms of a number) and `instead_en`, `instead_kk`, `instead_ru`;
all others are for the eye, so that the table of `flask texts --csv` comes back as it went out. A row that cannot be
said is passed over and named in the log and by `flask texts --check`; it never keeps a site from starting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from flask import Flask

from webapp.kernel.i18n import LANGUAGES, say_instead
from webapp.kernel.tables import BadTable, read_csv
from webapp.kernel.text import tidy_lines, whole_number
from webapp.wording.catalogue import Text, all_texts
from webapp.wording.rules import Fault, fault_of

log = structlog.get_logger("saty.wording")
FILE = "texts.csv"
NEEDED = ("english", "form")
INSTEAD = {code: f"instead_{code}" for code in LANGUAGES}
MOST_BYTES = 5_000_000


@dataclass
class Read:
    """What a file says instead, by language; and the lines that cannot be said, with the reason."""

    texts: dict[str, dict[tuple[str, int], str]] = field(default_factory=lambda: {code: {} for code in LANGUAGES})
    problems: list[tuple[int, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many texts are said otherwise."""
        return sum(map(len, self.texts.values()))


SAID = {
    Fault.UNKNOWN: "no text of the interface reads so in English",
    Fault.FORM: "this text has no such form for numbers",
    Fault.PLACEHOLDERS: "other placeholders than the English text has",
    Fault.PER_CENT: "a single % must be written as %%",
    Fault.MARK: "a mark in braces that is no case of this language, or does not follow a placeholder",
    Fault.MARKUP: "angle brackets: a text is no markup",
}


def read(folder: str, catalogues: str) -> Read:
    """The operator's file in a folder, held against the compiled catalogues; nothing where there is none.

    Raises `BadTable` with a sentence where it cannot be read as a table at all.
    """
    found = Read()
    path = Path(folder) / FILE
    if not path.is_file():
        return found
    if path.stat().st_size > MOST_BYTES:
        raise BadTable(f"{FILE} is larger than {MOST_BYTES} bytes.")
    table, texts = read_csv(path.read_bytes(), NEEDED), all_texts(catalogues)
    found.problems += table.problems
    for line, row in table.rows:
        for code, instead, fault in _of_row(row, texts):
            if fault is not None:
                found.problems.append((line, f"{code}: {SAID[fault]}"))
            else:
                found.texts[code][row["english"], int(row["form"] or 0)] = instead
    found.problems.sort()
    return found


def _of_row(row: dict[str, str], texts: dict[str, Text]) -> Iterator[tuple[str, str, Fault | None]]:
    for code, column in INSTEAD.items():
        instead = tidy_lines(row.get(column))
        if not instead:
            continue
        text = texts.get(row["english"])
        form = whole_number(row["form"] or "0", digits=1)
        if text is None:
            yield code, instead, Fault.UNKNOWN
        elif form is None or form >= len(text.forms[code]):
            yield code, instead, Fault.FORM
        else:
            yield code, instead, fault_of(text.forms["en"], instead, code)


def init_wording(app: Flask) -> None:
    """Say what the operator says instead; what cannot be said is in the log."""
    try:
        found = read(app.instance_path, app.config["BABEL_TRANSLATION_DIRECTORIES"])
    except (BadTable, OSError) as error:
        log.warning("the operator's texts cannot be read", file=FILE, error=str(error))
        found = Read()
    for line, said in found.problems:
        log.warning("a text of the operator is passed over", file=FILE, line=line, error=said)
    for code, texts in found.texts.items():
        say_instead(code, texts)
