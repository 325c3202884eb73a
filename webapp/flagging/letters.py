"""The mail to somebody who reported something, in their language. Authors are told through the journal."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from webapp.flagging.models import Flag
from webapp.flagging.rules import Decision
from webapp.kernel.database import db
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import in_language
from webapp.kernel.mail import enqueue
from webapp.people.letters import hello
from webapp.people.models import User


def tell_reporter(flag: Flag, now: datetime) -> bool:
    """What was decided; one mail for all reasons that a person gave for the same thing."""
    reader = db.session.scalar(select(User).where(User.id == flag.reporter_id, User.email_confirmed_at.is_not(None)))
    if reader is None:
        return False
    review = flag.review
    with in_language(reader.lang):
        if review.decision == Decision.HIDDEN:
            said = _("A moderator has looked at what you reported. It is hidden now; the reason is on the page.")
        else:
            said = _("A moderator has looked at what you reported, and it stays.")
        subject = _("Result of your report on proposal %(number)s", number=review.proposal.number)
        greeting = hello(reader)
        address = f"{current_app.config['PUBLIC_URL']}/proposals/{review.proposal_id}"
        thanks = _("Thank you for the report.")
    body = f"{greeting}\n\n{said} {thanks}\n\n{address}\n"
    return enqueue(reader.email, subject, body, f"flags:{review.id}:{reader.id}", now)
