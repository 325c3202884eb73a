"""A moderator's decisions: publish, return with a question, reject with a reason, forward, merge."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import refusal, require, staff_of
from webapp.escalation.services import open_ladder
from webapp.escalation.tallies import remember_progress
from webapp.journal.models import Fact
from webapp.journal.services import last_fact, last_fact_of, record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import ngettext
from webapp.merging import services as merging
from webapp.moderation.models import TriageDecision
from webapp.moderation.reasons import offered
from webapp.moderation.rules import Kind, placeholders
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import SPHERES, Event, Stage
from webapp.proposals.services import advance, ensure_possible
from webapp.rulebook.services import closing_after, due_after, rule_in_force, working_days_since
from webapp.teamwork.models import Department
from webapp.teamwork.reading import end_reading
from webapp.teamwork.services import holders_of, put_in_department
from webapp.territories.models import Territory
from webapp.territories.services import ladder

#: What a decision may change of a proposal, and taking it back restores.
REMEMBERED = (
    *("stage", "seat_id", "sphere", "due_at", "overdue_at", "silent_at", "published_at", "closes_at", "closed_at"),
    *("withdraw_below", "paused_at", "paused_due_at"),
)


def snapshot(proposal: Proposal) -> dict[str, Any]:
    """What the proposal is now and who has it, as plain JSON."""
    values = {name: getattr(proposal, name) for name in REMEMBERED} | holders_of(proposal)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _decide(
    actor: User, proposal: Proposal, kind: Kind, before: dict[str, Any], verb: Verb, now: datetime, **more: Any
) -> TriageDecision:
    """One row and one fact. `more`: reason, note, note_kk, note_ru of the row; `facts`, `public`, `place` of the fact."""
    facts, public, place = more.pop("facts", {}), more.pop("public", True), more.pop("place", before["seat_id"])
    facts |= waited(proposal, now)
    fact = record(verb, proposal, now, actor=actor, proposal_id=proposal.id, territory_id=place, public=public, **facts)
    db.session.flush()
    row = TriageDecision(
        proposal_id=proposal.id,
        territory_id=before["seat_id"],
        kind=kind.value,
        moderator_id=actor.id,
        at=now,
        fact_id=fact.id,
        before=before,
        read_seconds=end_reading(actor, proposal, now),
        **more,
    )
    db.session.add(row)
    db.session.flush()
    return row


#: With these a term of a moderator begins.
BEGINNINGS = (Verb.PROPOSAL_SUBMITTED, Verb.PROPOSAL_IMPORTED, Verb.PROPOSAL_RESUBMITTED, Verb.PROPOSAL_FORWARDED)
BEGINNINGS += (Verb.REJECTION_APPEALED,)


def waited(proposal: Proposal, now: datetime) -> dict[str, int]:
    """How many working days the proposal has waited for this decision, for the statistics of moderation."""
    began = last_fact(proposal.id, BEGINNINGS)
    return {"working_days": working_days_since(began.happened_at if began else proposal.submitted_at, now)}


def _move(proposal: Proposal, event: Event, now: datetime, **changes: Any) -> None:
    if not advance(proposal, event, now, **changes):
        raise Conflict(_("A colleague has decided on this proposal in the meantime."))


def _sendable(**texts: str) -> None:
    """No text goes out with something in braces that was to be filled in."""
    found = Faults()
    _note_braces(found, **texts)
    found.stop()


def _note_braces(found: Faults, **texts: str) -> None:
    for field, text in texts.items():
        left = placeholders(text)
        if left:
            found.add(_("Fill in what is in braces: %(what)s.", what=", ".join(left)), field)


def publish(actor: User, proposal: Proposal, now: datetime, sphere: str = "") -> TriageDecision:
    """Let everybody see and support it; the rules in force are frozen now."""
    settle(proposal, now)
    require(actor, Permission.TRIAGE, proposal, now)
    if sphere and sphere not in SPHERES:
        raise Invalid(_("Choose one of the eight spheres."), "sphere")
    ensure_possible(proposal, Event.PUBLISH)
    before = snapshot(proposal)
    closes_at = open_ladder(proposal, now)
    first = ladder(proposal.origin)[0]
    _move(
        proposal,
        Event.PUBLISH,
        now,
        seat_id=first.id,
        due_at=closes_at,
        closes_at=closes_at,
        published_at=now,
        overdue_at=None,
        sphere=sphere or proposal.sphere,
    )
    remember_progress(proposal)
    facts = {"closes_at": closes_at.isoformat()}
    return _decide(actor, proposal, Kind.PUBLISH, before, Verb.PROPOSAL_PUBLISHED, now, facts=facts)


def questions_to(proposal: Proposal) -> int:
    """How often the author has been asked."""
    query = select(func.count()).where(
        TriageDecision.proposal_id == proposal.id,
        TriageDecision.kind == Kind.RETURN.value,
        TriageDecision.undone_at.is_(None),
    )
    return int(db.session.scalar(query) or 0)


def ask(actor: User, proposal: Proposal, question: str, now: datetime) -> TriageDecision:
    """Return it with a question; the clock of the body stands still, the author has a term to answer.

    As often as the rules in force at the seat allow. Raises `NotAllowed`, `Conflict`, or `Invalid` at `question`.
    """
    settle(proposal, now)
    require(actor, Permission.TRIAGE, proposal, now)
    if not question.strip():
        raise Invalid(_("Write the question that the author is to answer."), "question")
    _sendable(question=question)
    terms, _row = rule_in_force(proposal.seat, now)
    asked = questions_to(proposal)
    if asked >= terms.questions:
        raise Invalid(
            ngettext(
                "The author has been asked %(num)d time already: decide with what is known.",
                "The author has been asked %(num)d times already: decide with what is known.",
                asked,
            ),
            "question",
        )
    before, due_at = snapshot(proposal), closing_after(terms.return_days, now)
    _move(proposal, Event.RETURN, now, due_at=due_at, paused_at=now, paused_due_at=proposal.due_at)
    facts = {"question": question, "due_at": due_at.isoformat()}
    return _decide(
        actor, proposal, Kind.RETURN, before, Verb.PROPOSAL_RETURNED, now, note=question, public=False, facts=facts
    )


def reject(
    actor: User, proposal: Proposal, reason: str, now: datetime, note_kk: str = "", note_ru: str = ""
) -> TriageDecision:
    """Turn it down with a reason from the list; own words stand in Kazakh and Russian. The author may appeal."""
    settle(proposal, now)
    require(actor, Permission.TRIAGE, proposal, now)
    found = Faults()
    if reason not in offered(now):
        found.add(_("Choose a reason from the list: the author has to know why."), "reason")
    note_kk, note_ru = note_kk.strip(), note_ru.strip()
    if bool(note_kk) != bool(note_ru):
        field = "note_ru" if note_kk else "note_kk"
        found.add(_("Your addition is shown in both languages: write it in Kazakh and in Russian."), field)
    _note_braces(found, note_kk=note_kk, note_ru=note_ru)
    found.stop()
    terms, _row = rule_in_force(proposal.seat, now)
    before, due_at = snapshot(proposal), due_after(terms.appeal_working_days, now)
    _move(proposal, Event.REJECT, now, due_at=due_at, appeal_until=due_at)
    words = {"reason": reason, "note_kk": note_kk, "note_ru": note_ru}
    facts = words | {"due_at": due_at.isoformat()}
    return _decide(
        actor, proposal, Kind.REJECT, before, Verb.PROPOSAL_REJECTED, now, **words, public=False, facts=facts
    )


def forward(
    actor: User, proposal: Proposal, target: Territory, now: datetime, department: Department | None = None
) -> TriageDecision:
    """Send it to the body that is competent, whose triage term begins; or to a department of this body, whose term goes on."""
    settle(proposal, now)
    require(actor, Permission.TRIAGE, proposal, now)
    inside = target.id == proposal.seat_id and department is not None and department.territory_id == target.id
    if not target.rung or (target.id == proposal.seat_id and not inside):
        raise Invalid(_("Choose another body or a department that can take it."), "target")
    ensure_possible(proposal, Event.FORWARD)
    before = snapshot(proposal)
    if inside:
        due_at = proposal.due_at
    else:
        due_at = _term_at(proposal, target, now)
    _move(proposal, Event.FORWARD, now, seat_id=target.id, due_at=due_at)
    facts: dict[str, Any] = {"from_territory": before["seat_id"], "by": "moderator"}
    if inside and department is not None:
        put_in_department(proposal, department, now)
        facts["department"] = department.names()
    return _decide(actor, proposal, Kind.FORWARD, before, Verb.PROPOSAL_FORWARDED, now, place=target.id, facts=facts)


def _term_at(proposal: Proposal, target: Territory, now: datetime) -> datetime:
    """Until when a body that is given a proposal has to look at it: a whole term, once.

    Who has passed it on and gets it back has what is left of that term; two bodies that send it to and fro reset
    no clock.
    """
    had = select(TriageDecision.before).where(
        TriageDecision.proposal_id == proposal.id,
        TriageDecision.territory_id == target.id,
        TriageDecision.kind == Kind.FORWARD.value,
        TriageDecision.undone_at.is_(None),
    )
    before = db.session.scalar(had.order_by(TriageDecision.id.desc()).limit(1))
    silent = select(Fact.id).where(
        Fact.proposal_id == proposal.id, Fact.verb == Verb.BODY_SILENT.value, Fact.territory_id == target.id
    )
    due_at = datetime.fromisoformat(before["due_at"]) if before and before.get("due_at") else None
    if (due_at is not None and due_at <= now) or db.session.scalar(silent.limit(1)) is not None:
        raise Invalid(_("This body has had its whole term for this proposal already. Choose another."), "target")
    if due_at is not None:
        return due_at
    terms, _row = rule_in_force(target, now)
    return due_after(terms.triage_working_days, now)


def merge(actor: User, proposal: Proposal, into: Proposal, now: datetime) -> TriageDecision | None:
    """Join it to another one (`webapp.merging`), which can be undone for some days. Both must be locked.

    For what nobody had decided on yet this is the decision of the desk, which can be taken back like the others.
    """
    before, is_new = snapshot(proposal), proposal.stage == Stage.SUBMITTED
    merging.merge(actor, proposal, into, now)
    if not is_new:
        return None
    row = TriageDecision(
        proposal_id=proposal.id,
        territory_id=before["seat_id"],
        kind=Kind.MERGE.value,
        moderator_id=actor.id,
        at=now,
        fact_id=last_fact_of(proposal.id, [Verb.PROPOSAL_MERGED]),
        before=before,
        read_seconds=end_reading(actor, proposal, now),
    )
    db.session.add(row)
    db.session.flush()
    return row


def appeal_rejection(actor: User, proposal: Proposal, note: str, now: datetime) -> None:
    """The author asks the next rung's moderator to look again; at the top, another moderator of the same seat."""
    settle(proposal, now)
    require(actor, Permission.APPEAL, proposal, now)
    if proposal.stage != Stage.REJECTED or proposal.closed_at is not None:
        raise Conflict(_("The term for an appeal is over."))
    seat = who_looks_again(proposal, now)
    if seat is None:
        raise Conflict(nobody_looks_again())
    terms, _row = rule_in_force(seat, now)
    _move(proposal, Event.APPEAL, now, seat_id=seat.id, due_at=due_after(terms.triage_working_days, now))
    record(
        Verb.REJECTION_APPEALED,
        proposal,
        now,
        actor=actor,
        acting_for=proposal.organisation,
        proposal_id=proposal.id,
        territory_id=seat.id,
        public=False,
        note=note,
    )


def who_looks_again(proposal: Proposal, now: datetime) -> Territory | None:
    """Where an appeal against a rejection goes: up, or at the top to the same seat while another moderator is there."""
    above = next_seat(proposal)
    if above is not None:
        return above
    people = staff_of(proposal.seat.ancestor_ids, Role.MODERATOR, now)
    is_there = any(refusal(user, Permission.TRIAGE, proposal, now) is None for user in people)
    return proposal.seat if is_there else None


def nobody_looks_again() -> str:
    """Why there is no appeal at the moment."""
    return _(
        "There is no higher body, and apart from the moderator who rejected it there is no other moderator here at the moment."
    )


def next_seat(proposal: Proposal) -> Territory | None:
    """The next territory with a body above the one that holds the proposal."""
    steps = ladder(proposal.seat)
    return steps[1] if len(steps) > 1 else None
