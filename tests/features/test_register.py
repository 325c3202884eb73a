"""The population register: taken in whole or not at all, kept without one number in clear, one vote for each person."""

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import NEWCOMERS_IIN, PASSWORD, add_user, published
from tests.features.console import refused, run
from webapp.journal.models import Fact
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.people.models import RegisterEntry, User
from webapp.people.rules import check_digit
from webapp.proposals.models import Proposal

#: What the other database could do otherwise: conflicts, locks, dates, order.
both_databases = (
    "taken_in",
    "second_time",
    "one_home",
    "large_register",
    "verified_by_it",
    "kept_counts",
    "clear_anywhere",
)


def iin(first_eleven):
    """A number that passes its check; it belongs to nobody."""
    return f"{first_eleven}{check_digit(first_eleven)}"


DINARA, MARAT, SALTANAT = iin("90010140001"), iin("75061530002"), iin("01123165003")
NUMBERS = (DINARA, MARAT, SALTANAT)


@pytest.fixture
def register(tmp_path):
    """Writes rows of (iin, surname, kato) as a register."""

    def write(*rows, heading="iin,surname,kato", encoding="utf-8"):
        path = tmp_path / "register.csv"
        path.write_text("\n".join([heading, *(",".join(row) for row in rows)]) + "\n", encoding=encoding)
        return path

    return write


def size():
    rollback()
    return db.session.scalar(select(func.count()).select_from(RegisterEntry))


def entries():
    rollback()
    rows = db.session.scalars(select(RegisterEntry).order_by(RegisterEntry.person_key))
    return [(row.person_key, row.surname_key, row.home_id, row.imported_at) for row in rows]


def account(world, name):
    rollback()
    return db.session.scalars(select(User).where(User.email == f"{name}@test.example")).one()


def verify(browser, number, surname, status=303, **more):
    return browser.submit(browser.get("/verify"), "/verify", status, iin=number, surname=surname, agree="y", **more)


def test_a_good_register_is_taken_in(app, register):
    path = register((DINARA, "Әбішева", "611000000"), (MARAT, "Жұмабек", "750000000"))
    answer = run(app, "import-register", path)
    assert (answer.code, answer.out, answer.err) == (0, "2 people are in the register.\n", "")
    assert size() == 3  # with the one of the small country


def test_a_dry_run_changes_nothing(app, register):
    answer = run(app, "import-register", register((DINARA, "Әбішева", "611000000")), "--dry-run")
    assert answer.out == "1 people would be in the register.\n"
    assert size() == 1


def test_the_second_time_nothing_changes(app, register, clock):
    path = register((DINARA, "Әбішева", "611000000"), (MARAT, "Жұмабек", "750000000"))
    run(app, "import-register", path)
    once = entries()
    assert run(app, "import-register", path).code == 0
    assert entries() == once


def test_somebody_who_has_moved_has_one_home(app, register, world, visit):
    run(app, "import-register", register((DINARA, "Әбішева", "611000000")))
    run(app, "import-register", register((DINARA, "Әбішева", "612000000")))
    assert size() == 2
    verify(visit(world.newcomer), DINARA, "Әбішева")
    assert account(world, "newcomer").home.kato == "612000000"


@pytest.mark.parametrize(
    "row, reason",
    [
        ((DINARA[:11] + str((int(DINARA[11]) + 1) % 10), "А", "611000000"), "the IIN fails its check: checksum"),
        ((DINARA[:11], "А", "611000000"), "the IIN fails its check: length"),
        (("", "А", "611000000"), "the IIN fails its check: length"),
        (("９" * 12, "А", "611000000"), "the IIN fails its check: length"),
        (("991340300011", "А", "611000000"), "the IIN fails its check: date"),
        (("990101900011", "А", "611000000"), "the IIN fails its check: kind"),
        ((SALTANAT, "", "611000000"), "the surname is empty"),
        ((SALTANAT, " -.7 ", "611000000"), "the surname is empty"),
        ((SALTANAT, "А", "999999999"), "no territory has the KATO code '999999999'"),
        ((SALTANAT, "А", ""), "no territory has the KATO code ''"),
        ((SALTANAT, "А"), "Cells in this line: 2; in the first line: 3."),
        ((SALTANAT, "А", "611000000", "x"), "Cells in this line: 4; in the first line: 3."),
        ((MARAT, "А", "611000000"), "the IIN stands in row 3 already"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_nobody_is_taken_in(app, register, row, reason):
    before = entries()
    path = register((DINARA, "Әбішева", "611000000"), (MARAT, "Жұмабек", "750000000"), row)
    answer = run(app, "import-register", path)
    assert answer.code == 1
    assert answer.refusals[0].startswith(f"row 4: {reason}")
    assert answer.refusals[1:] == ["Error: 1 bad rows, nothing was changed."]
    assert entries() == before


def test_a_large_register_with_one_person_twice_is_refused_as_a_small_one(app, register):
    numbered = [f"80{k % 12 + 1:02d}153{k:04d}" for k in range(250)]
    people = [f"{first}{digit}" for first in numbered if (digit := check_digit(first)) is not None]
    rows = [(number, "Сейітов", "611000000") for number in [*people, people[0]]]
    answer = run(app, "import-register", register(*rows))
    assert answer.refusals[0] == f"row {len(rows) + 1}: the IIN stands in row 2 already"
    assert run(app, "import-register", register(*rows[:-1])).out == f"{len(people)} people are in the register.\n"


def test_no_number_is_repeated_in_a_complaint(app, register):
    rows = [(DINARA, "Ә", DINARA), (MARAT[:11] + "x", "Ж", "611000000"), (SALTANAT, MARAT, SALTANAT), (MARAT, "", "1")]
    said = refused(app, "import-register", register(*rows))
    assert not [number for number in NUMBERS if number[:11] in said]


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "The file is empty"),
        (b"iin;surname;kato\n", "The columns are separated by “;”"),
        (b"iin\tsurname\tkato\n", "The columns are separated by “tab”"),
        (b"iin,surname,kato,kato\n1,2,3,4\n", "names a column twice: kato"),
        ("iin,surname,kato\n1,Сейітов,2\n".replace("і", "i").encode("cp1251"), "windows-1251"),
        (b'iin,surname,kato\n1,A"B,2\n', "Line 2 has a quotation mark inside a cell"),
        (b'iin,surname,kato\n1,"A"B,2\n', "Line 2"),
        (b'iin,surname,kato\n1,"A,2\n3,B,4\n', "never closed"),
        (b"iin,surname,kato\n1,A\x00B,2\n", "Line 2 contains a zero byte"),
        (b"iin,surname\n900101400019,A\n", "does not name the columns: kato"),
        (b"iin,surname,kato\n", "has no lines below the first one"),
        ("iin,surname,kato\n1,Ә,2\n".encode("utf-16"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\xff\xff", "not in UTF-8"),
        (b'iin,surname,kato\n"' + b"x" * 140_000, "larger than 128 kilobytes"),
    ],
)
def test_what_is_no_register_is_refused(app, tmp_path, content, reason):
    path = tmp_path / "register.csv"
    path.write_bytes(content)
    assert reason in refused(app, "import-register", path)
    assert size() == 1


def test_a_register_saved_by_a_spreadsheet_is_read(app, register):
    path = register((DINARA, "Әбішева", "611000000"), encoding="utf-8-sig")
    assert run(app, "import-register", path).out == "1 people are in the register.\n"


def test_a_resident_is_verified_by_it(app, register, world, visit):
    run(app, "import-register", register((DINARA, "Әбішева", "612000000")))
    newcomer = visit(world.newcomer)
    done = newcomer.follow(verify(newcomer, DINARA, "  әбішева "))
    assert "your votes count from now on" in done.text
    person = account(world, "newcomer")
    assert person.is_verified and person.home.kato == "612000000"


def test_a_vote_that_was_kept_counts_after_verification(app, register, world, visit):
    run(app, "import-register", register((DINARA, "Әбішева", "611000000")))
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
    newcomer = visit(world.newcomer)
    newcomer.post(f"/proposals/{key}/vote", 303, newcomer.get(f"/proposals/{key}"), choice="support")
    assert db.session.get(Proposal, key).supports == 0
    answer = verify(newcomer, DINARA, "Әбішева")
    assert answer.location == f"/proposals/{key}"
    rollback()
    assert db.session.get(Proposal, key).supports == 1


@pytest.mark.parametrize(
    "surname", ["Семёнов-Байқоңыр", "СЕМЕНОВ БАЙҚОҢЫР", " семёнов-баи\u0306қоңыр ", "Семёнов\u00adБайқоңыр"]
)
def test_a_surname_fits_in_any_spelling(app, register, world, visit, surname):
    run(app, "import-register", register((DINARA, "Семёнов-Байқоңыр", "611000000")))
    verify(visit(world.newcomer), DINARA, surname)
    assert account(world, "newcomer").is_verified


@pytest.mark.parametrize(
    "number, surname, reason",
    [
        (DINARA, "Бекова", "The register has no such person."),
        (SALTANAT, "Әбішева", "The register has no such person."),
        (DINARA[:11] + str((int(DINARA[11]) + 1) % 10), "Әбішева", "This is not an IIN"),
        ("12", "Әбішева", "This is not an IIN"),
        ("' OR 1=1 --", "Әбішева", "This is not an IIN"),
    ],
)
def test_who_is_not_in_the_register_is_told_the_way_out(app, register, world, visit, number, surname, reason):
    run(app, "import-register", register((DINARA, "Әбішева", "611000000")))
    refusal = verify(visit(world.newcomer), number, surname, 422)
    assert reason in refusal.text
    assert refusal.form("/verify")["surname"] == surname  # nothing typed is lost
    assert not account(world, "newcomer").is_verified


def test_nobody_is_looked_up_without_agreeing(app, register, world, visit):
    run(app, "import-register", register((DINARA, "Әбішева", "611000000")))
    newcomer = visit(world.newcomer)
    refusal = newcomer.submit(newcomer.get("/verify"), "/verify", 422, iin=DINARA, surname="Әбішева")
    assert "Without your agreement" in refusal.text
    assert not account(world, "newcomer").is_verified


def second_account(name="second"):
    with unit_of_work():
        add_user(f"{name}@test.example", MONDAY - timedelta(days=1))
    return db.session.scalars(select(User).where(User.email == f"{name}@test.example")).one()


def test_the_number_of_another_account_is_refused_with_a_way_out(app, world, visit):
    verify(visit(world.newcomer), NEWCOMERS_IIN, "Ким")
    refusal = verify(visit(second_account()), NEWCOMERS_IIN, "Ким", 422)
    assert "Sign in to that one: one person has one vote." in refusal.text
    assert not account(world, "second").is_verified
    assert account(world, "newcomer").is_verified


def test_a_verified_person_cannot_become_another_one(app, register, world, visit):
    run(app, "import-register", register((DINARA, "Әбішева", "612000000")))
    newcomer = visit(world.newcomer)
    form = newcomer.get("/verify")
    newcomer.submit(form, "/verify", iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    before = account(world, "newcomer")
    key, home, facts = before.person_key, before.home_id, db.session.query(Fact).count()
    newcomer.submit(form, "/verify", iin=DINARA, surname="Әбішева", agree="y")  # from another tab
    after = account(world, "newcomer")
    assert (after.person_key, after.home_id) == (key, home)
    assert db.session.query(Fact).count() == facts


def test_a_stranger_is_asked_to_sign_in_first(visit):
    assert visit().get("/verify", 303).location.startswith("/sign-in")
    answer = visit().post("/verify", 401, iin=DINARA, surname="Ә", agree="y")
    assert DINARA not in answer.html  # what is typed is kept; the number is not


def everything_stored(url, folder):
    """All that the database holds, as bytes and as rows; on SQLite with what was deleted and not yet overwritten."""
    rollback()
    with db.engine.connect() as connection:
        tables = db.metadata.sorted_tables
        rows = " ".join(repr(tuple(row)) for table in tables for row in connection.execute(table.select()))
    found = rows.encode()
    if url.startswith("sqlite"):
        found += b"".join(
            path.read_bytes() for path in folder.rglob("*") if path.is_file() and "register" not in path.name
        )
        with sqlite3.connect(url.removeprefix("sqlite:///")) as plain:
            found += "\n".join(plain.iterdump()).encode()
    return found


def test_no_number_stands_in_clear_anywhere(app, database_url, tmp_path, register, world, visit, capfd, caplog):
    path = register((DINARA, "Әбішева", "612000000"), (MARAT, "Жұмабек", "611000000"))
    run(app, "import-register", path)
    second = visit(second_account())
    newcomer = visit(world.newcomer)
    verify(newcomer, SALTANAT, "Әбішева", 422)
    verify(newcomer, DINARA, "Жұмабек", 422)
    verify(newcomer, DINARA, "Әбішева")
    verify(second, DINARA, "Әбішева", 422)
    run(app, "tick")
    stored = everything_stored(database_url, tmp_path)
    assert account(world, "newcomer").person_key.encode() in stored  # it looks in the right place
    printed = capfd.readouterr()
    said = printed.out + printed.err + caplog.text
    for number in NUMBERS:
        assert number.encode() not in stored
        assert number not in said
    assert "әбішева".encode() not in stored.lower()
    assert PASSWORD.encode() not in stored
