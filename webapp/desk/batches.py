"""One act on many proposals: at most fifty, looked at first, taken back within a minute."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import refusal, require
from webapp.desk.rules import BULK_MAX
from webapp.kernel.database import db, locked
from webapp.kernel.errors import Conflict, DomainError, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.moderation import services as moderation
from webapp.moderation.reasons import offered
from webapp.moderation.rules import UNDO
from webapp.moderation.undoing import ensure_unchanged, undo_batch, version_of
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import SPHERES, Stage
from webapp.teamwork.models import Batch
from webapp.teamwork.services import assign, holders_of, put_back, share_out
from webapp.territories.services import by_kato

ACTS = ("assign", "categorise", "forward", "reject")


@dataclass
class Outcome:
    """What became of an act: how many were done, which were left because they had changed, the token to take it back."""

    done: int = 0
    left: list[Proposal] = field(default_factory=list)
    token: str = ""


def chosen(actor: User, keys: Sequence[int], now: datetime) -> list[tuple[Proposal, int]]:
    """Those of the chosen proposals that this person may decide on now, with the number of what was seen."""
    if not keys:
        raise Invalid(_("Choose proposals in the list first."))
    if len(keys) > BULK_MAX:
        raise Invalid(_("Choose fewer proposals: at most %(max)d at once.", max=BULK_MAX))
    query = select(Proposal).where(Proposal.id.in_(keys)).order_by(Proposal.due_at, Proposal.id)
    rows = list(db.session.scalars(query))
    found = [
        (row, version_of(row.id))
        for row in rows
        if row.stage == Stage.SUBMITTED and refusal(actor, Permission.TRIAGE, row, now) is None
    ]
    if not found and rows:
        require(actor, Permission.TRIAGE, rows[0], now)
    if not found:
        raise Conflict(_("None of these waits for you any more."))
    return found


def act_on_many(
    actor: User, act: str, seen: dict[int, int], choice: str, now: datetime, *, person: User | None = None
) -> Outcome:
    """Do one thing with many proposals. `seen` maps ids to what was seen; `choice` is a sphere, a code or a reason.

    What has changed meanwhile is left alone and named. Wrong input changes nothing.
    """
    if act not in ACTS:
        raise Invalid(_("Choose what is to be done."))
    if len(seen) > BULK_MAX:
        raise Invalid(_("Choose fewer proposals: at most %(max)d at once.", max=BULK_MAX))
    _check(act, choice, now)
    outcome = Outcome(token=secrets.token_hex(16))
    before: list[dict[str, Any]] = []
    for key in sorted(seen):
        proposal = locked(Proposal, key)
        if proposal is None:
            continue
        settle(proposal, now)
        try:
            require(actor, Permission.TRIAGE, proposal, now)
            ensure_unchanged(proposal, seen[key])
            was = _kept(proposal)
            _do(actor, act, proposal, choice, now, outcome.token, person)
            before.append(was | {"became": _kept(proposal)})
            outcome.done += 1
        except DomainError as error:
            if isinstance(error, Invalid):
                raise
            outcome.left.append(proposal)
    row = Batch(token=outcome.token, user_id=actor.id, act=act, count=outcome.done, at=now, before=before)
    db.session.add(row)
    db.session.flush()
    return outcome


def _check(act: str, choice: str, now: datetime) -> None:
    if act == "categorise" and choice not in SPHERES:
        raise Invalid(_("Choose one of the eight spheres."), "sphere")
    if act == "reject" and choice not in offered(now):
        raise Invalid(_("Choose a reason from the list: the author has to know why."), "reason")
    if act == "forward" and by_kato(choice[:9]) is None:
        raise Invalid(_("Choose another body that can take it."), "target")


def _kept(proposal: Proposal) -> dict[str, Any]:
    return {"proposal_id": proposal.id, "sphere": proposal.sphere, **holders_of(proposal)}


def _do(actor: User, act: str, proposal: Proposal, choice: str, now: datetime, token: str, person: User | None) -> None:
    if act == "assign":
        if person is None:
            share_out(actor, [proposal], now)
        else:
            assign(actor, proposal, person, now)
    elif act == "categorise":
        proposal.sphere = choice
    elif act == "reject":
        moderation.reject(actor, proposal, choice, now).batch = token
    else:
        target = by_kato(choice[:9])
        assert target is not None
        moderation.forward(actor, proposal, target, now).batch = token


def take_back(actor: User, batch: Batch, now: datetime) -> tuple[int, int]:
    """Undo what was done together, within a minute; returns how many were taken back and how many could not be.

    Each is asked about as it is now: whether it is still as the batch left it (a colleague may have gone on with
    it within the minute), and whether whoever takes it back may still do that.
    """
    require(actor, Permission.SEE_DESK, None, now)
    if batch.user_id != actor.id or batch.undone_at is not None or now - batch.at > UNDO:
        raise Conflict(_("This can no longer be taken back."))
    batch.undone_at = now
    if batch.act in ("forward", "reject"):
        return undo_batch(actor, batch.token, now)
    done = 0
    for was in batch.before:
        proposal = locked(Proposal, was["proposal_id"])
        if proposal is not None:
            settle(proposal, now)
        if proposal is None or not _is_as_left(proposal, was, batch.act):
            continue
        if refusal(actor, Permission.TRIAGE, proposal, now) is not None:
            continue
        if batch.act == "categorise":
            proposal.sphere = was["sphere"]
        else:
            put_back(proposal, was["department_id"], was["assignee_id"], now)
        done += 1
    return done, batch.count - done


def _is_as_left(proposal: Proposal, was: dict[str, Any], act: str) -> bool:
    """Whether nobody has gone on with it since the batch: neither decided on it nor changed what the batch had set."""
    there, left = _kept(proposal), was.get("became", {})
    names = ("sphere",) if act == "categorise" else ("department_id", "assignee_id")
    return proposal.stage == Stage.SUBMITTED and all(name in left and there[name] == left[name] for name in names)
