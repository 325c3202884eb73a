"""What a proposal serves, confirmed by its moderator; an accepted one becomes a measure or joins one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.cascade import services
from webapp.cascade.forms import MeasureForm, ServingForm
from webapp.cascade.words import level_labels, step
from webapp.kernel.clock import now
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.once import once
from webapp.kernel.text import whole_number
from webapp.people.presence import person
from webapp.proposals.loading import any_proposal
from webapp.proposals.models import Proposal
from webapp.strategies.models import Measure, Programme
from webapp.strategies.reading import for_proposals_of, found
from webapp.strategies.rules import Level
from webapp.strategies.versions import Subject, level_of
from webapp.strategies.wording import said

bp = Blueprint("cascade_serving", __name__)
NONE, NEW = "none", "new"


def _proposal(key: int, permission: Permission, lock: bool = False) -> Proposal:
    proposal = any_proposal(key, lock)
    require(current_user, permission, proposal, now())
    return proposal


def _key(subject: Subject) -> str:
    return f"{level_of(subject).value}-{subject.id}"


def _label(subject: Subject) -> str:
    parts = (level_labels()[level_of(subject).value], said(subject).text, localized(subject.territory))
    return " · ".join(parts)


def _serving_page(proposal: Proposal, form: ServingForm, status: int = 200) -> Response:
    offered = for_proposals_of(proposal.origin)
    likely = services.suggestions(proposal, offered)
    current = services.served(services.serving_of(proposal.id))
    if current is not None and current not in likely:
        likely.append(current)
    others = [one for one in offered if one not in likely]
    choices = {_key(one): _label(one) for one in [*likely, *others]}
    form.serves.choices = {**choices, NONE: _("None of these")}
    if form.serves.data is None:
        first = current or (likely[0] if likely else None)
        form.serves.data = _key(first) if first is not None else NONE
        form.serves.process_data(form.serves.data)
    return render(
        "cascade/serving.html",
        status=status,
        proposal=proposal,
        form=form,
        likely=len(likely),
        line=[step(one) for one in services.line_above(current)],
        active="desk",
    )


def _chosen(raw: str | None) -> Subject | None:
    level, _dash, number = (raw or "").partition("-")
    key = whole_number(number)
    if level not in set(Level) or key is None:
        raise Invalid(_("Choose one."), "serves")
    subject = found(Level(level), key)
    if subject is None or not subject.is_public:
        raise Invalid(_("Choose one."), "serves")
    return subject


@bp.get("/proposals/<key:key>/serving")
@login_required
def edit(key: int) -> Response:
    """What it may serve, the likeliest first."""
    return _serving_page(_proposal(key, Permission.CONFIRM_SERVING), ServingForm(formdata=None))


@bp.post("/proposals/<key:key>/serving")
@login_required
def update(key: int) -> Response:
    """Confirm it."""
    proposal, form = _proposal(key, Permission.CONFIRM_SERVING, lock=True), ServingForm()
    form.serves.choices = {}
    if form.validate():
        try:
            subject = None if form.serves.data == NONE else _chosen(form.serves.data)
            services.place(person(), proposal, subject, now())
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("It is recorded what the proposal is part of."), "success")
            return redirect(url_for("portal.proposal", key=key), 303)
    return _serving_page(proposal, form, 422)


def _measure_page(proposal: Proposal, form: MeasureForm, status: int = 200) -> Response:
    serving = services.served(services.serving_of(proposal.id))
    offered = for_proposals_of(proposal.origin)
    joinable = [one for one in offered if isinstance(one, Measure) and one.territory_id == proposal.origin_id]
    programmes = [one for one in offered if isinstance(one, Programme)]
    form.measure.choices = {
        NEW: _("A new measure, made from this proposal"),
        **{str(m.id): _label(m) for m in joinable},
    }
    form.programme.choices = {"": _("No programme"), **{str(one.id): _label(one) for one in programmes}}
    if form.measure.data is None:
        form.measure.process_data(str(serving.id) if isinstance(serving, Measure) else NEW)
        form.title_kk.data = form.title_ru.data = proposal.title
        form.programme.data = str(serving.id) if isinstance(serving, Programme) else ""
    return render("cascade/becoming.html", status=status, proposal=proposal, form=form, active="desk")


@bp.get("/proposals/<key:key>/measure")
@login_required
def new_measure(key: int) -> Response:
    """A new measure, or one to join."""
    proposal = _proposal(key, Permission.JOIN_MEASURE)
    if proposal.stage not in services.ACCEPTED:
        raise Conflict(_("Only an accepted proposal becomes a measure."))
    return _measure_page(proposal, MeasureForm(formdata=None))


@bp.post("/proposals/<key:key>/measure")
@login_required
@once
def create_measure(key: int) -> Response:
    """Make it a measure, or join it to one."""
    proposal, form = _proposal(key, Permission.JOIN_MEASURE, lock=True), MeasureForm()
    form.measure.choices = form.programme.choices = {}
    if form.validate():
        try:
            measure = _carried(proposal, form)
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("The proposal is part of a measure of the city now."), "success")
            return redirect(f"/measures/{measure.id}", 303)
    return _measure_page(proposal, form, 422)


def _carried(proposal: Proposal, form: MeasureForm) -> Measure:
    if form.measure.data == NEW:
        titles = (form.title_kk.data, form.title_ru.data)
        return services.become_measure(person(), proposal, titles, _programme(form.programme.data), now())
    measure: Any = found(Level.MEASURE, whole_number(form.measure.data) or 0)
    if measure is None:
        raise Invalid(_("Choose a measure of the city where the proposal began."), "measure")
    services.join_measure(person(), proposal, measure, now())
    return measure


def _programme(raw: str | None) -> Programme | None:
    programme: Any = found(Level.PROGRAMME, whole_number(raw) or 0) if raw else None
    if raw and programme is None:
        raise Invalid(_("Choose a programme of the region of the city."), "programme")
    return programme
