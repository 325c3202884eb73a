"""A fact for all who follow: the database writes their notices, some thousand at a time, without loading one person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, case, exists, func, literal, or_, select, union

from webapp.journal.models import Fact
from webapp.kernel.database import UTCDateTime, db, insert, unit_of_work
from webapp.notifications.models import Follow, Notice, Wish
from webapp.notifications.rules import TOLD, Audience, Mail, Subject
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.voting.models import SUPPORT, Vote

PART = 2_000


def spread(fact_id: int, now: datetime, part: int = PART) -> int:
    """Tell a fact to its followers, in transactions of `part` people; returns how many notices were written.

    It begins after the last follower who has a notice of it already, so that a second run, after a worker was
    killed, has no more to do than what was left.
    """
    written, after = 0, _last_told(fact_id)
    while True:
        with unit_of_work():
            fact = db.session.get(Fact, fact_id)
            if fact is None or fact.told:
                return written
            upto = _end_of_part(fact, after, part)
            if upto is None:
                fact.told = True
                return written
            written += _write(fact, after, upto, now)
        after = upto


def _last_told(fact_id: int) -> int:
    followers = (Notice.fact_id == fact_id, Notice.kind == Audience.FOLLOWER)
    return db.session.scalar(select(func.max(Notice.person_id)).where(*followers)) or 0


def _supporters(fact: Fact) -> Select[Any]:
    column = Vote.voter_id.label("person_id")
    return select(column).where(Vote.proposal_id == fact.proposal_id, Vote.choice == SUPPORT)


def _named(fact: Fact) -> Select[Any]:
    """Whoever follows the proposal, and where the table says so, its place (or one around it) or its sphere."""
    proposal = db.session.get_one(Proposal, fact.proposal_id)
    subjects = [(Follow.kind == Subject.PROPOSAL) & (Follow.key == str(proposal.id))]
    if TOLD[fact.verb].places:
        around = select(Territory.kato).where(Territory.id.in_(proposal.origin.ancestor_ids))
        subjects.append((Follow.kind == Subject.TERRITORY) & Follow.key.in_(around))
        subjects.append((Follow.kind == Subject.SPHERE) & (Follow.key == proposal.sphere))
    return select(Follow.person_id.label("person_id")).where(Follow.wanted, or_(*subjects))


def _end_of_part(fact: Fact, after: int, part: int) -> int | None:
    """The person with whom a part of the followers ends; None when nobody is left."""
    firsts = []
    for source, column in ((_supporters(fact), Vote.voter_id), (_named(fact), Follow.person_id)):
        some = source.where(column > after).order_by(column).limit(part).subquery()
        firsts.append(select(some.c.person_id))
    both: CompoundSelect[Any] = union(*firsts)
    people = both.order_by("person_id").limit(part).subquery()
    return db.session.scalar(select(func.max(people.c.person_id)))


def _write(fact: Fact, after: int, upto: int, now: datetime) -> int:
    found = union(
        _supporters(fact).where(Vote.voter_id > after, Vote.voter_id <= upto),
        _named(fact).where(Follow.person_id > after, Follow.person_id <= upto),
    ).subquery()
    person = found.c.person_id
    refused = exists().where(
        Follow.person_id == person,
        Follow.kind == Subject.PROPOSAL,
        Follow.key == str(fact.proposal_id),
        ~Follow.wanted,
    )
    by_mail = case(
        (User.email_confirmed_at.is_(None) | Wish.digest.is_(False), literal(Mail.NONE.value)),
        else_=literal(Mail.WAITS.value),
    )
    rows = (
        select(person, literal(fact.id), literal(Audience.FOLLOWER.value), by_mail, literal(now, UTCDateTime()))
        .join(User, User.id == person)
        .outerjoin(Wish, Wish.person_id == person)
        .where(User.deleted_at.is_(None), User.disabled_at.is_(None), ~refused)
        .order_by(person)
    )
    statement = insert(Notice).from_select(["person_id", "fact_id", "kind", "mail", "at"], rows)
    return int(db.session.execute(statement.on_conflict_do_nothing()).rowcount)
