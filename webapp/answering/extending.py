"""More time for an answer: once, with reasons, told at once, never behind the author's back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.answering.choices import too_short
from webapp.answering.rules import Refusal, extension_faults
from webapp.escalation.models import LadderRung
from webapp.escalation.services import lengthen, position_of, rungs_of
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.errors import Conflict
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.rulebook.services import due_after


def seat_rung(proposal: Proposal) -> LadderRung:
    """The rung that owes the answer now."""
    rungs = rungs_of(proposal)
    return rungs[position_of(proposal, rungs)]


def may_extend(proposal: Proposal) -> bool:
    """Whether the rules frozen for the proposal leave the seat an extension."""
    if proposal.stage != Stage.REVIEW or proposal.overdue_at is not None:
        return False
    rung = seat_rung(proposal)
    return rung.extended < rung.extensions


def check(proposal: Proposal, days: int | None, text_kk: str, text_ru: str) -> LadderRung:
    """The rung whose term it is. Raises `Conflict`, or `Invalid` with all that keeps the term from being extended."""
    rung = seat_rung(proposal)
    faults = extension_faults(
        used=rung.extended,
        allowed=rung.extensions,
        days=days,
        most=rung.extension_working_days,
        text_kk=text_kk,
        text_ru=text_ru,
    )
    if faults:
        _refuse(faults, rung.extension_working_days)
    return rung


def extend(actor: User, proposal: Proposal, days: int | None, text_kk: str, text_ru: str, now: datetime) -> datetime:
    """Let the term end `days` working days later; returns the new end. `proposal` must be locked.

    The clock runs on: the silence of a body that asked for more time climbs at the new date. The author is
    told at once (the law wants it within three working days), everybody reads the reasons.
    """
    settle(proposal, now)
    require(actor, Permission.ANSWER, proposal, now)
    if proposal.stage != Stage.REVIEW or proposal.due_at is None or proposal.due_at <= now:
        raise Conflict(_("This proposal does not wait for an answer now. Look at its page for where it is."))
    if proposal.overdue_at is not None:
        raise Conflict(_("The term has passed already: an answer is due, not more time."))
    rung = check(proposal, days, text_kk, text_ru)
    assert days is not None
    was_due, due_at = proposal.due_at, due_after(days, proposal.due_at)
    if not lengthen(proposal, rung, due_at):
        raise Conflict(_("A colleague has decided on this proposal in the meantime."))
    record(
        Verb.TERM_EXTENDED,
        proposal,
        now,
        actor=actor,
        proposal_id=proposal.id,
        territory_id=proposal.seat_id,
        was_due_at=was_due.isoformat(),
        due_at=due_at.isoformat(),
        working_days=days,
        reason_kk=text_kk.strip(),
        reason_ru=text_ru.strip(),
    )
    return due_at


def _refuse(faults: Sequence[Refusal], most: int) -> None:
    sentences = {
        Refusal.TEXT_KK: too_short()["kk"],
        Refusal.TEXT_RU: too_short()["ru"],
        Refusal.DAYS: _("Choose a number of working days from 1 to %(most)d.", most=most),
    }
    found = Faults()
    for fault in faults:
        if fault is Refusal.USED:
            raise Conflict(_("The term has been extended as often as the rules allow."))
        found.add(sentences[fault], fault.value)
    found.stop()
