"""Who speaks for an organisation: inviting, accepting, leaving, removing, handing over."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.addresses import account_key
from webapp.kernel.database import changed, db, locked
from webapp.kernel.errors import Conflict, Gone, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.organisations import letters, rules
from webapp.organisations.models import Invitation
from webapp.people.models import Membership, Organisation, User
from webapp.people.passwords import keyed
from webapp.proposals.services import pass_on


def members_of(organisation_id: int) -> list[Membership]:
    """Everybody who speaks for an organisation, owners first."""
    query = select(Membership).where(Membership.organisation_id == organisation_id)
    query = query.options(joinedload(Membership.user)).order_by(Membership.role, Membership.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def memberships_of(user_id: int) -> list[Membership]:
    """All organisations of a person, in one query."""
    query = select(Membership).where(Membership.user_id == user_id).order_by(Membership.id)
    return list(db.session.scalars(query.options(joinedload(Membership.organisation))))


def open_invitations(organisation_id: int, now: datetime) -> list[Invitation]:
    """Invitations that can still be accepted."""
    query = select(Invitation).where(
        Invitation.organisation_id == organisation_id, Invitation.closed_at.is_(None), Invitation.expires_at > now
    )
    return [one for one in db.session.scalars(query.order_by(Invitation.id)) if _stands(one)]


def _stands(invitation: Invitation) -> bool:
    """Whether who sent it could still send it: who was removed, left, handed over or lost the account invites nobody."""
    inviter = db.session.get(User, invitation.invited_by_id) if invitation.invited_by_id else None
    if inviter is None or not inviter.may_sign_in:
        return False
    mandate = select(Membership.id).where(
        Membership.organisation_id == invitation.organisation_id,
        Membership.user_id == inviter.id,
        Membership.role == rules.OWNER,
    )
    return db.session.scalar(mandate) is not None


def _close_invitations(user_id: int, organisation: Organisation, now: datetime) -> None:
    """They end with the mandate of who sent them, and do not come back with it."""
    theirs = (Invitation.organisation_id == organisation.id, Invitation.invited_by_id == user_id)
    closed = update(Invitation).where(*theirs, Invitation.closed_at.is_(None)).values(closed_at=now)
    changed(closed)


def _code_key(token: str) -> str:
    return keyed(current_app.config["SECRET_KEY"], "invitation", token)


def invite(actor: User, organisation: Organisation, email: str, role: str, now: datetime) -> Invitation:
    """Send a code to an address; an earlier one to it stops working. `organisation` must be locked."""
    require(actor, Permission.INVITE_MEMBER, organisation, now)
    if role not in rules.ROLES:
        raise Invalid(_("Choose what the person may do."), "role")
    address = account_key(email)
    if any(account_key(member.user.email) == address for member in members_of(organisation.id)):
        raise Conflict(_("This person represents the organisation already."), "email")
    db.session.execute(
        update(Invitation)
        .where(
            Invitation.organisation_id == organisation.id, Invitation.email == address, Invitation.closed_at.is_(None)
        )
        .values(closed_at=now)
    )
    token = secrets.token_urlsafe(24)
    invitation = Invitation(
        organisation_id=organisation.id,
        email=address,
        role=role,
        code_key=_code_key(token),
        invited_by_id=actor.id,
        created_at=now,
        expires_at=now + timedelta(days=rules.INVITATION_DAYS),
    )
    db.session.add(invitation)
    db.session.flush()
    letters.send_invitation(invitation, organisation, token, now)
    _note(Verb.MEMBER_INVITED, actor, organisation, now, role=role)
    return invitation


def _note(verb: Verb, actor: User, organisation: Organisation, now: datetime, **facts: object) -> None:
    """Who speaks for an organisation is nobody else's business: these facts are not public."""
    record(
        verb,
        organisation,
        now,
        actor=actor,
        acting_for=organisation,
        territory_id=organisation.home_id,
        public=False,
        **facts,
    )


def take_back(actor: User, organisation: Organisation, invitation_id: int, now: datetime) -> None:
    """An invitation that was not accepted yet stops working."""
    require(actor, Permission.MANAGE_MEMBERS, organisation, now)
    db.session.execute(
        update(Invitation)
        .where(
            Invitation.id == invitation_id,
            Invitation.organisation_id == organisation.id,
            Invitation.closed_at.is_(None),
        )
        .values(closed_at=now)
    )


def invitation_of(token: str, now: datetime) -> Invitation:
    """The invitation of a code. Raises `Gone` when it was used, taken back, or is too old."""
    query = select(Invitation).where(Invitation.code_key == _code_key(token))
    invitation = db.session.scalar(query.options(joinedload(Invitation.organisation)))
    is_open = invitation is not None and invitation.closed_at is None and invitation.expires_at > now
    if invitation is None or not is_open or not _stands(invitation):
        raise Gone(
            _("This invitation was used or taken back, or is older than seven days. Ask the owner for another one.")
        )
    return invitation


def accept(actor: User, token: str, now: datetime) -> Organisation:
    """Join with a code: compare-and-set, so that it works once."""
    invitation = invitation_of(token, now)
    require(actor, Permission.ACCEPT_INVITATION, invitation, now)
    organisation = locked(Organisation, invitation.organisation_id)
    assert organisation is not None
    if not _stands(invitation):  # who removes a member holds this lock: asked once more behind it
        raise Gone(
            _(
                "The person who sent this invitation is no longer an owner of the organisation. Ask an owner for another one."
            )
        )
    done = changed(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.closed_at.is_(None), Invitation.expires_at > now)
        .values(closed_at=now)
    )
    if done != 1:
        raise Gone(_("This invitation was used a moment ago."))
    if all(member.user_id != actor.id for member in members_of(organisation.id)):
        db.session.add(Membership(organisation_id=organisation.id, user_id=actor.id, role=invitation.role))
        db.session.flush()
        db.session.expire(actor, ["memberships"])
    _note(Verb.MEMBER_JOINED, actor, organisation, now, role=invitation.role)
    return organisation


def leave(actor: User, organisation: Organisation, now: datetime) -> None:
    """Speak for it no more; the last owner hands over first. `organisation` must be locked."""
    require(actor, Permission.LEAVE_ORGANISATION, organisation, now)
    _go(actor.id, organisation, now)
    db.session.expire(actor, ["memberships"])
    _note(Verb.MEMBER_LEFT, actor, organisation, now)


def remove(actor: User, organisation: Organisation, user_id: int, now: datetime) -> None:
    """An owner ends somebody's mandate. `organisation` must be locked."""
    require(actor, Permission.MANAGE_MEMBERS, organisation, now)
    _go(user_id, organisation, now)
    _note(Verb.MEMBER_REMOVED, actor, organisation, now, member=user_id)


def _go(user_id: int, organisation: Organisation, now: datetime) -> None:
    """What the person proposed for the organisation stays with it: an owner answers for it from now on."""
    everybody = members_of(organisation.id)
    leaver = next((member for member in everybody if member.user_id == user_id), None)
    others = [member for member in everybody if member.user_id != user_id]
    if leaver is None:
        raise Conflict(_("This person does not represent the organisation any more."))
    if not rules.may_go(leaver.role, [member.role for member in others]):
        raise Conflict(_("You are the last owner. Hand the organisation over to another member first."))
    heir = next(member for member in others if member.role == rules.OWNER)
    pass_on(user_id, organisation, heir.user_id)
    _close_invitations(user_id, organisation, now)
    db.session.execute(
        delete(Membership).where(Membership.id == leaver.id).execution_options(synchronize_session="fetch")
    )


def hand_over(actor: User, organisation: Organisation, user_id: int, now: datetime) -> None:
    """Another member owns it now, and the former owner represents it. `organisation` must be locked."""
    require(actor, Permission.MANAGE_MEMBERS, organisation, now)
    everybody = {member.user_id: member for member in members_of(organisation.id)}
    if user_id not in everybody or user_id == actor.id:
        raise Conflict(_("Choose another member of the organisation."))
    everybody[user_id].role, everybody[actor.id].role = rules.OWNER, rules.REPRESENTATIVE
    _close_invitations(actor.id, organisation, now)
    _note(Verb.OWNERSHIP_HANDED_OVER, actor, organisation, now, member=user_id)
