"""A country whose staff stay away for weeks or for ever, and an auditor who knows the terms by himself.

`Country` lets people act or not. `Auditor` computes what each run of the jobs owes to every date that has passed,
from the rows and facts alone: the ladder, the calendar and the consequences are written down here once more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import holidays
from sqlalchemy import func, or_, select

from webapp.access.models import Grant
from webapp.delivery.models import Milestone
from webapp.flagging.models import FlagReview, Hiding
from webapp.journal.models import Fact
from webapp.kernel.database import db, rollback
from webapp.kernel.i18n import in_language
from webapp.notifications.sentences import sentence
from webapp.people.models import Organisation
from webapp.proposals.models import Proposal
from webapp.teamwork.models import Assignment, Department
from webapp.territories.models import Territory

ABOVE = {
    "611000000": "610000000",
    "612000000": "610000000",
    "610000000": "000000000",
    "750000000": "000000000",
    "000000000": None,
}
ALMATY = timezone(timedelta(hours=5))
FREE = holidays.country_holidays("KZ", years=range(2026, 2029))
#: Facts that set a date which everybody may count on, and where the date stands.
PROMISES = {
    "proposal:published": "closes_at",
    "threshold:reached": "due_at",
    "proposal:climbed": "due_at",
    "proposal:passed-up": "due_at",
    "proposal:handed-down": "due_at",
    "decline:appealed": "due_at",
    "term:extended": "due_at",
    "term:overdue": "next_due_at",
}
Expected = tuple[Any, ...]


def is_over(day: date, at: datetime) -> bool:
    """Whether the last second of a day in Kazakhstan is there."""
    return datetime.combine(day, time(23, 59, 59), ALMATY) <= at


def working_days(start: datetime, end: datetime) -> int:
    """Working days after one moment up to another."""
    first, last = start.astimezone(ALMATY).date(), end.astimezone(ALMATY).date()
    days = (first + timedelta(days=step) for step in range(1, (last - first).days + 1))
    return sum(FREE.is_working_day(day) for day in days)


def rows(model: Any, *where: Any) -> dict[int, Any]:
    """Rows as plain values, by number."""
    table = model.__table__
    return {row.id: row for row in db.session.execute(select(table).where(*where).order_by(table.c.id))}


@dataclass
class Auditor:
    """What was open before a run, what the run owes, and what it did."""

    last: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    told: dict[int, datetime] = field(default_factory=dict)
    shapes: set[Expected] = field(default_factory=set)
    open: dict[str, dict[int, Any]] = field(default_factory=dict)
    seats: dict[int, str] = field(default_factory=dict)
    paused: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)

    def begin(self) -> None:
        """Begin to read the journal where it ends now."""
        self.seats = dict(db.session.execute(select(Territory.id, Territory.kato)).all())
        self.last = db.session.scalar(select(func.max(Fact.id))) or 0

    def next_date(self) -> datetime | None:
        """The next moment at which something is owed."""
        rollback()
        late = (Organisation.verify_due_at.is_not(None), Organisation.overdue_at.is_(None))
        dates = [
            db.session.scalar(select(func.min(Proposal.due_at))),
            db.session.scalar(select(func.min(FlagReview.due_at))),
            db.session.scalar(select(func.min(Hiding.due_at))),
            db.session.scalar(select(func.min(Organisation.verify_due_at)).where(*late)),
            *(self._end_of(row) for row in self._plan().values()),
        ]
        return min((moment for moment in dates if moment is not None), default=None)

    def _plan(self) -> dict[int, Any]:
        """Milestones that are promised, not reported and not missed yet."""
        going_on = select(Proposal.id).where(Proposal.stage.in_(["accepted", "implementing"]))
        where = (Milestone.proposal_id.in_(going_on), Milestone.done_at.is_(None))
        return {key: row for key, row in rows(Milestone, *where).items() if row.missed_at is None}

    @staticmethod
    def _end_of(milestone: Any) -> datetime:
        return datetime.combine(milestone.due_on, time(23, 59, 59), ALMATY).astimezone(UTC)

    def look(self) -> None:
        """Remember everything that is open, before a run."""
        rollback()
        self.open = {
            "proposal": rows(Proposal, Proposal.closed_at.is_(None)),
            "milestone": rows(Milestone, Milestone.done_at.is_(None)),
            "review": rows(FlagReview, FlagReview.decided_at.is_(None)),
            "hiding": rows(Hiding, Hiding.due_at.is_not(None)),
            "organisation": rows(Organisation, Organisation.verify_due_at.is_not(None)),
        }

    def owed(self, at: datetime) -> Counter[Expected]:
        """The facts that a run at this moment owes: (verb, proposal, subject, body, what, by or cause, passed date)."""
        found: Counter[Expected] = Counter()
        for row in self.open["proposal"].values():
            if row.due_at <= at:
                self.passed[row.stage] += 1
                found.update(self._of_proposal(row, at))
            if row.stage in ("accepted", "implementing"):
                found.update(self._of_plan(row, at))
        for row in self.open["review"].values():
            if row.due_at <= at:
                self.passed["reports"] += 1
                found[("body:silent", row.proposal_id, row.id, row.desk_id, "flags", None, row.due_at)] += 1
        for row in self.open["hiding"].values():
            if row.due_at <= at and row.appealed_at is not None:
                self.passed["appeal of a hiding"] += 1
                where = (row.proposal_id, row.id, row.desk_id)
                found[("body:silent", *where, "hiding-appeal", None, row.due_at)] += 1
                found[("content:shown", *where, row.what, "silence", None)] += 1
        for row in self.open["organisation"].values():
            if row.verify_due_at <= at and row.overdue_at is None:
                self.passed["organisation"] += 1
                found[("organisation:overdue", None, row.id, row.home_id, None, None, row.verify_due_at)] += 1
        return found

    def _of_proposal(self, row: Any, at: datetime) -> list[Expected]:
        key, seat = (row.id, row.id), row.seat_id
        above = next((k for k, kato in self.seats.items() if kato == ABOVE[self.seats[seat]]), None)
        plain = {"returned": "lapsed", "collecting": "unsupported", "rejected": "closed", "declined": "closed"}
        if row.stage in plain:
            return [(f"proposal:{plain[row.stage]}", *key, seat, None, None, None)]
        if row.stage in ("submitted", "review"):
            if above is None:
                self.passed["at the top"] += 1
                return [("term:overdue", *key, seat, None, None, row.due_at)]
            step = "forwarded" if row.stage == "submitted" else "climbed"
            what = "triage" if row.stage == "submitted" else "answer"
            return [
                ("body:silent", *key, seat, what, None, row.due_at),
                (f"proposal:{step}", *key, above, None, "silence", None),
            ]
        return [("implementation:started", *key, seat, None, None, None)] if row.stage == "accepted" else []

    def _of_plan(self, row: Any, at: datetime) -> list[Expected]:
        """Each milestone that was missed now; at the end of a further term once more each that is still missing."""
        plan = [m for m in self.open["milestone"].values() if m.proposal_id == row.id and is_over(m.due_on, at)]
        fresh = [m for m in plan if m.missed_at is None]
        if not fresh and (row.stage == "accepted" or row.due_at > at):
            return []
        self.passed["milestone"] += len(fresh)
        return [("milestone:overdue", row.id, row.id, row.seat_id, m.title_kk, None, m.due_on) for m in (fresh or plan)]

    def check_run(self, at: datetime) -> None:
        """Exactly what was owed has happened, in this very run, and nothing hangs afterwards."""
        rollback()
        done: Counter[Expected] = Counter()
        for fact in self._new_facts():
            assert fact.at == at
            assert datetime.fromisoformat(fact.facts["recorded_at"]) == at >= fact.happened_at
            done[self._shape(fact)] += 1
        owed = self.owed(at)
        assert done == owed, (at, {"hangs": owed - done, "not owed": done - owed})
        for row in rows(FlagReview, FlagReview.id.in_(self._due("review", at))).values():
            desk = self.seats[self.open["review"][row.id].desk_id]
            assert (self.seats[row.desk_id], row.overdue_at is not None) == (ABOVE[desk] or desk, True)
        for row in rows(Hiding, Hiding.id.in_(self._due("hiding", at))).values():
            was = self.open["hiding"][row.id]
            assert (row.due_at, row.lifted_at) == (None, was.due_at if was.appealed_at else None)
        self.nothing_hangs(at)

    def _due(self, kind: str, at: datetime) -> list[int]:
        return [key for key, row in self.open[kind].items() if row.due_at <= at]

    def _shape(self, fact: Fact) -> Expected:
        """A fact as `owed` writes it."""
        said = fact.facts
        key = (fact.verb, fact.proposal_id, fact.subject_id, fact.territory_id)
        if fact.verb == "milestone:overdue":
            return (*key, said["title_kk"], None, date.fromisoformat(said["due_on"]))
        due = said.get("due_at") if fact.verb in ("body:silent", "term:overdue", "organisation:overdue") else None
        by = said.get("by") or said.get("cause")
        return (*key, said.get("what"), by, datetime.fromisoformat(due) if due else None)

    def _new_facts(self) -> list[Fact]:
        facts = list(db.session.scalars(select(Fact).where(Fact.id > self.last).order_by(Fact.id)))
        for fact in facts:
            self.last = fact.id
            self._read(fact)
        return facts

    def _read(self, fact: Fact) -> None:
        """Keep what was promised to the public, and see that each kind of fact has words."""
        key, said = fact.proposal_id, fact.facts
        assert fact.public or fact.verb in SECRET, fact.verb
        if key is not None and fact.verb in PROMISES:
            self.told[key] = datetime.fromisoformat(said[PROMISES[fact.verb]])
        if key is None or not fact.public:
            return
        shape = (fact.verb, said.get("what"), said.get("by"), said.get("cause"), bool(said.get("department")))
        if shape in self.shapes:
            return
        self.shapes.add(shape)
        for language in ("kk", "ru", "en"):
            with in_language(language):
                words = sentence(fact.verb, said, on_page=True)
                assert len(words) > 10 and fact.verb not in words and "%(" not in words, (fact.verb, words)

    def check_day(self, at: datetime) -> None:
        """After what people did: dates are those that were told, and clocks that stood still end no earlier."""
        rollback()
        self._new_facts()
        self.nothing_hangs(at, is_after_run=False)
        current = rows(Proposal, Proposal.closed_at.is_(None))
        for key, row in current.items():
            if row.stage in ("collecting", "review"):
                assert row.due_at == self.told[key], (key, row.stage, row.due_at, self.told[key])
            if row.stage == "returned":
                self.paused[key] = (row.paused_at, row.paused_due_at)
            elif key in self.paused:
                began, would_end = self.paused.pop(key)
                left = max(1, working_days(began, would_end))
                assert row.due_at >= would_end and working_days(at, row.due_at) >= left, (key, began, would_end, row)
                self.passed["clock that stood still"] += 1
        self.paused = {key: value for key, value in self.paused.items() if key in current}

    def nothing_hangs(self, at: datetime, is_after_run: bool = True) -> None:
        """Everything open has a body that owns it and a date; after a run the date lies ahead."""
        seat = select(Territory.id).where(Territory.rung != "")
        wrong = or_(Proposal.due_at.is_(None), Proposal.seat_id.not_in(seat))
        assert rows(Proposal, Proposal.closed_at.is_(None), wrong) == {}
        assert rows(FlagReview, FlagReview.decided_at.is_(None), FlagReview.due_at.is_(None)) == {}
        assert rows(Hiding, Hiding.appealed_at.is_not(None), Hiding.decided_at.is_(None), Hiding.due_at.is_(None)) == {}
        if is_after_run:
            late = (Organisation.verify_due_at <= at, Organisation.overdue_at.is_(None))
            found = [(Proposal, Proposal.due_at <= at), (FlagReview, FlagReview.due_at <= at)]
            for model, *where in (*found, (Hiding, Hiding.due_at <= at), (Organisation, *late)):
                assert rows(model, *where) == {}, model
            assert [key for key, row in self._plan().items() if is_over(row.due_on, at)] == []
        self._who_has_it_is_of_the_body()

    def _who_has_it_is_of_the_body(self) -> None:
        """A proposal lies with a department and a colleague of the body that owes something, never of another."""
        query = select(Proposal.id, Proposal.seat_id, Department.territory_id, Assignment.assignee_id)
        query = query.join(Assignment, Assignment.proposal_id == Proposal.id).where(Proposal.closed_at.is_(None))
        staff = {tuple(row) for row in db.session.execute(select(Grant.user_id, Grant.territory_id))}
        reach = {(person, self.seats[place]) for person, place in staff if place in self.seats}
        for key, seat, home, person in db.session.execute(query.outerjoin(Assignment.department)):
            assert home in (None, seat), (key, "lies in a department of another body")
            over: str | None = self.seats[seat]
            while over is not None and (person, over) not in reach:
                over = ABOVE[over]
            assert person is None or over, (key, "lies with somebody of another body")


#: What only those concerned are told.
SECRET = {
    *("proposal:lapsed", "proposal:returned", "proposal:resubmitted", "proposal:rejected", "rejection:appealed"),
    *("content:flagged", "organisation:registered", "organisation:corrected", "organisation:refused"),
}
