"""Forms of an offer, its states, the stages of a private initiative, and what a business plan may be. Pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from webapp import config


class Form(StrEnum):
    """How somebody offers to help."""

    PPP = "ppp"
    TENDER = "tender"
    OWN_FUNDS = "own_funds"
    IN_KIND = "in_kind"
    PILOT = "pilot"


class State(StrEnum):
    """Where an offer is."""

    SENT = "sent"
    TAKEN_UP = "taken_up"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Stage(StrEnum):
    """Stages of a private PPP initiative, in their order.

    Source: Law on PPP of 31 October 2015 No 379-V, and the rules of planning and carrying out PPP projects,
    Order of the Minister of National Economy No 52 of 16 June 2025 (V2500036281).
    """

    TASK = "task"
    CONCEPT = "concept"
    EXPERTISE = "expertise"
    BUDGET = "budget"
    CHOICE = "choice"
    CONTRACT = "contract"
    MONITORING = "monitoring"


ORDER = tuple(Stage)
PLAN_MAX = config.PLAN_MAX
#: Bytes of business plans that one organisation keeps here, over all its offers.
PLANS_MAX = 20 * 1024 * 1024
#: While one of these stands, its organisation makes no second offer for the same thing.
OPEN = frozenset({State.SENT, State.TAKEN_UP})
LARGEST_TENGE = 10**15


def next_stage(done: Collection[str]) -> Stage | None:
    """The first stage that is not done; None when all are. Stages are passed in their order."""
    return next((stage for stage in ORDER if stage.value not in done), None)


class PlanFault(StrEnum):
    """Why a file is no business plan that can be kept."""

    TOO_HEAVY = "too-heavy"
    NO_PDF = "no-pdf"


def plan_fault(data: bytes) -> PlanFault | None:
    """What is wrong with a file. Only PDF is kept, known by its first bytes and its end, not by its name."""
    if len(data) > PLAN_MAX:
        return PlanFault.TOO_HEAVY
    is_pdf = data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]
    return None if is_pdf else PlanFault.NO_PDF


def may_move(state: State, to: State) -> bool:
    """An offer that was sent is answered; until it is withdrawn it can be, also when it was taken up or declined."""
    return state is not State.WITHDRAWN and (to is State.WITHDRAWN or (state is State.SENT and to is not State.SENT))
