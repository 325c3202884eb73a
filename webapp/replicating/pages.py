"""Doing a measure in another city, its lessons, its lineage, and the network of cities."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.predicates import Reason
from webapp.access.services import refusal, require, sentence
from webapp.kernel.clock import now
from webapp.kernel.errors import Invalid, NotAllowed
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.loading import load
from webapp.kernel.text import whole_number
from webapp.people.presence import person
from webapp.replicating import services
from webapp.replicating.forms import CopyForm, LessonsForm
from webapp.replicating.rules import Node, learned
from webapp.strategies.models import Measure, Programme
from webapp.strategies.reading import found, programmes_at
from webapp.strategies.rules import Level
from webapp.strategies.services import Wanted, homes
from webapp.strategies.wording import said
from webapp.territories.models import Territory
from webapp.territories.services import by_kato

bp = Blueprint("replicating", __name__)


def _measure(key: int, lock: bool = False) -> Measure:
    measure = load(Measure, key, lock)
    if refusal(current_user, Permission.SEE_STRATEGY, measure, now()) is not None:
        abort(404)
    return measure


def _places(measure: Measure) -> list[Territory]:
    """Cities of the actor that do not do it already; whoever has none is refused."""
    fitting = [one for one in homes(current_user, Level.MEASURE, now()) if one.id != measure.territory_id]
    if not fitting:
        raise NotAllowed(sentence(Reason.NOT_OFFICER_OF_PLACE))
    require(current_user, Permission.EDIT_STRATEGY, Wanted(fitting[0].id), now())
    return fitting


def _copy_page(measure: Measure, form: CopyForm, status: int = 200) -> Response:
    places = _places(measure)
    form.territory.choices = {place.kato: localized(place) for place in places}
    above = {one.id: one for place in places for one in programmes_at(place)}
    form.programme.choices = {"": _("No programme"), **{str(key): said(one).text for key, one in above.items()}}
    return render("replicating/copy.html", status=status, measure=measure, form=form, said=said, active="strategy")


@bp.get("/measures/<key:key>/replication")
@login_required
def new(key: int) -> Response:
    """The words of the other city, with its lessons beside them."""
    measure = _measure(key)
    form = CopyForm(formdata=None, obj=measure)
    for name in ("territory", "programme", "starts_on", "ends_on"):
        form[name].data = None
    form.owner_kk.data = form.owner_ru.data = ""
    return _copy_page(measure, form)


@bp.post("/measures/<key:key>/replication")
@login_required
def create(key: int) -> Response:
    """A draft of one's own city."""
    measure, form = _measure(key), CopyForm()
    place = by_kato((form.territory.data or "")[:9])
    require(current_user, Permission.EDIT_STRATEGY, Wanted(place.id if place else 0), now())
    if form.validate() and place is not None:
        try:
            copy = services.replicate(person(), measure, place, _content(form, measure), now(), _programme(form))
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("The draft is yours. Look at it, promise milestones, and publish it."), "success")
            return redirect(f"/measures/{copy.id}/publication", 303)
    return _copy_page(measure, form, 422)


def _content(form: CopyForm, measure: Measure) -> dict[str, Any]:
    names = ("title_kk", "title_ru", "text_kk", "text_ru", "owner_kk", "owner_ru", "starts_on", "ends_on")
    return {name: form[name].data for name in names} | {"sphere": measure.sphere}


def _programme(form: CopyForm) -> Programme | None:
    chosen: Any = found(Level.PROGRAMME, whole_number(form.programme.data) or 0) if form.programme.data else None
    if form.programme.data and chosen is None:
        raise Invalid(_("Choose a programme of the region of the city."), "programme")
    return chosen


def _lessons_page(measure: Measure, form: LessonsForm, status: int = 200) -> Response:
    return render("replicating/lessons.html", status=status, measure=measure, form=form, said=said, active="strategy")


@bp.get("/measures/<key:key>/lessons")
@login_required
def lessons(key: int) -> Response:
    """What the city has learned."""
    measure = _measure(key)
    require(current_user, Permission.EDIT_STRATEGY, measure, now())
    return _lessons_page(measure, LessonsForm(formdata=None, obj=measure))


@bp.post("/measures/<key:key>/lessons")
@login_required
def write_lessons(key: int) -> Response:
    """Write it down for those who come after."""
    measure, form = _measure(key, lock=True), LessonsForm()
    require(current_user, Permission.EDIT_STRATEGY, measure, now())
    if form.validate():
        try:
            services.write_lessons(person(), measure, form.lessons_kk.data, form.lessons_ru.data, now())
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("Everybody who does it after you reads this."), "success")
            return redirect(f"/measures/{key}", 303)
    return _lessons_page(measure, form, 422)


@bp.get("/measures/<key:key>/lineage")
def lineage(key: int) -> Response:
    """The tree from the first city outward, with results side by side."""
    measure = _measure(key)
    nodes, results = services.lineage(measure)
    rows = [_row(node, results[node.key], measure.id) for node in nodes]
    return render(
        "replicating/lineage.html", measure=measure, rows=rows, drawn=_drawn(nodes, rows), said=said, active="strategy"
    )


def _row(node: Node, result: services.Result, current: int) -> dict[str, Any]:
    return {
        "result": result,
        "title": said(result.measure),
        "place": localized(result.measure.territory),
        "depth": node.depth,
        "current": node.key == current,
    }


#: Pixels of the drawing: a step to the right for each copy of a copy, a line down for each city.
STEP, LINE = 150, 44


def _drawn(nodes: list[Node], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Where the dots, their names and the lines between them stand."""
    at = {node.key: (20 + node.depth * STEP, 24 + line * LINE) for line, node in enumerate(nodes)}
    lines = [(*at[node.parent], *at[node.key]) for node in nodes if node.parent in at]
    dots = [(*at[node.key], row["place"], row["current"]) for node, row in zip(nodes, rows, strict=True)]
    width = 20 + max((node.depth for node in nodes), default=0) * STEP + 220
    return {"lines": lines, "dots": dots, "width": width, "height": len(nodes) * LINE + 12}


@bp.get("/network")
def network() -> Response:
    """Who has learned what from whom."""
    pairs, results = services.network()
    teachers = learned((copy.territory_id, original.territory_id) for copy, original in pairs)
    taught: dict[int, set[int]] = {}
    for learner, found_teachers in teachers.items():
        for teacher in found_teachers:
            taught.setdefault(teacher, set()).add(learner)
    places = {one.territory_id: one.territory for pair in pairs for one in pair}
    cities = [
        {
            "place": localized(place),
            "kato": place.kato,
            "learned": len(teachers.get(key, ())),
            "taught": len(taught.get(key, ())),
        }
        for key, place in places.items()
    ]
    cities.sort(key=lambda city: (-city["taught"], city["place"]))
    return render(
        "replicating/network.html",
        pairs=[{"learner": results[copy.id], "teacher": results[original.id]} for copy, original in pairs],
        cities=cities,
        said=said,
        active="progress",
    )
