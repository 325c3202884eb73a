"""What a page offers, the verb behind it takes: for random states, each button and link as each kind of person."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from tests.client import fields_of
from tests.conftest import MONDAY
from tests.factories import World, propose
from tests.features.test_absence import only_deadlines
from tests.features.test_dates_by_the_law import DAY, HOUR, SameCountry
from tests.sizes import size
from webapp.kernel import database
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.people.models import User
from webapp.proposals.models import Proposal

DAYS, PROPOSALS = size((27, 12), (120, 80))
#: What any page offers, whatever is on it.
ELSEWHERE = ("/sign-out", "/language", "/sign-in", "/sign-up", "/my", "/desk/")
#: Refusals that say that the act is not there to be done.
NOT_THERE = frozenset({403, 404, 405, 409, 410, 500, 503})


def lived_through(seed: int, is_there) -> list[int]:
    """A country after some weeks; one proposal of each situation that it holds, by number."""
    country = SameCountry(seed, DAYS, PROPOSALS)
    for number in range(PROPOSALS):
        with unit_of_work():
            name, home = [("aigerim", "611000000"), ("kentau", "612000000"), ("bolat", "750000000")][number % 3]
            began = MONDAY + DAY * (number % 9)
            propose(getattr(World.read(), name), began, title=f"Ұсыныс {number}", kato=home)
    for day in range(9, DAYS):
        now = MONDAY + DAY * day
        if is_there(day) and day % 3 == 0:
            only_deadlines().run(now, played=True)
        country.live(day, now + HOUR)
    rollback()
    found = {}
    for row in db.session.scalars(select(Proposal).order_by(Proposal.id.desc())):
        is_late = row.due_at is not None and row.due_at <= MONDAY + DAY * DAYS
        found[row.stage, row.seat.rung, row.closed_at is None, row.overdue_at is None, is_late] = row.id
    return sorted(found.values())


def who_looks(proposal: Proposal) -> list[User]:
    """The author, a resident, and the staff of each body of the line, one of each kind."""
    places = "|".join(place.kato for place in (proposal.seat, proposal.origin))
    staff = [
        f"{role}0.{kato}@test.example"
        for role in ("moderator", "officer")
        for kato in (*places.split("|"), "000000000")
    ]
    people = db.session.scalars(
        select(User).where(User.email.in_([*staff, f"voter0.{proposal.origin.kato}@test.example"]))
    )
    return [proposal.author, *people]


def offered(page, key: int) -> tuple[list[tuple[str, dict[str, str]]], list[str]]:
    """Forms that act, with what they would send, and addresses of pages on which one acts, on the page of a proposal."""
    forms = []
    for form in page.find("form"):
        action = form.get("action") or ""
        if form.get("method") != "post" or action.startswith(ELSEWHERE):
            continue
        values = fields_of(form)
        for button in form.iter("button"):
            if button.get("name"):
                values.setdefault(button.get("name"), button.get("value", ""))
        forms.append((action, {name: value or "Қайта қараңызшы" for name, value in values.items()}))
    links = {
        a.get("href")
        for a in page.find("a")
        if (a.get("href") or "").startswith((f"/proposals/{key}/", f"/desk/{key}", "/milestones/"))
    }
    return forms, sorted(links)


@pytest.mark.slow
@pytest.mark.parametrize("is_there", size([False], [False, True]))
def test_each_act_that_is_offered_is_taken(app, world, visit, clock, monkeypatch, is_there):
    seed = random.randrange(10**6)
    print(f"seed {seed}: the country can be lived again with it")
    keys = lived_through(seed, lambda day: is_there or day < DAYS - 7)
    clock(MONDAY + DAY * DAYS)
    refused, seen = [], set()
    for key in keys:
        for person in who_looks(db.session.get(Proposal, key)):
            browser = visit(person)
            page = browser._send("GET", f"/proposals/{key}")
            if page.status != 200:  # not everybody sees what is not published
                continue
            forms, links = offered(page, key)
            with monkeypatch.context() as patch:
                patch.setattr(database, "commit", database.rollback)  # look, and leave everything as it was
                for action, values in forms:
                    answer = browser._send("POST", action, data=values)
                    seen.add(action.rstrip("0123456789").rpartition("/")[2])
                    if answer.status in NOT_THERE:
                        refused.append((person.email, "POST", action, answer.status, answer.text[:300]))
            for link in links:
                seen.add(link.rpartition("/")[2])
                if browser._send("GET", link).status in NOT_THERE:
                    refused.append((person.email, "GET", link, 0, ""))
            rollback()
    assert refused == [], refused[:5]
    assert {"vote", "following"} <= seen and len(seen) > 5, seen
