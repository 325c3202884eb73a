"""An account becomes that of one person, or that person's home changes: the same for every way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import alone, db, locked
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import format_date, localized, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.people.person_keys import IIN
from webapp.people.services import mark_verified
from webapp.proposals.models import Proposal
from webapp.proposals.waiting import complete_submissions
from webapp.rulebook.services import rules_of_moments
from webapp.territories.models import Territory
from webapp.territories.services import by_kato, nation
from webapp.verification import letters, rules
from webapp.verification.attempts import claim
from webapp.verification.models import Attempt, Residence
from webapp.verification.pepper_marks import trusted_peppers
from webapp.verification.providers.port import Identity
from webapp.verification.providers.register import registered_home
from webapp.verification.rules import Home
from webapp.verification.subjects import check_subject, note_subject, subject_key
from webapp.voting.services import complete_pending_votes, take_over_votes


class OtherAccount(Conflict):
    """The same person is verified on another account; what was shown is kept until they choose. Commit it."""

    status = 422


@dataclass(frozen=True)
class Done:
    """What came of it."""

    is_new: bool = False  #: verified now, not before
    has_moved: bool = False
    counted: list[Proposal] = field(default_factory=list)  #: whose kept votes count now
    sent: list[Proposal] = field(default_factory=list)  #: texts that waited


@dataclass(frozen=True)
class Finding:
    """One person with a home, as it will be written."""

    key: str = field(repr=False)
    version: int
    home: Home
    provider: str
    subject: str | None = field(default=None, repr=False)


def complete(
    user: User,
    identity: Identity,
    attempt_id: int,
    now: datetime,
    *,
    declared: str | None = None,
    actor: User | None = None,
    is_claimed: bool = False,
) -> Done:
    """Tie the account to the person, or give the person of this account another home.

    `declared` is the home that the person names, used where nobody knows better; `actor` the member
    of staff at the desk; `is_claimed` says that the attempt was used already by this very request.
    Raises `OtherAccount`, `Conflict` or `Invalid` with the way out.
    """
    attempt = db.session.get_one(Attempt, attempt_id)
    present = trusted_peppers(now)
    keys = present.keys(IIN, identity.iin)
    one_at_a_time(keys[-1])
    locked(User, user.id)
    if not is_claimed and not claim(attempt_id, user.id, now):
        if user.is_verified and user.person_key in keys:
            return Done()  # the same answer, sent twice
        raise Conflict(_("This was used already, or its time is over. Begin again."))
    home = _home(user, identity, declared)
    if user.is_verified:
        if user.person_key not in keys:
            raise Conflict(
                _("This account is verified as another person. Sign out, and use an account of your own."), "iin"
            )
        if declared and declared != home.kato and not identity.home:
            raise _known_better(home)
        return Done(has_moved=_move(user, home, attempt.provider, now, actor))
    found = Finding(keys[-1], present.version, home, attempt.provider, subject_key(identity.subject))
    other = account_of(keys, user)
    check_subject(found.subject, user, other)
    check_open(other)
    if other is not None and other.deleted_at is None:
        _keep(attempt, found, now)
        raise OtherAccount(
            _("Another account is already verified with this IIN. Sign in to that one: one person has one vote."), "iin"
        )
    return make_verified(user, found, other, now, actor)


def one_at_a_time(key: str) -> None:
    """Two accounts of one person wait for each other."""
    alone(f"person:{key}")


def account_of(keys: list[str], user: User) -> User | None:
    """Another account of the same person, left or not, locked."""
    query = select(User).where(User.person_key.in_(keys), User.id != user.id)
    return db.session.scalar(query.with_for_update(of=User).execution_options(populate_existing=True))


def check_open(other: User | None) -> None:
    """Whose account the operator has closed does not come back by another one. Raises `Conflict`."""
    if other is not None and other.disabled_at is not None:
        raise Conflict(_("Another account with this IIN was closed by the operator of the site. Ask them."), "iin")


def _home(user: User, identity: Identity, declared: str | None) -> Home:
    proven = identity.home if identity.home and by_kato(identity.home) else None
    named = declared if declared and by_kato(declared[:9]) else None
    established = user.home.kato if user.is_verified and user.home and not _is_only_declared(user) else None
    home = rules.home(proven, established, registered_home(identity.iin), named)
    if home is None:
        raise Invalid(_("Choose the place where you live: your votes count there."), "home")
    return home


def _is_only_declared(user: User) -> bool:
    newest = next(iter(residences(user)), None)
    return newest is not None and newest.is_declared


def _known_better(home: Home) -> Conflict:
    place = by_kato(home.kato)
    return Conflict(
        _(
            "We know where you live from a better source than a declaration: %(place)s. If you have moved, confirm it at the desk of the akimat, or wait until the register has your new home.",
            place=localized(place) if place else "",
        ),
        "home",
    )


def _keep(attempt: Attempt, found: Finding, now: datetime) -> None:
    attempt.person_key, attempt.key_version, attempt.subject_key = found.key, found.version, found.subject
    attempt.home_kato, attempt.is_declared = found.home
    attempt.expires_at = now + rules.CHOICE_TERM


def make_verified(user: User, found: Finding, other: User | None, now: datetime, actor: User | None = None) -> Done:
    """The account is this person's from now on; `other` was it until now. Both are locked."""
    if other is not None:
        other.person_key = None
        db.session.flush()
    place = by_kato(found.home.kato)
    assert place is not None
    mark_verified(user, found.key, place.id, now, found.provider, found.version, actor)
    db.session.add(_residence(user, place.id, found.provider, found.home.is_declared, now))
    note_subject(found.subject, user, now)
    if other is not None:
        take_over_votes(other.id, user)
    if actor is not None:
        letters.tell_verified(user, place, now)
    return Done(is_new=True, counted=complete_pending_votes(user, now), sent=complete_submissions(user, now))


def _residence(user: User, home_id: int, provider: str, is_declared: bool, now: datetime) -> Residence:
    return Residence(user_id=user.id, home_id=home_id, provider=provider, is_declared=is_declared, since=now)


def last_declaration(user: User) -> datetime | None:
    """When the person last declared a home that nobody else confirms."""
    query = select(Residence.since).where(Residence.user_id == user.id, Residence.is_declared)
    return db.session.scalar(query.order_by(Residence.since.desc()).limit(1))


def days_between_homes(moment: datetime) -> int:
    """Once in how many days a home changes that a person only declared at a moment; the same in the whole country."""
    root = nation()
    return rules_of_moments()(root.path, root.rung, moment).home_days


def _move(user: User, home: Home, provider: str, now: datetime, actor: User | None) -> bool:
    place = by_kato(home.kato)
    assert place is not None
    if place.id == user.home_id:
        return False
    last = last_declaration(user) if home.is_declared else None
    days = days_between_homes(last) if last else 0
    free = rules.next_declaration(last, days, now)
    if free is not None:
        raise Conflict(
            ngettext(
                "A home that you have only declared may change once in %(num)d day; yours from %(date)s. Sooner: at the desk of the akimat.",
                "A home that you have only declared may change once in %(num)d days; yours from %(date)s. Sooner: at the desk of the akimat.",
                days,
                date=format_date(free),
            ),
            "home",
        )
    move_home(user, place, provider, now, is_declared=home.is_declared, actor=actor)
    return True


def move_home(
    user: User, place: Territory, provider: str, now: datetime, *, is_declared: bool = False, actor: User | None = None
) -> None:
    """From now on the person lives in `place`. Votes that were cast stay where they were counted."""
    user.home_id, user.home = place.id, place
    db.session.add(_residence(user, place.id, provider, is_declared, now))
    facts = {"provider": provider, "declared": is_declared}
    record(Verb.RESIDENT_MOVED, user, now, actor=actor, public=False, territory_id=place.id, **facts)
    letters.tell_moved(user, place, now)


def residences(user: User) -> list[Residence]:
    """Where the person has lived, the newest first."""
    query = select(Residence).where(Residence.user_id == user.id)
    return list(db.session.scalars(query.order_by(Residence.since.desc(), Residence.id.desc()).limit(50)))
