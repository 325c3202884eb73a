"""What the page of a proposal shows of reports: marks in the place of what is hidden, the appeal, the way to report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.flagging.services import hidings_of
from webapp.kernel.i18n import gettext as _
from webapp.kernel.page_parts import Act, Part, Place, acts_at
from webapp.proposals.authors import is_author
from webapp.proposals.hiding import mark
from webapp.proposals.models import Proposal


def hidden(actor: Any, proposal: Proposal, now: datetime) -> Part | None:
    """Why a text or a photo is not there; the author reads their own text and may appeal."""
    rows = hidings_of(proposal)
    if not proposal.hidden and not proposal.photo_hidden_reason:
        return None
    mine = is_author(actor, proposal)
    appeal = Act(_("Appeal against the hiding"), f"/proposals/{proposal.id}/hiding/appeal", "secondary")
    context = {
        "hidden": {row.what: row for row in rows},
        "photo_mark": mark(proposal.photo_hidden_reason) if proposal.photo_hidden_reason else "",
        "is_author": mine,
    }
    may = mine and any(row.may_be_appealed(now) for row in rows)
    return Part(Place.MAIN, "flagging/part_hidden.html", context, (appeal,) if may else ())


def report(_actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """Anybody may report what is published and not hidden."""
    has_photo = proposal.photo and proposal.photo_hidden_reason is None
    may = proposal.is_public and (proposal.hidden is None or has_photo)
    act = Act(_("Report this proposal"), f"/proposals/{proposal.id}/flag")
    return acts_at(Place.MORE, act if may else None)
