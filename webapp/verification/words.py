"""The ways of being verified, in words."""

from __future__ import annotations

from webapp.kernel.i18n import by_language
from webapp.kernel.i18n import gettext as _


@by_language
def way_labels() -> dict[str, str]:
    """How a home is known, by the name of the way."""
    return {
        "register": _("population register"),
        "desk": _("in person, at the desk"),
        "oidc": _("sign-in elsewhere"),
        "eds": _("electronic digital signature"),
    }
