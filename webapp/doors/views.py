"""Sign-up, sign-in, sign-out, the code, the register. Slow hashing stays outside writing transactions."""

from __future__ import annotations

from datetime import timedelta

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    request,
    session,
    url_for,
)
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_required, login_user, logout_user

from webapp.doors import services
from webapp.doors.forms import CodeForm, SignInForm, SignUpForm, VerifyForm
from webapp.kernel.clock import now
from webapp.kernel.database import commit, db, reading
from webapp.kernel.errors import DomainError
from webapp.kernel.htmx import render
from webapp.kernel.i18n import current_language
from webapp.kernel.i18n import gettext as _
from webapp.kernel.security import limiter, safe_next
from webapp.people.models import User
from webapp.people.passwords import hash_password, is_password
from webapp.people.services import (
    by_email,
    confirm_email,
    send_code,
    sign_up,
    verify_by_register,
)
from webapp.proposals.models import Proposal

bp = Blueprint("doors", __name__)
REMEMBER = timedelta(days=14)


def _next() -> str:
    return safe_next(request.values.get("next"), url_for("portal.index"))


def _person() -> User:
    """The account itself, not Flask-Login's stand-in for it."""
    return current_user._get_current_object()


def _kept_proposal() -> Proposal | None:
    kept = session.get("pending_vote")
    return db.session.get(Proposal, kept[0]) if isinstance(kept, list) and len(kept) == 2 else None


def _form_page(template: str, form: object, status: int = 200, **more: object) -> Response:
    kept = session.get("pending_vote")
    return render(
        template,
        status=status,
        form=form,
        next=_next(),
        kept_choice=kept[1] if kept else None,
        kept_proposal=_kept_proposal(),
        active="",
        **more,
    )


@bp.get("/sign-in")
def sign_in() -> Response:
    """The form."""
    if current_user.is_authenticated:
        return redirect(_next(), 303)
    return _form_page("doors/sign_in.html", SignInForm())


@bp.post("/sign-in")
@limiter.limit("30 per 5 minutes", key_func=get_remote_address)
@limiter.limit("10 per 5 minutes", key_func=lambda: f"sign-in:{request.form.get('email', '')[:254].strip().lower()}")
def enter() -> Response:
    """Check the password, then complete what was begun."""
    form = SignInForm()
    with reading():
        found = by_email(form.email.data or "") if form.validate() else None
        key, stored = (found.id, found.password_hash) if found else (None, None)
    if form.errors or not is_password(stored, form.password.data or ""):
        if not form.errors:
            form.form_errors.append(
                _("E-mail and password do not fit together. Check both; capitals matter in the password.")
            )
        return _form_page("doors/sign_in.html", form, 422)
    user = db.session.get_one(User, key)
    return _welcome(user, _next())


def _welcome(user: User, target: str) -> Response:
    kept, tokens = session.get("pending_vote"), session.get("drafts", [])
    session.clear()  # nothing of the visitor's session survives but what was begun
    login_user(user, remember=False)
    session.permanent = True
    services.adopt_drafts(user, tokens)
    voted = services.complete_vote(user, kept, now()) if kept else None
    if voted is not None and user.is_verified:
        flash(_("Welcome. Your vote is counted."), "success")
    return _go_on(user, target)


def _go_on(user: User, target: str) -> Response:
    """To the next door, or to the result of what was begun."""
    if user.email_confirmed_at is None:
        return redirect(url_for("doors.confirm", next=target), 303)
    sent = services.complete_submissions(user, now())
    if sent:
        return redirect(url_for("portal.talon", key=sent[-1].id), 303)
    if not user.is_verified and services_pending(user):
        return redirect(url_for("doors.verify", next=target), 303)
    return redirect(target, 303)


def services_pending(user: User) -> bool:
    """Whether a vote waits for the person to be verified."""
    from sqlalchemy import select

    from webapp.voting.models import PendingVote

    return (
        db.session.scalar(select(PendingVote.proposal_id).where(PendingVote.voter_id == user.id).limit(1)) is not None
    )


@bp.get("/sign-up")
def sign_up_form() -> Response:
    """The form."""
    if current_user.is_authenticated:
        return redirect(_next(), 303)
    return _form_page("doors/sign_up.html", SignUpForm())


@bp.post("/sign-up")
@limiter.limit("30 per hour", key_func=get_remote_address)
def join() -> Response:
    """Make the account, send the code."""
    form = SignUpForm()
    with reading():
        valid = form.validate()
    if not valid:
        return _form_page("doors/sign_up.html", form, 422)
    hashed = hash_password(form.password.data)
    try:
        user = sign_up(form.email.data, hashed, form.given_name.data, form.surname.data, current_language(), now())
    except DomainError as error:
        form.refuse(error)
        return _form_page("doors/sign_up.html", form, 422)
    send_code(user, now())
    return _welcome(user, _next())


@bp.get("/confirm")
@login_required
def confirm() -> Response:
    """Where the code is typed."""
    if current_user.email_confirmed_at is not None:
        return redirect(_next(), 303)
    return _form_page("doors/confirm.html", CodeForm(), email=current_user.email)


@bp.post("/confirm")
@login_required
@limiter.limit("20 per hour")
def check_code() -> Response:
    """Check the code; a wrong one counts as a try, so it is committed too."""
    form = CodeForm()
    if request.form.get("again"):
        send_code(_person(), now())
        flash(_("A new code is on its way."), "success")
        return redirect(url_for("doors.confirm", next=_next()), 303)
    if form.validate():
        if confirm_email(_person(), form.code.data, now()):
            flash(_("Your e-mail is confirmed."), "success")
            return _go_on(_person(), _next())
        commit()  # the try must count although the answer is a refusal
        form.code.errors = [
            _("This code does not fit or is too old. Look for the newest mail, or ask for another code.")
        ]
    return _form_page("doors/confirm.html", form, 422, email=current_user.email)


@bp.get("/verify")
@login_required
def verify() -> Response:
    """Where a resident shows who they are."""
    if current_user.is_verified:
        return redirect(_next(), 303)
    return _form_page("doors/verify.html", VerifyForm(surname=current_user.surname))


@bp.post("/verify")
@login_required
@limiter.limit("10 per hour", key_func=lambda: f"verify:{current_user.get_id()}")
def check_register() -> Response:
    """Look the person up in the register; kept votes count from now on. Who is verified stays who they are."""
    if current_user.is_verified:
        return redirect(_next(), 303)
    form = VerifyForm()
    if form.validate():
        try:
            former = verify_by_register(
                _person(), form.iin.data, form.surname.data, current_app.config["PERSON_PEPPER"], now()
            )
        except DomainError as error:
            form.refuse(error)
        else:
            if former is not None:
                services.take_over_votes(former, _person())
            counted = services.complete_pending_votes(_person(), now())
            flash(
                _("You are verified. Your vote is counted.")
                if counted
                else _("You are verified: your votes count from now on."),
                "success",
            )
            return redirect(url_for("portal.proposal", key=counted[-1].id) if counted else _next(), 303)
    return _form_page("doors/verify.html", form, 422)


@bp.post("/sign-out")
def sign_out() -> Response:
    """Leave."""
    logout_user()
    session.clear()
    flash(_("You have signed out."), "success")
    return redirect(url_for("portal.index"), 303)
