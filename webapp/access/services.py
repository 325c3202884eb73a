"""Asking the table, saying why not, and giving and ending roles."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp.access.models import Grant
from webapp.access.permissions import POLICY, Permission
from webapp.access.predicates import Reason, held_by
from webapp.access.rules import OF_A_BODY, Role, end_of
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import by_key, db, locked, unit_of_work
from webapp.kernel.errors import Conflict, Invalid, NotAllowed
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import whole_number
from webapp.people.models import Organisation, User
from webapp.people.services import by_email
from webapp.people.sign_ins import end_all
from webapp.territories.models import Territory
from webapp.territories.services import body_of

ROLES = tuple(role.value for role in Role)


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
        Reason.VERIFY: _("Confirm that you are a resident first; then your vote counts automatically."),
        Reason.VOTING_CLOSED: _("Voting on this proposal is closed."),
        Reason.NOT_PUBLIC: _("This has not been published."),
        Reason.NOT_YOUR_DRAFT: _("This draft belongs to somebody else."),
        Reason.NOT_AUTHOR: _("Only the author can do this."),
        Reason.NOT_STAFF: _("This page is for staff of akimats and ministries."),
        Reason.NOT_MODERATOR_HERE: _("This proposal is held by a body that you do not moderate for."),
        Reason.NOT_OFFICER_HERE: _("This proposal is held by a body that you do not answer for."),
        Reason.NOT_MERGER_HERE: _(
            "Proposals are joined by moderators of the territory that holds them, and by officers of a higher rung."
        ),
        Reason.NOT_OFFICER_ABOVE: _("This page is for officers of a region or of the Government."),
        Reason.OWN_PROPOSAL: _("Nobody decides on their own proposal. A colleague has to take it."),
        Reason.NOT_MEMBER: _("You do not represent this organisation."),
        Reason.NOT_OWNER: _("Only an owner of the organisation can do this."),
        Reason.NOT_MODERATOR_OF_HOME: _("This organisation is based in a place where you are not a moderator."),
        Reason.OWN_ORGANISATION: _("Nobody decides on an organisation they belong to. A colleague has to take it."),
        Reason.NOT_VERIFIED_ORGANISATION: _("The organisation has to be verified first."),
        Reason.NOT_AN_ASSOCIATION: _("Only associations of businesses are accredited."),
        Reason.INVITED_ANOTHER: _("This invitation was sent to another address. Sign in with that one."),
        Reason.SECOND_STEP: _(
            "Staff who act for a body sign in with a second step. Set it up first; it takes two minutes."
        ),
        Reason.GIVES_NO_ROLES: _("Roles are given by operators, and by moderators and officers of a higher rung."),
        Reason.NOT_FROM_ABOVE: _(
            "A role is given and ended by a higher rung: by an operator, or by a moderator or officer of a higher rung for the rungs below it."
        ),
        Reason.NOT_MODERATOR: _("Residents are verified in person by moderators."),
        Reason.NOT_MODERATOR_THERE: _("You moderate for another place. Choose a home in your territory."),
        Reason.VERIFIES_ONESELF: _("Nobody verifies themselves. A colleague has to do it."),
        Reason.ONESELF: _("Nobody gives themselves a role or takes it away. A colleague has to do it."),
        Reason.NOT_OPERATOR: _("This page is for operators of the whole country."),
        Reason.NOT_ON_THIS_DESK: _("This proposal is on the desk of another body."),
        Reason.DECIDED_BY_ANOTHER: _("Only whoever decided can take it back."),
        Reason.NOT_OF_THIS_BODY: _("You do not work for this body."),
        Reason.REJECTED_IT: _("You have rejected this proposal yourself. Somebody else has to look at the appeal."),
        Reason.HID_IT: _("You have hidden this yourself. Somebody else has to decide on the appeal."),
        Reason.NOT_OFFICER_OF_PLACE: _(
            "Only officers of this territory do this: each rung manages what is its own, and no other rung can change it."
        ),
        Reason.NOT_SUPPORTER: _("Those who support the proposal judge its result."),
        Reason.NOT_OFFICER_ABOVE_CITY: _("Money is promised to a city by officers of its region or of the nation."),
    }[reason]


def way_out(reason: Reason) -> tuple[str, str] | None:
    """Where a person can do something about a refusal: the path and the words of a link."""
    return {
        Reason.SIGN_IN: ("/sign-in", _("Sign in")),
        Reason.CONFIRM_EMAIL: ("/confirm", _("Confirm your e-mail")),
        Reason.SECOND_STEP: ("/second-step", _("Set up the second step")),
    }.get(reason)


def require(actor: Any, permission: Permission, subject: Any, now: datetime) -> None:
    """Raise `NotAllowed` with the reason, or `Conflict` where it was possible before."""
    reason = refusal(actor, permission, subject, now)
    if reason is Reason.VOTING_CLOSED:
        raise Conflict(sentence(reason))
    if reason is not None:
        raise NotAllowed(sentence(reason), way_out=way_out(reason))


def named_organisation(raw: str | None) -> Organisation | None:
    """The organisation that a form speaks for; None where the form names none. Whether one may is another question.

    Raises `Invalid` for a number that names nothing: what was sent for an organisation is never the person's own.
    """
    if raw is None:
        return None
    key = whole_number(raw)
    with db.session.no_autoflush:  # a form may hold anything
        found = by_key(Organisation, key) if key is not None else None
    if found is None:
        raise Invalid(
            _(
                "You do not represent this organisation, so nothing was done. Open the page again and choose for whom you act."
            ),
            "organisation",
        )
    return found


#: In place of a person where the table is asked about nobody in particular.
NOBODY = 0


class Wanted(NamedTuple):
    """A grant that is not there yet, for asking the table."""

    user_id: int
    role: str
    territory: Territory


def give_role(
    user: User,
    role: str,
    territory: Territory,
    now: datetime,
    actor: User | None = None,
    until: datetime | None = None,
) -> Grant:
    """Give a role, once; a role that is in force already is returned as it is. The person is locked meanwhile."""
    db.session.flush()
    locked(User, user.id)
    existing = role_in_force(user, role, territory, now)
    if existing is not None:
        return existing
    grant = Grant(user_id=user.id, role=role, territory_id=territory.id, valid_from=now, valid_until=until)
    db.session.add(grant)
    db.session.flush()
    facts = _public_facts(role, territory, now)
    if until is not None:
        facts["until"] = until.isoformat()
    record(Verb.GRANT_GIVEN, grant, now, actor=actor, territory_id=territory.id, **facts)
    end_all(user.id, now)  # with a role stricter limits hold; the next sign-in has them
    return grant


def role_in_force(user: User, role: str, territory: Territory, now: datetime) -> Grant | None:
    """The grant by which a person has a role in this very territory now."""
    query = select(Grant).where(Grant.user_id == user.id, Grant.role == role, Grant.territory_id == territory.id)
    return next((grant for grant in db.session.scalars(query) if grant.holds(now)), None)


def _public_facts(role: str, territory: Territory, now: datetime) -> dict[str, Any]:
    """What everybody may know for ever: role and body. The name is on the page of the territory while the role lasts."""
    body = body_of(territory, local_date(now)) or territory
    names = {f"body_{code}": getattr(body, f"name_{code}") for code in ("kk", "ru", "en")}
    return {"role": role, **names}


def appoint(actor: Any, email: str, role: str, territory: Territory, last_day: date | None, now: datetime) -> Grant:
    """Give somebody a role by their e-mail, up to and including `last_day`. Raises a refusal at the field it concerns."""
    if role not in ROLES:
        raise Invalid(_("Choose a role from the list."), "role")
    # asked before the address is looked up: who may not give the role learns of nobody whether they have an account
    require(actor, Permission.GIVE_GRANT, Wanted(NOBODY, role, territory), now)
    user = confirmed_person(email)
    require(actor, Permission.GIVE_GRANT, Wanted(user.id, role, territory), now)
    if last_day is not None and last_day <= local_date(now):
        raise Invalid(_("Choose a day after today, or leave it empty."), "until")
    locked(User, user.id)
    if role_in_force(user, role, territory, now):
        raise Conflict(_("This person has this role there already. End it first to change its last day."), "email")
    return give_role(user, role, territory, now, actor, end_of(last_day, LOCAL_ZONE) if last_day else None)


def confirmed_person(email: str) -> User:
    """The account of an address that is known to be its owner's: else somebody could wait there for a role."""
    user = by_email(email)
    if user is None:
        raise Invalid(_("Nobody has signed up with this e-mail. Ask the person to sign up first."), "email")
    if user.email_confirmed_at is None:
        raise Invalid(_("This person has not confirmed the e-mail yet. Ask them to do it first."), "email")
    return user


def end_role(actor: Any, grant: Grant, now: datetime) -> None:
    """End a role that is in force. `grant` must be locked."""
    require(actor, Permission.END_GRANT, grant, now)
    finish_grant(grant, now, actor)


def finish_grant(grant: Grant, now: datetime, actor: Any = None) -> None:
    """Let a grant end now; the desk is closed with the next request. Raises `Conflict` when it has ended already."""
    if not grant.holds(now):
        raise Conflict(_("This role has ended already."))
    grant.valid_until = now
    _note_end(grant, now, "hand", actor)


def _note_end(grant: Grant, now: datetime, how: str, actor: Any = None) -> None:
    grant.ended_at = now
    end_all(grant.user_id, now)
    facts = _public_facts(grant.role, grant.territory, now)
    record(Verb.GRANT_ENDED, grant, now, actor=actor, territory_id=grant.territory_id, by=how, **facts)


def note_ended_grants(now: datetime) -> int:
    """The job: a grant that ended by its date leaves its fact too. It held until that date, whether this runs or not."""
    with unit_of_work():
        over = db.session.scalars(
            select(Grant)
            .where(Grant.ended_at.is_(None), Grant.valid_until <= now)
            .order_by(Grant.id)
            .limit(200)
            .with_for_update(skip_locked=True)
        ).all()
        for grant in over:
            _note_end(grant, now, "date")
    return len(over)


def grants_below(actor: Any, place: Territory | None, now: datetime, limit: int) -> tuple[list[Grant], int]:
    """Grants in force where the person may give roles, narrowed to a place: the first `limit`, and how many there are."""
    paths = [held.path for held in held_by(actor, now) if held.role in OF_A_BODY or held.role == Role.OPERATOR]
    reach = db.or_(db.false(), *(Territory.path.startswith(path, autoescape=True) for path in paths))
    query = select(Grant).join(Territory, Territory.id == Grant.territory_id).where(reach, *_holding(now))
    if place is not None:
        query = query.where(Territory.path.startswith(place.path, autoescape=True))
    count = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    query = query.options(joinedload(Grant.user), joinedload(Grant.territory))
    rows = db.session.scalars(query.order_by(Territory.kato, Grant.role, Grant.id).limit(limit))
    return list(rows), count


def _holding(now: datetime) -> tuple[Any, ...]:
    return Grant.valid_from <= now, db.or_(Grant.valid_until.is_(None), Grant.valid_until > now)


def staff_of(territory_ids: Collection[int], role: Role | Collection[Role], now: datetime) -> list[User]:
    """Who has a role, or one of some, in these very territories now: each person once, the longest known first."""
    roles = (role,) if isinstance(role, Role) else tuple(role)
    query = select(Grant).where(Grant.territory_id.in_(territory_ids), Grant.role.in_(roles), *_holding(now))
    grants = db.session.scalars(query.options(joinedload(Grant.user)).order_by(Grant.user_id, Grant.id))
    return list({grant.user_id: grant.user for grant in grants}.values())


def acting_in(territory: Territory, now: datetime) -> list[Grant]:
    """Who acts in this very territory now, for everybody to see."""
    query = select(Grant).where(Grant.territory_id == territory.id, *_holding(now)).options(joinedload(Grant.user))
    return list(db.session.scalars(query.order_by(Grant.role, Grant.valid_from, Grant.id).limit(200)))


def places_to_give(actor: Any, now: datetime) -> list[Territory]:
    """Territories with a body in which the person may give a role of a body, in the order of the classifier."""
    wanted = [Wanted(NOBODY, Role.OFFICER, place) for place in _places_below(actor, now)]
    return [want.territory for want in wanted if refusal(actor, Permission.GIVE_GRANT, want, now) is None]


def _places_below(actor: Any, now: datetime) -> list[Territory]:
    below = db.or_(db.false(), *(Territory.path.startswith(held.path, autoescape=True) for held in held_by(actor, now)))
    return list(db.session.scalars(select(Territory).where(Territory.rung != "", below).order_by(Territory.kato)))


def roles_to_give(actor: Any, now: datetime) -> list[str]:
    """The roles that a person may give somewhere: an operator any, others those of a body."""
    operates = any(held.role == Role.OPERATOR for held in held_by(actor, now))
    return [role for role in ROLES if operates or role in OF_A_BODY]


def granted_territories(user: Any, role: str, now: datetime) -> list[Territory]:
    """Where a person has a role now."""
    return [grant.territory for grant in user.grants if grant.role == role and grant.holds(now)]
