"""What staff decide: verify, refuse, accredit; and what waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import granted_territories, require
from webapp.journal.services import record, recorded_late
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import changed, db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import format_date
from webapp.kernel.i18n import gettext as _
from webapp.kernel.presence import there_until
from webapp.organisations import letters, rules
from webapp.organisations.rules import CertificateFault
from webapp.people.models import Organisation, User
from webapp.rulebook.outages import MOVERS, Mover
from webapp.rulebook.rules import working_days_between
from webapp.rulebook.services import calendar, rule_in_force
from webapp.territories.models import Territory


def settle(organisation: Organisation, now: datetime) -> bool:
    """Record that nobody looked at it in the term, once, whatever is decided afterwards; it must be locked.

    The body of the home is silent; the name has not been checked, so it is not said.
    """
    due = organisation.verify_due_at
    if due is None or organisation.overdue_at is not None or due > min(now, there_until(now)):
        return False
    organisation.overdue_at = due
    with recorded_late(now):
        where = {"territory_id": organisation.home_id}
        record(Verb.ORGANISATION_OVERDUE, organisation, due, **where, due_at=due.isoformat())
    db.session.flush()
    return True


def _decide(organisation: Organisation, seen: str, now: datetime, **values: object) -> None:
    """Compare-and-set: a colleague may have decided, or the owner may have sent something else meanwhile."""
    settle(organisation, now)
    if seen != sent_mark(organisation):
        raise Conflict(_("The application has been sent again since you opened it. Read it again."))
    done = changed(
        update(Organisation)
        .where(Organisation.id == organisation.id, Organisation.verify_due_at.is_not(None))
        .values(verify_due_at=None, overdue_at=None, **values)
    )
    if done != 1:
        raise Conflict(_("A colleague has decided on this organisation in the meantime."))
    db.session.refresh(organisation)


def sent_mark(organisation: Organisation) -> str:
    """Says which sending of an application a page shows."""
    return organisation.sent_at.isoformat() if organisation.sent_at else ""


def verify(actor: User, organisation: Organisation, seen: str, now: datetime) -> None:
    """The organisation is what it says; from now on it proposes and votes. `organisation` must be locked."""
    require(actor, Permission.VERIFY_ORGANISATION, organisation, now)
    _decide(organisation, seen, now, verified_at=now, refused_at=None, refusal=None)
    fact = record(
        Verb.ORGANISATION_VERIFIED,
        organisation,
        now,
        actor=actor,
        territory_id=organisation.home_id,
        name=organisation.name,
        bin=organisation.bin,
        kind=organisation.kind,
    )
    db.session.flush()
    letters.tell_verified(organisation, fact, now)


def refuse(actor: User, organisation: Organisation, seen: str, reason: str, now: datetime) -> None:
    """Not verified, with a reason for the owner, who may correct it. `organisation` must be locked."""
    require(actor, Permission.VERIFY_ORGANISATION, organisation, now)
    if not reason.strip():
        raise Invalid(_("Write the reason: the owner has to know what to correct."), "reason")
    _decide(organisation, seen, now, refused_at=now, refusal=reason)
    fact = record(
        Verb.ORGANISATION_REFUSED,
        organisation,
        now,
        actor=actor,
        territory_id=organisation.home_id,
        public=False,
        reason=reason,
    )
    db.session.flush()
    letters.tell_refused(organisation, fact, now)


def accredit(actor: User, organisation: Organisation, number: str, on: date, until: date, now: datetime) -> None:
    """Enter the certificate of an association; a later one replaces it. `organisation` must be locked."""
    require(actor, Permission.ACCREDIT_ORGANISATION, organisation, now)
    terms, _row = rule_in_force(organisation.home, now)
    latest = local_date(now) + timedelta(days=terms.accreditation_days)
    fault = rules.certificate_fault(on, until, local_date(now), latest)
    if fault is CertificateFault.FUTURE:
        raise Invalid(_("The certificate cannot be dated later than today."), "certificate_on")
    if fault is CertificateFault.OVER:
        raise Invalid(_("The accreditation must end after today and after the date of the certificate."), "until")
    if fault is CertificateFault.FAR:
        raise Invalid(_("An accreditation ends on %(date)s at the latest.", date=format_date(latest)), "until")
    organisation.certificate_number, organisation.certificate_on = number, on
    organisation.accredited_until, organisation.reminded_at = until, None
    record(
        Verb.ORGANISATION_ACCREDITED,
        organisation,
        now,
        actor=actor,
        territory_id=organisation.home_id,
        name=organisation.name,
        certificate=number,
        certificate_on=on.isoformat(),
        until=until.isoformat(),
    )


@dataclass(frozen=True)
class Waiting:
    """A row of the desk."""

    organisation: Organisation
    left: int
    tone: str


def waiting(actor: User, now: datetime) -> list[Waiting]:
    """Organisations that a moderator has to verify, overdue ones first."""
    paths = [territory.path for territory in granted_territories(actor, Role.MODERATOR, now)]
    if not paths:
        return []
    query = (
        select(Organisation)
        .join(Territory, Territory.id == Organisation.home_id)
        .options(joinedload(Organisation.home))
        .where(Organisation.verify_due_at.is_not(None))
        .where(db.or_(*(Territory.path.startswith(path, autoescape=True) for path in paths)))
        .order_by(Organisation.verify_due_at, Organisation.id)
    )
    found = list(db.session.scalars(query.limit(50)))
    is_working = calendar() if found else None
    rows = []
    for organisation in found:
        due = organisation.verify_due_at
        assert due is not None and is_working is not None
        left = working_days_between(local_date(now), local_date(due), is_working)
        late = due <= now or organisation.overdue_at is not None
        rows.append(Waiting(organisation, left, "late" if late else "soon" if left <= 1 else "ok"))
    return rows


def move_dates(mover: Mover) -> int:
    """An absence of the site moves the terms of organisations that wait to be verified."""
    return mover.move(Organisation.verify_due_at, mover.in_working_days, Organisation.overdue_at.is_(None))


MOVERS.append(move_dates)
