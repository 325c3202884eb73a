"""Who may open a draft, and what of it is saved while somebody types."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from flask import abort, current_app, request
from flask_login import current_user
from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.errors import Gone
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import is_visible
from webapp.kernel.typed import begun_as, signed_in_last
from webapp.people.models import User
from webapp.proposals.models import Draft
from webapp.proposals.rules import FUNDINGS, SPHERES
from webapp.proposals.services import start_draft, touch
from webapp.territories.services import by_kato, ladder

#: The fields of each step; the rest of a draft is not touched by what is typed there.
TYPED = {"title": ("title", "lang"), "place": ("origin", "place"), "text": ("text", "sphere", "funding")}
LANGS = ("kk", "ru", "en")


def draft_of(token: str, lock: bool = False) -> Draft:
    """The draft behind a token; one that belongs to somebody is shown only to them."""
    query = select(Draft).where(Draft.token == token[:43])
    draft = db.session.scalar(query.with_for_update() if lock else query)
    if draft is None or draft.expires_at < now():
        raise Gone(_("This draft is not here any more. Drafts are kept for 30 days."))
    if not current_user.is_authenticated and draft.author_id is not None and draft.author_id == signed_in_last():
        # its author, whose sign-in is over
        return abort(current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
    if refusal(current_user, Permission.KEEP_DRAFT, draft, now()) is not None:
        abort(404)
    return draft


def typed_into(token: str) -> Draft:
    """The draft that a page types into, locked; its author's own page may, also when their sign-in has ended."""
    draft = db.session.scalar(select(Draft).where(Draft.token == token[:43]).with_for_update())
    if draft is None or draft.expires_at < now() or draft.proposal_id is not None:
        raise Gone(_("This draft is not here any more. Drafts are kept for 30 days."))
    is_authors_page = draft.author_id is not None and draft.author_id == begun_as()
    if not is_authors_page and refusal(current_user, Permission.KEEP_DRAFT, draft, now()) is not None:
        abort(404)
    return draft


def state(draft: Draft, step: str) -> str:
    """What a step of it says, as a short word that a page can say it has seen."""
    return _hash({name: _stored(draft, name) for name in TYPED[step]})


def _hash(said: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:24]


def _stored(draft: Draft, name: str) -> str:
    if name == "origin":
        return draft.origin.kato if draft.origin else ""
    return str(getattr(draft, name) or "")


def save_typed(draft: Draft, step: str, fields: Mapping[str, str], seen: str, moment: datetime) -> Draft:
    """Save a step as it is typed, without a look at whether it is finished.

    `seen` is the state that the page knows. Where another page has written since, that one stays as it is, and this
    page goes on with a draft of its own: it is answered.
    """
    said = {name: _usable(draft, name, fields.get(name)) for name in TYPED[step]}
    if state(draft, step) not in (seen, _hash(said)):
        draft = _twin(draft, moment)
    for name, value in said.items():
        if name == "origin":
            place = by_kato(value[:9])
            draft.origin = place
        else:
            setattr(draft, name, value)
    touch(draft, moment)
    db.session.flush()
    return draft


def _usable(draft: Draft, name: str, value: str | None) -> str:
    """What is stored of a field: words as they are typed, choices where they can be chosen, a title while there is one."""
    before = _stored(draft, name)
    if value is None:
        return before
    if name in ("text", "place"):
        return value.replace("\r\n", "\n")
    if name == "title":
        return value if is_visible(value) else before
    if name == "origin":
        place = by_kato(value[:9])
        return value if place is not None and place.rung == "city" else before
    return value if value in {"lang": LANGS, "sphere": ("", *SPHERES), "funding": FUNDINGS}[name] else before


def _twin(draft: Draft, moment: datetime) -> Draft:
    """Another draft that says the same, for the same author."""
    author = db.session.get(User, draft.author_id) if draft.author_id is not None else None
    twin = start_draft(author, draft.title, draft.lang, moment, draft.origin_id)
    for name in ("organisation_id", "place", "text", "sphere", "funding"):
        setattr(twin, name, getattr(draft, name))
    return twin


def likely_origin(kato: str | None) -> int | None:
    """Where it will probably be: the page that the person came from, the city chosen on this device, their home."""
    for code in (kato or "", request.cookies.get("city", "")):
        place = by_kato(code[:9])
        if place is not None and place.rung == "city":
            return place.id
    home = current_user.home if current_user.is_authenticated else None
    return next((step.id for step in ladder(home) if step.rung == "city"), None) if home else None
