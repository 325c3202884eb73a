"""What programs read that cannot sign in: the feed of a person, and the calendar of what their body owes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app
from icalendar import Calendar, Event

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import refusal
from webapp.kernel.clock import local_date, now
from webapp.kernel.exports import as_atom
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import in_language
from webapp.kernel.security import limiter
from webapp.kernel.text import fit_for_xml, one_line
from webapp.moderation.owed import owed_by
from webapp.notifications.addresses import Purpose, feed_key, owner_of
from webapp.notifications.listing import as_rows, notices_page
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage

bp = Blueprint("secret_addresses", __name__)
ENTRIES = 50
#: Days that every program that reads calendars can hold.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(9999, 12, 30)
#: What of a body's duties has a date: at which stage, in which role.
OWED = (
    (Stage.SUBMITTED, Role.MODERATOR),
    (Stage.REVIEW, Role.OFFICER),
    (Stage.ACCEPTED, Role.OFFICER),
    (Stage.IMPLEMENTING, Role.OFFICER),
)


def _secret(response: Response) -> Response:
    """Kept by the reader alone, passed on to nobody, found by no search."""
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@bp.get("/feeds/<token>.atom")
@limiter.limit("60 per minute")
def feed(token: str) -> Response:
    """A person's notices as Atom."""
    person = owner_of(Purpose.FEED, token) or abort(404)
    base = current_app.config["PUBLIC_URL"]
    with in_language(person.lang):
        rows = as_rows(notices_page(person.id, None, now(), ENTRIES).rows)
        entries = [_entry(row, base) for row in rows]
        updated = rows[0]["at"] if rows else person.created_at
        about, key = f"{base}/my/notices", feed_key(person)
        return _secret(as_atom(_("Saty: what you follow"), about, updated, entries, own=None, key=f"{about}#{key}"))


def _entry(row: dict[str, Any], base: str) -> dict[str, Any]:
    url = f"{base}/proposals/{row['proposal']}"
    said = f"{row['place']}: {row['sentence']}" if row["place"] else row["sentence"]
    title = f"{row['number']}, {row['title']}"
    return {"id": f"{url}#fact-{row['fact']}", "title": title, "url": url, "updated": row["at"], "summary": said}


@bp.get("/calendars/<token>.ics")
@limiter.limit("60 per minute")
def calendar(token: str) -> Response:
    """What the person's body owes, as iCalendar (RFC 5545); nothing for somebody who is no longer staff."""
    person = owner_of(Purpose.CALENDAR, token) or abort(404)
    if refusal(person, Permission.SEE_DESK, None, now()) is not None:
        abort(404)
    with in_language(person.lang):
        body = calendar_of(person, now()).to_ical()
    return _secret(Response(body, content_type="text/calendar; charset=utf-8"))


def calendar_of(person: User, moment: datetime) -> Calendar:
    """One whole day for each proposal: the last one on which it can be done in time."""
    made = Calendar()
    made.add("prodid", "-//Saty//Saty//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", _("Saty: what is due"))
    for stage, role in OWED:
        for proposal in owed_by(person, stage, role, moment):
            if proposal.due_at is not None:
                made.add_component(_event(proposal, stage, moment))
    return made


def _day_of(due_at: datetime) -> date:
    """The day of a due date; of one at the very end of the calendar, the last day that has a tomorrow."""
    try:
        return max(FIRST_DAY, min(local_date(due_at), LAST_DAY))
    except OverflowError:
        return LAST_DAY


def _event(proposal: Proposal, stage: Stage, moment: datetime) -> Event:
    base, day = current_app.config["PUBLIC_URL"], _day_of(proposal.due_at)
    owed = {
        Stage.SUBMITTED: _("To be checked"),
        Stage.REVIEW: _("Answer due"),
        Stage.ACCEPTED: _("The work begins"),
    }.get(stage, _("Next step of the work"))
    made = Event()
    made.add("uid", f"proposal-{proposal.id}@{urlsplit(base).hostname or 'saty'}")
    made.add("dtstamp", moment)
    made.add("dtstart", day)
    made.add("dtend", day + timedelta(days=1))
    made.add("summary", fit_for_xml(one_line(f"{owed}: {proposal.number}, {proposal.title}")))
    made.add("url", f"{base}/proposals/{proposal.id}")
    made.add("transp", "TRANSPARENT")
    return made
