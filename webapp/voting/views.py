"""POST a vote. The answer is always a redirect to the page, which reads what was committed."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_login import current_user

from webapp.access.permissions import Permission
from webapp.access.predicates import Reason
from webapp.access.services import named_organisation, refusal
from webapp.kernel.clock import now
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.loading import there
from webapp.people import begun
from webapp.proposals.loading import any_proposal
from webapp.proposals.models import Proposal
from webapp.voting import services, wishes
from webapp.voting.models import CHOICES
from webapp.voting.where import taken_back

bp = Blueprint("voting", __name__)


def _proposal(key: int) -> Proposal:
    proposal = any_proposal(key, lock=True)
    return there(proposal if proposal.is_public or _is_wished(proposal) else None)


def _is_wished(proposal: Proposal) -> bool:
    """Its author may ask for their own vote before it is public."""
    mine = current_user.is_authenticated and proposal.author_id == current_user.id
    return mine and wishes.awaits_publication(proposal)


def _page_of(proposal: Proposal) -> str:
    """Where the form stood: the talon, or the page of the proposal."""
    name = "portal.talon" if request.form.get("back") == "talon" else "portal.proposal"
    return url_for(name, key=proposal.id)


@bp.post("/proposals/<key:key>/vote")
def create(key: int) -> Response:
    """Support or oppose. What cannot be counted yet is kept until it can."""
    choice = request.form.get("choice", "")
    proposal, organisation = _proposal(key), named_organisation(request.form.get("organisation"))
    page = _page_of(proposal)
    if choice not in CHOICES:
        raise Invalid(_("Choose to support or to oppose."), "choice")
    if _is_wished(proposal):
        wishes.keep_wish(current_user, proposal, choice, now(), organisation)
        return redirect(page, 303)
    if organisation is not None and current_user.is_authenticated:
        services.cast_for_organisation(current_user, organisation, proposal, choice, now())
        flash(
            _(
                "The vote of %(name)s is counted among the organisations. It counts towards no threshold: thresholds count residents.",
                name=organisation.name,
            ),
            "success",
        )
        return redirect(page, 303)
    reason = refusal(current_user, Permission.VOTE, proposal, now())
    if reason is None:
        services.cast_vote(current_user, proposal, choice, now())
        if proposal.author_id == current_user.id:
            services.drop_kept(current_user, proposal)  # what they do by hand stands
        return redirect(page, 303)
    if reason is Reason.VOTING_CLOSED:
        raise Conflict(_("Voting on this proposal is closed."))
    if reason is Reason.SIGN_IN:
        spoken = organisation.id if organisation else None
        begun.keep(begun.VOTE, str(key), page, now(), organisation=spoken, choice=choice)
        return _leave(url_for("doors.sign_in", next=page))
    services.keep_vote(current_user, proposal, choice, now())
    return _leave(url_for("doors.confirm" if reason is Reason.CONFIRM_EMAIL else "verification.index", next=page))


@bp.post("/proposals/<key:key>/vote/withdrawal")
def withdraw(key: int) -> Response:
    """Take the vote back."""
    proposal, organisation = _proposal(key), named_organisation(request.form.get("organisation"))
    if not current_user.is_authenticated:
        flash(_("Sign in first. Nothing was taken back yet: do it again on the page that you come to."), "info")
        return _leave(url_for("doors.sign_in", next=url_for("portal.proposal", key=key)))
    page = redirect(_page_of(proposal), 303)
    if _is_wished(proposal) and organisation is not None:
        if wishes.drop_wish(current_user, proposal, organisation, now()):
            flash(_("Your choice is taken back: nothing is kept any more."), "success")
        return page
    if organisation is None and services.drop_kept(current_user, proposal) and not _has_voted(proposal):
        flash(_("Your choice is taken back: nothing is kept any more."), "success")
        return page
    before = services.ballot_of(current_user, proposal)
    if services.withdraw_vote(current_user, proposal, now(), organisation):
        if organisation is None:
            said = taken_back(before, proposal)
        else:
            said = _(
                "The vote of %(name)s is taken back. No threshold changes: thresholds count residents.",
                name=organisation.name,
            )
        flash(said, "success")
    return page


def _has_voted(proposal: Proposal) -> bool:
    return services.ballot_of(current_user, proposal).choice is not None


def _leave(url: str) -> Response:
    """Go to another page, also when HTMX asked for a fragment of this one."""
    if request.headers.get("HX-Request") == "true":
        response = Response(status=200)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)
