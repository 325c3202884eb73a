"""What supporters can say, in the language of the page."""

from __future__ import annotations

from webapp.delivery.rules import Choice, Outcome
from webapp.kernel.i18n import by_language
from webapp.kernel.i18n import gettext as _


@by_language
def judgements() -> dict[str, str]:
    """Yes, partly, no."""
    return {Choice.YES.value: _("Yes"), Choice.PARTLY.value: _("Partly"), Choice.NO.value: _("No")}


@by_language
def outcomes() -> dict[str, str]:
    """What a body reports of a milestone."""
    return {
        Outcome.DONE.value: _("Done"),
        Outcome.PARTLY.value: _("Partly done: the rest is still to come"),
        Outcome.LATER.value: _("Later: it needs another date"),
    }
