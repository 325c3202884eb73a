"""What everybody reads of a proposal: its words, or the mark of a moderator in their place. The one place that knows.

`Proposal.title`, `.text` and `.place` answer with it; who must see the words themselves (the author, the
moderator who decides) asks for `.written_title`, `.written_text` and `.written_place` by name.
"""

from __future__ import annotations

from typing import Any

from webapp.kernel.i18n import by_language, current_language
from webapp.kernel.i18n import gettext as _

TEXT, TITLE_AND_TEXT = "text", "title_and_text"


@by_language
def reason_labels() -> dict[str, str]:
    """Why something may be reported and hidden, in short."""
    return {
        "personal_data": _("It discloses personal data"),
        "insult": _("It insults or threatens somebody"),
        "advertising": _("It is advertising or spam"),
        "unlawful": _("It asks for something that the law forbids"),
        "untrue": _("It says something untrue about a person"),
        "misplaced": _("It does not belong on this site or in this place"),
        "other": _("Another reason"),
    }


def mark(reason: str | None) -> str:
    """What stands in the place of hidden words."""
    return _("Hidden by a moderator: %(reason)s", reason=reason_labels().get(reason or "", _("Another reason")))


def shown_title(row: Any) -> str:
    """The title of a row of `select(Proposal.title, Proposal.hidden, Proposal.hidden_reason, ...)`."""
    return mark(row.hidden_reason) if row.hidden == TITLE_AND_TEXT else str(row.title)


def shown_lang(row: Any) -> str:
    """In which language that is: the author's, or for a mark the page's."""
    return current_language() if row.hidden == TITLE_AND_TEXT else str(row.lang)
