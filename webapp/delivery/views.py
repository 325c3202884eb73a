"""Pages of whoever carries something out: reports, plans; and the judgement of supporters."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.delivery import judging, reporting, services
from webapp.delivery.choices import judgements
from webapp.delivery.forms import STEPS, JudgementForm, PlanForm, ReportForm, WhyForm, steps_of
from webapp.delivery.models import Milestone
from webapp.delivery.reporting import Evidence
from webapp.delivery.rules import Outcome
from webapp.kernel.clock import local_date, now
from webapp.kernel.database import db, reading
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.faults import Faults
from webapp.kernel.forms import file_of
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.loading import load, there
from webapp.kernel.sizes import takes_file
from webapp.people.presence import person
from webapp.photos.rules import SENT_MAX, Picture
from webapp.photos.services import ensure_may_send, keep, picture_of
from webapp.proposals.loading import any_proposal
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.strategies.models import Measure

bp = Blueprint("delivery", __name__)


def _milestone(key: int, lock: bool = False) -> Milestone:
    milestone = there(reporting.locked_with_proposal(key)) if lock else load(Milestone, key)
    require(current_user, Permission.REPORT, milestone, now())
    return milestone


def _home(milestone: Milestone) -> str:
    if milestone.proposal_id is not None:
        return url_for("portal.proposal", key=milestone.proposal_id)
    return f"/measures/{milestone.measure_id}"


def _report_page(milestone: Milestone, form: ReportForm, status: int = 200) -> Response:
    dates = reporting.dates_of(milestone)
    return render(
        "delivery/report.html",
        status=status,
        milestone=milestone,
        form=form,
        home=_home(milestone),
        is_early=local_date(now()) < milestone.starts_on,
        dates=dates,
        moves_left=max(0, milestone.most_moves - milestone.moves),
        active="desk",
    )


@bp.get("/milestones/<key:key>/report")
@login_required
def new_report(key: int) -> Response:
    """What was done, and what shows it."""
    milestone = _milestone(key)
    if milestone.done_at is not None:
        return redirect(_home(milestone), 303)
    return _report_page(milestone, ReportForm(formdata=None))


@bp.post("/milestones/<key:key>/report")
@login_required
@takes_file("PHOTO_MAX")
def report(key: int) -> Response:
    """Done, partly done or later; all that is to be changed is said at once."""
    form, picture = ReportForm(), None
    try:
        picture = _picture(key, form)
    except (Invalid, Conflict) as error:
        if error.field is None:
            raise
        form.refuse(error)
    milestone = _milestone(key, lock=True)
    if form.errors:
        form.refuse_too(lambda: _keep(milestone, form, None))
        return _report_page(_milestone(key), form, 422)
    try:
        flash(_keep(milestone, form, picture), "success")
    except Invalid as error:
        db.session.expire_all()
        form.refuse(error)
        return _report_page(_milestone(key), form, 422)
    return redirect(_home(milestone), 303)


def _picture(key: int, form: ReportForm) -> Picture | None:
    """The photo made anew, outside the writing transaction; None where none was sent."""
    with reading():
        _milestone(key)
        chosen = file_of(form.photo) if form.validate() else None
        if chosen is not None:
            ensure_may_send(person(), now())
        sent = chosen.read(SENT_MAX + 1) if chosen is not None else b""
    return picture_of(sent) if sent else None


def _keep(milestone: Milestone, form: ReportForm, picture: Picture | None) -> str:
    """The report that the form stands for; returns what is said of it. Raises `Invalid` with all that is to be changed."""
    found = Faults()
    outcome = found.of(lambda: _outcome(form), Outcome.DONE)
    amount = found.of(lambda: form.amount, None) if outcome is not Outcome.LATER else None
    if picture is not None and not form.alt.data:
        found.add(_("Say what the photo shows, for those who do not see it."), "alt")
    texts = {"text_kk": form.text_kk.data, "text_ru": form.text_ru.data}
    if outcome is Outcome.LATER:
        said = Evidence(**texts)
    else:
        early = {"early_kk": form.early_kk.data, "early_ru": form.early_ru.data}
        said = Evidence(**texts, document=form.document.data, link=form.link.data, amount_tenge=amount, **early)
    moved_to = form.moved_to.data if outcome is Outcome.LATER else None
    made = found.stop_or(lambda: reporting.report(person(), milestone, outcome, said, now(), moved_to))
    if picture is not None and outcome is not Outcome.LATER:
        keep(picture, form.alt.data, person(), now(), report_id=made.id)
    return {
        Outcome.DONE: _("Reported done."),
        Outcome.PARTLY: _("Reported partly done. The milestone stays open; everybody sees what was done."),
        Outcome.LATER: _("The new date is in force. Everybody sees it beside the one that was promised first."),
    }[outcome]


def _outcome(form: ReportForm) -> Outcome:
    try:
        return Outcome(form.outcome.data)
    except ValueError as error:
        raise Invalid(_("Choose done, partly done or later."), "outcome") from error


def _why_page(milestone: Milestone, form: WhyForm, status: int = 200) -> Response:
    return render(
        "delivery/reopening.html", status=status, milestone=milestone, form=form, home=_home(milestone), active="desk"
    )


@bp.get("/milestones/<key:key>/reopening")
@login_required
def ask_reopening(key: int) -> Response:
    """Why a report does not hold."""
    return _why_page(_milestone(key), WhyForm(formdata=None))


@bp.post("/milestones/<key:key>/reopening")
@login_required
def reopen(key: int) -> Response:
    """Open it again, in public."""
    milestone, form = _milestone(key, lock=True), WhyForm()
    if form.validate():
        try:
            reporting.reopen(person(), milestone, Evidence(form.text_kk.data, form.text_ru.data), now())
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("The milestone is open again. Everybody reads why."), "success")
            return redirect(_home(milestone), 303)
    return _why_page(milestone, form, 422)


def _plan_page(title: str, home: str, action: str, form: PlanForm, known: Any, status: int = 200) -> Response:
    return render(
        "delivery/plan.html",
        status=status,
        title=title,
        home=home,
        action=action,
        form=form,
        known=known,
        numbers=range(1, STEPS + 1),
        active="desk",
    )


def _measure(key: int, lock: bool = False) -> Measure:
    measure = load(Measure, key, lock)
    require(current_user, Permission.EDIT_STRATEGY, measure, now())
    return measure


def _measure_plan(measure: Measure, form: PlanForm, status: int = 200) -> Response:
    home = f"/measures/{measure.id}"
    known = services.milestones_of_measure(measure.id)
    return _plan_page(localized(measure, "title"), home, f"{home}/milestones", form, known, status)


@bp.get("/measures/<key:key>/milestones")
@login_required
def measure_plan(key: int) -> Response:
    """The plan of a measure, and up to four milestones more."""
    return _measure_plan(_measure(key), PlanForm(formdata=None))


@bp.post("/measures/<key:key>/milestones")
@login_required
def plan_measure(key: int) -> Response:
    """Promise milestones of a measure."""
    measure, form = _measure(key, lock=True), PlanForm()
    try:
        if form.validate():
            services.plan_measure(person(), measure, steps_of(form, local_date(now())), now())
            flash(_("The milestones are promised."), "success")
            return redirect(f"/measures/{key}", 303)
    except Invalid as error:
        _refuse(form, error)
    return _measure_plan(measure, form, 422)


def _refuse(form: PlanForm, error: Invalid) -> None:
    field = "milestone_1_kk" if error.field == "milestones" else error.field
    form.refuse(Invalid(error.message, field))


def _proposal(key: int, lock: bool = False) -> Proposal:
    proposal = any_proposal(key, lock)
    require(current_user, Permission.PLAN, proposal, now())
    return proposal


def _proposal_plan(proposal: Proposal, form: PlanForm, status: int = 200) -> Response:
    home = url_for("portal.proposal", key=proposal.id)
    known = services.milestones_of(proposal.id)
    return _plan_page(proposal.title, home, f"{home}/milestones", form, known, status)


@bp.get("/proposals/<key:key>/milestones")
@login_required
def proposal_plan(key: int) -> Response:
    """The plan of a proposal that is being carried out, and up to four milestones more."""
    proposal = _proposal(key)
    if proposal.stage != Stage.IMPLEMENTING:
        raise Conflict(_("This proposal is not being carried out now."))
    return _proposal_plan(proposal, PlanForm(formdata=None))


@bp.post("/proposals/<key:key>/milestones")
@login_required
def plan_proposal(key: int) -> Response:
    """Promise more milestones."""
    proposal, form = _proposal(key, lock=True), PlanForm()
    try:
        if form.validate():
            services.plan_anew(person(), proposal, steps_of(form, local_date(now())), now())
            flash(_("The milestones are promised."), "success")
            return redirect(url_for("portal.proposal", key=key), 303)
    except Invalid as error:
        _refuse(form, error)
    return _proposal_plan(proposal, form, 422)


@bp.post("/proposals/<key:key>/judgement")
@login_required
def judge(key: int) -> Response:
    """Say whether it was done; those who support it are asked."""
    proposal, form = any_proposal(key, lock=True), JudgementForm()
    require(current_user, Permission.JUDGE, judging.Asked(judging.may_judge(person(), key)), now())
    form.choice.choices = judgements()
    try:
        if form.validate():
            judging.judge(person(), proposal, form.choice.data or "", form.reason.data, now())
            flash(_("Thank you. You can change it until the round is over."), "success")
            return redirect(url_for("portal.proposal", key=key) + "#judging", 303)
    except Invalid as error:
        form.refuse(error)
    return render("delivery/judge.html", status=422, proposal=proposal, form=form, active="proposals")
