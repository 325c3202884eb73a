"""One's own e-mail address: changed, or shown anew after mails came back."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, url_for
from flask_login import current_user, login_required

from webapp.doors.allowances import remember_device
from webapp.doors.entrance import form_page
from webapp.doors.forms import AddressForm, CodeForm
from webapp.kernel.clock import now
from webapp.kernel.confirmation import confirmed_lately
from webapp.kernel.database import commit
from webapp.kernel.errors import DomainError
from webapp.kernel.i18n import gettext as _
from webapp.kernel.refused import refused_since
from webapp.kernel.security import limiter
from webapp.people.address_change import begin_change, finish_change, waiting_address
from webapp.people.presence import here, person, renew
from webapp.people.rules import CONFIRMATION

bp = Blueprint("address", __name__)


def _whose() -> str:
    return f"address-change:{current_user.get_id()}"


@bp.get("/my/address")
@login_required
def show() -> Response:
    """The address that is, whether mails arrive there, and the field for another one."""
    return _page(AddressForm(email=current_user.email))


def _page(form: AddressForm, status: int = 200) -> Response:
    return form_page("doors/address.html", form, status, refused=refused_since(current_user.email))


@bp.post("/my/address")
@login_required
@confirmed_lately(CONFIRMATION)
@limiter.limit("20 per hour", key_func=_whose)
def begin() -> Response:
    """Mail a code to it. The answer is the same whether it has an account or not."""
    form = AddressForm()
    if not form.validate():
        return _page(form, 422)
    try:
        begin_change(person(), form.email.data, now())
    except DomainError as error:
        form.refuse(error)
        return _page(form, error.status)
    return redirect(url_for("address.confirm"), 303)


@bp.get("/my/address/confirmation")
@login_required
def confirm() -> Response:
    """Where the code is typed."""
    email = waiting_address(person(), now())
    if email is None:
        return redirect(url_for("address.show"), 303)
    return form_page("doors/address_code.html", CodeForm(), email=email)


@bp.post("/my/address/confirmation")
@login_required
@limiter.limit("60 per hour", key_func=_whose)
def finish() -> Response:
    """The code is right: the account has this address. A wrong one counts as a try, so it is committed too."""
    form, email = CodeForm(), waiting_address(person(), now())
    if email is None:
        flash(_("The code is too old. Ask for another one."), "info")
        return redirect(url_for("address.show"), 303)
    if form.validate():
        if finish_change(person(), form.code.data, now(), here()):
            renew(at_once=True)
            remember_device(person())  # under the new address too: others use up no tries of this device
            flash(_("Mails go to %(email)s from now on.", email=email), "success")
            return redirect(url_for("portal.my"), 303)
        commit()  # the try must count although the answer is a refusal
        form.code.errors = [_("This code is wrong or too old. Look for the newest mail, or ask for another code.")]
    return form_page("doors/address_code.html", form, 422, email=email)
