"""Lists for machines: CSV that no spreadsheet executes, JSON, and Atom feeds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from flask import Response, jsonify

#: What a spreadsheet takes for the beginning of a formula, also in full width and behind blanks (OWASP; ASVS 1.2.10).
_FORMULA = frozenset("=+-@＝＋－＠")
_BLANK = frozenset("\t\r\n\x00")
_ATOM = "http://www.w3.org/2005/Atom"


def harmless(value: Any) -> Any:
    """A cell that a spreadsheet will not take for a formula (OWASP: CSV injection)."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and (value[:1] in _BLANK or value.lstrip()[:1] in _FORMULA):
        return "'" + value
    return value


def as_written(cell: str) -> str:
    """A cell of such a file as it was before `harmless`."""
    bare = cell[1:]
    return bare if cell[:1] == "'" and harmless(bare) != bare else cell


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], name: str) -> Response:
    """Rows as UTF-8 CSV with a byte-order mark, which Excel needs to show Kazakh letters."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(row[column]) for column in columns])
    response = Response("\ufeff" + buffer.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def as_json(rows: Iterable[Mapping[str, Any]], next_url: str | None) -> Response:
    """Rows as JSON with the address of the next page."""
    plain = [
        {key: value.isoformat() if isinstance(value, datetime) else value for key, value in row.items()} for row in rows
    ]
    return jsonify({"items": plain, "next": next_url})


def as_atom(title: str, address: str, updated: datetime, entries: Iterable[Mapping[str, Any]]) -> Response:
    """Entries (id, title, url, updated, summary) as an Atom feed."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed")
    for tag, text in (("id", address), ("title", title), ("updated", updated.isoformat())):
        ET.SubElement(feed, f"{{{_ATOM}}}{tag}").text = text
    for entry in entries:
        node = ET.SubElement(feed, f"{{{_ATOM}}}entry")
        for tag in ("id", "title", "summary"):
            ET.SubElement(node, f"{{{_ATOM}}}{tag}").text = str(entry[tag])
        ET.SubElement(node, f"{{{_ATOM}}}updated").text = entry["updated"].isoformat()
        ET.SubElement(node, f"{{{_ATOM}}}link", href=entry["url"])
    return Response(
        ET.tostring(feed, encoding="utf-8", xml_declaration=True), content_type="application/atom+xml; charset=utf-8"
    )
