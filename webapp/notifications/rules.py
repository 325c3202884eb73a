"""Who is told of what, how soon and how often: one table, and a few numbers that keep mail rare."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from webapp.journal.verbs import Verb


class Audience(StrEnum):
    """As what somebody is told."""

    AUTHOR = "author"
    OFFICER = "officer"
    MODERATOR = "moderator"
    FOLLOWER = "follower"


class Mail(StrEnum):
    """What becomes of a notice besides the line in the application."""

    NONE = ""
    NOW = "now"
    WAITS = "waits"
    DONE = "done"


class Subject(StrEnum):
    """What somebody can follow. The key is the number of the proposal, the KATO code or the name of the sphere."""

    PROPOSAL = "proposal"
    TERRITORY = "territory"
    SPHERE = "sphere"


class Stream(StrEnum):
    """Mails that somebody can switch off, apart from each other."""

    OWN = "own"
    DIGEST = "digest"


class Told(NamedTuple):
    """Who is told of a fact: its author and staff by mail at once, followers in the application and once a week."""

    author: bool = False
    #: The role of those whose body comes to owe something by it.
    staff: Audience | None = None
    #: Followers and supporters of the proposal.
    followers: bool = False
    #: Followers of its place and of its sphere, too.
    places: bool = False
    #: It begins a term for the author: their mail goes at once, however many went before on that day.
    term: bool = False


#: The table. A verb that is not in it is told to nobody; its sentence stands in `notifications.sentences`.
TOLD: dict[str, Told] = {
    Verb.PROPOSAL_SUBMITTED: Told(author=True, staff=Audience.MODERATOR),
    Verb.PROPOSAL_RESUBMITTED: Told(staff=Audience.MODERATOR),
    Verb.PROPOSAL_RETURNED: Told(author=True, term=True),
    Verb.PROPOSAL_PUBLISHED: Told(author=True, followers=True, places=True),
    Verb.PROPOSAL_REJECTED: Told(author=True, term=True),
    Verb.REJECTION_APPEALED: Told(staff=Audience.MODERATOR),
    Verb.PROPOSAL_MERGED: Told(author=True, followers=True),
    Verb.PROPOSAL_UNMERGED: Told(author=True, followers=True),
    Verb.PROPOSAL_ENLARGED: Told(author=True),
    Verb.PROPOSAL_REDUCED: Told(author=True),
    Verb.PROPOSAL_ADOPTED: Told(author=True, staff=Audience.OFFICER, followers=True, places=True),
    Verb.FLAGS_REVIEWED: Told(author=True),
    Verb.CONTENT_HIDDEN: Told(author=True, term=True),
    Verb.HIDING_UPHELD: Told(author=True),
    Verb.CONTENT_SHOWN: Told(author=True),
    Verb.PROPOSAL_FORWARDED: Told(author=True, staff=Audience.MODERATOR),
    Verb.PROPOSAL_WITHDRAWN: Told(followers=True),
    Verb.PROPOSAL_LAPSED: Told(author=True),
    Verb.THRESHOLD_REACHED: Told(author=True, staff=Audience.OFFICER, followers=True, places=True),
    Verb.PROPOSAL_CLIMBED: Told(author=True, staff=Audience.OFFICER, followers=True, places=True),
    Verb.PROPOSAL_UNSUPPORTED: Told(author=True, followers=True),
    Verb.PROPOSAL_ACCEPTED: Told(author=True, followers=True, places=True),
    Verb.PROPOSAL_DECLINED: Told(author=True, followers=True, places=True, term=True),
    Verb.DECLINE_APPEALED: Told(staff=Audience.OFFICER, followers=True),
    Verb.PROPOSAL_PASSED_UP: Told(author=True, staff=Audience.OFFICER, followers=True),
    Verb.PROPOSAL_HANDED_DOWN: Told(author=True, staff=Audience.OFFICER, followers=True),
    Verb.TERM_EXTENDED: Told(author=True, followers=True),
    Verb.TERM_OVERDUE: Told(author=True, followers=True, places=True),
    Verb.IMPLEMENTATION_STARTED: Told(author=True, followers=True),
    Verb.MILESTONE_DONE: Told(followers=True),
    Verb.MILESTONE_PARTLY: Told(followers=True),
    Verb.MILESTONE_MOVED: Told(author=True, followers=True),
    Verb.MILESTONE_OVERDUE: Told(author=True, followers=True),
    Verb.MILESTONE_REOPENED: Told(author=True, followers=True),
    Verb.PLAN_PROMISED: Told(author=True, followers=True),
    Verb.PLAN_OVERDUE: Told(author=True, followers=True),
    Verb.IMPLEMENTATION_DONE: Told(author=True, followers=True, places=True),
    Verb.JUDGEMENT_OPENED: Told(followers=True),
    Verb.JUDGEMENT_CLOSED: Told(author=True, followers=True),
    Verb.PROPOSAL_REOPENED: Told(author=True, staff=Audience.OFFICER, followers=True),
    Verb.PROPOSAL_BECAME_MEASURE: Told(author=True, followers=True),
    Verb.PROPOSAL_JOINED_MEASURE: Told(author=True, followers=True),
}


def begins_term(verb: str, audience: Audience) -> bool:
    """Whether a term of this reader begins by it: then the mail does not wait for the digest of the week.

    An officer is told only of what their body comes to owe. A moderator's queue is the desk itself: there the
    tenth mail of a day says enough, and the desk counts the rest.
    """
    if audience is Audience.AUTHOR:
        return TOLD[verb].term
    return audience is Audience.OFFICER


#: Decisions that a moderator may take back for a minute; nobody is told before that, and half a minute more.
UNDOABLE = frozenset(
    {
        Verb.PROPOSAL_PUBLISHED,
        Verb.PROPOSAL_RETURNED,
        Verb.PROPOSAL_REJECTED,
        Verb.PROPOSAL_FORWARDED,
        Verb.PROPOSAL_MERGED,
        Verb.PROPOSAL_ENLARGED,
    }
)
UNDO_TIME = timedelta(seconds=60)
MARGIN = timedelta(seconds=30)

#: Mails at once to one person on one day; what is more waits for the digest, but for what begins a term.
AT_ONCE_A_DAY = 10
DIGEST_LINES = 20
DIGEST_WEEKDAY, DIGEST_TIME = 0, time(9)
#: Bytes of the text of a mail, and of what somebody else has written in it.
TEXT_BYTES = 3_000
QUOTE_BYTES = 500
#: Of the sentence of a reason from the list, which an operator may make long.
REASON_BYTES = 1_100
TITLE_BYTES = 120


def digest_moment(now: datetime, zone: tzinfo) -> datetime:
    """The last Monday, nine o'clock, in a time zone: what had come by then is in the digest of that week."""
    local = now.astimezone(zone)
    monday = local.date() - timedelta(days=(local.weekday() - DIGEST_WEEKDAY) % 7)
    moment = datetime.combine(monday, DIGEST_TIME, zone)
    return moment if moment <= now else datetime.combine(monday - timedelta(days=7), DIGEST_TIME, zone)


def day_began(now: datetime, zone: tzinfo) -> datetime:
    """The midnight before a moment."""
    return datetime.combine(now.astimezone(zone).date(), time(0), zone)
