"""400 days, 150 proposals (300 in `make soak`), moderators and officers who sometimes do not come: nothing is left without owner and due date."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import World, crowd, propose
from tests.joining import joined_by_the_journal
from tests.mergers import merged, parted
from tests.sizes import size
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import decide
from webapp.delivery.models import Milestone
from webapp.delivery.reporting import Evidence, report_done
from webapp.delivery.rules import Step
from webapp.journal.models import Fact
from webapp.journal.services import verify
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.errors import DomainError
from webapp.kernel.jobs import Jobs, jobs
from webapp.merging.models import Merger
from webapp.moderation.services import publish, reject
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.voting.services import cast_vote, recount

DAYS, PROPOSALS = size(200, 400), size(60, 300)
REPLY = ("Бұл ұсыныс қаралды, шешімнің себебі осы.", "Предложение рассмотрено, вот причина решения.")


def live_a_day(world: World, chance: random.Random, now, voters: list[int]) -> None:
    """Some do their duty on this day, some do not."""
    rollback()
    rows = db.session.execute(select(Proposal.id, Proposal.stage).where(Proposal.closed_at.is_(None))).all()
    inbox = [row for row in rows if row.stage == Stage.SUBMITTED and chance.random() < 0.3]
    for key, stage in [*chance.sample(rows, min(6, len(rows))), *inbox]:
        try:
            with unit_of_work():
                act(world, chance, now, locked(Proposal, key), Stage(stage), voters)
        except DomainError:
            pass


def join_or_part(world: World, chance: random.Random, now) -> None:
    """Sometimes a moderator of the region finds two on the same matter, or parts what was joined by mistake."""
    rollback()
    open_ones = list(db.session.scalars(select(Proposal.id).where(Proposal.closed_at.is_(None)).order_by(Proposal.id)))
    if len(open_ones) > 1 and chance.random() < 0.3:
        pair = chance.sample(open_ones, 2)
        with suppress(DomainError), unit_of_work():
            merged(world.region_moderator.id, *pair, now)
    mergers = list(db.session.scalars(select(Merger.id).where(Merger.undone_at.is_(None)).order_by(Merger.id.desc())))
    if mergers and chance.random() < 0.15:
        with suppress(DomainError), unit_of_work():
            parted(world.region_moderator.id, chance.choice(mergers[:5]), now)


def act(world, chance, now, proposal, stage, voters) -> None:
    """One duty, or one crowd."""
    officer = {"611000000": world.officer, "610000000": world.region_officer, "000000000": world.nation_officer}[
        proposal.seat.kato
    ]
    today = local_date(now)
    if stage is Stage.SUBMITTED:
        moderator = world.moderator if proposal.seat.kato == "611000000" else world.region_moderator
        (publish(moderator, proposal, now) if chance.random() < 0.8 else reject(moderator, proposal, "unclear", now))
    elif stage in (Stage.COLLECTING, Stage.DECLINED):
        crowd_of_today = chance.sample(voters, chance.choice([0, 2, 0, 24]))
        for voter in db.session.scalars(select(User).where(User.id.in_(crowd_of_today)).order_by(User.id)):
            cast_vote(voter, proposal, "support" if chance.random() < 0.9 else "oppose", now)
    elif stage is Stage.REVIEW and chance.random() < 0.5:
        decision = chance.choice(list(Decision))
        reply = Reply(decision, *REPLY, "Бөлім", "Отдел", "city_budget", 500_000)
        steps = [Step("Жоба", "Проект", today, today + timedelta(days=20))]
        decide(officer, proposal, reply, now, steps=steps, target_position=0, due_on=today + timedelta(days=15))
    elif stage is Stage.IMPLEMENTING and chance.random() < 0.6:
        for milestone in db.session.scalars(
            select(Milestone).where(Milestone.proposal_id == proposal.id, Milestone.done_at.is_(None))
        ):
            report_done(officer, milestone, Evidence("Орындалды.", "Выполнено."), now)


def only_deadlines() -> Jobs:
    """The jobs that act on dates, without the mails that tell of them."""
    some = Jobs()
    some.all = [entry for entry in jobs.all if entry[0] in {"triage terms", "windows and silence", "milestones"}]
    assert len(some.all) == 3
    return some


@pytest.mark.slow
def test_many_days(app, world, visit):
    chance = random.Random(20261123)
    with unit_of_work():
        for home in ("611000000", "612000000", "750000000", "101000000"):
            crowd(30, home, MONDAY - timedelta(days=1))
    voters = list(db.session.scalars(select(User.id).where(User.home_id.is_not(None))))
    made, deadlines = 0, only_deadlines()
    for day in range(DAYS):
        now = MONDAY + timedelta(days=day)
        world = World.read()
        while made < PROPOSALS and made * DAYS <= day * PROPOSALS * 1.4:
            with unit_of_work():
                author = (world.aigerim, world.bolat, world.officer)[made % 3]
                propose(author, now + timedelta(seconds=made), title=f"Ұсыныс {made}")
            made += 1
            world = World.read()
        live_a_day(world, chance, now, voters)
        join_or_part(World.read(), chance, now)
        rollback()
        late = {
            p.id: (p.seat_id, p.stage, p.due_at)
            for p in db.session.scalars(select(Proposal).where(Proposal.due_at <= now))
        }
        done = jobs.run(now) if day % 10 == 0 else deadlines.run(now)
        assert min(done.values()) >= 0, done
        rollback()
        left = db.session.scalars(select(Proposal.id).where(Proposal.due_at <= now)).all()
        assert left == []  # what was due has been acted on, within the day
        for key, (seat, stage, due) in late.items():
            assert now - due <= timedelta(days=1, hours=1)
            if stage == "review":
                verbs = db.session.scalars(
                    select(Fact.verb).where(Fact.proposal_id == key, Fact.territory_id == seat, Fact.at == now)
                ).all()
                assert {"body:silent", "term:overdue"} & set(verbs), (key, verbs)
    assert made == PROPOSALS
    hanging = select(func.count()).select_from(Proposal).where(Proposal.closed_at.is_(None), Proposal.due_at.is_(None))
    assert db.session.scalar(hanging) == 0
    assert db.session.scalar(select(func.count()).select_from(Proposal).where(Proposal.seat_id.is_(None))) == 0
    stages = dict(db.session.execute(select(Proposal.stage, func.count()).group_by(Proposal.stage)).all())
    assert {"done", "declined", "unsupported", "merged"} <= set(stages), stages
    undone = select(func.count()).select_from(Merger).where(Merger.undone_at.is_not(None))
    assert db.session.scalar(undone) >= size(2, 5)
    silences = db.session.scalar(select(func.count()).select_from(Fact).where(Fact.verb == "body:silent"))
    assert silences > size(5, 20)
    with unit_of_work():
        assert recount(MONDAY + timedelta(days=DAYS)) == []
    while jobs.run(MONDAY + timedelta(days=DAYS))["seal"]:
        pass
    assert verify()[1] == []
    lines = [json.loads(line) for line in visit().get("/journal.jsonl").html.splitlines()]
    assert sum("facts" in line for line in lines) > PROPOSALS
    assert joined_by_the_journal(lines) == []
