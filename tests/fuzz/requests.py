"""What is sent: fields of the real forms with values of a hostile zoo, odd headers, odd methods, broken cookies.

One request is made from a seed, the route and its number alone, so that a failure can be sent again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from tests.client import fields_of
from tests.hostile.corpus import PAYLOADS
from tests.matrix.table import TABLE, Row
from tests.matrix.test_matrix import address
from tests.scenery import Theatre
from webapp.kernel.database import Base

#: The length of a text that costs time when something is quadratic, and still fits twice into 2 MB.
HUGE = 300_000
RAW: tuple[bytes, ...] = (
    b"%00",
    b"%FF%FE",
    b"%ED%A0%80",
    b"%C0%AF",
    b"%E0%A4%A",
    b"%",
    b"%u0041",
    b"%F4%90%80%80",
    b"%0d%0a",
    b"+%2B+",
)
VALUES: tuple[str, ...] = (
    "", " ", "\t\n\r", "0", "-1", "1", "1.5", "1e400", "NaN", "Infinity", "٣", "²", "１２", "0x10", "1_000",
    str(2**31 - 1), str(2**31), str(2**63 - 1), str(2**63), "-" + str(2**63), "9" * 40, "9" * 5000, "0" * 300 + "7",
    "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-13-01", "2027-1-1", "31.12.2026",
    "true", "null", "None", "[]", "{}", "[object Object]", "support", "oppose", "accept", "accept_part", "hand_down", "pass_up",
    "operator", "moderator", "000000000", "611000000", "750000000", "612000000", "6110000001", "kk", "ru", "zz",
    "a@b.kz", "a@b", "@", "a" * 300 + "@b.kz", "a@xn--.kz", "a@[127.0.0.1]", "bolat@test.example", "ä@ö.example", '"a b"@c.example',
    "' OR 1=1 --", '" OR ""="', "'; DROP TABLE user; --", "%' AND 1=0 UNION SELECT NULL--", "%", "_", "\\", "\\'", "%%%", "$$",
    "a\x00b", "\x01\x02\x1b[31m", "\u202e\u202dabc\u202c", "\ufeff\u200b\u200d\u2060", "\ud7ff\ue000\uffff", "\U0001f1f0\U0001f1ff" * 20,
    "e" + "\u0301" * 500, "ﷺ" * 100, "İıſK", "ß" * 80, "Әлия", "жол " * 20, "../../../etc/passwd", "/\\evil.example", "//evil.example",
    "https://evil.example/", "javascript:alert(1)", "%2e%2e%2f", "a\r\nSet-Cookie: x=1", "\n" * 400, "[" * 3000, "(" * 3000, "*" * 3000,
    "- " * 2000, "> " * 2000, "`" * 2999, "[a](" * 900, "1. " * 1500, "&#x41;" * 500, "|a" * 1500, "x" * 79, "x" * 80, "x" * 81, "x" * 201,
    "000140000121", "851231399996", "240660007770", "WzAsMSwyLDNd", "WzEsOTIyMzM3MjAzNjg1NDc3NTgwN10", "AAAA", "e30", "W10",
    "2026-11-23", "2026-12-31", "12 500 000", "-5", "1,5",
)  # fmt: skip
#: Columns nobody may set by naming them: mass assignment.
COLUMNS = tuple(sorted({column.name for table in Base.metadata.tables.values() for column in table.columns}))
LANGUAGES = (
    "kk",
    "ru;q=0.9,kk",
    "*",
    "",
    "x" * 4000,
    "en;q=nan",
    "kk;q=1e99",
    "zh-Hant-HK,,,;;=",
    "\xff\xfe",
    "ru;q=-1",
)
TYPES = (
    "application/json",
    "text/xml",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "text/plain",
    "",
    "application/x-www-form-urlencoded; charset=utf-16",
    "x/y; charset=nothing",
)
METHODS = ("PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "POST", "GET")
PEOPLE = ("visitor", "author@own", "moderator@own", "operator@above", "officer@own", "owner")


@dataclass
class Shot:
    """One request."""

    person: str
    method: str
    path: str
    more: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = {
            name: value if len(str(value)) < 500 else f"{str(value)[:500]}..." for name, value in self.more.items()
        }
        return f"{self.person}: {self.method} {self.path[:300]} {shown}"


def forms_of(stage: Theatre) -> dict[str, dict[str, str]]:
    """The fields of every form that somebody is shown, with what stands in them, by address; hidden ones too."""
    found: dict[str, dict[str, str]] = {}
    for row in TABLE:
        if row.method != "GET" or row.endpoint == "static":
            continue
        for name in sorted(row.let_in() & set(PEOPLE)):
            page = stage.act(name, "GET", address(stage.app, row, stage.scene)[0])
            if page.response.mimetype == "text/html":
                for form in page.find("form"):
                    names = {e.get("name"): "" for e in form.iter() if e.get("name")} | fields_of(form)
                    found.setdefault(form.get("action", ""), {}).update(names)
    return found


class Gunner:
    """Makes the requests of one route."""

    def __init__(self, stage: Theatre, row: Row, forms: dict[str, dict[str, str]], seed: int) -> None:
        self._stage, self._row = stage, row
        self._path, self._form = address(stage.app, row, stage.scene)
        self._fields = forms.get(self._path, {}) | self._form
        self._fields.pop("csrf_token", None)
        self._seed = f"{seed} {row.name}"

    def shots(self, count: int, first: int = 0) -> Iterator[Shot]:
        """So many requests, from a number on."""
        for number in range(first, first + count):
            yield self._shot(random.Random(f"{self._seed} {number}"))

    def _shot(self, chance: random.Random) -> Shot:
        insiders = sorted(self._row.let_in() & set(PEOPLE)) or list(PEOPLE)
        person = chance.choice(insiders if chance.random() < 0.75 else PEOPLE)
        shot = Shot(person, self._row.method, self._path, {"headers": {}})
        if chance.random() < 0.08:
            shot.method = chance.choice(METHODS)
        if chance.random() < 0.25:
            shot.path = self._odd_path(chance)
        if shot.method == "GET" or chance.random() < 0.2:
            shot.path += "?" + self._query(chance)
        if shot.method not in {"GET", "HEAD", "OPTIONS", "TRACE"}:
            self._load(chance, shot)
        self._headers(chance, shot)
        return shot

    def _odd_path(self, chance: random.Random) -> str:
        """One part of the address that is a value becomes another one."""
        parts = self._path.split("/")
        values = [n for n, part in enumerate(parts) if part and part not in self._row.endpoint] or [len(parts) - 1]
        at = chance.choice(values)
        value = chance.choice([*VALUES, "1", "2", "3", "7", "1" * 9])[:2000]
        parts[at] = quote(value, safe="") if chance.random() < 0.8 else chance.choice(RAW).decode()
        return "/".join(parts)

    def _query(self, chance: random.Random) -> str:
        names = [
            "page",
            "place",
            "sphere",
            "state",
            "sort",
            "kind",
            "next",
            "after",
            "kato",
            "to",
            "q",
            "lang",
            *self._fields,
        ]
        pairs = [(chance.choice(names), self._value(chance)[:3000]) for _n in range(chance.randrange(4))]
        text = urlencode(pairs, errors="surrogatepass")
        if chance.random() < 0.2:
            text += "&" + chance.choice(names) + "=" + chance.choice(RAW).decode()
        return text[:15_000]

    def _value(self, chance: random.Random) -> str:
        dice = chance.random()
        if dice < 0.15:
            return chance.choice(PAYLOADS)
        if dice < 0.2:
            return "".join(
                chr(
                    chance.choice(
                        (chance.randrange(1, 128), chance.randrange(0x400, 0x500), chance.randrange(0x2000, 0x2100))
                    )
                )
                for _n in range(chance.randrange(60))
            )
        if dice < 0.21:
            return chance.choice("xж\n[*<&") * HUGE
        return chance.choice(VALUES)

    def _load(self, chance: random.Random, shot: Shot) -> None:
        fields: list[tuple[str, str]] = []
        if chance.random() < 0.95:
            fields.append(("csrf_token", self._stage.keys[shot.person].token))
        for name, usual in self._fields.items():
            if chance.random() < 0.05:
                continue
            fields.append((name, str(usual) if chance.random() < 0.55 else self._value(chance)))
        for _more in range(chance.randrange(3) if chance.random() < 0.4 else 0):
            name = chance.choice(
                [
                    *COLUMNS,
                    *(f"{n}[]" for n in self._fields),
                    *self._fields,
                    "organisation",
                    "next",
                    "back",
                    "again",
                    "resend",
                ]
            )
            fields.append(
                (name, chance.choice([self._value(chance), "1", "operator", "accepted", "2026-01-01 00:00:00"]))
            )
        if chance.random() < 0.02:
            fields += [(f"f{n}", "x") for n in range(3000)]
        body = urlencode(fields, errors="surrogatepass").encode()
        if chance.random() < 0.1:
            body += b"&" + chance.choice([*self._fields, "x"]).encode() + b"=" + chance.choice(RAW)
        shot.more["data"], shot.more["content_type"] = body, "application/x-www-form-urlencoded"
        dice = chance.random()
        if dice < 0.05:
            shot.more["content_type"] = chance.choice(TYPES)
        elif dice < 0.1:
            shot.more["data"] = self._multipart(fields, chance)
            shot.more["content_type"] = "multipart/form-data; boundary=zqj"
        elif dice < 0.13:
            shot.more["data"], shot.more["content_type"] = (
                json.dumps(dict(fields)).encode(errors="replace"),
                "application/json",
            )

    @staticmethod
    def _multipart(fields: list[tuple[str, str]], chance: random.Random) -> bytes:
        parts = []
        for name, value in fields:
            head = f'Content-Disposition: form-data; name="{name}"'
            if chance.random() < 0.2:
                head += '; filename="../../x.svg"\r\nContent-Type: image/svg+xml'
            parts.append(f"--zqj\r\n{head}\r\n\r\n{value}\r\n".encode(errors="surrogatepass"))
        return b"".join(parts) + chance.choice((b"--zqj--\r\n", b"--zqj", b""))

    @staticmethod
    def _headers(chance: random.Random, shot: Shot) -> None:
        headers = shot.more["headers"]
        if chance.random() < 0.2:
            headers["Accept-Language"] = chance.choice(LANGUAGES)
        if chance.random() < 0.2:
            headers |= {
                "HX-Request": "true",
                "HX-Target": chance.choice(["vote-panel", "results", "main", "", "zz", "'"]),
            }
        if chance.random() < 0.05:
            headers |= {"Sec-Fetch-Site": chance.choice(["same-origin", "cross-site", "none", "x"])}
        if chance.random() < 0.05:
            headers |= {
                "X-Forwarded-For": "' OR 1",
                "Range": "bytes=9-1",
                "If-None-Match": '"x"',
                "If-Modified-Since": "never",
            }
        if chance.random() < 0.06:
            headers["Cookie"] = chance.choice(
                [
                    "saty=x",
                    "saty=.e.e.e",
                    "lang=zz; city=x",
                    "lang=%00; city=" + "9" * 40,
                    "saty=" + "A" * 5000,
                    ";;;=",
                    "city=611000000; lang=ru",
                ]
            )
