"""400 days with moderators and officers who stay away: every term that was missed led to its consequence, once, on record."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.absence import ABOVE, Auditor
from tests.canaries import number
from tests.conftest import MONDAY
from tests.factories import World, add_user, crowd, propose
from tests.sizes import size
from webapp.access.services import give_role
from webapp.answering.extending import extend
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import appeal_decline, decide
from webapp.delivery.models import Milestone
from webapp.delivery.reporting import Evidence, report_done
from webapp.delivery.rules import Step
from webapp.flagging import decisions as flagging
from webapp.flagging.decisions import Verdict
from webapp.flagging.models import FlagReview, Hiding
from webapp.flagging.services import Report, flag
from webapp.journal.models import Fact
from webapp.journal.services import verify
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.errors import DomainError
from webapp.kernel.jobs import Jobs, jobs
from webapp.moderation.services import appeal_rejection, ask, forward, publish, reject
from webapp.organisations import decisions as offices
from webapp.organisations import services as organisations
from webapp.people.models import Organisation, User
from webapp.proposals.models import Proposal
from webapp.proposals.services import resubmit
from webapp.rulebook.presets import PRESETS
from webapp.rulebook.services import set_rules
from webapp.teamwork.models import Department
from webapp.teamwork.services import assign
from webapp.territories.services import by_kato, nation
from webapp.voting.services import cast_vote

DAYS, PROPOSALS = 400, size(40, 300)
DAY = timedelta(days=1)
DEADLINES = ("triage terms", "windows and silence", "milestones", "organisations", "flags")
CITIES = {"611000000": "aigerim", "612000000": "kentau", "750000000": "bolat"}
TEXTS = ("Бұл мәселе қаралды, шешімнің себебі осы жерде.", "Вопрос рассмотрен, причина решения указана здесь.")
SENTENCE = "Бұл жерде бөгде адамның жеке деректері болды."


class Country:
    """Everybody in it, what they feel like doing on a day, and the days on which they are away."""

    def __init__(self, seed: int, days: int, proposals: int) -> None:
        self.chance, self.days, self.proposals, self.made, self.reports = random.Random(seed), days, proposals, 0, 0
        with unit_of_work():
            for rung, threshold in (("city", 3), ("region", 7), ("nation", 12)):
                terms = replace(PRESETS["demo"][rung], threshold_number=threshold, spread_places=0)
                set_rules(nation(), rung, replace(terms, collection_days=40, return_days=12), MONDAY - DAY)
            people = [person for home in CITIES for person in crowd(8, home, MONDAY - DAY)]
            self.voters = [person.id for person in people]
            self.staff = self._staff()
            for kato in ("611000000", "610000000"):
                db.session.add(Department(territory_id=by_kato(kato).id, name_kk="Б", name_ru="О", name_en="D"))
        self.away = {key: self._stretches() for key in self.staff}
        for kato, role in (("612000000", "moderator"), ("612000000", "officer")):
            self.away[self._of(kato, role)[0]] = set(range(days))  # they never come

    def _staff(self) -> dict[int, tuple[str, str]]:
        """Two moderators and two officers for each body, one of each for Kentau, who never come."""
        found = {}
        for kato in ABOVE:
            for role in ("moderator", "officer"):
                for index in range(1 if kato == "612000000" else 2):
                    person = add_user(f"{role}{index}.{kato}@test.example", MONDAY - DAY)
                    give_role(person, role, by_kato(kato), MONDAY - DAY)
                    found[person.id] = (kato, role)
        return found

    def _stretches(self) -> set[int]:
        """The days on which somebody is not there: weeks of work and weeks of absence in turn."""
        away, day = set(), 0
        while day < self.days:
            day += self.chance.randint(3, 30)
            length = self.chance.choice([3, 7, 14, 30, 60])
            away |= set(range(day, day + length))
            day += length
        return away

    def _of(self, kato: str, role: str) -> list[int]:
        return [key for key, post in self.staff.items() if post == (kato, role)]

    def present(self, day: int, role: str) -> list[User]:
        """Who of a role has come today."""
        keys = [key for key, post in self.staff.items() if post[1] == role and day not in self.away[key]]
        return list(db.session.scalars(select(User).where(User.id.in_(keys)).order_by(User.id)))

    def some(self, share: float) -> bool:
        """Whether something happens today."""
        return self.chance.random() < share

    def keys(self, model, *where) -> list[int]:
        """The numbers of some rows."""
        rollback()
        return list(db.session.scalars(select(model.id).where(*where).order_by(model.id)))

    def today(self, model, *where) -> list[int]:
        """Some of them: nobody looks at everything on one day."""
        return [key for key in self.keys(model, *where) if self.some(0.2)]

    def live(self, day: int, now: datetime) -> None:
        """One day: what is new, then everybody who is there and feels like it."""
        while self.made < self.proposals and self.made * self.days <= day * self.proposals * 1.25:
            kato = self.chance.choice(list(CITIES))
            with unit_of_work():
                author = getattr(World.read(), CITIES[kato])
                propose(author, now + timedelta(seconds=self.made), title=f"Ұсыныс {self.made}", kato=kato)
            self.made += 1
        for key in self.today(Proposal, Proposal.closed_at.is_(None)):
            with suppress(DomainError), unit_of_work():
                proposal = locked(Proposal, key)
                getattr(self, f"in_{proposal.stage}")(proposal, day, now)
        self.reported(day, now)
        self.registered(day, now)

    def in_submitted(self, proposal, day: int, now: datetime) -> None:
        """A moderator decides, or does not."""
        near = [p for p in self.present(day, "moderator") if self._reaches(p, proposal.seat.kato)]
        if not near or not self.some(0.6):
            return
        person, act = self.chance.choice(near), self.chance.random()
        if act < 0.45:
            publish(person, proposal, now)
        elif act < 0.65:
            ask(person, proposal, "Қай көше туралы айтасыз?", now)
        elif act < 0.75:
            reject(person, proposal, "unclear", now)
        elif act < 0.83:
            assign(person, proposal, person, now)
        else:
            target = by_kato(self.chance.choice([proposal.seat.kato, *ABOVE]))
            inside = select(Department).where(Department.territory_id == target.id)
            forward(person, proposal, target, now, db.session.scalar(inside))

    def _reaches(self, person: User, kato: str | None) -> bool:
        own = self.staff[person.id][0]
        while kato not in (own, None):
            kato = ABOVE[kato]
        return kato == own

    def in_returned(self, proposal, day: int, now: datetime) -> None:
        """The author answers, or forgets it."""
        if proposal.id % 3 and self.some(0.9):
            resubmit(proposal.author, proposal, proposal.title, proposal.text, "Абай көшесі", now)

    def in_rejected(self, proposal, day: int, now: datetime) -> None:
        """The author appeals, or not."""
        if self.some(0.2):
            appeal_rejection(proposal.author, proposal, "Қайта қараңыз", now)

    def in_collecting(self, proposal, day: int, now: datetime) -> None:
        """Few or many stand behind it."""
        if proposal.id % 5 and self.some(0.3):
            for voter in db.session.scalars(select(User).where(User.id.in_(self.chance.sample(self.voters, 12)))):
                cast_vote(voter, proposal, "support", now)

    def in_review(self, proposal, day: int, now: datetime) -> None:
        """An officer takes more time, or answers, or is not there."""
        here = [p for p in self.present(day, "officer") if self.staff[p.id][0] == proposal.seat.kato]
        if not here or not self.some(0.8):
            return
        person, today = self.chance.choice(here), local_date(now)
        if self.some(0.35):
            extend(person, proposal, self.chance.randint(1, 15), *TEXTS, now)
            return
        choice = self.chance.choice([*Decision, Decision.DECLINE])
        dates = [(self.chance.randint(1, 25), self.chance.randint(0, 12)) for _number in range(3)]
        steps = [
            Step(f"Кезең {index}", f"Этап {index}", today + DAY * start, today + DAY * (start + long))
            for index, (start, long) in enumerate(dates)
        ]
        reply = Reply(choice, *TEXTS, "Бөлім", "Отдел", "city_budget", 500_000)
        due_on = today + DAY * self.chance.randint(1, 20)
        decide(person, proposal, reply, now, steps=steps, target_position=0, due_on=due_on)

    def in_declined(self, proposal, day: int, now: datetime) -> None:
        """The author appeals, or not."""
        if self.some(0.3):
            appeal_decline(proposal.author, proposal, "Қайта қараңыз", now)

    def in_accepted(self, proposal, day: int, now: datetime) -> None:
        """Work may be reported before it was to begin."""
        if self.some(0.05):
            self.in_implementing(proposal, day, now)

    def in_implementing(self, proposal, day: int, now: datetime) -> None:
        """Officers report in time, late or never."""
        here = [p for p in self.present(day, "officer") if self.staff[p.id][0] == proposal.seat.kato]
        query = select(Milestone).where(Milestone.proposal_id == proposal.id, Milestone.done_at.is_(None))
        steps = list(db.session.scalars(query.order_by(Milestone.id)))
        if here and proposal.id % 4 and self.some(0.4):
            report_done(here[0], self.chance.choice(steps), Evidence("Орындалды.", "Выполнено."), now)

    def reported(self, day: int, now: datetime) -> None:
        """Strangers report something; moderators look at it or not, hide it or not; authors appeal or not."""
        public = self.keys(Proposal, Proposal.published_at.is_not(None))
        if public and self.some(0.12):
            self.reports += 1
            with suppress(DomainError), unit_of_work():
                said = Report("text", "insult", "")
                flag(None, locked(Proposal, self.chance.choice(public)), said, f"{self.reports:016x}", now)
        for key in self.today(FlagReview, FlagReview.decided_at.is_(None)):
            with unit_of_work():
                self._judge(db.session.get(FlagReview, key), day, now)
        for key in self.today(Hiding, Hiding.lifted_at.is_(None), Hiding.due_at.is_not(None)):
            with unit_of_work():
                hiding = db.session.get(Hiding, key)
                near = [p for p in self.present(day, "moderator") if self._reaches(p, hiding.desk.kato)]
                others = [p for p in near if p.id != hiding.by_id]
                if hiding.appealed_at is None and self.some(0.4):
                    flagging.appeal(hiding.proposal.author, hiding, "Бұл менің өз мекенжайым", now)
                elif hiding.appealed_at and others and self.some(0.5):
                    outcome = self.chance.choice(["kept", "shown"])
                    flagging.decide_appeal(self.chance.choice(others), hiding, outcome, "Қаралды", now)

    def _judge(self, review: FlagReview, day: int, now: datetime) -> None:
        near = [p for p in self.present(day, "moderator") if self._reaches(p, review.desk.kato)]
        if not near or not self.some(0.6):
            return
        if self.some(0.7):
            flagging.hide(near[0], review, Verdict("text", "personal_data", SENTENCE), now)
        else:
            flagging.let_stay(near[0], review, "", now)

    def registered(self, day: int, now: datetime) -> None:
        """An organisation every now and then; some are looked at, some sent anew."""
        if day % 20 == 0:
            with unit_of_work():
                owner = db.session.get(User, self.chance.choice(self.voters))
                organisations.register(owner, self._application(day, self.chance.choice(list(CITIES)), now), now)
        for key in self.today(Organisation, Organisation.sent_at.is_not(None), Organisation.verified_at.is_(None)):
            with unit_of_work():
                found = locked(Organisation, key)
                near = [p for p in self.present(day, "moderator") if self._reaches(p, found.home.kato)]
                if found.refused_at and self.some(0.3):
                    owner = db.session.scalar(select(User).where(User.memberships.any(organisation_id=key)))
                    again = replace(self._application(0, found.home.kato, now), bin=found.bin)
                    organisations.correct(owner, found, again, now)
                elif near and not found.refused_at and self.some(0.3):
                    seen = offices.sent_mark(found)
                    if self.some(0.5):
                        offices.verify(near[0], found, seen, now)
                    else:
                        offices.refuse(near[0], found, seen, "Хат оқылмайды", now)

    def _application(self, day: int, kato: str, now: datetime) -> organisations.Application:
        eleven = next(
            f"0101400{start:04d}" for start in range(day * 12, 9999) if number(f"0101400{start:04d}")[11:].isdigit()
        )
        letter_on: date = local_date(now)
        return organisations.Application(number(eleven), "ngo", f"Ұйым {day}", by_kato(kato), "1", letter_on)


def only_deadlines(registry: Jobs = jobs) -> Jobs:
    """The jobs that act on dates, without those that tell of them."""
    some = Jobs()
    some.all = [entry for entry in registry.all if entry[0] in DEADLINES]
    return some


def simulate(deadlines: Jobs, days: int, proposals: int, seed: int = 20261126) -> Auditor:
    """Day by day; the jobs run at each date that passes, or, when the worker is slow, once on the next day."""
    country, auditor = Country(seed, days, proposals), Auditor()
    auditor.begin()
    for day in range(days):
        now = MONDAY + DAY * day
        while (due := auditor.next_date()) is not None and due <= now:
            run_once(deadlines, auditor, now if country.some(0.3) else due)
        country.live(day, now + timedelta(hours=1))
        auditor.check_day(now + timedelta(hours=1))
    return auditor


def run_once(deadlines: Jobs, auditor: Auditor, at: datetime) -> None:
    """One run of the worker, looked at before and after."""
    auditor.look()
    done = deadlines.run(at, played=True)
    assert min(done.values()) >= 0, done
    auditor.check_run(at)


@pytest.mark.slow
def test_every_missed_term_led_to_its_public_consequence(app, world):
    deadlines = only_deadlines()
    assert len(deadlines.all) == len(DEADLINES)
    auditor = simulate(deadlines, DAYS, PROPOSALS)
    kinds = {"submitted", "returned", "collecting", "review", "rejected", "declined", "accepted", "implementing"}
    kinds |= {"at the top", "milestone", "reports", "appeal of a hiding", "organisation", "clock that stood still"}
    assert kinds - set(auditor.passed) == set()  # a term of every kind was missed
    assert sum(auditor.passed.values()) > size(150, 1000), auditor.passed
    verbs = set(db.session.scalars(select(Fact.verb).distinct()))
    acts = {"term:extended", "proposal:passed-up", "proposal:handed-down", "decline:appealed", "rejection:appealed"}
    assert acts - verbs == set()
    end = MONDAY + DAY * DAYS
    while jobs.run(end)["seal"]:
        pass
    assert verify()[1] == []


def put(some: Jobs, name: str, work) -> None:
    """Another work in the place of a job."""
    some.all = [(one, work if one == name else own, every) for one, own, every in some.all]


def without(name: str) -> Jobs:
    """The worker with one job that does nothing."""
    some = only_deadlines()
    put(some, name, lambda now: 0)
    return some


@pytest.mark.slow
@pytest.mark.parametrize("name", size(DEADLINES[:2], DEADLINES))
def test_a_job_that_does_nothing_would_be_seen(app, world, name):
    """A test of the test."""
    with pytest.raises(AssertionError, match=r"'hangs': Counter\({\("):
        simulate(without(name), 200, 60)


@pytest.mark.parametrize("shift", [-DAY, DAY])
def test_a_job_that_is_a_day_late_or_early_would_be_seen(app, world, shift):
    """A test of the test: as if a term ended a day later, or a day earlier, than was told."""
    some = only_deadlines()
    job = next(job for name, job, _every in some.all if name == "triage terms")
    put(some, "triage terms", lambda now: job(now + shift))
    with pytest.raises(AssertionError):
        simulate(some, 60, 20)
