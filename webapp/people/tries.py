"""Wrong passwords and wrong codes, counted in the database: all processes see the same, and a new start forgets none.

They are counted by the address that was typed, in the spelling of the look-up, whether it has an account or not. Of
address, visitor and device only keyed hashes are kept. Nobody is kept out of an account by others: what comes from
everywhere makes the door slower (a proof of work, then a longer one), only what comes from one place closes it there
for a while. A device that has signed in before has an allowance of its own.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Index, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.addresses import account_key
from webapp.kernel.database import Model, UTCDateTime, changed, db
from webapp.kernel.parts import delete_in_parts
from webapp.people import rules
from webapp.people.passwords import keyed

SIGN_IN, CODE = "sign-in", "code"
#: So many accounts of one device are remembered, the newest.
ON_ONE_DEVICE = 5
KEPT = timedelta(days=1)
_HEX = re.compile(r"[0-9a-f]{32}")


class FailedTry(Model):
    """Somebody tried to be somebody at a door and was not. `mark` is the address, `whose` the place it came from."""

    __tablename__ = "failed_try"
    __table_args__ = (Index("ix_failed_try_mark_at", "mark", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(String(64))
    whose: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


def _keyed(purpose: str, value: str) -> str:
    return keyed(current_app.config["SECRET_KEY"], purpose, value)


def _mark(door: str, email: str, device: str | None, was_wrong: bool = True) -> str:
    """What is counted together. Apart from wrong tries of strangers stand those of devices that the account knows, and
    forms that lacked something: the place has sent them, but they were no guess.
    """
    kind = ("known" if device else "strange") if was_wrong else "incomplete"
    return _keyed(f"tries:{door}:{kind}", account_key(email))


def _marks(door: str, email: str, device: str | None) -> list[str]:
    return [_mark(door, email, device, was_wrong) for was_wrong in (True, False)]


def _whose(visitor: str, device: str | None) -> str:
    return _keyed("tries-of", f"device:{device}" if device else f"visitor:{visitor}")


def note_failure(
    door: str, email: str, visitor: str, device: str | None, now: datetime, was_wrong: bool = True
) -> None:
    """One try more that was not right. Commit it although the answer is a refusal."""
    mark = _mark(door, email, device, was_wrong)
    db.session.add(FailedTry(mark=mark, whose=_whose(visitor, device), at=now))


def forgive(door: str, email: str, visitor: str, device: str | None) -> None:
    """The right password came: what was mistyped from the same place before counts no more."""
    mine = (FailedTry.mark.in_(_marks(door, email, device)), FailedTry.whose == _whose(visitor, device))
    changed(delete(FailedTry).where(*mine))


def failures(door: str, email: str, now: datetime) -> int:
    """How many tries of strangers there were within the last hour, from everywhere."""
    query = select(func.count()).select_from(FailedTry)
    query = query.where(FailedTry.mark == _mark(door, email, None), FailedTry.at > now - rules.TRIES_COUNT)
    return db.session.scalar(query) or 0


def is_closed_here(door: str, email: str, visitor: str, device: str | None, now: datetime) -> bool:
    """Whether this place, or this known device, has tried too often within the last minutes."""
    query = select(func.count()).select_from(FailedTry)
    query = query.where(FailedTry.mark.in_(_marks(door, email, device)), FailedTry.whose == _whose(visitor, device))
    return (db.session.scalar(query.where(FailedTry.at > now - rules.PLACE_PAUSE)) or 0) >= rules.TRIES_OF_A_PLACE


def device_for(email: str, cookie: str) -> str | None:
    """The name of the device, where its cookie shows that it has signed in to the account of this address before."""
    name, *signs = cookie[:500].split(".")
    return name if name and _sign(name, email) in signs else None


def device_cookie(email: str, cookie: str) -> str:
    """The cookie of a device that has just signed in: a random name, and a sign for each of its newest accounts."""
    name, *signs = cookie[:500].split(".")
    if not _HEX.fullmatch(name):
        name, signs = secrets.token_hex(16), []
    signs = [sign for sign in signs if _HEX.fullmatch(sign)]
    mine = _sign(name, email)
    return ".".join([name, mine, *[sign for sign in signs if sign != mine][: ON_ONE_DEVICE - 1]])


def _sign(name: str, email: str) -> str:
    return _keyed("known-device", f"{name}:{account_key(email)}")[:32]


def forget_tries(now: datetime) -> int:
    """The job: what was tried a day ago is nobody's business any more."""
    return delete_in_parts(FailedTry, FailedTry.at < now - KEPT)
