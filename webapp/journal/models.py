"""A fact of the journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime


class Fact(Model):
    """What happened, when, to what, where. Never changed, never deleted, never naming a voter."""

    __tablename__ = "fact"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    verb: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None]
    acting_for_id: Mapped[int | None]
    subject_type: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int] = mapped_column(Integer)
    proposal_id: Mapped[int | None] = mapped_column(Integer)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    public: Mapped[bool] = mapped_column(Boolean, default=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    position: Mapped[int | None] = mapped_column(Integer, unique=True)
    prev_hash: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str | None] = mapped_column(String(64))
    told: Mapped[bool] = mapped_column(Boolean, default=False)

    __table_args__ = (
        Index("ix_fact_proposal_id_id", "proposal_id", "id"),
        Index("ix_fact_unsealed", "id", sqlite_where=hash.is_(None), postgresql_where=hash.is_(None)),
        Index("ix_fact_untold", "id", sqlite_where=text("told = 0"), postgresql_where=text("NOT told")),
    )
