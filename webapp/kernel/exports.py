"""Lists for machines: CSV that no spreadsheet executes, JSON, and Atom feeds."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any
from xml.etree import ElementTree as ET

from flask import Response, jsonify, request, stream_with_context
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.kernel.database import db, rollback
from webapp.kernel.i18n import current_language
from webapp.kernel.text import fit_for_xml

#: What a spreadsheet takes for the beginning of a formula, also in full width and behind blanks (OWASP; ASVS 1.2.10).
_FORMULA = frozenset("=+-@＝＋－＠")
_BLANK = frozenset("\t\r\n\x00")
_GUARD = "'"
_ATOM = "http://www.w3.org/2005/Atom"
#: Rows of an export that are read in one transaction; between two of them nothing waits for a slow reader.
PART = 500


def _needs_guard(text: str) -> bool:
    """Behind apostrophes of its own, too: otherwise taking ours away again would take away one that was written."""
    bare = text.lstrip(_GUARD)
    return bare[:1] in _BLANK or bare.lstrip()[:1] in _FORMULA


def harmless(value: Any) -> Any:
    """A cell that a spreadsheet will not take for a formula (OWASP: CSV injection)."""
    if isinstance(value, datetime):
        return value.isoformat()
    return _GUARD + value if isinstance(value, str) and value and _needs_guard(value) else value


def as_written(cell: str) -> str:
    """A cell of such a file as it was before `harmless`, whatever it was."""
    return cell[1:] if cell[:1] == _GUARD and cell[1:] and _needs_guard(cell[1:]) else cell


def parts_of(query: Select[Any], key: InstrumentedAttribute[int], order: Sequence[Any]) -> Iterator[list[Any]]:
    """All rows of a query, however many, in parts that are read one after the other.

    Which rows there are, and in which order, is settled at the beginning: what moves in the list meanwhile is in
    neither two parts nor none.
    """
    keys = list(db.session.scalars(query.with_only_columns(key).order_by(*order)))
    rollback()
    for start in range(0, len(keys), PART):
        part = keys[start : start + PART]
        place = {number: at for at, number in enumerate(part)}
        rows = db.session.execute(query.where(key.in_(part))).all()
        yield sorted(rows, key=lambda row: place[_number_of(row, key)])
        rollback()


def _number_of(row: Any, key: InstrumentedAttribute[int]) -> int:
    return int(getattr(row[0], key.key) if len(row) == 1 else getattr(row, key.key))


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], name: str) -> Response:
    """Rows as CSV (RFC 4180) in UTF-8 with a byte-order mark, which Excel needs to show Kazakh letters; sent as they are read."""

    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(columns)
        begun = "\ufeff"
        for number, row in enumerate(rows, start=1):
            writer.writerow([harmless(row[column]) for column in columns])
            if number % PART == 0:
                yield begun + buffer.getvalue()
                begun = ""
                buffer.seek(0)
                buffer.truncate()
        yield begun + buffer.getvalue()

    sent = lines()
    first = next(sent)  # what cannot be read at all is a refusal, not half a file
    response = Response(
        stream_with_context(chain([first], sent)), content_type="text/csv; charset=utf-8; header=present"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return _in_its_language(response)


def as_json(rows: Iterable[Mapping[str, Any]], next_url: str | None) -> Response:
    """Rows as JSON with the address of the next page, in the body and as a header (RFC 8288)."""
    plain = [
        {key: value.isoformat() if isinstance(value, datetime) else value for key, value in row.items()} for row in rows
    ]
    return _in_its_language(with_next(jsonify({"items": plain, "next": next_url}), next_url))


def with_next(response: Response, next_url: str | None) -> Response:
    """Say in a header that there is more, and where."""
    if next_url:
        response.headers["Link"] = f'<{next_url}>; rel="next"'
    return response


def _in_its_language(response: Response) -> Response:
    response.vary.update(["Cookie", "Accept-Language"])
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def as_atom(
    title: str,
    about: str,
    updated: datetime,
    entries: Iterable[Mapping[str, Any]],
    *,
    own: str | None,
    key: str | None = None,
    next_url: str | None = None,
) -> Response:
    """Entries (id, title, url, updated, summary) as an Atom feed (RFC 4287).

    `about` is the page that shows the same to people, `own` the address of the feed itself (None where it is a
    secret), `key` what the feed is known by for ever; a feed with other filters is another feed.
    """
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": current_language()})

    def say(node: ET.Element, tag: str, text: str) -> None:
        ET.SubElement(node, f"{{{_ATOM}}}{tag}").text = fit_for_xml(text)

    def lead(node: ET.Element, rel: str, href: str) -> None:
        kind = "text/html" if rel == "alternate" else "application/atom+xml"
        ET.SubElement(node, f"{{{_ATOM}}}link", rel=rel, type=kind, href=fit_for_xml(href))

    for tag, text in (("id", key or own or about), ("title", title), ("updated", updated.isoformat())):
        say(feed, tag, text)
    say(ET.SubElement(feed, f"{{{_ATOM}}}author"), "name", "Saty")
    lead(feed, "alternate", about)
    if own:
        lead(feed, "self", own)
    if next_url:
        lead(feed, "next", next_url)
    for entry in entries:
        node = ET.SubElement(feed, f"{{{_ATOM}}}entry")
        for tag in ("id", "title", "summary"):
            say(node, tag, str(entry[tag]))
        say(node, "updated", entry["updated"].isoformat())
        lead(node, "alternate", entry["url"])
    body = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return _in_its_language(with_next(Response(body, content_type="application/atom+xml; charset=utf-8"), next_url))


def addresses(path: str, query: Callable[..., str]) -> tuple[str, Callable[[str | None], str | None]]:
    """The whole address of a list with its filters, and a function that gives the one of its next page."""
    base = request.url_root.rstrip("/") + path
    asked = query()

    def following(mark: str | None) -> str | None:
        return f"{base}?{query(page=mark)}" if mark else None

    return (f"{base}?{asked}" if asked else base), following
