"""The officer's page: the whole file and one form; and the report of a milestone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.answering import services
from webapp.answering.choices import decisions, sources
from webapp.answering.forms import MILESTONES, AnswerForm
from webapp.answering.rules import Decision, Reply
from webapp.delivery.models import Milestone
from webapp.delivery.rules import Step
from webapp.delivery.services import report_done
from webapp.escalation.services import position_of
from webapp.escalation.tallies import standings
from webapp.kernel.clock import local_date, now
from webapp.kernel.database import db, locked
from webapp.kernel.errors import Conflict, DomainError, Invalid
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage

bp = Blueprint("answering", __name__)


def _page(proposal: Proposal, form: AnswerForm, status: int = 200) -> Response:
    found = standings(proposal.id)
    here = position_of(proposal, [rung for rung, _s in found])
    offered = decisions()
    if here == len(found) - 1:
        offered.pop(Decision.PASS_UP.value)
    if here == 0:
        offered.pop(Decision.HAND_DOWN.value)
    form.decision.choices = offered
    form.source.choices = {"": _("Choose a source"), **sources()}
    form.target.choices = {
        "": _("Choose a rung"),
        **{str(rung.position): localized(rung.territory) for rung, _s in found[:here]},
    }
    return render(
        "answering/edit.html",
        status=status,
        proposal=proposal,
        form=form,
        here=here,
        found_rows=[[localized(rung.territory), s.supports, s.opposes, s.threshold] for rung, s in found],
        answers=services.answers_of(proposal.id),
        milestone_numbers=range(1, MILESTONES + 1),
        today=local_date(now()),
        active="desk",
    )


@bp.get("/proposals/<int:key>/answer")
@login_required
def edit(key: int) -> Response:
    """The form with the whole file above it."""
    proposal = db.session.get(Proposal, key) if key < 2**31 else None
    if proposal is None:
        abort(404)
    require(current_user, Permission.ANSWER, proposal, now())
    if proposal.stage != Stage.REVIEW:
        return redirect(url_for("portal.proposal", key=key), 303)
    return _page(proposal, AnswerForm())


def _steps(form: Any) -> list[Step]:
    steps = []
    for number in range(1, MILESTONES + 1):
        kk, ru, begins, due = (form[f"milestone_{number}_{part}"].data for part in ("kk", "ru", "from", "to"))
        if not (kk or ru or begins or due):
            continue
        if due is None:
            raise Invalid(_("Give each milestone a date by which it is due."), f"milestone_{number}_to")
        steps.append(Step(kk or "", ru or "", begins or local_date(now()), due))
    return steps


def _amount(raw: str) -> int | None:
    digits = "".join(raw.split()).replace("\u00a0", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def _reply(form: AnswerForm) -> Reply:
    try:
        decision = Decision(form.decision.data)
    except ValueError as error:
        raise Invalid(_("Choose a decision."), "decision") from error
    return Reply(
        decision,
        form.text_kk.data,
        form.text_ru.data,
        form.responsible_kk.data,
        form.responsible_ru.data,
        form.source.data or "",
        _amount(form.amount_tenge.data or ""),
    )


@bp.post("/proposals/<int:key>/answer")
@login_required
def create(key: int) -> Response:
    """Give the answer."""
    proposal = locked(Proposal, key) if key < 2**31 else None
    if proposal is None:
        abort(404)
    require(current_user, Permission.ANSWER, proposal, now())
    form = AnswerForm()
    if proposal.stage != Stage.REVIEW:
        raise Conflict(_("This proposal does not wait for an answer now. Look at its page for where it is."))
    if not form.validate():
        return _page(proposal, form, 422)
    target = int(form.target.data) if (form.target.data or "").isdigit() and len(form.target.data) == 1 else None
    try:
        services.decide(
            current_user,
            proposal,
            _reply(form),
            now(),
            steps=_steps(form),
            target_position=target,
            due_on=form.due_on.data,
        )
    except DomainError as error:
        if error.status != 422:
            raise
        db.session.expire_all()
        form.refuse(DomainError(error.message, "milestone_1_kk" if error.field == "milestones" else error.field))
        return _page(proposal, form, 422)
    flash(_("The answer is public now. The author is told."), "success")
    return redirect(url_for("portal.proposal", key=key), 303)


@bp.post("/proposals/<int:key>/milestones/<int:milestone_id>/report")
@login_required
def report(key: int, milestone_id: int) -> Response:
    """The responsible body reports a milestone done."""
    proposal = locked(Proposal, key) if key < 2**31 else None
    milestone = db.session.get(Milestone, milestone_id) if milestone_id < 2**31 else None
    if proposal is None or milestone is None:
        abort(404)
    report_done(current_user, proposal, milestone, now())
    flash(_("Reported done."), "success")
    return redirect(url_for("portal.proposal", key=key), 303)
