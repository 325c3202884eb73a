"""Reports of a person, their appeals against hidings, and what they decided on reports of others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.flagging.models import Flag, FlagReview, Hiding
from webapp.kernel.database import db
from webapp.people.models import User
from webapp.people.traces import emptied, kept, let_go, moment, rows_of
from webapp.proposals.models import Proposal

TRACES = (
    emptied(Flag.reporter_id, "reports"),
    kept(FlagReview.decided_by_id, "reports_decided", "a decision of a body about what others wrote"),
    kept(Hiding.by_id, "hidings", "a decision of a body; somebody else has to decide on the appeal against it"),
    kept(Hiding.decided_by_id, "appeals_decided", "a decision of a body, and that it was somebody else's"),
)


def stored(user: User) -> dict[str, Any]:
    """What they reported or appealed against, and what they decided as a moderator."""
    return {
        "reports": [
            {
                "proposal": row.proposal_id,
                "what": row.what,
                "reason": row.reason,
                "note": row.note,
                "at": moment(row.at),
            }
            for row in rows_of(Flag.reporter_id, user)
        ],
        "appeals_against_hidings": [
            {"proposal": row.proposal_id, "note": row.appeal_note, "at": moment(row.appealed_at)}
            for row in db.session.scalars(
                select(Hiding).join(Proposal, Proposal.id == Hiding.proposal_id).where(Proposal.author_id == user.id)
            )
            if row.appealed_at is not None
        ],
        "reports_decided": [
            {
                "proposal": row.proposal_id,
                "what": row.what,
                "decision": row.decision,
                "note": row.note,
                "at": moment(row.decided_at),
            }
            for row in rows_of(FlagReview.decided_by_id, user)
        ],
        "hidings": [
            {
                "proposal": row.proposal_id,
                "what": row.what,
                "reason": row.reason,
                "sentence": row.sentence,
                "at": moment(row.at),
            }
            for row in rows_of(Hiding.by_id, user)
        ],
        "appeals_decided": [
            {
                "proposal": row.proposal_id,
                "decision": row.decision,
                "answer": row.answer,
                "at": moment(row.decided_at),
            }
            for row in rows_of(Hiding.decided_by_id, user)
        ],
    }


def forget(user: User, _now: datetime) -> None:
    """A report loses its reporter; decisions of a body stay."""
    let_go(TRACES, user)
