"""The filters of the desk, as they stand in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode

from webapp.access.rules import Role
from webapp.kernel.text import one_line, whole_number
from webapp.proposals.rules import SPHERES, Stage

PAGE = 50
BULK_MAX = 50
SAMPLES = 3
DUE_MAX = 99
#: Per mille of the next threshold from which a proposal will climb soon.
SOON = 800


class Tab(StrEnum):
    """The lists of the desk."""

    INBOX = "inbox"
    MINE = "mine"
    WAITING = "waiting"
    OVERDUE = "overdue"
    SOON = "soon"
    ANSWERS = "answers"
    BELOW = "below"
    WORKS = "works"
    MENTIONS = "mentions"
    DONE = "done"


#: Stages of a list, and the role whose desk it lies on.
STAGES: dict[Tab, tuple[tuple[Stage, ...], str]] = {
    Tab.INBOX: ((Stage.SUBMITTED,), Role.MODERATOR),
    Tab.MINE: ((Stage.SUBMITTED, Stage.RETURNED, Stage.REVIEW), "both"),
    Tab.WAITING: ((Stage.RETURNED,), Role.MODERATOR),
    Tab.OVERDUE: ((Stage.SUBMITTED, Stage.REVIEW, Stage.ACCEPTED, Stage.IMPLEMENTING), "both"),
    Tab.SOON: ((Stage.COLLECTING,), "both"),
    Tab.ANSWERS: ((Stage.REVIEW,), Role.OFFICER),
    Tab.BELOW: ((Stage.REVIEW,), "below"),
    Tab.WORKS: ((Stage.ACCEPTED, Stage.IMPLEMENTING), Role.OFFICER),
    Tab.MENTIONS: (tuple(Stage), "both"),
    Tab.DONE: (tuple(Stage), Role.MODERATOR),
}
LANGUAGES = ("kk", "ru", "en")


@dataclass(frozen=True)
class Filters:
    """What the list shows. Empty means no limit; `due` is in working days; `who` is "me", "nobody" or a number."""

    tab: Tab = Tab.INBOX
    place: str = ""
    sphere: str = ""
    dept: str = ""
    lang: str = ""
    who: str = ""
    due: str = ""
    q: str = ""
    came: str = ""  # "week": what came to the body's rung within a week

    def query(self, **changes: Any) -> str:
        """The part of an address behind the question mark, without what says nothing."""
        values = {name: str(value) for name, value in asdict(replace(self, **changes)).items()}
        return urlencode(
            {name: value for name, value in values.items() if value and (name, value) != ("tab", Tab.INBOX)}
        )

    @property
    def url(self) -> str:
        """The address of the list."""
        query = self.query()
        return "/desk" + (f"?{query}" if query else "")

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the list is chosen."""
        return self != Filters(tab=self.tab)


def _number(value: str, limit: int) -> str:
    number = whole_number(value)
    return value if number is not None and number <= limit else ""


def filters_of(values: Mapping[str, str], default: Tab = Tab.INBOX) -> Filters:
    """Filters from an address; what is not understood is left out."""
    tab, who = values.get("tab", ""), values.get("who", "")
    place = values.get("place", "")
    return Filters(
        tab=Tab(tab) if tab in set(Tab) else default,
        place=place if place.isascii() and place.isdigit() and len(place) == 9 else "",
        sphere=values.get("sphere", "") if values.get("sphere", "") in SPHERES else "",
        dept=_number(values.get("dept", ""), 2**31 - 1),
        lang=values.get("lang", "") if values.get("lang", "") in LANGUAGES else "",
        who=who if who in ("me", "nobody") else _number(who, 2**31 - 1),
        due=_number(values.get("due", ""), DUE_MAX),
        q=one_line(one_line(values.get("q"))[:80]),
        came=values.get("came", "") if values.get("came", "") == "week" else "",
    )


def filters_behind(back: str | None) -> Filters:
    """Filters from the field that a form brings back: the part of an address behind the question mark."""
    return filters_of(dict(parse_qsl(back or "")))
