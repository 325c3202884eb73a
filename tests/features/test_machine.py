"""Votes, withdrawals, decisions and the clock together, in any order: the promises hold after every step."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from tests.conftest import MONDAY, make_app
from tests.factories import World, crowd, propose
from tests.sizes import size
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import appeal_decline, decide
from webapp.delivery.rules import Step
from webapp.escalation.models import LadderRung, Tally
from webapp.journal.models import Fact
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.errors import DomainError
from webapp.kernel.jobs import jobs
from webapp.merging import services as merging
from webapp.merging.models import Merger
from webapp.moderation import services as moderation
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.proposals.rules import FINAL, Stage
from webapp.proposals.services import resubmit, withdraw
from webapp.proposals.terms import differs
from webapp.voting.services import cast_vote, recount, withdraw_vote

HOMES = ("611000000", "611000000", "612000000", "750000000", "101000000")
REPLY = ("Бұл ұсыныс қаралды, шешімнің себебі осы.", "Предложение рассмотрено, вот причина решения.")
template: list[Path] = []


class City(RuleBasedStateMachine):
    """A few proposals, sixty residents, staff, and a clock that only goes forward."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="saty-machine-"))
        shutil.copy(template[0], self.folder / "saty.sqlite3")
        self.app = make_app(f"sqlite:///{self.folder / 'saty.sqlite3'}", self.folder)
        self.context = self.app.app_context()
        self.context.push()
        self.now = MONDAY
        with unit_of_work():
            for home in sorted(set(HOMES)):
                crowd(26, home, MONDAY - timedelta(days=1))
        self.voters = list(db.session.scalars(select(User.id).where(User.home_id.is_not(None)).order_by(User.id)))
        self.seen: dict[int, int] = {}

    def teardown(self):
        rollback()
        db.session.remove()
        db.engine.dispose()
        self.context.pop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _one(self, number: int) -> int | None:
        rollback()
        keys = list(db.session.scalars(select(Proposal.id).order_by(Proposal.id)))
        return keys[number % len(keys)] if keys else None

    def _try(self, number, act):
        key = self._one(number)
        if key is None:
            return
        try:
            with unit_of_work():
                act(World.read(), locked(Proposal, key))
        except DomainError:
            pass  # refused with a sentence, and nothing has changed: the invariants look

    @rule(hours=st.integers(1, 20))
    def propose_one(self, hours):
        if (self._one(0) or 0) and db.session.scalar(select(func.count()).select_from(Proposal)) >= 4:
            return
        self.now += timedelta(hours=hours)
        with unit_of_work():
            propose(World.read().aigerim, self.now, title=f"Жаңа ұсыныс {self.now:%d %H}")

    @rule(
        number=st.integers(0, 9),
        what=st.sampled_from(["publish", "publish", "publish", "ask", "reject", "resubmit", "appeal"]),
    )
    def triage(self, number, what):
        def act(world, proposal):
            staff = {"611000000": world.moderator, "610000000": world.region_moderator}.get(
                proposal.seat.kato, world.region_moderator
            )
            if what == "publish":
                moderation.publish(staff, proposal, self.now, "safety")
            elif what == "ask":
                moderation.ask(staff, proposal, "Қай жер?", self.now)
            elif what == "reject":
                moderation.reject(staff, proposal, "unclear", self.now)
            elif what == "resubmit":
                resubmit(world.aigerim, proposal, f"Өзгерген атау {self.now:%H%M}", "Мәтін басқа.", "", self.now)
            else:
                moderation.appeal_rejection(world.aigerim, proposal, "қайта", self.now)

        self._try(number, act)

    @rule(
        number=st.integers(0, 9),
        start=st.integers(0, 60),
        count=st.integers(1, 45),
        choice=st.sampled_from(["support", "support", "support", "oppose"]),
    )
    def vote(self, number, start, count, choice):
        voters = (self.voters[start:] + self.voters[:start])[:count]

        def act(_world, proposal):
            for voter in voters:
                cast_vote(db.session.get(User, voter), proposal, choice, self.now)

        self._try(number, act)

    @rule(number=st.integers(0, 9), start=st.integers(0, 60), count=st.integers(1, 15))
    def take_votes_back(self, number, start, count):
        def act(_world, proposal):
            for voter in self.voters[start : start + count]:
                withdraw_vote(db.session.get(User, voter), proposal, self.now)

        self._try(number, act)

    @rule(number=st.integers(0, 9), decision=st.sampled_from(Decision), due=st.integers(1, 60))
    def answer(self, number, decision, due):
        def act(world, proposal):
            officer = {"611000000": world.officer, "610000000": world.region_officer}.get(
                proposal.seat.kato, world.nation_officer
            )
            today = local_date(self.now)
            steps = [Step("Жоба", "Проект", today, today + timedelta(days=due))]
            reply = Reply(decision, *REPLY, "Бөлім", "Отдел", "city_budget", 1000)
            decide(
                officer, proposal, reply, self.now, steps=steps, target_position=0, due_on=today + timedelta(days=due)
            )

        self._try(number, act)

    @rule(number=st.integers(0, 9), other=st.integers(0, 9))
    def join(self, number, other):
        def act(world, proposal):
            into = locked(Proposal, self._keys()[other % len(self._keys())])
            merging.merge(world.region_moderator, proposal, into, self.now)

        self._try(number, act)

    @rule(number=st.integers(0, 9))
    def part(self, number):
        rollback()
        mergers = list(db.session.scalars(select(Merger.id).order_by(Merger.id)))
        if not mergers:
            return
        with suppress(DomainError), unit_of_work():
            row = db.session.get(Merger, mergers[number % len(mergers)])
            merging.unmerge(World.read().region_moderator, row, self.now)

    def _keys(self):
        return list(db.session.scalars(select(Proposal.id).order_by(Proposal.id)))

    @rule(number=st.integers(0, 9), what=st.sampled_from(["appeal", "withdraw"]))
    def author(self, number, what):
        def act(world, proposal):
            if what == "appeal":
                appeal_decline(world.aigerim, proposal, "келіспеймін", self.now)
            else:
                withdraw(world.aigerim, proposal, self.now)

        self._try(number, act)

    @rule(days=st.sampled_from([1, 3, 8, 25, 70]))
    def time_passes(self, days):
        self.now += timedelta(days=days)
        assert min(jobs.run(self.now).values()) >= 0

    @invariant()
    def nothing_hangs(self):
        rollback()
        for proposal in db.session.scalars(select(Proposal)):
            stage = Stage(proposal.stage)
            assert proposal.seat_id is not None
            if proposal.closed_at is None:
                assert proposal.due_at is not None, proposal.stage
                assert stage not in FINAL
            else:
                assert proposal.due_at is None
                assert stage in FINAL | {Stage.REJECTED, Stage.DECLINED}

    @invariant()
    def everything_is_found_by_its_words_alone(self):
        rollback()
        assert not any(map(differs, db.session.scalars(select(Proposal)).all()))

    @invariant()
    def what_is_joined_is_in_one_that_is_not(self):
        rollback()
        into = dict(db.session.execute(select(Proposal.id, Proposal.merged_into_id)).all())
        for proposal in db.session.scalars(select(Proposal)):
            assert (proposal.merged_into_id is not None) == (proposal.stage == "merged")
            here, steps = proposal.id, 0
            while into[here] is not None:
                here, steps = into[here], steps + 1
                assert steps <= len(into), "a ring"

    @invariant()
    def votes_are_counted_once(self):
        with unit_of_work():
            assert recount(self.now) == []

    @invariant()
    def each_rung_is_reached_once_and_above_its_threshold(self):
        rollback()
        for rung in db.session.scalars(select(LadderRung).where(LadderRung.reached_at.is_not(None))):
            reached = self.seen.setdefault(rung.id, hash(rung.reached_at))
            assert reached == hash(rung.reached_at)  # written once, never again
        for fact in db.session.scalars(select(Fact).where(Fact.verb.in_(["threshold:reached", "proposal:climbed"]))):
            if "supports" in fact.facts:
                rung = db.session.scalars(
                    select(LadderRung).where(
                        LadderRung.proposal_id == fact.proposal_id, LadderRung.territory_id == fact.territory_id
                    )
                ).one()
                assert fact.facts["supports"] >= rung.threshold
        double = (
            select(Fact.proposal_id)
            .where(Fact.verb == "threshold:reached")
            .group_by(Fact.proposal_id)
            .having(func.count() > 1)
        )
        assert not db.session.scalars(double).all()
        assert db.session.scalar(select(func.min(Tally.supports))) in (None, *range(500))


@pytest.mark.slow
def test_any_order_of_acts(template_file):
    template[:] = [template_file]
    run_state_machine_as_test(
        City,
        settings=settings(
            max_examples=size(6, 30), stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
