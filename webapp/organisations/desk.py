"""The desk's page of an organisation: the facts, and what a moderator decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import refusal, require, sentence
from webapp.kernel.clock import local_date, now
from webapp.kernel.errors import DomainError
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.loading import there
from webapp.organisations import decisions, services
from webapp.organisations.choices import kinds, states
from webapp.organisations.forms import AccreditForm, RefuseForm, VerifyForm
from webapp.organisations.rules import accreditation
from webapp.people.models import Organisation
from webapp.rulebook.services import working_days_left

bp = Blueprint("organisations_desk", __name__)


def _organisation(key: int, lock: bool = True) -> Organisation:
    return there(services.found(key, lock))


def _page(organisation: Organisation, status: int = 200, **filled: Any) -> Response:
    seen, moment = decisions.sent_mark(organisation), now()
    forms: dict[str, Any] = {
        "verify": VerifyForm(formdata=None, seen=seen),
        "refuse": RefuseForm(formdata=None, seen=seen),
        "accredit": AccreditForm(formdata=None),
    } | filled
    reason = refusal(current_user, Permission.ACCREDIT_ORGANISATION, organisation, moment)
    due = organisation.verify_due_at
    return render(
        "organisations/desk.html",
        status=status,
        organisation=organisation,
        forms=forms,
        bad=next(iter(filled), ""),
        kinds=kinds(),
        states=states(),
        state=services.state_of(organisation),
        left=working_days_left(due, moment) if due else 0,
        is_late=bool(due and (due <= moment or organisation.overdue_at)),
        accreditation=accreditation(organisation.accredited_until, local_date(moment)),
        may_accredit=reason is None,
        why_not=sentence(reason) if reason else "",
        active="desk",
    )


@bp.get("/desk/organisations/<key:key>")
@login_required
def show(key: int) -> Response:
    """One organisation."""
    organisation = _organisation(key, lock=False)
    require(current_user, Permission.VERIFY_ORGANISATION, organisation, now())
    return _page(organisation)


def _decide(organisation: Organisation, name: str, form: Any, act: Callable[[], None], done: str) -> Response:
    require(current_user, Permission.VERIFY_ORGANISATION, organisation, now())
    if not form.validate():
        return _page(organisation, 422, **{name: form})
    try:
        act()
    except DomainError as error:
        if error.status != 422:
            raise
        form.refuse(error)
        return _page(organisation, 422, **{name: form})
    flash(done, "success")
    return redirect(url_for("desk.index"), 303)


@bp.post("/desk/organisations/<key:key>/verification")
@login_required
def verify(key: int) -> Response:
    """It is what it says."""
    organisation, form = _organisation(key), VerifyForm()
    return _decide(
        organisation,
        "verify",
        form,
        lambda: decisions.verify(current_user, organisation, form.seen.data or "", now()),
        _("Verified. The owner is told."),
    )


@bp.post("/desk/organisations/<key:key>/refusal")
@login_required
def refuse(key: int) -> Response:
    """Not verified, with a reason."""
    organisation, form = _organisation(key), RefuseForm()
    return _decide(
        organisation,
        "refuse",
        form,
        lambda: decisions.refuse(current_user, organisation, form.seen.data or "", form.reason.data, now()),
        _("Not verified. The owner is told why."),
    )


@bp.post("/desk/organisations/<key:key>/accreditation")
@login_required
def accredit(key: int) -> Response:
    """Enter a certificate."""
    organisation, form = _organisation(key), AccreditForm()

    def act() -> None:
        number, on, until = form.certificate_number.data, form.certificate_on.data, form.until.data
        decisions.accredit(current_user, organisation, number, on, until, now())

    return _decide(organisation, "accredit", form, act, _("The accreditation is entered and shown to everybody."))
