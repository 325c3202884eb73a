"""What the pages of verification have in common: where to go on, what to say, and what to do when nothing works."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.predicates import Reason
from webapp.access.services import refusal, require
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.errors import NotSetUp, problem
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.security import safe_next
from webapp.people.presence import person, renew
from webapp.proposals.models import Proposal
from webapp.verification.providers import provider_of
from webapp.verification.providers.port import Provider
from webapp.verification.services import Done
from webapp.voting.models import WORDS, PendingVote

log = structlog.get_logger("saty.verification")


def wanted_page() -> str:
    """Where somebody wanted to go, on this site only."""
    return safe_next(request.values.get("next"), url_for("portal.my"))


def way(name: str) -> Provider:
    """The way with this name; there is no such page where it is switched off, and none before the e-mail is confirmed."""
    found = provider_of(name)
    if found is None:
        abort(404)
    require(current_user, Permission.BE_VERIFIED, None, now())
    return found


def page(template: str, status: int = 200, **more: Any) -> Response:
    """A page of verification, with what is kept for the person."""
    kept = _kept()
    response = render(
        f"verification/{template}.html",
        status=status,
        next=wanted_page(),
        kept_proposal=kept[0] if kept else None,
        kept_choice=kept[1] if kept else None,
        active="my",
        **more,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _kept() -> tuple[Proposal, str] | None:
    """The vote that waits for the person to be verified, for showing it."""
    if current_user.is_verified:
        return None
    query = select(Proposal, PendingVote.choice).join(PendingVote, PendingVote.proposal_id == Proposal.id)
    row = db.session.execute(query.where(PendingVote.voter_id == current_user.id, Proposal.is_public).limit(1)).first()
    return (row[0], WORDS[row[1]]) if row else None


def arrived(done: Done) -> Response:
    """Say what came of it and go on: to the vote or text that completed itself, else where the person wanted to go."""
    if done.is_new:
        renew()
    flash(_result(done), "success")
    if done.counted:
        return redirect(url_for("portal.proposal", key=done.counted[-1].id), 303)
    if done.sent:
        return redirect(url_for("portal.talon", key=done.sent[-1].id), 303)
    return redirect(wanted_page(), 303)


def _result(done: Done) -> str:
    if done.counted:
        return _("You are verified. Your vote is counted.")
    if done.is_new:
        return _("You are verified: your votes count from now on.")
    place = localized(current_user.home)
    if done.has_moved:
        return _("Votes that you cast from now on count in this place: %(place)s.", place=place)
    return _("You are verified, and you live in this place: %(place)s. Nothing had to be changed.", place=place)


def guard(bp: Blueprint) -> None:
    """Every page asks the table whether this person may be verified; without a confirmed address it leads there."""

    @bp.before_request
    def ask() -> Response | None:
        if not current_user.is_authenticated:
            return None  # the view sends them to the door
        if (
            refusal(current_user, Permission.BE_VERIFIED, None, now()) is Reason.CONFIRM_EMAIL
            and request.method == "GET"
        ):
            return redirect(url_for("doors.confirm", next=request.full_path.rstrip("?")), 303)
        require(current_user, Permission.BE_VERIFIED, None, now())
        return None


def watch(bp: Blueprint) -> None:
    """Where the operator has mixed something up, the person reads that it is not their fault; the log says what it is."""

    @bp.errorhandler(NotSetUp)
    def out_of_order(error: NotSetUp) -> Response:
        log.error("verification is out of order", error=str(error))
        return problem(
            503,
            _("Nobody can be verified at the moment because of a fault on our side. Nothing is lost: try again later."),
        )


__all__ = ["arrived", "guard", "page", "person", "wanted_page", "watch", "way"]
