"""What hangs and why, what is about to, and what has come of each direction in each region. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

#: Working days before something hangs in which whoever owes it is reminded.
REMIND_WORKING_DAYS = 5


class Cause(StrEnum):
    """Why something hangs; `words` says each in a sentence."""

    NO_PROGRAMME = "no-programme"
    NO_MONEY = "no-money"
    NO_OWNER = "no-owner"
    NO_MEASURES = "no-measures"
    NO_PROGRESS = "no-progress"
    NO_MILESTONES = "no-milestones"
    NO_REPORT = "no-report"
    OVERDUE = "overdue"
    PROMISE_UNANSWERED = "promise-unanswered"
    BODY_SILENT = "body-silent"


@dataclass(frozen=True)
class DirectionRow:
    """A direction in force."""

    id: int
    published_on: date
    ends_on: date
    territory_id: int
    has_owner: bool


@dataclass(frozen=True)
class ProgrammeRow:
    """A programme in force; `has_money` when anything is planned or committed for it or for its measures.

    It hangs once `progress_percent` of its term is over and its measures have reported nothing.
    """

    id: int
    direction_id: int
    territory_id: int
    published_on: date
    starts_on: date
    ends_on: date
    has_owner: bool
    has_money: bool
    progress_percent: int


@dataclass(frozen=True)
class MeasureRow:
    """A measure in force, with its milestones; `late_since` is the due date of the first one missed.

    Without milestones it hangs after `plan_wait_days`: a plan takes some time to be written.
    """

    id: int
    programme_id: int | None
    territory_id: int
    published_on: date
    ends_on: date
    has_owner: bool
    plan_wait_days: int
    reported: int = 0
    promised: int = 0
    late_since: date | None = None

    @property
    def is_done(self) -> bool:
        """Whether all that was promised is reported."""
        return 0 < self.promised == self.reported


@dataclass(frozen=True)
class PromiseRow:
    """Money promised to a city that has not answered."""

    id: int
    measure_id: int
    territory_id: int
    accept_due_on: date


@dataclass(frozen=True)
class SilenceRow:
    """A proposal whose body has let its term pass."""

    id: int
    territory_id: int
    since: date


@dataclass(frozen=True)
class Picture:
    """All that is in force. `adapters` are the territories that owe a programme for each direction."""

    adapters: tuple[int, ...] = ()
    directions: tuple[DirectionRow, ...] = ()
    programmes: tuple[ProgrammeRow, ...] = ()
    measures: tuple[MeasureRow, ...] = ()
    promises: tuple[PromiseRow, ...] = ()
    silences: tuple[SilenceRow, ...] = ()


@dataclass(frozen=True, order=True)
class Hanging:
    """Something that hangs: why, what it is, whose turn it is, since which day, and where it stands in the matrix.

    `number` is the one that the reason says, 0 where it says none.
    """

    cause: Cause
    level: str
    subject_id: int
    territory_id: int
    since: date
    direction_id: int = 0
    region_id: int = 0
    number: int = 0

    @property
    def key(self) -> tuple[str, str, int, int]:
        """What makes it the same tomorrow."""
        return (self.cause.value, self.level, self.subject_id, self.territory_id)


def hanging(picture: Picture, today: date) -> list[Hanging]:
    """All that hangs on a day, with the reason; sorted, each thing once for each cause."""
    found = [*_directions(picture, today), *_programmes(picture, today), *_measures(picture, today)]
    found += [*_promises(picture, today), *_silences(picture, today)]
    return sorted(found)


def about_to_hang(picture: Picture, today: date, ahead: date) -> list[Hanging]:
    """What does not hang today and does on a day ahead, if nobody acts."""
    known = {one.key for one in hanging(picture, today)}
    return [one for one in hanging(picture, ahead) if one.key not in known]


def _directions(picture: Picture, today: date) -> Iterable[Hanging]:
    adapted = {(one.direction_id, one.territory_id) for one in picture.programmes}
    for one in picture.directions:
        if one.published_on > today or one.ends_on < today:
            continue
        if not one.has_owner:
            yield Hanging(Cause.NO_OWNER, "direction", one.id, one.territory_id, one.published_on, one.id)
        for region in picture.adapters:
            if (one.id, region) not in adapted:
                yield Hanging(Cause.NO_PROGRAMME, "direction", one.id, region, one.published_on, one.id, region)


def _programmes(picture: Picture, today: date) -> Iterable[Hanging]:
    acting: dict[int | None, list[MeasureRow]] = defaultdict(list)
    for measure in picture.measures:
        acting[measure.programme_id].append(measure)
    for one in picture.programmes:
        if one.published_on > today:
            continue
        where = (one.territory_id, one.published_on, one.direction_id, one.territory_id)
        if not one.has_owner:
            yield Hanging(Cause.NO_OWNER, "programme", one.id, *where)
        if not one.has_money:
            yield Hanging(Cause.NO_MONEY, "programme", one.id, *where)
        theirs = acting[one.id]
        if not theirs:
            yield Hanging(Cause.NO_MEASURES, "programme", one.id, *where)
        part = one.starts_on + timedelta(days=(one.ends_on - one.starts_on).days * one.progress_percent // 100)
        if theirs and today > part and not any(measure.reported for measure in theirs):
            since, said = part + timedelta(days=1), one.progress_percent
            yield Hanging(Cause.NO_PROGRESS, "programme", one.id, one.territory_id, since, *where[2:], said)


def places(picture: Picture) -> dict[int, tuple[int, int]]:
    """The direction and the region of each programme."""
    return {one.id: (one.direction_id, one.territory_id) for one in picture.programmes}


def _measures(picture: Picture, today: date) -> Iterable[Hanging]:
    of = places(picture)
    for one in picture.measures:
        if one.published_on > today:
            continue
        where = of.get(one.programme_id or 0, (0, 0))
        if not one.has_owner:
            yield Hanging(Cause.NO_OWNER, "measure", one.id, one.territory_id, one.published_on, *where)
        planned_by = one.published_on + timedelta(days=one.plan_wait_days)
        if not one.promised and today > planned_by:
            since = planned_by + timedelta(days=1)
            said = one.plan_wait_days
            yield Hanging(Cause.NO_MILESTONES, "measure", one.id, one.territory_id, since, *where, said)
        if one.late_since is not None and one.late_since < today:
            since = one.late_since + timedelta(days=1)
            yield Hanging(Cause.NO_REPORT, "measure", one.id, one.territory_id, since, *where)
        if one.ends_on < today and not one.is_done:
            since = one.ends_on + timedelta(days=1)
            yield Hanging(Cause.OVERDUE, "measure", one.id, one.territory_id, since, *where)


def _promises(picture: Picture, today: date) -> Iterable[Hanging]:
    of, programme_of = places(picture), {one.id: one.programme_id for one in picture.measures}
    for one in picture.promises:
        if one.accept_due_on < today:
            where = of.get(programme_of.get(one.measure_id) or 0, (0, 0))
            since = one.accept_due_on + timedelta(days=1)
            yield Hanging(Cause.PROMISE_UNANSWERED, "commitment", one.id, one.territory_id, since, *where)


def _silences(picture: Picture, today: date) -> Iterable[Hanging]:
    for one in picture.silences:
        if one.since <= today:
            yield Hanging(Cause.BODY_SILENT, "proposal", one.id, one.territory_id, one.since)


class State(StrEnum):
    """What has come of a direction in a region."""

    NONE = "none"
    ADOPTED = "adopted"
    UNDERWAY = "underway"
    DONE = "done"


@dataclass(frozen=True)
class Cell:
    """A direction in a region, or in a city: how many measures, and of how many milestones how many are reported."""

    has_programme: bool = False
    measures: int = 0
    finished: int = 0
    reported: int = 0
    promised: int = 0

    @property
    def state(self) -> State:
        """In one word."""
        if self.measures:
            return State.DONE if self.finished == self.measures else State.UNDERWAY
        return State.ADOPTED if self.has_programme else State.NONE

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        return self.reported / self.promised if self.promised else 0.0


def coverage(picture: Picture) -> dict[tuple[int, int], Cell]:
    """A cell for each direction and each territory that adapts it, without those that have nothing."""
    of = places(picture)
    acting: dict[tuple[int, int], list[MeasureRow]] = {pair: [] for pair in of.values()}
    for one in picture.measures:
        if one.programme_id in of:
            acting[of[one.programme_id]].append(one)
    return {pair: cell_of(found) for pair, found in acting.items()}


def cell_of(found: Sequence[MeasureRow]) -> Cell:
    """Measures of one programme as a cell."""
    return Cell(
        True,
        len(found),
        sum(one.is_done for one in found),
        sum(one.reported for one in found),
        sum(one.promised for one in found),
    )
