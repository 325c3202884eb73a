"""Coming in: what a session holds half-way and wholly, and what completes itself then."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, session, url_for
from flask_login import current_user, login_user
from sqlalchemy import select

from webapp.doors import services
from webapp.fraud.services import note_arrival
from webapp.kernel.clock import now
from webapp.kernel.confirmation import note_confirmation
from webapp.kernel.database import db
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.networks import present_network
from webapp.kernel.security import safe_next
from webapp.people.models import User
from webapp.people.rules import HALF_SIGNED_IN
from webapp.proposals.models import Proposal
from webapp.voting.models import PendingVote

#: What was begun before the door and survives it.
BEGUN = ("pending_vote", "drafts")


def wanted_page() -> str:
    """Where somebody wanted to go before the door, on this site only."""
    return safe_next(request.values.get("next"), url_for("portal.index"))


def person() -> User:
    """The account itself, not Flask-Login's stand-in for it."""
    return current_user._get_current_object()


def _kept_proposal() -> Proposal | None:
    kept = session.get("pending_vote")
    return db.session.get(Proposal, kept[0]) if isinstance(kept, list) and len(kept) == 2 else None


def form_page(template: str, form: object, status: int = 200, **more: object) -> Response:
    """A page of the doors, with what is kept for the person."""
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


def wait_for_code(user: User) -> None:
    """The password was right. Until the code is, the session holds the account's id, a term and what was begun."""
    kept = {name: session[name] for name in BEGUN if name in session}
    session.clear()
    session.update(kept)
    session["half_signed_in"] = [user.id, int((now() + HALF_SIGNED_IN).timestamp())]


def half_signed_in() -> User | None:
    """Who has given the password and still owes the code."""
    half = session.get("half_signed_in")
    if not isinstance(half, list) or len(half) != 2 or now().timestamp() >= half[1]:
        return None
    return db.session.get(User, half[0])


def welcome(user: User, target: str) -> Response:
    """Sign the person in, and complete what was begun outside."""
    kept, tokens = session.get("pending_vote"), session.get("drafts", [])
    session.clear()  # nothing of the visitor's session survives but what was begun
    login_user(user, remember=False)
    session.permanent = True
    note_confirmation(now())
    carry_mark(user)
    note_arrival(user, present_network(), now())
    services.adopt_drafts(user, tokens)
    voted = services.complete_vote(user, kept, now()) if kept else None
    if voted is not None and user.is_verified:
        flash(_("Welcome. Your vote is counted."), "success")
    return go_on(user, target)


def carry_mark(user: User) -> None:
    """This session has passed the second step of the account as it is now set up."""
    session["second_step"] = user.second_step_mark


def go_on(user: User, target: str) -> Response:
    """To the next door, or to the result of what was begun."""
    if user.email_confirmed_at is None:
        return redirect(url_for("doors.confirm", next=target), 303)
    sent = services.complete_submissions(user, now())
    if sent:
        return redirect(url_for("portal.talon", key=sent[-1].id), 303)
    if not user.is_verified and _has_pending(user):
        return redirect(url_for("doors.verify", next=target), 303)
    return redirect(target, 303)


def _has_pending(user: User) -> bool:
    """Whether a vote waits for the person to be verified."""
    query: Any = select(PendingVote.proposal_id).where(PendingVote.voter_id == user.id).limit(1)
    return db.session.scalar(query) is not None
