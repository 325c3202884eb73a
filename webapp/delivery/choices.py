"""What supporters can say, in the language of the page."""

from __future__ import annotations

from webapp.delivery.rules import Choice
from webapp.kernel.i18n import by_language
from webapp.kernel.i18n import gettext as _


@by_language
def judgements() -> dict[str, str]:
    """Yes, partly, no."""
    return {Choice.YES.value: _("Yes"), Choice.PARTLY.value: _("Partly"), Choice.NO.value: _("No")}
