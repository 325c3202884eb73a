"""Registering an organisation, correcting a refused application, finding one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import LARGEST_KEY, db, locked
from webapp.kernel.errors import Conflict
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import ngettext
from webapp.organisations import rules
from webapp.organisations.models import Invitation
from webapp.organisations.rules import LetterFault, State
from webapp.people.models import Membership, Organisation, User
from webapp.people.rules import bin_fault
from webapp.rulebook.rules import Terms
from webapp.rulebook.services import due_after, rule_in_force
from webapp.territories.models import Territory
from webapp.territories.services import nation


@dataclass(frozen=True)
class Application:
    """What an organisation says of itself, with the letter that proves it."""

    bin: str
    kind: str
    name: str
    home: Territory | None
    letter_number: str
    letter_on: date


def state_of(organisation: Organisation) -> State:
    """Where its verification stands."""
    return rules.state(organisation.verified_at, organisation.refused_at)


def terms_at(home: Territory | None, now: datetime) -> Terms:
    """The rules for an organisation with its home there; those of the nation while no home is chosen."""
    terms, _row = rule_in_force(home if home is not None and rules.is_home(home.rung) else nation(), now)
    return terms


def _checked(said: Application, now: datetime) -> dict[str, object]:
    """The columns of an application. Raises `Invalid` with the field."""
    found = Faults()
    if bin_fault(said.bin):
        sentence = _(
            "This is not a BIN: it has 12 digits and the last one is a check digit. Look at the registration document."
        )
        found.add(sentence, "bin")
    if said.kind not in rules.KINDS:
        found.add(_("Choose what kind of organisation it is."), "kind")
    if said.home is None or not rules.is_home(said.home.rung):
        found.add(_("Choose the city, district or region where it is based."), "home")
    terms = terms_at(said.home, now)
    fault = rules.letter_fault(said.letter_on, local_date(now), terms.letter_days) if said.letter_on else None
    if fault is not None:
        sentence = {
            LetterFault.FUTURE: _("The letter cannot be dated later than today."),
            LetterFault.OLD: ngettext(
                "The letter is older than %(num)d day. Ask the head of the organisation for a new one.",
                "The letter is older than %(num)d days. Ask the head of the organisation for a new one.",
                terms.letter_days,
            ),
        }[fault]
        found.add(sentence, "letter_on")
    found.stop()
    assert said.home is not None
    return {
        "bin": said.bin,
        "kind": said.kind,
        "name": said.name,
        "home_id": said.home.id,
        "letter_number": said.letter_number,
        "letter_on": said.letter_on,
        "sent_at": now,
        "refused_at": None,
        "refusal": None,
        "verify_due_at": due_after(terms.verify_working_days, now),
        "overdue_at": None,
    }


def _taken() -> Conflict:
    return Conflict(
        _("An organisation with this BIN is registered already. Ask its owner to invite you by e-mail."), "bin"
    )


def _with_bin(number: str) -> Organisation | None:
    query = select(Organisation).where(Organisation.bin == number).with_for_update(of=Organisation)
    return db.session.scalar(query.execution_options(populate_existing=True))


def register(actor: User, said: Application, now: datetime) -> Organisation:
    """Register an organisation; the actor owns it. A BIN whose application was refused is free again."""
    require(actor, Permission.REGISTER_ORGANISATION, None, now)
    values = _checked(said, now)
    organisation = _with_bin(said.bin)
    if organisation is not None:
        if role_in(actor, organisation) is not None:
            raise Conflict(_("You have registered this organisation already. You find it on your page."), "bin")
        if state_of(organisation) is not State.REFUSED:
            raise _taken()
        _clear(organisation)
    else:
        organisation = Organisation()
    _save(organisation, values)
    db.session.add(Membership(organisation_id=organisation.id, user_id=actor.id, role=rules.OWNER))
    _sent(Verb.ORGANISATION_REGISTERED, actor, organisation, now)
    return organisation


def role_in(actor: User, organisation: Organisation) -> str | None:
    """What the person is in the organisation; None for a stranger."""
    return next((m.role for m in actor.memberships if m.organisation_id == organisation.id), None)


def _clear(organisation: Organisation) -> None:
    """Nobody spoke for it yet, so whoever was refused leaves nothing behind but facts."""
    for kind in (Membership, Invitation):
        db.session.execute(delete(kind).where(kind.organisation_id == organisation.id))


def _save(organisation: Organisation, values: dict[str, object]) -> None:
    try:
        with db.session.begin_nested():
            for name, value in values.items():
                setattr(organisation, name, value)
            db.session.add(organisation)
            db.session.flush()
    except IntegrityError as error:  # somebody else wrote the same BIN a moment ago
        raise _taken() from error
    db.session.refresh(organisation)


def _sent(verb: Verb, actor: User, organisation: Organisation, now: datetime) -> None:
    """Not public: what somebody says of an organisation has not been checked yet."""
    db.session.flush()
    db.session.expire(actor, ["memberships"])
    record(
        verb,
        organisation,
        now,
        actor=actor,
        acting_for=organisation,
        territory_id=organisation.home_id,
        public=False,
        bin=organisation.bin,
        letter_number=organisation.letter_number,
        letter_on=organisation.letter_on.isoformat() if organisation.letter_on else None,
        due_at=organisation.verify_due_at.isoformat() if organisation.verify_due_at else None,
    )


def correct(actor: User, organisation: Organisation, said: Application, now: datetime) -> None:
    """Correct a refused application and send it again; a new term begins. `organisation` must be locked."""
    require(actor, Permission.CORRECT_ORGANISATION, organisation, now)
    if state_of(organisation) is not State.REFUSED:
        raise Conflict(_("Only an application that was refused can be corrected."))
    other = _with_bin(said.bin)
    if other is not None and other.id != organisation.id:
        raise _taken()
    _save(organisation, _checked(said, now))
    _sent(Verb.ORGANISATION_CORRECTED, actor, organisation, now)


def found(key: int, lock: bool = False) -> Organisation | None:
    """One organisation with its home."""
    if key > LARGEST_KEY:
        return None
    if lock:
        return locked(Organisation, key)
    return db.session.get(Organisation, key, options=[joinedload(Organisation.home)])
