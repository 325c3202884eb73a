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
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_required, logout_user

from webapp.doors.entrance import form_page, go_on, person, wait_for_code, wanted_page, welcome
from webapp.doors.forms import CodeForm, SignInForm, SignUpForm
from webapp.kernel.clock import now
from webapp.kernel.database import commit, db, reading
from webapp.kernel.errors import DomainError
from webapp.kernel.i18n import current_language
from webapp.kernel.i18n import gettext as _
from webapp.kernel.security import limiter
from webapp.people.models import User
from webapp.people.passwords import hash_password, is_password
from webapp.people.services import (
    by_email,
    confirm_email,
    send_code,
    sign_up,
)

bp = Blueprint("doors", __name__)


@bp.get("/sign-in")
def sign_in() -> Response:
    """The form."""
    if current_user.is_authenticated:
        return redirect(wanted_page(), 303)
    return form_page("doors/sign_in.html", SignInForm())


@bp.post("/sign-in")
@limiter.limit("30 per 5 minutes", key_func=get_remote_address)
@limiter.limit("10 per 5 minutes", key_func=lambda: f"sign-in:{request.form.get('email', '')[:254].strip().lower()}")
def enter() -> Response:
    """Check the password; then to the second step, or in: what was begun completes itself."""
    form = SignInForm()
    with reading():
        found = by_email(form.email.data or "") if form.validate() else None
        key, stored = (found.id, found.password_hash) if found else (None, None)
    if form.errors or not is_password(stored, form.password.data or ""):
        if not form.errors:
            form.form_errors.append(
                _("E-mail and password do not fit together. Check both; capitals matter in the password.")
            )
        return form_page("doors/sign_in.html", form, 422)
    user = db.session.get_one(User, key)
    if user.second_step_at is None:
        return welcome(user, wanted_page())
    wait_for_code(user)
    return redirect(url_for("second_step.ask", next=wanted_page()), 303)


@bp.get("/sign-up")
def sign_up_form() -> Response:
    """The form."""
    if current_user.is_authenticated:
        return redirect(wanted_page(), 303)
    return form_page("doors/sign_up.html", SignUpForm())


@bp.post("/sign-up")
@limiter.limit("30 per hour", key_func=get_remote_address)
def join() -> Response:
    """Make the account, send the code."""
    form = SignUpForm()
    with reading():
        valid = form.validate()
    if not valid:
        return form_page("doors/sign_up.html", form, 422)
    hashed = hash_password(form.password.data)
    try:
        user = sign_up(form.email.data, hashed, form.given_name.data, form.surname.data, current_language(), now())
    except DomainError as error:
        form.refuse(error)
        return form_page("doors/sign_up.html", form, 422)
    send_code(user, now())
    return welcome(user, wanted_page())


@bp.get("/confirm")
@login_required
def confirm() -> Response:
    """Where the code is typed."""
    if current_user.email_confirmed_at is not None:
        return redirect(wanted_page(), 303)
    return form_page("doors/confirm.html", CodeForm(), email=current_user.email)


@bp.post("/confirm")
@login_required
@limiter.limit("20 per hour")
def check_code() -> Response:
    """Check the code; a wrong one counts as a try, so it is committed too."""
    form = CodeForm()
    if request.form.get("again"):
        send_code(person(), now())
        flash(_("A new code is on its way."), "success")
        return redirect(url_for("doors.confirm", next=wanted_page()), 303)
    if form.validate():
        if confirm_email(person(), form.code.data, now()):
            flash(_("Your e-mail is confirmed."), "success")
            return go_on(person(), wanted_page())
        commit()  # the try must count although the answer is a refusal
        form.code.errors = [
            _("This code does not fit or is too old. Look for the newest mail, or ask for another code.")
        ]
    return form_page("doors/confirm.html", form, 422, email=current_user.email)


@bp.post("/sign-out")
def sign_out() -> Response:
    """Leave."""
    logout_user()
    session.clear()
    flash(_("You have signed out."), "success")
    return redirect(url_for("portal.index"), 303)
