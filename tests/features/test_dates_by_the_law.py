"""A worker that was away changes nothing but the moment of the record; an absence of the site moves what was open."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import World, propose
from tests.features.test_absence import Country, only_deadlines
from tests.sizes import size
from webapp.delivery.models import JudgingRound, Milestone
from webapp.escalation.models import LadderRung
from webapp.journal.models import Fact
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.errors import DomainError
from webapp.proposals.due import present
from webapp.proposals.models import Proposal
from webapp.proposals.services import withdraw

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LATER = {"fell_due_at", "recorded_at"}


class SameCountry(Country):
    """What somebody does on a day depends on the day and the proposal alone, as it is by the law when they come."""

    def live(self, day: int, now: datetime) -> None:
        """Whoever feels like it, on proposals that may have moved on without anybody having noticed."""
        for key in self.keys(Proposal):
            self.chance = random.Random(f"{day}/{key}")
            if not self.some(0.25):
                continue
            with suppress(DomainError), unit_of_work():
                proposal = present(key, now, lock=True)
                if proposal.closed_at is not None:
                    continue
                if self.some(0.03) and proposal.author is not None:
                    withdraw(proposal.author, proposal, now)
                else:
                    getattr(self, f"in_{proposal.stage}")(proposal, day, now)


def lives(days: int, made: int, is_there, begins: datetime) -> dict[str, list[tuple]]:
    """So many days with votes, answers, withdrawals and appeals; the worker comes on the days on which it is there."""
    country, deadlines = SameCountry(7, days, made), only_deadlines()
    for number in range(made):
        with unit_of_work():
            home = ("611000000", "612000000", "750000000")[number % 3]
            author = getattr(World.read(), ("aigerim", "kentau", "bolat")[number % 3])
            propose(author, begins + timedelta(seconds=number), title=f"Ұсыныс {number}", kato=home)
    for day in range(days):
        now = begins + DAY * day
        if is_there(day):
            for hours in size((18,), (0, 6, 12, 18)):
                assert min(deadlines.run(now + HOUR * hours, played=True).values()) >= 0
        country.live(day, now + HOUR * 19)
    deadlines.run(begins + DAY * days, played=True)
    return everything()


def everything() -> dict[str, list[tuple]]:
    """All that follows from dates: of proposals, rungs, plans and rounds, and what the journal says of when it was due."""
    rollback()
    columns = ("stage", "seat_id", "due_at", "silent_at", "overdue_at", "closed_at", "closes_at", "appeal_until")
    rungs = ("proposal_id", "position", "arrived_at", "due_at", "left_at", "outcome", "cause", "extended")
    found = {
        "proposals": rows(Proposal, ("id", *columns)),
        "rungs": rows(LadderRung, rungs),
        "milestones": rows(Milestone, ("proposal_id", "position", "due_on", "done_at", "missed_at")),
        "rounds": rows(JudgingRound, ("proposal_id", "number", "opened_at", "closes_at", "closed_at")),
    }
    facts = db.session.scalars(select(Fact).where(Fact.proposal_id.is_not(None)).order_by(Fact.proposal_id, Fact.id))
    found["facts"] = [
        (
            fact.proposal_id,
            fact.verb,
            fact.happened_at,
            sorted((k, str(v)) for k, v in fact.facts.items() if k not in LATER),
        )
        for fact in facts
    ]
    return found


def rows(model, columns: tuple[str, ...]) -> list[tuple]:
    """Rows of a table as plain values, in their order."""
    table = model.__table__
    return [tuple(row) for row in db.session.execute(select(*(table.c[name] for name in columns)).order_by(table.c.id))]


def both(app, work) -> list[dict[str, list[tuple]]]:
    """What comes of it with a worker that was there, and with one that was away, from the same beginning."""
    file = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    found = []
    for is_away in (False, True):
        db.session.remove()
        db.engine.dispose()
        if not is_away:
            shutil.copy(file, f"{file}.begin")
        else:
            for rest in ("-wal", "-shm"):
                Path(file + rest).unlink(missing_ok=True)
            shutil.copy(f"{file}.begin", file)
        found.append(work(is_away))
    return found


@pytest.mark.parametrize("days", size([32], [3, 60, 400]))
def test_a_worker_that_was_away_changes_no_date(app, world, days):
    def work(is_away):
        return lives(days, size(12, 60), lambda day: not is_away, MONDAY)

    there, away = both(app, work)
    assert there["proposals"], "a country without proposals shows nothing"
    for kind, expected in there.items():
        differ = [(a, b) for a, b in zip(expected, away[kind], strict=False) if a != b]
        assert (len(expected), differ[:3]) == (len(away[kind]), []), kind
    verbs = {verb for _key, verb, *_rest in away["facts"]}
    assert verbs >= {"body:silent", "proposal:climbed", "proposal:forwarded", "proposal:withdrawn"}, verbs
