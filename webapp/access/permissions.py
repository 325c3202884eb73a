"""What can be permitted, and the one table that says to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

from webapp.access import predicates as who
from webapp.access import staff_predicates as staff
from webapp.access import strategy_predicates as strategy
from webapp.access.predicates import Reason

Predicate = Callable[[Any, Any, datetime], Reason | None]


class Permission(StrEnum):
    """Named acts."""

    SEE_PROPOSAL = "proposal:see"
    KEEP_DRAFT = "draft:keep"
    SUBMIT = "proposal:submit"
    REVISE = "proposal:revise"
    WITHDRAW = "proposal:withdraw"
    APPEAL = "proposal:appeal"
    VOTE = "proposal:vote"
    VOTE_FOR_ORGANISATION = "proposal:vote-for-organisation"
    SPEAK_FOR_ORGANISATION = "organisation:speak"
    SEE_DESK = "desk:see"
    TRIAGE = "proposal:triage"
    UNDO_DECISION = "decision:undo"
    WORK_ON = "proposal:work-on"
    MANAGE_DEPARTMENTS = "department:manage"
    KEEP_PHRASES = "phrase:keep"
    EDIT_REASONS = "reason:edit"
    MERGE = "proposal:merge"
    ADOPT = "proposal:adopt"
    ANSWER = "proposal:answer"
    REPORT = "milestone:report"
    PLAN = "milestone:plan"
    JUDGE = "proposal:judge"
    SEE_ORGANISATION = "organisation:see"
    REGISTER_ORGANISATION = "organisation:register"
    CORRECT_ORGANISATION = "organisation:correct"
    VERIFY_ORGANISATION = "organisation:verify"
    ACCREDIT_ORGANISATION = "organisation:accredit"
    INVITE_MEMBER = "member:invite"
    ACCEPT_INVITATION = "invitation:accept"
    MANAGE_MEMBERS = "member:manage"
    LEAVE_ORGANISATION = "organisation:leave"
    SEE_STAFF = "staff:see"
    GIVE_GRANT = "grant:give"
    END_GRANT = "grant:end"
    BE_VERIFIED = "resident:be-verified"
    SEE_RESIDENTS_DESK = "residents-desk:see"
    VERIFY_RESIDENT = "resident:verify"
    REMOVE_PHOTO = "photo:remove"
    REVIEW_FLAGS = "flags:review"
    DECIDE_APPEAL = "hiding:judge"
    SEE_FRAUD_DESK = "fraud-desk:see"
    SET_VOTES_ASIDE = "votes:set-aside"
    SEE_DEAD_LETTERS = "dead-letters:see"
    SEE_STRATEGY = "strategy:see"
    EDIT_STRATEGY = "strategy:edit"
    ENTER_MONEY = "money:enter"
    MAKE_COMMITMENT = "commitment:make"
    ANSWER_COMMITMENT = "commitment:answer"
    SEE_OFFER = "offer:see"
    KEEP_OFFER = "offer:keep"
    ANSWER_OFFER = "offer:answer"
    CONFIRM_SERVING = "proposal:place"
    JOIN_MEASURE = "proposal:join-measure"


#: Every predicate of a row must pass; the first that does not gives the reason.
POLICY: dict[Permission, tuple[Predicate, ...]] = {
    Permission.SEE_PROPOSAL: (who.may_read_proposal,),
    Permission.KEEP_DRAFT: (who.holds_draft,),
    Permission.SUBMIT: (who.signed_in, who.email_confirmed),
    Permission.REVISE: (who.signed_in, who.is_author, who.still_speaks),
    Permission.WITHDRAW: (who.signed_in, who.is_author, who.still_speaks),
    Permission.APPEAL: (who.signed_in, who.is_author, who.still_speaks),
    Permission.VOTE: (who.voting_open, who.signed_in, who.email_confirmed, who.verified),
    Permission.VOTE_FOR_ORGANISATION: (who.voting_open, who.signed_in, who.email_confirmed),
    Permission.SPEAK_FOR_ORGANISATION: (who.signed_in, who.is_member, who.verified_organisation),
    Permission.SEE_DESK: (who.signed_in, who.is_staff, who.second_step_taken),
    Permission.TRIAGE: (
        who.signed_in,
        who.moderates_seat,
        who.second_step_taken,
        who.not_own_proposal,
        who.did_not_reject,
    ),
    Permission.UNDO_DECISION: (
        who.signed_in,
        staff.decided_it,
        staff.still_decides_there,
        who.second_step_taken,
    ),
    Permission.WORK_ON: (who.signed_in, staff.works_on_seat, who.second_step_taken, who.not_own_proposal),
    Permission.MANAGE_DEPARTMENTS: (who.signed_in, staff.moderates_territory, who.second_step_taken),
    Permission.KEEP_PHRASES: (who.signed_in, staff.works_in_body, who.second_step_taken),
    Permission.EDIT_REASONS: (who.signed_in, who.operates_everywhere, who.second_step_taken),
    Permission.MERGE: (who.signed_in, who.merges_both, who.second_step_taken, who.wrote_neither),
    Permission.ADOPT: (who.signed_in, who.answers_above_cities, who.second_step_taken),
    Permission.ANSWER: (who.signed_in, who.answers_for_seat, who.second_step_taken, who.not_own_proposal),
    Permission.REPORT: (
        who.signed_in,
        strategy.answers_for_milestone,
        who.second_step_taken,
        strategy.not_own_milestone,
    ),
    Permission.PLAN: (who.signed_in, who.answers_for_seat, who.second_step_taken, who.not_own_proposal),
    Permission.JUDGE: (who.signed_in, who.email_confirmed, who.verified, strategy.supports_it),
    Permission.SEE_ORGANISATION: (who.may_read_organisation,),
    Permission.REGISTER_ORGANISATION: (who.signed_in, who.email_confirmed),
    Permission.CORRECT_ORGANISATION: (who.signed_in, who.email_confirmed, who.owns_organisation),
    Permission.VERIFY_ORGANISATION: (
        who.signed_in,
        who.moderates_home,
        who.second_step_taken,
        who.not_own_organisation,
    ),
    Permission.ACCREDIT_ORGANISATION: (
        who.signed_in,
        who.moderates_home,
        who.second_step_taken,
        who.not_own_organisation,
        who.verified_organisation,
        who.is_association,
    ),
    Permission.INVITE_MEMBER: (who.signed_in, who.owns_organisation, who.verified_organisation),
    Permission.ACCEPT_INVITATION: (who.signed_in, who.is_invited, who.email_confirmed),
    Permission.MANAGE_MEMBERS: (who.signed_in, who.owns_organisation),
    Permission.LEAVE_ORGANISATION: (who.signed_in, who.is_member),
    Permission.SEE_STAFF: (who.signed_in, who.gives_roles, who.second_step_taken),
    Permission.GIVE_GRANT: (who.signed_in, who.second_step_taken, who.for_somebody_else, who.gives_this_role_here),
    Permission.END_GRANT: (who.signed_in, who.second_step_taken, who.for_somebody_else, who.gives_this_role_here),
    Permission.BE_VERIFIED: (who.signed_in, who.email_confirmed),
    Permission.SEE_RESIDENTS_DESK: (who.signed_in, who.moderates_somewhere, who.second_step_taken),
    Permission.VERIFY_RESIDENT: (
        who.signed_in,
        who.moderates_home_of_resident,
        who.second_step_taken,
        who.not_the_resident,
    ),
    Permission.REMOVE_PHOTO: (who.signed_in, who.wrote_or_moderates),
    Permission.REVIEW_FLAGS: (who.signed_in, who.moderates_desk, who.second_step_taken, who.not_own_matter),
    Permission.DECIDE_APPEAL: (
        who.signed_in,
        who.moderates_desk,
        who.second_step_taken,
        who.not_own_matter,
        who.did_not_hide,
    ),
    Permission.SEE_FRAUD_DESK: (who.signed_in, who.operates_everywhere, who.second_step_taken),
    Permission.SET_VOTES_ASIDE: (who.signed_in, who.operates_everywhere, who.second_step_taken),
    Permission.SEE_DEAD_LETTERS: (who.signed_in, who.operates_everywhere, who.second_step_taken),
    Permission.SEE_STRATEGY: (strategy.may_read_strategy,),
    Permission.EDIT_STRATEGY: (who.signed_in, strategy.answers_for_territory, who.second_step_taken),
    Permission.ENTER_MONEY: (who.signed_in, strategy.answers_for_territory, who.second_step_taken),
    Permission.MAKE_COMMITMENT: (who.signed_in, strategy.gives_commitment, who.second_step_taken),
    Permission.ANSWER_COMMITMENT: (who.signed_in, strategy.answers_for_city, who.second_step_taken),
    Permission.SEE_OFFER: (strategy.may_read_offer,),
    Permission.KEEP_OFFER: (who.signed_in, strategy.speaks_for_offer),
    Permission.ANSWER_OFFER: (
        who.signed_in,
        strategy.answers_for_territory,
        who.second_step_taken,
        strategy.not_own_offer,
    ),
    Permission.CONFIRM_SERVING: (who.signed_in, staff.works_on_seat, who.second_step_taken, who.not_own_proposal),
    Permission.JOIN_MEASURE: (who.signed_in, strategy.answers_for_origin, who.second_step_taken, who.not_own_proposal),
}
