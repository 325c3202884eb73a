"""The notices of a person as rows for a page or a feed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from webapp.access.models import Grant
from webapp.journal.models import Fact
from webapp.kernel.database import changed, db
from webapp.kernel.i18n import current_language
from webapp.kernel.paging import Page, keyset_page
from webapp.notifications.models import Notice
from webapp.notifications.rules import Audience
from webapp.notifications.sentences import sentence
from webapp.proposals.hiding import shown_lang, shown_title
from webapp.proposals.models import TITLED, Proposal
from webapp.territories.models import Territory

PAGE = 25
#: The kinds of notice that somebody gets by a role; they are called like the roles.
AS_STAFF = (Audience.OFFICER.value, Audience.MODERATOR.value)


def still_theirs(now: datetime) -> ColumnElement[bool]:
    """What somebody was told as staff is theirs while they have that role there; what concerns their own, always.

    Who only follows a proposal reads of it while it is public: a publication may have been taken back meanwhile.
    Stands in a query that joins `Notice`, `Fact` and `Proposal`.
    """
    held = (Grant.user_id == Notice.person_id, Grant.role == Notice.kind, Grant.territory_id == Fact.territory_id)
    holding = (Grant.valid_from <= now, or_(Grant.valid_until.is_(None), Grant.valid_until > now))
    as_staff = or_(Notice.kind.not_in(AS_STAFF), exists().where(*held, *holding))
    return and_(as_staff, or_(Notice.kind != Audience.FOLLOWER.value, Proposal.is_public))


def _query(person_id: int, now: datetime) -> Select[Any]:
    place = aliased(Territory)
    columns = (
        *(Notice.id, Notice.read_at, Notice.fact_id),
        *(Fact.at, Fact.verb, Fact.facts, Fact.proposal_id),
        *(*TITLED, Proposal.number),
        getattr(place, f"name_{current_language()}").label("place"),
    )
    query = select(*columns).join(Fact, Fact.id == Notice.fact_id).join(Proposal, Proposal.id == Fact.proposal_id)
    query = query.outerjoin(place, place.id == Fact.territory_id)
    return query.where(Notice.person_id == person_id, still_theirs(now))


def notices_page(person_id: int, mark: str | None, now: datetime, size: int = PAGE) -> Page:
    """One page of somebody's notices, the newest first."""
    return keyset_page(_query(person_id, now), [Notice.id], mark, db.session.execute, size)


def as_rows(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """What a page or a feed says of each."""
    return [
        {
            "id": row.id,
            "fact": row.fact_id,
            "is_new": row.read_at is None,
            "at": row.at,
            "place": row.place or "",
            "proposal": row.proposal_id,
            "title": shown_title(row),
            "lang": shown_lang(row),
            "number": row.number,
            "sentence": sentence(row.verb, row.facts),
        }
        for row in rows
    ]


def unread(person_id: int, now: datetime) -> int:
    """How many notices somebody has not seen."""
    query = select(func.count()).select_from(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    query = query.join(Fact, Fact.id == Notice.fact_id).join(Proposal, Proposal.id == Fact.proposal_id)
    query = query.where(still_theirs(now))
    return db.session.scalar(query) or 0


def mark_read(person_id: int, upto: int, now: datetime) -> int:
    """All that were on the page or before it; what has come since stays new."""
    mine = (Notice.person_id == person_id, Notice.read_at.is_(None), Notice.id <= upto)
    return changed(update(Notice).where(*mine).values(read_at=now))
