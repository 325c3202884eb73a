"""Tables that come in as CSV files: read strictly, so that no cell is lost, moved or made up on the way.

A spreadsheet forgives, an import must not: a row that is a cell short would be padded, one that is a cell too long
would lose its end, a stray quotation mark would swallow the rows below it. What is wrong is said with its line.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from webapp.kernel.i18n import gettext as _

#: RFC 4180: a cell is quoted as a whole, or holds no quotation mark.
_CELL = r'(?:"(?:[^"]|"")*"|[^",\r\n]*)'
_RECORD = re.compile(rf"{_CELL}(?:,{_CELL})*[\r\n]*")
_OTHER_SEPARATORS = {";": ";", "\t": "tab", "|": "|"}
_LEAST_CYRILLIC = 0.8


class BadTable(ValueError):
    """Why a file is no table that can be read; the message is a sentence."""


@dataclass
class Table:
    """Rows by the line they end on, lines that are none, and columns that nobody asked for."""

    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def other_encoding(raw: bytes) -> str:
    """What bytes that are no UTF-8 probably are; nothing where nobody can say."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or raw[:64].count(0) > len(raw[:64]) // 8:
        return "UTF-16"
    return "windows-1251" if _is_windows_1251(raw) else ""


def decoded(raw: bytes) -> str:
    """The text of a file in UTF-8, with a mark of byte order or without. Raises `BadTable` that names what it is instead."""
    wrong = {
        "UTF-16": _("This file is in UTF-16. Save it as CSV in UTF-8."),
        "windows-1251": _("This file is in windows-1251, not in UTF-8. Save it as CSV in UTF-8."),
    }
    if other_encoding(raw[:64]) == "UTF-16":
        raise BadTable(wrong["UTF-16"])
    if b"\x00" in raw:
        line = raw[: raw.index(b"\x00")].count(b"\n") + 1
        raise BadTable(_("Line %(line)d contains a zero byte: this is not a text file.", line=line))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        if other_encoding(raw):
            raise BadTable(wrong[other_encoding(raw)]) from error
        raise BadTable(_("This file is not in UTF-8: line %(line)d contains other bytes.", line=line)) from error


def _is_windows_1251(raw: bytes) -> bool:
    """Bytes above ASCII that are nearly all Cyrillic letters when they are read that way."""
    high = bytes(byte for byte in raw[:100_000] if byte >= 0x80).decode("cp1251", errors="replace")
    letters = sum("\u0400" <= sign <= "\u04ff" or sign in "№«»—" for sign in high)
    return bool(high) and letters >= _LEAST_CYRILLIC * len(high)


class _Lines:
    """Lines of a text, which remembers those of the record that is being read."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.record.append(line)
            yield line


def read_csv(raw: bytes, needed: Sequence[str], known: Sequence[str] | None = None) -> Table:
    """A table with at least the columns `needed`; where `known` is given, with no others than these.

    Raises `BadTable` with a sentence, and the line where there is one.
    """
    table = Table()
    for line, row in _records(io.StringIO(decoded(raw), newline=""), needed, known, table.unread):
        if isinstance(row, str):
            table.problems.append((line, row))
        else:
            table.rows.append((line, row))
    return table


class LongTable:
    """A table in a file that is larger than what fits into memory: read row by row, twice or more if need be.

    Whoever goes through it gets the line of each row with its cells, or with a sentence where it is none. Raises
    `BadTable` as `read_csv` does, at the beginning for bytes that are no text.
    """

    def __init__(self, path: Path, needed: Sequence[str]) -> None:
        self._path, self._needed = path, needed
        self.unread: list[str] = []
        _ensure_text(path)

    def __iter__(self) -> Iterator[tuple[int, dict[str, str] | str]]:
        self.unread.clear()
        with self._path.open(encoding="utf-8-sig", newline="") as lines:
            yield from _records(lines, self._needed, None, self.unread)


def _ensure_text(path: Path) -> None:
    """Say of a long file what `decoded` says of a short one, line by line."""
    with path.open("rb") as file:
        head = file.read(100_000)
        file.seek(0)
        for number, line in enumerate(file, start=1):
            if number == 1:
                decoded(head[:64] if other_encoding(head[:64]) == "UTF-16" else b"")
            if b"\x00" in line:
                raise BadTable(_("Line %(line)d contains a zero byte: this is not a text file.", line=number))
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                if other_encoding(head) == "windows-1251":
                    decoded(head + line)
                raise BadTable(
                    _("This file is not in UTF-8: line %(line)d contains other bytes.", line=number)
                ) from error


def _records(
    text: Iterable[str], needed: Sequence[str], known: Sequence[str] | None, unread: list[str]
) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each row with its line, or what is wrong with it; `unread` gets the columns that nobody asked for."""
    lines = _Lines(text)
    reader = csv.reader(lines, strict=True)
    heading, is_empty = list[str](), True
    try:
        for cells in reader:
            record, lines.record = "".join(lines.record), []
            if '"' in record and not _RECORD.fullmatch(record):
                raise BadTable(
                    _(
                        "Line %(line)d has a quotation mark inside a cell. Put the whole cell into quotation marks and write the inner ones twice.",
                        line=reader.line_num,
                    )
                )
            if not heading:
                heading = _heading(cells, needed, known)
                unread += [name for name in heading if known is None and name not in needed]
            elif any(cells):
                is_empty = False
                if len(cells) == len(heading):
                    yield reader.line_num, dict(zip(heading, cells, strict=True))
                else:
                    yield reader.line_num, _width(len(cells), len(heading))
    except csv.Error as error:
        raise BadTable(_broken(error, reader.line_num)) from error
    if not heading:
        raise BadTable(_("The file is empty."))
    if is_empty:
        raise BadTable(_("The file has no lines below the first one."))


def _broken(error: csv.Error, line: int) -> str:
    if "end of data" in str(error):
        return _(
            "A quotation mark is opened in the file and never closed. We searched for its end until line %(line)d.",
            line=line,
        )
    if "field larger" in str(error):
        return _("A cell in line %(line)d is larger than 128 kilobytes.", line=line)
    return _(
        "Line %(line)d has something after a closing quotation mark. Write quotation marks inside a cell twice.",
        line=line,
    )


def _heading(cells: list[str], needed: Sequence[str], known: Sequence[str] | None) -> list[str]:
    names = [cell.strip() for cell in cells]
    if len(names) == 1 and len(needed) > 1:
        for sign, said in _OTHER_SEPARATORS.items():
            if sign in names[0]:
                raise BadTable(_("The columns are separated by “%(sign)s”. Save the file with commas.", sign=said))
    twice = sorted({name for name in names if names.count(name) > 1 and name})
    if twice:
        raise BadTable(_("The first line names a column twice: %(names)s.", names=", ".join(twice)[:120]))
    missing = [name for name in needed if name not in names]
    if missing:
        raise BadTable(_("The first line does not name the columns: %(names)s.", names=", ".join(missing)))
    strange = [name for name in names if not name or (known is not None and name not in known)]
    if strange:
        shown = ", ".join(repr(name)[:40] for name in strange)[:200]
        raise BadTable(_("The first line names columns that this import does not know: %(names)s.", names=shown))
    return names


def _width(count: int, wanted: int) -> str:
    return _(
        "Cells in this line: %(count)d; in the first line: %(wanted)d. A cell with a comma in it needs quotation marks around it.",
        count=count,
        wanted=wanted,
    )
