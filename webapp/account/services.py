"""Everything that is stored about a person, in one place to read and one place to forget."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.access import personal as access
from webapp.answering import personal as answering
from webapp.cascade import personal as cascade
from webapp.delivery import personal as delivery
from webapp.flagging import personal as flagging
from webapp.fraud import personal as fraud
from webapp.journal import personal as journal
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.merging import personal as merging
from webapp.moderation import personal as moderation
from webapp.notifications import personal as notifications
from webapp.offers import personal as offers
from webapp.organisations import personal as organisations
from webapp.people import personal as people
from webapp.people.models import Membership, User
from webapp.people.passwords import NO_PASSWORD
from webapp.people.traces import Personal
from webapp.proposals import personal as proposals
from webapp.strategies import personal as strategies
from webapp.teamwork import personal as teamwork
from webapp.verification import personal as verification
from webapp.voting import personal as voting

#: What each feature has stored about a person, in the order in which it is let go: first what somebody leaves behind and
#: others see, then what was theirs alone, then their account, and what the journal knows when all of it is done.
PERSONAL: tuple[Personal, ...] = (
    proposals,
    voting,
    fraud,
    delivery,
    strategies,
    cascade,
    offers,
    moderation,
    merging,
    answering,
    flagging,
    teamwork,
    verification,
    notifications,
    organisations,
    people,
    access,
    journal,
)


def my_data(user: User) -> dict[str, Any]:
    """All that is stored about a person, as plain values; keyed hashes are named, not shown."""
    found: dict[str, Any] = {}
    for feature in PERSONAL:
        own = feature.stored(user)
        if twice := found.keys() & own.keys():
            raise ValueError(f"{feature} shows again what is shown already: {sorted(twice)}")
        found |= own
    return found


def hindrance(user: User) -> str | None:
    """What has to be settled before a person can leave, as a sentence; None when nothing."""
    for membership in user.memberships:
        others = select(Membership.id).where(
            Membership.organisation_id == membership.organisation_id,
            Membership.role == "owner",
            Membership.user_id != user.id,
        )
        if membership.role == "owner" and db.session.scalar(others.limit(1)) is None:
            return _("You are the only owner of %(name)s. Hand it over first.", name=membership.organisation.name)
    return None


def forget_person(user: User, now: datetime, record_it: bool = True) -> None:
    """Erase a person: votes stay counted, proposals become those of "a resident". `user` must be locked.

    The keyed hash of the IIN stays with the empty account, so that nobody votes twice by leaving and
    coming back; on a new verification it moves to the new account together with the votes
    (`verification.services.make_verified`).
    """
    reason = hindrance(user)
    if reason:
        raise Conflict(reason)
    for feature in PERSONAL:
        feature.forget(user, now)
    user.email = f"deleted-{user.id}@invalid"
    user.password_hash = NO_PASSWORD
    user.given_name = user.surname = ""
    user.shows_full_name = False
    user.email_confirmed_at = user.verified_at = user.second_step_at = None
    user.deleted_at = now
    db.session.flush()
    if record_it:
        record(Verb.PERSON_LEFT, user, now, public=False)
