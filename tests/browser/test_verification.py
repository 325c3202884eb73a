"""Being verified in a real browser without JavaScript: a vote from before counts; a code from the desk works."""

from datetime import timedelta

from sqlalchemy import select

from tests.factories import NEWCOMERS_IIN, World, add_user, published
from webapp.kernel.clock import now
from webapp.kernel.database import db, unit_of_work
from webapp.people.models import User
from webapp.proposals.models import Proposal


def test_a_vote_from_before_verification_counts_by_itself(person, arrange):
    with unit_of_work():
        key = published(World.read(), now() - timedelta(days=1), title="Көпірдің жанына жаяу жол керек").id
        add_user("arrives@test.example", now(), given="Тимур", surname="Ким")
    resident = person("arrives", width=360, javascript=False)
    resident.go(f"/proposals/{key}")
    resident.press(f"form[action='/proposals/{key}/vote'] button[value=support]")
    assert resident.path == "/verify"
    assert "Your vote is kept" in resident.text()
    resident.send("/verify", iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    assert resident.path == f"/proposals/{key}"
    assert "Your vote is counted" in resident.text("#flash")
    with unit_of_work():
        assert db.session.get(Proposal, key).supports == 1
        assert db.session.scalars(select(User).where(User.email == "arrives@test.example")).one().is_verified
    resident.go("/my")
    assert "verified: your votes count" in resident.text()
    resident.press("main a[href='/my/home']")
    resident.press("main a[href^='/verify/desk']")
    resident.send("/verify/desk", agree="y")
    assert len(resident.text("main p.secret")) == 9
