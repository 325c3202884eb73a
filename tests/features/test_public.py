"""Public has one meaning: a fact of publication came before. How a life ended makes nothing public."""

import json
import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import World, crowd, propose, published
from tests.sizes import size
from webapp.account.services import forget_person
from webapp.journal.models import Fact
from webapp.journal.services import seal_facts
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.errors import DomainError
from webapp.kernel.jobs import jobs
from webapp.merging import services as merging
from webapp.merging.models import Merger
from webapp.moderation import services as moderation
from webapp.moderation.undoing import last_decision, undo
from webapp.notifications.follows import follow
from webapp.notifications.models import Follow, Notice
from webapp.notifications.rules import Subject
from webapp.people.models import User
from webapp.photos.rules import Picture
from webapp.photos.services import keep
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage, is_public
from webapp.proposals.services import resubmit, withdraw

both_databases = ("any_order", "same_in_sql")
TITLE = "Жарнамасы бар мәтін"
SEEDS = range(size(3, 120))
STEPS = 8


def with_photo(proposal):
    keep(Picture(b"RIFF0000WEBP", 40, 40), "", None, MONDAY, proposal_id=proposal.id)
    db.session.refresh(proposal)
    return proposal


@pytest.fixture
def key(app, world):
    with unit_of_work():
        return with_photo(propose(world.aigerim, MONDAY, title=TITLE)).id


def proposal(key, lock=False):
    rollback()
    return locked(Proposal, key) if lock else db.session.get(Proposal, key)


def seen_by(visitor, key):
    """Where a visitor meets a proposal, by the name of the place."""
    seal_facts(MONDAY)
    photo = proposal(key).photo
    found = set()
    for name, url in {
        "page": f"/proposals/{key}",
        "talon": f"/proposals/{key}/talon",
        "offers": f"/proposals/{key}/offers",
        "photo": f"/photos/{photo.name}.webp" if photo else "/photos/none.webp",
    }.items():
        if visitor._send("GET", url).status == 200:
            found.add(name)
    for name, url in {"csv": "/proposals.csv", "feed": "/proposals.atom"}.items():
        if f"/proposals/{key}<" in visitor.get(url).response.text.replace("\r\n", "<"):
            found.add(name)
    if any(row["id"] == key for row in visitor.get("/proposals.json").response.json["items"]):
        found.add("list")
    lines = [json.loads(line) for line in visitor.get("/journal.jsonl").response.text.splitlines()]
    if any(line.get("proposal_id") == key for line in lines):
        found.add("journal")
    return found


def taken_back(world, key):
    withdraw(world.aigerim, proposal(key, lock=True), MONDAY)


def asked_and_taken_back(world, key):
    moderation.ask(world.moderator, proposal(key, lock=True), "Қай жер?", MONDAY)
    taken_back(world, key)


def rejected_and_taken_back(world, key):
    moderation.reject(world.moderator, proposal(key, lock=True), "unclear", MONDAY)
    taken_back(world, key)


def lapsed(world, key):
    moderation.ask(world.moderator, proposal(key, lock=True), "Қай жер?", MONDAY)
    proposal_ = db.session.get(Proposal, key)
    proposal_.due_at = MONDAY + timedelta(hours=1)


def left(world, key):
    forget_person(locked(User, world.aigerim.id), MONDAY)


def published_and_taken_back_in_its_minute(world, key):
    moderation.publish(world.moderator, proposal(key, lock=True), MONDAY)
    db.session.flush()
    undo(world.moderator, last_decision(key), MONDAY)
    taken_back(world, key)


@pytest.mark.parametrize(
    "ending",
    [
        taken_back,
        asked_and_taken_back,
        rejected_and_taken_back,
        lapsed,
        left,
        published_and_taken_back_in_its_minute,
    ],
    ids=lambda ending: ending.__name__,
)
def test_what_ends_unseen_stays_unseen(world, visit, key, ending):
    assert seen_by(visit(), key) == set()
    with unit_of_work():
        ending(world, key)
    jobs.run(MONDAY + timedelta(days=1))
    assert proposal(key).stage == "withdrawn"
    stranger = visit()
    assert seen_by(stranger, key) == set()
    assert TITLE not in stranger.get("/territories/611000000").text
    assert TITLE not in stranger.get("/proposals").text
    answer = stranger._send("GET", f"/proposals/{key}")
    assert answer.status == 410 and TITLE not in answer.text
    if ending is not left:
        assert TITLE in visit(world.aigerim).get(f"/proposals/{key}").text  # nobody's text is lost


def test_what_was_published_stays_public_when_it_is_taken_back(world, visit, key):
    with unit_of_work():
        moderation.publish(world.moderator, proposal(key, lock=True), MONDAY)
    everywhere = {"page", "talon", "offers", "photo", "csv", "feed", "list", "journal"}
    assert seen_by(visit(), key) == everywhere
    with unit_of_work():
        taken_back(world, key)
    assert seen_by(visit(), key) == everywhere


def test_a_photo_that_is_public_is_asked_for_again_after_minutes(world, visit, key):
    with unit_of_work():
        moderation.publish(world.moderator, proposal(key, lock=True), MONDAY)
    photo = f"/photos/{proposal(key).photo.name}.webp"
    answer = visit().get(photo).response
    assert answer.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    assert visit().get(photo, 304, **{"If-None-Match": answer.headers["ETag"]})


def test_who_follows_reads_nothing_of_a_publication_that_was_taken_back(world, visit, clock, key):
    with unit_of_work():
        moderation.publish(world.moderator, proposal(key, lock=True), MONDAY)
        follow(world.bolat.id, Subject.PROPOSAL, str(key), MONDAY)
        fact = db.session.scalars(select(Fact).where(Fact.verb == "proposal:published")).one()
        db.session.add(Notice(person_id=world.bolat.id, fact_id=fact.id, kind="follower", mail="waits", at=MONDAY))
    follower = visit(world.bolat)
    assert TITLE in follower.get("/my/notices").text and TITLE in follower.get("/my/notifications").text
    with unit_of_work():
        undo(world.moderator, last_decision(key), MONDAY)
    assert TITLE not in follower.get("/my/notices").text and TITLE not in follower.get("/my/notifications").text
    assert db.session.scalars(select(Follow)).all()  # it is still there when the text is published after all
    jobs.run(MONDAY + timedelta(days=8))
    from webapp.kernel.mail import Message

    assert not [m for m in db.session.scalars(select(Message)) if TITLE in m.body and m.to == world.bolat.email]


def test_the_rule_is_the_same_in_sql(world, app):
    with unit_of_work():
        for stage in Stage:
            for at in (None, MONDAY):
                one = propose(world.aigerim, MONDAY)
                one.stage, one.published_at = stage.value, at
        db.session.flush()
        in_sql = dict(db.session.execute(select(Proposal.id, Proposal.is_public)).all())
        for one in db.session.scalars(select(Proposal)):
            expected = is_public(one.stage, one.published_at is not None)
            assert bool(in_sql[one.id]) == one.is_public == expected
            assert expected == (one.published_at is not None or one.stage == "merged")
        rollback()


def _act(name, key, other, moment, chance):
    """One act by whoever may do it; a refusal changes nothing."""
    world, one = World.read(), locked(Proposal, key)
    staff = world.moderator if one.seat.kato == "611000000" else world.region_moderator
    if name == "publish":
        moderation.publish(staff, one, moment)
    elif name == "ask":
        moderation.ask(staff, one, "Қай жер?", moment)
    elif name == "reject":
        moderation.reject(staff, one, "unclear", moment)
    elif name == "resubmit":
        resubmit(world.aigerim, one, TITLE, one.written_text, "", moment)
    elif name == "appeal":
        moderation.appeal_rejection(world.aigerim, one, "қайта", moment)
    elif name == "undo":
        decision = last_decision(key)
        if decision is not None:
            undo(decision.moderator, decision, moment)
    elif name == "merge":
        merging.merge(world.region_moderator, one, locked(Proposal, other), moment)
    elif name == "part":
        row = db.session.scalars(select(Merger).where(Merger.undone_at.is_(None))).first()
        if row is not None:
            merging.unmerge(world.region_moderator, row, moment)
    elif name == "leave":
        forget_person(locked(User, world.aigerim.id), moment)
    else:
        withdraw(world.aigerim, one, moment)


ACTS = ("publish", "ask", "reject", "resubmit", "appeal", "undo", "merge", "part", "withdraw", "withdraw", "days")


def _was_published(key):
    """Whether the journal says that somebody published it, and that nobody has taken that back."""
    rollback()
    facts = list(db.session.scalars(select(Fact).where(Fact.proposal_id == key).order_by(Fact.id)))
    undone = {fact.facts.get("undoes") for fact in facts if fact.verb == "decision:undone"}
    said = False
    for fact in facts:
        if fact.verb in ("proposal:published", "proposal:imported") and fact.id not in undone:
            said = True
    joined = [f for f in facts if f.verb in ("proposal:merged", "proposal:unmerged")]
    return said or bool(joined and joined[-1].verb == "proposal:merged")


@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_order_of_acts_only_a_publication_made_it_public(app, world, visit, seed):
    chance = random.Random(seed)
    with unit_of_work():
        other = published(world, MONDAY, title="Жарияланған басқа ұсыныс").id
        crowd(2, "611000000", MONDAY - timedelta(days=1))
        key = with_photo(propose(world.aigerim, MONDAY, title=TITLE)).id
    moment, done, stranger = MONDAY, [], visit()
    for step in range(STEPS):
        name = chance.choice(ACTS) if step < STEPS - 1 else chance.choice(("leave", "withdraw", "days"))
        moment += timedelta(seconds=chance.choice((5, 20, 7200)))
        if name == "days":
            moment += timedelta(days=chance.choice((3, 12, 45)))
            jobs.run(moment)
        else:
            try:
                with unit_of_work():
                    _act(name, key, other, moment, chance)
            except DomainError:
                continue
        done.append(name)
        seen, told = seen_by(stranger, key), _was_published(key)
        assert bool(seen) == told, f"seed {seed}, {done}: seen at {sorted(seen)}, published: {told}"
        if told:
            assert {"page", "list", "journal"} <= seen, f"seed {seed}, {done}: {sorted(seen)}"
