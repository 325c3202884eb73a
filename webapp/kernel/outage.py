"""The hour without a database: what stands in the way of a request, and that its answer then asks nothing more.

What counts is what the database or the disk said, by its code, and not the class in which a driver has put it: the
same fault is an OperationalError on one road and a NotSupportedError, or no database error at all, on another.
"""

from __future__ import annotations

import errno
import sqlite3
from enum import StrEnum
from typing import Any

from flask import g, has_request_context, request
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

#: Where the request remembers it; the application context of `g` may outlive a request.
_TROUBLE, _TELLING, _IN_DOUBT = "saty.trouble", "saty.telling", "saty.in_doubt"


class Trouble(StrEnum):
    """Why something that is right cannot be done now. None of them is anybody's fault who sits before a page."""

    AWAY = "away"
    FULL = "full"
    READ_ONLY = "read-only"
    BUSY = "busy"


class Refused(Exception):
    """What the database says while a page about its absence is made: nothing is asked of it."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(f"the database is not asked while it is {trouble}")
        self.trouble = trouble


#: PostgreSQL, and poolers that speak for it: whole codes first, then classes (docs/operations.md has the table).
_STATES = {
    "53100": Trouble.FULL,
    "57014": Trouble.BUSY,  # a statement that waited or worked for too long
    "55P03": Trouble.BUSY,
    "25006": Trouble.READ_ONLY,
    "25P03": Trouble.AWAY,
    "25P04": Trouble.AWAY,
    "3D000": Trouble.AWAY,
    "42P05": Trouble.AWAY,  # a pooler that gave this connection to somebody else meanwhile
    "26000": Trouble.AWAY,
    "58030": Trouble.AWAY,
}
_CLASSES = {
    "08": Trouble.AWAY,
    "28": Trouble.AWAY,
    "40": Trouble.BUSY,
    "53": Trouble.BUSY,
    "57": Trouble.AWAY,
    "58": Trouble.AWAY,
    "XX": Trouble.AWAY,
}
#: A replica refuses to begin a writing transaction as a feature that it does not have; other missing features are ours.
_NO_FEATURE = "0A000"
_IN_RECOVERY = ("recovery", "read-write mode")

#: SQLite's own result codes, without what is added above the lowest byte.
_CODES = {
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_NOMEM: Trouble.BUSY,
    sqlite3.SQLITE_PROTOCOL: Trouble.BUSY,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_PERM: Trouble.AWAY,
    sqlite3.SQLITE_IOERR: Trouble.AWAY,
    sqlite3.SQLITE_CORRUPT: Trouble.AWAY,
    sqlite3.SQLITE_CANTOPEN: Trouble.AWAY,
    sqlite3.SQLITE_NOTADB: Trouble.AWAY,
}
#: The same where nothing but words is left of it.
_WORDS = (
    ("is full", Trouble.FULL),
    ("no space left", Trouble.FULL),
    ("readonly", Trouble.READ_ONLY),
    ("read-only", Trouble.READ_ONLY),
    ("is locked", Trouble.BUSY),
    ("too many clients", Trouble.BUSY),
    ("too many connections", Trouble.BUSY),
    ("remaining connection slots", Trouble.BUSY),
    ("unable to open", Trouble.AWAY),
    ("disk i/o", Trouble.AWAY),
    ("malformed", Trouble.AWAY),
    ("not a database", Trouble.AWAY),
)
#: Our own mistakes, which SQLite reports as if the world were at fault.
_OUR_MISTAKES = ("no such ", "syntax error", "has no column", "ambiguous", "too many sql variables", "incomplete input")

_FILES = {
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,
    errno.EROFS: Trouble.READ_ONLY,
    errno.EMFILE: Trouble.BUSY,
    errno.ENFILE: Trouble.BUSY,
    errno.EIO: Trouble.AWAY,
}


def trouble_of(error: BaseException | None) -> Trouble | None:
    """What stands in the way, where it is not the program; None for a mistake of ours, and for what nobody knows."""
    if isinstance(error, PoolTimeoutError):
        return Trouble.BUSY
    if isinstance(error, PendingRollbackError):  # "invalid transaction": the connection was lost under it
        return Trouble.AWAY if error.code == "8s2b" else None
    if isinstance(error, DBAPIError):
        return _of_driver(error.orig or error, type(error).__name__, error.connection_invalidated)
    if isinstance(error, OSError):
        return _FILES.get(error.errno or 0)
    if error is not None and type(error).__module__.partition(".")[0] in {"psycopg", "psycopg_pool", "sqlite3"}:
        return _of_driver(error, type(error).__name__, False)
    return None


def _of_driver(error: BaseException, kind: str, is_lost: bool) -> Trouble | None:
    if isinstance(error, Refused):
        return error.trouble
    state = getattr(error, "sqlstate", None)
    if state:
        return _of_state(str(state), str(error).lower()) or (Trouble.AWAY if is_lost else None)
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and (found := _CODES.get(code & 0xFF)) is not None:
        return found
    return _of_words(str(error).lower(), kind, is_lost)


def _of_state(state: str, words: str) -> Trouble | None:
    if state == _NO_FEATURE:
        return Trouble.READ_ONLY if any(word in words for word in _IN_RECOVERY) else None
    return _STATES.get(state) or _CLASSES.get(state[:2])


def _of_words(words: str, kind: str, is_lost: bool) -> Trouble | None:
    if any(mistake in words for mistake in _OUR_MISTAKES):
        return None
    if kind in {"OperationalError", "InterfaceError", "DatabaseError", "InternalError"} or is_lost:
        found = next((trouble for word, trouble in _WORDS if word in words), None)
        # a connection that was not made, or ended, has no code; a class that a driver keeps for its own mistakes is none
        return found or (Trouble.AWAY if kind in {"OperationalError", "InterfaceError"} or is_lost else None)
    return None


# --- what the request at hand knows of it


def _noted(key: str) -> Any:
    return request.environ.get(key) if has_request_context() else None


def note(trouble: Trouble) -> None:
    """From now on this request asks nothing of the database, and nobody is signed in for it."""
    if has_request_context():
        request.environ[_TROUBLE] = trouble
        g.pop("_login_user", None)


def noted() -> Trouble | None:
    """Why this request asks nothing of the database any more; None while it may."""
    found: Trouble | None = _noted(_TROUBLE)
    return found


def begin_telling() -> None:
    """From now on this request answers with a page of a problem: who cannot be found is nobody."""
    if has_request_context():
        request.environ[_TELLING] = True


def is_telling() -> bool:
    """Whether a page of a problem is being made."""
    return bool(_noted(_TELLING))


def note_doubt() -> None:
    """The connection ended in the middle of a commit: nobody here knows whether it was done."""
    if has_request_context():
        request.environ[_IN_DOUBT] = True


def is_in_doubt() -> bool:
    """Whether what this request was to change may have been changed."""
    return bool(_noted(_IN_DOUBT))


class CalmSession(Session):
    """A session that lets go of a lost connection without a word, and asks nothing while a page about that is made."""

    def get_bind(self, *args: Any, **named: Any) -> Engine | Connection:
        """The way to the database; closed for a request that has found it shut."""
        if trouble := noted():
            raise OperationalError("nothing is asked", None, Refused(trouble))
        return super().get_bind(*args, **named)

    def rollback(self) -> None:
        """Forget the transaction; where the connection is gone, it is gone with it."""
        try:
            super().rollback()
        except Exception as error:
            if trouble_of(error) is None:
                raise
            self.invalidate()

    def close(self) -> None:
        """The same at the end of a request, when its answer stands already."""
        try:
            super().close()
        except Exception as error:
            if trouble_of(error) is None:
                raise
            self.invalidate()
