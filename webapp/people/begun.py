"""What a browser keeps of somebody who was not signed in: each act remembers what it is, for whom and as whom it
was begun, behind which door, and when.

Whoever comes through a door next may be somebody else. So an act completes itself only behind the very door
that it was brought to, within minutes, and for the account that began it where that is known
(`completes`); everything else is offered to whoever comes in, and never done for them.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, astuple, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import session

from webapp.kernel.typed import begun_as, signed_in_last

KEY = "begun"
VOTE, TEXT, SENDING = "vote", "text", "sending"
KINDS = frozenset({VOTE, TEXT, SENDING})
#: So long an act completes itself behind its own door: a code that comes by mail works for ten minutes.
OF_ONE_VISIT = timedelta(minutes=15)
#: So long it is offered at all.
KEPT = timedelta(days=1)
#: The cookie holds about four thousand letters.
MOST = 12


@dataclass(frozen=True)
class Begun:
    """One act. `subject` is the number of a proposal, or the token of a draft; `whose` is an account, where it is known."""

    kind: str
    subject: str
    back: str
    at: int
    whose: int | None = None
    organisation: int | None = None
    choice: str = ""

    @property
    def name(self) -> str:
        """What the page that offers it calls it by."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]

    def is_for(self, account: int | None) -> bool:
        """Whether somebody may be told of it: everybody, where it is not known for whom it was begun."""
        return self.whose is None or self.whose == account

    def completes(self, target: str, account: int, now: datetime) -> bool:
        """Whether it is done without another question, for an account that wants to go to `target`."""
        is_here = urlsplit(target).path == self.back or (self.kind == TEXT and self._is_in_draft(target))
        is_fresh = 0 <= now.timestamp() - self.at <= OF_ONE_VISIT.total_seconds()
        return is_here and is_fresh and self.is_for(account)

    def _is_in_draft(self, target: str) -> bool:
        return urlsplit(target).path.startswith(f"/drafts/{self.subject}/")


def keep(kind: str, subject: str, back: str, now: datetime, **more: Any) -> None:
    """Keep an act until its person has come in; a later one about the same thing replaces it."""
    act = Begun(kind, subject, back, int(now.timestamp()), begun_as() or signed_in_last(), **more)
    others = [one for one in everything(now) if not _is_same(one, act)]
    _write([*others, act])


def _is_same(one: Begun, other: Begun) -> bool:
    kinds = (one.kind == VOTE) == (other.kind == VOTE)
    return kinds and (one.subject, one.organisation, one.whose) == (other.subject, other.organisation, other.whose)


def everything(now: datetime) -> list[Begun]:
    """What is kept, whoever it is for, the oldest first."""
    found = []
    for entry in session.get(KEY) or ():
        act = _read(entry)
        if act is not None and 0 <= now.timestamp() - act.at <= KEPT.total_seconds():
            found.append(act)
    return found


def _read(entry: Any) -> Begun | None:
    try:
        act = Begun(**entry)
    except TypeError:  # of another version of the program
        return None
    return act if act.kind in KINDS else None


def offered(account: int | None, now: datetime) -> list[Begun]:
    """What may be shown to this visitor."""
    return [act for act in everything(now) if act.is_for(account)]


def drop(names: set[str], now: datetime) -> None:
    """Take acts off this browser: they are done, or nobody's."""
    _write([act for act in everything(now) if act.name not in names])


def own(act: Begun, account: int) -> Begun:
    """The same act, known to be somebody's."""
    return replace(act, whose=account)


def put(acts: list[Begun]) -> None:
    """Keep these and no others: the cookie has been emptied at a door."""
    _write(acts)


def _write(acts: list[Begun]) -> None:
    if acts:
        session[KEY] = [
            {name: value for name, value in asdict(act).items() if value not in (None, "")} for act in acts[-MOST:]
        ]
    else:
        session.pop(KEY, None)
