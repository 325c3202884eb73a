"""From facts to notices and mails: one fact, one person, one notice, one mail at most.

A fact is told in two steps. Its author and the staff that owes something by it are few: their notices and mails
are written in one transaction with the mark that the fact is told. Its followers may be fifty thousand: the
database writes their notices itself (`followers.spread`), a part at a time, and the fact is told when all are there.
Whoever is killed on the way begins with the fact again and finds what is written; nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, func, select, update

from webapp.access.rules import Role
from webapp.access.services import staff_of
from webapp.journal.models import Fact
from webapp.journal.verbs import Verb
from webapp.kernel.clock import LOCAL_ZONE
from webapp.kernel.database import changed, db, insert, unit_of_work
from webapp.notifications.followers import spread
from webapp.notifications.follows import wish_of
from webapp.notifications.letters import send_at_once
from webapp.notifications.models import Notice
from webapp.notifications.rules import (
    AT_ONCE_A_DAY,
    MARGIN,
    TOLD,
    UNDO_TIME,
    UNDOABLE,
    Audience,
    Mail,
    begins_term,
    day_began,
)
from webapp.people.models import User
from webapp.proposals.models import Proposal

BATCH = 100


def tell(now: datetime) -> int:
    """The job: facts that nobody has been told of become notices and mails; returns how many mails were made."""
    made = 0
    while True:
        facts, mails, wide = _tell_some(now)
        for key in wide:
            spread(key, now)
        made += mails
        if facts < BATCH:
            return made


def _tell_some(now: datetime) -> tuple[int, int, list[int]]:
    """Some facts to authors and staff: how many, how many mails, and which of them have followers to be told."""
    with unit_of_work():
        is_young = and_(Fact.verb.in_(UNDOABLE), Fact.at > now - UNDO_TIME - MARGIN)  # it may still be taken back
        query = select(Fact).where(~Fact.told, ~is_young).order_by(Fact.id).limit(BATCH)
        facts = list(db.session.scalars(query.with_for_update(skip_locked=True)))
        undone, made, wide = _undone(facts), 0, []
        for fact in facts:
            told = TOLD.get(fact.verb) if fact.id not in undone else None
            proposal = db.session.get(Proposal, fact.proposal_id) if told and fact.proposal_id else None
            if told is None or proposal is None:
                continue
            made += sum(_tell(fact, proposal, person, kind, now) for person, kind in _concerned(fact, proposal, now))
            if told.followers and fact.public and proposal.is_public:
                wide.append(fact.id)
        keys = [fact.id for fact in facts if fact.id not in wide]
        done = update(Fact).where(Fact.id.in_(keys)).values(told=True)
        changed(done)
        return len(facts), made, wide


def _undone(facts: Iterable[Fact]) -> set[int]:
    """Those that a later fact has taken back (`decision:undone`, which names the other in `undoes`)."""
    proposals = {fact.proposal_id for fact in facts if fact.verb in UNDOABLE}
    if not proposals:
        return set()
    query = select(Fact.facts).where(Fact.proposal_id.in_(proposals), Fact.verb == Verb.DECISION_UNDONE)
    return {int(stored["undoes"]) for stored in db.session.scalars(query)}


def _concerned(fact: Fact, proposal: Proposal, now: datetime) -> list[tuple[User, Audience]]:
    """Whom a fact concerns as their own, each person once."""
    told, people = TOLD[fact.verb], {}
    if told.author and proposal.author is not None:
        people[proposal.author.id] = proposal.author, Audience.AUTHOR
    if told.staff is not None and fact.territory_id is not None:
        for person in staff_of([fact.territory_id], Role(told.staff.value), now):
            people.setdefault(person.id, (person, told.staff))
    return list(people.values())


def _tell(fact: Fact, proposal: Proposal, person: User, kind: Audience, now: datetime) -> bool:
    """One person of one fact; whether a mail was made."""
    if not person.may_sign_in:
        return False
    by_mail = _by_mail(person, begins_term(fact.verb, kind), now)
    row = {"person_id": person.id, "fact_id": fact.id, "kind": kind.value, "mail": by_mail.value, "at": now}
    statement = insert(Notice).values(**row).on_conflict_do_nothing().returning(Notice.id)
    if db.session.execute(statement).first() is None:
        return False  # somebody was killed after this, or is quicker
    return by_mail is Mail.NOW and send_at_once(fact, proposal, person, kind, now)


def _by_mail(person: User, is_term: bool, now: datetime) -> Mail:
    if person.email_confirmed_at is None or not wish_of(person.id).own:
        return Mail.NONE
    if is_term:
        return Mail.NOW
    today = select(func.count()).select_from(Notice).where(Notice.person_id == person.id, Notice.mail == Mail.NOW)
    today = today.where(Notice.at >= day_began(now, LOCAL_ZONE))
    return Mail.NOW if (db.session.scalar(today) or 0) < AT_ONCE_A_DAY else Mail.WAITS
