"""Dates and numbers have bounds that are said in words, and nothing that is stored breaks a page later."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from icalendar import Calendar
from sqlalchemy import Date, insert, update

from tests.conftest import MONDAY, ROOT
from tests.factories import propose
from tests.matrix.table import TABLE
from tests.matrix.test_every_route import nobody_answers
from tests.matrix.test_matrix import address
from tests.strategies import add_direction, add_measure, add_programme
from webapp.kernel.clock import EARLIEST, day_in_years
from webapp.kernel.database import Base, db, rollback, unit_of_work
from webapp.kernel.text import iso_date
from webapp.notifications.addresses import Purpose, make_address
from webapp.proposals.models import Proposal
from webapp.resources.models import Entry
from webapp.resources.rules import LARGEST_TENGE
from webapp.resources.services import sums_of
from webapp.strategies.models import Measure

both_databases = ("sums", "far_dates")
WRONG = ["0001-01-01", "1991-12-15", "2056-11-24", "9999-12-31"]
NO_DATES = [
    "10000-01-01",
    "2026-02-30",
    "2026-W01-1",
    "20260101",
    "-2026-01-01",
    "2026-1-5",
    "٢٠٢٦-٠١-٠١",
    "soon",
    "0000-00-00",
]


def test_no_other_field_takes_a_date_or_a_number():
    """One field for dates, with bounds; numbers are read by `whole_number` and its kin, which know how large."""
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "webapp").rglob("*.py")
        if path.as_posix() != (ROOT / "webapp/kernel/forms.py").as_posix()
        and re.search(r"\b(DateField|DateTimeField|IntegerField|DecimalField|FloatField)\(", path.read_text("utf-8"))
    ]
    assert not found


def test_dates_of_people_are_read_in_one_way():
    """`date.fromisoformat` takes weeks and days of the year too; it is for what we have stored ourselves."""
    ours = {"portal/moderation_rows.py", "territories/services.py", "kernel/text.py"}
    found = {
        path.relative_to(ROOT / "webapp").as_posix()
        for path in (ROOT / "webapp").rglob("*.py")
        if re.search(r"\bdate\.fromisoformat\(|strptime\(", path.read_text("utf-8"))
    }
    assert found <= ours


def test_a_date_out_of_bounds_is_said_and_kept(world, visit):
    sentences = {"en": "Choose a day from 16 December 1991 to", "ru": "Выберите день с", "kk": "дейінгі күнді таңдаңыз"}
    for lang, said in sentences.items():
        browser = visit(world.member, lang)
        page = browser.get("/organisations/new")
        for value in [*WRONG, *NO_DATES] if lang == "en" else WRONG[:1]:
            answer = browser.submit(page, "/organisations/new", 422, letter_on=value)
            assert value in answer.html and (said in answer.text) is (value in WRONG), value


def test_a_form_says_its_bounds_to_the_browser(world, visit):
    (field,) = visit(world.member).get("/organisations/new").find("input", type="date")
    assert (field.get("min"), field.get("max")) == ("1991-12-16", "2056-11-23")


def test_leap_days_and_digits():
    assert day_in_years(30, date(2028, 2, 29)) == date(2058, 2, 28) and day_in_years(4, date(2024, 2, 29)).day == 29
    assert iso_date("2026-12-31") == date(2026, 12, 31) and EARLIEST.year == 1991
    assert [value for value in NO_DATES if iso_date(value)] == []


#: What begins is at the very beginning of the calendar, what ends at its end.
ENDS = ("until", "ends", "due", "to")
#: Pages that show a day somebody wrote down.
DATED = (
    *("cascade", "hanging", "delivery", "offers", "organisations", "public_organisations", "replicating", "staffing"),
    *(
        "places.territory",
        "portal.proposal",
        "portal.my",
        "desk.",
        "desk_team",
        "desk_strategy",
        "account",
        "answering",
    ),
)


def test_no_stored_date_breaks_a_page(stage):
    """Every date of the database at an end of the calendar: pages, lists for machines and feeds still answer."""
    stage.restore()
    with stage.app.app_context(), unit_of_work():
        for table in Base.metadata.tables.values():
            names = [column.name for column in table.columns if isinstance(column.type, Date)]
            far = {name: date.max if any(word in name for word in ENDS) else date.min for name in names}
            if far:
                db.session.execute(update(table).values(far))
    broken, opened = [], 0
    for row in TABLE:
        if row.method != "GET" or not row.endpoint.startswith(DATED):
            continue
        name = sorted(row.let_in() or {"visitor"})[-1]
        page = stage.browser(name)._send("GET", address(stage.app, row, stage.scene)[0])
        opened += page.status == 200
        if page.status >= 500 and not nobody_answers(row, page):
            broken.append((row.route, page.status))
    stage.written.append("dates")
    stage.restore()
    assert not broken and opened > 30


@pytest.mark.parametrize(
    "due", [datetime.max.replace(tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC), datetime(2028, 2, 29, 20, tzinfo=UTC)]
)  # fmt: skip
def test_a_calendar_with_far_dates_is_one(world, visit, due):
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
        db.session.execute(
            update(Proposal.__table__).where(Proposal.id == key).values(due_at=due.replace(microsecond=0))
        )
        make_address(world.moderator.id, Purpose.CALENDAR, MONDAY)
    settings = visit(world.moderator).get("/my/notifications").html
    (event,) = Calendar.from_ical(visit().get(re.search(r"/calendars/[\w-]+\.ics", settings).group()).html).walk(
        "VEVENT"
    )
    assert event["DTEND"].dt > event["DTSTART"].dt


def test_sums_may_be_larger_than_a_column_holds(world, visit):
    with unit_of_work():
        measure = add_measure(MONDAY, add_programme(MONDAY, add_direction(MONDAY)))
        plain = {"kind": "planned", "source": "city_budget", "document": "1", "on": MONDAY.date(), "at": MONDAY}
        # as if thousands of the largest sums that a form takes had been entered
        huge = [plain | {"measure_id": measure.id, "amount_tenge": 9 * 10**18} for _n in range(3)]
        db.session.execute(insert(Entry), [*huge, plain | {"measure_id": measure.id, "amount_tenge": -LARGEST_TENGE}])
        key = measure.id
    rollback()
    assert 0.999 < sums_of(Measure, [key])[key].planned / (27 * 10**18) < 1.001
    for path in ("/measures/1", "/programmes/1", "/directions/1", "/strategy", "/progress", "/hanging"):
        visit().get(path)


def test_sums_that_fit_are_exact(world):
    amounts = [LARGEST_TENGE, -LARGEST_TENGE + 1, 999_999_999, 1_000_000_001, -7, LARGEST_TENGE - 3]
    with unit_of_work():
        measure = add_measure(MONDAY, add_programme(MONDAY, add_direction(MONDAY)))
        plain = {"kind": "planned", "source": "city_budget", "document": "1", "on": MONDAY.date(), "at": MONDAY}
        db.session.execute(insert(Entry), [plain | {"measure_id": measure.id, "amount_tenge": one} for one in amounts])
        key = measure.id
    rollback()
    assert sums_of(Measure, [key])[key].planned == sum(amounts)


def test_a_list_that_ends_before_its_end_says_so_and_its_sum_does_not_end(world, visit):
    with unit_of_work():
        programme = add_programme(MONDAY, add_direction(MONDAY))
        first = add_measure(MONDAY, programme)
        table = Measure.__table__
        row = dict(db.session.execute(table.select().where(table.c.id == first.id)).mappings().one())
        db.session.execute(insert(table), [row | {"id": first.id + n} for n in range(1, 302)])
        plain = {"kind": "planned", "source": "city_budget", "document": "1", "on": MONDAY.date(), "at": MONDAY}
        db.session.execute(
            insert(Entry), [plain | {"measure_id": first.id + n, "amount_tenge": 1_000_000} for n in range(302)]
        )
    page = visit().get(f"/programmes/{programme.id}")
    assert "Only 300 are shown here; there are more." in page.text
    assert "302000000" in re.sub(r"(?<=\d)[\s\u00a0\u202f,](?=\d)", "", page.text)
