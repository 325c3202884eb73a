"""Parts of a page that several features share: each feature gives its own, the page only asks them in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


class Place(StrEnum):
    """Where on the page a part stands. Within a place the order of the tuple decides."""

    NOTICE = "notice"
    TOP = "top"
    MAIN = "main"
    BESIDE = "beside"
    MORE = "more"


@dataclass(frozen=True)
class Act:
    """Something that the reader may do: a link, or with `posts` a form with one button.

    `weight` is a kind of button (`templates/_ui/button.html`); empty for a link in the text.
    """

    label: str
    url: str
    weight: str = ""
    posts: bool = False


@dataclass(frozen=True)
class Part:
    """What one feature shows in one place: a template that reads `context` as `part`, then acts.

    Where the same rows are shown in several places, the other parts are in `also`, so that nothing is loaded twice.
    """

    place: Place
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    also: tuple[Part, ...] = ()


#: `part(actor, subject, now)`: the part of a feature, or None where it has nothing to show to this reader.
PartOf = Callable[[Any, Any, datetime], Part | None]


def together(*parts: Part | None) -> Part | None:
    """One part out of several that were made of the same rows; None where there is none."""
    found = [part for part in parts if part is not None]
    return replace(found[0], also=(*found[0].also, *found[1:])) if found else None


def acts_at(place: Place, *acts: Act | None) -> Part | None:
    """A part that consists of acts; None where none of them is open to the reader."""
    found = tuple(act for act in acts if act is not None)
    return Part(place, acts=found) if found else None


def by_place(functions: Iterable[PartOf], actor: Any, subject: Any, now: datetime) -> dict[str, list[Part]]:
    """Ask each feature once; the parts of each place, in the order of the tuple."""
    found: dict[str, list[Part]] = {place.value: [] for place in Place}
    for function in functions:
        part = function(actor, subject, now)
        for one in (part, *part.also) if part is not None else ():
            found[one.place].append(one)
    return found
