"""Terms of verification that pass, and accreditations that end soon."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.presence import there_until
from webapp.organisations import letters, rules
from webapp.organisations.decisions import settle
from webapp.people.models import Organisation


def verification_terms(now: datetime) -> int:
    """Who was not looked at in the term is marked overdue, and that is a public fact, once."""
    late = (Organisation.verify_due_at <= there_until(now), Organisation.overdue_at.is_(None))
    keys = list(db.session.scalars(select(Organisation.id).where(*late).order_by(Organisation.id)))
    rollback()
    return sum(_overdue(key, now) for key in keys)


def _overdue(key: int, now: datetime) -> bool:
    with unit_of_work():
        organisation = locked(Organisation, key)
        return organisation is not None and settle(organisation, now)


def accreditations(now: datetime) -> int:
    """Owners are told once, thirty days before an accreditation ends; its end itself needs no job."""
    first, last = rules.reminder_window(local_date(now))
    soon = (Organisation.accredited_until.between(first, last), Organisation.reminded_at.is_(None))
    keys = list(db.session.scalars(select(Organisation.id).where(*soon).order_by(Organisation.id)))
    rollback()
    return sum(_remind(key, now) for key in keys)


def _remind(key: int, now: datetime) -> int:
    with unit_of_work():
        organisation = locked(Organisation, key)
        if organisation is None or organisation.reminded_at is not None or organisation.accredited_until is None:
            return 0
        organisation.reminded_at = now
        return letters.remind_of_end(organisation, organisation.accredited_until, now)
