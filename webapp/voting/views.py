"""POST a vote. The answer is always a redirect to the page, which reads what was committed."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, request, session, url_for
from flask_login import current_user

from webapp.access.permissions import Permission
from webapp.access.predicates import Reason
from webapp.access.services import refusal
from webapp.kernel.clock import now
from webapp.kernel.database import by_key, db
from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import whole_number
from webapp.people.models import Organisation
from webapp.proposals.models import Proposal
from webapp.voting import services
from webapp.voting.models import CHOICES

bp = Blueprint("voting", __name__)


def _proposal(key: int) -> Proposal:
    proposal = by_key(Proposal, key, lock=True)
    if proposal is None or not proposal.is_public:
        abort(404)
    return proposal


def _organisation() -> Organisation | None:
    number = whole_number(request.form.get("organisation"))
    return db.session.get(Organisation, number) if number is not None else None


@bp.post("/proposals/<int:key>/vote")
def create(key: int) -> Response:
    """Support or oppose. What cannot be counted yet is kept until it can."""
    choice = request.form.get("choice", "")
    proposal = _proposal(key)
    page = url_for("portal.proposal", key=key)
    organisation = _organisation()
    if organisation is not None and current_user.is_authenticated:
        services.cast_for_organisation(current_user, organisation, proposal, choice, now())
        flash(_("The vote of %(name)s is counted.", name=organisation.name), "success")
        return redirect(page, 303)
    reason = refusal(current_user, Permission.VOTE, proposal, now())
    if reason is None:
        services.cast_vote(current_user, proposal, choice, now())
        return redirect(page, 303)
    if reason is Reason.VOTING_CLOSED or choice not in CHOICES:
        raise Conflict(_("Voting on this proposal is closed."))
    if reason is Reason.SIGN_IN:
        session["pending_vote"] = [key, choice]
        return _leave(url_for("doors.sign_in", next=page))
    services.keep_vote(current_user, proposal, choice, now())
    return _leave(url_for("doors.confirm" if reason is Reason.CONFIRM_EMAIL else "verification.index", next=page))


@bp.post("/proposals/<int:key>/vote/withdrawal")
def withdraw(key: int) -> Response:
    """Take the vote back."""
    proposal = _proposal(key)
    if not current_user.is_authenticated:
        return _leave(url_for("doors.sign_in", next=url_for("portal.proposal", key=key)))
    services.withdraw_vote(current_user, proposal, now(), _organisation())
    return redirect(url_for("portal.proposal", key=key), 303)


def _leave(url: str) -> Response:
    """Go to another page, also when HTMX asked for a fragment of this one."""
    if request.headers.get("HX-Request") == "true":
        response = Response(status=200)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)
