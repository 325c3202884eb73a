"""What waits for one of staff: lists by remaining term, their counts, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, tuple_
from sqlalchemy.orm import joinedload

from webapp.access.rules import Role
from webapp.access.services import granted_territories
from webapp.desk.rules import PAGE, SOON, STAGES, Filters, Tab
from webapp.escalation.models import LadderRung
from webapp.kernel.database import db
from webapp.kernel.paging import decode_mark, encode_mark
from webapp.moderation.models import TriageDecision
from webapp.moderation.owed import rejected_by
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.proposals.rules import asked_number
from webapp.proposals.similarity import matching
from webapp.rulebook.services import due_after
from webapp.teamwork.models import Assignment, Mention, StaffNote
from webapp.territories.models import Territory

#: Slashes in the path of the nation: "/1/".
NATION_DEPTH = 2
WEEK = timedelta(days=7)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Scope:
    """Whose desk it is: paths of the territories moderated, with all below them, and ids of those answered for."""

    user_id: int
    moderated: tuple[str, ...]
    answered: frozenset[int]
    above: tuple[str, ...] = ()  # paths of those answered for that have rungs below them

    def where(self, role: str) -> ColumnElement[bool]:
        """The seats that a role reaches; a moderator of the whole country is not looked up."""
        below = or_(false(), *(Territory.path.startswith(path, autoescape=True) for path in self.moderated))
        inside = Proposal.seat_id.in_(select(Territory.id).where(Territory.rung != "", below))
        moderated: Any = db.true() if self.moderates_all else inside
        answered = Proposal.seat_id.in_(self.answered or {0})
        if role == "below":
            under = or_(false(), *(Territory.path.startswith(path, autoescape=True) for path in self.above))
            return Proposal.seat_id.in_(select(Territory.id).where(Territory.rung != "", under)) & ~answered
        if role == "both":
            return or_(*([moderated] if self.moderated else []), *([answered] if self.answered else []), false())
        return moderated if role == Role.MODERATOR else answered

    @property
    def moderates_all(self) -> bool:
        """Whether the nation is among the territories moderated: the shortest path there is."""
        return any(path.count("/") <= NATION_DEPTH for path in self.moderated)


def scope_of(actor: User, now: datetime) -> Scope:
    """The reach of somebody's roles."""
    moderated = tuple(place.path for place in granted_territories(actor, Role.MODERATOR, now))
    answered = granted_territories(actor, Role.OFFICER, now)
    above = tuple(place.path for place in answered if place.rung != "city")
    return Scope(actor.id, moderated, frozenset(place.id for place in answered), above)


def _in_tab(scope: Scope, tab: Tab, now: datetime) -> list[ColumnElement[bool]]:
    stages, role = STAGES[tab]
    where = [scope.where(role), Proposal.author_id.is_distinct_from(scope.user_id)]
    if tab is not Tab.MENTIONS:
        where += [Proposal.stage.in_([stage.value for stage in stages]), Proposal.closed_at.is_(None)]
    if tab is Tab.MINE:
        where.append(Proposal.id.in_(select(Assignment.proposal_id).where(Assignment.assignee_id == scope.user_id)))
    elif tab is Tab.INBOX:
        where.append(Proposal.id.not_in(rejected_by(scope.user_id)))
    elif tab is Tab.OVERDUE:
        where.append(or_(Proposal.overdue_at.is_not(None), Proposal.due_at <= now))
    elif tab is Tab.SOON:
        where.append(Proposal.progress >= SOON)
    elif tab is Tab.MENTIONS:
        seen = and_(Mention.user_id == scope.user_id, Mention.seen_at.is_(None))
        noted = select(StaffNote.proposal_id).join(Mention, Mention.note_id == StaffNote.id).where(seen)
        where.append(Proposal.id.in_(noted))
    return where


def _narrowed(scope: Scope, filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if filters.place:
        path = db.session.scalar(select(Territory.path).where(Territory.kato == filters.place))
        inside = select(Territory.id).where(Territory.path.startswith(path or "?", autoescape=True))
        where.append(or_(Proposal.seat_id.in_(inside), Proposal.origin_id.in_(inside)))
    if filters.sphere:
        where.append(Proposal.sphere == filters.sphere)
    if filters.lang:
        where.append(Proposal.lang == filters.lang)
    if filters.due:
        days = int(filters.due)
        where.append(Proposal.due_at <= (due_after(days, now) if days else now + timedelta(days=1)))
    if filters.dept:
        of_it = select(Assignment.proposal_id).where(Assignment.department_id == int(filters.dept))
        where.append(Proposal.id.in_(of_it))
    if filters.who == "nobody":
        where.append(~Proposal.id.in_(select(Assignment.proposal_id).where(Assignment.assignee_id.is_not(None))))
    elif filters.who:
        person = scope.user_id if filters.who == "me" else int(filters.who)
        where.append(Proposal.id.in_(select(Assignment.proposal_id).where(Assignment.assignee_id == person)))
    if filters.came:
        arrived = (LadderRung.territory_id == Proposal.seat_id, LadderRung.arrived_at > now - WEEK)
        where.append(select(LadderRung.id).where(LadderRung.proposal_id == Proposal.id, *arrived).exists())
    if filters.q:
        found, (key, number) = matching(filters.q), asked_number(filters.q)
        by_words = Proposal.id.in_(found) if found is not None else false()
        where.append(or_(Proposal.number == number, Proposal.id == (key or 0), by_words))
    return where


def _listed(scope: Scope, filters: Filters, now: datetime) -> Select[Any]:
    query = select(Proposal).where(*_in_tab(scope, filters.tab, now), *_narrowed(scope, filters, now))
    return query.options(joinedload(Proposal.origin), joinedload(Proposal.seat))


@dataclass(frozen=True)
class Waiting:
    """One page of a list and the marks of its neighbours."""

    rows: Sequence[Any]
    next: str | None
    previous: str | None


def _micros(moment: datetime | None) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) if moment else 0


def _term(tab: Tab) -> Any:
    """What a list is sorted by. Some of what one is mentioned in is closed: in place of a term it has the day it came."""
    return func.coalesce(Proposal.due_at, Proposal.submitted_at) if tab is Tab.MENTIONS else Proposal.due_at


def mark_of(proposal: Proposal, backwards: bool = False) -> str:
    """The place of a proposal in a list by term."""
    return encode_mark([_micros(proposal.due_at or proposal.submitted_at), proposal.id], backwards)


def waiting(scope: Scope, filters: Filters, now: datetime, mark: str = "", size: int = PAGE) -> Waiting:
    """A page of a list, the shortest term first."""
    if filters.tab is Tab.DONE:
        return _done(scope, mark, size)
    position = decode_mark(mark, 2) if mark else None
    backwards = bool(position and position[0])
    query = _listed(scope, filters, now)
    keys = (_term(filters.tab), Proposal.id)
    if position:
        try:
            here = tuple_(
                db.literal(_EPOCH + timedelta(microseconds=position[1][0]), Proposal.due_at.type), position[1][1]
            )
        except OverflowError:
            return Waiting([], None, None)
        query = query.where(tuple_(*keys) < here if backwards else tuple_(*keys) > here)
    order = [key.desc() if backwards else key.asc() for key in keys]
    rows = list(db.session.scalars(query.order_by(*order).limit(size + 1)))
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = backwards or more, more if backwards else position is not None
    return Waiting(
        rows,
        mark_of(rows[-1]) if rows and has_next else None,
        mark_of(rows[0], True) if rows and has_previous else None,
    )


def _done(scope: Scope, mark: str, size: int) -> Waiting:
    """What somebody has decided, the newest first."""
    position = decode_mark(mark, 1) if mark else None
    query = select(TriageDecision, Proposal).join(Proposal, Proposal.id == TriageDecision.proposal_id)
    query = query.where(TriageDecision.moderator_id == scope.user_id).options(joinedload(Proposal.seat))
    if position:
        query = query.where(TriageDecision.id < position[1][0])
    rows = list(db.session.execute(query.order_by(TriageDecision.id.desc()).limit(size + 1)))
    more, rows = len(rows) > size, rows[:size]
    return Waiting(rows, encode_mark([rows[-1][0].id]) if more else None, None)


def next_after(scope: Scope, filters: Filters, key: int, now: datetime) -> Proposal | None:
    """What comes after a proposal in the list; at its end the first of the list; None when nothing waits."""
    if filters.tab is Tab.DONE:
        return None
    query = _listed(scope, filters, now).where(Proposal.id != key).order_by(Proposal.due_at, Proposal.id).limit(1)
    here = db.session.get(Proposal, key)
    if here is not None:
        decided = db.session.scalar(
            select(TriageDecision).where(TriageDecision.proposal_id == key).order_by(TriageDecision.id.desc()).limit(1)
        )
        was_due = (
            datetime.fromisoformat(decided.before["due_at"])
            if decided and (decided.before or {}).get("due_at")
            else here.due_at
        )
        if was_due is not None:
            place = tuple_(db.literal(was_due, Proposal.due_at.type), key)
            after = db.session.scalar(query.where(tuple_(Proposal.due_at, Proposal.id) > place))
            if after is not None:
                return after
    return db.session.scalar(query)


def number_of(scope: Scope, filters: Filters, now: datetime) -> int:
    """How many a list holds with its filters, on all its pages."""
    return int(db.session.scalar(counted_in(scope, filters, now)) or 0)


def counted_in(scope: Scope, filters: Filters, now: datetime) -> Select[tuple[int]]:
    """The query of that number."""
    where = (*_in_tab(scope, filters.tab, now), *_narrowed(scope, filters, now))
    return select(func.count()).select_from(Proposal).where(*where)


def counts(scope: Scope, tabs: Sequence[Tab], now: datetime) -> dict[Tab, int]:
    """How many lie in each list, in one query."""
    wanted = [tab for tab in tabs if tab is not Tab.DONE]
    parts = [
        select(func.count()).select_from(Proposal).where(*_in_tab(scope, tab, now)).scalar_subquery() for tab in wanted
    ]
    return dict(zip(wanted, db.session.execute(select(*parts)).one(), strict=True)) if parts else {}


def tabs_for(scope: Scope) -> list[Tab]:
    """The lists that somebody's roles fill."""
    moderates, answers = bool(scope.moderated), bool(scope.answered)
    shown = {
        Tab.INBOX: moderates,
        Tab.ANSWERS: answers,
        Tab.BELOW: bool(scope.above),
        Tab.MINE: True,
        Tab.WAITING: moderates,
        Tab.OVERDUE: True,
        Tab.SOON: True,
        Tab.WORKS: answers,
        Tab.MENTIONS: True,
        Tab.DONE: moderates,
    }
    return [tab for tab, is_shown in shown.items() if is_shown]
