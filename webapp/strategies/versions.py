"""The words of the three levels as they stand and as they stood: versions are kept, never changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db
from webapp.kernel.errors import Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import all_written
from webapp.people.models import User
from webapp.strategies.models import Direction, Indicator, Measure, Programme, StrategyVersion
from webapp.strategies.rules import CONTENT, Level

Subject = Direction | Programme | Measure
MODELS: dict[Level, type[Any]] = {
    Level.DIRECTION: Direction,
    Level.PROGRAMME: Programme,
    Level.MEASURE: Measure,
}
VERBS = {
    Level.DIRECTION: (Verb.DIRECTION_PUBLISHED, Verb.DIRECTION_CHANGED, Verb.DIRECTION_ENDED),
    Level.PROGRAMME: (Verb.PROGRAMME_PUBLISHED, Verb.PROGRAMME_CHANGED, Verb.PROGRAMME_ENDED),
    Level.MEASURE: (Verb.MEASURE_PUBLISHED, Verb.MEASURE_CHANGED, Verb.MEASURE_ENDED),
}


def level_of(subject: Subject) -> Level:
    """Which of the three it is."""
    return Level(type(subject).__tablename__)


def content_of(subject: Subject) -> dict[str, Any]:
    """Its words and dates as they stand."""
    return {name: getattr(subject, name) for name in CONTENT[level_of(subject)]}


def new_version(actor: User, subject: Subject, now: datetime, note_kk: str, note_ru: str) -> None:
    """What is published has changed: note why, keep what stands now, tell the journal."""
    if not all_written(note_kk, note_ru):
        raise Invalid(_("Say in Kazakh and in Russian what has changed and why."), "note_kk")
    subject.changed_at = now
    keep_version(actor, subject, now, note_kk, note_ru)
    tell(VERBS[level_of(subject)][1], subject, now, actor, note_kk=note_kk, note_ru=note_ru)


def keep_version(actor: User | None, subject: Subject, now: datetime, note_kk: str = "", note_ru: str = "") -> None:
    """Put what stands now beside the earlier versions."""
    subject.version += 1
    content = {
        name: value.isoformat() if isinstance(value, date) else value for name, value in content_of(subject).items()
    }
    content["indicators"] = [plain_indicator(one) for one in indicators_of(subject)]
    if isinstance(subject, Measure) and subject.programme_id:
        content["programme_id"] = subject.programme_id
    db.session.add(
        StrategyVersion(
            level=level_of(subject).value,
            subject_id=subject.id,
            version=subject.version,
            content=content,
            note_kk=note_kk,
            note_ru=note_ru,
            by_id=actor.id if actor else None,
            at=now,
        )
    )
    db.session.flush()


def tell(verb: Verb, subject: Subject, now: datetime, actor: User | None, **facts: Any) -> None:
    """Leave a public fact with its titles."""
    titles = {"title_kk": subject.title_kk, "title_ru": subject.title_ru, "version": subject.version}
    record(verb, subject, now, actor=actor, territory_id=subject.territory_id, **titles, **facts)


def of_subject(subject: Direction | Programme) -> InstrumentedAttribute[int | None]:
    """The column of an indicator that names what it belongs to."""
    return Indicator.direction_id if isinstance(subject, Direction) else Indicator.programme_id


def indicators_of(subject: Subject) -> list[Indicator]:
    """What is counted, in order; measures have none of their own."""
    if isinstance(subject, Measure):
        return []
    query = select(Indicator).where(of_subject(subject) == subject.id)
    return list(db.session.scalars(query.order_by(Indicator.position)))


def plain_indicator(one: Indicator) -> dict[str, Any]:
    """An indicator as plain values; numbers as text without trailing zeros."""
    names = ("name_kk", "name_ru", "unit_kk", "unit_ru", "baseline_year", "target_year")
    numbers = {name: f"{getattr(one, name).normalize():f}" for name in ("baseline", "target")}
    return {name: getattr(one, name) for name in names} | numbers


def versions_of(subject: Subject) -> list[StrategyVersion]:
    """All versions, newest first."""
    query = select(StrategyVersion).where(
        StrategyVersion.level == level_of(subject).value, StrategyVersion.subject_id == subject.id
    )
    return list(db.session.scalars(query.order_by(StrategyVersion.version.desc())))
