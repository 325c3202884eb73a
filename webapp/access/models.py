"""Roles given to people for a territory and a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.people.models import User
from webapp.territories.models import Territory


class Grant(Model):
    """A person has a role in a territory and everything below it, from one moment until another."""

    __tablename__ = "grant"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    valid_from: Mapped[datetime] = mapped_column(UTCDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])
    territory: Mapped[Territory] = relationship()

    def holds(self, now: datetime) -> bool:
        """Whether the grant is in force."""
        return self.valid_from <= now and (self.valid_until is None or now < self.valid_until)
