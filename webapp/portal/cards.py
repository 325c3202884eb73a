"""A row of the list as people see it: where, what, how far, what is next and by when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from webapp.kernel.i18n import current_language, format_number
from webapp.kernel.i18n import gettext as _
from webapp.portal import words
from webapp.proposals.choices import said_of
from webapp.proposals.dates import Means, Promise, promises_of
from webapp.proposals.hiding import shown_lang, shown_title
from webapp.proposals.rules import Stage
from webapp.territories.rules import STRAIGHT_TO_NATION, Kind


@dataclass(frozen=True, slots=True)
class Card:
    """What the macro `ui.proposal.card` shows."""

    url: str
    title: str
    lang: str
    place: str
    number: str
    stage: str
    stage_label: str
    sphere_label: str
    supports: int
    threshold: int
    percent: int
    progress_label: str
    next_label: str
    next_tone: str
    steps: tuple[str, ...]
    steps_label: str
    silent_label: str


def cards(rows: Iterable[Any], now: datetime) -> list[Card]:
    """Rows of `listing.page_of` as cards."""
    lang = current_language()
    return [_card(row, _tone(row, now), next(iter(promises_of(row, now)), None), lang) for row in rows]


@lru_cache(maxsize=4096)
def _card(row: Any, tone: str, promise: Promise | None, _lang: str) -> Card:
    """One card; the same row in the same language is put together once."""
    is_open = row.closed_at is None
    progress_label = ""
    if row.next_threshold and is_open and row.stage != Stage.DECLINED:
        progress_label = _(
            "Supporters: %(supports)s of %(threshold)s, %(place)s",
            supports=format_number(row.next_supports),
            threshold=format_number(row.next_threshold),
            place=row.target_name,
        )
    steps, steps_label = mini_ladder(row)
    return Card(
        url=f"/proposals/{row.id}",
        title=shown_title(row),
        lang=shown_lang(row),
        place=row.origin_name,
        number=row.number,
        stage=row.stage,
        stage_label=words.stage_labels()[row.stage],
        sphere_label=words.sphere_labels().get(row.sphere, ""),
        supports=row.supports,
        threshold=row.next_threshold,
        percent=row.progress // 10,
        progress_label=progress_label,
        next_label=_next_label(promise),
        next_tone=tone,
        steps=steps,
        steps_label=steps_label,
        silent_label=_("a body did not answer in time") if row.silent_at is not None else "",
    )


def _next_label(promise: Promise | None) -> str:
    return said_of(promise, "medium") if promise is not None and promise.means is not Means.ENDED else ""


def _tone(row: Any, now: datetime) -> str:
    if row.closed_at is not None:
        return "none"
    if row.overdue_at is not None:
        return "late"
    if row.stage in (Stage.REVIEW, Stage.IMPLEMENTING) and (row.due_at - now).days <= 3:
        return "soon"
    return "ok"


def mini_ladder(row: Any) -> tuple[tuple[str, ...], str]:
    """Steps for the small staircase and the words that it stands for."""
    two_rungs = row.origin_kind == Kind.REPUBLICAN_CITY or row.origin_kato in STRAIGHT_TO_NATION
    rungs = ("city", "nation") if two_rungs else ("city", "region", "nation")
    here = rungs.index(row.seat_rung) if row.seat_rung in rungs else 0
    steps = ["passed" if i < here else "current" if i == here else "ahead" for i in range(len(rungs))]
    if row.silent_at is not None and here:
        steps[here - 1] = "silent"
    label = _("Rung %(here)d of %(count)d: %(place)s", here=here + 1, count=len(rungs), place=row.seat_name)
    return tuple(steps), label
