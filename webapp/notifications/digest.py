"""One mail a week about what somebody follows, and about what was too much for mails at once; none when nothing happened."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select, update

from webapp.journal.models import Fact
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import changed, db, unit_of_work
from webapp.kernel.mail import Stopwatch, enqueue
from webapp.kernel.parts import Pace, paced, part_of_work
from webapp.notifications.letters import digest_letter
from webapp.notifications.listing import still_theirs
from webapp.notifications.models import WAITS, Notice
from webapp.notifications.rules import DIGEST_LINES, Mail, Stream, digest_moment
from webapp.notifications.unsubscribing import address_for
from webapp.people.models import User
from webapp.proposals.models import TITLED, Proposal

#: In one transaction: as long as ten letters take, votes wait for it on SQLite.
PEOPLE = 10
#: Then the other jobs of the worker have their turn; the next run goes on.
LONGEST_RUN_SECONDS = 20.0
FORGOTTEN_AT_ONCE = 5_000


def send_digests(now: datetime, stopwatch: Stopwatch = time.monotonic) -> int:
    """The job: everybody for whom something waits since before Monday, nine o'clock, gets one mail for that week."""
    moment, made, after = digest_moment(now, LOCAL_ZONE), 0, 0
    until = stopwatch() + LONGEST_RUN_SECONDS
    while True:
        with unit_of_work():
            waiting = (WAITS, Notice.at < moment, Notice.person_id > after)
            query = select(Notice.person_id).where(*waiting).distinct().order_by(Notice.person_id).limit(PEOPLE)
            people = list(db.session.scalars(query))
            for person_id in people:
                made += _send(db.session.get_one(User, person_id), moment, now)
        if len(people) < PEOPLE or stopwatch() > until:
            return made
        after = people[-1]


def _send(person: User, moment: datetime, now: datetime) -> bool:
    """One person's mail; what waited has been told then, also where the account is gone or closed meanwhile."""
    mine = (Notice.person_id == person.id, WAITS, Notice.at < moment)
    is_new = False
    if person.may_sign_in and person.email_confirmed_at is not None:
        rows, count = _what_happened((*mine, still_theirs(now)))
        if rows:  # a role that has ended takes what waited for it along
            letter = digest_letter(person, rows, count)
            key = f"digest:{person.id}:{local_date(moment).isoformat()}"
            stop = address_for(person.id, Stream.DIGEST)
            is_new = enqueue(person.email, letter.subject, letter.text, key, now, letter.html, stop)
            if not is_new:
                return False  # this week's has gone out; what came since waits for the next
    told = update(Notice).where(*mine).values(mail=Mail.DONE)
    changed(told)
    return is_new


def _what_happened(mine: Sequence[Any]) -> tuple[list[Any], int]:
    """The newest fact of each proposal that somebody is to be told of, the newest first; and how many there are."""
    newest = select(func.max(Notice.fact_id).label("id")).join(Fact, Fact.id == Notice.fact_id)
    newest = newest.join(Proposal, Proposal.id == Fact.proposal_id).where(*mine)
    newest_of_each = newest.group_by(Fact.proposal_id).subquery()
    query = select(Fact.verb, Fact.facts, Proposal.number, *TITLED).join(newest_of_each, newest_of_each.c.id == Fact.id)
    query = query.join(Proposal, Proposal.id == Fact.proposal_id).order_by(Fact.id.desc()).limit(DIGEST_LINES)
    count = db.session.scalar(select(func.count()).select_from(newest_of_each)) or 0
    return list(db.session.execute(query)), count


def forget_notices(now: datetime) -> int:
    """The job: notices that are older than `KEEP_NOTICES_DAYS`. The oldest have the smallest numbers."""
    before = now - timedelta(days=current_app.config["KEEP_NOTICES_DAYS"])

    pace = Pace(most=FORGOTTEN_AT_ONCE)

    def forget(size: int) -> int:
        with part_of_work(pace, size):
            oldest = select(Notice.id, Notice.at).order_by(Notice.id).limit(size).subquery()
            old = delete(Notice).where(Notice.id.in_(select(oldest.c.id).where(oldest.c.at < before)))
            return changed(old)

    return sum(paced(pace, forget))
