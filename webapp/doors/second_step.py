"""The second step of signing in: asked after the password, set up, renewed, removed; and "confirm it is you"."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, session, url_for
from flask_login import current_user, login_required

from webapp.doors.entrance import form_page, half_signed_in, wanted_page, welcome
from webapp.doors.forms import EnrolmentForm, PasswordAndCodeForm, PasswordForm, SecondStepForm
from webapp.kernel.clock import now
from webapp.kernel.confirmation import NotConfirmed, confirmed_lately, note_confirmation
from webapp.kernel.database import commit, reading
from webapp.kernel.errors import DomainError
from webapp.kernel.i18n import gettext as _
from webapp.kernel.networks import visitor
from webapp.kernel.qr import qr
from webapp.kernel.security import limiter, safe_next
from webapp.kernel.typed import NEVER_KEPT, all_shown, sendable, typed_fields
from webapp.people import second_step as services
from webapp.people.passwords import is_password
from webapp.people.presence import here, person, renew
from webapp.people.rules import CONFIRMATION

bp = Blueprint("second_step", __name__)
#: What the page "confirm it is you" asks for itself; everything else belongs to the act that waits.
OWN_FIELDS = NEVER_KEPT | {"back", "resend"}


@bp.get("/sign-in/code")
def ask() -> Response:
    """Where the code is typed, after the password."""
    if half_signed_in() is None:
        return _begin_again()
    return form_page("doors/code.html", SecondStepForm())


@bp.post("/sign-in/code")
@limiter.limit("60 per 5 minutes", key_func=visitor)
def check() -> Response:
    """Check the code; a wrong one counts as a try, so it is committed too."""
    user, form = half_signed_in(), SecondStepForm()
    if user is None:
        return _begin_again()
    if form.validate():
        try:
            services.check_code(user, form.code.data, now())
        except DomainError as error:
            commit()  # the try must count although the answer is a refusal
            form.refuse(error)
        else:
            return welcome(user, wanted_page())
    return form_page("doors/code.html", form, 422)


def _begin_again() -> Response:
    session.pop("half_signed_in", None)
    if current_user.is_authenticated:
        return redirect(wanted_page(), 303)
    flash(_("Five minutes have passed since your password. Type it once more."), "info")
    return redirect(url_for("doors.sign_in", next=wanted_page()), 303)


@bp.get("/second-step")
@login_required
def show() -> Response:
    """Whether it is set up, and what can be done about it."""
    left = services.recovery_codes_left(current_user) if current_user.second_step_at else 0
    return form_page("doors/second_step.html", None, since=current_user.second_step_at, codes_left=left)


@bp.post("/second-step/enrolment")
@login_required
@confirmed_lately(CONFIRMATION)
def begin() -> Response:
    """Make a secret that waits to be confirmed."""
    services.begin_enrolment(person())
    return redirect(url_for("second_step.enrol"), 303)


@bp.get("/second-step/enrolment")
@login_required
@confirmed_lately(CONFIRMATION)
def enrol() -> Response:
    """The secret as QR code and as text, and the form for its first code."""
    return _enrolment_page(EnrolmentForm())


def _enrolment_page(form: EnrolmentForm, status: int = 200) -> Response:
    secret = services.wanted_secret(person())
    if secret is None:
        return redirect(url_for("second_step.show"), 303)
    address = services.address_for_apps(person(), secret)
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    return form_page("doors/enrolment.html", form, status, address=address, code=qr(address), groups=groups)


@bp.post("/second-step/confirmation")
@login_required
@confirmed_lately(CONFIRMATION)
def confirm() -> Response:
    """The first code fits: from now on it is asked. The recovery codes are shown this one time."""
    form = EnrolmentForm()
    if form.validate():
        try:
            codes = services.finish_enrolment(person(), form.code.data, now(), here())
        except DomainError as error:
            commit()  # the try must count although the answer is a refusal
            form.refuse(error)
        else:
            renew(at_once=True)
            return form_page("doors/recovery_codes.html", None, codes=codes, is_new=True)
    return _enrolment_page(form, 422)


@bp.post("/second-step/recovery-codes")
@login_required
@confirmed_lately(CONFIRMATION)
def renew_codes() -> Response:
    """Ten new recovery codes in place of the old ones."""
    codes = services.new_recovery_codes(person(), now())
    return form_page("doors/recovery_codes.html", None, codes=codes, is_new=False)


@bp.post("/second-step/removal")
@login_required
@confirmed_lately(CONFIRMATION)
def remove() -> Response:
    """The password alone signs in again."""
    services.remove(person(), now(), person(), here())
    renew(at_once=True)
    flash(_("The second step is removed. Your password alone signs in now."), "success")
    return redirect(url_for("second_step.show"), 303)


@bp.app_errorhandler(NotConfirmed)
def ask_again(_error: NotConfirmed) -> Response:
    """A dangerous act by somebody whose password was typed too long ago: ask, and keep what was sent."""
    if request.method == "GET":
        return redirect(url_for("second_step.confirm_it_is_you", next=request.full_path.rstrip("?")), 303)
    return _confirmation_page(_confirmation_form(empty=True), request.path, True, 403)


@bp.get("/confirm-it-is-you")
@login_required
def confirm_it_is_you() -> Response:
    """The password again, and the code where one is asked."""
    return _confirmation_page(_confirmation_form(empty=True), wanted_page(), False)


@bp.post("/confirm-it-is-you")
@login_required
@limiter.limit("10 per 5 minutes", key_func=lambda: f"confirm:{current_user.get_id()}")
def confirmed() -> Response:
    """Back to where one was; what was being sent is sent again by the browser, with all that was typed (307)."""
    form, back = _confirmation_form(), safe_next(request.form.get("back"), url_for("portal.index"))
    resend = bool(request.form.get("resend"))
    with reading():
        stored = current_user.password_hash
    if form.validate() and not is_password(stored, form.password.data):
        form.password.errors = [_("This is not the password of your account.")]
    if form.errors or not _is_code_right(form):
        return _confirmation_page(form, back, resend, 422)
    note_confirmation(now())
    renew()
    return redirect(back, 307 if resend else 303)


def _is_code_right(form: PasswordForm) -> bool:
    if current_user.second_step_at is None:
        return True
    try:
        services.check_code(person(), form.code.data, now())
    except DomainError as error:
        commit()  # the try must count although the answer is a refusal
        form.refuse(error)
        return False
    return True


def _confirmation_form(empty: bool = False) -> PasswordForm:
    kind = PasswordForm if current_user.second_step_at is None else PasswordAndCodeForm
    return kind(formdata=None) if empty else kind()


def _confirmation_page(form: PasswordForm, back: str, resend: bool, status: int = 200) -> Response:
    kept = sendable(OWN_FIELDS) if request.method == "POST" else []
    typed = all_shown(typed_fields(OWN_FIELDS)) if request.method == "POST" else []
    return form_page(
        "doors/confirm_it_is_you.html", form, status, back=back, resend=resend, waiting_fields=kept, typed=typed
    )
