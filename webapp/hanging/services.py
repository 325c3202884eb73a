"""Keeping cases: the worker opens what has begun to hang and ends what does not any more, each with a public fact."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select

from webapp.hanging.gathering import picture_of
from webapp.hanging.models import HangingCase, HangingReminder
from webapp.hanging.rules import REMIND_WORKING_DAYS, Cause, Hanging, about_to_hang, hanging
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import alone, db, unit_of_work
from webapp.kernel.parts import delete_in_parts
from webapp.rulebook.services import due_after

#: Of the lock that keeps two workers from opening the same case.
LOCK = "hanging cases"


def keep_cases(now: datetime) -> int:
    """The job. Returns how many cases were opened or ended; a second run at the same moment does nothing."""
    with unit_of_work():
        alone(LOCK)
        found = {one.key: one for one in hanging(picture_of(), local_date(now))}
        query = select(HangingCase).where(HangingCase.ended_at.is_(None))
        known = {_key(case): case for case in db.session.scalars(query)}
        fresh = [one for key, one in found.items() if key not in known]
        over = [case for key, case in known.items() if key not in found]
        _open(fresh, now)
        for case in over:
            case.ended_at = now
            _tell(Verb.STRATEGY_RESUMED, case, now)
        return len(fresh) + len(over)


def _key(case: HangingCase) -> tuple[str, str, int, int]:
    return (case.cause, case.level, case.subject_id, case.territory_id)


def _open(fresh: list[Hanging], now: datetime) -> None:
    cases = [
        HangingCase(
            cause=one.cause.value,
            level=one.level,
            subject_id=one.subject_id,
            territory_id=one.territory_id,
            direction_id=one.direction_id or None,
            region_id=one.region_id or None,
            since=one.since,
            number=one.number,
            opened_at=now,
        )
        for one in fresh
    ]
    db.session.add_all(cases)
    db.session.flush()
    for case in cases:
        _tell(Verb.STRATEGY_HANGS, case, now)


def _tell(verb: Verb, case: HangingCase, now: datetime) -> None:
    record(
        verb,
        case,
        now,
        territory_id=case.territory_id,
        cause=case.cause,
        of=case.level,
        of_id=case.subject_id,
        since=case.since.isoformat(),
    )


def to_remind(now: datetime) -> list[Hanging]:
    """What will hang in five working days and nobody has been reminded of yet; noted, so that it is said once.

    A silence of a body is not among them: officers are reminded of answers elsewhere.
    """
    ahead = local_date(due_after(REMIND_WORKING_DAYS, now))
    soon = [one for one in about_to_hang(picture_of(), local_date(now), ahead) if one.cause is not Cause.BODY_SILENT]
    if not soon:
        return []
    query = select(HangingReminder).where(HangingReminder.since >= local_date(now))
    told = {(row.cause, row.level, row.subject_id, row.territory_id, row.since) for row in db.session.scalars(query)}
    fresh = [one for one in soon if (*one.key, one.since) not in told]
    if fresh:
        db.session.execute(insert(HangingReminder), [_reminder(one, now) for one in fresh])
    return fresh


def _reminder(one: Hanging, now: datetime) -> dict[str, Any]:
    cause, level, subject, territory = one.key
    return {
        "cause": cause,
        "level": level,
        "subject_id": subject,
        "territory_id": territory,
        "since": one.since,
        "at": now,
    }


def forget_reminders(now: datetime) -> int:
    """The job: reminders of days long past."""
    return delete_in_parts(HangingReminder, HangingReminder.since < _long_ago(local_date(now)))


def _long_ago(today: date) -> date:
    return today.replace(year=today.year - 1, day=1)


def open_cases() -> Any:
    """A query of what hangs now."""
    return select(HangingCase).where(HangingCase.ended_at.is_(None))
