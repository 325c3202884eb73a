"""What can be chosen while answering, in the language of the page."""

from __future__ import annotations

from webapp.answering.rules import TEXT_MIN
from webapp.kernel.i18n import by_language, ngettext
from webapp.kernel.i18n import gettext as _


@by_language
def decisions() -> dict[str, str]:
    """An officer's decisions."""
    return {
        "accept": _("Accept"),
        "accept_part": _("Accept in part"),
        "decline": _("Decline"),
        "pass_up": _("Pass up to the next rung"),
        "hand_down": _("Hand down to a lower rung"),
    }


@by_language
def sources() -> dict[str, str]:
    """Sources of resources in an answer."""
    return {
        "republican_budget": _("Republican budget"),
        "regional_budget": _("Regional budget"),
        "city_budget": _("City budget"),
        "ppp": _("Public-private partnership"),
        "private": _("Private money"),
        "grant": _("Grant"),
        "none_needed": _("No money is needed"),
    }


@by_language
def outcomes() -> dict[str, str]:
    """What became of a proposal at a rung."""
    return {
        "silent": _("Not answered in time"),
        "declined": _("Declined"),
        "passed-up": _("Passed up"),
        "handed-down": _("Handed down"),
        "climbed": _("Moved up by support"),
        "accepted": _("Accepted"),
    }


@by_language
def too_short() -> dict[str, str]:
    """What is said of reasons that are hardly any, by the language that they are in."""
    return {
        "kk": ngettext(
            "Write the reasons in Kazakh: at least %(num)d character.",
            "Write the reasons in Kazakh: at least %(num)d characters.",
            TEXT_MIN,
        ),
        "ru": ngettext(
            "Write the reasons in Russian: at least %(num)d character.",
            "Write the reasons in Russian: at least %(num)d characters.",
            TEXT_MIN,
        ),
    }


@by_language
def given() -> dict[str, str]:
    """An answer's decision, as a past fact."""
    return {
        "accept": _("Accepted"),
        "accept_part": _("Accepted in part"),
        "decline": _("Declined"),
        "pass_up": _("Passed up to the next rung"),
        "hand_down": _("Handed down"),
    }
