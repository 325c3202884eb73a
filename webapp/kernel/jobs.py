"""What the worker does: jobs that features register, run one after another, each safe to repeat."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import datetime, timedelta
from enum import IntEnum
from functools import partial
from typing import NamedTuple, TypeVar

import structlog
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import (
    Model,
    UTCDateTime,
    db,
    insert,
    retrying,
    rollback,
    unit_of_work,
)

log = structlog.get_logger("saty.jobs")
_played: ContextVar[bool] = ContextVar("played", default=False)
Key = TypeVar("Key")
Work = Callable[[datetime], int]


class Phase(IntEnum):
    """When a job has its turn in a round: what passes by itself comes first, and is told, written, sent and sealed then."""

    DUE = 1  #: what the passing of a date or a moment does
    TELL = 2  #: facts become notices
    WRITE = 3  #: notices and decisions become mails
    SEND = 4  #: mails leave
    SEAL = 5  #: facts are chained
    COUNT = 6  #: sums are counted anew
    FORGET = 7  #: what has outlived its term is deleted


class Job(NamedTuple):
    """What a package gives the worker to do: `work` is a function of the present moment that says how much it did."""

    name: str
    work: Work
    every: timedelta = timedelta(0)
    phase: Phase = Phase.DUE


class Heartbeat(Model):
    """When a job last ran to its end; /readyz and /metrics read it."""

    __tablename__ = "heartbeat"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    ran_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Jobs:
    """All jobs in the order in which they run: by their phase, and within a phase as they were registered."""

    def __init__(self) -> None:
        self.all: list[tuple[str, Work, timedelta]] = []

    def register(self, wanted: Iterable[Job]) -> None:
        """Exactly these from now on. Raises ValueError for a name that two of them bear: a heartbeat has one owner."""
        ordered = sorted(wanted, key=lambda job: job.phase)
        if len({job.name for job in ordered}) < len(ordered):
            raise ValueError(f"two jobs bear one name: {sorted(job.name for job in ordered)}")
        self.all = [(job.name, job.work, job.every) for job in ordered]

    def run(self, now: datetime, *, everything: bool = True, played: bool = False) -> dict[str, int]:
        """Run what is due (or everything) once; one failing job does not stop the others.

        A `played` moment is no sign of life: it leaves no heartbeat, for it may lie in the future. In the
        worker (not `everything`) each job has its own moment: what ran before it has taken time.
        """
        token = _played.set(played)
        try:
            return self._run(now, everything, played)
        finally:
            _played.reset(token)

    def _run(self, now: datetime, everything: bool, played: bool) -> dict[str, int]:
        done: dict[str, int] = {}
        began = time.monotonic()
        for name, job, every in self.all:
            moment = now if everything else now + timedelta(seconds=time.monotonic() - began)
            try:
                if not everything and not _is_due(name, every, moment):
                    continue
                done[name] = job(moment)
                if not played:
                    _beat(name, moment)
            except Exception:
                rollback()
                log.exception("job failed", job=name)
                done[name] = -1
        return done


def each_once(keys: Iterable[Key], work: Callable[[Key], int]) -> int:
    """Do `work` for every key, each in a transaction of its own; returns the sum of what `work` says.

    All keys are read first, and the transaction that read them ends. `work` locks what it changes and looks at it again
    before it acts. So two workers, a worker killed half-way, or a request that came first, do it once.
    """
    found = list(keys)
    rollback()

    def once(key: Key) -> int:
        with unit_of_work():
            return work(key)

    return sum(retrying(partial(once, key)) for key in found)


def is_played() -> bool:
    """Whether a moment is being played that is not the present one."""
    return _played.get()


def _is_due(name: str, every: timedelta, now: datetime) -> bool:
    row = db.session.get(Heartbeat, name)
    due = row is None or row.ran_at + every <= now or row.ran_at > now  # a clock that was set back
    rollback()
    return due


def _beat(name: str, now: datetime) -> None:
    with unit_of_work():
        statement = insert(Heartbeat).values(name=name, ran_at=now)
        db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"ran_at": now}))


jobs = Jobs()
