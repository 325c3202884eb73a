"""The officer's page: the whole file and one form."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.answering import page
from webapp.answering.extending import check, extend, seat_rung
from webapp.answering.forms import AnswerForm, ExtensionForm
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.proposals.loading import any_proposal
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.proposals.similarity import candidates

bp = Blueprint("answering", __name__)


def _page(proposal: Proposal, form: AnswerForm, status: int = 200) -> Response:
    return render("answering/edit.html", status=status, **page.context(proposal, form, now()), active="desk")


def _under_review(key: int, lock: bool = False) -> Proposal:
    proposal = any_proposal(key, lock)
    require(current_user, Permission.ANSWER, proposal, now())
    if lock and proposal.stage != Stage.REVIEW:
        raise Conflict(_("This proposal does not wait for an answer now. Look at its page for where it is."))
    return proposal


@bp.get("/proposals/<key:key>/answer")
@login_required
def edit(key: int) -> Response:
    """The whole file on one page, and the form of the answer."""
    proposal = _under_review(key)
    if proposal.stage != Stage.REVIEW:
        return redirect(url_for("portal.proposal", key=key), 303)
    form = AnswerForm(formdata=None, decision=request.args.get("decision"))
    page.use_template(form, proposal, request.args.get("template", ""), now())
    return _page(proposal, form)


@bp.post("/proposals/<key:key>/answer")
@login_required
def create(key: int) -> Response:
    """Give the answer."""
    proposal, form = _under_review(key, lock=True), AnswerForm()
    if not form.validate():
        form.refuse_too(lambda: page.faults_of(proposal, form, now())[0].stop(), {"milestones": "milestone_1_kk"})
        return _page(proposal, form, 422)
    try:
        page.carry_out(current_user, proposal, form, now())
    except Invalid as error:
        db.session.expire_all()
        form.refuse(error)
        return _page(proposal, form, 422)
    flash(_("The answer is public now. The author is told."), "success")
    return redirect(url_for("portal.proposal", key=key), 303)


def _extension_page(proposal: Proposal, form: ExtensionForm, status: int = 200) -> Response:
    rung = seat_rung(proposal)
    return render(
        "answering/extension.html",
        status=status,
        proposal=proposal,
        form=form,
        most=rung.extension_working_days,
        is_top=proposal.seat.parent_id is None,
        allowed=rung.extended < rung.extensions and proposal.overdue_at is None,
        active="desk",
    )


@bp.get("/proposals/<key:key>/extension")
@login_required
def extension(key: int) -> Response:
    """More time: how much, and why."""
    proposal = _under_review(key)
    if proposal.stage != Stage.REVIEW:
        return redirect(url_for("portal.proposal", key=key), 303)
    return _extension_page(proposal, ExtensionForm(formdata=None))


@bp.post("/proposals/<key:key>/extension")
@login_required
def extend_term(key: int) -> Response:
    """Take more time, in public."""
    proposal, form = _under_review(key, lock=True), ExtensionForm()
    if not form.validate():
        words = (form.text_kk.data or "", form.text_ru.data or "")
        form.refuse_too(lambda: check(proposal, form.number, *words))
        return _extension_page(proposal, form, 422)
    try:
        extend(current_user, proposal, form.number, form.text_kk.data, form.text_ru.data, now())
    except Invalid as error:
        form.refuse(error)
        return _extension_page(proposal, form, 422)
    flash(_("The term is extended. The author is told why, and everybody can read it."), "success")
    return redirect(url_for("answering.edit", key=key), 303)


@bp.get("/proposals/<key:key>/similar")
@login_required
def similar(key: int) -> Response:
    """The same idea in other cities, for whoever owes the answer."""
    proposal = _under_review(key)
    found = candidates(proposal.title, proposal.text, sphere=proposal.sphere, besides=key, at_most=8)
    fragments = {"similar": ("similar",)}
    return render("answering/similar.html", fragments, proposal=proposal, found=found, active="desk")
