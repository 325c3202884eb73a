"""From facts to mails: one fact, one person, one message."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import current_app, render_template
from sqlalchemy import select, update

from webapp.access.models import Grant
from webapp.journal.models import Fact
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, unit_of_work
from webapp.kernel.i18n import in_language, localized
from webapp.kernel.mail import enqueue
from webapp.moderation.wording import rejection_of_fact
from webapp.people.models import User
from webapp.proposals.hiding import reason_labels
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.territories.services import body_of

#: Facts that the author of a proposal is told about at once.
AUTHOR_VERBS = frozenset(
    {
        Verb.PROPOSAL_SUBMITTED,
        Verb.PROPOSAL_RETURNED,
        Verb.PROPOSAL_PUBLISHED,
        Verb.PROPOSAL_REJECTED,
        Verb.PROPOSAL_MERGED,
        Verb.PROPOSAL_UNMERGED,
        Verb.PROPOSAL_ENLARGED,
        Verb.PROPOSAL_REDUCED,
        Verb.PROPOSAL_ADOPTED,
        Verb.PROPOSAL_FORWARDED,
        Verb.PROPOSAL_LAPSED,
        Verb.THRESHOLD_REACHED,
        Verb.PROPOSAL_CLIMBED,
        Verb.PROPOSAL_UNSUPPORTED,
        Verb.PROPOSAL_ACCEPTED,
        Verb.PROPOSAL_DECLINED,
        Verb.PROPOSAL_PASSED_UP,
        Verb.PROPOSAL_HANDED_DOWN,
        Verb.TERM_EXTENDED,
        Verb.TERM_OVERDUE,
        Verb.IMPLEMENTATION_STARTED,
        Verb.MILESTONE_OVERDUE,
        Verb.IMPLEMENTATION_DONE,
        Verb.FLAGS_REVIEWED,
        Verb.CONTENT_HIDDEN,
        Verb.HIDING_UPHELD,
        Verb.CONTENT_SHOWN,
    }
)
#: Facts by which a body comes to owe an answer: its officers are told.
OFFICER_VERBS = frozenset(
    {
        Verb.THRESHOLD_REACHED,
        Verb.PROPOSAL_CLIMBED,
        Verb.PROPOSAL_PASSED_UP,
        Verb.PROPOSAL_HANDED_DOWN,
        Verb.PROPOSAL_ADOPTED,
        Verb.DECLINE_APPEALED,
    }
)
BATCH = 100


def tell(now: datetime) -> int:
    """Turn facts that nobody has been told of into messages; returns how many messages were made."""
    told = 0
    while True:
        with unit_of_work():
            query = select(Fact).where(~Fact.told).order_by(Fact.id).limit(BATCH).with_for_update(skip_locked=True)
            facts = list(db.session.scalars(query))
            for fact in facts:
                told += _tell(fact, now)
            keys = [fact.id for fact in facts]
            db.session.execute(
                update(Fact).where(Fact.id.in_(keys)).values(told=True).execution_options(synchronize_session=False)
            )
        if len(facts) < BATCH:
            return told


def _tell(fact: Fact, now: datetime) -> int:
    if fact.proposal_id is None or fact.verb not in AUTHOR_VERBS | OFFICER_VERBS:
        return 0
    proposal = db.session.get(Proposal, fact.proposal_id)
    if proposal is None:
        return 0
    sent = 0
    if fact.verb in AUTHOR_VERBS and proposal.author is not None:
        sent += _send(fact, proposal, proposal.author, "author", now)
    if fact.verb in OFFICER_VERBS and fact.territory_id is not None:
        for officer in _officers(fact.territory_id, now):
            sent += _send(fact, proposal, officer, "officer", now)
    return sent


def _officers(territory_id: int, now: datetime) -> Iterable[User]:
    grants = db.session.scalars(
        select(Grant).where(Grant.territory_id == territory_id, Grant.role == "officer").order_by(Grant.user_id)
    )
    return {grant.user_id: grant.user for grant in grants if grant.holds(now)}.values()


def letter_to_author(fact: Fact, proposal: Proposal, now: datetime) -> tuple[str, str] | None:
    """Subject and text of the letter that a fact brings to the author; None when there is nobody to write to."""
    return _written(fact, proposal, proposal.author, "author") if proposal.author is not None else None


def _written(fact: Fact, proposal: Proposal, person: User, audience: str) -> tuple[str, str]:
    with in_language(person.lang):
        text = render_template(f"mail/{audience}.txt", **mail_context(fact, proposal, person))
    subject, _line, body = text.strip().partition("\n")
    return subject.strip(), body.strip() + "\n"


def _send(fact: Fact, proposal: Proposal, person: User, audience: str, now: datetime) -> bool:
    subject, body = _written(fact, proposal, person, audience)
    return enqueue(person.email, subject, body, f"fact:{fact.id}:{person.id}", now)


def mail_context(fact: Fact, proposal: Proposal, person: User) -> dict[str, Any]:
    """What a mail about a fact may say; nothing that is not on the public page, the author's own text apart."""
    seat = db.session.get(Territory, fact.territory_id) if fact.territory_id else None
    due = fact.facts.get("due_at") or fact.facts.get("closes_at")
    return {
        "verb": fact.verb,
        "facts": fact.facts,
        "name": person.given_name,
        "title": proposal.title,
        "number": proposal.number,
        "body": localized(body_of(seat, local_date(fact.at)) or seat) if seat else "",
        "due": datetime.fromisoformat(due) if due else proposal.due_at,
        "url": f"{current_app.config['PUBLIC_URL']}/proposals/{proposal.id}",
        "refusal": rejection_of_fact(fact.facts, fact.at) if fact.verb == Verb.PROPOSAL_REJECTED else [],
        "hiding_reasons": reason_labels(),
    }
