"""Coming in: what a session holds half-way and wholly, and what completes itself then."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, flash, redirect, request, session, url_for
from markupsafe import Markup
from sqlalchemy import select

from webapp.doors import services
from webapp.doors.allowances import remember_device
from webapp.doors.forms import SignInForm
from webapp.fraud.services import note_arrival
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.errors import NEVER_KEPT
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.networks import present_network
from webapp.kernel.refused import refused_since
from webapp.kernel.security import safe_next
from webapp.kernel.text import read_json
from webapp.people.models import User
from webapp.people.presence import empty_cookie, enter
from webapp.people.rules import HALF_SIGNED_IN
from webapp.proposals.models import Proposal
from webapp.voting.models import PendingVote

#: Never offered again, never written into a page.
SECRETS = NEVER_KEPT | {"waiting", "next", "back", "resend"}
#: What was begun before the door and survives it.
BEGUN = ("pending_vote", "drafts")


def wanted_page() -> str:
    """Where somebody wanted to go before the door, on this site only."""
    return safe_next(request.values.get("next"), url_for("portal.index"))


def _kept_proposal() -> Proposal | None:
    kept = session.get("pending_vote")
    return db.session.get(Proposal, kept[0]) if isinstance(kept, list) and len(kept) == 2 else None


def sent_fields() -> list[tuple[str, str]]:
    """What was typed into the form of this request, without secrets and keys."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in SECRETS]


def door_with_form() -> Response:
    """The door for somebody whose sign-in was over when they sent a form: it waits and is offered again inside."""
    flash(_("Your sign-in was over, so nothing was done yet. What you typed is kept: sign in, then send it."), "info")
    waiting = json.dumps([request.path, sent_fields()], ensure_ascii=False)
    return form_page("doors/sign_in.html", SignInForm(formdata=None), 401, waiting=waiting)


def _waiting_form() -> tuple[str, list[tuple[str, str]]] | None:
    """The form that waits behind the door: where it goes, and its fields."""
    try:
        action, fields = read_json(request.form.get("waiting", ""))
        kept = [(str(name), str(value)) for name, value in fields if name not in SECRETS]
    except (ValueError, TypeError):
        return None
    return (action, kept) if isinstance(action, str) and action == safe_next(action, "") else None


def form_page(template: str, form: object, status: int = 200, **more: object) -> Response:
    """A page of the doors, with what is kept for the person."""
    more.setdefault("waiting", request.form.get("waiting", ""))
    kept = session.get("pending_vote")
    response = render(
        template,
        status=status,
        form=form,
        next=wanted_page(),
        kept_choice=kept[1] if kept else None,
        kept_proposal=_kept_proposal(),
        active="",
        **more,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def keep_begun() -> None:
    """Nothing of the visitor's session survives but what was begun."""
    kept = {name: session[name] for name in BEGUN if name in session}
    empty_cookie()
    session.update(kept)


def wait_for_code(user: User) -> None:
    """The password was right. Until the code is, the session holds the account's id, a term and what was begun."""
    keep_begun()
    session["half_signed_in"] = [user.id, int((now() + HALF_SIGNED_IN).timestamp())]


def half_signed_in() -> User | None:
    """Who has given the password and still owes the code."""
    half = session.get("half_signed_in")
    if not isinstance(half, list) or len(half) != 2 or now().timestamp() >= half[1]:
        return None
    user = db.session.get(User, half[0])
    return user if user is not None and user.may_sign_in else None


def welcome(user: User, target: str) -> Response:
    """Sign the person in, and complete what was begun outside."""
    kept, tokens = session.get("pending_vote"), session.get("drafts", [])
    enter(user)
    remember_device(user)
    _tell_of_refused_mail(user)
    note_arrival(user, present_network(), now())
    services.adopt_drafts(user, tokens)
    voted = services.complete_vote(user, kept, now()) if kept else None
    if voted is not None and user.is_verified:
        flash(_("Welcome. Your vote is counted."), "success")
    waiting = _waiting_form()
    if waiting is not None:
        message = _("You are signed in. What you typed before is here: send it now, or leave it.")
        title = _("The form has to be sent again")
        return render("errors/resend.html", title=title, message=message, kept=waiting[1], action=waiting[0])
    return go_on(user, target)


def _tell_of_refused_mail(user: User) -> None:
    """Mails of ours come back from the address of this account: its owner learns it here, by mail they cannot."""
    if refused_since(user.email) is not None:
        words = _("Mails to your address come back, so codes and notices do not reach you.")
        link = _("Look at your address")
        flash(Markup('{} <a href="{}">{}</a>').format(words, url_for("address.show"), link), "warning")


def go_on(user: User, target: str) -> Response:
    """To the next door, or to the result of what was begun."""
    if user.email_confirmed_at is None:
        return redirect(url_for("doors.confirm", next=target), 303)
    sent = services.complete_submissions(user, now())
    if sent:
        return redirect(url_for("portal.talon", key=sent[-1].id), 303)
    if not user.is_verified and _has_pending(user):
        return redirect(url_for("verification.index", next=target), 303)
    return redirect(target, 303)


def _has_pending(user: User) -> bool:
    """Whether a vote waits for the person to be verified."""
    query: Any = select(PendingVote.proposal_id).where(PendingVote.voter_id == user.id).limit(1)
    return db.session.scalar(query) is not None
