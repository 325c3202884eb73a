"""What a sentence reads from a fact: its values as they are written in the language being spoken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.kernel.i18n import current_language, format_date, format_datetime, format_tenge
from webapp.kernel.text import iso_date


@dataclass(frozen=True)
class Happening:
    """The values of one fact; `on_page` as in `sentence`."""

    facts: Mapping[str, Any]
    on_page: bool = False

    def get(self, name: str) -> Any:
        """A value as it is stored; "" where the fact has none."""
        value = self.facts.get(name)
        return "" if value is None else value

    def number(self, name: str, otherwise: int = 0) -> int:
        """A number."""
        return int(self.facts.get(name, otherwise))

    def date(self, name: str) -> str:
        """The date of a moment."""
        stored = self.facts.get(name)
        return format_date(datetime.fromisoformat(stored)) if stored else ""

    def moment(self, name: str) -> str:
        """Date and time of day of a moment."""
        stored = self.facts.get(name)
        return format_datetime(datetime.fromisoformat(stored)) if stored else ""

    def day(self, name: str) -> str:
        """A day that is stored without a time."""
        day = iso_date(self.facts.get(name))
        return format_date(day) if day else ""

    def amount(self, name: str) -> str:
        """Whole tenge."""
        return format_tenge(self.number(name))

    def in_language(self, name: str) -> str:
        """A text that is stored in Kazakh and Russian: `title` of `title_kk` and `title_ru`."""
        return str(self.facts.get(f"{name}_{'kk' if current_language() == 'kk' else 'ru'}") or "")

    @property
    def due(self) -> str:
        """Until when something is due."""
        return self.date("due_at")

    @property
    def title(self) -> str:
        """What the fact names, in the language being spoken."""
        return self.in_language("title")


Sentence = Callable[[Happening], str]
