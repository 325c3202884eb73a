"""A password that was forgotten, and one that is changed. Slow hashing stays outside writing transactions."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, session, url_for
from flask_login import current_user, login_required

from webapp.doors.allowances import device_or_visitor
from webapp.doors.entrance import form_page, wait_for_code, wanted_page, welcome
from webapp.doors.forms import ChangePasswordForm, ForgottenForm, ResetForm
from webapp.kernel.clock import now
from webapp.kernel.confirmation import note_confirmation
from webapp.kernel.database import commit, reading
from webapp.kernel.errors import DomainError
from webapp.kernel.i18n import current_language
from webapp.kernel.i18n import gettext as _
from webapp.kernel.networks import visitor
from webapp.kernel.security import limiter
from webapp.people.codes import waiting
from webapp.people.passwords import hash_password, is_password
from webapp.people.presence import here, person, renew
from webapp.people.rules import CodeFor
from webapp.people.services import begin_reset, finish_reset, set_password
from webapp.people.sign_ins import new_token

bp = Blueprint("passwords", __name__)


@bp.get("/forgotten-password")
def forgotten() -> Response:
    """Where the address is typed."""
    return form_page("doors/forgotten.html", ForgottenForm())


@bp.post("/forgotten-password")
@limiter.limit("20 per hour", key_func=device_or_visitor)
def send_reset_code() -> Response:
    """Mail a code, if the address has an account. The answer is the same when it has none."""
    form = ForgottenForm()
    if not form.validate():
        return form_page("doors/forgotten.html", form, 422)
    token = new_token()
    try:
        begin_reset(token, form.email.data, current_language(), now())
    except DomainError as error:
        form.refuse(error)
        return form_page("doors/forgotten.html", form, error.status)
    session["reset"] = token
    return redirect(url_for("passwords.choose", next=wanted_page()), 303)


@bp.get("/new-password")
def choose() -> Response:
    """Where the code and the new password are typed."""
    row = waiting(CodeFor.RESET, session.get("reset"))
    if row is None:
        return redirect(url_for("passwords.forgotten"), 303)
    return form_page("doors/new_password.html", ResetForm(), email=row.email)


@bp.post("/new-password")
@limiter.limit("20 per hour", key_func=visitor)
def reset() -> Response:
    """The code is right: the new password holds, all devices are signed out. The second step is still asked."""
    form = ResetForm()
    with reading():
        row = waiting(CodeFor.RESET, session.get("reset"))
        email = row.email if row else None
    if email is None:
        return redirect(url_for("passwords.forgotten"), 303)
    form.about = (email,)
    if not form.validate():
        return form_page("doors/new_password.html", form, 422, email=email)
    hashed = hash_password(form.new_password.data)
    user = finish_reset(session["reset"], form.code.data, hashed, now())
    if user is None:
        commit()  # the try must count although the answer is a refusal
        form.code.errors = [_("This code is wrong or too old. Ask for another one.")]
        return form_page("doors/new_password.html", form, 422, email=email)
    said = _("Your new password is valid from now on. All other devices are signed out.")
    if user.second_step_at is None:
        return welcome(user, wanted_page(), said)
    wait_for_code(user)
    flash(said, "success")
    return redirect(url_for("second_step.ask", next=wanted_page()), 303)


def _change_form() -> ChangePasswordForm:
    form = ChangePasswordForm()
    form.about = (current_user.email, current_user.given_name, current_user.surname)
    return form


@bp.get("/my/password")
@login_required
def change_page() -> Response:
    """The password until now, and a new one."""
    return form_page("doors/change_password.html", _change_form())


@bp.post("/my/password")
@login_required
@limiter.limit("10 per 5 minutes", key_func=lambda: f"password:{current_user.get_id()}")
def change() -> Response:
    """Change it: this device stays signed in, all others do not."""
    form = _change_form()
    with reading():
        stored = current_user.password_hash
    valid = form.validate()
    if not form.password.errors and not is_password(stored, form.password.data or ""):
        form.password.errors = [_("This is not the password of your account.")]
        valid = False
    if not valid:
        return form_page("doors/change_password.html", form, 422)
    hashed = hash_password(form.new_password.data)
    set_password(person(), hashed, now(), here())
    renew(at_once=True)
    note_confirmation(now())
    flash(_("Your password is changed. All other devices are signed out."), "success")
    return redirect(url_for("portal.my"), 303)
