"""Writing a direction, a programme or a measure step by step, publishing it, ending it, taking in a table of them."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.predicates import Reason
from webapp.access.rules import Role
from webapp.access.services import granted_territories, require, sentence
from webapp.cascade import page, wizard
from webapp.cascade.addresses import LEVELS, PLURAL, subject_of
from webapp.cascade.exchange import COLUMNS, take_in
from webapp.cascade.forms import ImportForm, ReasonForm, WordsForm
from webapp.cascade.words import PLURALS, step, url_of
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.errors import Invalid, NotAllowed
from webapp.kernel.forms import file_of
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized, ngettext
from webapp.kernel.once import once, sent_before
from webapp.kernel.text import whole_number
from webapp.people.presence import person
from webapp.strategies import services
from webapp.strategies.models import Programme
from webapp.strategies.reading import found
from webapp.strategies.rules import Level
from webapp.strategies.versions import Subject, indicators_of, level_of
from webapp.strategies.wording import fault_sentence
from webapp.territories.models import Territory
from webapp.territories.services import by_kato

bp = Blueprint("cascade_edit", __name__)


def _own(plural: str, key: int, lock: bool = False) -> Subject:
    subject = subject_of(plural, key, lock)
    require(current_user, Permission.EDIT_STRATEGY, subject, now())
    return subject


def _parent_of(level: Level, raw: str | None) -> Any:
    """What a new one belongs to: a direction for a programme, a programme for a measure; nothing unpublished."""
    number = whole_number(raw)
    if level is Level.DIRECTION or number is None:
        return None
    parent = found(Level.DIRECTION if level is Level.PROGRAMME else Level.PROGRAMME, number)
    return parent if parent is not None and parent.is_public else None


def _places(places: list[Territory]) -> dict[str, str]:
    """Territories to choose from; whoever has none is refused."""
    if not places:
        raise NotAllowed(sentence(Reason.NOT_OFFICER_OF_PLACE))
    require(current_user, Permission.EDIT_STRATEGY, services.Wanted(places[0].id), now())
    return {place.kato: localized(place) for place in places}


def _chosen(raw: str | None) -> Territory | None:
    """The territory that a form names; whoever may not write there is refused."""
    place = by_kato((raw or "")[:9])
    require(current_user, Permission.EDIT_STRATEGY, services.Wanted(place.id if place else 0), now())
    return place


def _new_page(level: Level, form: WordsForm, parent: Any, status: int = 200) -> Response:
    places = services.homes(current_user, level, now())
    inside = [place for place in places if not isinstance(parent, Programme) or parent.territory.contains(place)]
    form.territory.choices = _places(inside)
    wizard.filled(form, "words", level)
    for name in ("note_kk", "note_ru"):
        if name in form:
            del form[name]
    labels = wizard.step_labels()
    return render(
        "cascade/new.html",
        status=status,
        form=form,
        level=level.value,
        parent=step(parent) if parent else None,
        steps=[labels[name] for name in (*wizard.STEPS[level], "publication")],
        active="strategy",
    )


def _begun_from(level: Level, parent: Any) -> WordsForm:
    """The form of a new one: a region begins with the words of the direction, and makes them its own."""
    form = WordsForm(formdata=None)
    if level is Level.PROGRAMME and parent is not None:
        form = WordsForm(formdata=None, obj=parent)
        form.territory.data, form.title_en.data = None, ""
    elif level is Level.MEASURE and parent is not None:
        form.sphere.data = parent.sphere
    if parent is not None:
        form["direction" if level is Level.PROGRAMME else "programme"].data = str(parent.id)
    return form


@bp.get(f"/{PLURAL}/new")
@login_required
def new(plural: str) -> Response:
    """The first step of something new."""
    level = PLURALS[plural]
    parent = _parent_of(level, request.args.get("direction") or request.args.get("programme"))
    if level is Level.PROGRAMME and parent is None:
        return redirect("/strategy", 303)
    return _new_page(level, _begun_from(level, parent), parent)


def _begun_by_this_form(plural: str) -> int | None:
    """The number of the draft that this very form has made, where it is one still and at home in the same place."""
    made = re.match(rf"/{plural}/(\d{{1,9}})/edit/", sent_before())
    subject = subject_of(plural, int(made[1])) if made else None
    place = by_kato(request.form.get("territory", "")[:9])
    at_home = subject is not None and place is not None and subject.territory_id == place.id
    return subject.id if subject is not None and at_home and not subject.is_public else None


@bp.post(f"/{PLURAL}/new")
@login_required
@once
def create(plural: str) -> Response:
    """Keep the draft, and go to the next step. Back to this step and on again goes on with the same draft."""
    begun = _begun_by_this_form(plural)
    if begun is not None:
        return update(plural, begun, "words")  # type: ignore[no-any-return]
    level, form = PLURALS[plural], WordsForm()
    parent = _parent_of(level, form.direction.data or form.programme.data)
    place = _chosen(form.territory.data)
    wizard.filled(form, "words", level)
    if form.validate():
        try:
            subject = services.begin(person(), level, place, wizard.content(form), now(), parent=parent)
        except Invalid as error:
            form.refuse(error)
        else:
            return redirect(f"{url_of(subject)}/edit/{wizard.after(level, 'words')}", 303)
    else:
        form.refuse_too(lambda: services.begin(person(), level, place, wizard.content(form), now(), parent=parent))
    return _new_page(level, form, parent, 422)


def _edit_page(subject: Subject, form: Any, name: str, status: int = 200) -> Response:
    level, labels = level_of(subject), wizard.step_labels()
    parent = getattr(subject, "direction", None) or getattr(subject, "programme", None)
    return render(
        f"cascade/{name}.html",
        status=status,
        **page.frame(current_user, subject, now()),
        form=form,
        step_name=name,
        number=wizard.STEPS[level].index(name) + 1,
        count=len(wizard.STEPS[level]) + 1,
        step_label=labels[name],
        steps=[(one, labels[one]) for one in wizard.STEPS[level]],
        original=parent,
    )


@bp.get(f"/{LEVELS}/edit/<step_name>")
@login_required
def edit(plural: str, key: int, step_name: str) -> Response:
    """A step, with what stands there."""
    subject = _own(plural, key)
    if step_name not in wizard.STEPS[level_of(subject)]:
        abort(404)
    return _edit_page(subject, wizard.form_for(subject, step_name, level_of(subject), sent=False), step_name)


@bp.post(f"/{LEVELS}/edit/<step_name>")
@login_required
def update(plural: str, key: int, step_name: str) -> Response:
    """Keep a step; a draft goes on to the next, what is published has a new version."""
    subject = _own(plural, key, lock=True)
    level = level_of(subject)
    if step_name not in wizard.STEPS[level]:
        abort(404)
    form = wizard.form_for(subject, step_name, level, sent=True)
    if form.validate():
        try:
            changed = wizard.keep(person(), subject, form, step_name, now())
        except Invalid as error:
            db.session.expire_all()
            form.refuse(error)
        else:
            return _kept(subject, level, step_name, changed)
    else:
        form.refuse_too(lambda: wizard.keep(person(), subject, form, step_name, now()))
    return _edit_page(subject, form, step_name, 422)


def _kept(subject: Subject, level: Level, step_name: str, changed: bool) -> Response:
    if not subject.is_public:
        following = wizard.after(level, step_name)
        return redirect(url_of(subject) + (f"/edit/{following}" if following != "publication" else "/publication"), 303)
    flash(_("The new version is in force, and public.") if changed else _("Nothing has changed."), "success")
    return redirect(url_of(subject), 303)


def _publication_page(subject: Subject, status: int = 200, fault: str = "") -> Response:
    level = level_of(subject)
    return render(
        "cascade/publication.html",
        status=status,
        **page.frame(current_user, subject, now()),
        faults=[fault_sentence(one) for one in services.hindrances(subject, now())],
        fault=fault,
        indicators=indicators_of(subject),
        steps=[(one, wizard.step_labels()[one]) for one in wizard.STEPS[level]],
        count=len(wizard.STEPS[level]) + 1,
    )


@bp.get(f"/{LEVELS}/publication")
@login_required
def check(plural: str, key: int) -> Response:
    """Everything once more before it is public."""
    subject = _own(plural, key)
    return redirect(url_of(subject), 303) if subject.is_public else _publication_page(subject)


@bp.post(f"/{LEVELS}/publication")
@login_required
def publish(plural: str, key: int) -> Response:
    """Put it in force."""
    subject = _own(plural, key, lock=True)
    try:
        services.publish(person(), subject, now())
    except Invalid as error:
        return _publication_page(subject, 422, error.message)
    flash(_("It is in force, and everybody can read it."), "success")
    return redirect(url_of(subject), 303)


@bp.post(f"/{LEVELS}/removal")
@login_required
def throw_away(plural: str, key: int) -> Response:
    """A draft that nobody needs."""
    services.throw_away(person(), _own(plural, key, lock=True), now())
    flash(_("The draft is deleted."), "success")
    return redirect("/strategy", 303)


def _ending_page(subject: Subject, form: ReasonForm, status: int = 200) -> Response:
    return render("cascade/ending.html", status=status, **page.frame(current_user, subject, now()), form=form)


@bp.get(f"/{LEVELS}/ending")
@login_required
def ending(plural: str, key: int) -> Response:
    """Why it ends."""
    return _ending_page(_own(plural, key), ReasonForm(formdata=None))


@bp.post(f"/{LEVELS}/ending")
@login_required
def end(plural: str, key: int) -> Response:
    """It is in force no longer."""
    subject, form = _own(plural, key, lock=True), ReasonForm()
    if form.validate():
        try:
            services.end(person(), subject, form.reason_kk.data, form.reason_ru.data, now())
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("It has ended. Its page stays, with the reason."), "success")
            return redirect(url_of(subject), 303)
    return _ending_page(subject, form, 422)


def _import_page(form: ImportForm, bad: Any = (), status: int = 200) -> Response:
    form.territory.choices = _places(granted_territories(current_user, Role.OFFICER, now()))
    return render("cascade/import.html", status=status, form=form, bad=bad, columns=COLUMNS, active="strategy")


@bp.get("/strategy/import")
@login_required
def import_form() -> Response:
    """A file with drafts."""
    return _import_page(ImportForm(formdata=None))


@bp.post("/strategy/import")
@login_required
def take() -> Response:
    """Take the drafts in: all of them, or none with the lines that are wrong."""
    form = ImportForm()
    place = _chosen(form.territory.data)
    chosen = file_of(form.file)
    if not form.validate() or chosen is None:
        return _import_page(form, status=422)
    raw = chosen.read()
    count, bad = take_in(person(), place, raw, now())
    if bad:  # a page that refuses leaves nothing behind: what fitted goes with the rest
        return _import_page(form, bad[:50], 422)
    flash(ngettext("%(num)d draft was imported.", "%(num)d drafts were imported.", count), "success")
    return redirect("/strategy", 303)
