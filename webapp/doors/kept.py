"""Is this yours? Acts that were begun before the door are sent or thrown away here, never by themselves."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, session, url_for
from flask_login import current_user, login_required

from webapp.doors import services
from webapp.doors.entrance import go_on, wanted_page
from webapp.doors.offering import is_waiting, kept_page
from webapp.kernel.clock import now
from webapp.kernel.database import unit_of_work
from webapp.kernel.errors import DomainError
from webapp.kernel.htmx import wants_fragment
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import one_line
from webapp.kernel.typed import sent
from webapp.people import begun
from webapp.people.begun import VOTE, Begun
from webapp.people.presence import person
from webapp.people.waiting_forms import FIELD, forget_form, forms_of

bp = Blueprint("kept", __name__)
#: What the session remembers of a waiting form that was refused: where it goes, and its name.
TRIED = "kept_tried"


@bp.get("/kept")
@login_required
def index() -> Response:
    """All that waits for whoever is signed in here."""
    if not is_waiting(person(), now()):
        return redirect(_next(), 303)
    return kept_page(person(), _next())


def _next() -> str:
    target = wanted_page()
    return url_for("portal.my") if target == "/" or target.startswith("/kept") else target


def _act(name: str) -> Begun | None:
    return next((act for act in begun.offered(person().id, now()) if act.name == name), None)


@bp.post("/kept/<name>/sending")
@login_required
def take(name: str) -> Response:
    """It is mine: it is done in my name now."""
    act = _act(name)
    if act is None:  # a second click, another tab
        return redirect(url_for("kept.index", next=_next()), 303)
    begun.drop({name}, now())
    try:
        services.take(person(), act, now())
    except DomainError as error:
        flash(error.message, "warning")
        return redirect(url_for("kept.index", next=_next()), 303)
    if act.kind == VOTE and person().is_verified:
        flash(_("Your vote is counted.") if act.organisation is None else _("The vote is counted."), "success")
    return go_on(person(), act.back)


@bp.post("/kept/<name>/discarding")
@login_required
def discard(name: str) -> Response:
    """Not mine, or not wanted any more: it leaves this browser."""
    begun.drop({name}, now())
    flash(_("It is deleted."), "success")
    return redirect(url_for("kept.index", next=_next()), 303)


@bp.post("/kept/forms/<name>/discarding")
@login_required
def discard_form(name: str) -> Response:
    """A form that waits for this account is thrown away."""
    if forget_form(person().id, name):
        flash(_("It is deleted."), "success")
    return redirect(url_for("kept.index", next=_next()), 303)


@bp.after_app_request
def forget_what_was_sent(response: Response) -> Response:
    """A form that waited and was sent now, with success, waits no more; also where it was refused first, and corrected."""
    if request.method != "POST" or not (FIELD in sent() or TRIED in session) or request.endpoint == "typing.save":
        return response
    path, tried = session.get(TRIED, ("", ""))
    name = sent().get(FIELD, "")[:32] or (tried if path == request.path else "")
    if not name or not current_user.is_authenticated:
        return response
    if response.status_code == 307:  # it is on its way still: the browser sends it again to where it goes
        return response
    if response.status_code < 300 and not wants_fragment():  # a look at what would be sent
        return response
    if response.status_code >= 400:  # the page that comes back does not know that its form has waited
        session[TRIED] = [request.path, name]
        return response
    session.pop(TRIED, None)
    user_id = person().id
    if FIELD in sent() or _says_as_much(user_id, name):
        with unit_of_work():
            forget_form(user_id, name)
    return response


def _says_as_much(user_id: int, name: str) -> bool:
    """Whether the form of this request holds all words of one that waits: another one to the same place is no sending."""
    said = {one_line(value) for _field, value in sent().items(multi=True)}
    waiting = next((form for form in forms_of(user_id) if form.name == name), None)
    return waiting is not None and all(
        one_line(value) in said for _field, value in waiting.fields if len(value.split()) > 1
    )
