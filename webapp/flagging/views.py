"""Reporting something, for everybody; and the author's appeal against a hiding."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.flagging import decisions, services, words
from webapp.flagging.forms import FlagForm
from webapp.flagging.models import Hiding
from webapp.flagging.rules import What
from webapp.kernel.clock import now
from webapp.kernel.errors import Conflict, DomainError
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.networks import present_network
from webapp.kernel.security import limiter
from webapp.kernel.typed import begun_as
from webapp.people.presence import person_if_known
from webapp.photos.services import photo_of
from webapp.proposals.forms import NoteForm
from webapp.proposals.loading import readable_proposal
from webapp.proposals.models import Proposal

bp = Blueprint("flagging", __name__)


def _choices(proposal: Proposal) -> dict[str, str]:
    """What of a proposal can be reported: what is there and is not hidden already."""
    has_photo = proposal.photo_hidden_reason is None and photo_of(proposal_id=proposal.id) is not None
    there = {What.TEXT: proposal.hidden is None, What.PHOTO: has_photo}
    return {what: label for what, label in words.what_labels().items() if there[What(what)]}


def _page(proposal: Proposal, form: FlagForm, status: int = 200) -> Response:
    form.what.choices, form.reason.choices = _choices(proposal), words.reason_labels()
    if not proposal.is_public:
        raise Conflict(_("This has not been published."))
    if not form.what.choices:
        raise Conflict(_("This is hidden already."))
    return render(
        "flagging/flag.html",
        status=status,
        proposal=proposal,
        form=form,
        asks=words.note_asks(),
        reasons=words.reason_labels(),
        active="proposals",
    )


@bp.get("/proposals/<key:key>/flag")
def new(key: int) -> Response:
    """What is wrong with it?"""
    return _page(readable_proposal(key), FlagForm(formdata=None, what=request.args.get("what", What.TEXT)[:8]))


@bp.post("/proposals/<key:key>/flag")
@limiter.limit("30 per hour")
def create(key: int) -> Response:
    """Report it. Strangers may too; a person says the same thing once, also one whose sign-in is over meanwhile."""
    if not current_user.is_authenticated and begun_as() is not None:
        return abort(current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
    form = FlagForm()
    form.what.choices = form.reason.choices = {}
    if not form.validate():
        return _page(readable_proposal(key), form, 422)
    report = services.Report(form.what.data or "", form.reason.data, form.note.data)
    try:
        proposal = readable_proposal(key, lock=True)
        is_new = services.flag(person_if_known(), proposal, report, present_network(), now())
    except DomainError as error:
        if error.field is None:
            raise
        form.refuse(error)
        return _page(readable_proposal(key), form, error.status)
    if not is_new:
        flash(_("You have reported this for the same reason before. It counts once."), "info")
    return redirect(url_for("flagging.received", key=key, what=report.what), 303)


@bp.get("/proposals/<key:key>/flag/received")
def received(key: int) -> Response:
    """What happens next, and by when."""
    proposal = readable_proposal(key)
    what = What.PHOTO if request.args.get("what") == What.PHOTO else What.TEXT
    review = services.last_review(proposal.id, what)
    if review is None:
        abort(404)
    return render(
        "flagging/received.html", proposal=proposal, review=review, person=person_if_known(), active="proposals"
    )


def _own_hiding(key: int, lock: bool = False) -> Hiding:
    """What is hidden of one's own proposal and may be appealed; else what is hidden of it at all."""
    proposal = readable_proposal(key, lock)
    require(current_user, Permission.APPEAL, proposal, now())
    hidden = services.hidings_of(proposal)
    if not hidden:
        raise Conflict(_("Nothing of this proposal is hidden."))
    wanted = next((row for row in hidden if row.what == request.values.get("what")), None)
    return wanted or next((row for row in hidden if row.may_be_appealed(now())), hidden[0])


def _appeal_page(hiding: Hiding, form: NoteForm, status: int = 200) -> Response:
    if not hiding.may_be_appealed(now()):
        raise Conflict(_("The term for an appeal is over."))
    return render(
        "flagging/appeal.html",
        status=status,
        hiding=hiding,
        proposal=hiding.proposal,
        form=form,
        reasons=words.reason_labels(),
        what=words.extent_labels()[hiding.extent],
        has_judge=services.has_judge(hiding, now()),
        active="my",
    )


@bp.get("/proposals/<key:key>/hiding/appeal")
@login_required
def appeal_form(key: int) -> Response:
    """Why it should be shown again."""
    return _appeal_page(_own_hiding(key), NoteForm(formdata=None))


@bp.post("/proposals/<key:key>/hiding/appeal")
@login_required
def appeal(key: int) -> Response:
    """Ask another moderator, or the next rung."""
    hiding, form = _own_hiding(key, lock=True), NoteForm()
    if not form.validate():
        return _appeal_page(hiding, form, 422)
    decisions.appeal(current_user, hiding, form.note.data, now())
    flash(
        _("Your appeal is on the desk of somebody else. If nobody decides in the term, your text is shown again."),
        "success",
    )
    return redirect(url_for("portal.proposal", key=key), 303)
