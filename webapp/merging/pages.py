"""What the page of a proposal says and offers about joining: where it has gone, what stands in it, what can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for

from webapp.kernel.i18n import format_date, localized
from webapp.kernel.i18n import gettext as _
from webapp.kernel.page_parts import Act, Part, Place, acts_at, together
from webapp.merging import chains, matters
from webapp.merging.choosing import may_join
from webapp.merging.models import Merger
from webapp.merging.rules import undo_until
from webapp.proposals.authors import author_name
from webapp.proposals.models import Proposal


def part(actor: Any, proposal: Proposal, now: datetime) -> Part | None:
    """Where it has gone, the ways to join it, what stands in it, and what can be separated again."""
    is_staff = actor.is_authenticated and bool(actor.grants)
    inside = chains.joined_with(proposal) if proposal.has_joined else []
    last, own = chains.gone_to(proposal)
    mergers = [own] if last and own and own.into_id == last.id else []
    mergers += [row for _other, row in inside if row and row.into_id == proposal.id]
    undone = [_offer(row, proposal) for row in mergers if is_staff and chains.may_undo(actor, row, now)]
    return together(
        Part(Place.NOTICE, "merging/part_gone.html", {"into": last}) if last else None,
        _ways(actor, proposal, now) if is_staff else None,
        Part(Place.MAIN, "merging/part_joined.html", {"joined": [_row(row) for row, _m in inside]}) if inside else None,
        Part(Place.BESIDE, "merging/part_undoing.html", {"mergers": undone}) if undone else None,
    )


def _ways(actor: Any, proposal: Proposal, now: datetime) -> Part | None:
    matter_url = _matter_url(actor, proposal, now)
    return acts_at(
        Place.TOP,
        Act(_("Join it to another proposal"), f"/desk/{proposal.id}/merger")
        if may_join(actor, proposal, now)
        else None,
        Act(_("Take up with proposals of other places"), matter_url) if matter_url else None,
    )


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
        date=format_date(undo_until(row.at, row.undo_days)),
    )
    return {"key": row.id, "sentence": sentence}


def _matter_url(actor: Any, proposal: Proposal, now: datetime) -> str:
    """Where an officer above takes it up with those of other places; empty when nobody of that kind looks."""
    place = next((place for place in matters.places(actor, now) if matters.is_below(proposal, place)), None)
    if place is None:
        return ""
    return url_for("merging.new_matter", territory=place.kato, **{"from": proposal.id})
