"""What can be chosen while proposing, in the language of the page."""

from __future__ import annotations

from webapp.kernel.i18n import by_language, localized
from webapp.kernel.i18n import gettext as _
from webapp.territories.directory import directory


@by_language
def spheres() -> dict[str, str]:
    """The eight spheres of the Reference Standard of smart cities (order 469/NK of 12 September 2025)."""
    return {
        "city_management": _("City management"),
        "safety": _("Safety"),
        "transport": _("Transport and logistics"),
        "social": _("Social sphere"),
        "ecology": _("Ecology"),
        "housing": _("Housing and utilities"),
        "economy": _("Economy and business"),
        "infrastructure": _("Infrastructure"),
    }


@by_language
def fundings() -> dict[str, str]:
    """Ideas for the money."""
    return {
        "budget": _("Budget"),
        "ppp": _("Public-private partnership"),
        "private": _("Private money"),
        "grant": _("Grant"),
        "unknown": _("I do not know"),
    }


@by_language
def stages() -> dict[str, str]:
    """Stages as people read them."""
    return {
        "draft": _("Draft"),
        "submitted": _("Being checked"),
        "returned": _("Question to the author"),
        "collecting": _("Collecting support"),
        "review": _("Answer owed"),
        "accepted": _("Accepted"),
        "implementing": _("Being carried out"),
        "done": _("Carried out"),
        "rejected": _("Not published"),
        "merged": _("Joined to another"),
        "withdrawn": _("Withdrawn"),
        "declined": _("Declined"),
        "unsupported": _("Not enough support"),
    }


def place_choices() -> dict[str, dict[str, str]]:
    """Cities and districts by region, for a select; republican cities first."""
    known = directory()
    groups = {_("Cities of republican significance"): {place.kato: localized(place) for place in known.top}}
    for group in known.groups:
        groups[localized(group.region)] = {place.kato: localized(place) for place in group.places}
    return groups
