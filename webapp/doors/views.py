"""Sign-up, sign-in, sign-out, the code. Slow hashing stays outside writing transactions."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    request,
    session,
    url_for,
)
from flask_login import current_user

from webapp.doors.allowances import count_failure, device_or_visitor, forgive_failures, level_at_door
from webapp.doors.entrance import form_page, go_on, wait_for_code, wanted_page, welcome
from webapp.doors.forms import CodeForm, SecondStepForm, SignInForm, SignUpForm
from webapp.kernel.clock import now
from webapp.kernel.database import commit, db, reading
from webapp.kernel.errors import DomainError
from webapp.kernel.i18n import current_language
from webapp.kernel.i18n import gettext as _
from webapp.kernel.networks import visitor
from webapp.kernel.security import limiter
from webapp.people.codes import waiting
from webapp.people.models import User
from webapp.people.passwords import hash_password, is_password
from webapp.people.presence import leave, person, renew
from webapp.people.rules import CodeFor
from webapp.people.services import (
    begin_sign_up,
    by_email,
    confirm_email,
    finish_sign_up,
    send_code,
    send_sign_up_code,
)
from webapp.people.sign_ins import new_token

bp = Blueprint("doors", __name__)


@bp.get("/sign-in")
def sign_in() -> Response:
    """The form."""
    if current_user.is_authenticated:
        return redirect(wanted_page(), 303)
    return form_page("doors/sign_in.html", SignInForm())


@bp.post("/sign-in")
@limiter.limit("30 per 5 minutes", key_func=device_or_visitor)
def enter() -> Response:
    """Check the password; then to the second step, or in: what was begun completes itself.

    Wrong ones are counted before the next is looked at: what one place has tried too often is closed there, and
    what is tried from everywhere asks for more and more work, but keeps nobody out.
    """
    form = SignInForm()
    with reading():
        form.account_level = level_at_door(form.email.data)
        found = by_email(form.email.data or "") if form.validate() else None
        key, stored = (found.id, found.password_hash) if found else (None, None)
    if form.errors or not is_password(stored, form.password.data or ""):
        count_failure(form.email.data, was_wrong=not form.errors)
        if not form.errors:
            form.form_errors.append(
                _("E-mail and password do not match. Check both; capital letters matter in the password.")
            )
        return form_page("doors/sign_in.html", form, 422)
    user = db.session.get_one(User, key)
    forgive_failures(form.email.data)
    if not user.may_sign_in:  # said only to who knows the password
        form.form_errors.append(_("The operator of the site has closed this account. Write to them to learn why."))
        return form_page("doors/sign_in.html", form, 403)
    if user.second_step_at is None:
        return welcome(user, wanted_page())
    wait_for_code(user)
    if request.form.get("waiting"):
        return form_page("doors/code.html", SecondStepForm(formdata=None))
    return redirect(url_for("second_step.ask", next=wanted_page()), 303)


@bp.get("/sign-up")
def sign_up_form() -> Response:
    """The form."""
    if current_user.is_authenticated:
        return redirect(wanted_page(), 303)
    return form_page("doors/sign_up.html", SignUpForm())


@bp.post("/sign-up")
@limiter.limit("30 per hour", key_func=device_or_visitor)
def join() -> Response:
    """Keep what was typed and mail a code; the account is made when the code comes back.

    The answer is the same whether the address has an account or not.
    """
    form = SignUpForm()
    if not form.validate():
        return form_page("doors/sign_up.html", form, 422)
    hashed, token = hash_password(form.password.data), new_token()
    try:
        begin_sign_up(
            token, form.email.data, hashed, form.given_name.data, form.surname.data, current_language(), now()
        )
    except DomainError as error:
        form.refuse(error)
        return form_page("doors/sign_up.html", form, error.status)
    session["sign_up"] = token
    return redirect(url_for("doors.confirm", next=wanted_page()), 303)


def _address_to_confirm() -> str | None:
    """Where the code went: to somebody who signs up, or to an account whose address is not confirmed."""
    if current_user.is_authenticated:
        return current_user.email if current_user.email_confirmed_at is None else None
    row = waiting(CodeFor.SIGN_UP, session.get("sign_up"))
    return row.email if row else None


@bp.get("/confirm")
def confirm() -> Response:
    """Where the code is typed."""
    address = _address_to_confirm()
    if address is None:
        return redirect(wanted_page() if current_user.is_authenticated else url_for("doors.sign_in"), 303)
    return form_page("doors/confirm.html", CodeForm(), email=address)


@bp.post("/confirm")
@limiter.limit("60 per hour", key_func=visitor)
def check_code() -> Response:
    """Check the code; a wrong one counts as a try, so it is committed too."""
    address, form = _address_to_confirm(), CodeForm()
    if address is None:
        return redirect(wanted_page() if current_user.is_authenticated else url_for("doors.sign_in"), 303)
    if request.form.get("again"):
        if current_user.is_authenticated:
            send_code(person(), now())
        else:
            send_sign_up_code(session["sign_up"], now())
        flash(_("A new code is being sent."), "success")
        return redirect(url_for("doors.confirm", next=wanted_page()), 303)
    if form.validate():
        inside = _confirmed(form.code.data)
        if inside is not None:
            return inside
        commit()  # the try must count although the answer is a refusal
        form.code.errors = [_("This code is wrong or too old. Look for the newest mail, or ask for another code.")]
    return form_page("doors/confirm.html", form, 422, email=address)


def _confirmed(code: str) -> Response | None:
    """In, with a confirmed address, when the code is right."""
    if current_user.is_authenticated:
        if not confirm_email(person(), code, now()):
            return None
        renew()
        flash(_("Your e-mail is confirmed."), "success")
        return go_on(person(), wanted_page())
    user = finish_sign_up(session["sign_up"], code, now())
    if user is None:
        return None
    return welcome(user, wanted_page(), _("Your e-mail is confirmed."))


@bp.post("/sign-out")
def sign_out() -> Response:
    """Leave."""
    leave()
    flash(_("You have signed out."), "success")
    return redirect(url_for("portal.index"), 303)
