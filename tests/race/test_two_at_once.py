"""Two people, two tabs or two workers do the same thing at the same moment: it happens once, and the other is told so."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.conftest import MONDAY
from tests.factories import PASSWORD, TEXT, propose, published
from tests.race.browsers import application, posting
from webapp.escalation.models import LadderRung
from webapp.journal.models import Fact
from webapp.journal.services import verify
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.errors import Conflict
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.moderation.models import TriageDecision
from webapp.moderation.services import publish, reject
from webapp.people.models import User
from webapp.people.services import begin_sign_up, finish_sign_up
from webapp.proposals.models import Proposal
from webapp.proposals.services import start_draft
from webapp.voting.services import cast_vote

both_databases = True
pytestmark = pytest.mark.slow
#: Two moments are never quite the same; so often is enough to meet by day and by night.
ROUNDS = 8
#: Two moderators meet fifty times on each database: half of the time they agree.
MODERATORS = 25
#: The term of the city has passed, that of the region has not.
SILENT = MONDAY + timedelta(days=25)
REASONS = "Бұл ұсыныс қаралды, шешімнің себебі осы. Предложение рассмотрено, вот причина решения."


def count(model, *conditions):
    rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def facts(verb):
    """For how many proposals or people a fact was left, and how often in all."""
    query = select(func.count(func.distinct(Fact.subject_id)), func.count()).where(Fact.verb == verb)
    rollback()
    return tuple(db.session.execute(query).one())


def statuses(answers):
    return sorted(answer.status for answer in answers)


def refusal(answers):
    return next(answer.text for answer in answers if answer.status >= 400)


@pytest.mark.parametrize("second", ["publication", "rejection"])
def test_of_two_moderators_one_decides_and_the_other_is_told(world, at_once, second):
    people = world.moderator.id, world.region_moderator.id
    words = {"note_kk": "Түсініксіз", "note_ru": "Неясно, где это"}
    with unit_of_work():
        keys = [propose(world.aigerim, MONDAY, title=f"Көшеге жарық {number}").id for number in range(MODERATORS)]
    for key in keys:
        forms = [(people[0], f"/desk/{key}/publication", {"sphere": "safety"})]
        forms.append((people[1], f"/desk/{key}/{second}", {"sphere": "social", "reason": "unclear"} | words))
        answers = at_once(*forms)
        assert statuses(answers) == [303, 409]
        told = refusal(answers)  # both decisions stand side by side
        assert "in the meantime" in told and "Decision in force" in told and "What you were about to decide" in told
        if second == "rejection":
            assert "Неясно, где это" in told  # the words of whoever was late, or of whoever was first
        stage = db.session.get_one(Proposal, key).stage
        assert count(TriageDecision, TriageDecision.proposal_id == key) == 1
        assert count(LadderRung, LadderRung.proposal_id == key) == (3 if stage == "collecting" else 0)
    decided = facts("proposal:published"), facts("proposal:rejected")
    assert sum(subjects for subjects, _all in decided) == sum(everything for _subjects, everything in decided)
    assert sum(subjects for subjects, _all in decided) == MODERATORS


def test_an_undo_and_a_vote_of_one_moment_are_not_both_true(world, at_once):
    """A publication is taken back while somebody votes: it stays published, or nothing was voted on."""
    for number in range(ROUNDS):
        with unit_of_work():
            proposal = propose(world.aigerim, MONDAY, title=f"Жаяу жүргінші {number}")
            decision, key = publish(world.moderator, proposal, MONDAY).id, proposal.id
        undone, voted = at_once(
            (world.moderator.id, f"/desk/decisions/{decision}/undo", {}),
            (world.aigerim.id, f"/proposals/{key}/vote", {"choice": "support"}),
        )
        rollback()
        proposal = db.session.get_one(Proposal, key)
        if undone.status == 303:
            assert (proposal.stage, proposal.supports) == ("submitted", 0)
            assert voted.status in (303, 403, 404, 409, 410)  # the author's own: kept until it is public again
        else:
            assert (proposal.stage, proposal.supports) == ("collecting", 1) and undone.status == 409
        assert count(LadderRung, LadderRung.proposal_id == key) == (3 if proposal.stage == "collecting" else 0)


def test_a_decision_is_taken_back_once(world, at_once):
    for number in range(ROUNDS):
        with unit_of_work():
            proposal = propose(world.aigerim, MONDAY, title=f"Гүлзар {number}")
            decision, key = reject(world.moderator, proposal, "unclear", MONDAY).id, proposal.id
        form = (world.moderator.id, f"/desk/decisions/{decision}/undo", {})
        assert statuses(at_once(form, form)) == [303, 409]
        assert count(Fact, Fact.verb == "decision:undone", Fact.proposal_id == key) == 1


def working(url, folder, moment):
    """A worker that is about to do everything that is due."""
    app = application(url, folder)

    def act():
        with app.app_context():
            return jobs.run(moment)

    return act


def under_review(world, title):
    """A proposal for which one support is enough; the city owes an answer."""
    proposal = published(world, MONDAY, title=title)
    rung = (LadderRung.proposal_id == proposal.id, LadderRung.position == 0)
    db.session.execute(update(LadderRung).where(*rung).values(threshold=1))
    cast_vote(world.aigerim, proposal, "support", MONDAY)
    return proposal.id


def test_two_workers_find_the_same_silence_and_it_happens_once(world, crew, where):
    proposals = 25
    with unit_of_work():
        for number in range(proposals):
            under_review(world, f"Аула {number}")
    done = crew.at_once((working, *where, SILENT), (working, *where, SILENT))
    assert min(number for results in done for number in results.values()) >= 0, done
    assert sum(results["windows and silence"] for results in done) == proposals
    assert facts("body:silent") == facts("proposal:climbed") == (proposals, proposals)
    messages = count(Message)
    assert sum(results["notices"] for results in done) == sum(results["mail"] for results in done) == messages
    assert count(Message, Message.sent_at.is_not(None), Message.attempts == 1) == messages
    assert count(Fact, ~Fact.told) == 0
    assert verify() == (count(Fact), [])


def test_an_answer_and_the_silence_of_one_moment_are_not_both_true(world, crew, where):
    officer, answer = world.officer.id, {"decision": "decline", "text_kk": REASONS, "text_ru": REASONS}
    answered = 0
    for number in range(ROUNDS):
        with unit_of_work():
            key = under_review(world, f"Көпір {number}")
        form = (posting, *where, officer, f"/proposals/{key}/answer", answer)
        given, _done = crew.at_once(form, (working, *where, SILENT))
        answered += given.status == 303
        rollback()
        proposal = db.session.get_one(Proposal, key)
        if given.status == 303:
            assert (proposal.stage, proposal.seat.kato) == ("declined", "611000000")
        else:
            assert given.status in (403, 409)
            assert (proposal.stage, proposal.seat.kato) == ("review", "610000000")
        assert facts("proposal:declined") == (answered, answered)
        assert facts("body:silent") == (number + 1 - answered,) * 2


def test_a_draft_that_is_sent_twice_is_one_proposal(world, at_once):
    author = world.aigerim.id
    for number in range(ROUNDS):
        with unit_of_work():
            draft = start_draft(world.aigerim, f"Саябақ {number}", "kk", MONDAY, world.turkistan.id)
            draft.text = TEXT
            form = (author, f"/drafts/{draft.token}/submission", {})
        first, second = at_once(form, form)
        assert (first.status, second.status) == (303, 303)
        assert first.location == second.location
        assert count(Proposal) == number + 1
    assert facts("proposal:submitted") == (ROUNDS, ROUNDS)


def test_a_draft_that_waits_for_its_author_is_sent_once_when_they_sign_in_twice(world, at_once):
    form = (None, "/sign-in", {"email": world.aigerim.email, "password": PASSWORD})
    for number in range(ROUNDS):
        with unit_of_work():
            draft = start_draft(world.aigerim, f"Саябақ {number}", "kk", MONDAY, world.turkistan.id)
            draft.text, draft.wants_submission = TEXT, True
        assert statuses(at_once(form, form)) == [303, 303]
        assert count(Proposal) == number + 1
    assert facts("proposal:submitted") == (ROUNDS, ROUNDS)


def test_an_address_that_confirms_two_sign_ups_at_once_gets_one_account(app, crew, where):
    """Two browsers have typed the same address, and both codes come back in the same moment."""
    for number in range(ROUNDS):
        email = f"twice{number}@example.kz"
        with unit_of_work():
            codes = [signing_up(f"{half} {number}", email) for half in ("one", "other")]
        made = crew.at_once(*((confirming, *where, token, code) for token, code in codes))
        assert sorted(made) == ["There is an account", "in"]
        assert count(User, User.email == email) == 1


def signing_up(token, email):
    begin_sign_up(token, email, "a hash", "Дана", "Оспанова", "kk", MONDAY)
    body = db.session.scalar(select(Message.body).where(Message.to == email).order_by(Message.id.desc()).limit(1))
    return token, re.search(r"\b\d{6}\b", body)[0]


def confirming(url, folder, token, code):
    """A code that is about to come back."""
    app = application(url, folder)

    def act():
        with app.app_context():
            try:
                with unit_of_work():
                    return "in" if finish_sign_up(token, code, MONDAY) else "wrong code"
            except Conflict as refused:
                return refused.message[:19]

    return act


def test_an_address_that_is_typed_twice_is_told_nothing(app, at_once):
    for number in range(ROUNDS):
        email = f"twice{number}@example.kz"
        fields = {"email": email, "given_name": "Дана", "surname": "Оспанова", "password": PASSWORD}
        answers = at_once((None, "/sign-up", fields), (None, "/sign-up", fields | {"email": email.upper()}))
        assert statuses(answers) == [303, 303]
        assert count(User, User.email == email) == 0
        assert count(Message, Message.to == email) == 2
