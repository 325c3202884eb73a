"""Entering money, and adding it up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, summed
from webapp.kernel.errors import Conflict
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import all_written
from webapp.people.models import User
from webapp.resources.models import Commitment, Entry
from webapp.resources.rules import (
    EntryFault,
    Kind,
    Source,
    Sums,
    entry_fault,
    excess,
    total,
)
from webapp.strategies.models import Measure, Programme

Owner = Programme | Measure


@dataclass(frozen=True)
class Said:
    """A sum as it is entered. `amount_tenge` in whole tenge, negative for a correction."""

    kind: Kind
    source: Source
    amount_tenge: int
    on: date
    document: str
    reason_kk: str = ""
    reason_ru: str = ""

    @property
    def has_reason(self) -> bool:
        """Whether it says why, in both languages."""
        return all_written(self.reason_kk, self.reason_ru)


def _column(model: type[Owner]) -> ColumnElement[int]:
    return Entry.programme_id if model is Programme else Entry.measure_id


def sums_of(model: type[Owner], keys: Collection[int]) -> dict[int, Sums]:
    """What some programmes or measures have of their own, by their number, in one query."""
    column = _column(model)
    return {key: Sums() for key in keys} | added_up(column, column.in_(keys))


def added_up(column: ColumnElement[int], *where: ColumnElement[bool], joined: Sequence[Any] = ()) -> dict[int, Sums]:
    """Sums of entries by the value of a column, in one query; `joined` are tables and conditions on the way to it."""
    query = select(column, Entry.kind, Entry.source, summed(Entry.amount_tenge)).select_from(Entry)
    for table, condition in joined:
        query = query.join(table, condition)
    found: dict[int, dict[tuple[str, str], int]] = {}
    for key, kind, source, amount in db.session.execute(query.where(*where).group_by(column, Entry.kind, Entry.source)):
        found.setdefault(key, {})[kind, source] = int(amount)
    return {key: Sums(by) for key, by in found.items()}


def sums_below(programme_ids: Collection[int]) -> dict[int, Sums]:
    """What all published measures of some programmes have together, by programme, in one query."""
    below = added_up(
        Measure.programme_id,
        *(Measure.programme_id.in_(programme_ids), Measure.published_at.is_not(None)),
        joined=[(Measure, Measure.id == Entry.measure_id)],
    )
    return {key: Sums() for key in programme_ids} | below


def sums_of_programmes(programme_ids: Collection[int]) -> dict[int, Sums]:
    """What some programmes have with all their measures, in two queries."""
    own, below = sums_of(Programme, programme_ids), sums_below(programme_ids)
    return {key: total([own[key], below[key]]) for key in programme_ids}


def entries_of(owner: Owner) -> list[Entry]:
    """All entries, newest first."""
    query = select(Entry).where(_column(type(owner)) == owner.id)
    return list(db.session.scalars(query.order_by(Entry.on.desc(), Entry.id.desc()).limit(300)))


def enter(actor: User, owner: Owner, said: Said, now: datetime) -> Entry:
    """Enter a sum. `owner` must be locked. Raises `NotAllowed`, `Conflict`, or `Invalid` at a field."""
    require(actor, Permission.ENTER_MONEY, owner, now)
    if not owner.is_open:
        raise Conflict(_("Money is entered for what is published and in force."))
    found = Faults()
    if not said.document.strip():
        found.add(_("Name the document: its kind, number and date."), "document")
    if said.kind is Kind.SPENT and said.on > local_date(now):
        found.add(_("Spent money has been spent already: the date cannot be in the future."), "on")
    before = sums_of(type(owner), [owner.id])[owner.id]
    ceiling = owner.budget_tenge if isinstance(owner, Measure) else None
    fault = entry_fault(before, said.kind, said.source, said.amount_tenge, said.has_reason, ceiling)
    if fault is not None:
        found.add(_sentence(fault), "reason_kk" if fault.startswith("reason") else "amount_tenge")
    found.stop()
    entry = put_entry(owner, said, now)
    after = total([before, Sums({(said.kind.value, said.source.value): said.amount_tenge})])
    over = excess(after, ceiling)
    facts = {"exceeds_tenge": over} if over > excess(before, ceiling) else {}
    _tell(entry, owner, said, now, actor, **facts)
    return entry


def _sentence(fault: EntryFault) -> str:
    return {
        EntryFault.NOTHING: _("Write the amount in whole tenge; a correction begins with a minus."),
        EntryFault.TOO_LARGE: _("No budget has so much money. Look at the number again."),
        EntryFault.BELOW_ZERO: _("There is not enough of it: a sum never falls below zero."),
        EntryFault.REASON_FOR_CORRECTION: _("Say in Kazakh and in Russian why it is corrected."),
        EntryFault.REASON_FOR_EXCESS: _(
            "This is more than was granted: planned money must fit into the budget, committed into planned, spent into committed. Say in Kazakh and in Russian why it exceeds it."
        ),
    }[fault]


def put_entry(owner: Owner, said: Said, now: datetime, commitment: Commitment | None = None) -> Entry:
    """Write the row of a sum, asking nothing."""
    entry = Entry(**vars(said), at=now, commitment_id=commitment.id if commitment else None)
    entry.programme_id = owner.id if isinstance(owner, Programme) else None
    entry.measure_id = owner.id if isinstance(owner, Measure) else None
    db.session.add(entry)
    db.session.flush()
    return entry


def _tell(entry: Entry, owner: Owner, said: Said, now: datetime, actor: User, **facts: int) -> None:
    words = {name: getattr(said, name) for name in ("reason_kk", "reason_ru") if getattr(said, name)}
    record(
        Verb.MONEY_ENTERED,
        entry,
        now,
        actor=actor,
        territory_id=owner.territory_id,
        of=type(owner).__tablename__,
        of_id=owner.id,
        title_kk=owner.title_kk,
        title_ru=owner.title_ru,
        kind=said.kind.value,
        source=said.source.value,
        amount_tenge=said.amount_tenge,
        document=said.document,
        **words,
        **facts,
    )
