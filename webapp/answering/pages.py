"""What the page of a proposal shows of answers: the official ones, the way to answer, the appeal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.answering.choices import given, sources
from webapp.answering.services import answers_of, appeal_deadline
from webapp.kernel.i18n import gettext as _
from webapp.kernel.page_parts import Act, Part, Place, acts_at
from webapp.proposals.authors import is_author
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage

#: Nobody has been asked for an answer yet.
UNANSWERED = frozenset({Stage.SUBMITTED, Stage.RETURNED, Stage.COLLECTING, Stage.REJECTED})


def part(_actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """The official answers, newest first."""
    answers = [] if proposal.stage in UNANSWERED else answers_of(proposal.id)
    context = {"answers": answers, "labels": given(), "sources": sources()}
    return Part(Place.MAIN, "answering/part.html", context) if answers else None


def duty(actor: Any, proposal: Proposal, now: datetime) -> Part | None:
    """The officer's way to answer."""
    may = proposal.stage == Stage.REVIEW and refusal(actor, Permission.ANSWER, proposal, now) is None
    act = Act(_("Answer this proposal"), f"/proposals/{proposal.id}/answer", "primary")
    return acts_at(Place.TOP, act if may else None)


def appeal(actor: Any, proposal: Proposal, now: datetime) -> Part | None:
    """The author's way to appeal a refusal, until its date."""
    until = appeal_deadline(proposal) if is_author(actor, proposal) else None
    act = Act(_("Appeal to the next rung"), f"/proposals/{proposal.id}/appeal", "secondary")
    return acts_at(Place.MORE, act if until and until > now else None)
