"""Passkeys: made, used and removed in the browser. What needs JavaScript is only offered where it runs."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from flask_login import current_user, login_required

from webapp.doors.entrance import form_page, wanted_page, welcome
from webapp.doors.forms import PasskeyForm, SignInForm
from webapp.kernel.clock import now
from webapp.kernel.confirmation import confirmed_lately
from webapp.kernel.database import LARGEST_KEY, commit
from webapp.kernel.errors import DomainError
from webapp.kernel.i18n import gettext as _
from webapp.kernel.networks import visitor
from webapp.kernel.security import limiter
from webapp.people import passkeys as services
from webapp.people.presence import here, person
from webapp.people.rules import CONFIRMATION

bp = Blueprint("passkeys", __name__)


def _site() -> tuple[str, str]:
    """The name and the origin that a passkey belongs to: those of the site; on a machine at hand, those of the request."""
    address = current_app.config["PUBLIC_URL"] if current_app.config["PRODUCTION"] else request.host_url
    parts = urlsplit(address)
    return parts.hostname or "", f"{parts.scheme}://{parts.netloc}"


def _json(options: str) -> Response:
    response = Response(options, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/my/passkeys")
@login_required
def index() -> Response:
    """Those that one has, and the button for another."""
    return _page(PasskeyForm(formdata=None, name=_first_name()))


def _first_name() -> str:
    row = here()
    return row.browser if row else ""


def _page(form: PasskeyForm, status: int = 200) -> Response:
    return form_page(
        "doors/passkeys.html", form, status, passkeys=services.passkeys_of(person()), mark_of=services.mark_of
    )


@bp.post("/my/passkeys/challenge")
@login_required
@confirmed_lately(CONFIRMATION)
@limiter.limit("30 per hour", key_func=lambda: f"passkeys:{current_user.get_id()}")
def adding() -> Response:
    """What the browser needs to make one."""
    return _json(services.adding_options(person(), _site()[0], now()))


@bp.post("/my/passkeys")
@login_required
@confirmed_lately(CONFIRMATION)
@limiter.limit("30 per hour", key_func=lambda: f"passkeys:{current_user.get_id()}")
def add() -> Response:
    """Take it in."""
    form = PasskeyForm()
    if not form.validate():
        return _page(form, 422)
    try:
        services.add(person(), form.credential.data, form.name.data, *_site(), now())
    except DomainError as error:
        commit()  # the challenge is used up
        form.refuse(error)
        return _page(form, error.status)
    flash(_("The passkey is set up: sign in with it from now on."), "success")
    return redirect(url_for("passkeys.index"), 303)


@bp.post("/my/passkeys/<int:key>/removal")
@login_required
@confirmed_lately(CONFIRMATION)
@limiter.limit("30 per hour", key_func=lambda: f"passkeys:{current_user.get_id()}")
def remove(key: int) -> Response:
    """Forget one."""
    if key <= LARGEST_KEY and services.remove(person(), key, now(), request.form.get("mark", "")[:40]):
        flash(_("The passkey is removed. It does not sign in any more."), "success")
    else:
        flash(_("This passkey was removed already."), "info")
    return redirect(url_for("passkeys.index"), 303)


@bp.post("/sign-in/passkey/challenge")
@limiter.limit("60 per 5 minutes", key_func=visitor)
def using() -> Response:
    """What the browser needs to sign in with one."""
    return _json(services.using_options(_site()[0], now()))


@bp.post("/sign-in/passkey")
@limiter.limit("30 per 5 minutes", key_func=visitor)
def enter() -> Response:
    """In, without password and without code: the device has asked for a finger, a face or a PIN."""
    try:
        user = services.use(request.form.get("credential", ""), *_site(), now())
    except DomainError as error:
        commit()  # the challenge is used up
        form = SignInForm(formdata=None)
        form.refuse(error)
        return form_page("doors/sign_in.html", form, error.status)
    return welcome(user, wanted_page())
