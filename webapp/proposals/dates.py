"""What each date of a proposal means, by its stage: the one place that knows it, for every page, mail and calendar. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from webapp.proposals.rules import CLOSING, FINAL, Stage


class Means(StrEnum):
    """What happens by a date, or has happened on it."""

    CHECK = "check"
    REPLY = "reply"
    SUPPORT = "support"
    ANSWER = "answer"
    BEGIN = "begin"
    WORK = "work"
    APPEAL = "appeal"
    OVERDUE = "overdue"
    ENDED = "ended"


class Promise(NamedTuple):
    """One date and its meaning."""

    means: Means
    at: datetime


#: What the date that stands at a stage is the date of.
_OF_STAGE = {
    Stage.SUBMITTED: Means.CHECK,
    Stage.RETURNED: Means.REPLY,
    Stage.COLLECTING: Means.SUPPORT,
    Stage.REVIEW: Means.ANSWER,
    Stage.ACCEPTED: Means.BEGIN,
    Stage.IMPLEMENTING: Means.WORK,
}
#: What a body owes: there it can be late.
_OWED = frozenset({Stage.SUBMITTED, Stage.REVIEW, Stage.IMPLEMENTING})


def promises(
    stage: Stage,
    due_at: datetime | None,
    closes_at: datetime | None,
    appeal_until: datetime | None,
    closed_at: datetime | None,
    overdue_at: datetime | None,
    now: datetime,
) -> list[Promise]:
    """The dates that a proposal has now, the one that presses most first; empty where nothing has a date.

    Support and appeal are two dates with a field each: while an answer is owed and after a refusal votes
    may carry a proposal on until `closes_at`, an author may appeal until `appeal_until`. What was owed and
    is not there shows since when; the next time that somebody looks (`due_at` then) is nobody's promise.
    """
    if closed_at is not None or stage in FINAL:
        return [Promise(Means.ENDED, closed_at)] if closed_at is not None else []
    found = []
    if stage in CLOSING:
        until = appeal_until or (due_at if stage is Stage.REJECTED else None)
        if until is not None and now < until:
            found.append(Promise(Means.APPEAL, until))
    elif overdue_at is not None and stage in _OWED:
        found.append(Promise(Means.OVERDUE, overdue_at))
    elif stage in _OF_STAGE and due_at is not None:
        found.append(Promise(_OF_STAGE[stage], due_at))
    if stage in (Stage.REVIEW, Stage.DECLINED) and closes_at is not None and now < closes_at:
        found.append(Promise(Means.SUPPORT, closes_at))
    return found


def promises_of(row: object, now: datetime) -> list[Promise]:
    """The same for a proposal, or for a row of a list with its columns."""
    return promises(
        Stage(row.stage),  # type: ignore[attr-defined]
        *(getattr(row, name) for name in ("due_at", "closes_at", "appeal_until", "closed_at", "overdue_at")),
        now,
    )
