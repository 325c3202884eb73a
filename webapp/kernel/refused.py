"""Addresses that a mail server has refused for good: nothing more is sent there until their owner has shown a mail from there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.addresses import account_key
from webapp.kernel.database import Model, UTCDateTime, changed, db, insert


class RefusedAddress(Model):
    """The mail server of this address says that there is no such mailbox. `error` is its code, none of its words."""

    __tablename__ = "refused_address"
    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(String(80))


def refused_since(email: str) -> datetime | None:
    """Since when mails to an address come back; None while they arrive."""
    return db.session.scalar(select(RefusedAddress.at).where(RefusedAddress.email == account_key(email)))


def mark_refused(email: str, error: str, now: datetime) -> None:
    """Remember that an address takes no mails; the first time counts."""
    values = {"email": account_key(email), "at": now, "error": error}
    db.session.execute(insert(RefusedAddress).values(**values).on_conflict_do_nothing(index_elements=["email"]))


def clear_mark(email: str) -> None:
    """Somebody has read a mail there, or the address is nobody's any more."""
    gone = delete(RefusedAddress).where(RefusedAddress.email == account_key(email))
    changed(gone)


def how_many_refused() -> int:
    """How many addresses take no mails."""
    return db.session.scalar(select(func.count()).select_from(RefusedAddress)) or 0
