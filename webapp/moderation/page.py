"""What the pages of decisions show, and what a body's template fills in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from webapp.kernel.i18n import LANGUAGES
from webapp.moderation.decisions import Decision, Page
from webapp.moderation.forms import DecisionForm
from webapp.moderation.phrases import in_both_languages, phrases_for
from webapp.moderation.reasons import reasons
from webapp.proposals.models import Proposal

BACK_MAX = 400


def clean_back(query: str | None) -> str:
    """The filter one came from: pairs only, never an address of another site."""
    pairs = [(name, value) for name, value in parse_qsl((query or "")[:BACK_MAX]) if name not in ("template", "after")]
    return urlencode(pairs)


def use_template(form: DecisionForm, page: Page, proposal: Proposal, key: str, now: datetime) -> None:
    """Fill a form that has not been sent from a template of the body."""
    rows = phrases_for(proposal.seat, page.phrases) if key and page.phrases else []
    wanted = [row for row in rows if str(row.id) == key]
    if wanted:
        form.fill_from(in_both_languages(wanted[0], proposal, now), proposal)


def context(decision: Decision, page: Page, proposal: Proposal, form: DecisionForm, now: datetime) -> dict[str, Any]:
    """What the page of a decision shows besides its form."""
    return {
        "proposal": proposal,
        "kind": decision.kind.value,
        "form_template": f"moderation/decisions/{decision.kind.value}.html",
        "title": str(decision.label),
        "address": f"/desk/{proposal.id}/{decision.path}",
        "form": form,
        "phrases": phrases_for(proposal.seat, page.phrases) if page.phrases else [],
        "author_language": LANGUAGES[proposal.lang],
        "back": clean_back(form.back.data),
        "letter": None,
        **page.shows(proposal, now),
    }


def in_words(decision: Decision, form: DecisionForm, now: datetime) -> list[str]:
    """What somebody was about to decide, a paragraph each, for the page that shows two decisions."""
    fields: Mapping[str, Any] = form.data
    chosen = reasons(now).get(fields.get("reason") or "")
    parts = [str(decision.done), *([chosen.label] if chosen else [])]
    return parts + [str(fields[name]) for name in ("question", "note_kk", "note_ru") if fields.get(name)]
