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


#: Each rung does each of these once: otherwise two bodies could hand a proposal to and fro, a whole term each time.
PASSING_ON = frozenset({Decision.PASS_UP, Decision.HAND_DOWN})
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


class Refusal(StrEnum):
    """Why a term is not extended; the value is the name of the field, empty where no field is wrong."""

    TEXT_KK = "text_kk"
    TEXT_RU = "text_ru"
    DAYS = "days"
    USED = ""


def extension_fault(
    *, used: int, allowed: int, days: int | None, most: int, text_kk: str, text_ru: str
) -> Refusal | None:
    """Why a term of answering cannot be extended by `days` working days; None when it can.

    As often as the rule set says, by at most as many working days, with reasons in both languages.
    Source: APPC, article 76; design, section 1.
    """
    if used >= allowed:
        return Refusal.USED
    if len(text_kk.strip()) < TEXT_MIN:
        return Refusal.TEXT_KK
    if len(text_ru.strip()) < TEXT_MIN:
        return Refusal.TEXT_RU
    return None if days is not None and 1 <= days <= most else Refusal.DAYS
