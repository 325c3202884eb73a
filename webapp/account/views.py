"""One's own account: the name in public, all one's data, and the way out."""

from __future__ import annotations

from flask import Blueprint, Response, flash, jsonify, redirect, url_for
from flask_login import current_user, login_required

from webapp.account.forms import DeletionForm, NameForm
from webapp.account.services import forget_person, hindrance, my_data
from webapp.kernel.clock import now
from webapp.kernel.database import LARGEST_KEY, db, locked, reading
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.security import limiter
from webapp.people import sign_ins
from webapp.people.models import User
from webapp.people.passwords import is_password
from webapp.people.presence import forget, here, person, renew
from webapp.people.presence import leave as leave_here
from webapp.people.rules import public_name

bp = Blueprint("account", __name__)


def _name_form() -> NameForm:
    form = NameForm(shows_full_name="yes" if current_user.shows_full_name else "no")
    names = [public_name(current_user.given_name, current_user.surname, full=full) for full in (False, True)]
    form.shows_full_name.choices = dict(zip(("no", "yes"), names, strict=True))
    return form


@bp.get("/my/name")
@login_required
def name() -> Response:
    """How others see one."""
    return render("account/name.html", form=_name_form(), active="my")


@bp.post("/my/name")
@login_required
def save_name() -> Response:
    """Show the whole name, or its first letter."""
    form = _name_form()
    if not form.validate():
        return render("account/name.html", status=422, form=form, active="my")
    current_user.shows_full_name = form.shows_full_name.data == "yes"
    name = current_user.public_name.removesuffix(".")  # a shortened name brings a full stop of its own
    flash(_("Others see you as %(name)s.", name=name), "success")
    return redirect(url_for("portal.my"), 303)


@bp.get("/my/data.json")
@login_required
def data() -> Response:
    """Everything that is stored, as a file to take along."""
    response = jsonify(my_data(current_user))
    response.headers["Content-Disposition"] = 'attachment; filename="saty-my-data.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/my/deletion")
@login_required
def deletion() -> Response:
    """What happens when one leaves."""
    return render("account/deletion.html", form=DeletionForm(), hindrance=hindrance(current_user), active="my")


@bp.post("/my/deletion")
@login_required
@limiter.limit("10 per hour", key_func=lambda: f"deletion:{current_user.get_id()}")
def leave() -> Response:
    """Delete the account, with the password."""
    form, key = DeletionForm(), current_user.id
    with reading():
        stored = current_user.password_hash if form.validate() else None
    if not form.errors and not is_password(stored, form.password.data or ""):
        form.password.errors = [_("This is not your password.")]
    person = locked(User, key)
    if form.errors or person is None:
        why = hindrance(db.session.get_one(User, key))
        return render("account/deletion.html", status=422, form=form, hindrance=why, active="my")
    forget_person(person, now())
    forget()
    flash(_("Your account is deleted. Your votes stay counted, without your name."), "success")
    return redirect(url_for("portal.index"), 303)


@bp.get("/my/devices")
@login_required
def devices() -> Response:
    """Where one is signed in."""
    rows, this = sign_ins.open_sign_ins(person(), now()), here()
    return render("account/devices.html", rows=rows, this=this, active="my")


@bp.post("/my/devices/<int:key>/ending")
@login_required
@limiter.limit("60 per hour", key_func=lambda: f"devices:{current_user.get_id()}")
def end_device(key: int) -> Response:
    """Sign out one of them."""
    this = here()
    if this is not None and key == this.id:
        leave_here()
        flash(_("You have signed out."), "success")
        return redirect(url_for("portal.index"), 303)
    if key <= LARGEST_KEY and sign_ins.end(person(), key, now()):
        flash(_("That device is signed out."), "success")
    else:
        flash(_("That device was signed out already."), "info")
    return redirect(url_for("account.devices"), 303)


@bp.post("/my/devices/ending")
@login_required
@limiter.limit("60 per hour", key_func=lambda: f"devices:{current_user.get_id()}")
def end_other_devices() -> Response:
    """Sign out all but this one."""
    sign_ins.end_all(current_user.id, now(), but=here())
    renew(at_once=True)
    flash(_("All other devices are signed out."), "success")
    return redirect(url_for("account.devices"), 303)
