"""Departments, assignment and whose turn it is; everything that staff arrange among themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import case, delete, func, select

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import require, staff_of
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import LANGUAGES
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.proposals.services import ON_LEAVING
from webapp.teamwork import rules
from webapp.teamwork.models import Assignment, Department, DeskSetting
from webapp.territories.models import Territory

#: Who works on a proposal in a stage.
ROLES = {Stage.SUBMITTED: Role.MODERATOR, Stage.RETURNED: Role.MODERATOR}


def departments(territory_ids: Iterable[int]) -> list[Department]:
    """The departments of some bodies that are not retired."""
    query = select(Department).where(Department.territory_id.in_(list(territory_ids)), Department.retired_at.is_(None))
    return list(db.session.scalars(query.order_by(Department.territory_id, Department.id)))


def open_department(actor: User, territory: Territory, names: dict[str, str], now: datetime) -> Department:
    """A department of a body, with a name in each language. A journalled, public act."""
    require(actor, Permission.MANAGE_DEPARTMENTS, territory, now)
    for language in LANGUAGES:
        if not names.get(language, "").strip():
            raise Invalid(_("Write the name in all three languages."), f"name_{language}")
    row = Department(territory_id=territory.id, **{f"name_{language}": names[language] for language in LANGUAGES})
    db.session.add(row)
    db.session.flush()
    record(Verb.DEPARTMENT_OPENED, row, now, actor=actor, territory_id=territory.id, names=row.names())
    return row


def retire_department(actor: User, department: Department, territory: Territory, now: datetime) -> None:
    """No proposal goes there any more; what lies there stays with the body."""
    require(actor, Permission.MANAGE_DEPARTMENTS, territory, now)
    if department.retired_at is not None:
        raise Conflict(_("This department has been closed already."))
    department.retired_at = now
    for row in db.session.scalars(select(Assignment).where(Assignment.department_id == department.id)):
        row.department_id = None
    for setting in db.session.scalars(select(DeskSetting).where(DeskSetting.department_id == department.id)):
        setting.department_id = None
    record(Verb.DEPARTMENT_CLOSED, department, now, actor=actor, territory_id=territory.id, names=department.names())


def setting_of(user_id: int) -> DeskSetting:
    """How somebody works; the usual, not saved yet, for who has never said anything."""
    return db.session.get(DeskSetting, user_id) or DeskSetting(
        user_id=user_id, keys=True, languages=" ".join(LANGUAGES), department_id=None, away_until=None
    )


def change_setting(
    actor: User,
    *,
    keys: bool | None = None,
    languages: Sequence[str] | None = None,
    department_id: int | None = None,
    away_until: date | None = None,
) -> DeskSetting:
    """Say how one works; `languages` None leaves all but the keys as they are."""
    setting = setting_of(actor.id)
    if keys is not None:
        setting.keys = keys
    if languages is not None:
        known = [language for language in LANGUAGES if language in languages]
        if not known:
            raise Invalid(_("Choose at least one language that you read."), "languages")
        setting.languages, setting.department_id, setting.away_until = " ".join(known), department_id, away_until
    db.session.add(setting)
    return setting


def colleagues_of(
    territory_id: int, now: datetime, roles: Sequence[str] = (Role.MODERATOR, Role.OFFICER)
) -> list[User]:
    """Staff of the very body of a territory, each once."""
    return staff_of([territory_id], roles, now)


def _role(proposal: Proposal) -> str:
    return ROLES.get(Stage(proposal.stage), Role.OFFICER)


def assignment_of(proposal: Proposal) -> Assignment | None:
    """Who has it."""
    return db.session.get(Assignment, proposal.id)


def holders_of(proposal: Proposal) -> dict[str, int | None]:
    """Department and person that have it, as plain values that can be put back."""
    row = assignment_of(proposal)
    return {"department_id": row.department_id if row else None, "assignee_id": row.assignee_id if row else None}


def _row(proposal: Proposal, now: datetime) -> Assignment:
    row = locked(Assignment, proposal.id)
    if row is None:
        row = Assignment(proposal_id=proposal.id, at=now)
        db.session.add(row)
    row.at = now
    return row


def assign(actor: User, proposal: Proposal, person: User | None, now: datetime) -> None:
    """Give it to a colleague of the body or to oneself; None: to nobody. `proposal` must be locked."""
    settle(proposal, now)
    require(actor, Permission.WORK_ON, proposal, now)
    if person is not None and person.id != actor.id:
        able = {one.id for one in colleagues_of(proposal.seat_id, now, (_role(proposal),))} - {proposal.author_id}
        if person.id not in able:
            raise Invalid(_("Choose a colleague of the body that holds the proposal."), "assignee")
    _row(proposal, now).assignee_id = person.id if person else None


def put_in_department(proposal: Proposal, department: Department, now: datetime) -> None:
    """Lay it in a department of the body, for nobody yet."""
    row = _row(proposal, now)
    row.department_id, row.assignee_id = department.id, None
    db.session.flush()


def leave_body(proposal_id: int) -> None:
    """Silence, support or a decision carried it to another body: nobody there has it yet."""
    db.session.flush()
    db.session.execute(delete(Assignment).where(Assignment.proposal_id == proposal_id))


ON_LEAVING.append(leave_body)


def put_back(proposal: Proposal, department_id: int | None, assignee_id: int | None, now: datetime) -> None:
    """As it was before a decision that was taken back."""
    if department_id is None and assignee_id is None:
        leave_body(proposal.id)
        return
    row = _row(proposal, now)
    row.department_id, row.assignee_id = department_id, assignee_id
    db.session.flush()


def turn_takers(territory_id: int, role: str, now: datetime) -> list[rules.Colleague]:
    """Who can be given work in a body, with what the rule of turns asks."""
    people = colleagues_of(territory_id, now, (role,))
    ids = [person.id for person in people]
    settings = {row.user_id: row for row in db.session.scalars(select(DeskSetting).where(DeskSetting.user_id.in_(ids)))}
    is_open = case((Proposal.closed_at.is_(None), 1), else_=0)
    loads = {
        row.assignee_id: row
        for row in db.session.execute(
            select(Assignment.assignee_id, func.max(Assignment.at).label("last"), func.sum(is_open).label("open"))
            .join(Proposal, Proposal.id == Assignment.proposal_id)
            .where(Assignment.assignee_id.in_(ids))
            .group_by(Assignment.assignee_id)
        )
    }
    found = []
    for person in people:
        setting, load = settings.get(person.id), loads.get(person.id)
        found.append(
            rules.Colleague(
                person.id,
                frozenset((setting.languages if setting else " ".join(LANGUAGES)).split()),
                setting.department_id if setting else None,
                setting.away_until if setting else None,
                load.last if load else None,
                int(load.open) if load else 0,
            )
        )
    return found


def share_out(actor: User, proposals: Sequence[Proposal], now: datetime) -> int:
    """Give what nobody has to whoever's turn it is, by language and department; returns how many found somebody."""
    takers: dict[tuple[int, str], list[rules.Colleague]] = {}
    given = 0
    for proposal in proposals:
        settle(proposal, now)
        require(actor, Permission.WORK_ON, proposal, now)
        row, key = assignment_of(proposal), (proposal.seat_id, _role(proposal))
        if row is not None and row.assignee_id is not None:
            continue
        able = takers.setdefault(key, turn_takers(*key, now))
        able = [person for person in able if person.user_id != proposal.author_id]
        chosen = rules.next_in_turn(able, proposal.lang, row.department_id if row else None, local_date(now))
        if chosen is None:
            continue
        _row(proposal, now).assignee_id = chosen
        db.session.flush()
        # whoever was given something waits from now on, the next of the same moment a little later
        takers[key] = [
            rules.Colleague(p.user_id, p.languages, p.department_id, p.away_until, now, p.open + 1)
            if p.user_id == chosen
            else p
            for p in takers[key]
        ]
        given += 1
    return given
