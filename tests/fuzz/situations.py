"""Situations in which a form is sent that was in order when its page was opened; each sends one, and says what is wrong.

The right answer is a page that says why, with every word that was typed, and nothing done in a name that is
not the sender's.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, update

from tests.client import Page, Visitor
from tests.conftest import MONDAY
from tests.matrix.table import EVERYBODY, HALF, OWN, PUBLIC, SIGNED_IN, TABLE, Row
from tests.matrix.test_matrix import DOORS, address
from tests.scenery import PEOPLE, Theatre, standing_clock
from webapp import config
from webapp.access.models import Grant
from webapp.kernel import typed
from webapp.kernel.database import db, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.people.models import Membership
from webapp.people.services import by_email
from webapp.people.sign_ins import end_all

WORDS = "Белгі сөздер «№7» & <b>\nекінші жол"
LATER = MONDAY + timedelta(days=400)
OWN_SITE = {"Sec-Fetch-Site": "same-origin"}
#: What may be written where nothing may be done: the form waits for its account.
WAITS = {"waiting_form"}
#: A mail program sends it without a key; the address itself is the secret.
NO_KEY = {"notices.unsubscribe"}
#: Without the other end nobody answers, and that is said.
ELSEWHERE = ("verification_ways.",)
STAFF = ("moderator", "officer", "operator", "owner", "representative")


@dataclass
class Case:
    """One form in one situation."""

    stage: Theatre
    row: Row
    person: str
    path: str
    fields: dict[str, str]
    written: set[str]

    def post(self, browser: Visitor, **changed: Any) -> Page:
        """Send it with the key of the person's own page."""
        data = {"csrf_token": self.stage.keys[self.person].token, **self.fields, **changed}
        return browser._send("POST", self.path, data=data, headers=OWN_SITE)

    @property
    def user_id(self) -> int:
        """The account of the person."""
        return int(self.stage.scene[f"user {self.person}"])


def rows() -> list[Row]:
    """Every form of the site, as the table lists them; between password and code there is none to lose."""
    return [row for row in TABLE if row.method == "POST" and row.asks != HALF and row.endpoint != "doors.sign_out"]


def case_of(stage: Theatre, row: Row) -> Case:
    """The form with valid fields, as far as the table knows them, and words in every field that takes a text."""
    path, form = address(stage.app, row, stage.scene)
    areas = {name for name, field in typed._fields_of_forms() if field.field_class.__name__ == "TextAreaField"}
    fields = {name: WORDS if name in areas else value for name, value in form.items()}
    return Case(stage, row, _who(row), path, fields | {"note": WORDS}, {n for n in form if n in areas})


def _who(row: Row) -> str:
    insiders = sorted(row.let_in() - {"visitor"}) if row.who not in (EVERYBODY,) else ["author@own"]
    by_role = [name for name in insiders if name.startswith(STAFF)]
    return (by_role or insiders or ["author@own"])[-1]


#: A page of a feature, with its own form on it: of fields that are not its own it knows nothing.
ITS_OWN_PAGE = {409, 422, 503}


def is_lost(case: Case, page: Page, by_nobody: bool) -> bool:
    """Whether a refusal has swallowed the words; `by_nobody`: no view has looked at the form."""
    if page.status < 400 or (page.status in ITS_OWN_PAGE and not case.written and not by_nobody):
        return False
    return WORDS not in html.unescape(page.html).replace("\r\n", "\n")


def _common(case: Case, page: Page, by_nobody: bool = False) -> list[str]:
    found = []
    if page.status >= 500 and not case.row.endpoint.startswith(ELSEWHERE):
        found.append(f"{page.status}")
    elif is_lost(case, page, by_nobody):
        found.append(f"{page.status}, and the words are lost")
    return found


def _undone(case: Case, page: Page, statuses: set[int]) -> list[str]:
    """Nothing may have been done: the right status, or the way to a door, and nothing written."""
    found = _common(case, page, by_nobody=page.status != 422)
    to_a_door = page.status == 303 and urlsplit(page.location).path.startswith(DOORS)
    if page.status not in statuses and not to_a_door:
        found.append(f"{page.status} {page.location} where {sorted(statuses)} is right")
    if done := set(case.stage.written) - WAITS:
        found.append(f"wrote into {sorted(done)}")
    return found


def _is_for_strangers(row: Row) -> bool:
    return "visitor" in row.let_in()


def sign_in_ended(case: Case) -> list[str]:
    """Ended on another device, or over."""
    with case.stage.app.app_context(), unit_of_work():
        end_all(case.user_id, MONDAY)
    case.stage.written.clear()
    page = case.post(case.stage.browser(case.person))
    return _common(case, page) if _is_for_strangers(case.row) else _undone(case, page, {401})


def other_account(case: Case) -> list[str]:
    """The page of one person, sent by another who has signed in here since."""
    if case.row.endpoint in NO_KEY:
        return []
    other = "resident@region" if case.person != "resident@region" else "resident@city"
    with case.stage.app.app_context():
        whose = typed._seal().dumps(case.user_id)
    return _undone(case, case.post(case.stage.browser(other), begun_as=whose), {409})


def role_ended(case: Case) -> list[str]:
    """The role, or the word for the organisation, was taken away meanwhile; the sign-in was not."""
    if not case.person.startswith(STAFF) or case.row.who in (EVERYBODY, SIGNED_IN) or case.row.asks in (PUBLIC, OWN):
        return []
    if any(not name.startswith(STAFF) for name in case.row.let_in()):
        return []  # others are let in for other reasons
    with case.stage.app.app_context(), unit_of_work():
        db.session.execute(update(Grant).where(Grant.user_id == case.user_id).values(valid_until=MONDAY))
        db.session.execute(delete(Membership).where(Membership.user_id == case.user_id))
    case.stage.written[:] = ["grant"]  # so that the scene is put back
    page = case.post(case.stage.browser(case.person))
    case.stage.written[:] = case.stage.written[1:]
    found = _undone(case, page, {403, 404, 409, 410})
    case.stage.written.append("grant")
    return found


def term_over(case: Case) -> list[str]:
    """More than a year later, everything that is due has happened; the page is opened anew and the old form sent."""
    with case.stage.app.app_context(), standing_clock(LATER):
        jobs.run(LATER)
        browser = Visitor(case.stage.app)
        browser.sit_down(by_email(PEOPLE[case.person]))
        page = browser._send("GET", "/my/name")
        tokens = [e.get("value") for e in page.find("input", name="csrf_token")]
        return _common(case, case.post(browser, csrf_token=tokens[0]))


def key_expired(case: Case) -> list[str]:
    """The page is from before a restart."""
    if case.row.endpoint in NO_KEY:
        return []
    return _undone(case, case.post(case.stage.browser(case.person), csrf_token="old"), {400})


def body_too_large(case: Case) -> list[str]:
    """More than fits: in a text, or in a file where one may come."""
    browser = case.stage.browser(case.person)
    if hasattr(case.stage.app.view_functions[case.row.endpoint], "takes_file"):
        file = (BytesIO(b"0" * (config.SIZES["FILE_READ_LENGTH"] + 1)), "x.pdf")
        return _undone(case, case.post(browser, plan=file), {413})
    return _undone(case, case.post(browser, pad="x" * (config.SIZES["MAX_CONTENT_LENGTH"] + 1)), {413})


def double(case: Case) -> list[str]:
    """The same twice."""
    case.post(case.stage.browser(case.person))
    return _common(case, case.post(case.stage.browser(case.person)))


def back_button(case: Case) -> list[str]:
    """Sent, then Back, something changed, and sent once more."""
    case.post(case.stage.browser(case.person))
    changed = {name: f"{value} " for name, value in case.fields.items() if value == WORDS}
    return _common(case, case.post(case.stage.browser(case.person), **changed))


Situation = Callable[[Case], list[str]]
SITUATIONS: tuple[Situation, ...] = (
    *(sign_in_ended, other_account, role_ended, term_over),
    *(key_expired, body_too_large, double, back_button),
)


def complaints(stage: Theatre, row: Row, situation: Situation) -> list[str]:
    """What is wrong with the answer to one form in one situation, as sentences; the scene is put back before."""
    stage.restore()
    case = case_of(stage, row)
    found = situation(case)
    if situation is term_over:
        stage.written.append("everything")
    return [f"{what} <- {situation.__name__}: {case.person} POST {case.path} {case.fields}" for what in found]
