"""Writing, publishing, changing and ending directions, programmes and measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, select

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import granted_territories, require
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.strategies.models import Direction, Indicator, Measure, Programme
from webapp.strategies.reading import in_force
from webapp.strategies.rules import (
    CONTENT,
    FIELD_OF,
    Fault,
    Level,
    Measured,
    Place,
    indicator_fault,
    may_hold,
    publication_faults,
    sdg_targets,
    words_faults,
)
from webapp.strategies.versions import (
    MODELS,
    VERBS,
    Subject,
    content_of,
    indicators_of,
    keep_version,
    level_of,
    new_version,
    of_subject,
    plain_indicator,
    tell,
)
from webapp.strategies.wording import fault_sentence, indicator_sentence
from webapp.territories.models import Territory


class Wanted(NamedTuple):
    """Something that is not there yet, for asking the table of permissions."""

    territory_id: int


def place_of(territory: Territory) -> Place:
    """A territory as the rules see it."""
    parent = territory.parent
    return Place(territory.rung, parent is not None and parent.rung == "nation")


def homes(actor: Any, level: Level, now: datetime) -> list[Territory]:
    """Where somebody may begin something of a level: the territories that they answer for and that hold it."""
    places = granted_territories(actor, Role.OFFICER, now) if actor.is_authenticated else []
    return [place for place in places if may_hold(level, place_of(place))]


def _write(subject: Subject, content: Mapping[str, Any]) -> None:
    level = level_of(subject)
    after = content_of(subject) | {name: value for name, value in content.items() if name in CONTENT[level]}
    _refuse(words_faults(after))
    if after.get("goals"):
        after["goals"] = " ".join(sdg_targets(after["goals"]) or [])
    for name, value in after.items():
        setattr(subject, name, value)


def parent_fault(subject: Subject) -> Fault | None:
    """What is wrong with what it belongs to."""
    parent = subject.direction if isinstance(subject, Programme) else getattr(subject, "programme", None)
    if parent is None:
        return None
    if parent.closed_at is not None:
        return Fault.PARENT_ENDED
    return None if parent.is_public else Fault.PARENT_DRAFT


def begin(
    actor: User,
    level: Level,
    territory: Territory,
    content: Mapping[str, Any],
    now: datetime,
    *,
    parent: Direction | Programme | None = None,
) -> Any:
    """A draft of the actor's own territory; nobody else sees it. A programme needs a direction as `parent`.

    Raises `NotAllowed`, `Conflict` where the rung does not hold this level, `Invalid` at a field.
    """
    require(actor, Permission.EDIT_STRATEGY, Wanted(territory.id), now)
    if not may_hold(level, place_of(territory)):
        raise Conflict(
            _("This rung has none of these: the nation sets directions, regions adapt them, cities carry them out.")
        )
    subject = MODELS[level](territory_id=territory.id, created_at=now, version=0)
    for name in CONTENT[level]:
        column = MODELS[level].__table__.c[name]
        setattr(subject, name, None if column.nullable else "")
    if isinstance(subject, Programme):
        if not isinstance(parent, Direction):
            raise Invalid(_("Choose the direction that the programme adapts."), "direction")
        subject.direction_id, subject.direction = parent.id, parent
    elif isinstance(subject, Measure):
        if parent is not None and not (isinstance(parent, Programme) and parent.territory.contains(territory)):
            raise Invalid(_("Choose a programme of the region of the city."), "programme")
        subject.programme_id, subject.programme = (parent.id, parent) if parent else (None, None)
    fault = parent_fault(subject)
    if fault is not None:
        raise Conflict(fault_sentence(fault))
    _write(subject, content)
    db.session.add(subject)
    db.session.flush()
    return subject


def change(
    actor: User, subject: Subject, content: Mapping[str, Any], now: datetime, note_kk: str = "", note_ru: str = ""
) -> bool:
    """Other words. Of a draft they are simply kept; what is published gets a new version, with a note in both languages.

    `subject` must be locked. Returns whether anything is different. Raises `Invalid` at a field.
    """
    require(actor, Permission.EDIT_STRATEGY, subject, now)
    _is_open(subject)
    before = content_of(subject)
    _write(subject, content)
    if content_of(subject) == before:
        return False
    if subject.is_public:
        faults = publication_faults(level_of(subject), content_of(subject), min(local_date(now), before["ends_on"]))
        _refuse(faults)
        new_version(actor, subject, now, note_kk, note_ru)
    db.session.flush()
    return True


def _refuse(faults: Iterable[Fault]) -> None:
    """Raise all of them, each at its field."""
    found = Faults()
    for fault in faults:
        found.add(fault_sentence(fault), FIELD_OF.get(fault, ""))
    found.stop()


def _is_open(subject: Subject) -> None:
    if subject.closed_at is not None:
        raise Conflict(_("It has ended; nothing in it changes any more."))


def hindrances(subject: Subject, now: datetime) -> list[Fault]:
    """All that keeps a draft from being published."""
    found = publication_faults(level_of(subject), content_of(subject), local_date(now))
    parent = parent_fault(subject)
    return [*found, parent] if parent else found


def publish(actor: User, subject: Subject, now: datetime) -> None:
    """Put it in force. `subject` must be locked. Raises `Conflict`, or `Invalid` with the first thing that is missing."""
    require(actor, Permission.EDIT_STRATEGY, subject, now)
    _is_open(subject)
    if subject.is_public:
        raise Conflict(_("It is published already."))
    faults = hindrances(subject, now)
    _refuse(faults)
    if isinstance(subject, Programme):
        _only_one(subject)
    subject.published_at = subject.changed_at = now
    keep_version(actor, subject, now)
    copied = getattr(subject, "replicated_from_id", None)
    tell(VERBS[level_of(subject)][0], subject, now, actor, **({"replicated_from_id": copied} if copied else {}))


def _only_one(programme: Programme) -> None:
    locked(Direction, programme.direction_id)
    query = select(Programme.id).where(
        in_force(Programme),
        Programme.direction_id == programme.direction_id,
        Programme.territory_id == programme.territory_id,
    )
    if db.session.scalar(query) is not None:
        raise Conflict(
            _("This region has a programme for the direction already. Change that one, or end it before the next.")
        )


def end(actor: User, subject: Subject, reason_kk: str, reason_ru: str, now: datetime) -> None:
    """It is in force no longer, with a reason in both languages. `subject` must be locked."""
    require(actor, Permission.EDIT_STRATEGY, subject, now)
    _is_open(subject)
    if not subject.is_public:
        raise Conflict(_("A draft cannot be ended; it can only be deleted."))
    found = Faults()
    found.both(_("Say in Kazakh and in Russian why it ends."), reason_kk=reason_kk, reason_ru=reason_ru)
    found.stop()
    subject.closed_at = now
    tell(VERBS[level_of(subject)][2], subject, now, actor, reason_kk=reason_kk, reason_ru=reason_ru)


def throw_away(actor: User, subject: Subject, now: datetime) -> None:
    """A draft that nobody needs. `subject` must be locked."""
    require(actor, Permission.EDIT_STRATEGY, subject, now)
    if subject.is_public:
        raise Conflict(_("It is published already."))
    if not isinstance(subject, Measure):
        db.session.execute(delete(Indicator).where(of_subject(subject) == subject.id))
    db.session.delete(subject)
    db.session.flush()


def count(
    actor: User,
    subject: Direction | Programme,
    wanted: Sequence[Measured],
    now: datetime,
    note_kk: str = "",
    note_ru: str = "",
) -> bool:
    """Replace the indicators. `subject` must be locked. Raises `Invalid` at `indicator_N_name_kk`, N from 1."""
    require(actor, Permission.EDIT_STRATEGY, subject, now)
    _is_open(subject)
    wrong = Faults()
    for number, said in enumerate(wanted, start=1):
        fault = indicator_fault(said)
        if fault is not None:
            wrong.add(indicator_sentence(fault), f"indicator_{number}_name_kk")
    wrong.stop()
    column = of_subject(subject)
    rows = [Indicator(position=n, **{column.key: subject.id}, **vars(said)) for n, said in enumerate(wanted)]
    if [plain_indicator(one) for one in rows] == [plain_indicator(one) for one in indicators_of(subject)]:
        return False
    db.session.execute(delete(Indicator).where(column == subject.id))
    db.session.add_all(rows)
    db.session.flush()
    if subject.is_public:
        new_version(actor, subject, now, note_kk, note_ru)
    return True
