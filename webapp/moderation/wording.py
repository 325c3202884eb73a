"""The words of a decision as the author gets them: the page, the mail and the preview say the same, from here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webapp.kernel.i18n import current_language
from webapp.kernel.i18n import gettext as _
from webapp.moderation.reasons import reasons


def note_in_reach(note_kk: str, note_ru: str) -> str:
    """The moderator's own words in the language of the reader; Russian for readers of English."""
    return (note_kk or note_ru) if current_language() == "kk" else (note_ru or note_kk)


def rejection(code: str, note_kk: str, note_ru: str, at: datetime) -> list[str]:
    """Why it was not published: the sentence of the list with a way on, the ground, the moderator's own words."""
    reason = reasons(at)[code]
    parts = [
        reason.passage,
        _("Ground: %(law)s.", law=reason.law) if reason.law else "",
        note_in_reach(note_kk, note_ru),
    ]
    return [part for part in parts if part]


def rejection_of_fact(facts: Mapping[str, Any], at: datetime) -> list[str]:
    """The same from a fact of the journal; facts of earlier days have one note only."""
    old = facts.get("note", "")
    return rejection(facts["reason"], facts.get("note_kk", old), facts.get("note_ru", old), at)
