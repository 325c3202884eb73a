"""The names of stages, spheres, causes and verbs in the language of the page."""

from __future__ import annotations

from webapp.answering.choices import given as answer_labels
from webapp.answering.choices import sources as source_labels
from webapp.kernel.i18n import by_language
from webapp.kernel.i18n import gettext as _
from webapp.proposals.choices import fundings as funding_labels
from webapp.proposals.choices import spheres as sphere_labels
from webapp.proposals.choices import stages as stage_labels
from webapp.territories.rules import PopulationSource

__all__ = [
    "answer_labels",
    "funding_labels",
    "level_labels",
    "population_source_labels",
    "preset_labels",
    "source_labels",
    "sphere_labels",
    "stage_labels",
]


@by_language
def level_labels() -> dict[str, str]:
    """Rungs."""
    return {"city": _("City level"), "region": _("Regional level"), "nation": _("National level")}


@by_language
def preset_labels() -> dict[str, str]:
    """Names of rule presets."""
    return {
        "demo": _("demonstration numbers"),
        "saty-default": _("Saty's own numbers"),
        "kz-petition-2024": _("numbers of the law on petitions"),
    }


@by_language
def population_source_labels() -> dict[str, str]:
    """Where a population comes from."""
    return {
        PopulationSource.NATIONAL_STATISTICS.value: _("Bureau of National Statistics"),
        PopulationSource.PARASAT.value: "parasat.club",
        PopulationSource.VLAST_ROUNDED.value: _("vlast.kz, rounded"),
    }
