"""What the pages of decisions show, and how what was filled in becomes a decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from webapp.kernel.database import db
from webapp.kernel.i18n import LANGUAGES, localized
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import whole_number
from webapp.moderation import services
from webapp.moderation.choices import decided, decisions
from webapp.moderation.forms import DecisionForm, ForwardForm, PublishForm, QuestionForm, RejectForm
from webapp.moderation.models import TriageDecision
from webapp.moderation.phrases import in_both_languages, phrases_for
from webapp.moderation.reasons import offered, reasons
from webapp.moderation.services import questions_to
from webapp.people.models import User
from webapp.proposals.choices import place_choices, spheres
from webapp.proposals.models import Proposal
from webapp.teamwork.models import Department
from webapp.teamwork.services import departments
from webapp.territories.models import Territory
from webapp.territories.services import by_kato, lineage

FORMS: dict[str, type[DecisionForm]] = {
    "publish": PublishForm,
    "return": QuestionForm,
    "reject": RejectForm,
    "forward": ForwardForm,
}
#: The last word of the address of each decision.
PATHS = {
    "publish": "publication",
    "return": "question",
    "reject": "rejection",
    "forward": "forwarding",
    "merge": "merger",
}
#: The use of templates in a decision.
_USES = {"return": "question", "reject": "rejection"}
BACK_MAX = 400


def clean_back(query: str | None) -> str:
    """The filter one came from: pairs only, never an address of another site."""
    pairs = [(name, value) for name, value in parse_qsl((query or "")[:BACK_MAX]) if name not in ("template", "after")]
    return urlencode(pairs)


def fill_choices(form: Any, proposal: Proposal, now: datetime) -> None:
    """What can be chosen in a form."""
    if isinstance(form, PublishForm):
        form.sphere.choices = {"": _("Choose a sphere"), **spheres()}
    elif isinstance(form, RejectForm):
        form.reason.choices = {code: reason.label for code, reason in offered(now).items()}
    elif isinstance(form, ForwardForm):
        form.target.choices = _targets(proposal)


def _targets(proposal: Proposal) -> dict[str, Any]:
    rooms = {f"d{room.id}": localized(room) for room in departments([proposal.seat_id])}
    up = {place.kato: localized(place) for place in lineage(proposal.seat)[1:] if place.rung}
    inside = {_("Departments of this body"): rooms} if rooms else {}
    return {"": _("Choose a body or a department"), **inside, _("Higher rungs"): up, **place_choices()}


def target_of(value: str) -> tuple[Territory | None, Department | None]:
    """What was chosen: a body by its code, or a department with its body."""
    number = whole_number(value[1:]) if value.startswith("d") else None
    if number is not None:
        room = db.session.get(Department, number)
        if room is None or room.retired_at is not None:
            return None, None
        return db.session.get(Territory, room.territory_id), room
    return by_kato(value[:9]), None


def carry_out(actor: User, proposal: Proposal, kind: str, form: Any, now: datetime) -> TriageDecision:
    """The decision that a valid form stands for. `proposal` must be locked."""
    if kind == "publish":
        return services.publish(actor, proposal, now, form.sphere.data or "")
    if kind == "return":
        return services.ask(actor, proposal, form.question.data, now)
    if kind == "reject":
        return services.reject(actor, proposal, form.reason.data, now, form.note_kk.data, form.note_ru.data)
    target, department = target_of(form.target.data or "")
    return services.forward(actor, proposal, target or proposal.seat, now, department)


def use_template(form: Any, kind: str, proposal: Proposal, key: str, now: datetime) -> None:
    """Fill a form that has not been sent from a template of the body."""
    rows = phrases_for(proposal.seat, _USES[kind]) if key and kind in _USES else []
    wanted = [row for row in rows if str(row.id) == key]
    if not wanted:
        return
    texts = in_both_languages(wanted[0], proposal, now)
    if kind == "return":
        form.question.data = texts["kk" if proposal.lang == "kk" else "ru"]
    else:
        form.note_kk.data, form.note_ru.data = texts["kk"], texts["ru"]


def context(proposal: Proposal, kind: str, form: DecisionForm, now: datetime) -> dict[str, Any]:
    """What the page of a decision shows besides its form."""
    return {
        "proposal": proposal,
        "kind": kind,
        "form": form,
        "path": PATHS[kind],
        "title": decisions()[kind],
        "phrases": phrases_for(proposal.seat, _USES[kind]) if kind in _USES else [],
        "reasons": offered(now) if kind == "reject" else {},
        "asked": questions_to(proposal) if kind == "return" else 0,
        "author_language": LANGUAGES[proposal.lang],
        "back": clean_back(form.back.data),
        "letter": None,
    }


def in_words(kind: str, form: Any, now: datetime) -> list[str]:
    """What somebody was about to decide, a paragraph each, for the page that shows two decisions."""
    fields: Mapping[str, Any] = form.data
    parts = [decided()[kind]]
    if kind == "reject" and fields.get("reason") in reasons(now):
        parts.append(reasons(now)[fields["reason"]].label)
    return parts + [str(fields[name]) for name in ("question", "note_kk", "note_ru") if fields.get(name)]
