"""The desk of reports: groups with a date, the decision with its exact preview, and appeals against hidings."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.flagging import decisions, services, words
from webapp.flagging.decisions import Verdict
from webapp.flagging.forms import AppealDecisionForm, HideForm, StaysForm
from webapp.flagging.models import FlagReview, Hiding
from webapp.flagging.rules import extents, tone
from webapp.flagging.terms import settle_hiding, settle_review
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, DomainError
from webapp.kernel.htmx import render
from webapp.kernel.i18n import format_date, in_language
from webapp.kernel.i18n import gettext as _
from webapp.kernel.loading import load
from webapp.kernel.text import shortened
from webapp.photos.services import photo_of, shown
from webapp.proposals.due import present
from webapp.proposals.hiding import mark
from webapp.rulebook.services import due_after, rule_in_force, working_days_left

#: Bytes of what a moderator has written, in a mail: the same as in `notifications.rules`.
QUOTE_BYTES = 500
bp = Blueprint("flagging_desk", __name__)


@bp.get("/desk/flags")
@login_required
def index() -> Response:
    """Groups of reports, and appeals, by remaining term."""
    moment = now()
    require(current_user, Permission.SEE_DESK, None, moment)
    reviews = services.reviews_for(current_user, moment)
    keys = [review.id for review in reviews]
    return render(
        "flagging/index.html",
        rows=[(review, *_term(review.due_at, review.overdue_at)) for review in reviews],
        appeals=[(hiding, *_term(hiding.due_at)) for hiding in services.appeals_for(current_user, moment)],
        counts=services.counts_by_reason(keys),
        notes=services.newest_notes(keys),
        reasons=words.reason_labels(),
        whats=words.what_labels(),
        active="desk",
    )


def _term(due_at: Any, overdue_at: Any = None) -> tuple[int, str]:
    """Working days left, and how pressing that is."""
    left = working_days_left(due_at, now()) if due_at else 0
    return left, tone(left, overdue_at is not None or (due_at is not None and due_at <= now()))


def _review(key: int, lock: bool = False) -> FlagReview:
    """An open review that this moderator may decide; its proposal is locked before it."""
    review = load(FlagReview, key)
    if lock:
        present(review.proposal_id, now(), lock=True)
        db.session.refresh(review)
        settle_review(review, now())
    require(current_user, Permission.REVIEW_FLAGS, review, now())
    if review.decided_at is not None:
        raise Conflict(_("A colleague has decided on these reports in the meantime."))
    return review


def _forms(review: FlagReview, hide: HideForm | None, stays: StaysForm | None) -> dict[str, Any]:
    hide, stays = hide or HideForm(formdata=None), stays or StaysForm(formdata=None)
    labels = words.extent_labels()
    hide.extent.choices = {extent.value: labels[extent] for extent in extents(review.what)}
    hide.reason.choices = words.reason_labels()
    return {"hide": hide, "stays": stays}


def _page(
    review: FlagReview,
    status: int = 200,
    hide: HideForm | None = None,
    stays: StaysForm | None = None,
    preview: dict[str, Any] | None = None,
) -> Response:
    photo = photo_of(proposal_id=review.proposal_id)
    left, pressing = _term(review.due_at, review.overdue_at)
    return render(
        "flagging/show.html",
        status=status,
        review=review,
        proposal=review.proposal,
        flags=services.flags_of(review),
        counts=services.counts_by_reason([review.id]).get(review.id, []),
        photo=shown(photo, url_for("photo.show", name=photo.name)) if photo else None,
        reasons=words.reason_labels(),
        whats=words.what_labels(),
        left=left,
        tone=pressing,
        preview=preview,
        active="desk",
        **_forms(review, hide, stays),
    )


@bp.get("/desk/flags/<key:key>")
@login_required
def show(key: int) -> Response:
    """One group: what was said about what, and the two decisions."""
    return _page(_review(key))


@bp.post("/desk/flags/<key:key>/stays")
@login_required
def let_stay(key: int) -> Response:
    """Reviewed, stays."""
    review, form = _review(key, lock=True), StaysForm()
    if not form.validate():
        return _page(review, 422, stays=form)
    decisions.let_stay(current_user, review, form.note.data, now())
    flash(_("Reviewed: it stays. Everybody who reported it is told."), "success")
    return redirect(url_for("flagging_desk.index"), 303)


def _verdict(form: HideForm) -> Verdict:
    return Verdict(form.extent.data or "", form.reason.data or "", form.sentence.data, form.remark.data or "")


def _checked(review: FlagReview, form: HideForm) -> bool:
    """Whether the hiding could be done as it is written; else the form says what to change."""
    _forms(review, form, None)
    if not form.validate():
        form.refuse_too(lambda: decisions.check(review, _verdict(form)))
        return False
    try:
        decisions.check(review, _verdict(form))
    except DomainError as error:
        form.refuse(error)
    return not form.errors


def quoted(text: str) -> str:
    """As much of somebody's words as a mail has room for."""
    return shortened(text, QUOTE_BYTES)


def _preview(review: FlagReview, verdict: Verdict) -> dict[str, Any]:
    """What everybody and the author would get, from the very templates of the page and of the mail."""
    terms, _row = rule_in_force(review.desk, now())
    author, until = review.proposal.author, due_after(terms.appeal_working_days, now())
    facts = {"what": review.what, "with_title": verdict.extent == "title_and_text", "reason": verdict.reason}
    facts["sentence"], mail = verdict.sentence, ""
    if author is not None:
        with in_language(author.lang):
            reasons = words.reason_labels()
            mail = render_template(
                "mail/_hidden.txt", facts=facts, due=format_date(until), hiding_reasons=reasons, quoted=quoted
            )
    return {"mark": mark(verdict.reason), "mail": mail}


@bp.get("/desk/flags/<key:key>/hiding")
@login_required
def preview(key: int) -> Response:
    """What hiding would look like; nothing happens yet."""
    review, form = _review(key), HideForm(request.args, meta={"csrf": False})
    if not _checked(review, form):
        return _page(review, hide=form)
    return _page(review, hide=form, preview=_preview(review, _verdict(form)))


@bp.post("/desk/flags/<key:key>/hiding")
@login_required
def hide(key: int) -> Response:
    """Hide it, as the preview has shown."""
    review, form = _review(key, lock=True), HideForm()
    if not _checked(review, form):
        is_shown = set(form.errors) == {"remark"}
        return _page(review, 422, hide=form, preview=_preview(review, _verdict(form)) if is_shown else None)
    decisions.hide(current_user, review, _verdict(form), now())
    flash(_("It is hidden, with the reason in its place. The author is told, and may appeal."), "success")
    return redirect(url_for("flagging_desk.index"), 303)


def _hiding(key: int, lock: bool = False) -> Hiding:
    hiding = load(Hiding, key)
    if lock:
        present(hiding.proposal_id, now(), lock=True)
        db.session.refresh(hiding)
        settle_hiding(hiding, now())
    require(current_user, Permission.DECIDE_APPEAL, hiding, now())
    if not hiding.waits_for_a_decision:
        raise Conflict(_("This has been decided in the meantime."))
    return hiding


def _appeal_page(hiding: Hiding, form: AppealDecisionForm, status: int = 200) -> Response:
    form.outcome.choices = {"kept": _("It stays hidden"), "shown": _("Show it again")}
    left, pressing = _term(hiding.due_at)
    photo = photo_of(proposal_id=hiding.proposal_id)
    return render(
        "flagging/judge.html",
        status=status,
        hiding=hiding,
        proposal=hiding.proposal,
        form=form,
        photo=shown(photo, url_for("photo.show", name=photo.name)) if photo else None,
        reasons=words.reason_labels(),
        what=words.extent_labels()[hiding.extent],
        left=left,
        tone=pressing,
        active="desk",
    )


@bp.get("/desk/hidings/<key:key>")
@login_required
def show_appeal(key: int) -> Response:
    """What was hidden, why, and what the author says."""
    return _appeal_page(_hiding(key), AppealDecisionForm(formdata=None))


@bp.post("/desk/hidings/<key:key>/decision")
@login_required
def decide_appeal(key: int) -> Response:
    """Keep it hidden, or show it again."""
    hiding, form = _hiding(key, lock=True), AppealDecisionForm()
    if not form.validate():
        form.refuse_too(
            lambda: decisions.decide_appeal(current_user, hiding, form.outcome.data, form.answer.data or "", now())
        )
        return _appeal_page(hiding, form, 422)
    try:
        decisions.decide_appeal(current_user, hiding, form.outcome.data, form.answer.data, now())
    except DomainError as error:
        if error.field is None:
            raise
        form.refuse(error)
        return _appeal_page(hiding, form, 422)
    flash(_("Decided. The author is told, and it is on record."), "success")
    return redirect(url_for("flagging_desk.index"), 303)
