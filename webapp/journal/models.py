"""A fact of the journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime


class Fact(Model):
    """What happened, when, to what, where. Never changed, never deleted, never naming a voter.

    `actor_id` and `acting_for_id` are known inside only. Since `seal` 2 they are covered by `actor` and `acting_for`,
    salted commitments (`journal.rules.commitment`), so that they can be forgotten: with `FactSalt` they go when the
    person goes.
    """

    __tablename__ = "fact"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    verb: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(Integer)
    acting_for_id: Mapped[int | None] = mapped_column(Integer)
    subject_type: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int] = mapped_column(Integer)
    proposal_id: Mapped[int | None] = mapped_column(Integer)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    public: Mapped[bool] = mapped_column(Boolean, default=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    seal: Mapped[int | None] = mapped_column(SmallInteger)
    actor: Mapped[str | None] = mapped_column(String(64))
    acting_for: Mapped[str | None] = mapped_column(String(64))
    position: Mapped[int | None] = mapped_column(Integer, unique=True)
    prev_hash: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str | None] = mapped_column(String(64))
    told: Mapped[bool] = mapped_column(Boolean, default=False)

    __table_args__ = (
        Index("ix_fact_proposal_id_id", "proposal_id", "id"),
        Index(
            "ix_fact_actor_id", "actor_id", sqlite_where=actor_id.is_not(None), postgresql_where=actor_id.is_not(None)
        ),
        Index("ix_fact_unsealed", "id", sqlite_where=hash.is_(None), postgresql_where=hash.is_(None)),
        Index("ix_fact_untold", "id", sqlite_where=text("told = 0"), postgresql_where=text("NOT told")),
    )

    @property
    def happened_at(self) -> datetime:
        """When it happened: at the date that was due, for what a passing date does by itself; else when it was written."""
        due = self.facts.get("fell_due_at")
        return datetime.fromisoformat(due) if due else self.at


class FactSalt(Model):
    """What a commitment of a fact was made with. `part`: "actor" or "acting_for". Deleted with the person."""

    __tablename__ = "fact_salt"
    fact_id: Mapped[int] = mapped_column(ForeignKey("fact.id", ondelete="CASCADE"), primary_key=True)
    part: Mapped[str] = mapped_column(String(10), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
