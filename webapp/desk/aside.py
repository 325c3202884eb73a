"""The small acts beside a decision: reading marks, notes, who has it, taking back, saved views, keys."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.desk import screen
from webapp.desk.batches import take_back
from webapp.desk.forms import AssignForm, NoteForm, ViewForm
from webapp.desk.item import open_item, page
from webapp.desk.rules import filters_behind
from webapp.kernel.clock import now
from webapp.kernel.database import by_key, db, locked
from webapp.kernel.errors import DomainError, Invalid
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import ngettext
from webapp.kernel.once import once
from webapp.kernel.text import whole_number
from webapp.moderation.models import TriageDecision
from webapp.moderation.undoing import undo
from webapp.people.models import User
from webapp.proposals.due import present
from webapp.proposals.models import Proposal
from webapp.teamwork.kept_views import keep_view, remove_view
from webapp.teamwork.models import Batch, DeskView
from webapp.teamwork.notes import write_note
from webapp.teamwork.reading import mark_reading, reader_of
from webapp.teamwork.services import assign, change_setting, setting_of, share_out

bp = Blueprint("desk_aside", __name__)


def _proposal(key: int) -> Proposal:
    proposal = present(key, now(), lock=True)
    if proposal is None:
        abort(404)
    require(current_user, Permission.WORK_ON, proposal, now())
    return proposal


def _item(key: int, back: str | None) -> str:
    query = filters_behind(back).query()
    return url_for("desk.show", key=key) + (f"?{query}" if query else "")


def _again(proposal: Proposal, back: str | None, **filled: object) -> Response:
    """The page of the item once more, with what was typed."""
    found = open_item(proposal.id)
    assert found is not None
    filters = filters_behind(back)
    context = page(current_user, found, filters, now())
    context["beside"] = screen.list_beside(current_user, filters, now())
    forms = screen.forms_of(current_user, context, **filled)
    return render("desk/show.html", {"item": ("item",)}, 422, **context, **forms, active="desk")


@bp.post("/desk/<key:key>/reading")
@login_required
def mark(key: int) -> Response:
    """Say that one reads it; with `take=over` although a colleague does."""
    moment, proposal = now(), _proposal(key)
    mark_reading(current_user, proposal, moment, request.form.get("take") == "over")
    if request.headers.get("HX-Request") == "true":
        reader = reader_of(proposal, current_user, moment)
        return render("desk/reading.html", {"reading": ("reading",)}, proposal=proposal, reader=reader, is_marked=True)
    return redirect(_item(key, request.form.get("back")), 303)


@bp.post("/desk/<key:key>/notes")
@login_required
@once
def note(key: int) -> Response:
    """Leave a note for colleagues."""
    proposal, form = _proposal(key), NoteForm()
    form.mention.choices = []
    if not form.validate():
        return _again(proposal, form.back.data, note_form=form)
    try:
        wanted = [number for raw in form.mention.data or [] if (number := whole_number(raw)) is not None]
        write_note(current_user, proposal, form.note.data, wanted, now())
    except Invalid as error:
        form.refuse(error)
        return _again(proposal, form.back.data, note_form=form)
    flash(_("The note is saved. Only staff of this desk read it."), "success")
    return redirect(_item(key, form.back.data), 303)


@bp.post("/desk/<key:key>/assignment")
@login_required
def give(key: int) -> Response:
    """Give it to a colleague, take it, or let the turn decide."""
    proposal, form = _proposal(key), AssignForm()
    form.assignee.choices = {}
    try:
        _give(proposal, form.assignee.data or "")
    except Invalid as error:
        form.refuse(error)
        return _again(proposal, form.back.data, assign_form=form)
    return redirect(_item(key, form.back.data), 303)


def _give(proposal: Proposal, choice: str) -> None:
    if choice == "turn":
        assign(current_user, proposal, None, now())
        if not share_out(current_user, [proposal], now()):
            raise Invalid(_("No colleague who reads this language is present here."), "assignee")
        return
    if choice in ("", "me"):
        assign(current_user, proposal, current_user if choice else None, now())
        return
    number = whole_number(choice)
    person = db.session.get(User, number) if number is not None else None
    if person is None:
        raise Invalid(_("Choose a colleague of the body that holds the proposal."), "assignee")
    assign(current_user, proposal, person, now())


@bp.post("/desk/decisions/<key:key>/undo")
@login_required
def take_decision_back(key: int) -> Response:
    """Take a decision back within a minute; the proposal opens again."""
    decision = by_key(TriageDecision, key)
    if decision is None:
        abort(404)
    proposal = undo(current_user, decision, now())
    flash(_("Taken back. Nobody was told."), "success")
    return redirect(_item(proposal.id, request.form.get("back")), 303)


@bp.post("/desk/batches/<token>/undo")
@login_required
def take_batch_back(token: str) -> Response:
    """Take back what was done to many."""
    batch = locked(Batch, token)
    if batch is None or batch.user_id != current_user.id:
        abort(404)
    done, left = take_back(current_user, batch, now())
    flash(ngettext("%(num)d taken back.", "%(num)d taken back.", done), "success" if done else "info")
    if left:
        flash(
            ngettext(
                "%(num)d had already moved on and was not changed.",
                "%(num)d had already moved on and were not changed.",
                left,
            ),
            "warning",
        )
    return redirect(url_for("desk.index"), 303)


@bp.post("/desk/views")
@login_required
def save_view() -> Response:
    """Keep the filter under a name."""
    require(current_user, Permission.SEE_DESK, None, now())
    form = ViewForm()
    filters = filters_behind(form.query.data)
    try:
        if not form.validate():
            raise Invalid(_("Give the filter a name of at most 60 characters."))
        keep_view(current_user, form.name.data, filters.query())
    except DomainError as error:
        flash(error.message, "warning")
    return redirect(filters.url, 303)


@bp.post("/desk/views/<key:key>/removal")
@login_required
def drop_view(key: int) -> Response:
    """Remove a saved view: the one whose name the page has shown. Once it is gone its number may be another one's."""
    view = by_key(DeskView, key)
    if view is not None and view.user_id != current_user.id:
        abort(404)
    if view is not None and request.form.get("name", view.name) == view.name:
        remove_view(current_user, view)
    return redirect(url_for("desk.index"), 303)


@bp.get("/desk/keys")
@login_required
def keys() -> Response:
    """Which key does what, and the switch."""
    require(current_user, Permission.SEE_DESK, None, now())
    return render("desk/keys.html", is_on=setting_of(current_user.id).keys, active="desk")


@bp.post("/desk/keys")
@login_required
def switch_keys() -> Response:
    """Keys on or off."""
    require(current_user, Permission.SEE_DESK, None, now())
    change_setting(current_user, keys=request.form.get("keys") == "on")
    return redirect(url_for("desk_aside.keys"), 303)
