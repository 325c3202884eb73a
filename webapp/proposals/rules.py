"""The life of a proposal. This table is the only place that knows what may follow what (design, section 2)."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where a proposal is in its life."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    COLLECTING = "collecting"
    REVIEW = "review"
    ACCEPTED = "accepted"
    IMPLEMENTING = "implementing"
    DONE = "done"
    REJECTED = "rejected"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    UNSUPPORTED = "unsupported"


class Event(StrEnum):
    """What can happen to it."""

    SUBMIT = "submit"
    PUBLISH = "publish"
    RETURN = "return"
    REJECT = "reject"
    MERGE = "merge"
    FORWARD = "forward"
    RESUBMIT = "resubmit"
    LAPSE = "lapse"
    APPEAL = "appeal"
    REACH = "reach"
    CLIMB = "climb"
    EXPIRE = "expire"
    ACCEPT = "accept"
    DECLINE = "decline"
    PASS_UP = "pass-up"
    HAND_DOWN = "hand-down"
    SILENCE = "silence"
    START = "start"
    FINISH = "finish"
    REOPEN = "reopen"
    ADOPT = "adopt"
    PART_TO_SUBMITTED = "part-to-submitted"
    PART_TO_COLLECTING = "part-to-collecting"
    PART_TO_REVIEW = "part-to-review"
    WITHDRAW = "withdraw"
    UNDO = "undo"


TRANSITIONS: dict[tuple[Stage, Event], Stage] = {
    (Stage.DRAFT, Event.SUBMIT): Stage.SUBMITTED,
    (Stage.SUBMITTED, Event.PUBLISH): Stage.COLLECTING,
    (Stage.SUBMITTED, Event.RETURN): Stage.RETURNED,
    (Stage.SUBMITTED, Event.REJECT): Stage.REJECTED,
    (Stage.SUBMITTED, Event.MERGE): Stage.MERGED,
    (Stage.SUBMITTED, Event.FORWARD): Stage.SUBMITTED,
    (Stage.RETURNED, Event.RESUBMIT): Stage.SUBMITTED,
    (Stage.RETURNED, Event.LAPSE): Stage.WITHDRAWN,
    (Stage.REJECTED, Event.APPEAL): Stage.SUBMITTED,
    (Stage.COLLECTING, Event.MERGE): Stage.MERGED,
    (Stage.REVIEW, Event.MERGE): Stage.MERGED,
    (Stage.MERGED, Event.PART_TO_SUBMITTED): Stage.SUBMITTED,
    (Stage.MERGED, Event.PART_TO_COLLECTING): Stage.COLLECTING,
    (Stage.MERGED, Event.PART_TO_REVIEW): Stage.REVIEW,
    (Stage.COLLECTING, Event.REACH): Stage.REVIEW,
    (Stage.COLLECTING, Event.CLIMB): Stage.REVIEW,
    (Stage.COLLECTING, Event.EXPIRE): Stage.UNSUPPORTED,
    (Stage.COLLECTING, Event.ADOPT): Stage.REVIEW,
    (Stage.REVIEW, Event.ADOPT): Stage.REVIEW,
    (Stage.REVIEW, Event.CLIMB): Stage.REVIEW,
    (Stage.REVIEW, Event.SILENCE): Stage.REVIEW,
    (Stage.REVIEW, Event.PASS_UP): Stage.REVIEW,
    (Stage.REVIEW, Event.HAND_DOWN): Stage.REVIEW,
    (Stage.REVIEW, Event.ACCEPT): Stage.ACCEPTED,
    (Stage.REVIEW, Event.DECLINE): Stage.DECLINED,
    (Stage.DECLINED, Event.CLIMB): Stage.REVIEW,
    (Stage.DECLINED, Event.APPEAL): Stage.REVIEW,
    (Stage.ACCEPTED, Event.START): Stage.IMPLEMENTING,
    (Stage.IMPLEMENTING, Event.FINISH): Stage.DONE,
    (Stage.DONE, Event.REOPEN): Stage.IMPLEMENTING,
    # a moderator's slip of the hand, within a minute: `moderation.rules.may_undo`
    **{
        (stage, Event.UNDO): Stage.SUBMITTED
        for stage in (Stage.COLLECTING, Stage.RETURNED, Stage.REJECTED, Stage.SUBMITTED)
    },
    **{
        (stage, Event.WITHDRAW): Stage.WITHDRAWN
        for stage in (
            Stage.SUBMITTED,
            Stage.RETURNED,
            Stage.REJECTED,
            Stage.COLLECTING,
            Stage.REVIEW,
            Stage.DECLINED,
            Stage.ACCEPTED,
            Stage.IMPLEMENTING,
        )
    },
}

#: Nothing is owed any more once a proposal enters one of these.
FINAL = frozenset({Stage.DONE, Stage.MERGED, Stage.WITHDRAWN, Stage.UNSUPPORTED})
#: Over as soon as the window for an appeal (or for more support) has passed.
CLOSING = frozenset({Stage.REJECTED, Stage.DECLINED})
#: May be supported or opposed while its window is open.
VOTABLE = frozenset({Stage.COLLECTING, Stage.REVIEW, Stage.DECLINED})

SPHERES = ("city_management", "safety", "transport", "social", "ecology", "housing", "economy", "infrastructure")
FUNDINGS = ("budget", "ppp", "private", "grant", "unknown")
TITLE_MAX = 80
TEXT_MAX = 10_000
PLACE_MAX = 200
DRAFT_DAYS = 30


def is_public(stage: str, was_published: bool) -> bool:
    """Whether everybody may read it: a fact of publication came before (design, section 2).

    Published by a moderator, taken over as published, or joined by a moderator to a published one. How a life
    ended makes nothing public: what its author takes back, what lapses and what leaves with its author stays
    with those who could read it before. `Proposal.is_public` asks the same, also inside a query.
    """
    return was_published or stage == Stage.MERGED


def next_stage(stage: Stage, event: Event) -> Stage | None:
    """The stage that follows, or None when the event cannot happen there."""
    return TRANSITIONS.get((stage, event))


def may_withdraw(stage: Stage, supports: int, limit: int) -> bool:
    """An author may take a proposal back while it is open and few people stand behind it."""
    return (stage, Event.WITHDRAW) in TRANSITIONS and supports < limit


def asked_number(word: str) -> tuple[int | None, str]:
    """What somebody may mean who looks for a number: that of a page ("344", "№ 344"), or of a talon ("№ 6110-2026-00041")."""
    plain = "".join(word.split()).lstrip("№#").upper()
    is_key = plain.isascii() and plain.isdigit() and len(plain) <= 9
    return (int(plain) if is_key else None), plain[:24]


def talon_number(kato: str, year: int, proposal_id: int) -> str:
    """The number on the talon: territory, year, running number: "6110-2026-00041"."""
    return f"{kato[:4]}-{year}-{proposal_id:05d}"
