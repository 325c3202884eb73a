"""What a moderator may decide, undo and send: pure, so that anybody can look up why."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.proposals.rules import Stage

#: For how long a decision can be taken back by whoever made it.
UNDO = timedelta(seconds=60)
#: Where a decision has led that can be taken back.
UNDOABLE = frozenset({Stage.SUBMITTED, Stage.COLLECTING, Stage.RETURNED, Stage.REJECTED, Stage.MERGED})
_PLACEHOLDER = re.compile(r"\{[^{}\n]{0,40}\}")


class Kind(StrEnum):
    """The five decisions; forwarding to a department stays in the same body."""

    PUBLISH = "publish"
    RETURN = "return"
    MERGE = "merge"
    FORWARD = "forward"
    REJECT = "reject"


class Undoing(StrEnum):
    """Why a decision cannot be taken back."""

    ANOTHER = "another"
    TOO_LATE = "too-late"
    ALREADY = "already"
    MOVED_ON = "moved-on"
    VOTED = "voted"


def undo_fault(
    *, is_mine: bool, is_undone: bool, decided_at: datetime, now: datetime, is_latest: bool, stage: Stage, votes: int
) -> Undoing | None:
    """Why a decision cannot be taken back; None when it can.

    Only by whoever made it, within `UNDO`, once, while nothing has happened since: no other decision, no
    answer of the author, no vote on what was published.
    """
    if not is_mine:
        return Undoing.ANOTHER
    if is_undone:
        return Undoing.ALREADY
    if now - decided_at > UNDO:
        return Undoing.TOO_LATE
    if not is_latest or stage not in UNDOABLE:
        return Undoing.MOVED_ON
    return Undoing.VOTED if votes else None


def placeholders(text: str) -> list[str]:
    """What stands in braces and waits to be filled in: "{school}"; a text with any is never sent."""
    return _PLACEHOLDER.findall(text)


def filled(text: str, values: dict[str, str]) -> str:
    """A template with what is known in its place; what is not known stays, in its braces, for a person to fill in.

    Braces that a value brings along are taken off it: they would read as something left to fill in.
    """

    def known(match: re.Match[str]) -> str:
        value = values.get(match.group()[1:-1].strip())
        return match.group() if value is None else value.replace("{", "(").replace("}", ")")

    return _PLACEHOLDER.sub(known, text)
