"""Accounts of one hand, and the checks that set their votes aside."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import add_user, published, supported
from webapp.access.services import give_role
from webapp.escalation.models import Tally
from webapp.fraud import returning, services
from webapp.fraud.models import Quarantine
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.people.models import User
from webapp.territories.models import Territory
from webapp.territories.services import nation
from webapp.voting.services import cast_vote

SHORTLY = MONDAY - timedelta(hours=3)
CITY, REGION, NATION = "611000000", "610000000", "000000000"


def make_operator():
    """An operator of the whole country: `id` and `email`."""
    with unit_of_work():
        user = add_user("operator@test.example", MONDAY - timedelta(days=50), given="Оператор", surname="О")
        give_role(user, "operator", nation(), MONDAY - timedelta(days=50))
        return SimpleNamespace(id=user.id, email=user.email)


def suspected(world):
    """A proposal that collects support: five honest votes and ten of robots, of twenty that are needed; its id."""
    with unit_of_work():
        proposal = published(world, MONDAY - timedelta(days=2))
        supported(proposal, 5, CITY, MONDAY - timedelta(days=1), name="neighbour.a")
        for robot in robots(10):
            cast_vote(robot, proposal, "support", SHORTLY)
        return proposal.id


def robots(count, at=SHORTLY, home=CITY, stem="robot"):
    """Verified accounts whose addresses count on, made within minutes."""
    return [
        add_user(f"{stem}{number:03}@test.example", at + timedelta(seconds=number), home=home)
        for number in range(count)
    ]


def accounts(stem="robot"):
    return list(db.session.scalars(select(User.id).where(User.email.startswith(stem)).order_by(User.id)))


def tally(key, kato=CITY):
    rollback()
    query = select(Tally.supports, Tally.opposes).join(Territory, Territory.id == Tally.territory_id)
    row = db.session.execute(query.where(Tally.proposal_id == key, Territory.kato == kato)).first()
    return tuple(row) if row else (0, 0)


def begin(operator, ids=None, now=MONDAY):
    with unit_of_work():
        return services.set_aside(
            db.session.get_one(User, operator.id), accounts() if ids is None else ids, ["numbered-names"], "a note", now
        ).id


def end(operator, check, now=MONDAY, user_ids=None):
    with unit_of_work():
        return returning.release(db.session.get_one(User, operator.id), locked(Quarantine, check), now, user_ids).votes


def facts(verb):
    rollback()
    return list(db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id)))
