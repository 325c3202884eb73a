"""What the page of a proposal shows of the proposal itself: its text, its photo, the way to take it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.i18n import gettext as _
from webapp.kernel.page_parts import Act, Part, Place, acts_at
from webapp.photos.services import shown
from webapp.proposals.authors import is_author
from webapp.proposals.choices import fundings
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage, may_withdraw


def text(_actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """The text, unless it is hidden: then `flagging` says so in its place."""
    return None if proposal.hidden else Part(Place.MAIN, "proposals/part_text.html")


def photo(actor: Any, proposal: Proposal, now: datetime) -> Part | None:
    """The photo with the act that removes it; a hidden one is shown to the author alone."""
    is_seen = proposal.photo is not None and (proposal.photo_hidden_reason is None or is_author(actor, proposal))
    found = shown(proposal.photo, url_for("photo.show", name=proposal.photo.name)) if is_seen else None
    if found is None:
        return None
    may = is_author(actor, proposal) or refusal(actor, Permission.REMOVE_PHOTO, proposal, now) is None
    remove = Act(_("Remove the photo"), f"/proposals/{proposal.id}/photo/removal", "quiet", posts=True)
    return Part(Place.MAIN, "proposals/part_photo.html", {"photo": found}, (remove,) if may else ())


def funding(_actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """Where the money could come from, as the author thinks."""
    return Part(Place.MAIN, "proposals/part_funding.html", {"label": fundings()[proposal.funding]})


def withdrawal(actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """The author's way to take it back, while it has few supports."""
    may = (
        is_author(actor, proposal)
        and proposal.closed_at is None
        and may_withdraw(Stage(proposal.stage), proposal.supports, proposal.withdraw_below)
    )
    act = Act(_("Withdraw my proposal"), f"/proposals/{proposal.id}/withdrawal", "quiet", posts=True)
    return acts_at(Place.MORE, act if may else None)
