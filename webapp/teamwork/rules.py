"""Whose turn it is, and how long a reading mark holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

#: A mark "I am reading this" holds so long; who opens the page again renews it.
READING = timedelta(minutes=10)
#: A decision after a longer look says nothing about the time that it took.
LOOK_MAX = timedelta(minutes=30)
NOTE_MAX = 4000
VIEWS_MAX = 20


@dataclass(frozen=True)
class Colleague:
    """Somebody who can be given work: languages read, department, the date of return, when work last came, how much is open."""

    user_id: int
    languages: frozenset[str]
    department_id: int | None
    away_until: date | None
    last_at: datetime | None
    open: int


def next_in_turn(colleagues: Sequence[Colleague], lang: str, department_id: int | None, today: date) -> int | None:
    """Whose turn it is: of those who are here, read the language and belong to the department, who has waited longest.

    Without a department everybody's; who has never been given anything comes first, then who has least open.
    None when nobody fits.
    """
    able = [
        person
        for person in colleagues
        if lang in person.languages
        and (department_id is None or person.department_id == department_id)
        and (person.away_until is None or person.away_until <= today)
    ]
    if not able:
        return None

    def waited(person: Colleague) -> tuple[float, int, int]:
        return (person.last_at.timestamp() if person.last_at else 0.0, person.open, person.user_id)

    return min(able, key=waited).user_id
