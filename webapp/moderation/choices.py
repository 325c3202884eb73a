"""What can be chosen while moderating, in the language of the page."""

from __future__ import annotations

from webapp.kernel.i18n import by_language
from webapp.kernel.i18n import gettext as _


@by_language
def decisions() -> dict[str, str]:
    """The five decisions, as acts."""
    return {
        "publish": _("Publish"),
        "return": _("Ask the author"),
        "merge": _("Duplicate of …"),
        "forward": _("Forward"),
        "reject": _("Reject"),
    }


@by_language
def decided() -> dict[str, str]:
    """The same, as what has happened."""
    return {
        "publish": _("Published"),
        "return": _("Returned with a question"),
        "merge": _("Joined to another proposal"),
        "forward": _("Forwarded"),
        "reject": _("Not published"),
    }


@by_language
def uses() -> dict[str, str]:
    """What a template is for."""
    return {
        "question": _("A question to the author"),
        "rejection": _("Comment with a rejection"),
        "answer": _("The answer of a body"),
    }
