"""Offers: making one, reading it, agreeing that it is public, answering it, its stages, several side by side."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request, send_file, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.predicates import Reason
from webapp.access.services import refusal, require, sentence
from webapp.kernel.clock import local_date, now
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, Invalid, NotAllowed
from webapp.kernel.faults import Faults
from webapp.kernel.forms import file_of
from webapp.kernel.htmx import render
from webapp.kernel.i18n import current_language, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.kernel.loading import load
from webapp.kernel.once import once
from webapp.kernel.security import limiter
from webapp.kernel.sizes import takes_file
from webapp.kernel.text import whole_number
from webapp.offers import plans, services
from webapp.offers.choices import forms, stage_duties, stages, states
from webapp.offers.forms import AgreeForm, OfferAnswerForm, OfferForm, StageForm
from webapp.offers.models import Offer
from webapp.offers.rules import ORDER, PLAN_MAX, Form, State, next_stage
from webapp.people.models import Organisation
from webapp.people.presence import person
from webapp.proposals.models import Proposal
from webapp.strategies.models import Measure, Programme
from webapp.strategies.wording import said

bp = Blueprint("offers", __name__)
KINDS: dict[str, type[Any]] = {"proposals": Proposal, "programmes": Programme, "measures": Measure}
FOR = "<any(proposals, programmes, measures):plural>/<key:key>"
OUTCOMES = ("taken_up", "declined")


def _subject(plural: str, key: int) -> Any:
    """What is offered for; it must be readable."""
    subject = load(KINDS[plural], key)
    permission = Permission.SEE_PROPOSAL if plural == "proposals" else Permission.SEE_STRATEGY
    if refusal(current_user, permission, subject, now()) is not None:
        abort(404)
    return subject


def _named(subject: Any) -> dict[str, str]:
    """Title, language and address of what is offered for."""
    plural = next(name for name, model in KINDS.items() if isinstance(subject, model))
    if isinstance(subject, Proposal):
        hidden = refusal(current_user, Permission.SEE_PROPOSAL, subject, now()) is not None
        number = _("Proposal № %(number)s", number=subject.number)
        title = (number, current_language()) if hidden else (subject.title, subject.shown_lang)
    else:
        title = said(subject)
    return {"title": title[0], "lang": title[1], "url": f"/{plural}/{subject.id}", "plural": plural}


@bp.get(f"/{FOR}/offers")
def compare(plural: str, key: int) -> Response:
    """Offers side by side: those that the reader may see."""
    subject = _subject(plural, key)
    found = services.offers_for(current_user, subject, now())
    passed = services.stages_of([one.id for one in found])
    labels = stages()
    return render(
        "offers/compare.html",
        about=_named(subject),
        offers=[
            {
                "offer": one,
                "form": forms()[one.form],
                "state": states()[one.state],
                "stage": _last_stage(one, passed, labels),
            }
            for one in found
        ],
        may_offer=_organisations() if subject.closed_at is None else [],
        active="strategy",
    )


def _last_stage(offer: Offer, passed: Any, labels: dict[str, str]) -> str:
    done = {one.stage for one in passed.get(offer.id, ())}
    last = next((stage for stage in reversed(ORDER) if stage.value in done), None)
    return labels[last.value] if last else ""


def _organisations() -> list[Organisation]:
    if not current_user.is_authenticated:
        return []
    moment = now()
    speaks = [one.organisation for one in current_user.memberships]
    return [one for one in speaks if refusal(current_user, Permission.SPEAK_FOR_ORGANISATION, one, moment) is None]


def _offer_page(subject: Any, form: OfferForm, status: int = 200) -> Response:
    mine = _organisations()
    if not mine:
        raise NotAllowed(sentence(Reason.NOT_MEMBER))
    form.organisation.choices = {str(one.id): one.name for one in mine}
    form.form.choices = forms()
    term = services.answer_term(subject, now())
    return render("offers/new.html", status=status, form=form, about=_named(subject), term=term, active="strategy")


@bp.get(f"/{FOR}/offers/new")
@login_required
def new(plural: str, key: int) -> Response:
    """The form."""
    subject = _subject(plural, key)
    services.ensure_offerable(subject)
    return _offer_page(subject, OfferForm(formdata=None))


@bp.post(f"/{FOR}/offers/new")
@login_required
@limiter.limit("20 per hour")
@once
@takes_file("PLAN_MAX")
def create(plural: str, key: int) -> Response:
    """Send it to the officers."""
    subject, form = _subject(plural, key), OfferForm()
    organisation = db.session.get(Organisation, whole_number(form.organisation.data) or 0)
    if organisation is None:
        raise NotAllowed(sentence(Reason.NOT_MEMBER))
    require(current_user, Permission.SPEAK_FOR_ORGANISATION, organisation, now())
    form.organisation.choices, form.form.choices = {}, forms()
    status = 422
    if form.validate():
        try:
            offer = services.make(person(), organisation, subject, _said(form), now())
        except (Invalid, Conflict) as error:
            form.refuse(error)
            status = error.status
        else:
            flash(
                ngettext(
                    "The offer is sent. Officers answer it within %(num)d working day.",
                    "The offer is sent. Officers answer it within %(num)d working days.",
                    services.answer_term(subject, offer.made_at),
                ),
                "success",
            )
            return redirect(url_for("offers.show", key=offer.id), 303)
    return _offer_page(subject, form, status)


def _said(form: OfferForm) -> services.Said:
    if form.form.data not in set(Form):
        raise Invalid(_("Choose one of the options."), "form")
    chosen = file_of(form.plan)
    plan = chosen.read(PLAN_MAX + 1) if chosen is not None else b""
    return services.Said(Form(form.form.data), form.amount, form.summary.data, form.conditions.data, plan)


def _offer(key: int, lock: bool = False) -> Offer:
    offer = load(Offer, key, lock)
    if refusal(current_user, Permission.SEE_OFFER, offer, now()) is not None:
        abort(404)
    return offer


def _show(offer: Offer, status: int = 200, **filled: Any) -> Response:
    moment = now()
    done = {one.stage: one for one in services.stages_of([offer.id]).get(offer.id, ())}
    plan = plans.plan_of(offer)
    keeps = refusal(current_user, Permission.KEEP_OFFER, offer, moment) is None
    reads = keeps or refusal(current_user, Permission.ANSWER_OFFER, offer, moment) is None
    context = {
        "answer_form": OfferAnswerForm(formdata=None),
        "stage_form": StageForm(formdata=None, done_on=local_date(moment)),
        "agree_form": AgreeForm(formdata=None, with_plan=offer.plan_public),
    } | filled
    context["answer_form"].outcome.choices = {name: states()[name] for name in OUTCOMES}
    following = next_stage(done)
    return render(
        "offers/show.html",
        status=status,
        offer=offer,
        about=_named(services.subject_of(offer)),
        form_label=forms()[offer.form],
        state_label=states()[offer.state],
        checklist=[(one.value, stages()[one.value], stage_duties()[one.value], done.get(one.value)) for one in ORDER]
        if offer.form == Form.PPP
        else [],
        following=following.value if following else "",
        plan=plan if plan and (reads or offer.plan_public) else None,
        keeps=keeps and offer.state != State.WITHDRAWN,
        answers=offer.state == State.SENT and refusal(current_user, Permission.ANSWER_OFFER, offer, moment) is None,
        passes=offer.state == State.TAKEN_UP and refusal(current_user, Permission.ANSWER_OFFER, offer, moment) is None,
        moment=moment,
        said=said,
        active="strategy",
        **context,
    )


@bp.get("/offers/<key:key>")
def show(key: int) -> Response:
    """One offer; before the organisation agrees only its members and officers read it."""
    return _show(_offer(key))


@bp.get("/offers/<key:key>/business-plan")
def plan(key: int) -> Response:
    """The file, to be kept and never shown inside a page."""
    offer = _offer(key)
    found = plans.plan_of(offer)
    reads = any(
        refusal(current_user, one, offer, now()) is None for one in (Permission.KEEP_OFFER, Permission.ANSWER_OFFER)
    )
    if found is None or not (reads or offer.plan_public):
        abort(404)
    name = f"business-plan-{offer.id}.pdf"
    response = send_file(plans.path_of(found), "application/pdf", as_attachment=True, download_name=name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _back(offer: Offer) -> Response:
    return redirect(url_for("offers.show", key=offer.id), 303)


@bp.post("/offers/<key:key>/publicity")
@login_required
def agree(key: int) -> Response:
    """The organisation agrees, or does not any more."""
    offer = _offer(key, lock=True)
    if request.form.get("agree") == "no":
        services.hide(person(), offer, now())
        flash(_("From now on only officers and you read the offer."), "success")
    else:
        services.agree(person(), offer, bool(AgreeForm().with_plan.data), now())
        flash(_("Everybody can read the offer now."), "success")
    return _back(offer)


@bp.post("/offers/<key:key>/withdrawal")
@login_required
def withdraw(key: int) -> Response:
    """Take it back."""
    offer = _offer(key, lock=True)
    services.withdraw(person(), offer, now())
    flash(_("The offer is taken back."), "success")
    return _back(offer)


@bp.post("/offers/<key:key>/answer")
@login_required
def answer(key: int) -> Response:
    """Take it up, or decline it, with reasons."""
    offer, form = _offer(key, lock=True), OfferAnswerForm()
    require(current_user, Permission.ANSWER_OFFER, offer, now())
    form.outcome.choices = {}
    if form.validate():
        try:
            found = Faults()
            if form.outcome.data not in OUTCOMES:
                found.add(_("Choose one of the options."), "outcome")
            takes_up = form.outcome.data == State.TAKEN_UP
            words = (form.answer_kk.data, form.answer_ru.data)
            found.stop_or(lambda: services.answer(person(), offer, takes_up, *words, now()))
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("The organisation reads your answer."), "success")
            return _back(offer)
    return _show(offer, 422, answer_form=form)


@bp.post("/offers/<key:key>/stages")
@login_required
def pass_stage(key: int) -> Response:
    """A stage is passed, with its document."""
    offer, form = _offer(key, lock=True), StageForm()
    require(current_user, Permission.ANSWER_OFFER, offer, now())
    if form.validate():
        try:
            services.pass_stage(person(), offer, form.stage.data or "", form.done_on.data, form.document.data, now())
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("The stage is recorded."), "success")
            return _back(offer)
    return _show(offer, 422, stage_form=form)
