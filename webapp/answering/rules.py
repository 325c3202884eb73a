"""What makes an answer complete."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """What an officer can decide."""

    ACCEPT = "accept"
    ACCEPT_PART = "accept_part"
    DECLINE = "decline"
    PASS_UP = "pass_up"
    HAND_DOWN = "hand_down"


ACCEPTING = frozenset({Decision.ACCEPT, Decision.ACCEPT_PART})
SOURCES = ("republican_budget", "regional_budget", "city_budget", "ppp", "private", "grant", "none_needed")
TEXT_MIN = 20
AMOUNT_MAX = 10**15


@dataclass(frozen=True)
class Reply:
    """An answer as it was written. Money in whole tenge."""

    decision: Decision
    text_kk: str
    text_ru: str
    responsible_kk: str = ""
    responsible_ru: str = ""
    source: str = ""
    amount_tenge: int | None = None


class Fault(StrEnum):
    """What an answer lacks; the value is the name of the field."""

    TEXT_KK = "text_kk"
    TEXT_RU = "text_ru"
    RESPONSIBLE_KK = "responsible_kk"
    RESPONSIBLE_RU = "responsible_ru"
    SOURCE = "source"
    AMOUNT = "amount_tenge"


def reply_fault(reply: Reply) -> Fault | None:
    """The first thing an answer lacks. Reasons are owed in both languages; an acceptance names body and money.

    Source: official texts stand in Kazakh and Russian (Law on languages); design, section 2.
    """
    if len(reply.text_kk.strip()) < TEXT_MIN:
        return Fault.TEXT_KK
    if len(reply.text_ru.strip()) < TEXT_MIN:
        return Fault.TEXT_RU
    if reply.decision not in ACCEPTING:
        return None
    if not reply.responsible_kk.strip():
        return Fault.RESPONSIBLE_KK
    if not reply.responsible_ru.strip():
        return Fault.RESPONSIBLE_RU
    if reply.source not in SOURCES:
        return Fault.SOURCE
    if reply.source == "none_needed":
        return None
    return None if reply.amount_tenge is not None and 0 < reply.amount_tenge <= AMOUNT_MAX else Fault.AMOUNT
