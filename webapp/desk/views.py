"""The desk: lists by remaining term, one proposal at a time, and what comes next."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import refusal, require
from webapp.desk import monday, queue, screen
from webapp.desk.forms import ViewForm
from webapp.desk.item import open_item, page
from webapp.desk.rules import Filters, Tab, filters_of
from webapp.desk.strategy import duties
from webapp.kernel.asking import Asked
from webapp.kernel.clock import now
from webapp.kernel.htmx import render, wants_fragment
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.text import whole_number
from webapp.moderation.choices import decided
from webapp.moderation.undoing import day_of, decided_since
from webapp.organisations.choices import kinds
from webapp.organisations.decisions import waiting
from webapp.proposals.choices import spheres
from webapp.proposals.rules import Stage
from webapp.teamwork.kept_views import kept_views
from webapp.teamwork.services import departments

bp = Blueprint("desk", __name__)
LIST = {"list": ("list",)}
ITEM = {"item": ("item",)}


@bp.get("/desk")
@login_required
def index() -> Response:
    """What waits for this person, by remaining term."""
    moment = now()
    require(current_user, Permission.SEE_DESK, None, moment)
    scope = queue.scope_of(current_user, moment)
    first = queue.tabs_for(scope)[0]
    filters = filters_of(request.args, first)
    _say_what_was_not_understood(filters)
    numbers = queue.counts(scope, queue.tabs_for(scope), moment)
    found = queue.waiting(scope, filters, moment, request.args.get("at", ""))
    return render(
        "desk/index.html",
        LIST,
        tabs=screen.tabs(scope, filters, numbers),
        stats=monday.numbers(scope, numbers, moment),
        done=found.rows if filters.tab is Tab.DONE else None,
        rows=[] if filters.tab is Tab.DONE else screen.rows_of(found.rows, filters, moment),
        next_url=_at(filters.query(), found.next),
        previous_url=_at(filters.query(), found.previous),
        filters=filters,
        narrowed=queue.number_of(scope, filters, moment)
        if filters.is_narrowed and filters.tab is not Tab.DONE
        else None,
        query=filters.query(),
        places=screen.places_of(scope, current_user, moment),
        spheres=spheres(),
        departments={row.id: localized(row) for row in departments(_own_places(moment))},
        views=kept_views(current_user),
        view_form=ViewForm(formdata=None, query=filters.query()),
        state=screen.state_of(current_user, moment),
        decided=decided(),
        day=day_of(decided_since(current_user, screen.start_of_day(moment))),
        moderates=bool(scope.moderated),
        strategy_owed=sum(duties(sorted(scope.answered), moment).values()),
        **_beside(moment, is_first=filters.tab is first),
        active="desk",
    )


def _say_what_was_not_understood(filters: Filters) -> None:
    asked = Asked()
    for name in ("tab", "place", "sphere", "dept", "lang", "who", "due"):
        asked.kept(name, str(getattr(filters, name)))
    asked.text("q")
    asked.mark(1 if filters.tab is Tab.DONE else 2, "at")
    asked.by_a_person()


def _at(query: str, mark: str | None) -> str:
    if mark is None:
        return ""
    return "/desk?" + "&".join(part for part in (query, urlencode({"at": mark})) if part)


def _own_places(moment: object) -> list[int]:
    return [grant.territory_id for grant in current_user.grants if grant.holds(moment)]


def _beside(moment: object, is_first: bool) -> dict[str, object]:
    """What else waits for some of staff; looked for on the first list only."""
    allows = {
        "may_check": Permission.SEE_FRAUD_DESK,
        "verifies_residents": Permission.SEE_RESIDENTS_DESK,
        "may_edit_reasons": Permission.EDIT_REASONS,
        "may_adopt": Permission.ADOPT,
        "may_see_mail": Permission.SEE_DEAD_LETTERS,
    }
    found: dict[str, object] = {
        name: refusal(current_user, permission, None, moment) is None for name, permission in allows.items()
    }
    found["verifies_residents"] = found["verifies_residents"] and "desk" in current_app.config["VERIFICATION"]
    found["organisations"] = waiting(current_user, moment) if is_first else []
    found["kinds"] = kinds()
    return found


@bp.get("/desk/<key:key>")
@login_required
def show(key: int) -> Response:
    """One proposal, what is known about it, and the decisions."""
    moment = now()
    found = open_item(key)
    if found is None:
        abort(404)
    require(current_user, Permission.WORK_ON, found.proposal, moment)
    if found.proposal.stage not in (Stage.SUBMITTED, Stage.RETURNED, Stage.REVIEW):
        return redirect(url_for("portal.proposal", key=key), 303)
    filters = filters_of(request.args)
    context = page(current_user, found, filters, moment)
    beside = [] if wants_fragment() else screen.list_beside(current_user, filters, moment)
    return render(
        "desk/show.html", ITEM, **context, beside=beside, **screen.forms_of(current_user, context), active="desk"
    )


@bp.get("/desk/next")
@login_required
def following() -> Response:
    """What comes after a proposal in the list one is working through; at the end of it the list itself."""
    moment = now()
    require(current_user, Permission.SEE_DESK, None, moment)
    filters = filters_of(request.args)
    key = whole_number(request.args.get("after")) or 0
    found = queue.next_after(queue.scope_of(current_user, moment), filters, key, moment)
    target = filters.url if found is None else screen.address_of(found, filters)
    if not target.startswith("/desk"):
        _say_what_was_decided(moment)  # that page has no line about it
    return redirect(target, 303)


def _say_what_was_decided(moment: datetime) -> None:
    kind = screen.state_of(current_user, moment).kind
    if kind is not None:
        flash(f"{decided()[kind]}. {_('The author is told when the minute is over.')}", "success")
