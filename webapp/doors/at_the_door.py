"""What answers where a sign-in is missing or over, and where a form is too old: the door, with what was typed kept."""

from __future__ import annotations

from flask import Flask, Response, flash, redirect, request, url_for
from flask_login import current_user

from webapp.doors.entrance import door_with_form, form_of_another
from webapp.doors.typing import restored, typed_form, typed_here
from webapp.kernel.database import SAFE_METHODS
from webapp.kernel.errors import ON_SIGN_IN_OVER, problem
from webapp.kernel.forms import ON_FRESH
from webapp.kernel.htmx import wants_fragment
from webapp.kernel.i18n import gettext as _
from webapp.kernel.security import CSRFError
from webapp.kernel.typed import begun_as, is_own_form
from webapp.people.presence import init_presence


def _to_the_door() -> Response:
    """To the door; a form that was sent by somebody whose sign-in is over waits there and is offered again."""
    if request.method in SAFE_METHODS:
        flash(_("Sign in to go on. What you have saved is kept."), "info")
        return redirect(url_for("doors.sign_in", next=request.full_path.rstrip("?")), 303)
    if wants_fragment():
        return problem(401, way_out=("/sign-in", _("Sign in")))
    return door_with_form()


def _stale_form(_error: CSRFError) -> Response:
    """A form from before a sign-out, another tab or a restart: nothing is done, nothing typed is lost."""
    title = _("The form has to be sent again")
    if not is_own_form():
        return problem(400, _("This form did not come from this site, so nothing was done."), title)
    whose = begun_as()
    if whose is not None and current_user.is_authenticated and whose != current_user.id:
        return form_of_another()
    message = _(
        "The page had been open for too long, so the form was not accepted. What you typed is kept: send it again."
    )
    return problem(400, message, title, may_resend=True)


def init_doors(app: Flask) -> None:
    """Attach who is signed in, and what answers where nobody is."""
    init_presence(app).unauthorized_handler(_to_the_door)
    app.register_error_handler(CSRFError, _stale_form)
    ON_SIGN_IN_OVER[:] = [door_with_form]
    ON_FRESH[:] = [typed_here]
    app.jinja_env.globals.update(typed_form=typed_form, typed_before=restored)
