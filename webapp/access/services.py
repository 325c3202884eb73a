"""Asking the table, saying why not, and giving roles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.access.models import Grant
from webapp.access.permissions import POLICY, Permission
from webapp.access.predicates import Reason
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, NotAllowed
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.territories.models import Territory

ROLES = ("moderator", "officer", "analyst", "operator")


def refusal(actor: Any, permission: Permission, subject: Any, now: datetime) -> Reason | None:
    """Why the person may not; None when they may. Templates and services ask the same table."""
    for predicate in POLICY[permission]:
        reason = predicate(actor, subject, now)
        if reason is not None:
            return reason
    return None


def sentence(reason: Reason) -> str:
    """A refusal in the words of the page's language."""
    return {
        Reason.SIGN_IN: _("Sign in first."),
        Reason.CONFIRM_EMAIL: _("Confirm your e-mail first: we sent you a code."),
        Reason.VERIFY: _("Confirm that you are a resident first; then your vote counts by itself."),
        Reason.VOTING_CLOSED: _("Voting on this proposal is closed."),
        Reason.NOT_AUTHOR: _("Only the author can do this."),
        Reason.NOT_STAFF: _("This page is for staff of akimats and ministries."),
        Reason.NOT_MODERATOR_HERE: _("This proposal is held by a body that you do not moderate for."),
        Reason.NOT_OFFICER_HERE: _("This proposal is held by a body that you do not answer for."),
        Reason.OWN_PROPOSAL: _("Nobody decides on their own proposal. A colleague has to take it."),
        Reason.NOT_MEMBER: _("You do not speak for this organisation."),
        Reason.NOT_OWNER: _("Only an owner of the organisation can do this."),
        Reason.NOT_MODERATOR_OF_HOME: _("This organisation is at home in a place that you do not moderate for."),
        Reason.OWN_ORGANISATION: _("Nobody decides on an organisation they belong to. A colleague has to take it."),
        Reason.NOT_VERIFIED_ORGANISATION: _("The organisation has to be verified first."),
        Reason.NOT_AN_ASSOCIATION: _("Only associations of businesses are accredited."),
        Reason.INVITED_ANOTHER: _("This invitation was sent to another address. Sign in with that one."),
    }[reason]


def require(actor: Any, permission: Permission, subject: Any, now: datetime) -> None:
    """Raise `NotAllowed` with the reason, or `Conflict` where it was possible before."""
    reason = refusal(actor, permission, subject, now)
    if reason is Reason.VOTING_CLOSED:
        raise Conflict(sentence(reason))
    if reason is not None:
        raise NotAllowed(sentence(reason))


def give_role(user: User, role: str, territory: Territory, now: datetime, actor: User | None = None) -> Grant:
    """Give a role, once; a role that is in force already is returned as it is."""
    existing = db.session.scalars(
        select(Grant).where(Grant.user_id == user.id, Grant.role == role, Grant.territory_id == territory.id)
    )
    for grant in existing:
        if grant.holds(now):
            return grant
    grant = Grant(user_id=user.id, role=role, territory_id=territory.id, valid_from=now)
    db.session.add(grant)
    db.session.flush()
    record(Verb.GRANT_GIVEN, grant, now, actor=actor, territory_id=territory.id, role=role)
    return grant


def granted_territories(user: Any, role: str, now: datetime) -> list[Territory]:
    """Where a person has a role now."""
    return [grant.territory for grant in user.grants if grant.role == role and grant.holds(now)]
