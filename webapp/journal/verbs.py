"""Every verb of the journal, written subject:action. A fact with another verb cannot be recorded.

The verbs of the project stand together in `Verb`. A package that is added may bring verbs of its own, as members of
a class derived from `FeatureVerb`; their sentences are named in `notifications.sentences`.
"""

from __future__ import annotations

import re
from enum import StrEnum

_WRITTEN = re.compile(r"[a-z-]+:[a-z-]+")
#: As wide as `Fact.verb`.
LONGEST = 40


class Verb(StrEnum):
    """What can happen."""

    PROPOSAL_SUBMITTED = "proposal:submitted"
    PROPOSAL_RETURNED = "proposal:returned"
    PROPOSAL_RESUBMITTED = "proposal:resubmitted"
    PROPOSAL_PUBLISHED = "proposal:published"
    PROPOSAL_REJECTED = "proposal:rejected"
    PROPOSAL_MERGED = "proposal:merged"
    PROPOSAL_UNMERGED = "proposal:unmerged"
    PROPOSAL_ENLARGED = "proposal:enlarged"
    PROPOSAL_REDUCED = "proposal:reduced"
    PROPOSAL_ADOPTED = "proposal:adopted"
    PROPOSAL_FORWARDED = "proposal:forwarded"
    PROPOSAL_WITHDRAWN = "proposal:withdrawn"
    PROPOSAL_LAPSED = "proposal:lapsed"
    PROPOSAL_IMPORTED = "proposal:imported"
    DECISION_UNDONE = "decision:undone"
    REJECTION_APPEALED = "rejection:appealed"
    THRESHOLD_REACHED = "threshold:reached"
    PROPOSAL_CLIMBED = "proposal:climbed"
    PROPOSAL_UNSUPPORTED = "proposal:unsupported"
    PROPOSAL_ACCEPTED = "proposal:accepted"
    PROPOSAL_DECLINED = "proposal:declined"
    PROPOSAL_PASSED_UP = "proposal:passed-up"
    PROPOSAL_HANDED_DOWN = "proposal:handed-down"
    DECLINE_APPEALED = "decline:appealed"
    PROPOSAL_CLOSED = "proposal:closed"
    BODY_SILENT = "body:silent"
    TERM_EXTENDED = "term:extended"
    TERM_OVERDUE = "term:overdue"
    IMPLEMENTATION_STARTED = "implementation:started"
    MILESTONE_DONE = "milestone:done"
    MILESTONE_PARTLY = "milestone:partly-done"
    MILESTONE_MOVED = "milestone:moved"
    MILESTONE_OVERDUE = "milestone:overdue"
    IMPLEMENTATION_DONE = "implementation:done"
    REASONS_CHANGED = "reasons:changed"
    DEPARTMENT_OPENED = "department:opened"
    DEPARTMENT_CLOSED = "department:closed"
    RULES_CHANGED = "rules:changed"
    CALENDAR_CHANGED = "calendar:changed"
    SITE_AWAY = "site:away"
    GRANT_GIVEN = "grant:given"
    GRANT_ENDED = "grant:ended"
    PERSON_LEFT = "person:left"
    SECOND_STEP_SET = "second-step:set"
    SECOND_STEP_REMOVED = "second-step:removed"
    RECOVERY_CODES_MADE = "recovery-codes:made"
    RECOVERY_CODE_USED = "recovery-code:used"
    PASSWORD_CHANGED = "password:changed"  # noqa: S105 (a verb)
    EMAIL_CHANGED = "email:changed"
    PASSKEY_ADDED = "passkey:added"
    PASSKEY_REMOVED = "passkey:removed"
    ACCOUNT_CLOSED = "account:closed"
    ACCOUNT_REOPENED = "account:reopened"
    RESIDENT_VERIFIED = "resident:verified"
    RESIDENT_MOVED = "resident:moved"
    VERIFICATION_MOVED = "verification:moved"
    PERSON_KEYS_ROTATED = "person-keys:rotated"
    ORGANISATION_REGISTERED = "organisation:registered"
    ORGANISATION_CORRECTED = "organisation:corrected"
    ORGANISATION_VERIFIED = "organisation:verified"
    ORGANISATION_REFUSED = "organisation:refused"
    ORGANISATION_OVERDUE = "organisation:overdue"
    ORGANISATION_ACCREDITED = "organisation:accredited"
    MEMBER_INVITED = "member:invited"
    MEMBER_JOINED = "member:joined"
    MEMBER_LEFT = "member:left"
    MEMBER_REMOVED = "member:removed"
    OWNERSHIP_HANDED_OVER = "ownership:handed-over"
    TALLY_CORRECTED = "tally:corrected"
    PHOTO_REMOVED = "photo:removed"
    CONTENT_FLAGGED = "content:flagged"
    FLAGS_REVIEWED = "flags:reviewed"
    CONTENT_HIDDEN = "content:hidden"
    HIDING_APPEALED = "hiding:appealed"
    HIDING_UPHELD = "hiding:upheld"
    CONTENT_SHOWN = "content:shown"
    VOTES_SET_ASIDE = "votes:set-aside"
    VOTES_GIVEN_BACK = "votes:given-back"
    CHECK_BEGUN = "check:begun"
    CHECK_ENDED = "check:ended"
    DIRECTION_PUBLISHED = "direction:published"
    DIRECTION_CHANGED = "direction:changed"
    DIRECTION_ENDED = "direction:ended"
    PROGRAMME_PUBLISHED = "programme:published"
    PROGRAMME_CHANGED = "programme:changed"
    PROGRAMME_ENDED = "programme:ended"
    MEASURE_PUBLISHED = "measure:published"
    MEASURE_CHANGED = "measure:changed"
    MEASURE_ENDED = "measure:ended"
    MONEY_ENTERED = "money:entered"
    COMMITMENT_MADE = "commitment:made"
    COMMITMENT_ACCEPTED = "commitment:accepted"
    COMMITMENT_REFUSED = "commitment:refused"
    PROPOSAL_PLACED = "proposal:placed"
    PROPOSAL_BECAME_MEASURE = "proposal:became-measure"
    PROPOSAL_JOINED_MEASURE = "proposal:joined-measure"
    STRATEGY_HANGS = "strategy:hangs"
    STRATEGY_RESUMED = "strategy:resumed"
    PLAN_PROMISED = "plan:promised"
    PLAN_OVERDUE = "plan:overdue"
    MILESTONE_REOPENED = "milestone:reopened"
    JUDGEMENT_OPENED = "judgement:opened"
    JUDGEMENT_CLOSED = "judgement:closed"
    PROPOSAL_REOPENED = "proposal:reopened"
    MEASURE_LESSONS = "measure:lessons-written"
    OFFER_MADE = "offer:made"
    OFFER_PUBLISHED = "offer:published"
    OFFER_WITHDRAWN = "offer:withdrawn"
    OFFER_TAKEN_UP = "offer:taken-up"
    OFFER_DECLINED = "offer:declined"
    OFFER_STAGE = "offer:stage-passed"
    OFFER_OVERDUE = "offer:overdue"


class FeatureVerb(StrEnum):
    """Base of the verbs that one package brings along: `class QuestionVerb(FeatureVerb): ASKED = "question:asked"`.

    Raises ValueError for a verb that `Verb` has already, that is not written subject:action, or that the column of
    the journal is too narrow for.
    """

    def __init__(self, value: str) -> None:
        if value in set(Verb) or not _WRITTEN.fullmatch(value) or len(value) > LONGEST:
            raise ValueError(f"{value!r} cannot be a verb of {type(self).__name__}")


#: Facts with these verbs are never public: what happens to an account, what is said between a moderator and an author,
#: who speaks for an organisation. Every other verb has a sentence for everybody (`notifications.sentences`).
INSIDE: frozenset[str] = frozenset(
    {
        *(Verb.PROPOSAL_RETURNED, Verb.PROPOSAL_RESUBMITTED, Verb.PROPOSAL_REJECTED, Verb.PROPOSAL_LAPSED),
        *(Verb.REJECTION_APPEALED, Verb.CONTENT_FLAGGED, Verb.PERSON_LEFT, Verb.PERSON_KEYS_ROTATED),
        *(Verb.SECOND_STEP_SET, Verb.SECOND_STEP_REMOVED, Verb.RECOVERY_CODES_MADE, Verb.RECOVERY_CODE_USED),
        *(Verb.PASSWORD_CHANGED, Verb.EMAIL_CHANGED, Verb.PASSKEY_ADDED, Verb.PASSKEY_REMOVED),
        *(Verb.ACCOUNT_CLOSED, Verb.ACCOUNT_REOPENED, Verb.RESIDENT_VERIFIED, Verb.RESIDENT_MOVED),
        *(Verb.VERIFICATION_MOVED, Verb.ORGANISATION_REGISTERED, Verb.ORGANISATION_CORRECTED),
        *(Verb.ORGANISATION_REFUSED, Verb.MEMBER_INVITED, Verb.MEMBER_JOINED, Verb.MEMBER_LEFT, Verb.MEMBER_REMOVED),
        Verb.OWNERSHIP_HANDED_OVER,
    }
)

#: Acts of somebody who acts as staff. Only with these the public journal says which account acted, so that all acts
#: of one officer can be told apart from those of another; whoever acts as a person is never joined to anything.
AS_STAFF = frozenset(
    {
        *(Verb.PROPOSAL_RETURNED, Verb.PROPOSAL_PUBLISHED, Verb.PROPOSAL_REJECTED, Verb.PROPOSAL_FORWARDED),
        *(Verb.PROPOSAL_MERGED, Verb.PROPOSAL_UNMERGED, Verb.PROPOSAL_ENLARGED, Verb.PROPOSAL_REDUCED),
        *(Verb.PROPOSAL_ADOPTED, Verb.DECISION_UNDONE, Verb.PROPOSAL_ACCEPTED, Verb.PROPOSAL_DECLINED),
        *(Verb.PROPOSAL_PASSED_UP, Verb.PROPOSAL_HANDED_DOWN, Verb.TERM_EXTENDED, Verb.PLAN_PROMISED),
        *(Verb.MILESTONE_DONE, Verb.MILESTONE_REOPENED, Verb.IMPLEMENTATION_DONE, Verb.REASONS_CHANGED),
        *(Verb.MILESTONE_PARTLY, Verb.MILESTONE_MOVED),
        *(Verb.DEPARTMENT_OPENED, Verb.DEPARTMENT_CLOSED, Verb.RULES_CHANGED, Verb.CALENDAR_CHANGED),
        *(Verb.GRANT_GIVEN, Verb.GRANT_ENDED),
        *(Verb.ORGANISATION_VERIFIED, Verb.ORGANISATION_REFUSED, Verb.ORGANISATION_ACCREDITED),
        *(Verb.FLAGS_REVIEWED, Verb.CONTENT_HIDDEN, Verb.HIDING_UPHELD, Verb.CONTENT_SHOWN),
        *(Verb.CHECK_BEGUN, Verb.CHECK_ENDED),
        *(Verb.DIRECTION_PUBLISHED, Verb.DIRECTION_CHANGED, Verb.DIRECTION_ENDED),
        *(Verb.PROGRAMME_PUBLISHED, Verb.PROGRAMME_CHANGED, Verb.PROGRAMME_ENDED),
        *(Verb.MEASURE_PUBLISHED, Verb.MEASURE_CHANGED, Verb.MEASURE_ENDED, Verb.MEASURE_LESSONS),
        *(Verb.MONEY_ENTERED, Verb.COMMITMENT_MADE, Verb.COMMITMENT_ACCEPTED, Verb.COMMITMENT_REFUSED),
        *(Verb.PROPOSAL_PLACED, Verb.PROPOSAL_BECAME_MEASURE, Verb.PROPOSAL_JOINED_MEASURE),
        *(Verb.OFFER_TAKEN_UP, Verb.OFFER_DECLINED, Verb.OFFER_STAGE),
    }
)
