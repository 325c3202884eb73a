"""Money of a programme or a measure: what is planned, committed and spent; promises to a city and its answers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.predicates import Reason
from webapp.access.services import refusal, require, sentence
from webapp.cascade import page
from webapp.cascade.addresses import subject_of
from webapp.cascade.forms import MoneyForm, PromiseForm, ReasonForm, tenge
from webapp.cascade.words import kind_labels, source_labels, step, url_of
from webapp.kernel.clock import local_date, now
from webapp.kernel.errors import Invalid, NotAllowed
from webapp.kernel.faults import Faults
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized, ngettext
from webapp.kernel.loading import load
from webapp.kernel.once import once
from webapp.people.presence import person
from webapp.resources import commitments, services
from webapp.resources.models import Commitment
from webapp.resources.rules import Kind, Source
from webapp.strategies.models import Measure, Programme
from webapp.strategies.reading import measures
from webapp.strategies.wording import said
from webapp.territories.services import by_kato

bp = Blueprint("cascade_money", __name__)
OWNERS = "<any(programmes, measures):plural>/<key:key>"


def _owner(plural: str, key: int, lock: bool = False) -> Programme | Measure:
    owner = subject_of(plural, key, lock)
    assert isinstance(owner, Programme | Measure)
    return owner


def _money_page(owner: Programme | Measure, form: MoneyForm, status: int = 200) -> Response:
    own = services.sums_of(type(owner), [owner.id])[owner.id]
    under = measures(owner.id) if isinstance(owner, Programme) else []
    below = services.sums_of(Measure, [one.id for one in under])
    form.kind.choices, form.source.choices = kind_labels(), source_labels()
    return render(
        "cascade/money.html",
        status=status,
        **page.frame(current_user, owner, now()),
        form=form,
        may_enter=owner.is_open and refusal(current_user, Permission.ENTER_MONEY, owner, now()) is None,
        own=own,
        own_rows=page.sources_of(own),
        sums=services.sums_of_programmes([owner.id])[owner.id] if isinstance(owner, Programme) else own,
        under=[{"title": said(one), "url": url_of(one), "sums": below[one.id]} for one in under],
        entries=services.entries_of(owner),
        kinds=kind_labels(),
        sources=source_labels(),
    )


@bp.get(f"/{OWNERS}/money")
def show(plural: str, key: int) -> Response:
    """Sums by source, entries with their documents; for officers of the territory the form."""
    return _money_page(_owner(plural, key), MoneyForm(formdata=None, kind="planned", on=local_date(now())))


@bp.post(f"/{OWNERS}/money")
@login_required
@once
def enter(plural: str, key: int) -> Response:
    """Enter a sum."""
    owner, form = _owner(plural, key, lock=True), MoneyForm()
    require(current_user, Permission.ENTER_MONEY, owner, now())
    if form.validate():
        try:
            services.enter(person(), owner, _said(form), now())
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("The sum is entered, and public."), "success")
            return redirect(f"{url_of(owner)}/money", 303)
    else:
        form.refuse_too(lambda: services.enter(person(), owner, _said(form), now()))
    return _money_page(owner, form, 422)


def _said(form: MoneyForm) -> services.Said:
    found = Faults()
    if form.kind.data not in set(Kind):
        found.add(_("Choose one of the options."), "kind")
    if form.source.data not in set(Source):
        found.add(_("Choose where the money comes from."), "source")
    amount = tenge(form.amount_tenge.data)
    if amount is None:
        found.add(_("Write the amount in whole tenge; a correction begins with a minus."), "amount_tenge")
    if not (form.document.data or "").strip():
        found.add(_("Name the document: its kind, number and date."), "document")
    found.stop()
    assert amount is not None
    return services.Said(
        Kind(form.kind.data),
        Source(form.source.data),
        amount,
        form.on.data,
        form.document.data,
        form.reason_kk.data,
        form.reason_ru.data,
    )


def _measure(key: int, lock: bool = False) -> Measure:
    measure = subject_of("measures", key, lock)
    assert isinstance(measure, Measure)
    return measure


def _promise_page(measure: Measure, form: PromiseForm, status: int = 200) -> Response:
    givers = page.givers(current_user, measure, now())
    if not givers:
        raise NotAllowed(sentence(Reason.NOT_OFFICER_ABOVE_CITY))
    form.giver.choices = {place.kato: localized(place) for place in givers}
    form.source.choices = source_labels()
    left = services.sums_of(Programme, [measure.programme_id])[measure.programme_id] if measure.programme_id else None
    return render(
        "cascade/promise.html",
        status=status,
        **page.frame(current_user, measure, now()),
        form=form,
        left=page.sources_of(left) if left else [],
        term=commitments.acceptance_term(measure, now()),
    )


@bp.get("/measures/<key:key>/commitments/new")
@login_required
def new_promise(key: int) -> Response:
    """The form of a promise."""
    return _promise_page(_measure(key), PromiseForm(formdata=None, source=Source.REGIONAL.value))


@bp.post("/measures/<key:key>/commitments/new")
@login_required
@once
def promise(key: int) -> Response:
    """Promise money to the city."""
    measure, form = _measure(key, lock=True), PromiseForm()
    giver = by_kato((form.giver.data or "")[:9]) or measure.territory
    require(current_user, Permission.MAKE_COMMITMENT, commitments.wanted(measure, giver), now())
    if form.validate():
        try:
            made = commitments.commit_money(person(), measure, giver, _promised(form), now())
        except Invalid as error:
            form.refuse(error)
        else:
            flash(
                ngettext(
                    "The promise is public. The city answers it within %(num)d working day.",
                    "The promise is public. The city answers it within %(num)d working days.",
                    commitments.acceptance_term(measure, made.made_at),
                ),
                "success",
            )
            return redirect(url_of(measure), 303)
    else:
        form.refuse_too(lambda: commitments.commit_money(person(), measure, giver, _promised(form), now()))
    return _promise_page(measure, form, 422)


def _promised(form: PromiseForm) -> commitments.Promise:
    if form.source.data not in set(Source):
        raise Invalid(_("Choose where the money comes from."), "source")
    return commitments.Promise(
        tenge(form.amount_tenge.data) or 0,
        Source(form.source.data),
        form.condition_kk.data,
        form.condition_ru.data,
        form.document.data,
        form.due_on.data,
        form.reason_kk.data,
        form.reason_ru.data,
    )


def _promise_of(key: int, lock: bool = False) -> Commitment:
    made = load(Commitment, key, lock)
    require(current_user, Permission.ANSWER_COMMITMENT, made, now())
    return made


def _answer_page(made: Commitment, form: ReasonForm, status: int = 200) -> Response:
    measure: Any = made.measure
    return render(
        "cascade/answer.html",
        status=status,
        made=made,
        moment=now(),
        giver=localized(made.giver),
        source_label=source_labels()[made.source],
        line=[step(measure)],
        form=form,
        said=said,
        active="desk",
    )


@bp.get("/commitments/<key:key>/answer")
@login_required
def answer(key: int) -> Response:
    """What is promised, and both answers."""
    made = _promise_of(key)
    return _answer_page(made, ReasonForm(formdata=None)) if made.is_waiting else redirect(url_of(made.measure), 303)


@bp.post("/commitments/<key:key>/acceptance")
@login_required
def accept(key: int) -> Response:
    """The city takes the money."""
    made = _promise_of(key, lock=True)
    commitments.accept(person(), made, now())
    flash(_("The money is accepted. It is planned and committed for the measure now."), "success")
    return redirect(url_of(made.measure), 303)


@bp.post("/commitments/<key:key>/refusal")
@login_required
def refuse(key: int) -> Response:
    """The city does not take it, with reasons."""
    made, form = _promise_of(key, lock=True), ReasonForm()
    if form.validate():
        try:
            commitments.refuse(person(), made, form.reason_kk.data, form.reason_ru.data, now())
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("The refusal is public, with its reasons."), "success")
            return redirect(url_of(made.measure), 303)
    return _answer_page(made, form, 422)
