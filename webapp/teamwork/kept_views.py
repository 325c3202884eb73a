"""Saved views: a filter of the desk under a name of one's own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from webapp.kernel.database import db
from webapp.kernel.errors import Invalid, NotAllowed
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.teamwork.models import DeskView
from webapp.teamwork.rules import VIEWS_MAX


def kept_views(actor: User) -> Sequence[DeskView]:
    """One's own views by name."""
    return list(db.session.scalars(select(DeskView).where(DeskView.user_id == actor.id).order_by(DeskView.name)))


def keep_view(actor: User, name: str, query: str) -> DeskView:
    """Keep a filter; the same name again replaces what was kept under it."""
    name = " ".join(name.split())
    if not name:
        raise Invalid(_("Give the filter a name."), "name")
    if len(name) > 60:
        raise Invalid(_("Shorten it: at most %(max)d characters fit.", max=60), "name")
    kept = kept_views(actor)
    view = next((one for one in kept if one.name == name), None)
    if view is None:
        if len(kept) >= VIEWS_MAX:
            raise Invalid(_("Remove a saved filter first: no more than %(max)d can be saved.", max=VIEWS_MAX), "name")
        view = DeskView(user_id=actor.id, name=name)
        db.session.add(view)
    view.query = query
    db.session.flush()
    return view


def remove_view(actor: User, view: DeskView) -> None:
    """One's own only."""
    if view.user_id != actor.id:
        raise NotAllowed(_("This filter belongs to somebody else."))
    db.session.delete(view)
