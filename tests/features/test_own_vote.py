"""The author's own vote: offered in one tap, never cast for them, counted hours after publication, and whose it is nobody sees."""

import re
from datetime import timedelta

from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import PASSWORD, add_user, propose
from tests.features.test_begun import finish_draft, send
from webapp.escalation.models import Tally
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.moderation.models import TriageDecision
from webapp.moderation.services import publish
from webapp.moderation.undoing import undo
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.voting.models import PendingOrganisationVote, PendingVote
from webapp.voting.rules import EARLIEST, LATEST
from webapp.voting.services import complete_pending_votes
from webapp.voting.wishes import due_at

both_databases = ("one_tap", "its_own_tap")
HALF_A_DAY = MONDAY + LATEST + timedelta(minutes=1)


def sums(key):
    rollback()
    proposal = db.session.get(Proposal, key)
    return proposal.supports, proposal.opposes, proposal.organisation_supports


def kept():
    rollback()
    return len(db.session.scalars(select(PendingVote)).all()) + len(
        db.session.scalars(select(PendingOrganisationVote)).all()
    )


def test_one_tap_on_the_talon_counts_once_and_late(world, visit, clock):
    with unit_of_work():
        key, other = propose(world.aigerim, MONDAY).id, propose(world.aigerim, MONDAY, title="Басқа өтініш туралы").id
    author = visit(world.aigerim)
    talon = author.get(f"/proposals/{key}/talon")
    assert "Your proposal is not yet your vote" in talon.text
    shown = author.follow(author.submit(talon, f"/proposals/{key}/vote", choice="support"))
    assert shown.url.endswith("/talon") and "Saved: you support this" in shown.text
    assert "Saved: you support this" in author.get(f"/proposals/{key}").text
    for stranger in (visit(), visit(world.bolat)):
        stranger.post(f"/proposals/{key}/vote", 404, choice="support")
    with unit_of_work():
        for one in (key, other):
            publish(world.moderator, locked(Proposal, one), MONDAY)
    jobs.run(MONDAY + EARLIEST - timedelta(seconds=1))
    assert sums(key) == (0, 0, 0)  # not in the moment in which nobody else can have voted
    page = author.get(f"/proposals/{key}")
    assert "Saved: you support this" in page.text and "within half a day" in page.text
    jobs.run(HALF_A_DAY)
    jobs.run(HALF_A_DAY + timedelta(hours=1))
    assert sums(key) == (1, 0, 0) and sums(other) == (0, 0, 0) and kept() == 0
    assert (
        db.session.execute(
            select(Tally.supports)
            .join(Territory, Territory.id == Tally.territory_id)
            .where(Territory.kato == "611000000")
        ).scalar()
        == 1
    )
    facts = db.session.scalars(select(Fact).where(Fact.proposal_id == key)).all()
    assert {fact.verb for fact in facts} == {"proposal:submitted", "proposal:published"}
    with unit_of_work():
        first, second = (due_at(db.session.get(Proposal, one), "x") for one in (key, other))
    assert MONDAY + EARLIEST <= first <= MONDAY + LATEST and first != second


def test_what_is_done_by_hand_stands_and_a_wish_can_be_taken_back(world, visit, clock):
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
    author = visit(world.aigerim)
    author.submit(author.get(f"/proposals/{key}/talon"), f"/proposals/{key}/vote", choice="support")
    author.submit(author.get(f"/proposals/{key}/talon"), f"/proposals/{key}/vote/withdrawal")
    assert kept() == 0
    author.submit(author.get(f"/proposals/{key}"), f"/proposals/{key}/vote", choice="support")
    with unit_of_work():
        decision = publish(world.moderator, locked(Proposal, key), MONDAY)
    with unit_of_work():  # a publication that is taken back takes no wish with it
        undo(world.moderator, db.session.get(TriageDecision, decision.id), MONDAY + timedelta(seconds=30))
    assert kept() == 1
    with unit_of_work():
        publish(world.moderator, locked(Proposal, key), MONDAY)
    author.post(f"/proposals/{key}/vote", 303, author.get(f"/proposals/{key}"), choice="oppose")
    author.post(f"/proposals/{key}/vote/withdrawal", 303)
    jobs.run(HALF_A_DAY)
    assert sums(key) == (0, 0, 0) and kept() == 0


def test_who_is_verified_late(world, visit, clock):
    """A wish waits for publication and for verification, whichever is later."""
    with unit_of_work():
        key = propose(world.newcomer, MONDAY).id
    author = visit(world.newcomer)
    shown = author.follow(
        author.submit(author.get(f"/proposals/{key}/talon"), f"/proposals/{key}/vote", choice="support")
    )
    assert [a for a in shown.find("a") if a.get("href") == f"/verify?next=/proposals/{key}"]
    with unit_of_work():
        user = db.session.get(User, world.newcomer.id)
        user.home_id, user.verified_at = world.turkistan.id, MONDAY
    with unit_of_work():
        assert complete_pending_votes(db.session.get(User, world.newcomer.id), MONDAY) == []
    assert kept() == 1
    with unit_of_work():
        publish(world.moderator, locked(Proposal, key), MONDAY)
    jobs.run(HALF_A_DAY)
    assert sums(key) == (1, 0, 0) and kept() == 0


def test_an_organisation_has_its_own_tap(world, visit, clock):
    organisation = world.member.memberships[0].organisation_id
    with unit_of_work():
        proposal = propose(world.member, MONDAY)
        proposal.organisation_id = organisation
        key = proposal.id
    member = visit(world.member)
    talon = member.get(f"/proposals/{key}/talon")
    assert "Support it for Сырдария сервис" in talon.text
    shown = member.follow(
        member.post(
            f"/proposals/{key}/vote", 303, talon, choice="support", organisation=str(organisation), back="talon"
        )
    )
    assert "Saved: Сырдария сервис supports this" in shown.text and "Saved: you support this" not in shown.text
    member.post(f"/proposals/{key}/vote/withdrawal", 303, shown, organisation=str(organisation))
    assert kept() == 0
    member.post(f"/proposals/{key}/vote", 303, talon, choice="support", organisation=str(organisation))
    with unit_of_work():
        publish(world.moderator, locked(Proposal, key), MONDAY)
    jobs.run(HALF_A_DAY)
    assert sums(key) == (0, 0, 1) and kept() == 0


def test_a_stranger_who_proposes_reads_at_each_door_that_the_text_is_kept(world, visit, clock):
    with unit_of_work():
        late = add_user("late@own.example", MONDAY)
        late.email_confirmed_at = None
    stranger = visit()
    token = finish_draft(stranger)
    door = stranger.follow(send(stranger, token))
    assert door.url == "/sign-in" and "Your text is kept" in door.text
    aside = next(a.get("href") for a in door.find("a") if a.get("href", "").startswith("/sign-up"))
    assert "Your text is kept" in stranger.get(aside).text
    inside = stranger.follow(stranger.submit(door, "/sign-in", email="late@own.example", password=PASSWORD))
    assert inside.url == "/confirm" and "Your text is kept" in inside.text and "is sent" in inside.text
    stranger.post("/confirm", 303, inside, again="1")
    rollback()
    code = db.session.scalars(select(Message.body).where(Message.to == "late@own.example")).all()[-1]
    sent = stranger.submit(inside, "/confirm", code=re.search(r"\b\d{6}\b", code)[0])
    assert "Your proposal is not yet your vote" in stranger.follow(sent).text
