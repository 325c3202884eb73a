"""Writing facts in the transaction of the change, reading them back, sealing and checking the chain."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, union_all, update

from webapp.journal import rules
from webapp.journal.models import Fact, FactSalt
from webapp.journal.verbs import INSIDE, FeatureVerb, Verb
from webapp.kernel.database import alone, changed, db, unit_of_work

BATCH = 500
PARTS = ("actor", "acting_for")
Salts = Mapping[str, str]

#: The moment at which consequences are being written down, while they are; see `recorded_late`.
_recorded_at: ContextVar[datetime | None] = ContextVar("recorded_at", default=None)


@contextmanager
def recorded_late(now: datetime) -> Iterator[None]:
    """What is recorded inside happened at the date that was due, and is written down now; each fact says both.

    `record(..., due)` leaves a fact whose `at` is now, so that the journal goes forward in time, with `fell_due_at`
    and `recorded_at` among its words. Source: design, section 2, "Dates are the law's, not the worker's".
    """
    token = _recorded_at.set(now)
    try:
        yield
    finally:
        _recorded_at.reset(token)


def record(
    verb: Verb | FeatureVerb,
    subject: Any,
    now: datetime,
    *,
    actor: Any = None,
    acting_for: Any = None,
    proposal_id: int | None = None,
    territory_id: int | None = None,
    public: bool = True,
    **facts: Any,
) -> Fact:
    """Leave one fact. `subject` is any saved record; `facts` must be plain JSON values.

    A fact about an account is never public: its number would join it to others about the same person; nor is one with
    a verb of `INSIDE`.
    """
    if public and type(subject).__tablename__ == "user":
        raise ValueError(f"{verb.value} is about an account and cannot be public")
    if public and verb in INSIDE:
        raise ValueError(f"{verb.value} is never public")
    written_at = _recorded_at.get()
    if written_at is not None:
        facts |= {"fell_due_at": now.isoformat(), "recorded_at": written_at.isoformat()}
    fact = Fact(
        at=written_at or now,
        verb=verb.value,
        actor_id=getattr(actor, "id", None),
        acting_for_id=getattr(acting_for, "id", None),
        subject_type=type(subject).__tablename__,
        subject_id=subject.id,
        proposal_id=proposal_id,
        territory_id=territory_id,
        public=public,
        facts=facts,
        told=False,
    )
    db.session.add(fact)
    return fact


def timeline(proposal_id: int, besides: Select[tuple[int | None]]) -> list[Fact]:
    """Public facts of a proposal, newest first; without small numbers of votes of one check, once told in public.

    `besides`: the numbers of other facts that belong in between, such as those of absences of the site.
    """
    own = select(Fact.id).where(Fact.proposal_id == proposal_id)
    query = select(Fact).where(Fact.id.in_(union_all(own, besides)), Fact.public).order_by(Fact.id.desc()).limit(200)
    return [fact for fact in db.session.scalars(query) if not _is_small_cell(fact)]


def _is_small_cell(fact: Fact) -> bool:
    return "check" in fact.facts and int(fact.facts.get("votes", 0)) < rules.SMALLEST_CELL


def last_fact_of(proposal_id: int, verbs: Sequence[Verb]) -> int:
    """The number of a proposal's last fact among some verbs; 0 when there is none."""
    query = select(func.max(Fact.id)).where(Fact.proposal_id == proposal_id, Fact.verb.in_([v.value for v in verbs]))
    return db.session.scalar(query) or 0


def last_fact(proposal_id: int, verbs: Sequence[Verb]) -> Fact | None:
    """A proposal's last fact among some verbs."""
    db.session.flush()
    key = last_fact_of(proposal_id, verbs)
    return db.session.get(Fact, key) if key else None


def keep_quiet(proposal_ids: Sequence[int], since: int, verbs: Sequence[Verb]) -> None:
    """Facts of some proposals from a number on that nobody is to be told of; they stay in the journal."""
    db.session.flush()
    where = (Fact.proposal_id.in_(proposal_ids), Fact.id >= since, Fact.verb.in_([verb.value for verb in verbs]))
    changed(update(Fact).where(*where).values(told=True))


def plain(fact: Any) -> dict[str, Any]:
    """A fact as plain values, the way it is sealed."""
    values = {name: getattr(fact, name) for name in rules.SEALED_FIELDS[fact.seal or rules.PRESENT]}
    values["at"] = fact.at.isoformat()
    return values


def seal_facts(_now: datetime) -> int:
    """Chain the facts that are not sealed yet; returns how many.

    The order of the chain is `position`, not the id: PostgreSQL may commit a smaller id later.
    """
    with unit_of_work():
        alone("seal")
        last = db.session.execute(
            select(Fact.position, Fact.hash).where(Fact.position.is_not(None)).order_by(Fact.position.desc()).limit(1)
        ).first()
        position, prev = (last.position, last.hash) if last else (0, rules.GENESIS)
        facts = list(db.session.scalars(select(Fact).where(Fact.hash.is_(None)).order_by(Fact.id).limit(BATCH)))
        changes: list[dict[str, Any]] = []
        salts: list[dict[str, Any]] = []
        for place, fact in enumerate(facts, start=position + 1):
            marks = {part: _committed(fact, part, salts) for part in PARTS}
            values = {name: getattr(fact, name) for name in rules.SEALED_FIELDS[2] if name not in marks}
            values |= marks | {"seal": rules.PRESENT, "at": fact.at.isoformat()}
            sealed = rules.seal(prev, values, rules.PRESENT)
            change = {"id": fact.id, "position": place, "prev_hash": prev, "hash": sealed, "seal": rules.PRESENT}
            changes.append(change | marks)
            prev = sealed
        if salts:  # of a seal that was taken off none must stay
            db.session.execute(delete(FactSalt).where(FactSalt.fact_id.in_([fact.id for fact in facts])))
            db.session.execute(insert(FactSalt), salts)
        if changes:
            db.session.execute(update(Fact), changes)
    return len(changes)


def _committed(fact: Fact, part: str, salts: list[dict[str, Any]]) -> str | None:
    """What stands for an account or organisation from now on; its salt is added to `salts`."""
    number = getattr(fact, f"{part}_id")
    if number is None:
        return None
    salt = secrets.token_hex(16)
    salts.append({"fact_id": fact.id, "part": part, "salt": salt})
    return rules.commitment(salt, part, number)


def sealed_facts() -> Iterator[tuple[Fact, Salts]]:
    """All sealed facts in the order of the chain, each with the salts that are left."""
    after = 0
    while True:
        query = select(Fact).where(Fact.position > after).order_by(Fact.position).limit(BATCH)
        facts = list(db.session.scalars(query))
        if not facts:
            return
        salts = salts_of([fact.id for fact in facts])
        for fact in facts:
            yield fact, salts.get(fact.id, {})
        after = facts[-1].position or 0


def salts_of(fact_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """The salts of some facts, by part."""
    found: dict[int, dict[str, str]] = {}
    query = select(FactSalt.fact_id, FactSalt.part, FactSalt.salt).where(FactSalt.fact_id.in_(fact_ids))
    for key, part, salt in db.session.execute(query):
        found.setdefault(key, {})[part] = salt
    return found


def verify(found: Iterable[tuple[Any, Salts]] | None = None) -> tuple[int, list[int]]:
    """How many sealed facts there are (here, or among those `found` elsewhere), and the ids of those whose seal does not hold."""
    prev, count, broken, newest = rules.GENESIS, 0, [], 1
    for fact, salts in sealed_facts() if found is None else found:
        count += 1
        version = fact.seal or 0
        holds = version in rules.SEALED_FIELDS and version >= newest and fact.prev_hash == prev
        if (
            not holds
            or fact.position != count
            or fact.hash != rules.seal(prev, plain(fact), version)
            or (version == rules.PRESENT and not all(_opens(fact, part, salts.get(part)) for part in PARTS))
        ):
            broken.append(fact.id)
        prev, newest = fact.hash or "", max(newest, version)
    return count, broken


def _opens(fact: Any, part: str, salt: str | None) -> bool:
    """Whether what a fact says inside of who acted is what was sealed; of who has left nothing is said any more."""
    number, mark = getattr(fact, f"{part}_id"), getattr(fact, part)
    if number is None:
        return salt is None
    return salt is not None and mark == rules.commitment(salt, part, number)


def forget_actor(user_id: int) -> None:
    """The journal does not know any more which facts were this person's: numbers and salts go, seals hold.

    Facts with the first seal keep the number that it covers; they are published without their content
    (`portal.journal`).
    """
    mine = select(Fact.id).where(Fact.actor_id == user_id, Fact.seal.is_distinct_from(1))
    salts = delete(FactSalt).where(FactSalt.fact_id.in_(mine), FactSalt.part == "actor")
    changed(salts)
    numbers = update(Fact).where(Fact.actor_id == user_id, Fact.seal.is_distinct_from(1)).values(actor_id=None)
    changed(numbers)
