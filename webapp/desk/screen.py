"""What the pages of the desk show, put together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import func, select

from webapp.desk import queue
from webapp.desk.forms import AssignForm, NoteForm
from webapp.desk.rules import Filters, Tab
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import db
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized, ngettext
from webapp.moderation.choices import decided
from webapp.moderation.decisions import DECISIONS
from webapp.moderation.models import TriageDecision
from webapp.moderation.rules import UNDO
from webapp.people.models import User
from webapp.proposals.choices import said_of_first, spheres
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.rulebook.rules import Tone, tone, working_days_between
from webapp.rulebook.services import calendar, rules_in_force
from webapp.teamwork.models import Batch, DeskSetting


def tab_labels() -> dict[Tab, str]:
    """The lists in words."""
    return {
        Tab.INBOX: _("Inbox"),
        Tab.MINE: _("Mine"),
        Tab.WAITING: _("Waiting for authors"),
        Tab.OVERDUE: _("Overdue"),
        Tab.SOON: _("Climbing soon"),
        Tab.ANSWERS: _("Answers due"),
        Tab.BELOW: _("Waiting below"),
        Tab.WORKS: _("Being carried out"),
        Tab.MENTIONS: _("Mentions"),
        Tab.DONE: _("Decided by me"),
    }


def clock_of(proposal: Proposal, whole: int, now: datetime, is_working: Any) -> dict[str, Any]:
    """The clock of a proposal: a tone, how much is left, and what the date is the date of.

    `whole` is the length of the term in working days.
    """
    if proposal.due_at is None:
        return {"tone": "none", "label": _("Closed"), "what": ""}
    what = said_of_first(proposal, now)
    if proposal.paused_at is not None:
        return {"tone": "none", "label": _("Paused: the author has been asked"), "what": what}
    left = working_days_between(local_date(now), local_date(proposal.due_at), is_working)
    is_over = proposal.due_at <= now or proposal.overdue_at is not None
    colour = tone(left, whole, is_over)
    if is_over:
        label = _("Overdue")
    elif local_date(proposal.due_at) <= local_date(now):
        label = _("Due today")
    else:
        label = ngettext("%(num)d working day left", "%(num)d working days left", left)
    if colour is Tone.RED and not is_over:
        label = _("%(left)s · urgent", left=label)
    return {"tone": colour.value, "label": label, "what": what}


def _term(proposal: Proposal, lengths: dict[int, Any]) -> int:
    terms = lengths[proposal.seat_id]
    days = {Stage.SUBMITTED: terms.triage_working_days, Stage.REVIEW: terms.answer_working_days}
    return int(days.get(Stage(proposal.stage), terms.collection_days * 5 // 7))


def rows_of(proposals: Iterable[Proposal], filters: Filters, now: datetime) -> list[dict[str, Any]]:
    """Rows of a list, each with its clock and the address of its page."""
    found = list(proposals)
    seats = list({proposal.seat_id: proposal.seat for proposal in found}.values())
    lengths = (
        dict(zip((seat.id for seat in seats), (terms for terms, _row in rules_in_force(seats, now)), strict=True))
        if seats
        else {}
    )
    is_working = calendar()
    return [
        {
            "proposal": proposal,
            "clock": clock_of(proposal, _term(proposal, lengths), now, is_working),
            "url": address_of(proposal, filters),
            "tickable": proposal.stage == Stage.SUBMITTED,
        }
        for proposal in found
    ]


def list_beside(actor: User, filters: Filters, now: datetime) -> list[dict[str, Any]]:
    """The list that one is working through stays beside what is open: each with its date, without counting days."""
    if filters.tab is Tab.DONE:
        return []
    return [
        {
            "proposal": proposal,
            "clock": {"tone": _pressing(proposal, now), "label": said_of_first(proposal, now), "what": ""},
            "url": address_of(proposal, filters),
            "tickable": False,
        }
        for proposal in queue.waiting(queue.scope_of(actor, now), filters, now).rows
    ]


def _pressing(proposal: Proposal, now: datetime) -> str:
    is_over = proposal.overdue_at is not None or (proposal.due_at is not None and proposal.due_at <= now)
    return Tone.RED.value if is_over else "none"


def address_of(proposal: Proposal, filters: Filters) -> str:
    """Where somebody works on a proposal in its stage."""
    if filters.tab is Tab.BELOW:
        return url_for("portal.proposal", key=proposal.id)
    if proposal.stage == Stage.REVIEW and filters.tab is not Tab.MENTIONS:
        return url_for("answering.edit", key=proposal.id)
    if proposal.stage in (Stage.SUBMITTED, Stage.REVIEW, Stage.RETURNED):
        query = filters.query()
        return url_for("desk.show", key=proposal.id) + (f"?{query}" if query else "")
    return url_for("portal.proposal", key=proposal.id)


def tabs(scope: queue.Scope, filters: Filters, numbers: dict[Tab, int]) -> list[dict[str, Any]]:
    """The lists with how much lies in each."""
    names, labels = queue.tabs_for(scope), tab_labels()
    return [
        {
            "label": labels[tab],
            "url": Filters(tab=tab).url,
            "count": numbers.get(tab),
            "current": tab is filters.tab,
            "tab": tab.value,
        }
        for tab in names
    ]


class State(NamedTuple):
    """What the desk knows of somebody: keys on or off, the last decision and the last act on many of this minute."""

    keys: bool
    decision_id: int | None
    kind: str | None
    batch: str | None
    count: int | None


def state_of(actor: User, now: datetime) -> State:
    """In one query."""
    own = TriageDecision.moderator_id == actor.id
    recent = (own, TriageDecision.at > now - UNDO, TriageDecision.undone_at.is_(None), TriageDecision.batch.is_(None))
    last = select(func.max(TriageDecision.id)).where(*recent).scalar_subquery()
    many = select(Batch).where(
        Batch.user_id == actor.id, Batch.at > now - UNDO, Batch.undone_at.is_(None), Batch.count > 0
    )
    newest = many.order_by(Batch.at.desc()).limit(1)
    row = db.session.execute(
        select(
            select(DeskSetting.keys).where(DeskSetting.user_id == actor.id).scalar_subquery(),
            last,
            select(TriageDecision.kind).where(TriageDecision.id == last).scalar_subquery(),
            newest.with_only_columns(Batch.token).scalar_subquery(),
            newest.with_only_columns(Batch.count).scalar_subquery(),
            select(TriageDecision.at).where(TriageDecision.id == last).scalar_subquery(),
            newest.with_only_columns(Batch.at).scalar_subquery(),
        )
    ).one()
    keys, decision_id, kind, batch, count, decided_at, batch_at = row
    if decided_at and batch_at:  # "the last" is one thing
        if decided_at > batch_at:
            batch = count = None
        else:
            decision_id = kind = None
    return State(keys is not False, decision_id, kind, batch, count)


def forms_of(actor: User, context: dict[str, Any], **filled: Any) -> dict[str, Any]:
    """The small forms beside a proposal, with what was typed in one of them."""
    people, back, assignment = context["colleagues"], context["back"], context["assignment"]
    has_it = assignment.assignee_id if assignment else None
    note = filled.get("note_form") or NoteForm(formdata=None, back=back)
    give = filled.get("assign_form") or AssignForm(
        formdata=None, back=back, assignee="me" if has_it == actor.id else str(has_it or "")
    )
    others = [person for person in people if person.id != actor.id]
    note.mention.choices = [(str(person.id), person.public_name) for person in others]
    give.assignee.choices = {
        "": _("Nobody"),
        "me": _("I take it"),
        "turn": _("Whose turn it is"),
        **{str(person.id): person.public_name for person in others},
    }
    return {
        "note_form": note,
        "assign_form": give,
        "decisions": DECISIONS.values(),
        "decided": decided(),
        "sphere_labels": spheres(),
    }


def start_of_day(now: datetime) -> datetime:
    """Midnight in Kazakhstan."""
    return now.astimezone(LOCAL_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)


def places_of(scope: queue.Scope, actor: User, now: datetime) -> list[str]:
    """The territories somebody works for, in words."""
    names = {grant.territory.id: localized(grant.territory) for grant in actor.grants if grant.holds(now)}
    return list(names.values())
