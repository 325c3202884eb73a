"""What can be chosen while proposing, in the language of the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.kernel.i18n import by_language, format_date, localized
from webapp.kernel.i18n import gettext as _
from webapp.proposals.dates import Means, Promise, promises_of
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
        "review": _("Answer due"),
        "accepted": _("Accepted"),
        "implementing": _("Being carried out"),
        "done": _("Carried out"),
        "rejected": _("Not published"),
        "merged": _("Joined to another"),
        "withdrawn": _("Withdrawn"),
        "declined": _("Declined"),
        "unsupported": _("Not enough support"),
    }


@by_language
def date_labels() -> dict[str, str]:
    """What a date is the date of, as the heading of a date."""
    return {
        Means.CHECK: _("Checked by"),
        Means.REPLY: _("The author answers by"),
        Means.SUPPORT: _("Support is collected until"),
        Means.ANSWER: _("To be answered by"),
        Means.BEGIN: _("The work begins on"),
        Means.WORK: _("Next step of the work by"),
        Means.APPEAL: _("Appeal until"),
        Means.OVERDUE: _("Overdue since"),
        Means.ENDED: _("Ended on"),
    }


def said_of(promise: Promise, width: str = "long") -> str:
    """A date in a list: what it is the date of, and the day."""
    day = format_date(promise.at, width)
    return {
        Means.CHECK: _("checked by %(date)s", date=day),
        Means.REPLY: _("the author answers by %(date)s", date=day),
        Means.SUPPORT: _("support until %(date)s", date=day),
        Means.ANSWER: _("answer due by %(date)s", date=day),
        Means.BEGIN: _("work begins on %(date)s", date=day),
        Means.WORK: _("next step of the work by %(date)s", date=day),
        Means.APPEAL: _("appeal until %(date)s", date=day),
        Means.OVERDUE: _("overdue since %(date)s", date=day),
        Means.ENDED: _("ended on %(date)s", date=day),
    }[promise.means]


def said_of_first(row: Any, now: datetime) -> str:
    """The date of a proposal that presses most, in words; empty where it has none."""
    return next((said_of(promise) for promise in promises_of(row, now)), "")


def place_choices() -> dict[str, dict[str, str]]:
    """Cities and districts by region, for a select; republican cities first."""
    known = directory()
    groups = {_("Cities of republican significance"): {place.kato: localized(place) for place in known.top}}
    for group in known.groups:
        groups[localized(group.region)] = {place.kato: localized(place) for place in group.places}
    return groups
