"""The list of staff; a role is given by a form and ended after a page that asks once more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_login import current_user, login_required

from webapp.access.models import Grant
from webapp.access.permissions import Permission
from webapp.access.services import (
    appoint,
    end_role,
    grants_below,
    places_to_give,
    refusal,
    require,
    roles_to_give,
)
from webapp.access.words import role_duties, role_labels
from webapp.kernel.clock import now
from webapp.kernel.confirmation import confirmed_lately
from webapp.kernel.errors import DomainError
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.loading import load
from webapp.people.rules import CONFIRMATION
from webapp.staffing.forms import GrantForm
from webapp.territories.models import Territory
from webapp.territories.services import by_kato

bp = Blueprint("staffing", __name__)
#: Rows of one page; the filter by territory narrows the rest.
SHOWN = 60


@bp.get("/staff")
@login_required
def index() -> Response:
    """Who has a role where this person may give roles, and the form for another one."""
    require(current_user, Permission.SEE_STAFF, None, now())
    place = by_kato(request.args.get("place", "")[:9])
    form = GrantForm(formdata=None, territory=place.kato if place else None)
    return _page(form, place)


def _page(form: GrantForm, place: Territory | None, status: int = 200) -> Response:
    moment, duties = now(), role_duties()
    places = _choices(places_to_give(current_user, moment))
    form.role.choices = [(role, duties[role]) for role in roles_to_give(current_user, moment)]
    form.territory.choices = {"": _("Choose a territory"), **places}
    grants, count = grants_below(current_user, place, moment, SHOWN)
    return render(
        "staffing/index.html",
        status=status,
        active="staff",
        form=form,
        place=place,
        places=places,
        rows=[_row(grant, moment) for grant in grants],
        more=count - len(grants),
    )


def _choices(places: list[Territory]) -> dict[str, dict[str, str]]:
    """Territories for a select: the nation and the regions, then the cities of each region."""
    names = {place.id: localized(place) for place in places}
    groups: dict[str, dict[str, str]] = {}
    for place in places:
        apart = place.rung != "city" or place.parent_id is None or place.parent_id not in names
        title = _("Higher rungs") if place.rung != "city" else _("Cities") if apart else names[place.parent_id]
        groups.setdefault(title, {})[place.kato] = names[place.id]
    return groups


def _row(grant: Grant, moment: datetime) -> dict[str, Any]:
    """A line about a role. The address is for those who may end it: colleagues of the same rung do not read it."""
    may_end = refusal(current_user, Permission.END_GRANT, grant, moment) is None
    return {
        "key": grant.id,
        "name": grant.user.public_name,
        "email": grant.user.email if may_end else "",
        "role": role_labels()[grant.role],
        "territory": grant.territory,
        "since": grant.valid_from,
        "until": grant.last_moment,
        "has_second_step": grant.user.second_step_at is not None,
        "may_end": may_end,
    }


@bp.post("/staff/grants")
@login_required
@confirmed_lately(CONFIRMATION)
def give() -> Response:
    """Give a role."""
    require(current_user, Permission.SEE_STAFF, None, now())
    form = GrantForm()
    place = by_kato((form.territory.data or "")[:9])
    if form.validate() and (place is None or not place.rung):
        form.territory.errors = [_("Choose a territory.")]
    if form.errors or place is None:
        return _page(form, None, 422)
    try:
        grant = appoint(current_user, form.email.data, form.role.data, place, form.until.data, now())
    except DomainError as error:
        form.refuse(error)
        return _page(form, place, error.status)
    flash(
        _("%(name)s has the role now. It is public on the page of the territory.", name=grant.user.public_name),
        "success",
    )
    return redirect(url_for("staffing.index", place=place.kato), 303)


@bp.get("/staff/<key:key>/ending")
@login_required
def ask_ending(key: int) -> Response:
    """What ending the role means, and the button."""
    grant = load(Grant, key)
    require(current_user, Permission.END_GRANT, grant, now())
    if not grant.holds(now()):
        flash(_("This role has ended already."), "info")
        return redirect(url_for("staffing.index"), 303)
    return render("staffing/ending.html", active="staff", row=_row(grant, now()))


@bp.post("/staff/<key:key>/ending")
@login_required
@confirmed_lately(CONFIRMATION)
def end(key: int) -> Response:
    """End the role now."""
    grant = load(Grant, key, lock=True)
    end_role(current_user, grant, now())
    flash(_("The role is ended. It is on record in public."), "success")
    return redirect(url_for("staffing.index", place=grant.territory.kato), 303)
