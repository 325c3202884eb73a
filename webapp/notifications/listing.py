"""The notices of a person as rows for a page or a feed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import aliased

from webapp.journal.models import Fact
from webapp.kernel.database import db
from webapp.kernel.i18n import current_language
from webapp.kernel.paging import Page, keyset_page
from webapp.notifications.letters import happened
from webapp.notifications.models import Notice
from webapp.proposals.hiding import shown_lang, shown_title
from webapp.proposals.models import TITLED, Proposal
from webapp.territories.models import Territory

PAGE = 25


def _query(person_id: int) -> Select[Any]:
    place = aliased(Territory)
    columns = (
        *(Notice.id, Notice.read_at, Notice.fact_id),
        *(Fact.at, Fact.verb, Fact.facts, Fact.proposal_id),
        *(*TITLED, Proposal.number),
        getattr(place, f"name_{current_language()}").label("place"),
    )
    query = select(*columns).join(Fact, Fact.id == Notice.fact_id).join(Proposal, Proposal.id == Fact.proposal_id)
    return query.outerjoin(place, place.id == Fact.territory_id).where(Notice.person_id == person_id)


def notices_page(person_id: int, mark: str | None, size: int = PAGE) -> Page:
    """One page of somebody's notices, the newest first."""
    return keyset_page(_query(person_id), [Notice.id], mark, db.session.execute, size)


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
            "sentence": happened(row.verb, row.facts, row.number),
        }
        for row in rows
    ]


def unread(person_id: int) -> int:
    """How many notices somebody has not seen."""
    query = select(func.count()).select_from(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    return db.session.scalar(query) or 0


def mark_read(person_id: int, upto: int, now: datetime) -> int:
    """All that were on the page or before it; what has come since stays new."""
    mine = (Notice.person_id == person_id, Notice.read_at.is_(None), Notice.id <= upto)
    done = update(Notice).where(*mine).values(read_at=now).execution_options(synchronize_session=False)
    return int(db.session.execute(done).rowcount)
