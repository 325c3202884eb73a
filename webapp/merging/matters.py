"""One regional matter out of proposals of several places: one leads, the others are joined to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import granted_territories, refusal, require
from webapp.escalation.models import LadderRung
from webapp.escalation.rules import Cause, Outcome
from webapp.escalation.services import move
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.merging import rules
from webapp.merging.models import Merger
from webapp.merging.services import Pair, merge
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.similarity import candidates
from webapp.territories.models import Territory

#: Only what somebody still decides on is taken up.
TAKEN_UP = frozenset({Stage.COLLECTING, Stage.REVIEW})
READ_AT_MOST = 60
OFFERED_FROM_PERCENT = 15


def places(actor: User, now: datetime) -> list[Territory]:
    """Where a person can make proposals of several places one matter, the smallest place first."""
    held = {place.id: place for place in granted_territories(actor, Role.OFFICER, now)}
    mine = [place for place in held.values() if refusal(actor, Permission.ADOPT, place, now) is None]
    return sorted(mine, key=lambda place: (-len(place.ancestor_ids), place.kato))


def is_below(proposal: Proposal, place: Territory) -> bool:
    """Whether a proposal began below a place and nobody above the place holds it."""
    began_below = place.contains(proposal.origin) and proposal.origin_id != place.id
    return began_below and place.contains(proposal.seat) and Stage(proposal.stage) in TAKEN_UP


def offered(place: Territory, about: str, besides: Proposal | None = None) -> list[Proposal]:
    """Open proposals from below a place on the same matter, likeliest first; `besides` is the one it began with."""
    found = candidates(about, at_most=READ_AT_MOST, least_percent=OFFERED_FROM_PERCENT) if about else []
    rows = [candidate.proposal for candidate in found if besides is None or candidate.proposal.id != besides.id]
    rows = ([besides] if besides is not None else []) + rows
    keys = {key for row in rows for key in (row.seat_id, row.origin_id)}
    near = db.session.scalars(select(Territory).where(Territory.id.in_(keys))).all()  # one query instead of one a row
    assert len(near) == len(keys)
    return [row for row in rows if is_below(row, place)][: rules.MOST * 2]


def adopt(actor: User, place: Territory, lead: Proposal, others: Sequence[Proposal], now: datetime) -> list[Merger]:
    """Join proposals of several places to one, for which the body of the place owes an answer at once.

    All must be locked. Each merger can be undone by itself; the leading proposal stays where it is.
    """
    for one in (lead, *others):
        settle(one, now)
    require(actor, Permission.ADOPT, place, now)
    every = {one.id: one for one in (lead, *others)}
    _check(place, list(every.values()))
    for other in others:
        require(actor, Permission.MERGE, Pair(other, lead), now)
    _take_up(actor, place, lead, len(every), now)
    return [merge(actor, other, lead, now) for other in others]


def _check(place: Territory, every: Sequence[Proposal]) -> None:
    if not rules.makes_a_matter(len(every)):
        raise Invalid(
            _("Select at least %(fewest)d and at most %(most)d proposals.", fewest=rules.FEWEST, most=rules.MOST),
            "proposals",
        )
    if not all(is_below(one, place) for one in every):
        raise Conflict(_("One of these proposals is decided, closed or held elsewhere by now. Choose again."))


def _take_up(actor: User, place: Territory, lead: Proposal, count: int, now: datetime) -> None:
    """Under review at the rung of the place, by its frozen terms; a clock that runs there already goes on."""
    if lead.stage == Stage.REVIEW and lead.seat_id == place.id:
        return
    where = (LadderRung.proposal_id == lead.id, LadderRung.territory_id == place.id)
    rung = db.session.scalars(select(LadderRung).where(*where)).one()
    if not move(
        lead,
        rung,
        Event.ADOPT,
        Cause.ADOPTED,
        now,
        leaving=Outcome.ADOPTED,
        actor=actor,
        proposals=count,
    ):
        raise Conflict(_("This proposal has moved on in the meantime. Look at its page for where it is now."))
