"""The three levels as a table: what `/strategy.csv` gives, the import takes, as drafts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.cascade.words import PLURAL_OF
from webapp.kernel.clock import EARLIEST, day_in_years, local_date
from webapp.kernel.database import db
from webapp.kernel.errors import DomainError
from webapp.kernel.exports import as_written
from webapp.kernel.i18n import format_date, localized
from webapp.kernel.i18n import gettext as _
from webapp.kernel.tables import BadTable, Table, read_csv
from webapp.kernel.text import iso_date, one_line, tidy_lines, whole_number
from webapp.people.models import User
from webapp.proposals.choices import spheres
from webapp.strategies.models import Direction, Programme
from webapp.strategies.reading import found
from webapp.strategies.rules import CHOSEN, CONTENT, Level
from webapp.strategies.services import begin
from webapp.strategies.versions import MODELS, Subject
from webapp.territories.models import Territory
from webapp.territories.services import by_kato

TEXTS = (
    *("title_kk", "title_ru", "title_en", "text_kk", "text_ru", "owner_kk", "owner_ru", "sphere", "goals"),
    *CHOSEN,
)
COLUMNS = ("level", "id", "parent_id", "kato", *TEXTS, "starts_on", "ends_on", "budget_tenge", "version", "url")
#: Columns that only some levels have, and what each level has of them.
_ELSEWHERE = ("parent_id", "goals", *CHOSEN, "budget_tenge")
_OF_LEVEL = {level: {*CONTENT[level], *(["parent_id"] if level is not Level.DIRECTION else [])} for level in Level}
_OF_LINES = ("text_kk", "text_ru", *CHOSEN)
MOST_ROWS, MOST_BYTES = 500, 2_000_000


def rows(territory: Territory | None = None) -> Iterator[dict[str, Any]]:
    """Everything in force, from the nation down; or what one body has of it."""
    for level in Level:
        model = MODELS[level]
        query = select(model).where(model.published_at.is_not(None), model.closed_at.is_(None)).order_by(model.id)
        if territory is not None:
            query = query.where(model.territory_id == territory.id)
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
    """A line of the file that cannot be taken, and why; 0 is the whole file."""

    line: int
    sentence: str


def take_in(actor: User, territory: Territory, raw: bytes, now: datetime) -> tuple[int, list[BadRow]]:
    """Drafts of a territory out of a CSV file: all of them or, when one line is bad, none.

    Returns how many lines there were, and the bad ones; when there are any, the caller's transaction must not
    be committed.
    """
    table, fault = _read(raw)
    if fault:
        return 0, [BadRow(0, fault)]
    bad = [BadRow(number, sentence) for number, sentence in table.problems]
    for number, line in table.rows:
        sentence = _take(actor, territory, line, now)
        if sentence:
            bad.append(BadRow(number, sentence))
    return len(table.rows), sorted(bad, key=lambda row: row.line)


def _read(raw: bytes) -> tuple[Table, str]:
    if len(raw) > MOST_BYTES:
        return Table(), _("The file is larger than 2 megabytes.")
    try:
        table = read_csv(raw, ("level", "title_kk", "title_ru"), COLUMNS)
    except BadTable as error:
        return Table(), str(error)
    if len(table.rows) > MOST_ROWS:
        return Table(), _("The file has too many lines; at most: %(count)d.", count=MOST_ROWS)
    return table, ""


def _take(actor: User, territory: Territory, line: dict[str, str], now: datetime) -> str:
    """Begin one draft; the sentence of what is wrong with the line, or nothing."""
    cells = {name: _cell(name, line.get(name)) for name in COLUMNS}
    if cells["level"] not in set(Level):
        return _("The level is direction, programme or measure.")
    level = Level(cells["level"])
    stranger = _whose_else(level, territory, cells)
    if stranger:
        return stranger
    useless = [name for name in _ELSEWHERE if cells[name] and name not in _OF_LEVEL[level]]
    if useless:
        return _("Nothing of this level has the columns %(names)s. Empty these cells.", names=", ".join(useless))
    content: dict[str, Any] = {name: cells[name] for name in CONTENT[level] if name in TEXTS}
    if any(len(value) > _limit(level, name) for name, value in content.items()):
        return _("A text is too long.")
    if content["sphere"] and content["sphere"] not in spheres():
        return _("No sphere is called %(name)s.", name=content["sphere"][:40])
    for name in ("starts_on", "ends_on"):
        content[name] = iso_date(cells[name])
        if cells[name] and content[name] is None:
            return _("Write the date as year-month-day, for example 2026-12-31.")
        if content[name] and not EARLIEST <= content[name] <= day_in_years(30, local_date(now)):
            bounds = {"first": format_date(EARLIEST), "last": format_date(day_in_years(30, local_date(now)))}
            return _("Choose a day from %(first)s to %(last)s.", **bounds)
    if level is Level.MEASURE:
        content["budget_tenge"] = whole_number(cells["budget_tenge"], digits=15)
        if cells["budget_tenge"] and content["budget_tenge"] is None:
            return _("Write the amount in whole tenge.")
    parent = _parent(level, cells["parent_id"])
    if cells["parent_id"] and parent is None:
        wanted = (
            _("Choose a programme of the region of the city."),
            _("Choose the direction that the programme adapts."),
        )
        return wanted[level is Level.PROGRAMME]
    try:
        begin(actor, level, territory, content, now, parent=parent)
    except DomainError as error:
        return error.message
    return ""


def _whose_else(level: Level, territory: Territory, cells: dict[str, str]) -> str:
    """Why a line of another body, or about something of another one, is not taken; nothing where it is one's own."""
    kato, key = cells["kato"], whole_number(cells["id"])
    if kato and kato != territory.kato:
        place = by_kato(kato[:9])
        whose = localized(place) if place else kato[:9]
        return _("This line belongs to %(place)s, not to the territory that you have chosen.", place=whose)
    if not cells["id"] and not cells["url"]:
        return ""
    own = found(level, key) if key is not None else None
    if own is None or own.territory_id != territory.id:
        return _("Your territory has nothing of this level with the number %(id)s.", id=cells["id"][:20])
    if cells["url"] and cells["url"] != f"/{PLURAL_OF[level]}/{key}":
        return _("The address in this line belongs to something else: %(url)s.", url=cells["url"][:60])
    return ""


def _cell(name: str, raw: Any) -> str:
    """A cell as text, or as one line; the apostrophe that keeps a spreadsheet from executing it goes away again."""
    written = as_written(raw if isinstance(raw, str) else "")
    return tidy_lines(written) if name in _OF_LINES else one_line(written)


def _limit(level: Level, name: str) -> int:
    return getattr(MODELS[level].__table__.c[name].type, "length", None) or 8000


def _parent(level: Level, raw: str) -> Any:
    key = whole_number(raw)
    if key is None or level is Level.DIRECTION:
        return None
    parent = found(Level.DIRECTION if level is Level.PROGRAMME else Level.PROGRAMME, key)
    return parent if isinstance(parent, Direction | Programme) else None
