"""What may be reported and hidden, and who decides on an appeal. No function here is told how many reports there are."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Reason(StrEnum):
    """The closed list: why something is reported, and why it may be hidden."""

    PERSONAL_DATA = "personal_data"
    INSULT = "insult"
    ADVERTISING = "advertising"
    UNLAWFUL = "unlawful"
    UNTRUE = "untrue"
    MISPLACED = "misplaced"
    OTHER = "other"


class What(StrEnum):
    """What is reported: the words of a proposal, or its photo."""

    TEXT = "text"
    PHOTO = "photo"


class Extent(StrEnum):
    """How much is hidden."""

    TEXT = "text"
    TITLE_AND_TEXT = "title_and_text"
    PHOTO = "photo"


class Decision(StrEnum):
    """What becomes of reports that were looked at."""

    STAYS = "stays"
    HIDDEN = "hidden"


class Outcome(StrEnum):
    """What becomes of an appeal. Silence shows the content again."""

    KEPT = "kept"
    SHOWN = "shown"
    SILENCE = "silence"


class Fault(StrEnum):
    """What a report lacks; the value is the name of the field."""

    REASON = "reason"
    NOTE = "note"


#: These say nothing by themselves: the moderator has to know what is meant.
NOTE_OWED = frozenset({Reason.UNLAWFUL, Reason.UNTRUE, Reason.OTHER})
NOTE_MIN = 10
NOTE_MAX = 1000
SENTENCE_MIN, SENTENCE_MAX = 10, 500
#: Reports of people without an account from one network in one day; it limits noise, it decides nothing.
STRANGERS_PER_DAY = 20


def report_fault(reason: str, note: str) -> Fault | None:
    """The first thing a report lacks: a reason of the list, and a word where the reason alone says nothing."""
    if reason not in set(Reason):
        return Fault.REASON
    return Fault.NOTE if Reason(reason) in NOTE_OWED and len(note.strip()) < NOTE_MIN else None


def extents(what: str) -> tuple[Extent, ...]:
    """How much can be hidden of what was reported."""
    return (Extent.PHOTO,) if what == What.PHOTO else (Extent.TEXT, Extent.TITLE_AND_TEXT)


def hiding_faults(what: str, extent: str, reason: str, sentence: str) -> list[str]:
    """The fields of a hiding that have to be changed. Nothing is hidden without a reason in public."""
    wrong = {
        "extent": extent not in extents(what),
        "reason": reason not in set(Reason),
        "sentence": not SENTENCE_MIN <= len(sentence.strip()) <= SENTENCE_MAX,
    }
    return [field for field, is_so in wrong.items() if is_so]


def hiding_fault(what: str, extent: str, reason: str, sentence: str) -> str | None:
    """The first of them; None when it is complete."""
    return next(iter(hiding_faults(what, extent, reason, sentence)), None)


def may_judge(judge: int, hid_by: int, moderates: Iterable[str], desk: str) -> bool:
    """Whether somebody may decide on an appeal: never who hid it; moderators of the desk or of a rung above it.

    `moderates` and `desk` are paths of territories; a path begins with that of everything above it.
    """
    return judge != hid_by and any(desk.startswith(path) for path in moderates)


def tone(days_left: int, is_late: bool) -> str:
    """How pressing a term is: late, soon (today or tomorrow), ok."""
    if is_late:
        return "late"
    return "soon" if days_left <= 1 else "ok"
