"""What waits for whoever has come in: acts that this browser kept, and forms that their account sent too late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response
from sqlalchemy import select

from webapp.doors import services
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.typed import all_shown
from webapp.people import begun
from webapp.people.begun import SENDING, VOTE, Begun
from webapp.people.models import Organisation, User
from webapp.people.waiting_forms import WaitingForm, forms_of
from webapp.proposals.models import Draft, Proposal


@dataclass(frozen=True)
class Offer:
    """One kept act in words: what it is, what becomes of it, and the words of the button that says "it is mine"."""

    name: str
    heading: str
    what: str
    after_this_step: str
    button: str
    at: datetime


def described(acts: Iterable[Begun]) -> list[Offer]:
    """Those acts that can still be done, named."""
    return [_described(act) for act in acts if services.is_there(act)]


def _described(act: Begun) -> Offer:
    at = datetime.fromtimestamp(act.at, UTC)
    as_whom = db.session.get(Organisation, act.organisation) if act.organisation is not None else None
    if act.kind == VOTE:
        return _vote(act, as_whom, at)
    draft = services.draft_of(act)
    assert draft is not None
    if act.kind == SENDING:
        what = (
            _("A proposal that was to be sent for %(name)s: “%(title)s”", name=as_whom.name, title=draft.title)
            if as_whom
            else _("A proposal that was to be sent: “%(title)s”", title=draft.title)
        )
        after = _("After this step your proposal “%(title)s” is sent.", title=draft.title)
        return Offer(act.name, _("Your text is kept"), what, after, _("It is mine: send it"), at)
    what = _("A text that was begun: “%(title)s”", title=draft.title)
    after = _("After this step your text “%(title)s” is among your drafts.", title=draft.title)
    return Offer(act.name, _("Your text is kept"), what, after, _("It is mine: keep it"), at)


def _vote(act: Begun, as_whom: Organisation | None, at: datetime) -> Offer:
    title = db.session.get_one(Proposal, int(act.subject)).title
    supports = act.choice == "support"
    if as_whom is not None:
        words = {"name": as_whom.name, "title": title}
        what = (
            _("A vote of %(name)s for “%(title)s”", **words)
            if supports
            else _("A vote of %(name)s against “%(title)s”", **words)
        )
        after = (
            _("After this step the support of %(name)s for “%(title)s” is counted.", **words)
            if supports
            else _("After this step the vote of %(name)s against “%(title)s” is counted.", **words)
        )
    else:
        what = _("A vote for “%(title)s”", title=title) if supports else _("A vote against “%(title)s”", title=title)
        after = (
            _("After this step your support for “%(title)s” is counted.", title=title)
            if supports
            else _("After this step your vote against “%(title)s” is counted.", title=title)
        )
    return Offer(act.name, _("Your vote is kept"), what, after, _("It is mine: send it"), at)


def behind_confirmation(user: User) -> list[Offer]:
    """What completes itself once the address is confirmed: texts that were sent already."""
    query = select(Draft).where(Draft.author_id == user.id, Draft.wants_submission, Draft.proposal_id.is_(None))
    return [_sent(draft) for draft in db.session.scalars(query.order_by(Draft.id))]


def _sent(draft: Draft) -> Offer:
    what = _("A proposal that was to be sent: “%(title)s”", title=draft.title)
    after = _("After this step your proposal “%(title)s” is sent.", title=draft.title)
    return Offer(draft.token, _("Your text is kept"), what, after, _("It is mine: send it"), draft.created_at)


def is_waiting(user: User, moment: datetime) -> bool:
    """Whether there is anything to ask this person about."""
    acts = begun.offered(user.id, moment)
    return any(services.is_there(act) for act in acts) or bool(forms_of(user.id))


def kept_page(user: User, target: str) -> Response:
    """Is this yours? Each act is named, and sent or thrown away by a button of its own."""
    offers = described(begun.offered(user.id, now()))
    forms = [_with_words(form) for form in forms_of(user.id)]
    response = render("doors/kept.html", offers=offers, forms=forms, next=target, active="my")
    response.headers["Cache-Control"] = "no-store"
    return response


def _with_words(form: WaitingForm) -> dict[str, object]:
    fields = [(str(name), str(value)) for name, value in form.fields]
    return {"name": form.name, "path": form.path, "at": form.at, "fields": fields, "typed": all_shown(fields)}
