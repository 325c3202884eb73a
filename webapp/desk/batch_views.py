"""One act on many: look first, then do."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, request
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import require
from webapp.desk.batches import ACTS, Outcome, act_on_many, chosen
from webapp.desk.forms import BatchForm
from webapp.desk.rules import SAMPLES, filters_behind
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.errors import Invalid
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized, ngettext
from webapp.kernel.text import whole_number
from webapp.moderation.reasons import Reason, offered
from webapp.people.models import User
from webapp.proposals.choices import place_choices, spheres
from webapp.teamwork.services import colleagues_of
from webapp.territories.services import lineage

bp = Blueprint("desk_batches", __name__)


def _choices(form: BatchForm, rows: list[Any]) -> dict[str, Reason]:
    """What can be chosen; returns the reasons that are offered."""
    seats = {proposal.seat_id: proposal.seat for proposal, _seen in rows}
    people = [person for seat in seats for person in colleagues_of(seat, now(), (Role.MODERATOR,))]
    form.assignee.choices = {
        "": _("Whose turn it is, by language and department"),
        **{str(person.id): person.public_name for person in people},
    }
    form.sphere.choices = {"": _("Choose a sphere"), **spheres()}
    above = {place.kato: localized(place) for seat in seats.values() for place in lineage(seat)[1:] if place.rung}
    form.target.choices = {"": _("Choose a body"), _("Higher rungs"): above, **place_choices()}
    reasons = offered(now())
    form.reason.choices = {code: reason.label for code, reason in reasons.items()}
    return reasons


def _look(rows: list[Any], form: BatchForm, status: int = 200) -> Response:
    reasons = _choices(form, rows)
    return render(
        "desk/batch.html",
        status=status,
        rows=rows,
        samples=rows[:SAMPLES],
        form=form,
        act=form.act.data,
        texts={code: reason.passage for code, reason in reasons.items()},
        active="desk",
    )


@bp.get("/desk/many")
@login_required
def look() -> Response:
    """What is about to be done, to how many, with three of them to look at."""
    require(current_user, Permission.SEE_DESK, None, now())
    act = request.args.get("act", "")
    keys = [number for digits in request.args.getlist("key") if (number := whole_number(digits)) is not None]
    try:
        if act not in ACTS:
            raise Invalid(_("Choose what is to be done."))
        rows = chosen(current_user, sorted(set(keys)), now())
    except Invalid as error:
        flash(error.message, "warning")
        return _back(request.args.get("back"))
    form = BatchForm(formdata=None, act=act, back=request.args.get("back", ""), reason="advertising")
    return _look(rows, form)


@bp.post("/desk/many")
@login_required
def act() -> Response:
    """Do it."""
    require(current_user, Permission.SEE_DESK, None, now())
    form = BatchForm()
    if form.act.data not in ACTS:
        flash(_("Choose what is to be done."), "warning")
        return _back(form.back.data)
    seen = _seen(request.form.getlist("key"))
    rows = chosen(current_user, sorted(seen), now())
    _choices(form, rows)
    field = {"categorise": form.sphere, "forward": form.target, "reject": form.reason}.get(form.act.data)
    number = whole_number(form.assignee.data or "")
    try:
        outcome = act_on_many(
            current_user,
            form.act.data,
            seen,
            (field.data or "") if field is not None else "",
            now(),
            person=db.session.get(User, number) if number is not None else None,
        )
    except Invalid as error:
        form.refuse(error)
        return _look(rows, form, 422)
    return _say(outcome, form)


def _say(outcome: Outcome, form: BatchForm) -> Response:
    flash(ngettext("%(num)d proposal done.", "%(num)d proposals done.", outcome.done), "success")
    if outcome.left:
        names = ", ".join(proposal.number for proposal in outcome.left[:5])
        flash(_("Changed in the meantime and left alone: %(numbers)s.", numbers=names), "warning")
    return _back(form.back.data)


def _seen(values: list[str]) -> dict[int, int]:
    found = {}
    for value in values:
        key, _dot, fact = value.partition(".")
        number, seen = whole_number(key), whole_number(fact)
        if number is not None and seen is not None:
            found[number] = seen
    return found


def _back(back: str | None) -> Response:
    return redirect(filters_behind(back).url, 303)
