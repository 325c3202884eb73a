"""Reporting something, and reading what was reported, hidden and appealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import granted_territories, refusal, staff_of
from webapp.flagging.models import Flag, FlagReview, Hiding
from webapp.flagging.rules import STRANGERS_PER_DAY, Fault, What, may_judge, report_fault
from webapp.flagging.words import note_asked
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import changed, db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.photos.services import photo_of
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.rulebook.services import due_after, rule_in_force
from webapp.territories.models import Territory

SHOWN = 100


class Report(NamedTuple):
    """What somebody says about a proposal."""

    what: str
    reason: str
    note: str


def flag(person: User | None, proposal: Proposal, report: Report, network: str | None, now: datetime) -> bool:
    """Take a report in; False when this person said the same before. `proposal` must be locked.

    Nothing is hidden by it, whatever the number: it opens a review with a date, or joins the open one.
    """
    settle(proposal, now)
    _ensure_there(proposal, report.what)
    fault = report_fault(report.reason, report.note)
    if fault is Fault.REASON:
        raise Invalid(_("Choose a reason from the list."), fault.value)
    if fault is Fault.NOTE:
        raise Invalid(note_asked(report.reason), fault.value)
    if person is not None and _said_before(person, proposal, report):
        return False
    if person is None:
        _ensure_calm(network, now)
    review = open_review(proposal.id, report.what) or _begin(proposal, report.what, now)
    row = Flag(
        review_id=review.id,
        proposal_id=proposal.id,
        **report._asdict(),
        reporter_id=person.id if person else None,
        network=None if person else network,
        at=now,
    )
    db.session.add(row)
    counted = update(FlagReview).where(FlagReview.id == review.id).values(flags=FlagReview.flags + 1)
    changed(counted)
    where = {"proposal_id": proposal.id, "territory_id": review.desk_id}
    record(Verb.CONTENT_FLAGGED, review, now, **where, public=False, what=report.what, reason=report.reason)
    return True


def _ensure_there(proposal: Proposal, what: str) -> None:
    if what not in set(What):
        raise Invalid(_("Choose what you report."), "what")
    if not proposal.is_public:
        raise Conflict(_("This has not been published."))
    if (proposal.photo_hidden_reason if what == What.PHOTO else proposal.hidden) is not None:
        raise Conflict(_("This is hidden already."))
    if what == What.PHOTO and photo_of(proposal_id=proposal.id) is None:
        raise Conflict(_("This proposal has no photo."))


def _said_before(person: User, proposal: Proposal, report: Report) -> bool:
    same = (Flag.proposal_id == proposal.id, Flag.what == report.what, Flag.reason == report.reason)
    return db.session.scalar(select(Flag.id).where(Flag.reporter_id == person.id, *same)) is not None


def _ensure_calm(network: str | None, now: datetime) -> None:
    since = now - timedelta(days=1)
    sent = select(func.count()).select_from(Flag)
    sent = sent.where(Flag.reporter_id.is_(None), Flag.network == network, Flag.at > since)
    if (db.session.scalar(sent) or 0) >= STRANGERS_PER_DAY:
        raise Conflict(
            _("Many reports came from your network today. Sign in to send this one, or send it tomorrow."), "note"
        )


def _begin(proposal: Proposal, what: str, now: datetime) -> FlagReview:
    terms, _row = rule_in_force(proposal.seat, now)
    review = FlagReview(
        proposal_id=proposal.id,
        what=what,
        desk_id=proposal.seat_id,
        flags=0,
        opened_at=now,
        due_at=due_after(terms.triage_working_days, now),
    )
    db.session.add(review)
    db.session.flush()
    return review


def open_review(proposal_id: int, what: str) -> FlagReview | None:
    """The review that gathers reports about an object now."""
    mine = (FlagReview.proposal_id == proposal_id, FlagReview.what == what)
    return db.session.scalar(select(FlagReview).where(*mine, FlagReview.decided_at.is_(None)))


def last_review(proposal_id: int, what: str) -> FlagReview | None:
    """The newest review of an object, open or not."""
    mine = (FlagReview.proposal_id == proposal_id, FlagReview.what == what)
    return db.session.scalar(select(FlagReview).where(*mine).order_by(FlagReview.id.desc()).limit(1))


def counts_by_reason(review_ids: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    """Of each review its reasons, the commonest first."""
    query = select(Flag.review_id, Flag.reason, func.count().label("n")).where(Flag.review_id.in_(review_ids))
    query = query.group_by(Flag.review_id, Flag.reason).order_by(func.count().desc(), Flag.reason)
    found: dict[int, list[tuple[str, int]]] = {}
    for key, reason, number in db.session.execute(query) if review_ids else ():
        found.setdefault(key, []).append((reason, number))
    return found


def newest_notes(review_ids: Sequence[int]) -> dict[int, str]:
    """Of each review the newest note."""
    newest = select(func.max(Flag.id)).where(Flag.review_id.in_(review_ids), Flag.note != "").group_by(Flag.review_id)
    query = select(Flag.review_id, Flag.note).where(Flag.id.in_(newest))
    return dict(db.session.execute(query).all()) if review_ids else {}  # type: ignore[arg-type]


def flags_of(review: FlagReview) -> list[Flag]:
    """The reports of a review, those with a note first, then the newest."""
    query = select(Flag).where(Flag.review_id == review.id).order_by(Flag.note == "", Flag.id.desc())
    return list(db.session.scalars(query.limit(SHOWN)))


def _in_reach(actor: User, now: datetime) -> db.ColumnElement[bool]:
    paths = [place.path for place in granted_territories(actor, Role.MODERATOR, now)]
    return db.or_(db.false(), *(Territory.path.startswith(path, autoescape=True) for path in paths))


def reviews_for(actor: User, now: datetime) -> list[FlagReview]:
    """Open reviews on the desks of a moderator, by remaining term."""
    query = select(FlagReview).join(Territory, Territory.id == FlagReview.desk_id)
    query = query.where(FlagReview.decided_at.is_(None), _in_reach(actor, now))
    query = query.options(joinedload(FlagReview.proposal), joinedload(FlagReview.desk))
    return list(db.session.scalars(query.order_by(FlagReview.due_at, FlagReview.id).limit(SHOWN)))


def appeals_for(actor: User, now: datetime) -> list[Hiding]:
    """Appeals that this moderator may decide: none against what they have hidden themselves."""
    query = select(Hiding).join(Territory, Territory.id == Hiding.desk_id)
    query = query.where(Hiding.appealed_at.is_not(None), Hiding.decided_at.is_(None), _in_reach(actor, now))
    query = query.where(Hiding.by_id != actor.id).options(joinedload(Hiding.proposal), joinedload(Hiding.desk))
    return list(db.session.scalars(query.order_by(Hiding.due_at, Hiding.id).limit(SHOWN)))


def hidings_of(proposal: Proposal) -> list[Hiding]:
    """What of a proposal is hidden now."""
    if proposal.hidden is None and proposal.photo_hidden_reason is None:
        return []
    query = select(Hiding).where(Hiding.proposal_id == proposal.id, Hiding.lifted_at.is_(None))
    return list(db.session.scalars(query.options(joinedload(Hiding.desk)).order_by(Hiding.id)))


def has_judge(hiding: Hiding, now: datetime) -> bool:
    """Whether anybody is there to decide on an appeal: of the desk or above, and not who hid it."""

    def may(person: User) -> bool:
        paths = [place.path for place in granted_territories(person, Role.MODERATOR, now)]
        return may_judge(person.id, hiding.by_id, paths, hiding.desk.path)

    others = [person for person in staff_of(hiding.desk.ancestor_ids, Role.MODERATOR, now) if may(person)]
    return any(refusal(person, Permission.DECIDE_APPEAL, hiding, now) is None for person in others)
