"""One proposal on the desk, with everything that is needed to decide, in as few queries as it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased, joinedload

from webapp.desk.parts import BESIDE
from webapp.desk.rules import Filters
from webapp.desk.screen import clock_of, state_of
from webapp.journal.models import Fact
from webapp.kernel.database import db
from webapp.kernel.page_parts import by_place
from webapp.moderation.undoing import DECIDING
from webapp.people.models import User
from webapp.photos.services import shown
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.rulebook.services import calendar, rules_in_force
from webapp.teamwork.models import Assignment, Reading
from webapp.teamwork.services import colleagues_of


@dataclass(frozen=True)
class Item:
    """A proposal, who has it, who reads it, the number of the last fact, and the author's earlier proposals."""

    proposal: Proposal
    assignment: Assignment | None
    reading: Reading | None
    seen: int
    earlier: int
    rejected: int
    published: int


def open_item(key: int) -> Item | None:
    """The proposal with this number and what belongs to it; None where there is none."""
    other = aliased(Proposal)
    theirs = (other.author_id == Proposal.author_id, other.id != Proposal.id)

    def count(*where: ColumnElement[bool]) -> Any:
        return select(func.count()).select_from(other).where(*theirs, *where).correlate(Proposal).scalar_subquery()

    verbs = [verb.value for verb in DECIDING]
    last = select(func.max(Fact.id)).where(and_(Fact.proposal_id == Proposal.id, Fact.verb.in_(verbs)))
    query = (
        select(
            Proposal,
            Assignment,
            Reading,
            last.correlate(Proposal).scalar_subquery(),
            count(),
            count(other.stage == Stage.REJECTED.value),
            count(other.published_at.is_not(None)),
        )
        .outerjoin(Assignment, Assignment.proposal_id == Proposal.id)
        .outerjoin(Reading, Reading.proposal_id == Proposal.id)
        .where(Proposal.id == key)
        .options(
            *(joinedload(getattr(Proposal, name)) for name in ("seat", "origin", "author", "organisation", "photo")),
            joinedload(Assignment.department),
            joinedload(Reading.user),
        )
    )
    row = db.session.execute(query).unique().first()
    return Item(row[0], row[1], row[2], row[3] or 0, *row[4:]) if row else None


def insight_of(item: Item, now: datetime) -> dict[str, Any] | None:
    """What the platform knows about the author's earlier proposals; no address, no number."""
    author, organisation = item.proposal.author, item.proposal.organisation
    if author is None:
        return None
    return {
        "name": organisation.name if organisation else author.public_name,
        "earlier": item.earlier,
        "rejected": item.rejected,
        "published": item.published,
        "days": max(0, (now - author.created_at) // timedelta(days=1)),
        "is_verified": author.is_verified,
    }


def page(actor: User, item: Item, filters: Filters, now: datetime) -> dict[str, Any]:
    """What the page shows."""
    proposal = item.proposal
    terms, _row = rules_in_force([proposal.seat], now)[0]
    whole = terms.triage_working_days if proposal.stage == Stage.SUBMITTED else terms.answer_working_days
    colleagues = colleagues_of(proposal.seat_id, now)
    reader = item.reading if item.reading and item.reading.until > now and item.reading.user_id != actor.id else None
    return {
        "proposal": proposal,
        "clock": clock_of(proposal, whole, now, calendar()),
        "photo": shown(proposal.photo, url_for("photo.show", name=proposal.photo.name)) if proposal.photo else None,
        "insight": insight_of(item, now),
        "colleagues": [person for person in colleagues if person.id != proposal.author_id],
        "assignment": item.assignment,
        "reader": reader,
        "seen": item.seen,
        "back": filters.query(),
        "parts": by_place(BESIDE, actor, proposal, now),
        "state": state_of(actor, now),
    }
