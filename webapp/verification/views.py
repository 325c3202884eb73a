"""The page with all ways, the register, the other account of the same person, and moving home."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, url_for
from flask_login import current_user, login_required

from webapp.kernel.clock import now
from webapp.kernel.database import commit
from webapp.kernel.errors import DomainError
from webapp.kernel.security import limiter
from webapp.verification import taking_over
from webapp.verification.attempts import begin, ticket_of
from webapp.verification.forms import CodeForm, RegisterForm
from webapp.verification.pages import arrived, guard, page, person, wanted_page, watch, way
from webapp.verification.providers import switched_on
from webapp.verification.services import Done, OtherAccount, complete, days_between_homes, residences
from webapp.verification.words import way_labels

bp = Blueprint("verification", __name__)
watch(bp)
guard(bp)


def _ways(form: RegisterForm, status: int = 200) -> Response:
    return page(
        "index",
        status,
        form=form,
        ways=switched_on(),
        outside=current_app.config["OIDC_NAME"],
        choice=taking_over.open_choice(person(), now()),
    )


@bp.get("/verify")
@login_required
def index() -> Response:
    """Where a resident shows who they are: the ways that are open here."""
    if current_user.is_verified:
        return redirect(wanted_page(), 303)
    return _ways(RegisterForm(formdata=None, surname=current_user.surname))


@bp.post("/verify")
@login_required
@limiter.limit("10 per hour", key_func=lambda: f"verify:{current_user.get_id()}")
def check_register() -> Response:
    """Look the person up in the register; kept votes count from now on. Who is verified stays who they are."""
    if current_user.is_verified:
        return redirect(wanted_page(), 303)
    way("register")
    form = RegisterForm()
    if form.validate():
        try:
            return arrived(_by_register(form))
        except OtherAccount as error:
            commit()  # what was shown is kept until the person has chosen
            return other_account_page(422, error.message)
        except DomainError as error:
            form.refuse(error)
    return _ways(form, 422)


def _by_register(form: RegisterForm) -> Done:
    provider, moment = way("register"), now()
    attempt = begin(person(), provider, moment)
    answer = {"iin": form.iin.data, "surname": form.surname.data}
    return complete(person(), provider.prove(ticket_of(attempt), answer, moment), attempt.id, moment)


def other_account_page(status: int = 200, message: str = "", form: CodeForm | None = None) -> Response:
    """The choice of somebody who is verified on another account."""
    choice = taking_over.open_choice(person(), now())
    if choice is None:
        return redirect(url_for("verification.index"), 303)
    return page(
        "other_account",
        status,
        form=form or CodeForm(formdata=None),
        message=message,
        needs_code=taking_over.needs_code(choice),
        code_sent=bool(choice.code_key),
        ways=[name for name in switched_on() if name != "register"],
    )


@bp.get("/verify/other-account")
@login_required
def other_account() -> Response:
    """What can be done about it."""
    return other_account_page()


@bp.post("/verify/other-account/code")
@login_required
@limiter.limit("10 per hour", key_func=lambda: f"take-over:{current_user.get_id()}")
def send_code() -> Response:
    """Ask the other account, by its mail."""
    taking_over.send_code(person(), now())
    return redirect(url_for("verification.other_account"), 303)


@bp.post("/verify/other-account/take-over")
@login_required
@limiter.limit("20 per hour", key_func=lambda: f"take-over:{current_user.get_id()}")
def take_over() -> Response:
    """Use this account from now on."""
    choice, form = taking_over.open_choice(person(), now()), CodeForm()
    if choice is not None and taking_over.needs_code(choice) and not form.validate():
        return other_account_page(422, form=form)
    try:
        return arrived(taking_over.take_over(person(), form.code.data or "", now()))
    except DomainError as error:
        if isinstance(error, taking_over.WrongCode):
            commit()  # it must count although the answer is a refusal
        form.refuse(error)
        return other_account_page(422, form=form)


def _home_page(form: RegisterForm, status: int = 200) -> Response:
    return page(
        "home",
        status,
        form=form,
        ways=switched_on(),
        outside=current_app.config["OIDC_NAME"],
        labels=way_labels(),
        rows=residences(person()),
        days=days_between_homes(now()),
    )


@bp.get("/my/home")
@login_required
def home() -> Response:
    """Where one lives, since when, and how to say that one has moved."""
    if not current_user.is_verified:
        return redirect(url_for("verification.index"), 303)
    return _home_page(RegisterForm(formdata=None, surname=current_user.surname))


@bp.post("/my/home")
@login_required
@limiter.limit("10 per hour", key_func=lambda: f"verify:{current_user.get_id()}")
def move() -> Response:
    """Look into the register again: does it know the new home?"""
    if not current_user.is_verified:
        return redirect(url_for("verification.index"), 303)
    form = RegisterForm()
    if form.validate():
        try:
            done = _by_register(form)
        except DomainError as error:
            form.refuse(error)
        else:
            return arrived(done)
    return _home_page(form, 422)
