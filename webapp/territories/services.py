"""Reading the tree, building it, and taking in the official classifier."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from webapp.kernel.database import db
from webapp.kernel.errors import NotSetUp
from webapp.kernel.russian import genitive
from webapp.territories import rules
from webapp.territories.directory import forget_directory
from webapp.territories.models import Body, Territory

HERE = Path(__file__).resolve().parent


def by_kato(kato: str) -> Territory | None:
    """The territory with this code."""
    return db.session.scalar(select(Territory).where(Territory.kato == kato))


def nation() -> Territory:
    """The root of the tree."""
    root = by_kato(rules.NATION)
    if root is None:
        raise NotSetUp("The country is not here yet; run `flask --app wsgi import-territories FILE.csv` or `demo`.")
    return root


def lineage(territory: Territory) -> list[Territory]:
    """The territory and all that contain it, from the smallest to the nation."""
    rows = db.session.scalars(select(Territory).where(Territory.id.in_(territory.ancestor_ids)))
    return sorted(rows, key=lambda row: len(row.path), reverse=True)


def ladder(territory: Territory) -> list[Territory]:
    """The rungs above a place, lowest first: only territories that have an authority.

    Two rungs for a republican city, three elsewhere; the next rung is the nearest ancestor with a body.
    """
    return [step for step in lineage(territory) if step.rung]


def body_of(territory: Territory, on: date) -> Body | None:
    """The body that answers for a territory on a date."""
    return db.session.scalar(
        select(Body)
        .where(Body.territory_id == territory.id, Body.valid_from <= on)
        .where((Body.valid_until.is_(None)) | (Body.valid_until >= on))
        .order_by(Body.valid_from.desc())
        .limit(1)
    )


def load_country() -> int:
    """Build the tree from the project's own tables once; later calls only add what is missing, genitives among it."""
    with (HERE / "kazakhstan.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    added = _add_territories(
        {
            **row,
            "population": int(row["population"]) if row["population"] else None,
            "population_on": date.fromisoformat(row["population_on"]) if row["population_on"] else None,
        }
        for row in rows
    )
    _add_genitives(rows)
    known = set(db.session.scalars(select(Body.territory_id)))
    ids = dict(db.session.execute(select(Territory.kato, Territory.id)).all())
    with (HERE / "bodies.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if ids[row["kato"]] not in known:
                valid_from = date.fromisoformat(row["valid_from"])
                names = {key: row[key] for key in ("name_kk", "name_ru", "name_en")}
                db.session.add(Body(territory_id=ids[row["kato"]], valid_from=valid_from, **names))
    db.session.flush()
    return added


def _add_genitives(rows: list[dict[str, str]]) -> None:
    """A database from before it kept them; a place that bears another name by now keeps what it has."""
    known = {row["kato"]: (row["name_ru"], row["name_ru_gen"]) for row in rows}
    missing = db.session.execute(
        select(Territory.id, Territory.kato, Territory.name_ru).where(Territory.name_ru_gen == "")
    ).all()
    ready = []
    for row in missing:
        name, form = known.get(row.kato, ("", ""))
        ready.append({"id": row.id, "name_ru_gen": form if name == row.name_ru else genitive(row.name_ru)})
    if ready:
        db.session.execute(update(Territory), ready)
        forget_directory()


def _add_territories(rows: Iterable[dict[str, Any]]) -> int:
    known = {
        kato: (key, path)
        for kato, key, path in db.session.execute(select(Territory.kato, Territory.id, Territory.path))
    }
    next_id = max((key for key, _path in known.values()), default=0) + 1
    fresh = []
    for row in rows:
        if row["kato"] in known:
            continue
        parent = known.get(row["parent"])
        path = f"{parent[1] if parent else '/'}{next_id}/"
        known[row["kato"]] = (next_id, path)
        columns = {
            key: row.get(key)
            for key in ("kato", "kind", "name_kk", "name_ru", "name_ru_gen", "name_en", "population", "population_on")
        }
        fresh.append(
            {
                **columns,
                "id": next_id,
                "parent_id": parent[0] if parent else None,
                "path": path,
                "rung": rules.rung_of(row["kind"]),
                "population_source": row.get("population_source") or "",
            }
        )
        next_id += 1
    if fresh:
        db.session.execute(insert(Territory), fresh)
        _advance_sequence(next_id)
        forget_directory()
    return len(fresh)


def _advance_sequence(next_id: int) -> None:
    """PostgreSQL does not notice ids that were given by hand."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(
            db.text("SELECT setval(pg_get_serial_sequence('territory', 'id'), :last)"), {"last": next_id - 1}
        )


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be taken in, and why."""

    number: int
    reason: str


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    added: int
    renamed: int
    unchanged: int
    moved: int = 0


NAME_MAX = 150
COLUMNS = ("kato", "level", "type_code", "name_ru", "name_kk")


def import_classifier(numbered: list[tuple[int, dict[str, str]]]) -> tuple[Imported | None, list[BadRow]]:
    """Take in the official workbook's rows; all of them or, when any is bad, none.

    Bad rows come back with their number in the file and the reason. Idempotent: a second run with
    the same rows changes nothing. Names that this project has set by hand stay; places below the
    rungs take the classifier's names.
    """
    if not db.session.scalar(select(Territory.id).where(Territory.kato == rules.NATION)):
        load_country()  # first, for its cities are the parents of what follows
    rows = [row for _number, row in numbered]
    codes = {row["kato"] for row in rows} | set(db.session.scalars(select(Territory.kato)))
    problems = _check(numbered, codes)
    if problems:
        return None, problems
    kinds = dict(db.session.execute(select(Territory.kato, Territory.kind)).all())
    ready = []
    for row in sorted(rows, key=lambda row: row["kato"]):
        parent = rules.parent_code(row["kato"], codes)
        kind = rules.kind_of(row["level"], row["type_code"], row["name_kk"], kinds.get(parent, ""))
        kinds.setdefault(row["kato"], kind)
        name_kk, name_ru = rules.display_name(row["name_kk"], "kk"), rules.display_name(row["name_ru"], "ru")
        ready.append(
            {"kato": row["kato"], "kind": kind.value, "parent": parent}
            | {"name_kk": name_kk, "name_ru": name_ru, "name_ru_gen": genitive(name_ru)}
            | {"name_en": rules.transliterate(name_kk)}
        )
    before = {
        row.kato: row
        for row in db.session.execute(
            select(Territory.id, Territory.kato, Territory.rung, Territory.name_kk, Territory.name_ru)
        )
    }
    renamed = [
        {"id": old.id} | {name: row[name] for name in ("name_kk", "name_ru", "name_ru_gen", "name_en")}
        for row in ready
        if (old := before.get(row["kato"]))
        and old.rung == ""
        and _is_small(row)
        and (old.name_kk, old.name_ru) != (row["name_kk"], row["name_ru"])
    ]
    if renamed:
        db.session.execute(update(Territory), renamed)
    added = _add_territories(ready)
    return Imported(added, len(renamed), len(rows) - added - len(renamed), _hang_anew() if added else 0), []


def _hang_anew() -> int:
    """Places below the rungs hang on the nearest place that there is now, in whatever order files came."""
    rows = db.session.execute(
        select(Territory.id, Territory.kato, Territory.rung, Territory.parent_id, Territory.path).order_by(
            Territory.kato
        )
    ).all()
    codes, found = {row.kato for row in rows}, {row.kato: (row.id, row.path) for row in rows}
    moved = []
    for row in rows:  # a rural district has a smaller code than what is in it, and has its path first
        parent = found.get(rules.parent_code(row.kato, codes)) if row.rung == "" else None
        if parent is None or parent[0] == row.id:
            continue
        path = f"{parent[1]}{row.id}/"
        found[row.kato] = (row.id, path)
        if (row.parent_id, row.path) != (parent[0], path):
            moved.append({"id": row.id, "parent_id": parent[0], "path": path})
    if moved:
        db.session.execute(update(Territory), moved)
    return len(moved)


def _is_small(row: dict[str, str]) -> bool:
    return row["kind"] in {rules.Kind.RURAL, rules.Kind.SETTLEMENT}


def _check(numbered: list[tuple[int, dict[str, str]]], codes: set[str]) -> list[BadRow]:
    problems = []
    seen: dict[str, int] = {}
    for number, row in numbered:
        missing = [column for column in COLUMNS if not (row.get(column) or "").strip()]
        if missing:
            problems.append(BadRow(number, f"empty: {', '.join(missing)}"))
            continue
        kato = row["kato"]
        name_kk, name_ru = rules.display_name(row["name_kk"], "kk"), rules.display_name(row["name_ru"], "ru")
        if not rules.is_code(kato):
            problems.append(BadRow(number, f"{kato!r} is not a KATO code of nine digits"))
        elif kato in seen:
            problems.append(BadRow(number, f"{kato} stands in row {seen[kato]} already"))
        elif row["level"] not in {"oblast", "district", "sub_district", "settlement"}:
            problems.append(BadRow(number, f"unknown level {row['level']!r}"))
        elif row["level"] != "oblast" and rules.is_astray(kato, codes):
            problems.append(BadRow(number, f"no region has a code that begins with {kato[:2]}"))
        elif max(len(name) for name in (name_kk, name_ru, rules.transliterate(name_kk))) > NAME_MAX:
            problems.append(BadRow(number, f"a name, written out, is longer than {NAME_MAX} characters"))
        elif not (name_kk + name_ru).isprintable():
            problems.append(BadRow(number, "a name holds a character that no name has"))
        seen.setdefault(kato, number)
    return problems
