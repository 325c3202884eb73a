"""Drafting, submitting, resubmitting, withdrawing; and the one verb that moves a proposal along the table."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import changed, db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.parts import delete_in_parts
from webapp.kernel.text import is_visible, one_line, tidy_lines
from webapp.people.models import Organisation, User
from webapp.photos.services import hand_over
from webapp.proposals import rules
from webapp.proposals.due import settle
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.rules import FINAL, Event, Stage
from webapp.proposals.terms import INDEXED, index_anew
from webapp.rulebook.services import due_after, due_after_pause, rule_in_force
from webapp.territories.services import ladder

#: What other features tidy up when a proposal leaves a body, however it leaves it; each is called with its number.
ON_LEAVING: list[Callable[[int], None]] = []


def advance(proposal: Proposal, event: Event, now: datetime, *, closed: bool = False, **changes: Any) -> bool:
    """Move a proposal along the table by compare-and-set; False when somebody else moved it first.

    `changes` are columns to set with it (seat_id, due_at, ...). Raises `Conflict` when the table has
    no such step. A final stage closes the proposal and ends its due date.
    """
    ensure_possible(proposal, event)
    target = rules.TRANSITIONS[Stage(proposal.stage), event]
    if closed or target in FINAL:
        changes |= {"closed_at": now, "due_at": None}
    elif proposal.closed_at is not None:
        changes.setdefault("closed_at", None)
    left_id = proposal.seat_id
    done = changed(
        update(Proposal)
        .where(Proposal.id == proposal.id, Proposal.stage == proposal.stage, Proposal.seat_id == proposal.seat_id)
        .values(stage=target.value, **changes)
    )
    if done != 1:
        return False
    db.session.refresh(proposal)
    if INDEXED & changes.keys():
        index_anew(proposal)
    if proposal.seat_id != left_id:
        for tidy in ON_LEAVING:
            tidy(proposal.id)
    return True


def ensure_possible(proposal: Proposal, event: Event) -> None:
    """Raise `Conflict` when the table has no such step, before anything is written for it."""
    if rules.next_stage(Stage(proposal.stage), event) is None:
        raise Conflict(_("This proposal has moved on in the meantime. Look at its page for where it is now."))


def start_draft(author: User | None, title: str, lang: str, now: datetime, origin_id: int | None = None) -> Draft:
    """A new draft, kept for 30 days."""
    draft = Draft(
        token=secrets.token_urlsafe(24), title=title, lang=lang, created_at=now, expires_at=now, origin_id=origin_id
    )
    draft.author_id = author.id if author else None
    draft.text = draft.place = draft.sphere = ""
    draft.funding, draft.wants_submission = "unknown", False
    db.session.add(draft)
    touch(draft, now)
    db.session.flush()
    return draft


def touch(draft: Draft, now: datetime) -> None:
    """Each step keeps the draft for another 30 days."""
    draft.expires_at = now + timedelta(days=rules.DRAFT_DAYS)


def missing_step(draft: Draft) -> str | None:
    """The first step that lacks something required, or holds more than fits; None when the draft can be sent.

    A draft is saved as it is typed, so it may hold anything.
    """
    if not _fits(one_line(draft.title), rules.TITLE_MAX):
        return "title"
    if draft.origin_id is None or len(one_line(draft.place)) > rules.PLACE_MAX:
        return "place"
    return None if _fits(tidy_lines(draft.text), rules.TEXT_MAX) else "text"


def _fits(text: str, limit: int) -> bool:
    return is_visible(text) and len(text) <= limit


def submit(actor: User, draft: Draft, now: datetime) -> Proposal:
    """Hand the draft in. A second submission of the same draft gives the same proposal."""
    if draft.proposal_id is not None:
        return db.session.get_one(Proposal, draft.proposal_id)
    require(actor, Permission.SUBMIT, draft, now)
    organisation = _spoken_for(actor, draft)
    if missing_step(draft) or draft.origin is None:
        raise Invalid(_("A title, a place and a text are needed before the proposal can be sent."))
    steps = ladder(draft.origin)
    terms, _row = rule_in_force(steps[0], now)
    proposal = Proposal(
        title=one_line(draft.title),
        text=tidy_lines(draft.text),
        lang=draft.lang,
        sphere=draft.sphere,
        funding=draft.funding,
        place=one_line(draft.place),
        author_id=actor.id,
        organisation_id=organisation.id if organisation else None,
        origin_id=steps[0].id,
        seat_id=steps[0].id,
        stage=Stage.SUBMITTED.value,
        submitted_at=now,
        due_at=due_after(terms.triage_working_days, now),
        withdraw_below=terms.withdraw_below,
    )
    db.session.add(proposal)
    db.session.flush()
    proposal.number = rules.talon_number(steps[0].kato, local_date(now).year, proposal.id)
    draft.proposal_id, draft.author_id, draft.wants_submission = proposal.id, actor.id, False
    hand_over(draft.id, proposal.id)
    index_anew(proposal)
    record(
        Verb.PROPOSAL_SUBMITTED,
        proposal,
        now,
        actor=actor,
        acting_for=organisation,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        public=True,
        number=proposal.number,
        due_at=proposal.due_at.isoformat() if proposal.due_at else None,
    )
    return proposal


def speak_for(actor: User, draft: Draft, organisation: Organisation | None) -> None:
    """Note as whom a draft is sent: an organisation that the person speaks for, or (None) the person."""
    draft.organisation_id = None
    if organisation is not None:
        _ensure_spoken_for(actor, organisation.id)
        draft.organisation_id = organisation.id


def _spoken_for(actor: User, draft: Draft) -> Organisation | None:
    return None if draft.organisation_id is None else _ensure_spoken_for(actor, draft.organisation_id)


def _ensure_spoken_for(actor: User, key: int) -> Organisation:
    for membership in actor.memberships:
        if membership.organisation_id == key and membership.organisation.verified_at:
            return membership.organisation
    raise Invalid(_("You do not represent this organisation. Submit the proposal as yourself."))


def resubmit(actor: User, proposal: Proposal, title: str, text: str, note: str, now: datetime) -> None:
    """Answer the moderator's question; the moderator's clock goes on where it stood still."""
    settle(proposal, now)
    require(actor, Permission.REVISE, proposal, now)
    if proposal.paused_at is not None and proposal.paused_due_at is not None:
        due_at = due_after_pause(proposal.paused_due_at, proposal.paused_at, now)
    else:
        due_at = due_after(rule_in_force(proposal.seat, now)[0].triage_working_days, now)
    changes = {"due_at": due_at, "paused_at": None, "paused_due_at": None, "written_title": title, "written_text": text}
    if not advance(proposal, Event.RESUBMIT, now, **changes):
        raise Conflict(_("This proposal has moved on in the meantime. Look at its page for where it is now."))
    record(
        Verb.PROPOSAL_RESUBMITTED,
        proposal,
        now,
        actor=actor,
        acting_for=proposal.organisation,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        public=False,
        note=note,
    )


def withdraw(actor: User, proposal: Proposal, now: datetime) -> None:
    """The author takes the proposal back, while few people stand behind it."""
    settle(proposal, now)
    require(actor, Permission.WITHDRAW, proposal, now)
    if not rules.may_withdraw(Stage(proposal.stage), proposal.supports, proposal.withdraw_below):
        raise Conflict(
            _(
                "Supporters so far: %(count)d. Once there are %(limit)d or more, the proposal belongs to them too and cannot be withdrawn.",
                count=proposal.supports,
                limit=proposal.withdraw_below,
            )
        )
    if advance(proposal, Event.WITHDRAW, now):
        record(
            Verb.PROPOSAL_WITHDRAWN,
            proposal,
            now,
            actor=actor,
            acting_for=proposal.organisation,
            proposal_id=proposal.id,
            territory_id=proposal.seat_id,
        )


def pass_on(leaver_id: int, organisation: Organisation, heir_id: int) -> int:
    """Proposals that somebody wrote for an organisation have another of its members as author from now on."""
    return changed(
        update(Proposal)
        .where(Proposal.organisation_id == organisation.id, Proposal.author_id == leaver_id)
        .values(author_id=heir_id)
    )


def drafts_of(user: User) -> list[Draft]:
    """Unfinished drafts of a person, newest first."""
    query = select(Draft).where(Draft.author_id == user.id, Draft.proposal_id.is_(None)).order_by(Draft.id.desc())
    return list(db.session.scalars(query.limit(20)))


def forget_old_drafts(now: datetime) -> int:
    """Delete drafts that nobody has touched for 30 days, and the remains of submitted ones."""
    return delete_in_parts(Draft, Draft.expires_at < now)
