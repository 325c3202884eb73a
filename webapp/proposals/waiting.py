"""Texts that were finished before their author could send them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.database import db
from webapp.kernel.errors import DomainError
from webapp.people.models import User
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.services import missing_step, submit


def complete_submissions(user: User, now: datetime) -> list[Proposal]:
    """Send the drafts that were finished before the person could send them; two doors at once send each of them once.

    Each has a moment of its own: the same one, public to the microsecond, would say that one person wrote both.
    """
    waiting = (
        select(Draft)
        .where(Draft.author_id == user.id, Draft.wants_submission, Draft.proposal_id.is_(None))
        .order_by(Draft.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    drafts = list(db.session.scalars(waiting))
    if refusal(user, Permission.SUBMIT, None, now) is not None:
        return []
    sent = []
    for draft in drafts:
        if missing_step(draft) is not None:
            continue
        try:
            moment = now + timedelta(microseconds=secrets.randbelow(10**6)) if sent else now
            sent.append(submit(user, draft, moment))
        except DomainError:  # it was begun for an organisation that they do not speak for any more: they decide anew
            draft.wants_submission = False
    return sent
