"""What the page of a proposal says and offers about joining: where it has gone, what stands in it, what can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for

from webapp.kernel.i18n import format_date, localized
from webapp.kernel.i18n import gettext as _
from webapp.merging import chains, matters
from webapp.merging.choosing import may_join
from webapp.merging.models import Merger
from webapp.merging.rules import undo_until
from webapp.portal.dossier import author_name
from webapp.proposals.models import Proposal


def joined(actor: Any, proposal: Proposal, now: datetime) -> dict[str, Any]:
    """Context of the page."""
    is_staff = actor.is_authenticated and bool(actor.grants)
    inside = chains.joined_with(proposal) if proposal.has_joined else []
    last, own = chains.gone_to(proposal)
    mergers = [own] if last and own and own.into_id == last.id else []
    mergers += [row for _other, row in inside if row and row.into_id == proposal.id]
    return {
        "merged_into": last,
        "joined": [_row(other) for other, _merger in inside],
        "mergers": [_offer(row, proposal) for row in mergers if is_staff and chains.may_undo(actor, row, now)],
        "may_join": is_staff and may_join(actor, proposal, now),
        "matter_url": _matter_url(actor, proposal, now) if is_staff else "",
    }


def _row(other: Proposal) -> dict[str, Any]:
    return {
        "proposal": other,
        "url": url_for("portal.proposal", key=other.id),
        "author": author_name(other),
        "place": localized(other.origin),
    }


def _offer(row: Merger, here: Proposal) -> dict[str, Any]:
    other = row.into if row.proposal_id == here.id else row.proposal
    sentence = _(
        "“%(title)s” can be separated from this one until %(date)s. The votes that were added leave with it.",
        title=other.title,
        date=format_date(undo_until(row.at)),
    )
    return {"key": row.id, "sentence": sentence}


def _matter_url(actor: Any, proposal: Proposal, now: datetime) -> str:
    """Where an officer above takes it up with those of other places; empty when nobody of that kind looks."""
    place = next((place for place in matters.places(actor, now) if matters.is_below(proposal, place)), None)
    if place is None:
        return ""
    return url_for("merging.new_matter", territory=place.kato, **{"from": proposal.id})
