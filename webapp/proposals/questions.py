"""The question that a moderator has asked the author, as the journal keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from webapp.journal.models import Fact
from webapp.journal.verbs import Verb
from webapp.kernel.database import db
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.territories.models import Territory


class Question(NamedTuple):
    """What was asked, by whom, for which territory, when, and until when it is answered."""

    text: str
    by: User | None
    territory: Territory
    at: datetime
    until: datetime | None


def open_question(proposal: Proposal) -> Question | None:
    """The question that waits for the author; None where there is none."""
    if proposal.stage != Stage.RETURNED:
        return None
    query = select(Fact).where(Fact.proposal_id == proposal.id, Fact.verb == Verb.PROPOSAL_RETURNED.value)
    fact = db.session.scalar(query.order_by(Fact.id.desc()).limit(1))
    if fact is None or not fact.facts.get("question"):
        return None
    by = db.session.get(User, fact.actor_id) if fact.actor_id is not None else None
    return Question(str(fact.facts["question"]), by, proposal.seat, fact.at, proposal.due_at)
