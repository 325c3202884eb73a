"""Tallies of votes by territory, and the rungs of a proposal's ladder with their frozen terms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.territories.models import Territory


class Tally(Model):
    """Votes of the residents (and organisations) of a territory on a proposal. Changed by SQL only."""

    __tablename__ = "tally"
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), primary_key=True)
    supports: Mapped[int] = mapped_column(Integer, default=0)
    opposes: Mapped[int] = mapped_column(Integer, default=0)
    organisation_supports: Mapped[int] = mapped_column(Integer, default=0)
    organisation_opposes: Mapped[int] = mapped_column(Integer, default=0)

    __table_args__ = (
        CheckConstraint(
            "supports >= 0 AND opposes >= 0 AND organisation_supports >= 0 AND organisation_opposes >= 0",
            name="not_negative",
        ),
    )


class LadderRung(Model):
    """One rung of one proposal: the terms frozen at publication, and what happened there."""

    __tablename__ = "ladder_rung"
    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    rule_set_id: Mapped[int] = mapped_column(ForeignKey("rule_set.id"))
    threshold: Mapped[int]
    minimum_support_percent: Mapped[int]
    spread_places: Mapped[int]
    spread_supports: Mapped[int]
    answer_working_days: Mapped[int]
    appeal_working_days: Mapped[int]
    extensions: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    extension_working_days: Mapped[int] = mapped_column(Integer, default=15, server_default="15")
    extended: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    reached_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cause: Mapped[str] = mapped_column(String(20), default="")
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str] = mapped_column(String(20), default="")
    territory: Mapped[Territory] = relationship()

    __table_args__ = (
        UniqueConstraint("proposal_id", "position"),
        UniqueConstraint("proposal_id", "territory_id"),
        Index("ix_ladder_rung_outcome", "territory_id", "outcome"),
    )
