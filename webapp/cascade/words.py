"""The cascade in the language of the page: levels, kinds and sources of money, and texts that stand in two languages."""

from __future__ import annotations

from typing import Any

from webapp.answering.choices import sources as answer_sources
from webapp.kernel.i18n import by_language, localized
from webapp.kernel.i18n import gettext as _
from webapp.resources.rules import Kind, Source
from webapp.strategies.rules import Level
from webapp.strategies.wording import said

PLURALS = {"directions": Level.DIRECTION, "programmes": Level.PROGRAMME, "measures": Level.MEASURE}
PLURAL_OF = {level: plural for plural, level in PLURALS.items()}


@by_language
def level_labels() -> dict[str, str]:
    """One of each level."""
    return {
        Level.DIRECTION.value: _("Direction"),
        Level.PROGRAMME.value: _("Programme"),
        Level.MEASURE.value: _("Measure"),
    }


@by_language
def kind_labels() -> dict[str, str]:
    """What has become of money."""
    return {
        Kind.PLANNED.value: _("Planned"),
        Kind.COMMITTED.value: _("Committed"),
        Kind.SPENT.value: _("Spent"),
    }


@by_language
def source_labels() -> dict[str, str]:
    """Where money comes from."""
    known = answer_sources()
    return {source.value: known[source.value] for source in Source}


def url_of(subject: Any) -> str:
    """The address of a direction, programme or measure."""
    return f"/{PLURAL_OF[Level(type(subject).__tablename__)]}/{subject.id}"


def step(subject: Any, current: bool = False) -> dict[str, Any]:
    """One of them as a step of the vertical line."""
    level = Level(type(subject).__tablename__)
    title = said(subject)
    return {
        "level": level.value,
        "label": level_labels()[level.value],
        "place": localized(subject.territory),
        "title": title.text,
        "lang": title.lang,
        "url": url_of(subject),
        "current": current,
        "ended": subject.closed_at is not None,
    }
