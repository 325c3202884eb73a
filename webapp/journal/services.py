"""Writing facts in the transaction of the change, reading them back, sealing and checking the chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from webapp.journal import rules
from webapp.journal.models import Fact
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, unit_of_work

BATCH = 500


def record(
    verb: Verb,
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
    """Leave one fact. `subject` is any saved record; `facts` must be plain JSON values."""
    fact = Fact(
        at=now,
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


def timeline(proposal_id: int) -> list[Fact]:
    """Public facts of a proposal, newest first."""
    query = select(Fact).where(Fact.proposal_id == proposal_id, Fact.public).order_by(Fact.id.desc()).limit(200)
    return list(db.session.scalars(query))


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
    db.session.execute(update(Fact).where(*where).values(told=True).execution_options(synchronize_session=False))


def plain(fact: Fact) -> dict[str, Any]:
    """A fact as plain values, the way it is sealed and published."""
    values = {name: getattr(fact, name) for name in rules.SEALED_FIELDS}
    values["at"] = fact.at.isoformat()
    return values


def seal_facts(_now: datetime) -> int:
    """Chain the facts that are not sealed yet; returns how many.

    The order of the chain is `position`, not the id: PostgreSQL may commit a smaller id later.
    """
    with unit_of_work():
        if db.engine.dialect.name == "postgresql":  # one sealer at a time
            db.session.execute(db.text("SELECT pg_advisory_xact_lock(5714)"))
        last = db.session.execute(
            select(Fact.position, Fact.hash).where(Fact.position.is_not(None)).order_by(Fact.position.desc()).limit(1)
        ).first()
        position, prev = (last.position, last.hash) if last else (0, rules.GENESIS)
        facts = list(db.session.scalars(select(Fact).where(Fact.hash.is_(None)).order_by(Fact.id).limit(BATCH)))
        changes = []
        for place, fact in enumerate(facts, start=position + 1):
            sealed = rules.seal(prev, plain(fact))
            changes.append({"id": fact.id, "position": place, "prev_hash": prev, "hash": sealed})
            prev = sealed
        if changes:
            db.session.execute(update(Fact), changes)
    return len(changes)


def sealed_facts() -> Iterator[Fact]:
    """All sealed facts in the order of the chain."""
    query = select(Fact).where(Fact.position.is_not(None)).order_by(Fact.position)
    yield from db.session.scalars(query.execution_options(yield_per=BATCH))


def verify() -> tuple[int, list[int]]:
    """How many sealed facts there are, and the ids of those whose seal does not hold."""
    prev, count, broken = rules.GENESIS, 0, []
    for fact in sealed_facts():
        count += 1
        if fact.position != count or fact.prev_hash != prev or fact.hash != rules.seal(prev, plain(fact)):
            broken.append(fact.id)
        prev = fact.hash or ""
    return count, broken
