"""What falls due on reports and hidings, as of the date that was due; each verb settles it before it acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from webapp.flagging.models import FlagReview, Hiding
from webapp.flagging.rules import Extent, Outcome, What
from webapp.journal.services import record, recorded_late
from webapp.journal.verbs import Verb
from webapp.kernel.database import changed, db
from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.kernel.presence import there_until
from webapp.photos.services import remove
from webapp.proposals.models import Proposal
from webapp.proposals.terms import index_anew
from webapp.rulebook.outages import MOVERS, Mover
from webapp.rulebook.services import due_after, rule_in_force, working_days_since
from webapp.territories.services import ladder


def settle_review(review: FlagReview, now: datetime) -> int:
    """Each term in which nobody looked at the reports; returns how many. The review and its proposal must be locked."""
    done = 0
    while review.decided_at is None and review.due_at is not None and review.due_at <= min(now, there_until(now)):
        with recorded_late(now):
            _overlook(review, review.due_at)
        db.session.flush()
        done += 1
    return done


def settle_hiding(hiding: Hiding, now: datetime) -> int:
    """The end of the window for an appeal, or of the term for a decision on it. Row and proposal must be locked."""
    if hiding.due_at is None or hiding.due_at > min(now, there_until(now)):
        return 0
    with recorded_late(now):
        _end_term(hiding, hiding.due_at)
    db.session.flush()
    return 1


def _overlook(review: FlagReview, due: datetime) -> None:
    """Nobody looked at the reports in the term: that is on record, and the next rung's moderators have them now.

    At the top nobody is above: they stay there, overdue, and are recorded again at the end of each further term.
    """
    steps = ladder(review.desk)
    left = review.desk_id
    next_desk = steps[1] if len(steps) > 1 else review.desk
    terms, _row = rule_in_force(next_desk, due)
    review.desk, review.overdue_at = next_desk, review.overdue_at or due
    review.due_at = due_after(terms.triage_working_days, due)
    record(
        Verb.BODY_SILENT,
        review,
        due,
        proposal_id=review.proposal_id,
        territory_id=left,
        due_at=due.isoformat(),
        next_due_at=review.due_at.isoformat(),
        what="flags",
        at_top=next_desk.id == left,
    )


def _end_term(hiding: Hiding, due: datetime) -> None:
    if hiding.waits_for_a_decision:
        show_by_silence(hiding, due)
        return
    hiding.due_at = None
    if hiding.what == What.PHOTO:  # the last word is spoken: who may be on it does not stay in a folder
        remove(proposal_id=hiding.proposal_id)


def show_by_silence(hiding: Hiding, due: datetime) -> None:
    """Nobody decided on the appeal in its term: the content is there again, and that is on record."""
    changes = {"decided_at": due, "decision": Outcome.SILENCE.value, "due_at": None, "lifted_at": due}
    step(hiding, Hiding.decided_at.is_(None), **changes)
    mark_hidden(hiding.proposal, hiding, None)
    record(Verb.BODY_SILENT, hiding, due, **where_of(hiding), due_at=due.isoformat(), what="hiding-appeal")
    facts = {"what": hiding.what, "reason": hiding.reason, "by": "silence"}
    record(Verb.CONTENT_SHOWN, hiding, due, **where_of(hiding), **facts, **waited(hiding.appealed_at or due, due))


def step(hiding: Hiding, still: Any, **changes: Any) -> None:
    """Compare and set: one of two who act at once is told that the other was first."""
    where = (Hiding.id == hiding.id, Hiding.lifted_at.is_(None), still)
    done = changed(update(Hiding).where(*where).values(**changes))
    if done != 1:
        raise Conflict(_("This has been decided in the meantime."))
    db.session.refresh(hiding)


def mark_hidden(proposal: Proposal, hiding: Hiding, reason: str | None) -> None:
    """Set or take away what `proposals/hiding.py` reads; the words of similar proposals follow."""
    if hiding.extent is Extent.PHOTO:
        proposal.photo_hidden_reason = reason
        return
    proposal.hidden = hiding.extent.value if reason else None
    proposal.hidden_reason = reason
    db.session.flush()
    index_anew(proposal)


def where_of(matter: FlagReview | Hiding) -> dict[str, Any]:
    """Where a fact about it belongs: the proposal and the territory on whose desk it lies."""
    return {"proposal_id": matter.proposal_id, "territory_id": matter.desk_id}


def waited(since: datetime, now: datetime) -> dict[str, int]:
    """How many working days it has waited, for the statistics of moderation."""
    return {"working_days": working_days_since(since, now)}


def move_dates(mover: Mover) -> int:
    """An absence of the site moves the terms of open reviews, of windows for appeals and of appeals."""
    moved = mover.in_working_days
    reviews = mover.move(FlagReview.due_at, moved, FlagReview.decided_at.is_(None))
    mover.move(Hiding.appeal_until, moved, Hiding.lifted_at.is_(None), Hiding.appealed_at.is_(None))
    return reviews + mover.move(Hiding.due_at, moved, Hiding.lifted_at.is_(None))


MOVERS.append(move_dates)
