"""Which rung holds which level, what must be said before something is published, and targets of the SDGs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from webapp.kernel.text import all_written


class Level(StrEnum):
    """What is wanted, what is made of it, what is undertaken."""

    DIRECTION = "direction"
    PROGRAMME = "programme"
    MEASURE = "measure"


@dataclass(frozen=True)
class Place:
    """A territory as far as the cascade cares: its rung, and whether it reports straight to the nation."""

    rung: str
    reports_to_nation: bool = False


def may_hold(level: Level, place: Place) -> bool:
    """Whether a territory may have something of this level.

    The nation sets directions, a region adapts them, a city undertakes. A city that reports straight to the
    nation is city and region at once, so it adapts and undertakes.
    """
    if level is Level.DIRECTION:
        return place.rung == "nation"
    if level is Level.PROGRAMME:
        return place.rung == "region" or (place.rung == "city" and place.reports_to_nation)
    return place.rung == "city"


#: What a version keeps of each level, besides the two languages of the rest.
SHARED = (
    *("title_kk", "title_ru", "title_en", "text_kk", "text_ru", "owner_kk", "owner_ru"),
    *("sphere", "starts_on", "ends_on"),
)
CHOSEN = ("adopted_kk", "adopted_ru", "altered_kk", "altered_ru", "left_out_kk", "left_out_ru")
CONTENT: dict[Level, tuple[str, ...]] = {
    Level.DIRECTION: (*SHARED, "goals"),
    Level.PROGRAMME: (*SHARED, *CHOSEN),
    Level.MEASURE: (*SHARED, "budget_tenge"),
}


class Fault(StrEnum):
    """Why something cannot be published or changed so; `services` says it in words."""

    UNTITLED = "untitled"
    NO_TEXT = "no-text"
    NO_TERM = "no-term"
    BACKWARDS = "backwards"
    OVER = "over"
    NO_CHOICE = "no-choice"
    GOALS = "goals"
    PARENT_ENDED = "parent-ended"
    PARENT_DRAFT = "parent-draft"


#: The field of the form at which each fault is shown.
FIELD_OF = {
    Fault.UNTITLED: "title_kk",
    Fault.NO_TEXT: "text_kk",
    Fault.NO_TERM: "ends_on",
    Fault.BACKWARDS: "ends_on",
    Fault.OVER: "ends_on",
    Fault.NO_CHOICE: "adopted_kk",
    Fault.GOALS: "goals",
}


def _both(content: Mapping[str, Any], name: str) -> bool:
    return all_written(*(content.get(f"{name}_{code}") or "" for code in ("kk", "ru")))


def words_faults(content: Mapping[str, Any]) -> list[Fault]:
    """All that is wrong with words even of a draft: it has a title in both official languages, its term has an order."""
    starts, ends = content.get("starts_on"), content.get("ends_on")
    wrong = {
        Fault.UNTITLED: not _both(content, "title"),
        Fault.BACKWARDS: bool(starts and ends and ends < starts),
        Fault.GOALS: bool(content.get("goals")) and sdg_targets(content["goals"]) is None,
    }
    return [fault for fault, is_so in wrong.items() if is_so]


def words_fault(content: Mapping[str, Any]) -> Fault | None:
    """The first of them; None where nothing is wrong."""
    return next(iter(words_faults(content)), None)


def publication_faults(level: Level, content: Mapping[str, Any], today: date) -> list[Fault]:
    """All that keeps it from being published.

    An owner, money and measures may be missing: then it hangs, in public. Words in both official languages
    and a term may not, and a region says what it has adopted.
    """
    found = words_faults(content)
    if not _both(content, "text"):
        found.append(Fault.NO_TEXT)
    if not (content.get("starts_on") and content.get("ends_on")):
        found.append(Fault.NO_TERM)
    elif content["ends_on"] <= today:
        found.append(Fault.OVER)
    if level is Level.PROGRAMME and not _both(content, "adopted"):
        found.append(Fault.NO_CHOICE)
    return found


_TARGET = re.compile(r"(1[0-7]|[1-9])(\.(1[0-9]|[1-9]|[a-d]))?")


def sdg_targets(raw: str) -> list[str] | None:
    """Goals and targets out of a text like "16.7, 11.2 4"; None when one of them cannot exist.

    Source: the 2030 Agenda has 17 goals; targets are numbered, means of implementation are letters.
    """
    parts = [part for part in re.split(r"[\s,;]+", raw.strip().lower()) if part]
    if not all(_TARGET.fullmatch(part) for part in parts):
        return None
    return list(dict.fromkeys(parts))


class IndicatorFault(StrEnum):
    """Why an indicator cannot be counted."""

    UNNAMED = "unnamed"
    NO_NUMBER = "no-number"
    YEARS = "years"
    NOTHING_CHANGES = "nothing-changes"


FIRST_YEAR, LAST_YEAR = 1991, 2100


@dataclass(frozen=True)
class Measured:
    """An indicator: a name and a unit in both languages, from `baseline` in one year to `target` in another."""

    name_kk: str
    name_ru: str
    unit_kk: str
    unit_ru: str
    baseline: Any
    baseline_year: int | None
    target: Any
    target_year: int | None


def indicator_fault(said: Measured) -> IndicatorFault | None:
    """What is wrong with an indicator."""
    if not all_written(said.name_kk, said.name_ru, said.unit_kk, said.unit_ru):
        return IndicatorFault.UNNAMED
    if said.baseline is None or said.target is None:
        return IndicatorFault.NO_NUMBER
    if said.baseline_year is None or said.target_year is None:
        return IndicatorFault.YEARS
    if not FIRST_YEAR <= said.baseline_year <= said.target_year <= LAST_YEAR:
        return IndicatorFault.YEARS
    return IndicatorFault.NOTHING_CHANGES if said.baseline == said.target else None
