"""The three levels as a table: what `/strategy.csv` gives, the import takes, as drafts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from webapp.cascade.words import PLURAL_OF
from webapp.kernel.database import db
from webapp.kernel.errors import DomainError
from webapp.kernel.exports import as_written
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import tidy, whole_number
from webapp.people.models import User
from webapp.proposals.choices import spheres
from webapp.strategies.models import Direction, Programme
from webapp.strategies.reading import found
from webapp.strategies.rules import CHOSEN, CONTENT, Level
from webapp.strategies.services import begin
from webapp.strategies.versions import MODELS, Subject
from webapp.territories.models import Territory

TEXTS = (
    *("title_kk", "title_ru", "title_en", "text_kk", "text_ru", "owner_kk", "owner_ru", "sphere", "goals"),
    *CHOSEN,
)
COLUMNS = ("level", "id", "parent_id", "kato", *TEXTS, "starts_on", "ends_on", "budget_tenge", "version", "url")
MOST_ROWS, MOST_BYTES = 500, 2_000_000


def rows() -> Iterator[dict[str, Any]]:
    """Everything in force, from the nation down."""
    for level in Level:
        model = MODELS[level]
        query = select(model).where(model.published_at.is_not(None), model.closed_at.is_(None)).order_by(model.id)
        for subject in db.session.scalars(query.execution_options(yield_per=500)):
            yield _plain(level, subject)


def _plain(level: Level, subject: Subject) -> dict[str, Any]:
    parent = getattr(subject, "direction_id", None) or getattr(subject, "programme_id", None)
    plain: dict[str, Any] = {name: getattr(subject, name, "") for name in TEXTS}
    dates = {name: value.isoformat() if (value := getattr(subject, name)) else "" for name in ("starts_on", "ends_on")}
    return {
        **plain,
        **dates,
        "level": level.value,
        "id": subject.id,
        "parent_id": parent or "",
        "kato": subject.territory.kato,
        "budget_tenge": getattr(subject, "budget_tenge", None) or "",
        "version": subject.version,
        "url": f"/{PLURAL_OF[level]}/{subject.id}",
    }


@dataclass(frozen=True)
class BadRow:
    """A line of the file that cannot be taken, and why."""

    line: int
    sentence: str


def take_in(actor: User, territory: Territory, raw: bytes, now: datetime) -> tuple[int, list[BadRow]]:
    """Drafts of a territory out of a CSV file: all of them or, when one line is bad, none.

    Returns how many lines there were, and the bad ones; when there are any, the caller's transaction must not
    be committed.
    """
    lines, fault = _read(raw)
    if fault:
        return 0, [BadRow(1, fault)]
    bad = []
    for number, line in lines:
        sentence = _take(actor, territory, line, now)
        if sentence:
            bad.append(BadRow(number, sentence))
    return len(lines), bad


def _read(raw: bytes) -> tuple[list[tuple[int, dict[str, str]]], str]:
    if len(raw) > MOST_BYTES:
        return [], _("The file is larger than 2 megabytes.")
    try:
        text = raw.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""))
        lines = [(number, dict(line)) for number, line in enumerate(reader, start=2)]
    except (UnicodeDecodeError, csv.Error):
        return [], _("This is no CSV file in UTF-8.")
    missing = [name for name in ("level", "title_kk", "title_ru") if name not in (reader.fieldnames or ())]
    if missing:
        return [], _("The first line has no column %(names)s.", names=", ".join(missing))
    if not lines:
        return [], _("The file has no lines below the first one.")
    if len(lines) > MOST_ROWS:
        return [], _("The file has more than %(count)d lines.", count=MOST_ROWS)
    return lines, ""


def _take(actor: User, territory: Territory, line: dict[str, str], now: datetime) -> str:
    """Begin one draft; the sentence of what is wrong with the line, or nothing."""
    cells = {name: _cell(line.get(name)) for name in COLUMNS}
    if cells["level"] not in set(Level):
        return _("The level is direction, programme or measure.")
    level = Level(cells["level"])
    content: dict[str, Any] = {name: cells[name] for name in CONTENT[level] if name in TEXTS}
    if any(len(value) > _limit(level, name) for name, value in content.items()):
        return _("A text is too long.")
    if content["sphere"] and content["sphere"] not in spheres():
        return _("No sphere is called %(name)s.", name=content["sphere"][:40])
    try:
        content |= {name: date.fromisoformat(cells[name]) if cells[name] else None for name in ("starts_on", "ends_on")}
    except ValueError:
        return _("Write the date as year-month-day, for example 2026-12-31.")
    if level is Level.MEASURE:
        content["budget_tenge"] = whole_number(cells["budget_tenge"], digits=15)
        if cells["budget_tenge"] and content["budget_tenge"] is None:
            return _("Write the amount in whole tenge.")
    try:
        begin(actor, level, territory, content, now, parent=_parent(level, cells["parent_id"]))
    except DomainError as error:
        return error.message
    return ""


def _cell(raw: Any) -> str:
    """A cell as text; the apostrophe that keeps a spreadsheet from executing it goes away again."""
    return as_written(tidy(raw if isinstance(raw, str) else ""))


def _limit(level: Level, name: str) -> int:
    return getattr(MODELS[level].__table__.c[name].type, "length", None) or 8000


def _parent(level: Level, raw: str) -> Any:
    key = whole_number(raw)
    if key is None or level is Level.DIRECTION:
        return None
    parent = found(Level.DIRECTION if level is Level.PROGRAMME else Level.PROGRAMME, key)
    return parent if isinstance(parent, Direction | Programme) else None
