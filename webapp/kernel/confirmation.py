"""Dangerous acts need a person who has just shown that it is them: a stolen session is not enough.

A view that is dangerous wears `@confirmed_lately(term)`. Whoever typed the password too long ago is
asked for it by the handler of `NotConfirmed`, which keeps what was being sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import session

from webapp.kernel.clock import now

KEY = "confirmed_at"
View = TypeVar("View", bound=Callable[..., Any])


class NotConfirmed(Exception):
    """The password was typed too long ago for what is asked now."""


def note_confirmation(moment: datetime) -> None:
    """The person of this session has typed their password, and a code where one is asked."""
    session[KEY] = int(moment.timestamp())


def is_confirmed(term: timedelta, moment: datetime) -> bool:
    """Whether that was less than `term` ago."""
    at = session.get(KEY)
    return isinstance(at, int) and 0 <= moment.timestamp() - at < term.total_seconds()


def confirmed_lately(term: timedelta) -> Callable[[View], View]:
    """The view runs only for somebody who was confirmed less than `term` ago. Stands below `login_required`."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **named: Any) -> Any:
            if not is_confirmed(term, now()):
                raise NotConfirmed
            return view(*args, **named)

        return guarded  # type: ignore[return-value]

    return guard
