"""The team: who has how much, who reads what, which departments there are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import refusal, require
from webapp.desk import screen
from webapp.desk.forms import DepartmentForm, SettingForm
from webapp.desk.workload import board
from webapp.kernel.clock import now
from webapp.kernel.database import by_key, db
from webapp.kernel.errors import DomainError
from webapp.kernel.htmx import render
from webapp.kernel.i18n import LANGUAGES, localized
from webapp.kernel.i18n import gettext as _
from webapp.moderation.undoing import day_of, decided_since
from webapp.teamwork.models import Department
from webapp.teamwork.services import (
    change_setting,
    departments,
    open_department,
    retire_department,
    setting_of,
)
from webapp.territories.models import Territory
from webapp.territories.services import by_kato

bp = Blueprint("desk_team", __name__)


def _places(moment: Any) -> list[Territory]:
    places = {
        grant.territory_id: grant.territory
        for grant in current_user.grants
        if grant.holds(moment) and grant.role in (Role.MODERATOR, Role.OFFICER)
    }
    return list(places.values())


def _page(status: int = 200, **filled: Any) -> Response:
    moment = now()
    require(current_user, Permission.SEE_DESK, None, moment)
    places = _places(moment)
    rooms = departments([place.id for place in places])
    setting = setting_of(current_user.id)
    mine = filled.get("setting_form") or SettingForm(
        formdata=None,
        languages=setting.languages.split(),
        department=str(setting.department_id or ""),
        away_until=setting.away_until,
    )
    mine.languages.choices = list(LANGUAGES.items())
    mine.department.choices = {"": _("None"), **{str(room.id): localized(room) for room in rooms}}
    managed = [p for p in places if refusal(current_user, Permission.MANAGE_DEPARTMENTS, p, moment) is None]
    new = filled.get("department_form") or DepartmentForm(formdata=None)
    new.territory.choices = {place.kato: localized(place) for place in managed}
    return render(
        "desk/team.html",
        status=status,
        boards=[(localized(place), board(place, moment)) for place in places],
        day=day_of(decided_since(current_user, screen.start_of_day(moment))),
        setting_form=mine,
        department_form=new if managed else None,
        departments=rooms,
        managed={place.id for place in managed},
        active="desk",
    )


@bp.get("/desk/team")
@login_required
def index() -> Response:
    """Who has how much, the end of the day, and how one works oneself."""
    return _page()


@bp.post("/desk/setting")
@login_required
def change() -> Response:
    """Say how one works."""
    require(current_user, Permission.SEE_DESK, None, now())
    form = SettingForm()
    form.languages.choices, form.department.choices = [], {}
    if not form.validate():
        return _page(422, setting_form=form)
    rooms = {str(room.id): room.id for room in departments([place.id for place in _places(now())])}
    try:
        change_setting(
            current_user,
            languages=form.languages.data or [],
            department_id=rooms.get(form.department.data or ""),
            away_until=form.away_until.data,
        )
    except DomainError as error:
        form.refuse(error)
        return _page(422, setting_form=form)
    flash(_("Saved."), "success")
    return redirect(url_for("desk_team.index"), 303)


@bp.post("/desk/departments")
@login_required
def create() -> Response:
    """Open a department."""
    require(current_user, Permission.SEE_DESK, None, now())
    form = DepartmentForm()
    place = by_kato((form.territory.data or "")[:9])
    if place is None:
        abort(404)
    require(current_user, Permission.MANAGE_DEPARTMENTS, place, now())
    form.territory.choices = {}
    if not form.validate():
        return _page(422, department_form=form)
    open_department(current_user, place, {code: form[f"name_{code}"].data for code in LANGUAGES}, now())
    flash(_("The department is open: proposals can be forwarded to it."), "success")
    return redirect(url_for("desk_team.index"), 303)


@bp.post("/desk/departments/<key:key>/closing")
@login_required
def close(key: int) -> Response:
    """Close a department."""
    room = by_key(Department, key)
    if room is None:
        abort(404)
    retire_department(current_user, room, db.session.get_one(Territory, room.territory_id), now())
    flash(_("The department is closed. Its proposals stay with the body."), "success")
    return redirect(url_for("desk_team.index"), 303)
