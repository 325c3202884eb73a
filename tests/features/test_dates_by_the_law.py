"""A worker that was away changes nothing but the moment of the record; an absence of the site moves what was open."""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from flask_migrate import upgrade
from sqlalchemy import select

from tests.conftest import MONDAY, make_app
from tests.factories import ACCEPTANCE, World, add_user, crowd, propose
from tests.features.test_absence import Country, only_deadlines
from tests.features.test_answering import words_on
from tests.sizes import size
from webapp.access.models import Grant
from webapp.access.services import give_role
from webapp.answering.record import record_of
from webapp.delivery.models import JudgingRound, Milestone
from webapp.demo.services import build
from webapp.escalation.models import LadderRung
from webapp.journal.models import Fact
from webapp.kernel import presence
from webapp.kernel.clock import LOCAL_ZONE
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.errors import DomainError
from webapp.kernel.i18n import format_date
from webapp.kernel.jobs import Heartbeat
from webapp.kernel.presence import SITE, _beat_on, beat, there_until
from webapp.moderation.services import forward, publish
from webapp.people.models import User
from webapp.proposals.due import present, settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.proposals.services import withdraw
from webapp.rulebook.models import Outage
from webapp.rulebook.rules import absence, after_absence, end_of_day
from webapp.rulebook.services import calendar, due_after
from webapp.territories.services import by_kato
from webapp.voting.services import cast_vote

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LATER = {"fell_due_at", "recorded_at"}


@pytest.fixture(autouse=True)
def it_is_as_late_as_that(monkeypatch):
    """The moments of these tests lie in the past of the machine: they are present ones, not played."""
    monkeypatch.setattr(presence, "present_moment", lambda: datetime(2031, 3, 3, 12, tzinfo=UTC))


class SameCountry(Country):
    """What somebody does on a day depends on the day and the proposal alone, as it is by the law when they come."""

    def __init__(self, seed: int, days: int, proposals: int) -> None:
        super().__init__(seed, days, proposals)
        self.seed = seed

    def live(self, day: int, now: datetime) -> None:
        """Whoever feels like it, on proposals that may have moved on without anybody having noticed."""
        for key in self.keys(Proposal):
            self.chance = random.Random(f"{self.seed}/{day}/{key}")
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
    told = [
        (
            fact.proposal_id,
            fact.verb,
            fact.happened_at,
            sorted((k, str(v)) for k, v in fact.facts.items() if k not in LATER),
        )
        for fact in facts
    ]
    found["facts"] = sorted(told, key=lambda row: (row[0], row[2], row[1], str(row[3])))
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
            for rest in ("", "-wal", "-shm"):
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
        assert (len(expected), differ[:3]) == (len(away[kind]), []), (kind, differ[:3])
    verbs = {verb for _key, verb, *_rest in away["facts"]}
    assert verbs >= {"body:silent", "proposal:climbed", "proposal:forwarded", "proposal:withdrawn"}, verbs


class Demonstration(SameCountry):
    """The people of the demonstration: its residents, and the staff of every body, who come or do not come."""

    def __init__(self, seed: int, days: int) -> None:
        self.seed, self.days, self.chance = seed, days, random.Random(seed)
        self.voters = list(
            db.session.scalars(select(User.id).where(User.email.startswith("resident")).order_by(User.id))
        )
        grants = db.session.scalars(select(Grant).where(Grant.role.in_(["moderator", "officer"])).order_by(Grant.id))
        self.staff = {grant.user_id: (grant.territory.kato, grant.role) for grant in grants}
        self.away = {key: self._stretches() for key in self.staff}

    def _reaches(self, person: User, kato: str | None) -> bool:
        return by_kato(self.staff[person.id][0]).contains(by_kato(kato))


@pytest.mark.slow
@pytest.mark.parametrize("days", size([], [3, 60, 400]))
def test_no_proposal_of_the_demonstration_differs(tmp_path, days):
    """The demonstration with a worker that was there, and with one that was away for so long."""
    app = make_app(f"sqlite:///{tmp_path / 'demonstration.sqlite3'}", tmp_path)

    def work(is_away: bool) -> dict[str, list[tuple]]:
        country, deadlines, begins = Demonstration(7, days), only_deadlines(), MONDAY
        for day in range(days):
            now = begins + DAY * day
            if not is_away:
                for hours in (0, 2):
                    assert min(deadlines.run(now + HOUR * hours, played=True).values()) >= 0
            country.live(day, now + HOUR * 3)
        deadlines.run(begins + DAY * days, played=True)
        return everything()

    with app.app_context():
        upgrade()
        build(MONDAY)
        there, away = both(app, work)
        assert len(there["proposals"]) == 68
        for kind, expected in there.items():
            differ = [(a, b) for a, b in zip(expected, away[kind], strict=False) if a != b]
            assert (len(expected), differ[:3]) == (len(away[kind]), []), (kind, differ[:3])
        kinds = Counter(verb for _key, verb, *_rest in away["facts"])
        print(f"{days} days: 0 of {len(there['proposals'])} proposals differ; {dict(kinds)}")
        db.session.remove()
        db.engine.dispose()


def at_review(world) -> int:
    """A proposal for which the city owes an answer; a crowd has supported it."""
    with unit_of_work():
        crowd(24, "611000000", MONDAY - DAY)
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
    with unit_of_work():
        publish(World.read().moderator, present(key, MONDAY, lock=True), MONDAY)
    with unit_of_work():
        proposal = present(key, MONDAY, lock=True)
        for voter in db.session.scalars(select(User).where(User.email.startswith("voter"))):
            if proposal.stage == Stage.COLLECTING:
                cast_vote(voter, proposal, "support", MONDAY)
    assert found(key).stage == Stage.REVIEW
    return key


def found(key: int) -> Proposal:
    """The row as it is stored now."""
    rollback()
    return db.session.get(Proposal, key)


def test_an_answer_after_a_silence_that_nobody_recorded_meets_the_right_state(world, visit, clock):
    """The worker is dead; the city answers after its term: the page says so, and its silence is recorded by the visit."""
    key = at_review(world)
    due = found(key).due_at
    late = due + 5 * DAY
    clock(late)
    officer = visit(world.officer)
    refused = officer.post(f"/proposals/{key}/answer", 403, **ACCEPTANCE)
    assert ACCEPTANCE["responsible_kk"] in words_on(refused), "nothing typed is lost"
    assert found(key).seat.kato == "611000000", "what was refused changed nothing"
    seen = officer.get(f"/proposals/{key}")
    page = words_on(seen)
    now_at = found(key)
    assert (now_at.seat.kato, now_at.silent_at) == ("610000000", due)
    assert now_at.due_at == due_after(15, due), "the term of the region began when the city's ended"
    assert "Recorded on" in page and f"/proposals/{key}/answer" not in seen.html
    facts = {fact.verb: fact for fact in db.session.scalars(select(Fact).where(Fact.proposal_id == key))}
    for verb in ("body:silent", "proposal:climbed"):
        assert (facts[verb].at, facts[verb].happened_at) == (late, due), verb
        assert facts[verb].facts["fell_due_at"] == due.isoformat() and facts[verb].facts["recorded_at"]


def test_the_top_can_be_silent_and_says_by_how_much(world, visit, clock):
    key = at_review(world)
    with unit_of_work():
        proposal = present(key, MONDAY, lock=True)
        while proposal.overdue_at is None:
            settle(proposal, proposal.due_at)
        first = proposal.overdue_at
    clock(first + 14 * DAY)
    page = words_on(visit().get(f"/proposals/{key}"))
    assert re.search(rf"Overdue by \d+ working days: the term ended on {format_date(first)}", page), page
    assert found(key).due_at > first + 14 * DAY and "working days left" not in page
    record = record_of(found(key).seat_id, first + 14 * DAY)
    assert (record.silent, record.on_time, record.late) == (1, 0, 0)
    assert record_of(found(key).seat_id, first - DAY).silent == 0


def test_nobody_resets_a_clock_by_sending_it_to_and_fro(world):
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
    kentau, turkistan = by_kato("612000000"), by_kato("611000000")
    with unit_of_work():
        moderator = add_user("both@test.example", MONDAY)
        give_role(moderator, "moderator", by_kato("610000000"), MONDAY)
    first, later = found(key).due_at, MONDAY + DAY
    for target in (kentau, turkistan, kentau):
        with unit_of_work():
            who = db.session.scalars(select(User).where(User.email == "both@test.example")).one()
            forward(who, present(key, later, lock=True), target, later)
    was = found(key).due_at
    assert was == due_after(3, later), "the same term as at its first coming, a day later it would be another"
    with unit_of_work():
        forward(who, present(key, later, lock=True), turkistan, later)
    assert found(key).due_at == first
    assert first < due_after(3, later)


def test_an_absence_of_the_site_is_no_silence(app, world, visit, clock):
    """Three days without a beat: the officer is not called silent, each open date moves, everybody reads why."""
    key = at_review(world)
    due, closes = found(key).due_at, found(key).closes_at
    with unit_of_work():
        submitted = propose(world.bolat, due - 2 * DAY, kato="750000000").id
    triage = found(submitted).due_at
    beat(due - 2 * HOUR)
    back = due + 3 * DAY
    assert jobs_of_dates(back) == 0, "nobody is called silent before the site is there"
    assert found(key).seat.kato == "611000000" and there_until(back) == due - 2 * HOUR
    assert beat(back) and not beat(back + timedelta(minutes=1))
    outage = db.session.scalars(select(Outage)).one()
    moved = found(key)
    assert outage.moved >= 2 and moved.due_at == due_after(1, back)
    assert moved.closes_at > closes and moved.due_at > back and found(submitted).due_at > triage
    rung = db.session.scalars(select(LadderRung).where(LadderRung.arrived_at.is_not(None))).one()
    assert rung.due_at == moved.due_at
    assert jobs_of_dates(back + HOUR) == 0 and found(key).silent_at is None
    fact = db.session.scalars(select(Fact).where(Fact.verb == "site:away")).one()
    assert fact.public and fact.facts["began_at"] and fact.facts["days"]
    clock(back + HOUR)
    page = words_on(visit().get(f"/proposals/{key}"))
    assert "The site was unavailable from" in page and format_date(moved.due_at) in page


def jobs_of_dates(now: datetime) -> int:
    """One run of the worker, at the present moment."""
    return sum(only_deadlines().run(now).values())


def test_a_short_absence_moves_only_what_ended_in_it():
    zone = LOCAL_ZONE
    began = datetime(2026, 12, 14, 18, 50, tzinfo=UTC)  # ten minutes before the end of a Monday
    away = absence(began, began + timedelta(minutes=20), 4, zone)
    every = lambda day: day.weekday() < 5  # noqa: E731
    ends = end_of_day(date(2026, 12, 14), zone)
    assert away.days == () and after_absence(ends, away, every, zone) == end_of_day(date(2026, 12, 16), zone)
    for day in (date(2026, 12, 13), date(2026, 12, 15), date(2027, 1, 20)):
        assert after_absence(end_of_day(day, zone), away, every, zone) == end_of_day(day, zone)
    long = absence(began, began + timedelta(days=2), 4, zone)
    assert long.days == (date(2026, 12, 15), date(2026, 12, 16))
    assert after_absence(end_of_day(date(2026, 12, 24), zone), long, every, zone) == end_of_day(
        date(2026, 12, 28), zone
    )


def test_a_term_that_is_settled_late_gets_its_absences_back(world):
    """The city's silence is noticed only after an absence in the region's term: that term is as long as it would have been."""
    key = at_review(world)
    due = found(key).due_at
    undisturbed = due_after(15, due)
    began, ended = due + 4 * DAY, due + 9 * DAY
    beat(began)
    beat(ended)
    with unit_of_work():
        settle(present(key, ended, lock=True), ended)
    away = absence(began, ended, 4, LOCAL_ZONE)
    expected = after_absence(undisturbed, away, calendar(), LOCAL_ZONE)
    assert found(key).due_at == expected > undisturbed


def test_an_operator_notes_what_the_site_cannot_see(app, world):
    key = at_review(world)
    due = found(key).due_at
    runner = app.test_cli_runner()
    said = runner.invoke(args=["outage", "2026-11-24T08:00", "2026-11-25T20:00", "Кабель үзілді"])
    assert said.exit_code == 0 and "dates were moved" in said.output, said.output
    assert found(key).due_at == due_after(2, due)
    for wrong in (("2026-11-25T20:00", "2026-11-24T08:00"), ("2026-11-25T00:00", "2026-11-26T00:00")):
        refused = runner.invoke(args=["outage", *wrong, "Кабель үзілді"])
        assert refused.exit_code == 1 and "Error: " in refused.output and "Traceback" not in refused.output


def test_what_serves_people_beats_and_says_so(app, world, visit, clock, monkeypatch):
    once = Event()
    once.set()
    _beat_on(app, once)
    rollback()
    beaten = db.session.get(Heartbeat, SITE).ran_at
    clock(beaten + timedelta(minutes=4))
    assert "site" not in visit().get("/readyz", 503).html, "the worker is the only one who is missing"
    clock(beaten + timedelta(minutes=6))
    monkeypatch.setattr(presence, "present_moment", lambda: beaten + timedelta(minutes=6))
    assert "site: no beat" in visit().get("/readyz", 503).html
