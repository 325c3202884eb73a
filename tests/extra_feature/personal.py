"""What it has stored about people: a table of its own, which the metadata of the project does not know."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from webapp.people.models import User
from webapp.people.traces import gone, let_go, rows_of


class Base(DeclarativeBase):
    """Apart from all other tables: other tests compare those with the migrations."""


class Keepsake(Base):
    """Something that somebody keeps."""

    __tablename__ = "keepsake"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.__table__.c.id, ondelete="CASCADE"))
    words: Mapped[str] = mapped_column(String(80))


TRACES = (gone(Keepsake.user_id, "keepsakes"),)


def stored(user: User) -> dict[str, Any]:
    """The words of each."""
    return {"keepsakes": [row.words for row in rows_of(Keepsake.user_id, user)]}


def forget(user: User, _now: datetime) -> None:
    """All of them go."""
    let_go(TRACES, user)
