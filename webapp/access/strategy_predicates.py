"""The same small questions about directions, programmes and measures: whose they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.access.predicates import Reason, answers_for, has_role, not_own_proposal, second_step_taken, signed_in
from webapp.access.rules import Role


def answers_for_territory(actor: Any, subject: Any, now: datetime) -> Reason | None:
    """Is officer of the very territory whose it is: a rung above gives money and advice, it does not write."""
    return None if answers_for(actor, subject.territory_id, now) else Reason.NOT_OFFICER_OF_PLACE


def may_read_strategy(actor: Any, subject: Any, now: datetime) -> Reason | None:
    """What is published everybody reads; a draft only who answers for its territory."""
    if subject.is_public:
        return None
    if signed_in(actor, subject, now) is not None:
        return Reason.NOT_PUBLIC
    own = answers_for_territory(actor, subject, now) is None and second_step_taken(actor, subject, now) is None
    return None if own else Reason.NOT_PUBLIC


def gives_commitment(actor: Any, commitment: Any, now: datetime) -> Reason | None:
    """Is officer of a territory above the city: a region, or the nation."""
    giver = next((grant.territory for grant in actor.grants if grant.territory_id == commitment.giver_id), None)
    is_above = giver is not None and giver.id != commitment.city_id and giver.contains(commitment.city)
    return None if is_above and answers_for(actor, commitment.giver_id, now) else Reason.NOT_OFFICER_ABOVE_CITY


def answers_for_city(actor: Any, commitment: Any, now: datetime) -> Reason | None:
    """Is officer of the city to which it is promised."""
    return None if answers_for(actor, commitment.city_id, now) else Reason.NOT_OFFICER_OF_PLACE


def answers_for_origin(actor: Any, proposal: Any, now: datetime) -> Reason | None:
    """Is officer of the city where the proposal began: whichever rung has accepted it, the city carries it out."""
    return None if answers_for(actor, proposal.origin_id, now) else Reason.NOT_OFFICER_OF_PLACE


def answers_for_milestone(actor: Any, milestone: Any, now: datetime) -> Reason | None:
    """Is officer of the territory that holds its proposal, or of the one whose measure it is."""
    proposal, measure = milestone.proposal, milestone.measure
    owners = {proposal.seat_id} if proposal is not None else set()
    owners |= {measure.territory_id} if measure is not None else set()
    return None if any(answers_for(actor, owner, now) for owner in owners) else Reason.NOT_OFFICER_OF_PLACE


def not_own_milestone(actor: Any, milestone: Any, now: datetime) -> Reason | None:
    """Nobody reports on their own proposal, or on one of an organisation they belong to."""
    return None if milestone.proposal is None else not_own_proposal(actor, milestone.proposal, now)


def supports_it(_actor: Any, asked: Any, _now: datetime) -> Reason | None:
    """Has a vote for the proposal that counts; `delivery.judging` looks it up."""
    return None if asked.is_supporter else Reason.NOT_SUPPORTER


def _is_member(actor: Any, organisation_id: int) -> bool:
    return any(one.organisation_id == organisation_id for one in actor.memberships)


def may_read_offer(actor: Any, offer: Any, now: datetime) -> Reason | None:
    """What the organisation has agreed to show everybody reads; the rest its members, and officers there or above.

    An offer for a proposal is no more public than the proposal.
    """
    if offer.public_at is not None and (offer.proposal is None or offer.proposal.is_public):
        return None
    if signed_in(actor, offer, now) is not None:
        return Reason.NOT_PUBLIC
    if _is_member(actor, offer.organisation_id):
        return None
    near = has_role(actor, Role.OFFICER, offer.territory, now) and second_step_taken(actor, offer, now) is None
    return None if near else Reason.NOT_PUBLIC


def speaks_for_offer(actor: Any, offer: Any, _now: datetime) -> Reason | None:
    """Speaks for the organisation that has made it."""
    return None if _is_member(actor, offer.organisation_id) else Reason.NOT_MEMBER


def not_own_offer(actor: Any, offer: Any, _now: datetime) -> Reason | None:
    """Nobody answers an offer of an organisation they belong to."""
    return Reason.OWN_ORGANISATION if _is_member(actor, offer.organisation_id) else None
