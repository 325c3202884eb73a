"""Coming in: what a session holds half-way and wholly, and what becomes of acts that were begun outside."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, flash, redirect, request, session, url_for
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.doors import services
from webapp.doors.allowances import remember_device
from webapp.doors.forms import SignInForm
from webapp.doors.offering import Offer, behind_confirmation, described, is_waiting, kept_page
from webapp.fraud.services import note_arrival
from webapp.kernel.clock import now
from webapp.kernel.database import db, unit_of_work
from webapp.kernel.errors import problem
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.networks import present_network
from webapp.kernel.refused import refused_since
from webapp.kernel.security import safe_next
from webapp.kernel.text import read_json
from webapp.kernel.typed import (
    SECRETS,
    all_shown,
    begun_as,
    is_worth_keeping,
    sealed,
    sendable,
    sent,
    signed_in_last,
    unsealed,
)
from webapp.people import begun
from webapp.people.models import User
from webapp.people.presence import empty_cookie, enter
from webapp.people.rules import HALF_SIGNED_IN
from webapp.people.waiting_forms import forms_of, keep_form
from webapp.voting.models import PendingVote


def wanted_page() -> str:
    """Where somebody wanted to go before the door, on this site only."""
    return safe_next(request.values.get("next"), url_for("portal.index"))


def keep_for_its_account() -> bool:
    """Let the form of this request wait for the account that it was begun with, where that is known."""
    whose = begun_as() or signed_in_last()
    fields = sendable()
    if whose is None or not is_worth_keeping(fields):
        return False
    with unit_of_work():
        return keep_form(whose, _goes_to(), fields, now())


def _goes_to() -> str:
    """Where the form of this request goes; one that waits behind "confirm it is you" goes where it was sent first."""
    first = safe_next(sent().get("back"), "") if request.endpoint == "second_step.confirmed" else ""
    return first if first and sent().get("resend") else request.path


def door_with_form() -> Response:
    """The door for somebody whose sign-in was over when they sent a form: what they typed stands on the page, to copy.

    It waits for their account, and for nobody else; where it is not known whose it is, on this page alone.
    """
    is_kept = keep_for_its_account()
    if is_kept:
        said = _(
            "Your sign-in was over, so nothing was done yet. What you typed is kept for your account: sign in, then send it."
        )
    else:
        said = _("Your sign-in was over, so nothing was done yet. What you typed is kept: sign in, then send it.")
    flash(said, "info")
    whose = sealed(begun_as() or signed_in_last())
    waiting = "" if is_kept else json.dumps([_goes_to(), sendable(), whose], ensure_ascii=False)
    form = SignInForm(formdata=None)
    return form_page(
        "doors/sign_in.html", form, 401, waiting=waiting, typed=all_shown(), next="/kept" if is_kept else "/"
    )


def form_of_another() -> Response:
    """A form of somebody else's page, sent by whoever is signed in here now: nothing is done in either name."""
    keep_for_its_account()
    said = _(
        "This form was begun by another account, so nothing was done. What was typed is kept for that account: it finds it when it signs in."
    )
    return problem(409, said, _("This form belongs to another account"))


def _waiting_form(user: User) -> tuple[str, list[tuple[str, str]]] | None:
    """The form that waits behind this door: where it goes, and its fields; nothing that was begun by another account."""
    try:
        action, fields, whose = (*read_json(request.form.get("waiting", "")), "")[:3]
        if unsealed(str(whose)) not in (None, user.id):
            return None
        kept = [(str(name), str(value)) for name, value in fields if name not in SECRETS]
    except (ValueError, TypeError):
        return None
    return (action, kept) if isinstance(action, str) and action == safe_next(action, "") else None


def form_page(template: str, form: object, status: int = 200, **more: object) -> Response:
    """A page of the doors, with what is kept for the person."""
    more.setdefault("waiting", request.form.get("waiting", ""))
    more.setdefault("typed", [])
    more.setdefault("next", wanted_page())
    response = render(template, status=status, form=form, kept=_of_this_door(str(more["next"])), active="", **more)
    response.headers["Cache-Control"] = "no-store"
    return response


def _of_this_door(target: str) -> list[Offer]:
    """What completes itself behind this very door, named; what else is kept on this device is asked about inside."""
    moment, account = now(), signed_in_last()
    if current_user.is_authenticated:
        return behind_confirmation(current_user) if current_user.email_confirmed_at is None else []
    acts = begun.offered(account, moment)
    return described(act for act in acts if act.completes(target, account or 0, moment))


def keep_begun() -> None:
    """Nothing of the visitor's session survives but what was begun."""
    acts = begun.everything(now())
    empty_cookie()
    begun.put(acts)


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


def welcome(user: User, target: str, said: str = "") -> Response:
    """Sign the person in; what was brought to this very door completes itself, everything else is offered.

    `said` is told inside: what is flashed before the door is emptied with the cookie.
    """
    acts, waiting = begun.everything(now()), _waiting_form(user)
    enter(user)
    remember_device(user)
    if said:
        flash(said, "success")
    _tell_of_refused_mail(user)
    note_arrival(user, present_network(), now())
    done = services.complete(user, acts, target, now())
    begun.put(done.left)
    _say(user, done)
    if waiting is not None:  # first what was sent just now; older forms wait on
        message = _("You are signed in. What you typed before is here: send it now, or simply close the page.")
        title = _("The form has to be sent again")
        context: dict[str, Any] = {"kept": waiting[1], "typed": all_shown(waiting[1])}
        return render("errors/resend.html", title=title, message=message, action=waiting[0], **context)
    if forms_of(user.id):
        return kept_page(user, target)
    return go_on(user, target)


def _say(user: User, done: services.Completed) -> None:
    if done.voted and user.is_verified:
        flash(_("Welcome. Your vote is counted."), "success")
    for refused in done.refusals:
        flash(refused, "warning")


def _tell_of_refused_mail(user: User) -> None:
    """Mails of ours come back from the address of this account: its owner learns it here, by mail they cannot."""
    if refused_since(user.email) is not None:
        words = _("Mails to your address come back, so codes and notices do not reach you.")
        link = _("Look at your address")
        flash(Markup('{} <a href="{}">{}</a>').format(words, url_for("address.show"), link), "warning")


def go_on(user: User, target: str) -> Response:
    """To the next door, or to the result of what was begun; past the question whose the rest is."""
    if user.email_confirmed_at is None:
        return redirect(url_for("doors.confirm", next=target), 303)
    if target == url_for("portal.index") and refusal(user, Permission.SEE_DESK, None, now()) is None:
        target = url_for("desk.index")  # staff come to work, where nothing else was asked for
    sent = services.complete_submissions(user, now())
    if sent:
        target = url_for("portal.talon", key=sent[-1].id)
    elif not user.is_verified and _has_pending(user):
        target = url_for("verification.index", next=target)
    if is_waiting(user, now()) and not target.startswith("/kept"):
        target = url_for("kept.index", next=target)
    return redirect(target, 303)


def _has_pending(user: User) -> bool:
    """Whether a vote waits for the person to be verified."""
    query: Any = select(PendingVote.proposal_id).where(PendingVote.voter_id == user.id).limit(1)
    return db.session.scalar(query) is not None
