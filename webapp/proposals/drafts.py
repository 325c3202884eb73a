"""Who may open a draft."""

from __future__ import annotations

from flask import abort, current_app
from flask_login import current_user
from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.begun import visitor
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.errors import Gone
from webapp.kernel.i18n import gettext as _
from webapp.proposals.models import Draft


def draft_of(token: str, lock: bool = False) -> Draft:
    """The draft behind a token; one that belongs to somebody is shown only to them."""
    query = select(Draft).where(Draft.token == token[:43])
    draft = db.session.scalar(query.with_for_update() if lock else query)
    if draft is None or draft.expires_at < now():
        raise Gone(_("This draft is not here any more. Drafts are kept for 30 days."))
    if not current_user.is_authenticated and draft.author_id is not None and draft.author_id == visitor():
        # its author, whose sign-in is over
        return abort(current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
    if refusal(current_user, Permission.KEEP_DRAFT, draft, now()) is not None:
        abort(404)
    return draft
