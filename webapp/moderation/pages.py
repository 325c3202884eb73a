"""What the page of a proposal and the desk show of moderation: the last word to the author, the ways to decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.database import db
from webapp.kernel.i18n import gettext as _
from webapp.kernel.page_parts import Act, Part, Place, acts_at
from webapp.moderation.choices import decided
from webapp.moderation.models import TriageDecision
from webapp.moderation.wording import rejection
from webapp.proposals.authors import is_author
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage


def word_to_author(actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """To the author: the question of the moderator, or why the proposal was not published."""
    if not is_author(actor, proposal) or proposal.stage not in (Stage.RETURNED, Stage.REJECTED):
        return None
    found = decisions_on(proposal, undone=False, most=1)
    if not found:
        return None
    answer = Act(_("Answer the question"), f"/proposals/{proposal.id}/revision", "primary")
    context = {"question": "", "refusal": _refusal(found[0])}
    if proposal.stage == Stage.RETURNED:
        context["question"] = found[0].note
        return Part(Place.NOTICE, "moderation/part_word.html", context, (answer,))
    return Part(Place.NOTICE, "moderation/part_word.html", context)


def _refusal(row: TriageDecision) -> list[str]:
    if row.kind != "reject":
        return []
    return rejection(row.reason, row.note_kk or row.note, row.note_ru or row.note, row.at)


def duty(actor: Any, proposal: Proposal, now: datetime) -> Part | None:
    """The moderator's way to the desk."""
    act = Act(_("Open on the desk"), f"/desk/{proposal.id}", "primary")
    return acts_at(Place.TOP, act if _decides(actor, proposal, now) else None)


def appeal(actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """The author's way to appeal when it was not published."""
    may = is_author(actor, proposal) and proposal.stage == Stage.REJECTED and proposal.closed_at is None
    act = Act(_("Appeal"), f"/proposals/{proposal.id}/appeal", "secondary")
    return acts_at(Place.MORE, act if may else None)


def _decides(actor: Any, proposal: Proposal, now: datetime) -> bool:
    return proposal.stage == Stage.SUBMITTED and refusal(actor, Permission.TRIAGE, proposal, now) is None


def decision(actor: Any, proposal: Proposal, now: datetime) -> Part | None:
    """On the desk: the ways to decide, or that the author has been asked. The page's `decisions` are their names."""
    if _decides(actor, proposal, now):
        return Part(Place.BESIDE, "moderation/part_decide.html")
    return Part(Place.BESIDE, "moderation/part_asked.html") if proposal.stage == Stage.RETURNED else None


def earlier(_actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """On the desk: what moderators have decided about it so far, the newest first."""
    found = decisions_on(proposal, undone=True, most=20)
    return Part(Place.MAIN, "moderation/part_earlier.html", {"earlier": found, "decided": decided()}) if found else None


def decisions_on(proposal: Proposal, undone: bool, most: int) -> list[TriageDecision]:
    """The newest decisions about a proposal, with those that were taken back or without."""
    query = select(TriageDecision).where(TriageDecision.proposal_id == proposal.id)
    if not undone:
        query = query.where(TriageDecision.undone_at.is_(None))
    return list(db.session.scalars(query.order_by(TriageDecision.id.desc()).limit(most)))
