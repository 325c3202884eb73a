"""Kinds and roles in the language of the page."""

from __future__ import annotations

from webapp.kernel.i18n import by_language
from webapp.kernel.i18n import gettext as _


@by_language
def kinds() -> dict[str, str]:
    """Kinds of organisations."""
    return {
        "business": _("Business"),
        "business_association": _("Business association"),
        "ngo": _("Non-governmental organisation"),
    }


@by_language
def roles() -> dict[str, str]:
    """What a member may do."""
    return {"owner": _("owner"), "representative": _("representative")}


@by_language
def states() -> dict[str, str]:
    """Where the verification stands."""
    return {
        "waiting": _("Waiting for verification"),
        "verified": _("Verified organisation"),
        "refused": _("Not verified"),
    }
