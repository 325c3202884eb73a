"""`import-proposals FILE.jsonl`: fields in docs/how-to/import-proposals.md."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import select

from webapp.escalation.services import open_ladder
from webapp.escalation.tallies import remember_progress
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import EARLIEST, local_date
from webapp.kernel.database import db, reading, retrying
from webapp.kernel.parts import LEAST, Pace, part_of_work
from webapp.kernel.tables import BadTable, other_encoding
from webapp.kernel.text import one_line, tidy_lines
from webapp.proposals.models import Proposal
from webapp.proposals.rules import FUNDINGS, SPHERES, TEXT_MAX, Stage, talon_number
from webapp.proposals.terms import index_anew
from webapp.rulebook.services import due_after, rule_in_force
from webapp.territories.models import Territory
from webapp.territories.services import by_kato, ladder

LANGS = ("kk", "ru", "en", "es")
STATES = ("collecting", "submitted", "closed")
TITLE_STORED = 200
FIELDS = frozenset(
    {"external_id", "title", "text", "lang", "kato", "place", "sphere", "funding", "state", "submitted_at"}
)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:$|[T ][0-9])")


@dataclass
class Report:
    """What an import did; problems by line number."""

    read: int = 0
    added: int = 0
    known: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)


class BadLine(ValueError):
    """A line that cannot be taken in; the message says why."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object each of whose names stands there once; JSON itself takes the last and forgets the others."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise BadTable(f"{max(names, key=names.count)!r:.40} stands there twice")
    return found


def _text(row: dict[str, Any], name: str, limit: int, needed: bool = True) -> str:
    value = row.get(name, "")
    if not isinstance(value, str):
        raise BadLine(f"{name} is not a text")
    value = tidy_lines(value) if name == "text" else one_line(value)
    if needed and not value:
        raise BadLine(f"{name} is missing")
    if len(value) > limit:
        raise BadLine(f"{name} has {len(value)} characters, at most {limit} fit")
    return value


def _choice(row: dict[str, Any], name: str, allowed: Iterable[str], usual: str) -> str:
    value = row.get(name)
    value = usual if value is None or value == "" else value
    if value not in allowed:
        raise BadLine(f"{name} is {repr(value)[:60]}, not one of {', '.join(filter(None, allowed))}")
    return str(value)


def _moment(row: dict[str, Any], name: str, now: datetime) -> datetime:
    raw = row.get(name)
    if raw in (None, ""):
        return now
    try:
        if not _MOMENT.match(str(raw)):
            raise ValueError(raw)
        moment = datetime.fromisoformat(str(raw).replace("Z", "+00:00"))
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError as error:
        raise BadLine(f"{name} is {repr(raw)[:60]}, not a moment like 2026-03-01T09:00:00+05:00") from error
    except OverflowError as error:
        raise BadLine(f"{name} lies outside the calendar") from error
    if moment > now:
        raise BadLine(f"{name} lies in the future")
    if local_date(moment) < EARLIEST:
        raise BadLine(f"{name} lies before {EARLIEST.isoformat()}")
    return moment


def parse_line(raw: bytes, now: datetime) -> dict[str, Any]:
    """One line as checked values. Raises `BadLine`."""
    try:
        row = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise BadLine(f"not JSON in UTF-8: {other_encoding(raw) or 'other bytes'}") from error
    except BadTable as error:
        raise BadLine(str(error)) from error
    except (ValueError, RecursionError) as error:  # no JSON, a number of 5,000 digits; a deep nest
        raise BadLine(f"not JSON in UTF-8: {type(error).__name__}") from error
    if not isinstance(row, dict):
        raise BadLine("not a JSON object")
    strange = [name for name in row if name not in FIELDS]
    if strange:
        shown = ", ".join(repr(name)[:40] for name in strange)[:120]
        raise BadLine(f"fields that nothing is made of: {shown}")
    return {
        "external_id": _text(row, "external_id", 120),
        "title": _text(row, "title", TITLE_STORED),
        "text": _text(row, "text", TEXT_MAX * 2),
        "lang": _choice(row, "lang", LANGS, "kk"),
        "kato": _text(row, "kato", 9),
        "place": _text(row, "place", 200, needed=False),
        "sphere": _choice(row, "sphere", ("", *SPHERES), ""),
        "funding": _choice(row, "funding", FUNDINGS, "unknown"),
        "state": _choice(row, "state", STATES, "submitted"),
        "submitted_at": _moment(row, "submitted_at", now),
    }


def _checked(lines: Iterable[bytes], now: datetime, report: Report) -> Iterator[tuple[dict[str, Any], Territory]]:
    """The good lines whose proposals are not known yet; bad ones are noted in the report."""
    places: dict[str, Territory | None] = {}
    known = set(db.session.scalars(select(Proposal.external_id).where(Proposal.external_id.is_not(None))))
    here: dict[str, tuple[int, bytes]] = {}
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        report.read += 1
        try:
            row = parse_line(raw, now)
            kato = row.pop("kato")
            if kato not in places:
                places[kato] = by_kato(kato)
            words = hashlib.sha256(repr((kato, row)).encode()).digest()
            earlier, said = here.setdefault(row["external_id"], (number, words))
            if said != words:
                raise BadLine(f"external_id stands in line {earlier} too, with other words")
            origin = places[kato]
            if origin is None or origin.rung != "city":
                raise BadLine(f"no city or district has the KATO code {kato!r}")
        except BadLine as error:
            report.problems.append((number, str(error)))
            continue
        if row["external_id"] in known or earlier != number:
            report.known += 1
            continue
        report.added += 1
        yield row, origin


def import_lines(lines: Iterable[bytes], now: datetime) -> Report:
    """Take in every line in the transaction at hand, or report every bad one; the caller rolls back when there is any."""
    report = Report()
    for row, origin in _checked(lines, now, report):
        if not report.problems:
            _add(row, origin, now)
    return report


def check_lines(lines: Iterable[bytes], now: datetime) -> Report:
    """Look at every line, and change nothing: what would be added, and what is wrong."""
    report = Report()
    with reading():
        for _row, _origin in _checked(lines, now, report):
            pass
    return report


def import_in_parts(lines: Iterable[bytes], now: datetime) -> Iterator[int]:
    """Take in lines that were checked, part by part, each in a transaction of its own; yields how many each part added.

    What is known already is passed over, so that whoever was stopped half-way goes on by doing it again.
    Raises `BadLine` where the file is not what it was when it was checked.
    """
    waiting = (raw for raw in lines if raw.strip())
    pace = Pace(begin=LEAST)
    while raws := list(islice(waiting, pace.size)):
        rows = [parse_line(raw, now) for raw in raws]
        yield retrying(partial(_add_part, rows, now, pace))


def _add_part(rows: list[dict[str, Any]], now: datetime, pace: Pace) -> int:
    with part_of_work(pace, len(rows)):
        marks = [row["external_id"] for row in rows]
        known = set(db.session.scalars(select(Proposal.external_id).where(Proposal.external_id.in_(marks))))
        added = 0
        for row in map(dict, rows):
            origin = by_kato(row.pop("kato"))
            if row["external_id"] in known:
                continue
            if origin is None:
                raise BadLine("the file has changed since it was checked")
            known.add(row["external_id"])
            _add(row, origin, now)
            added += 1
        return added


def _add(row: dict[str, Any], origin: Territory, now: datetime) -> None:
    state = row.pop("state")
    seat = ladder(origin)[0]
    terms, _rule = rule_in_force(seat, now)
    proposal = Proposal(
        **row,
        origin_id=seat.id,
        seat_id=seat.id,
        stage=Stage.SUBMITTED.value,
        due_at=due_after(terms.triage_working_days, now),
        withdraw_below=terms.withdraw_below,
    )
    db.session.add(proposal)
    db.session.flush()
    proposal.number = talon_number(seat.kato, local_date(row["submitted_at"]).year, proposal.id)
    if state == "collecting":
        closes_at = open_ladder(proposal, now)
        proposal.stage, proposal.due_at, proposal.closes_at, proposal.published_at = (
            Stage.COLLECTING.value,
            closes_at,
            closes_at,
            now,
        )
        db.session.flush()
        remember_progress(proposal)
    elif state == "closed":
        proposal.stage, proposal.due_at, proposal.closed_at, proposal.published_at = (
            Stage.UNSUPPORTED.value,
            None,
            now,
            row["submitted_at"],
        )
    index_anew(proposal)
    record(
        Verb.PROPOSAL_IMPORTED,
        proposal,
        now,
        proposal_id=proposal.id,
        territory_id=seat.id,
        external_id=row["external_id"],
    )
