"""Reports, decisions and terms of one moment: each happens once, and the other is told so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import published
from tests.race.browsers import posting
from tests.race.test_two_at_once import count, refusal, statuses, working
from webapp.flagging.decisions import Verdict, appeal, hide
from webapp.flagging.models import Flag, FlagReview, Hiding
from webapp.flagging.services import Report, flag, open_review
from webapp.journal.models import Fact
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.proposals.models import Proposal

both_databases = True
pytestmark = pytest.mark.slow
ROUNDS = 6
HIDE = {"extent": "text", "reason": "insult", "sentence": "It insults a neighbour by name.", "remark": ""}


def reported(world, number):
    proposal = published(world, MONDAY, title=f"Көшеге жарық {number}")
    flag(None, proposal, Report("text", "insult", ""), f"{number:016x}", MONDAY)
    return proposal.id, open_review(proposal.id, "text").id


@pytest.mark.parametrize("second", ["stays", "hiding"])
def test_of_two_moderators_one_decides_on_a_group_and_the_other_is_told(world, at_once, second):
    people = world.moderator.id, world.region_moderator.id
    with unit_of_work():
        pairs = [reported(world, number) for number in range(ROUNDS)]
    for key, review in pairs:
        forms = [(people[0], f"/desk/flags/{review}/hiding", HIDE)]
        forms.append((people[1], f"/desk/flags/{review}/{second}", HIDE if second == "hiding" else {"note": ""}))
        answers = at_once(*forms)
        assert statuses(answers) == [303, 409]
        assert "in the meantime" in refusal(answers)
        decision = db.session.get_one(FlagReview, review).decision
        assert count(Hiding, Hiding.proposal_id == key) == (decision == "hidden")
        assert (db.session.get_one(Proposal, key).hidden is not None) is (decision == "hidden")
    rollback()
    verbs = select(func.count()).select_from(Fact).where(Fact.verb.in_(["content:hidden", "flags:reviewed"]))
    assert db.session.scalar(verbs) == ROUNDS


def test_the_first_reports_of_one_moment_open_one_review(world, at_once):
    for number in range(ROUNDS):
        with unit_of_work():
            key = published(world, MONDAY, title=f"Саябақ {number}").id
        form = {"what": "text", "reason": "insult", "note": ""}
        answers = at_once(
            (world.bolat.id, f"/proposals/{key}/flag", form),
            (world.bolat.id, f"/proposals/{key}/flag", form),
            (None, f"/proposals/{key}/flag", form),
        )
        assert statuses(answers) == [303, 303, 303]
        assert count(FlagReview, FlagReview.proposal_id == key) == 1
        assert count(Flag, Flag.proposal_id == key, Flag.reporter_id == world.bolat.id) == 1
        assert db.session.scalar(select(FlagReview.flags).where(FlagReview.proposal_id == key)) == 2


def test_a_decision_and_the_silence_of_one_moment_are_not_both_true(world, crew, where):
    judge, late = world.region_moderator.id, MONDAY + timedelta(days=30)
    decided = 0
    for number in range(ROUNDS):
        with unit_of_work():
            key, review = reported(world, number)
            row = hide(world.moderator, db.session.get(FlagReview, review), Verdict(*list(HIDE.values())[:3]), MONDAY)
            appeal(world.aigerim, row, "Қараңызшы.", MONDAY)
            hiding = row.id
        form = {"outcome": "kept", "answer": "Қорлау бар."}
        given, _done = crew.at_once(
            (posting, *where, judge, f"/desk/hidings/{hiding}/decision", form), (working, *where, late)
        )
        decided += given.status == 303
        rollback()
        row = db.session.get_one(Hiding, hiding)
        if given.status == 303:
            assert (row.decision, db.session.get_one(Proposal, key).hidden) == ("kept", "text")
        else:
            assert given.status == 409
            assert (row.decision, db.session.get_one(Proposal, key).hidden) == ("silence", None)
        shown = count(Fact, Fact.verb == "content:shown")
        assert (count(Fact, Fact.verb == "hiding:upheld"), shown) == (decided, number + 1 - decided)


def test_two_workers_pass_reports_up_once(world, crew, where):
    with unit_of_work():
        pairs = [reported(world, number) for number in range(12)]
    late = MONDAY + timedelta(days=4)
    done = crew.at_once((working, *where, late), (working, *where, late))
    assert sum(results["flags"] for results in done) == len(pairs)
    assert count(Fact, Fact.verb == "body:silent") == len(pairs)
    assert count(FlagReview, FlagReview.overdue_at.is_not(None)) == len(pairs)
