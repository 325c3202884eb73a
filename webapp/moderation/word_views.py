"""The words of moderation: the public list of reasons with its history, and the templates of a body."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import refusal, require
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.errors import Invalid
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.loading import load
from webapp.moderation.choices import uses
from webapp.moderation.forms import PhraseForm, ReasonForm
from webapp.moderation.models import Phrase
from webapp.moderation.phrases import KNOWN, keep_phrase, phrases_of, retire_phrase
from webapp.moderation.reasons import PARTS, REASONS, history, let_words_begin, offered, reasons, words_in_force
from webapp.territories.models import Territory
from webapp.territories.services import by_kato

bp = Blueprint("moderation_words", __name__)


@bp.get("/rejection-reasons")
def reason_list() -> Response:
    """The closed list, for everybody: why a proposal may not be published, on which ground, and what to do instead."""
    moment = now()
    on_list = offered(moment)
    return render(
        "moderation/reasons.html",
        reasons=on_list,
        off_list={code: reason for code, reason in reasons(moment).items() if code not in on_list},
        may_edit=refusal(current_user, Permission.EDIT_REASONS, None, moment) is None,
        active="how",
    )


def _reason_page(code: str, form: ReasonForm, status: int = 200) -> Response:
    return render(
        "moderation/reason.html",
        status=status,
        code=code,
        form=form,
        label=reasons(now())[code].label,
        rows=history(code),
        active="desk",
    )


@bp.get("/rejection-reasons/<code>")
@login_required
def reason_form(code: str) -> Response:
    """The words of a reason, and those of earlier days."""
    require(current_user, Permission.EDIT_REASONS, None, now())
    if code not in REASONS:
        abort(404)
    words = words_in_force(code, now())
    return _reason_page(code, ReasonForm(formdata=None, is_offered=code in offered(now()), **words))


@bp.post("/rejection-reasons/<code>")
@login_required
def reason_change(code: str) -> Response:
    """Other words from now on."""
    require(current_user, Permission.EDIT_REASONS, None, now())
    if code not in REASONS:
        abort(404)
    form = ReasonForm()
    if not form.validate():
        return _reason_page(code, form, 422)
    words = {name: field.data for name, field in form._fields.items() if name.split("_")[0] in PARTS}
    try:
        let_words_begin(current_user, code, words, form.is_offered.data, now())
    except Invalid as error:
        form.refuse(error)
        return _reason_page(code, form, 422)
    flash(_("The new wording applies from now on. Earlier decisions keep the wording of their time."), "success")
    return redirect(url_for("moderation_words.reason_list"), 303)


def _places() -> list[Territory]:
    moment = now()
    return [
        territory
        for territory in {
            grant.territory_id: grant.territory for grant in current_user.grants if grant.holds(moment)
        }.values()
        if refusal(current_user, Permission.KEEP_PHRASES, territory, moment) is None
    ]


def _phrase_page(status: int = 200, form: PhraseForm | None = None) -> Response:
    places = _places()
    form = form or PhraseForm(formdata=None)
    form.territory.choices = {place.kato: localized(place) for place in places}
    form.use.choices = uses()
    names = {place.id: localized(place) for place in places}
    return render(
        "moderation/phrases.html",
        status=status,
        form=form,
        phrases=phrases_of([place.id for place in places]),
        names=names,
        uses=uses(),
        known=[f"{{{word}}}" for word in KNOWN],
        active="desk",
    )


@bp.get("/desk/templates")
@login_required
def phrase_list() -> Response:
    """The templates of one's bodies."""
    require(current_user, Permission.SEE_DESK, None, now())
    return _phrase_page()


@bp.post("/desk/templates")
@login_required
def phrase_create() -> Response:
    """Keep a new one."""
    require(current_user, Permission.SEE_DESK, None, now())
    form = PhraseForm()
    place = by_kato((form.territory.data or "")[:9])
    if place is None:
        abort(404)
    require(current_user, Permission.KEEP_PHRASES, place, now())
    form.territory.choices, form.use.choices = {}, {}
    if not form.validate():
        return _phrase_page(422, form)
    try:
        fields: dict[str, Any] = {name: form[name].data for name in ("use", "name", "text_kk", "text_ru")}
        keep_phrase(current_user, place, now=now(), **fields)
    except Invalid as error:
        form.refuse(error)
        return _phrase_page(422, form)
    flash(_("The template is saved. It is offered wherever it fits."), "success")
    return redirect(url_for("moderation_words.phrase_list"), 303)


@bp.post("/desk/templates/<key:key>/removal")
@login_required
def phrase_retire(key: int) -> Response:
    """Put one away."""
    phrase = load(Phrase, key)
    retire_phrase(current_user, phrase, db.session.get_one(Territory, phrase.territory_id), now())
    flash(_("Archived. What was sent with it stays."), "success")
    return redirect(url_for("moderation_words.phrase_list"), 303)
