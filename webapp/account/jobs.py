"""What is kept of people only for a term: unconfirmed accounts, invitations, the rest of deleted accounts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, exists, func, select, update

from webapp.account.services import forget_person
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, unit_of_work
from webapp.kernel.mail import Message
from webapp.kernel.parts import delete_in_parts
from webapp.kernel.refused import RefusedAddress, clear_mark
from webapp.organisations.models import Invitation
from webapp.people.models import Consent, User
from webapp.proposals.models import Proposal
from webapp.voting.models import Vote

AT_ONCE = 200
_UNSYNCHRONISED = {"synchronize_session": False}


def _since(setting: str, now: datetime) -> datetime:
    return now - timedelta(days=current_app.config[setting])


def _stands_on() -> list[Any]:
    """Columns that point to an account and neither go with it nor let it go: an account that one of them names stays."""
    keys = [key for table in db.metadata.tables.values() for key in table.foreign_keys]
    return [
        key.parent for key in keys if key.column is User.__table__.c.id and key.ondelete not in ("CASCADE", "SET NULL")
    ]


def forget_unconfirmed(now: datetime) -> int:
    """The job: an address that nobody confirmed within `KEEP_UNCONFIRMED_DAYS` is somebody else's business.

    The account goes with everything that hangs on it: its codes, consents, drafts, kept votes and mails. Of the newest
    account of all an empty row stays: SQLite would give its number to the next person, and the journal, keys of mails
    and limits would take that one for the former. (AUTOINCREMENT would do the same, but for it SQLite has to make the
    table anew, and with it all that hangs on it.)
    """
    old = select(User).where(
        User.email_confirmed_at.is_(None),
        User.deleted_at.is_(None),
        User.verified_at.is_(None),
        User.created_at < _since("KEEP_UNCONFIRMED_DAYS", now),
        *(~exists().where(column == User.id) for column in _stands_on()),
    )
    with unit_of_work():
        gone = db.session.scalars(old.order_by(User.id).limit(AT_ONCE).with_for_update(of=User, skip_locked=True)).all()
        for user in gone:
            record(Verb.PERSON_LEFT, user, now, public=False, why="unconfirmed")
        newest = db.session.scalar(select(func.max(User.id)))
        ids = [user.id for user in gone if user.id != newest]
        mails = delete(Message).where(Message.to.in_([user.email for user in gone]))
        db.session.execute(mails.execution_options(**_UNSYNCHRONISED))
        for user in gone:
            clear_mark(user.email)
        db.session.execute(delete(User).where(User.id.in_(ids)).execution_options(**_UNSYNCHRONISED))
        for user in gone:
            if user.id == newest:
                _leave_number(user, now)
    return len(gone)


def _leave_number(user: User, now: datetime) -> None:
    """Nothing but the number of an account stays; what hangs on it goes as if the row were deleted."""
    forget_person(user, now, record_it=False)
    db.session.execute(delete(Consent).where(Consent.user_id == user.id).execution_options(**_UNSYNCHRONISED))


def forget_invitations(now: datetime) -> int:
    """The job: invitations to speak for an organisation, `KEEP_INVITATIONS_DAYS` after their end."""
    return delete_in_parts(Invitation, Invitation.expires_at < _since("KEEP_INVITATIONS_DAYS", now))


def forget_refused(now: datetime) -> int:
    """The job: of an address that takes no mails nothing is kept after `KEEP_MAIL_DAYS` where it has no account."""
    nobodys = ~exists().where(User.email == RefusedAddress.email)
    return delete_in_parts(RefusedAddress, RefusedAddress.at < _since("KEEP_MAIL_DAYS", now), nobodys)


def forget_rest(now: datetime) -> int:
    """The job: what is left of a deleted account, `KEEP_DELETED_DAYS` after it was deleted.

    The keyed hash of the person stays as long as one of their votes stands on a proposal that is open:
    without it they could come back and vote on it a second time.
    """
    has_open = exists().where(Vote.voter_id == User.id, Vote.proposal_id == Proposal.id, Proposal.closed_at.is_(None))
    has_rest = User.person_key.is_not(None) | User.home_id.is_not(None) | exists().where(Consent.user_id == User.id)
    old = select(User.id).where(User.deleted_at < _since("KEEP_DELETED_DAYS", now), has_rest, ~has_open)
    with unit_of_work():
        ids = list(db.session.scalars(old.order_by(User.id).limit(AT_ONCE).with_for_update(of=User, skip_locked=True)))
        db.session.execute(delete(Consent).where(Consent.user_id.in_(ids)).execution_options(**_UNSYNCHRONISED))
        emptied = update(User).where(User.id.in_(ids)).values(person_key=None, home_id=None)
        db.session.execute(emptied.execution_options(**_UNSYNCHRONISED))
    return len(ids)
