"""Every verb of the journal, written subject:action. A fact with another verb cannot be recorded."""

from __future__ import annotations

from enum import StrEnum


class Verb(StrEnum):
    """What can happen."""

    PROPOSAL_SUBMITTED = "proposal:submitted"
    PROPOSAL_RETURNED = "proposal:returned"
    PROPOSAL_RESUBMITTED = "proposal:resubmitted"
    PROPOSAL_PUBLISHED = "proposal:published"
    PROPOSAL_REJECTED = "proposal:rejected"
    PROPOSAL_MERGED = "proposal:merged"
    PROPOSAL_FORWARDED = "proposal:forwarded"
    PROPOSAL_WITHDRAWN = "proposal:withdrawn"
    PROPOSAL_LAPSED = "proposal:lapsed"
    PROPOSAL_IMPORTED = "proposal:imported"
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
    TERM_OVERDUE = "term:overdue"
    IMPLEMENTATION_STARTED = "implementation:started"
    MILESTONE_DONE = "milestone:done"
    MILESTONE_OVERDUE = "milestone:overdue"
    IMPLEMENTATION_DONE = "implementation:done"
    RULES_CHANGED = "rules:changed"
    CALENDAR_CHANGED = "calendar:changed"
    GRANT_GIVEN = "grant:given"
    GRANT_ENDED = "grant:ended"
    PERSON_LEFT = "person:left"
    RESIDENT_VERIFIED = "resident:verified"
    ORGANISATION_VERIFIED = "organisation:verified"
    TALLY_CORRECTED = "tally:corrected"
