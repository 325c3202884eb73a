"""The decisions of `DECISIONS`, a page each, and joining; and the author's appeal against a rejection or a refusal."""

from __future__ import annotations

from functools import partial, update_wrapper
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import refusal, require
from webapp.kernel.clock import now
from webapp.kernel.errors import Invalid
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import ngettext
from webapp.merging.services import lock_in_order, undo_term
from webapp.moderation import page, services
from webapp.moderation.decisions import DECISIONS, FILLED_IN, Decision, Page
from webapp.moderation.forms import DecisionForm
from webapp.moderation.reasons import reasons
from webapp.moderation.rules import Kind
from webapp.moderation.undoing import Overtaken, ensure_unchanged, version_of
from webapp.proposals.due import present
from webapp.proposals.forms import NoteForm
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage

bp = Blueprint("moderation", __name__)
FRAGMENTS = {"decide": ("decide",)}


def _proposal(key: int, lock: bool = False) -> Proposal:
    found = present(key, now(), lock)
    if found is None:
        abort(404)
    require(current_user, Permission.TRIAGE, found, now())
    return found


def _show(decision: Decision, its: Page, proposal: Proposal, form: DecisionForm, status: int = 200) -> Response:
    form.offer(proposal, now())
    context = page.context(decision, its, proposal, form, now())
    return render("moderation/decide.html", FRAGMENTS, status, **context, active="desk")


@login_required
def show(decision: Decision, its: Page, key: int) -> Response:
    """The page of a decision, before anything is sent."""
    proposal = _proposal(key)
    if proposal.stage != Stage.SUBMITTED:
        return redirect(url_for("portal.proposal", key=key), 303)
    form = its.form(formdata=None, sphere=proposal.sphere)
    form.seen.data, form.back.data = str(version_of(key)), page.clean_back(request.query_string.decode("latin-1"))
    page.use_template(form, its, proposal, request.args.get("template", ""), now())
    return _show(decision, its, proposal, form)


@login_required
def decide(decision: Decision, its: Page, key: int) -> Response:
    """Carry a decision out, or show it again: with what is wrong, or beside a colleague's.

    What was decided, and the way back, stands in one line of the desk; nothing says it a second time.
    """
    proposal, form = _proposal(key, lock=True), its.form()
    form.offer(proposal, now())
    if not form.validate():
        form.refuse_too(lambda: its.carry_out(current_user, proposal, form, now()))
        return _show(decision, its, proposal, form, 422)
    try:
        ensure_unchanged(proposal, form.version)
        its.carry_out(current_user, proposal, form, now())
    except Overtaken as error:
        return _conflict(decision, its, proposal, form, error)
    except Invalid as error:
        form.refuse(error)
        return _show(decision, its, proposal, form, 422)
    query = urlencode([("after", str(key)), *parse_qsl(page.clean_back(form.back.data))])
    return redirect(url_for("desk.following") + "?" + query, 303)


def _conflict(decision: Decision, its: Page, proposal: Proposal, form: DecisionForm, error: Overtaken) -> Response:
    """Two decided at once: both decisions side by side, nothing that was typed is lost."""
    form.seen.data = str(version_of(proposal.id))
    theirs = error.theirs
    return render(
        "moderation/conflict.html",
        status=409,
        message=error.message,
        theirs=theirs,
        theirs_done=str(DECISIONS[Kind(theirs.kind)].done) if theirs else "",
        theirs_reason=reasons(theirs.at)[theirs.reason].label if theirs and theirs.reason else "",
        mine=page.in_words(decision, form, now()),
        still_open=proposal.stage == Stage.SUBMITTED,
        **page.context(decision, its, proposal, form, now()),
        active="desk",
    )


#: Each decision that is filled in has an address: GET shows its page, POST carries it out.
for _decision, _its in FILLED_IN.values():
    _address = f"/desk/<key:key>/{_decision.path}"
    bp.add_url_rule(_address, f"{_its.endpoint}_form", update_wrapper(partial(show, _decision, _its), show))
    bp.add_url_rule(_address, _its.endpoint, update_wrapper(partial(decide, _decision, _its), decide), methods=["POST"])


@bp.post("/desk/<key:key>/merger/<key:into>")
@login_required
def merge(key: int, into: int) -> Response:
    """Join it to another one, after the check; then the next in the list, or the page of the one that stays."""
    both = lock_in_order({key, into})
    if key not in both or into not in both:
        abort(404)
    decision = services.merge(current_user, both[key], both[into], now())
    if decision is None:
        term = undo_term(both[into], now())
        told = _("Joined. Everybody concerned is told.")
        undone = ngettext("It can be undone for %(num)d day.", "It can be undone for %(num)d days.", term)
        flash(f"{told} {undone}", "success")
    return redirect(url_for("desk.following", after=key) if decision else url_for("portal.proposal", key=into), 303)


@bp.get("/proposals/<key:key>/appeal")
@login_required
def appeal_form(key: int) -> Response:
    """Why it should be looked at again."""
    proposal = _own(key)
    return _appeal_page(proposal, NoteForm(formdata=None))


def _appeal_page(proposal: Proposal, form: NoteForm, status: int = 200) -> Response:
    """The form, with the words that fit: up, to a colleague at the top, or to nobody at the moment."""
    is_rejected = proposal.stage == Stage.REJECTED
    seat = services.who_looks_again(proposal, now()) if is_rejected else None
    nobody = services.nobody_looks_again() if is_rejected and seat is None else ""
    stays = seat is not None and seat.id == proposal.seat_id
    return render(
        "proposals/appeal.html", status=status, proposal=proposal, form=form, nobody=nobody, stays=stays, active="my"
    )


@bp.post("/proposals/<key:key>/appeal")
@login_required
def appeal(key: int) -> Response:
    """Appeal against a rejection or a refusal: the next rung looks at it."""
    from webapp.answering.services import appeal_decline

    present(key, now(), lock=True)
    proposal, form = _own(key), NoteForm()
    if not form.validate():
        return _appeal_page(proposal, form, 422)
    act = services.appeal_rejection if proposal.stage == Stage.REJECTED else appeal_decline
    act(current_user, proposal, form.note.data, now())
    flash(_("Your appeal is sent. Somebody else looks at it."), "success")
    return redirect(url_for("portal.proposal", key=key), 303)


def _own(key: int) -> Proposal:
    proposal = present(key, now())
    if proposal is None or refusal(current_user, Permission.SEE_PROPOSAL, proposal, now()) is not None:
        abort(404)
    require(current_user, Permission.APPEAL, proposal, now())
    return proposal
