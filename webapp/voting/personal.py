"""What a person has voted, for themselves and for organisations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from webapp.kernel.database import changed
from webapp.people.models import User
from webapp.people.traces import gone, kept, let_go, moment, rows_of
from webapp.voting.models import WITHDRAWN, WORDS, OrganisationVote, PendingOrganisationVote, PendingVote, Vote

TRACES = (
    gone(PendingVote.voter_id, "votes"),
    gone(PendingOrganisationVote.member_id, "votes_for_organisations"),
    kept(Vote.voter_id, "votes", "a counted vote stays counted, and nobody votes twice by leaving and coming back"),
    kept(OrganisationVote.member_id, "votes_for_organisations", "a counted vote of an organisation, with who cast it"),
)


def stored(user: User) -> dict[str, Any]:
    """Counted votes and those that wait for their voter to be verified."""
    return {
        "votes": _votes(Vote, user) + _votes(PendingVote, user),
        "votes_for_organisations": [
            {
                "organisation": row.voter_id,
                "proposal": row.proposal_id,
                "choice": WORDS[row.choice],
                "at": moment(row.at),
            }
            for kind in (OrganisationVote, PendingOrganisationVote)
            for row in rows_of(kind.member_id, user)
        ],
    }


def _votes(kind: Any, user: User) -> list[dict[str, Any]]:
    return [
        {
            "proposal": row.proposal_id,
            "choice": "withdrawn" if row.choice == WITHDRAWN else WORDS[row.choice],
            "at": moment(row.at),
            "counted": kind is Vote and row.quarantine_id is None,
            "set_aside": kind is Vote and row.quarantine_id is not None,
            "brought_by_a_merger": row.merger_id is not None,
            "network": "a keyed hash" if kind is Vote and row.network else None,
        }
        for row in rows_of(kind.voter_id, user, kind.proposal_id)
    ]


def forget(user: User, _now: datetime) -> None:
    """Votes that wait go; counted ones stay without the network from which they came."""
    let_go(TRACES, user)
    changed(update(Vote).where(Vote.voter_id == user.id).values(network=None))
