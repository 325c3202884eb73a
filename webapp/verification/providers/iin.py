"""The one check that every way makes: is this the number of a person at all."""

from __future__ import annotations

from webapp.kernel.errors import Invalid
from webapp.kernel.i18n import gettext as _
from webapp.people import rules


def checked(iin: str) -> str:
    """The number itself. Raises `Invalid` where nobody can have it."""
    if rules.iin_fault(iin):
        raise Invalid(
            _("This is not an IIN: it has 12 digits and the last one is a check digit. Look at your identity card."),
            "iin",
        )
    return iin
