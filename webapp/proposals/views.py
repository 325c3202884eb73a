"""Proposing, step by step. Each step is saved on the server, so Back is always right and nothing is lost."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_login import current_user, login_required
from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import named_organisation, refusal, require
from webapp.kernel.clock import local_date, now
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.htmx import render
from webapp.kernel.i18n import current_language
from webapp.kernel.i18n import gettext as _
from webapp.kernel.once import once, sent_before
from webapp.kernel.security import limiter
from webapp.people import begun
from webapp.people.models import Organisation
from webapp.photos.services import photo_of
from webapp.proposals import services
from webapp.proposals.choices import fundings, place_choices, spheres
from webapp.proposals.drafts import TYPED, draft_of, likely_origin
from webapp.proposals.forms import PlaceForm, RevisionForm, TextForm, TitleForm
from webapp.proposals.loading import readable_proposal
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.questions import open_question
from webapp.proposals.rules import FUNDINGS, SPHERES, Stage
from webapp.proposals.saving import of_step
from webapp.proposals.similarity import similar_to
from webapp.territories.services import body_of, by_kato

bp = Blueprint("proposing", __name__)
STEPS = ("title", "similar", "place", "text", "check")


def _page(step: str, draft: Draft | None, form: Any, status: int = 200, **more: Any) -> Response:
    visible = [name for name in STEPS if name != "similar"]
    number = visible.index("title" if step == "similar" else step) + 1
    if step in TYPED:
        more |= of_step(step, draft)
    response = render(
        f"proposals/{step}.html",
        status=status,
        draft=draft,
        form=form,
        step=number,
        steps=len(visible),
        active="propose",
        **more,
    )
    response.headers["Cache-Control"] = "no-store"  # Back shows what is saved now, not what was
    return response


@bp.get("/proposals/new")
def new() -> Response:
    """The first step: a title. `?place=KATO` comes from the page of a city and is kept for the second step."""
    form = TitleForm(lang=current_language(), origin=request.args.get("place", "")[:9])
    return _page("title", None, form, drafts=services.drafts_of(current_user) if current_user.is_authenticated else [])


@bp.post("/proposals/new")
@limiter.limit("60 per hour")
@once
def create() -> Response:
    """Save the title as a draft. Signed in or not, what is typed is kept; Back and on again goes on with the same draft."""
    form = TitleForm()
    if not form.validate():
        return _page("title", None, form, 422, drafts=[])
    begun_before = _begun_by_this_form()
    if begun_before is not None:
        begun_before.title, begun_before.lang = form.title.data, form.lang.data
        services.touch(begun_before, now())
        return redirect(url_for("proposing.similar", token=begun_before.token), 303)
    author = current_user if current_user.is_authenticated else None
    draft = services.start_draft(author, form.title.data, form.lang.data, now(), likely_origin(form.origin.data))
    if author is None:
        begun.keep(begun.TEXT, draft.token, url_for("proposing.check", token=draft.token), now())
    return redirect(url_for("proposing.similar", token=draft.token), 303)


def _begun_by_this_form() -> Draft | None:
    """The draft that this very form has made, or that began while it was typed; not one that has been sent."""
    made = re.match(r"/drafts/([\w-]{1,43})/", sent_before())
    token = made[1] if made else request.form.get("draft", "")[:43]
    draft = db.session.scalar(select(Draft).where(Draft.token == token)) if token else None
    if draft is None or draft.proposal_id is not None or draft.expires_at < now():
        return None
    return draft if refusal(current_user, Permission.KEEP_DRAFT, draft, now()) is None else None


@bp.get("/drafts/<token>/title")
def title(token: str) -> Response:
    """Change the title."""
    draft = draft_of(token)
    form = TitleForm(title=draft.title, lang=draft.lang)
    form.title.data = draft.title  # letter by letter, also what is not finished
    return _page("title", draft, form, drafts=[])


@bp.post("/drafts/<token>/title")
def save_title(token: str) -> Response:
    """Save the title."""
    draft, form = draft_of(token), TitleForm()
    if not form.validate():
        return _page("title", draft, form, 422, drafts=[])
    draft.title, draft.lang = form.title.data, form.lang.data
    services.touch(draft, now())
    return redirect(url_for("proposing.similar", token=token), 303)


@bp.get("/drafts/<token>/similar")
def similar(token: str) -> Response:
    """What has been proposed already; straight on when there is nothing."""
    draft = draft_of(token)
    found = similar_to(draft.title, draft.origin_id)
    if not found:
        return redirect(url_for("proposing.place", token=token), 303)
    return _page("similar", draft, None, found=found)


@bp.get("/drafts/<token>/place")
def place(token: str) -> Response:
    """Where."""
    draft = draft_of(token)
    form = PlaceForm(origin=draft.origin.kato if draft.origin else None, place=draft.place)
    form.origin.choices = {"": _("Choose a city or district"), **place_choices()}
    form.place.data = draft.place
    return _page("place", draft, form)


@bp.post("/drafts/<token>/place")
def save_place(token: str) -> Response:
    """Save the place."""
    draft, form = draft_of(token), PlaceForm()
    form.origin.choices = {"": _("Choose a city or district"), **place_choices()}
    chosen = by_kato((form.origin.data or "")[:9])
    if form.validate() and (chosen is None or chosen.rung != "city"):
        form.origin.errors = [_("Choose a city or district.")]
    if form.errors or chosen is None:
        return _page("place", draft, form, 422)
    draft.origin_id, draft.place = chosen.id, form.place.data
    services.touch(draft, now())
    return redirect(url_for("proposing.text", token=token), 303)


def _text_form(draft: Draft, fresh: bool) -> TextForm:
    form = TextForm(text=draft.text, sphere=draft.sphere, funding=draft.funding) if fresh else TextForm()
    form.sphere.choices = {"": _("I do not know: the moderator will choose"), **spheres()}
    form.funding.choices = fundings()
    if fresh:
        form.text.data = draft.text
    return form


@bp.get("/drafts/<token>/text")
def text(token: str) -> Response:
    """The text."""
    draft = draft_of(token)
    return _page("text", draft, _text_form(draft, fresh=True))


@bp.post("/drafts/<token>/text")
def save_text(token: str) -> Response:
    """Save the text, also when it is not finished: what was typed stays."""
    draft = draft_of(token)
    form = _text_form(draft, fresh=False)
    if not form.validate():
        return _page("text", draft, form, 422)
    draft.text = form.text.data
    draft.sphere = form.sphere.data if form.sphere.data in SPHERES else ""
    draft.funding = form.funding.data if form.funding.data in FUNDINGS else "unknown"
    services.touch(draft, now())
    return redirect(url_for("proposing.check", token=token), 303)


@bp.get("/drafts/<token>/check")
def check(token: str) -> Response:
    """Check your answers."""
    draft = draft_of(token)
    if draft.proposal_id is not None:
        return redirect(url_for("portal.talon", key=draft.proposal_id), 303)
    lacking = services.missing_step(draft)
    if lacking:
        return redirect(url_for(f"proposing.{lacking}", token=token), 303)
    organisations = (
        [m.organisation for m in current_user.memberships if m.organisation.verified_at]
        if current_user.is_authenticated
        else []
    )
    photo = photo_of(draft_id=draft.id)
    return _page("check", draft, None, photo=photo, spheres=spheres(), fundings=fundings(), organisations=organisations)


@bp.post("/drafts/<token>/submission")
@limiter.limit("30 per hour")
def submit(token: str) -> Response:
    """Send it; a person who is not signed in is led through the doors, and then it sends itself."""
    draft = draft_of(token, lock=True)
    if draft.proposal_id is not None:
        return redirect(url_for("portal.talon", key=draft.proposal_id), 303)
    lacking = services.missing_step(draft)
    if lacking:
        return redirect(url_for(f"proposing.{lacking}", token=token), 303)
    target, organisation = url_for("proposing.check", token=token), _wanted_organisation()
    if not current_user.is_authenticated:
        spoken = organisation.id if organisation else None
        begun.keep(begun.SENDING, token, target, now(), organisation=spoken)
        return redirect(url_for("doors.sign_in", next=target), 303)
    services.speak_for(current_user, draft, organisation)
    if current_user.email_confirmed_at is None:
        draft.author_id, draft.wants_submission = current_user.id, True
        return redirect(url_for("doors.confirm", next=target), 303)
    proposal = services.submit(current_user, draft, now())
    return redirect(url_for("portal.talon", key=proposal.id), 303)


def _wanted_organisation() -> Organisation | None:
    """The one that the form names; the choice "yourself" is an empty field."""
    return named_organisation(request.form.get("organisation") or None)


def _own(key: int, permission: Permission, lock: bool = True) -> Proposal:
    """The proposal of its author; others are told why not, and of one that they cannot see, nothing."""
    proposal = readable_proposal(key, lock)
    require(current_user, permission, proposal, now())
    return proposal


@bp.get("/proposals/<key:key>/revision")
@login_required
def revision(key: int) -> Response:
    """Answer the moderator's question."""
    proposal = _own(key, Permission.REVISE, lock=False)
    if proposal.stage != Stage.RETURNED:
        raise Conflict(_("There is no open question about this proposal."))
    return _revision_page(proposal, RevisionForm(title=proposal.written_title, text=proposal.written_text))


def _revision_page(proposal: Proposal, form: RevisionForm, status: int = 200) -> Response:
    """The form, below the question in full."""
    asked = open_question(proposal)
    body = body_of(proposal.seat, local_date(now())) or proposal.seat
    return render(
        "proposals/revision.html", status=status, proposal=proposal, form=form, asked=asked, body=body, active="my"
    )


@bp.post("/proposals/<key:key>/revision")
@login_required
def save_revision(key: int) -> Response:
    """Send the answer."""
    proposal, form = _own(key, Permission.REVISE), RevisionForm()
    is_right = form.validate()
    if (
        not form.errors.get("note")
        and open_question(proposal) is not None
        and form.says_nothing(proposal.written_title, proposal.written_text)
    ):
        form.refuse(Invalid(_("Answer the question here, or change the title or the text below."), "note"))
        is_right = False
    if not is_right:
        return _revision_page(proposal, form, 422)
    services.resubmit(current_user, proposal, form.title.data, form.text.data, form.note.data, now())
    flash(_("Your answer is sent. The moderator looks at it again."), "success")
    return redirect(url_for("portal.proposal", key=key), 303)


@bp.post("/proposals/<key:key>/withdrawal")
@login_required
def withdraw(key: int) -> Response:
    """Take the proposal back."""
    services.withdraw(current_user, _own(key, Permission.WITHDRAW), now())
    flash(_("Your proposal is withdrawn."), "success")
    return redirect(url_for("portal.my"), 303)
