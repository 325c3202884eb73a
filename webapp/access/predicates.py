"""Small questions about a person and a thing; each answers None, or the reason for a refusal."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import current_app
from sqlalchemy import select

from webapp.access.rules import Held, Role, gives_anywhere, may_give
from webapp.journal.models import Fact
from webapp.journal.verbs import Verb
from webapp.kernel.addresses import account_key
from webapp.kernel.database import db


class Reason(StrEnum):
    """Why somebody may not; `access.services.sentence` turns it into words."""

    SIGN_IN = "sign-in"
    CONFIRM_EMAIL = "confirm-email"
    VERIFY = "verify"
    VOTING_CLOSED = "voting-closed"
    NOT_PUBLIC = "not-public"
    NOT_YOUR_DRAFT = "not-your-draft"
    NOT_AUTHOR = "not-author"
    NOT_STAFF = "not-staff"
    NOT_MODERATOR_HERE = "not-moderator-here"
    NOT_OFFICER_HERE = "not-officer-here"
    OWN_PROPOSAL = "own-proposal"
    NOT_MEMBER = "not-member"
    NOT_OWNER = "not-owner"
    NOT_MODERATOR_OF_HOME = "not-moderator-of-home"
    OWN_ORGANISATION = "own-organisation"
    NOT_VERIFIED_ORGANISATION = "not-verified-organisation"
    NOT_AN_ASSOCIATION = "not-an-association"
    INVITED_ANOTHER = "invited-another"
    SECOND_STEP = "second-step"
    GIVES_NO_ROLES = "gives-no-roles"
    NOT_FROM_ABOVE = "not-from-above"
    ONESELF = "oneself"
    NOT_MODERATOR = "not-moderator"
    NOT_MODERATOR_THERE = "not-moderator-there"
    VERIFIES_ONESELF = "verifies-oneself"
    NOT_OPERATOR = "not-operator"
    NOT_ON_THIS_DESK = "not-on-this-desk"
    DECIDED_BY_ANOTHER = "decided-by-another"
    NOT_OF_THIS_BODY = "not-of-this-body"
    NOT_MERGER_HERE = "not-merger-here"
    NOT_OFFICER_ABOVE = "not-officer-above"
    REJECTED_IT = "rejected-it"
    HID_IT = "hid-it"
    NOT_OFFICER_OF_PLACE = "not-officer-of-place"
    NOT_OFFICER_ABOVE_CITY = "not-officer-above-city"
    NOT_SUPPORTER = "not-supporter"


def signed_in(actor: Any, _subject: Any, _now: datetime) -> Reason | None:
    """Has an account and is using it."""
    return None if actor is not None and actor.is_authenticated else Reason.SIGN_IN


def email_confirmed(actor: Any, _subject: Any, _now: datetime) -> Reason | None:
    """The address is theirs."""
    return None if actor.email_confirmed_at else Reason.CONFIRM_EMAIL


def verified(actor: Any, _subject: Any, _now: datetime) -> Reason | None:
    """Known to be one person with a home in the country."""
    return None if actor.is_verified else Reason.VERIFY


def voting_open(_actor: Any, proposal: Any, now: datetime) -> Reason | None:
    """The proposal accepts votes at this moment."""
    return None if proposal.accepts_votes(now) else Reason.VOTING_CLOSED


def may_read_proposal(actor: Any, proposal: Any, now: datetime) -> Reason | None:
    """What is published everybody reads; the rest its author, and staff of the territory that holds it or of its origin."""
    if proposal.is_public:
        return None
    if signed_in(actor, proposal, now) is not None:
        return Reason.NOT_PUBLIC
    if proposal.author_id == actor.id:
        return None
    near = any(
        grant.holds(now) and (grant.territory.contains(proposal.seat) or grant.territory.contains(proposal.origin))
        for grant in actor.grants
    )
    return None if near and second_step_taken(actor, proposal, now) is None else Reason.NOT_PUBLIC


def holds_draft(actor: Any, draft: Any, now: datetime) -> Reason | None:
    """Whoever holds the address of a draft goes on with it, until it belongs to an account: then only that one."""
    if draft.author_id is None:
        return None
    mine = signed_in(actor, draft, now) is None and draft.author_id == actor.id
    return None if mine else Reason.NOT_YOUR_DRAFT


def is_author(actor: Any, proposal: Any, _now: datetime) -> Reason | None:
    """Wrote it."""
    return None if proposal.author_id == actor.id else Reason.NOT_AUTHOR


def still_speaks(actor: Any, proposal: Any, _now: datetime) -> Reason | None:
    """Whoever wrote a proposal for an organisation acts on it only while they speak for it."""
    if proposal.organisation_id is None or _role_in(actor, proposal.organisation_id) is not None:
        return None
    return Reason.NOT_MEMBER


def not_own_proposal(actor: Any, proposal: Any, _now: datetime) -> Reason | None:
    """Nobody decides on their own proposal, or on one of an organisation they belong to."""
    if proposal.author_id == actor.id:
        return Reason.OWN_PROPOSAL
    organisations = {membership.organisation_id for membership in actor.memberships}
    return Reason.OWN_PROPOSAL if proposal.organisation_id in organisations else None


def is_staff(actor: Any, _subject: Any, now: datetime) -> Reason | None:
    """Has any role in force."""
    return None if any(grant.holds(now) for grant in actor.grants) else Reason.NOT_STAFF


def has_role(actor: Any, role: Role, seat: Any, now: datetime) -> bool:
    """Holds a role in the territory or in one above it."""
    return any(grant.role == role and grant.holds(now) and grant.territory.contains(seat) for grant in actor.grants)


def answers_for(actor: Any, territory_id: int, now: datetime) -> bool:
    """Is officer of this very territory: a rung above it writes and answers nothing there."""
    return any(
        grant.role == Role.OFFICER and grant.territory_id == territory_id and grant.holds(now) for grant in actor.grants
    )


def moderates_seat(actor: Any, proposal: Any, now: datetime) -> Reason | None:
    """Is moderator of the territory that holds the proposal, or of one above it."""
    return None if has_role(actor, Role.MODERATOR, proposal.seat, now) else Reason.NOT_MODERATOR_HERE


def did_not_reject(actor: Any, proposal: Any, _now: datetime) -> Reason | None:
    """Has never rejected this proposal: an appeal is looked at by somebody else, also where nobody is above.

    The journal remembers it, whatever has become of the proposal and its seat since.
    """
    verbs = (Verb.PROPOSAL_REJECTED.value, Verb.DECISION_UNDONE.value)
    query = select(Fact).where(Fact.proposal_id == proposal.id, Fact.verb.in_(verbs), Fact.actor_id == actor.id)
    facts = list(db.session.scalars(query))
    undone = {fact.facts.get("undoes") for fact in facts}  # a rejection that was taken back is none
    rejected = any(fact.verb == Verb.PROPOSAL_REJECTED and fact.id not in undone for fact in facts)
    return Reason.REJECTED_IT if rejected else None


def moderates_desk(actor: Any, matter: Any, now: datetime) -> Reason | None:
    """Is moderator of the territory on whose desk the matter lies, or of one above it."""
    return None if has_role(actor, Role.MODERATOR, matter.desk, now) else Reason.NOT_MODERATOR_HERE


def not_own_matter(actor: Any, matter: Any, now: datetime) -> Reason | None:
    """Nobody decides on reports about their own proposal."""
    return not_own_proposal(actor, matter.proposal, now)


def did_not_hide(actor: Any, hiding: Any, _now: datetime) -> Reason | None:
    """An appeal is decided by somebody else than who hid it."""
    return Reason.HID_IT if hiding.by_id == actor.id else None


def wrote_or_moderates(actor: Any, proposal: Any, now: datetime) -> Reason | None:
    """Wrote the proposal, or is moderator of its seat, as for every decision of a moderator."""
    if is_author(actor, proposal, now) is None:
        return None
    return (
        moderates_seat(actor, proposal, now)
        or second_step_taken(actor, proposal, now)
        or not_own_proposal(actor, proposal, now)
    )


def answers_for_seat(actor: Any, proposal: Any, now: datetime) -> Reason | None:
    """Is officer of the very territory that holds the proposal: a higher rung answers when it has climbed."""
    return None if answers_for(actor, proposal.seat_id, now) else Reason.NOT_OFFICER_HERE


def merges_both(actor: Any, pair: Any, now: datetime) -> Reason | None:
    """May join `pair.proposal` to `pair.into` (None while that is still being chosen).

    A moderator: of the territory that holds the first one, or of one above it; and the same for the
    other, where the territory in which it began will do too. An officer: of a territory above the
    cities in which they began, that holds the first one or contains its holder.
    """
    for grant in actor.grants:
        if grant.holds(now) and _merges(grant, pair.proposal, pair.into):
            return None
    return Reason.NOT_MERGER_HERE


def _merges(grant: Any, proposal: Any, into: Any) -> bool:
    place = grant.territory
    if not place.contains(proposal.seat):
        return False
    if grant.role == Role.MODERATOR:
        return into is None or place.contains(into.origin) or place.contains(into.seat)
    begun = [one.origin for one in (proposal, into) if one is not None]
    return grant.role == Role.OFFICER and all(place.contains(origin) and place.id != origin.id for origin in begun)


def wrote_neither(actor: Any, pair: Any, now: datetime) -> Reason | None:
    """Nobody joins a proposal of their own to another, or another to their own."""
    both = [one for one in (pair.proposal, pair.into) if one is not None]
    return next((reason for one in both if (reason := not_own_proposal(actor, one, now))), None)


def answers_above_cities(actor: Any, place: Any, now: datetime) -> Reason | None:
    """Is officer of a region or of the nation; where one is named, of this very one."""
    held = [g.territory for g in actor.grants if g.role == Role.OFFICER and g.holds(now)]
    above = [one for one in held if one.rung in ("region", "nation") and place in (None, one)]
    return None if above else Reason.NOT_OFFICER_ABOVE


def _role_in(actor: Any, organisation_id: int) -> str | None:
    return next((m.role for m in actor.memberships if m.organisation_id == organisation_id), None)


def is_member(actor: Any, organisation: Any, _now: datetime) -> Reason | None:
    """Speaks for the organisation."""
    return Reason.NOT_MEMBER if _role_in(actor, organisation.id) is None else None


def owns_organisation(actor: Any, organisation: Any, _now: datetime) -> Reason | None:
    """Is an owner of the organisation."""
    return None if _role_in(actor, organisation.id) == "owner" else Reason.NOT_OWNER


def may_read_organisation(actor: Any, organisation: Any, now: datetime) -> Reason | None:
    """What is verified everybody sees; the rest who speaks for it, and moderators of its home."""
    if organisation.verified_at is not None:
        return None
    if signed_in(actor, organisation, now) is not None:
        return Reason.NOT_PUBLIC
    if _role_in(actor, organisation.id) is not None:
        return None
    near = moderates_home(actor, organisation, now) is None and second_step_taken(actor, organisation, now) is None
    return None if near else Reason.NOT_PUBLIC


def moderates_home(actor: Any, organisation: Any, now: datetime) -> Reason | None:
    """Is moderator of the territory where the organisation is at home, or of one above it."""
    return None if has_role(actor, Role.MODERATOR, organisation.home, now) else Reason.NOT_MODERATOR_OF_HOME


def not_own_organisation(actor: Any, organisation: Any, _now: datetime) -> Reason | None:
    """Nobody verifies or accredits an organisation they belong to."""
    return None if _role_in(actor, organisation.id) is None else Reason.OWN_ORGANISATION


def verified_organisation(_actor: Any, organisation: Any, _now: datetime) -> Reason | None:
    """The organisation is known to be what it says."""
    return None if organisation.verified_at is not None else Reason.NOT_VERIFIED_ORGANISATION


def is_association(_actor: Any, organisation: Any, _now: datetime) -> Reason | None:
    """Only associations of businesses are accredited (Entrepreneurial Code, article 65)."""
    return None if organisation.kind == "business_association" else Reason.NOT_AN_ASSOCIATION


def is_invited(actor: Any, invitation: Any, _now: datetime) -> Reason | None:
    """The invitation went to this very address."""
    return None if account_key(actor.email) == account_key(invitation.email) else Reason.INVITED_ANOTHER


def second_step_taken(actor: Any, _subject: Any, _now: datetime) -> Reason | None:
    """Signs in with a second step, where this site asks it of staff (`STAFF_TOTP_REQUIRED`)."""
    if not current_app.config["STAFF_TOTP_REQUIRED"] or actor.second_step_at is not None:
        return None
    return Reason.SECOND_STEP


def held_by(actor: Any, now: datetime) -> list[Held]:
    """The roles that a person has now, as the rules want them."""
    return [Held(grant.role, grant.territory.path) for grant in actor.grants if grant.holds(now)]


def gives_roles(actor: Any, _subject: Any, now: datetime) -> Reason | None:
    """Is an operator, or of staff that has rungs below."""
    return None if gives_anywhere(held_by(actor, now)) else Reason.GIVES_NO_ROLES


def gives_this_role_here(actor: Any, grant: Any, now: datetime) -> Reason | None:
    """Stands above the territory of a grant, given or wanted: `access.rules.may_give`."""
    allowed = may_give(grant.role, grant.territory.path, held_by(actor, now))
    return None if allowed else Reason.NOT_FROM_ABOVE


def for_somebody_else(actor: Any, grant: Any, _now: datetime) -> Reason | None:
    """Nobody gives themselves a role, or takes one from themselves."""
    return Reason.ONESELF if grant.user_id == actor.id else None


def moderates_somewhere(actor: Any, _subject: Any, now: datetime) -> Reason | None:
    """Is moderator of any territory."""
    is_one = any(grant.role == Role.MODERATOR and grant.holds(now) for grant in actor.grants)
    return None if is_one else Reason.NOT_MODERATOR


def moderates_home_of_resident(actor: Any, resident: Any, now: datetime) -> Reason | None:
    """Is moderator of the territory where the resident lives, or of one above it."""
    return None if has_role(actor, Role.MODERATOR, resident.home, now) else Reason.NOT_MODERATOR_THERE


def not_the_resident(actor: Any, resident: Any, _now: datetime) -> Reason | None:
    """Nobody verifies themselves: not this account, and not another one with their own IIN."""
    is_same = resident.user_id == actor.id or (actor.person_key and actor.person_key in resident.keys)
    return Reason.VERIFIES_ONESELF if is_same else None


def operates_everywhere(actor: Any, _subject: Any, now: datetime) -> Reason | None:
    """Is operator of the whole country: votes of one account stand on proposals anywhere."""
    whole = any(g.role == Role.OPERATOR and g.holds(now) and g.territory.parent_id is None for g in actor.grants)
    return None if whole else Reason.NOT_OPERATOR
