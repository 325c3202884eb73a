"""What can be chosen while moderating, in the language of the page."""

from __future__ import annotations

from webapp.kernel.i18n import by_language
from webapp.kernel.i18n import gettext as _
from webapp.moderation.decisions import DECISIONS


@by_language
def decided() -> dict[str, str]:
    """The five decisions as what has happened, by the word in `TriageDecision.kind`."""
    return {kind.value: str(decision.done) for kind, decision in DECISIONS.items()}


@by_language
def uses() -> dict[str, str]:
    """What a template is for."""
    return {
        "question": _("A question to the author"),
        "rejection": _("Comment with a rejection"),
        "answer": _("The answer of a body"),
    }
