"""The desk: what waits, by remaining term; a page per proposal with the decisions on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import granted_territories, refusal, require
from webapp.kernel.clock import now
from webapp.kernel.database import db, locked
from webapp.kernel.errors import DomainError
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.moderation import services
from webapp.moderation.forms import (
    ForwardForm,
    MergeForm,
    PublishForm,
    QuestionForm,
    RejectForm,
)
from webapp.moderation.reasons import reason_labels, reason_texts
from webapp.organisations.choices import kinds
from webapp.organisations.decisions import waiting
from webapp.photos.services import photo_of, shown
from webapp.proposals.choices import place_choices, spheres
from webapp.proposals.forms import NoteForm
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.proposals.similarity import similar_to
from webapp.rulebook.services import working_days_left
from webapp.territories.services import by_kato, lineage

bp = Blueprint("moderation", __name__)


@bp.get("/desk")
@login_required
def index() -> Response:
    """What waits for this person, by remaining term."""
    moment = now()
    require(current_user, Permission.SEE_DESK, None, moment)
    queues = [
        {
            "title": _("To be checked"),
            "url": "moderation.show",
            "rows": _rows(services.desk(current_user, Stage.SUBMITTED, "moderator", moment), moment),
        },
        {
            "title": _("Answers owed"),
            "url": "answering.edit",
            "rows": _rows(services.desk(current_user, Stage.REVIEW, "officer", moment), moment),
        },
        {
            "title": _("Being carried out"),
            "url": "portal.proposal",
            "rows": _rows(
                [
                    *services.desk(current_user, Stage.IMPLEMENTING, "officer", moment),
                    *services.desk(current_user, Stage.ACCEPTED, "officer", moment),
                ],
                moment,
            ),
        },
        {
            "title": _("Waiting for authors"),
            "url": "portal.proposal",
            "rows": _rows(services.desk(current_user, Stage.RETURNED, "moderator", moment), moment),
        },
    ]
    places = {t.id: t for role in ("moderator", "officer") for t in granted_territories(current_user, role, moment)}
    return render(
        "moderation/index.html",
        may_see_mail=refusal(current_user, Permission.SEE_DEAD_LETTERS, None, moment) is None,
        may_check=refusal(current_user, Permission.SEE_FRAUD_DESK, None, moment) is None,
        queues=queues,
        places=[localized(place) for place in places.values()],
        organisations=waiting(current_user, moment),
        kinds=kinds(),
        verifies_residents="desk" in current_app.config["VERIFICATION"]
        and refusal(current_user, Permission.SEE_RESIDENTS_DESK, None, moment) is None,
        active="desk",
    )


def _rows(proposals: Any, moment: Any) -> list[dict[str, Any]]:
    rows = []
    for proposal in proposals:
        left = working_days_left(proposal.due_at, moment)
        late = proposal.due_at <= moment or proposal.overdue_at is not None
        rows.append({"proposal": proposal, "left": left, "tone": "late" if late else "soon" if left <= 1 else "ok"})
    return rows


def _forms(proposal: Proposal) -> dict[str, Any]:
    forms: dict[str, Any] = {
        "publish": PublishForm(formdata=None, prefix="", sphere=proposal.sphere),
        "question": QuestionForm(formdata=None),
        "reject": RejectForm(formdata=None),
        "forward": ForwardForm(formdata=None),
        "merge": MergeForm(formdata=None),
    }
    return forms


def _choices(forms: dict[str, Any], proposal: Proposal) -> None:
    forms["publish"].sphere.choices = {"": _("Choose a sphere"), **spheres()}
    forms["reject"].reason.choices = reason_labels()
    up = {place.kato: localized(place) for place in lineage(proposal.seat)[1:] if place.rung}
    forms["forward"].target.choices = {"": _("Choose a body"), _("Higher rungs"): up, **place_choices()}


def _photo(proposal: Proposal) -> dict[str, Any] | None:
    photo = photo_of(proposal_id=proposal.id)
    return shown(photo, url_for("photo.show", name=photo.name)) if photo else None


def _page(proposal: Proposal, status: int = 200, **filled: Any) -> Response:
    forms = _forms(proposal) | filled
    _choices(forms, proposal)
    return render(
        "moderation/show.html",
        status=status,
        proposal=proposal,
        forms=forms,
        photo=_photo(proposal),
        reason_texts=reason_texts(),
        active="desk",
        similar=similar_to(f"{proposal.title}", proposal.origin_id, besides=proposal.id),
        left=working_days_left(proposal.due_at, now()) if proposal.due_at else 0,
        sphere_labels=spheres(),
        bad=next(iter(filled), ""),
    )


@bp.get("/desk/<int:key>")
@login_required
def show(key: int) -> Response:
    """One proposal and the five decisions."""
    proposal = db.session.get(Proposal, key) if key < 2**31 else None
    if proposal is None:
        abort(404)
    require(current_user, Permission.TRIAGE, proposal, now())
    if proposal.stage != Stage.SUBMITTED:
        return redirect(url_for("portal.proposal", key=key), 303)
    return _page(proposal)


def _decide(key: int, name: str, form: Any, act: Callable[[Proposal], None], done: str) -> Response:
    proposal = locked(Proposal, key) if key < 2**31 else None
    if proposal is None:
        abort(404)
    require(current_user, Permission.TRIAGE, proposal, now())
    _choices(_forms(proposal) | {name: form}, proposal)
    if not form.validate():
        return _page(proposal, 422, **{name: form})
    try:
        act(proposal)
    except DomainError as error:
        if error.status != 422:
            raise
        form.refuse(error)
        return _page(proposal, 422, **{name: form})
    flash(done, "success")
    return redirect(url_for("moderation.index"), 303)


@bp.post("/desk/<int:key>/publication")
@login_required
def publish(key: int) -> Response:
    """Publish."""
    form = PublishForm()
    return _decide(
        key,
        "publish",
        form,
        lambda p: services.publish(current_user, p, now(), form.sphere.data or ""),
        _("Published. The author is told."),
    )


@bp.post("/desk/<int:key>/question")
@login_required
def ask(key: int) -> Response:
    """Return with a question."""
    form = QuestionForm()
    return _decide(
        key,
        "question",
        form,
        lambda p: services.ask(current_user, p, form.question.data, now()),
        _("Returned with your question. The author is told."),
    )


@bp.post("/desk/<int:key>/rejection")
@login_required
def reject(key: int) -> Response:
    """Reject with a reason."""
    form = RejectForm()
    return _decide(
        key,
        "reject",
        form,
        lambda p: services.reject(current_user, p, form.reason.data, form.note.data, now()),
        _("Not published. The author is told why."),
    )


@bp.post("/desk/<int:key>/forwarding")
@login_required
def forward(key: int) -> Response:
    """Send it to the competent body."""
    form = ForwardForm()

    def act(proposal: Proposal) -> None:
        target = by_kato((form.target.data or "")[:9])
        services.forward(current_user, proposal, target or proposal.seat, now())

    return _decide(key, "forward", form, act, _("Forwarded. The author is told."))


@bp.post("/desk/<int:key>/merger")
@login_required
def merge(key: int) -> Response:
    """Join it to an earlier one."""
    form = MergeForm()

    def act(proposal: Proposal) -> None:
        digits = (form.into.data or "").strip()
        into = (
            db.session.get(Proposal, int(digits))
            if digits.isascii() and digits.isdigit() and len(digits) < 10
            else None
        )
        services.merge(current_user, proposal, into or proposal, now())

    return _decide(key, "merge", form, act, _("Joined. The author is told."))


@bp.get("/proposals/<int:key>/appeal")
@login_required
def appeal_form(key: int) -> Response:
    """Why it should be looked at again."""
    proposal = _own(key)
    return render("proposals/appeal.html", proposal=proposal, form=NoteForm(), active="my")


@bp.post("/proposals/<int:key>/appeal")
@login_required
def appeal(key: int) -> Response:
    """Appeal against a rejection or a refusal: the next rung looks at it."""
    from webapp.answering.services import appeal_decline

    locked(Proposal, key) if key < 2**31 else None
    proposal, form = _own(key), NoteForm()
    if not form.validate():
        return render("proposals/appeal.html", status=422, proposal=proposal, form=form, active="my")
    act = services.appeal_rejection if proposal.stage == Stage.REJECTED else appeal_decline
    act(current_user, proposal, form.note.data, now())
    flash(_("Your appeal is on its way to the next rung."), "success")
    return redirect(url_for("portal.proposal", key=key), 303)


def _own(key: int) -> Proposal:
    proposal = db.session.get(Proposal, key) if key < 2**31 else None
    if proposal is None or refusal(current_user, Permission.SEE_PROPOSAL, proposal, now()) is not None:
        abort(404)
    require(current_user, Permission.APPEAL, proposal, now())
    return proposal
