"""What moderators decide: reviewed and stays, hidden, kept hidden, shown again; and the author's appeal between them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import update

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.flagging.models import FlagReview, Hiding
from webapp.flagging.rules import Decision, Extent, Outcome, hiding_faults
from webapp.flagging.terms import mark_hidden, settle_hiding, settle_review, show_by_silence, step, waited, where_of
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import changed, db
from webapp.kernel.errors import Conflict
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.photos.services import photo_of
from webapp.rulebook.services import due_after, rule_in_force


class Verdict(NamedTuple):
    """A hiding as the moderator wrote it: how much, why, and a sentence for everybody."""

    extent: str
    reason: str
    sentence: str
    note: str = ""


#: The decision that nobody took: `flagging/terms.py`.
__all__ = ["appeal", "check", "decide_appeal", "hide", "let_stay", "show_by_silence"]


def let_stay(actor: User, review: FlagReview, note: str, now: datetime) -> None:
    """Reviewed, stays: recorded in public, without saying who reported what."""
    settle_review(review, now)
    require(actor, Permission.REVIEW_FLAGS, review, now)
    _decide(actor, review, Decision.STAYS, note, now)
    facts = {"what": review.what, **waited(review.opened_at, now)}
    record(Verb.FLAGS_REVIEWED, review, now, actor=actor, **where_of(review), **facts)


def check(review: FlagReview, verdict: Verdict) -> None:
    """Raise `Invalid` at the field of a hiding that has to be changed."""
    sentences = {
        "extent": _("Choose how much is hidden."),
        "reason": _("Choose a reason from the list."),
        "sentence": _(
            "Write one sentence for everybody, of 10 to 500 characters, that does not repeat what is hidden."
        ),
    }
    found = Faults()
    for fault in hiding_faults(review.what, verdict.extent, verdict.reason, verdict.sentence):
        found.add(sentences[fault], fault)
    found.stop()


def hide(actor: User, review: FlagReview, verdict: Verdict, now: datetime) -> Hiding:
    """Put a mark with the reason in the place of what was reported. The review's proposal must be locked."""
    settle_review(review, now)
    require(actor, Permission.REVIEW_FLAGS, review, now)
    check(review, verdict)
    proposal = review.proposal
    if verdict.extent == Extent.PHOTO and photo_of(proposal_id=proposal.id) is None:
        raise Conflict(_("The photo has been removed in the meantime."))
    _decide(actor, review, Decision.HIDDEN, verdict.note, now)
    terms, _row = rule_in_force(review.desk, now)
    until = due_after(terms.appeal_working_days, now)
    hiding = Hiding(
        proposal_id=proposal.id,
        what=review.what,
        with_title=verdict.extent == Extent.TITLE_AND_TEXT,
        reason=verdict.reason,
        sentence=verdict.sentence,
        desk_id=review.desk_id,
        by_id=actor.id,
        at=now,
        appeal_until=until,
        due_at=until,
    )
    db.session.add(hiding)
    db.session.flush()
    mark_hidden(proposal, hiding, verdict.reason)
    facts = {"what": hiding.what, "with_title": hiding.with_title, "reason": hiding.reason}
    facts |= {"sentence": hiding.sentence, "due_at": until.isoformat(), **waited(review.opened_at, now)}
    record(Verb.CONTENT_HIDDEN, hiding, now, actor=actor, **where_of(hiding), **facts)
    return hiding


def appeal(actor: User, hiding: Hiding, note: str, now: datetime) -> None:
    """The author asks another moderator, or the next rung, to look at it. The silence of all shows it again."""
    settle_hiding(hiding, now)
    require(actor, Permission.APPEAL, hiding.proposal, now)
    if not hiding.may_be_appealed(now):
        raise Conflict(_("The term for an appeal is over."))
    terms, _row = rule_in_force(hiding.desk, now)
    due_at = due_after(terms.triage_working_days, now)
    step(hiding, Hiding.appealed_at.is_(None), appealed_at=now, appeal_note=note, due_at=due_at)
    facts = {"what": hiding.what, "reason": hiding.reason, "due_at": due_at.isoformat()}
    speaks_for = hiding.proposal.organisation
    record(Verb.HIDING_APPEALED, hiding, now, actor=actor, acting_for=speaks_for, **where_of(hiding), **facts)


def decide_appeal(actor: User, hiding: Hiding, outcome: str, answer: str, now: datetime) -> None:
    """Keep it hidden, or show it again; never by who hid it. The proposal must be locked."""
    settle_hiding(hiding, now)
    require(actor, Permission.DECIDE_APPEAL, hiding, now)
    found = Faults()
    if outcome not in (Outcome.KEPT, Outcome.SHOWN):
        found.add(_("Choose whether it stays hidden."), "outcome")
    if not answer.strip():
        found.add(_("Write to the author why."), "answer")
    found.stop()
    changes: dict[str, Any] = {"decided_at": now, "decision": outcome, "decided_by_id": actor.id, "answer": answer}
    changes |= {"due_at": None, "lifted_at": now if outcome == Outcome.SHOWN else None}
    step(hiding, Hiding.decided_at.is_(None), **changes)
    facts = {"what": hiding.what, "reason": hiding.reason, "by": "moderator", "answer": answer}
    facts |= waited(hiding.appealed_at or now, now)
    if outcome == Outcome.SHOWN:
        mark_hidden(hiding.proposal, hiding, None)
    verb = Verb.CONTENT_SHOWN if outcome == Outcome.SHOWN else Verb.HIDING_UPHELD
    record(verb, hiding, now, actor=actor, **where_of(hiding), **facts)


def _decide(actor: User, review: FlagReview, decision: Decision, note: str, now: datetime) -> None:
    done = changed(
        update(FlagReview)
        .where(FlagReview.id == review.id, FlagReview.decided_at.is_(None), FlagReview.desk_id == review.desk_id)
        .values(decided_at=now, decision=decision.value, note=note, decided_by_id=actor.id, due_at=None)
    )
    if done != 1:
        raise Conflict(_("A colleague has decided on these reports in the meantime."))
    db.session.refresh(review)
