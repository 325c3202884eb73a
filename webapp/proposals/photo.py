"""The page of the photo: of a draft, and of a proposal that its author is asked about; and the picture itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request, send_file, url_for
from flask_login import current_user, login_required
from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.predicates import Reason
from webapp.access.services import refusal, require
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import now
from webapp.kernel.database import db, reading
from webapp.kernel.errors import Conflict, DomainError
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.security import limiter
from webapp.kernel.sizes import takes_file
from webapp.people.presence import person_if_known
from webapp.photos import services
from webapp.photos.models import Photo
from webapp.photos.rules import SENT_MAX
from webapp.proposals.drafts import draft_of
from webapp.proposals.forms import PhotoForm
from webapp.proposals.loading import any_proposal
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.rules import Stage
from webapp.proposals.services import touch

bp = Blueprint("photo", __name__)
#: What is public today may be hidden or taken off tomorrow: whoever keeps a copy asks again after five minutes.
PUBLIC_CACHE = "public, max-age=300, must-revalidate"


def _page(form: PhotoForm, photo: Photo | None, back: str, action: str, status: int = 200) -> Response:
    picture = services.shown(photo, url_for("photo.show", name=photo.name)) if photo else None
    return render(
        "proposals/photo.html", status=status, form=form, photo=picture, back=back, action=action, active="propose"
    )


def _save(form: PhotoForm, lock: Callable[[], object], **owner: int) -> bool:
    """Make the picture anew outside the writing transaction, lock its owner, keep it; False when the form has to be changed."""
    try:
        with reading():
            services.ensure_may_send(person_if_known(), now())
            sent = form.photo.data.read(SENT_MAX + 1) if form.validate() else b""
        if form.errors:
            return False
        picture = services.picture_of(sent)
        lock()
        services.keep(picture, form.alt.data, person_if_known(), now(), **owner)
    except DomainError as error:
        form.refuse(error)
        return False
    return True


@bp.get("/drafts/<token>/photo")
def edit(token: str) -> Response:
    """The photo of a draft."""
    draft = draft_of(token)
    photo = services.photo_of(draft_id=draft.id)
    form = PhotoForm(formdata=None, alt=photo.alt if photo else "")
    return _page(form, photo, url_for("proposing.check", token=token), request.path)


@bp.post("/drafts/<token>/photo")
@limiter.limit("30 per hour")
@takes_file("PHOTO_MAX")
def save(token: str) -> Response:
    """Keep the photo of a draft, or take it away."""
    back = url_for("proposing.check", token=token)
    key = draft_of(token).id
    form = PhotoForm()
    if request.form.get("remove"):
        services.remove(draft_id=key)
    elif not _save(form, lambda: draft_of(token, lock=True), draft_id=key):
        return _page(form, services.photo_of(draft_id=key), back, request.path, 422)
    touch(db.session.get_one(Draft, key), now())
    return redirect(back, 303)


def _asked(key: int, lock: bool = False) -> Proposal:
    """The proposal of this author about which a question is open."""
    proposal = any_proposal(key, lock)
    if refusal(current_user, Permission.REVISE, proposal, now()) is Reason.NOT_AUTHOR:
        abort(404)
    require(current_user, Permission.REVISE, proposal, now())
    if proposal.stage != Stage.RETURNED:
        raise Conflict(_("There is no open question about this proposal."))
    return proposal


@bp.get("/proposals/<key:key>/photo")
@login_required
def revise(key: int) -> Response:
    """The photo of a proposal, while the moderator's question is open."""
    photo = services.photo_of(proposal_id=_asked(key).id)
    form = PhotoForm(formdata=None, alt=photo.alt if photo else "")
    return _page(form, photo, url_for("proposing.revision", key=key), request.path)


@bp.post("/proposals/<key:key>/photo")
@login_required
@limiter.limit("30 per hour")
@takes_file("PHOTO_MAX")
def save_revision(key: int) -> Response:
    """Keep another photo, or take it away, while the question is open."""
    back, form = url_for("proposing.revision", key=key), PhotoForm()
    if request.form.get("remove"):
        services.remove(proposal_id=_asked(key, lock=True).id)
    else:
        _asked(key)
        if not _save(form, lambda: _asked(key, lock=True), proposal_id=key):
            return _page(form, services.photo_of(proposal_id=key), back, request.path, 422)
    return redirect(back, 303)


@bp.post("/proposals/<key:key>/photo/removal")
@login_required
def remove(key: int) -> Response:
    """Take the photo off a proposal: its author, or a moderator of the seat."""
    proposal = any_proposal(key, lock=True)
    require(current_user, Permission.REMOVE_PHOTO, proposal, now())
    is_author = proposal.author_id == current_user.id
    if services.remove(proposal_id=key):
        by = "author" if is_author else "moderator"
        where: dict[str, Any] = {"proposal_id": key, "territory_id": proposal.seat_id}
        record(Verb.PHOTO_REMOVED, proposal, now(), actor=person_if_known(), by=by, **where)
        flash(_("The photo is removed."), "success")
    return redirect(url_for("portal.proposal", key=key), 303)


def _may_see(photo: Photo) -> tuple[bool, bool]:
    """Whether this visitor may see a photo, and whether everybody may."""
    if photo.report_id is not None:  # what a body shows as evidence
        return True, True
    if photo.proposal_id is None:
        draft = db.session.get_one(Draft, photo.draft_id)
        return refusal(current_user, Permission.KEEP_DRAFT, draft, now()) is None, False
    proposal = db.session.get_one(Proposal, photo.proposal_id)
    if proposal.photo_hidden_reason is not None:  # who wrote it, and who decides about it
        return refusal(current_user, Permission.REMOVE_PHOTO, proposal, now()) is None, False
    return refusal(current_user, Permission.SEE_PROPOSAL, proposal, now()) is None, proposal.is_public


@bp.get("/photos/<name>.webp")
def show(name: str) -> Response:
    """The picture. It can do nothing in a browser but be looked at."""
    photo = db.session.scalar(select(Photo).where(Photo.name == name[:32]))
    may_see, is_public = _may_see(photo) if photo else (False, False)
    if photo is None or not may_see or not services.path_of(photo.name).is_file():
        abort(404)
    response = send_file(services.path_of(photo.name), "image/webp")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = PUBLIC_CACHE if is_public else "private, no-store"
    return response
