"""Reports and hidings in the words of the page."""

from __future__ import annotations

from webapp.kernel.i18n import by_language
from webapp.kernel.i18n import gettext as _
from webapp.proposals.hiding import reason_labels

__all__ = ["decision_labels", "extent_labels", "note_asked", "note_asks", "reason_labels", "what_labels"]


@by_language
def what_labels() -> dict[str, str]:
    """What is reported."""
    return {"text": _("The text"), "photo": _("The photo")}


@by_language
def extent_labels() -> dict[str, str]:
    """How much is hidden."""
    return {
        "text": _("The text; the title stays"),
        "title_and_text": _("The title and the text"),
        "photo": _("The photo"),
    }


@by_language
def note_asks() -> dict[str, str]:
    """What each reason asks of a note."""
    return {
        "personal_data": _("Say where, for example “second paragraph”. Do not copy the data here."),
        "insult": _("A note is not needed."),
        "advertising": _("A note is not needed."),
        "unlawful": _("Say which law forbids it, or what exactly is asked for."),
        "untrue": _("Say what is untrue, and where one can see it."),
        "misplaced": _("Say where it belongs, if you know."),
        "other": _("Say in a sentence what is wrong."),
    }


def note_asked(reason: str) -> str:
    """What to write with a reason that says nothing by itself."""
    return note_asks().get(reason) or _("Say in a sentence what is wrong.")


@by_language
def decision_labels() -> dict[str, str]:
    """What became of reports."""
    return {"stays": _("It stays"), "hidden": _("It is hidden")}
