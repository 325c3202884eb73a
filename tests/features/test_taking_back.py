"""Taking a decision or a batch back asks who may do it now, and leaves alone what a colleague has gone on with."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.features.test_desk import FORMS, made, many, proposal
from webapp.access.models import Grant
from webapp.access.services import give_role
from webapp.kernel.database import db, unit_of_work
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.teamwork.models import Assignment
from webapp.teamwork.services import assign
from webapp.territories.services import by_kato

both_databases = ("leaves_alone",)


def move_role(person, kato):
    """The role ends, or (with a place) goes on elsewhere."""
    with unit_of_work():
        for grant in db.session.scalars(select(Grant).where(Grant.user_id == person.id)):
            grant.valid_until = MONDAY
        if kato:
            give_role(db.session.get_one(User, person.id), "moderator", by_kato(kato), MONDAY - timedelta(days=1))


@pytest.mark.parametrize("kato", ["", "612000000"])
def test_who_has_lost_the_role_takes_no_decision_back(world, visit, kato):
    keys = dict(zip(FORMS, made(world, len(FORMS)), strict=True))
    desk, undo = visit(world.moderator), {}
    for path, key in keys.items():
        desk.submit(desk.get(f"/desk/{key}/{path}"), f"/desk/{key}/{path}", **FORMS[path])
        actions = [form.get("action") for form in desk.get("/desk").find("form")]
        (undo[path],) = [action for action in actions if "/undo" in action and action not in undo.values()]
    stages = [proposal(key).stage for key in keys.values()]
    move_role(world.moderator, kato)
    browser = visit(world.moderator)
    for path in FORMS:
        assert "do not moderate for" in browser.post(undo[path], 403).text, path
    assert [proposal(key).stage for key in keys.values()] == stages


BATCHES = {"assign": {"assignee": ""}, "categorise": {"sphere": "social"}, "reject": {"reason": "advertising"}}


def done_together(world, visit, act, keys):
    """A batch of this act; the desk, and the address that takes it back."""
    desk = visit(world.moderator)
    page = many(desk, act, keys)
    values = [field.get("value") for field in page.find("input", name="key")]
    more = {"assignee": str(world.moderator.id)} if act == "assign" else BATCHES[act]
    assert desk._send("POST", "/desk/many", data=page.form("/desk/many") | {"key": values} | more).status == 303
    after = desk.get("/desk")
    return desk, next(form.get("action") for form in after.find("form") if "/batches/" in form.get("action"))


def state(key):
    row = proposal(key)
    holder = db.session.get(Assignment, key)
    return row.stage, row.sphere, holder.assignee_id if holder else None


@pytest.mark.parametrize("kato", ["", "612000000"])
def test_who_has_lost_the_role_takes_no_batch_back(world, visit, kato):
    keys = made(world, 6)
    undo = {act: done_together(world, visit, act, keys[2 * n : 2 * n + 2])[1] for n, act in enumerate(BATCHES)}
    left = [state(key) for key in keys]
    move_role(world.moderator, kato)
    browser = visit(world.moderator)
    for act, address in undo.items():
        browser.post(address, 303 if kato else 403)
        assert not kato or "2 had already moved on and were not changed." in browser.get("/desk").text, act
    assert [state(key) for key in keys] == left


def test_a_batch_leaves_alone_what_a_colleague_has_gone_on_with(world, visit):
    keys = made(world, 3)
    before = [state(key) for key in keys]
    desk, undo = done_together(world, visit, "categorise", keys)
    with unit_of_work():
        db.session.get_one(Proposal, keys[1]).sphere = "ecology"
    desk.post(undo)
    assert (
        "2 taken back." in (page := desk.get("/desk")).text
        and "1 had already moved on and was not changed." in page.text
    )
    assert [state(key)[1] for key in keys] == [before[0][1], "ecology", before[2][1]]


def test_a_batch_leaves_alone_whom_a_colleague_has_given_it_to(world, visit):
    keys = made(world, 3)
    desk, undo = done_together(world, visit, "assign", keys)
    assert [state(key)[2] for key in keys] == [world.moderator.id] * 3
    with unit_of_work():
        row = db.session.get_one(Proposal, keys[2])
        assign(world.region_moderator, row, db.session.get_one(User, world.region_moderator.id), MONDAY)
    desk.post(undo)
    assert "1 had already moved on and was not changed." in desk.get("/desk").text
    assert [state(key)[2] for key in keys] == [None, None, world.region_moderator.id]
