"""People are verified, refused, registered, exported, mailed and backed up; then everything left behind is searched.

Searched for: the numbers that were typed, wherever they stand, and any twelve digits that pass the check of an IIN.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
from datetime import date

import pytest
from sqlalchemy import select

from tests.canaries import canaries, is_bin, number
from tests.conftest import MONDAY
from tests.factories import PASSWORD
from tests.features.console import run
from tests.matrix.table import TABLE
from webapp.kernel.database import db, rollback
from webapp.kernel.mail import Message, outbox

both_databases = True
OWN, ANOTHERS, UNKNOWN, SLIP = (
    number(eleven) for eleven in ("90010140001", "75061530002", "01123165003", "88022940010")
)
BIN = "000140000121"


def everything_stored(url):
    """All rows, as a dump shows them."""
    rollback()
    with db.engine.connect() as connection:
        found = "\n".join(
            repr(tuple(row)) for table in db.metadata.sorted_tables for row in connection.execute(table.select())
        )
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as plain:
            found += "\n".join(plain.iterdump())
    return found


def files_below(folder, register):
    """Every file that the program wrote, as text; what is packed is unpacked."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != register:
            yield path.name, path.read_bytes().decode("utf-8", errors="replace")
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as packed:
                    yield from (
                        (name, packed.read(name).decode("utf-8", errors="replace")) for name in packed.namelist()
                    )


def code_for(email):
    rollback()
    subject = db.session.scalars(select(Message.subject).where(Message.to == email).order_by(Message.id.desc())).first()
    return re.search(r"\d{6}", subject).group(0)


def verify(browser, iin, surname, status):
    return browser.submit(browser.get("/verify"), "/verify", status, iin=iin, surname=surname, agree="y")


@pytest.fixture
def pages():
    """What was shown to people, but for the answers to a form that hold what was typed into that very form."""
    return []


def test_no_number_stays_behind(app, database_url, tmp_path, world, visit, clock, capfd, caplog, pages):
    register = tmp_path / "register.csv"
    register.write_text(f"iin,surname,kato\n{OWN},Әбішева,612000000\n{ANOTHERS},Жұмабек,611000000\n", encoding="utf-8")
    run(app, "import-register", register)

    newcomer = visit()
    email = "dinara@test.example"
    form = {"email": email, "given_name": "Динара", "surname": "Әбішева", "password": PASSWORD}
    newcomer.submit(newcomer.get("/sign-up"), "/sign-up", **form)
    newcomer.submit(newcomer.get("/confirm"), "/confirm", code=code_for(email))
    own_answers = [
        verify(newcomer, *wrong, 422)
        for wrong in ((UNKNOWN, "Әбішева"), (OWN, "Жұмабек"), (SLIP[:-1] + "x", "Әбішева"), (ANOTHERS, "Әбішева"))
    ]
    assert all(answer.response.headers["Cache-Control"] == "no-store" for answer in own_answers)
    answer = verify(newcomer, f"{OWN[:6]} {OWN[6:]}", "Әбішева", 303)
    pages.append(newcomer.follow(answer))
    pages.append(newcomer.get("/my"))
    second = visit(world.newcomer)
    own_answers.append(verify(second, OWN, "Әбішева", 422))
    stranger = visit()
    for path in (f"/{OWN}", f"/proposals/{OWN}", f"/proposals?place={OWN}", f"/territories/{OWN}", f"/city?kato={OWN}"):
        stranger._send("GET", path)  # the number of somebody in an address: a log would keep it for ever
        stranger._send("POST", path, data={"iin": OWN})
    second._send("POST", "/verify", data={"iin": OWN, "csrf_token": "old"}, headers={"Sec-Fetch-Site": "same-origin"})

    application = {"bin": BIN, "kind": "business_association", "name": "Түркістан кәсіпкерлері", "home": "612000000"}
    application |= {"letter_number": "12-05/7", "letter_on": date(2026, 11, 20).isoformat()}
    page = newcomer.submit(newcomer.get("/organisations/new"), "/organisations/new", **application)
    wrong = application | {"bin": OWN}  # the number of a person where that of an organisation belongs
    own_answers.append(second.submit(second.get("/organisations/new"), "/organisations/new", 422, **wrong))
    pages.append(newcomer.follow(page))
    for _turn in range(2):
        run(app, "tick", "--at", MONDAY.isoformat())
    backup = tmp_path / "saved.backup"
    if database_url.startswith("sqlite"):  # elsewhere the rows below are what pg_dump would write
        run(app, "backup", backup)
        assert backup.stat().st_size > 1000
    for person in (None, world.moderator, world.officer, world.aigerim):
        browser = visit(person)
        for row in TABLE:
            if row.method == "GET" and not row.on:
                path = app.url_map.bind("localhost").build(row.endpoint)
                pages.append(browser._send("GET", path))
    for path in (
        "/proposals.csv",
        "/proposals.json",
        "/proposals.atom",
        "/organisations.csv",
        "/organisations.json",
        "/journal.jsonl",
    ):
        pages.append(visit()._send("GET", path))
    data = json.loads(newcomer._send("GET", "/my/data.json").html)

    printed = capfd.readouterr()
    left = {
        "database": everything_stored(database_url),
        "logs": printed.out + printed.err + caplog.text,
        "mails": "\n".join(f"{mail.subject}\n{mail.body}\n{mail.to}" for mail in outbox()),
        "data of the person": json.dumps(data, ensure_ascii=False),
        **{f"file {name}": text for name, text in files_below(tmp_path, register)},
        **{f"page {turn} {page.url}": page.html for turn, page in enumerate(pages)},
    }
    assert "12 digits" not in left["database"] and BIN in left["database"] and is_bin(BIN)
    assert any(OWN in answer.html for answer in own_answers), "what was typed is kept for whoever typed it"
    assert len(pages) > 60 and len(left["mails"]) > 100
    assert search(left) == []


def search(left):
    """Where the typed numbers stand in any context, and where any number of a person stands on its own."""
    typed = [(where, "typed") for where, text in left.items() for iin in (OWN, ANOTHERS, UNKNOWN) if iin in text]
    return typed + [(where, "like an IIN") for where, text in left.items() if canaries(text)]


def test_the_search_finds_what_is_there():
    """A test of the test."""
    assert search({"a": f"x{OWN}y", "b": f"={number('66010130004')};", "c": BIN}) == [
        ("a", "typed"),
        ("b", "like an IIN"),
    ]
