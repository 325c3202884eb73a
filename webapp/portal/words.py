"""The names of stages, spheres, causes and verbs in the language of the page."""

from __future__ import annotations

from flask_babel import gettext as _


def stage_labels() -> dict[str, str]:
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


def sphere_labels() -> dict[str, str]:
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


def funding_labels() -> dict[str, str]:
    """Ideas for the money."""
    return {
        "budget": _("Budget"),
        "ppp": _("Public-private partnership"),
        "private": _("Private money"),
        "grant": _("Grant"),
        "unknown": _("I do not know"),
    }


def source_labels() -> dict[str, str]:
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


def level_labels() -> dict[str, str]:
    """Rungs."""
    return {"city": _("City level"), "region": _("Regional level"), "nation": _("National level")}


def decision_labels() -> dict[str, str]:
    """An officer's decisions."""
    return {
        "accept": _("Accept"),
        "accept_part": _("Accept in part"),
        "decline": _("Decline"),
        "pass_up": _("Pass up to the next rung"),
        "hand_down": _("Hand down to a lower rung"),
    }


def answer_labels() -> dict[str, str]:
    """An answer's decision, as a past fact."""
    return {
        "accept": _("Accepted"),
        "accept_part": _("Accepted in part"),
        "decline": _("Declined"),
        "pass_up": _("Passed up to the next rung"),
        "hand_down": _("Handed down"),
    }


def preset_labels() -> dict[str, str]:
    """Names of rule presets."""
    return {
        "demo": _("demonstration numbers"),
        "saty-default": _("Saty's own numbers"),
        "kz-petition-2024": _("numbers of the law on petitions"),
    }
