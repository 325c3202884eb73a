"""Roles given to people for a territory and a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.access import rules
from webapp.kernel.database import Model, UTCDateTime
from webapp.people.models import User
from webapp.territories.models import Territory


class Grant(Model):
    """A person has a role in a territory and everything below it, from one moment until another.

    `valid_until` alone decides whether it holds; `ended_at` says that the journal knows of the end.
    """

    __tablename__ = "grant"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    valid_from: Mapped[datetime] = mapped_column(UTCDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])
    territory: Mapped[Territory] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        Index(
            "ix_grant_unended",
            "valid_until",
            sqlite_where=ended_at.is_(None),
            postgresql_where=ended_at.is_(None),
        ),
    )

    def holds(self, now: datetime) -> bool:
        """Whether the grant is in force."""
        return rules.in_force(self.valid_from, self.valid_until, now)

    @property
    def last_moment(self) -> datetime | None:
        """The last moment of a grant with an end; its date is the last day on which it holds."""
        return self.valid_until - timedelta(seconds=1) if self.valid_until else None
