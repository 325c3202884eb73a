"""Verification in person: a member of staff types what the person before them reads out, and what stands on the card."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask_login import current_user, login_required
from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import granted_territories, require
from webapp.kernel.clock import now
from webapp.kernel.confirmation import confirmed_lately
from webapp.kernel.database import commit, db
from webapp.kernel.errors import DomainError, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.security import limiter
from webapp.people.person_keys import IIN, peppers
from webapp.people.rules import CONFIRMATION, plain_code
from webapp.territories.models import Territory
from webapp.territories.services import by_kato
from webapp.verification.attempts import attempt_by, ticket_of
from webapp.verification.forms import ClerkForm
from webapp.verification.pages import page, person, watch
from webapp.verification.providers import provider_of
from webapp.verification.providers.port import Provider
from webapp.verification.services import Done, OtherAccount, complete

bp = Blueprint("verification_desk", __name__)
watch(bp)


class Resident(NamedTuple):
    """Whom a member of staff is about to verify, for asking the table of permissions."""

    user_id: int
    home: Territory
    keys: list[str]


def _desk() -> Provider:
    provider = provider_of("desk")
    if provider is None:
        abort(404)
    require(current_user, Permission.SEE_RESIDENTS_DESK, None, now())
    return provider


def _page(form: ClerkForm, status: int = 200) -> Response:
    paths = [territory.path for territory in granted_territories(current_user, Role.MODERATOR, now())]
    below = db.or_(db.false(), *(Territory.path.startswith(path, autoescape=True) for path in paths))
    places = db.session.scalars(select(Territory).where(Territory.rung == "city", below).order_by(Territory.kato)).all()
    form.home.choices = [("", _("Choose a place")), *((place.kato, localized(place)) for place in places)]
    return page("clerk", status, form=form)


@bp.get("/desk/residents")
@login_required
def show() -> Response:
    """The form, empty."""
    _desk()
    return _page(ClerkForm(formdata=None))


@bp.post("/desk/residents")
@login_required
@confirmed_lately(CONFIRMATION)
@limiter.limit("30 per hour", key_func=lambda: f"residents-desk:{current_user.get_id()}")
def confirm() -> Response:
    """The person is verified, or has another home; they are told by mail."""
    provider, form = _desk(), ClerkForm()
    if form.validate():
        try:
            done = _verify(provider, form)
        except OtherAccount:
            commit()  # what was shown is kept until the person has chosen, on their own page
            form.form_errors.append(
                _("This person is verified on another account. Ask them to open “Confirm that you are a resident” again: there they decide which account they keep.")
            )  # fmt: skip
        except DomainError as error:
            if error.status == 403:
                raise
            form.refuse(error)
        else:
            flash(_told(done), "success")
            return redirect(url_for("verification_desk.show"), 303)
    return _page(form, 422)


def _told(done: Done) -> str:
    if done.is_new:
        return _("The person is verified and is told by mail.")
    if done.has_moved:
        return _("The new home is entered; the person is told by mail.")
    return _("The person was verified already, with the same home.")


def _verify(provider: Provider, form: ClerkForm) -> Done:
    moment = now()
    attempt = attempt_by(provider, plain_code(form.code.data), moment)
    if attempt is None or attempt.used_at is not None:
        raise Invalid(_("There is no such code, or its ten minutes are over. Ask the person for a new one."), "code")
    home = by_kato((form.home.data or "")[:9])
    if home is None:
        raise Invalid(_("Choose the place where the person lives."), "home")
    answer = {"iin": form.iin.data, "home": home.kato}
    identity = provider.prove(ticket_of(attempt), answer, moment)
    resident = Resident(attempt.user_id, home, peppers().keys(IIN, identity.iin))
    require(current_user, Permission.VERIFY_RESIDENT, resident, moment)
    return complete(attempt.user, identity, attempt.id, moment, actor=person())
