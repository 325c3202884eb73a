"""Drafts while they are typed: every step is saved as it is, without leaving its page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, request, url_for
from flask_login import current_user

from webapp.kernel.clock import now
from webapp.kernel.i18n import current_language, format_clock
from webapp.kernel.security import csrf, limiter
from webapp.kernel.text import is_visible
from webapp.kernel.typed import came_from_here, fits, sent, typed_fields
from webapp.people import begun
from webapp.proposals import services
from webapp.proposals.drafts import LANGS, TYPED, likely_origin, save_typed, state, typed_into
from webapp.proposals.models import Draft

bp = Blueprint("saving", __name__)


def of_step(step: str, draft: Draft | None) -> dict[str, str]:
    """Where a step of a draft is saved while it is typed, and the state in which its page sees it."""
    if draft is None:
        return {"save": "/proposals/new/saving", "seen": ""}
    return {"save": f"/drafts/{draft.token}/saving/{step}", "seen": state(draft, step)}


def _draft_that_is_typed() -> str:
    return f"typing:{request.path}"


def _ours() -> None:
    """A key that is over stops nothing; a page that is not ours may not."""
    if not came_from_here():
        abort(400)
    if not fits(typed_fields()):
        abort(413)


def _answer(draft: Draft, step: str) -> Any:
    page = f"/drafts/{draft.token}/{step}"
    if request.args.get("to"):  # a button of another language, without JavaScript
        return redirect(url_for("places.language", to=request.args["to"], next=page), 303)
    return jsonify(at=format_clock(now()), token=draft.token, action=page, address=page, **of_step(step, draft))


@bp.post("/drafts/<token>/saving/<step>")
@csrf.exempt
@limiter.limit("60 per minute", key_func=_draft_that_is_typed)
def save(token: str, step: str) -> Response:
    """Save what stands in the fields of a step; whether it is finished is asked when it is sent."""
    _ours()
    if step not in TYPED:
        abort(404)
    draft = typed_into(token)
    fields = {name: sent()[name] for name in TYPED[step] if name in sent()}
    saved = save_typed(draft, step, fields, request.args.get("seen", ""), now())
    if saved is not draft and saved.author_id is None:
        _remember(saved)
    answer: Response = _answer(saved, step)
    return answer


def _remember(draft: Draft) -> None:
    """A stranger's draft is found again behind the door."""
    begun.keep(begun.TEXT, draft.token, url_for("proposing.check", token=draft.token), now())


@bp.post("/proposals/new/saving")
@csrf.exempt
@limiter.limit("60 per hour")
def begin() -> Response:
    """The first words of a title: a draft begins."""
    _ours()
    title = sent().get("title", "")
    if not is_visible(title):
        if request.args.get("to"):
            return redirect(url_for("places.language", to=request.args["to"], next=url_for("proposing.new")), 303)
        return jsonify(at="", **of_step("title", None))
    lang = sent().get("lang", "")
    author = current_user if current_user.is_authenticated else None
    origin = likely_origin(sent().get("origin"))
    draft = services.start_draft(author, title, lang if lang in LANGS else current_language(), now(), origin)
    if author is None:
        _remember(draft)
    answer: Response = _answer(draft, "title")
    return answer
