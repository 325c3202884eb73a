"""Before it is sent: the letter of a decision, word for word as its author would get it."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.answering import page as answering
from webapp.answering.forms import AnswerForm
from webapp.journal.models import Fact
from webapp.journal.services import last_fact
from webapp.kernel.clock import now
from webapp.kernel.database import db, rehearsal
from webapp.kernel.errors import Invalid
from webapp.kernel.htmx import render
from webapp.moderation import page
from webapp.moderation.decisions import FILLED_IN
from webapp.moderation.undoing import ensure_unchanged
from webapp.notifications.letters import Letter, letter_about
from webapp.notifications.rules import TOLD, Audience
from webapp.proposals.due import present
from webapp.proposals.models import Proposal

bp = Blueprint("desk_letters", __name__)


def _letter(fact: Fact | None, proposal: Proposal) -> Letter | None:
    """The letter of a fact to the author; None when there is nobody to write to any more."""
    is_sent = fact is not None and proposal.author is not None
    return letter_about(fact, proposal, proposal.author, Audience.AUTHOR) if is_sent else None


@bp.post("/desk/<key:key>/letter/<kind>")
@login_required
def show(key: int, kind: str) -> Response:
    """Carry the decision out, read its letter, and let it not have happened."""
    proposal = present(key, now(), lock=True)
    if proposal is None or kind not in FILLED_IN:
        abort(404)
    require(current_user, Permission.TRIAGE, proposal, now())
    decision, its = FILLED_IN[kind]
    form, letter, status = its.form(), None, 200
    form.offer(proposal, now())
    if not form.validate():
        status = 422
    else:
        try:
            ensure_unchanged(proposal, form.version)
            with rehearsal():
                done = its.carry_out(current_user, proposal, form, now())
                letter = _letter(db.session.get(Fact, done.fact_id), proposal)
        except Invalid as error:
            form.refuse(error)
            status = 422
    context = page.context(decision, its, proposal, form, now())
    return render(
        "moderation/decide.html", {"decide": ("decide",)}, status, **context | {"letter": letter}, active="desk"
    )


@bp.post("/desk/<key:key>/answer-letter")
@login_required
def show_answer(key: int) -> Response:
    """The same for the answer of a body."""
    proposal = present(key, now(), lock=True)
    if proposal is None:
        abort(404)
    require(current_user, Permission.ANSWER, proposal, now())
    form, letter, status = AnswerForm(), None, 200
    if not form.validate():
        status = 422
    else:
        try:
            with rehearsal():
                answering.carry_out(current_user, proposal, form, now())
                letter = _letter(last_fact(proposal.id, [verb for verb, told in TOLD.items() if told.author]), proposal)
        except Invalid as error:
            form.refuse(error)
            status = 422
    context = answering.context(proposal, form, now()) | {"letter": letter}
    return render("answering/edit.html", status=status, **context, active="desk")
