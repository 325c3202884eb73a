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
#: So many characters are reasons: "Қаражат жоқ." is, "Жоқ" is not. The page says the number.
TEXT_MIN = 10
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


def reply_faults(reply: Reply) -> list[Fault]:
    """All that an answer lacks. Reasons are owed in both languages; an acceptance names body and money.

    Source: official texts stand in Kazakh and Russian (Law on languages); design, section 2.
    """
    is_accepted = reply.decision in ACCEPTING
    needs_money = is_accepted and reply.source != "none_needed"
    lacks = {
        Fault.TEXT_KK: len(reply.text_kk.strip()) < TEXT_MIN,
        Fault.TEXT_RU: len(reply.text_ru.strip()) < TEXT_MIN,
        Fault.RESPONSIBLE_KK: is_accepted and not reply.responsible_kk.strip(),
        Fault.RESPONSIBLE_RU: is_accepted and not reply.responsible_ru.strip(),
        Fault.SOURCE: is_accepted and reply.source not in SOURCES,
        Fault.AMOUNT: needs_money and not (reply.amount_tenge is not None and 0 < reply.amount_tenge <= AMOUNT_MAX),
    }
    return [fault for fault, is_so in lacks.items() if is_so]


class Refusal(StrEnum):
    """Why a term is not extended; the value is the name of the field, empty where no field is wrong."""

    TEXT_KK = "text_kk"
    TEXT_RU = "text_ru"
    DAYS = "days"
    USED = ""


def extension_faults(
    *, used: int, allowed: int, days: int | None, most: int, text_kk: str, text_ru: str
) -> list[Refusal]:
    """All that keeps a term of answering from being extended by `days` working days.

    As often as the rule set says, by at most as many working days, with reasons in both languages.
    Source: APPC, article 76; design, section 1.
    """
    if used >= allowed:
        return [Refusal.USED]
    lacks = {
        Refusal.DAYS: not (days is not None and 1 <= days <= most),
        Refusal.TEXT_KK: len(text_kk.strip()) < TEXT_MIN,
        Refusal.TEXT_RU: len(text_ru.strip()) < TEXT_MIN,
    }
    return [fault for fault, is_so in lacks.items() if is_so]
