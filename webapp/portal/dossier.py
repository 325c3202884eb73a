"""Everything the page of a proposal shows, gathered in a dozen queries."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from flask import url_for
from sqlalchemy import select

from webapp.escalation.models import LadderRung
from webapp.escalation.rules import RungStanding, progress
from webapp.escalation.tallies import standings
from webapp.journal.services import timeline
from webapp.kernel.clock import local_date
from webapp.kernel.database import db
from webapp.kernel.i18n import format_date, format_number, localized
from webapp.kernel.i18n import gettext as _
from webapp.portal import standing, votes, words
from webapp.portal.timeline import events
from webapp.proposals.authors import author_name
from webapp.proposals.choices import said_of_first
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.rulebook.outages import facts_of_outages
from webapp.rulebook.rules import threshold
from webapp.rulebook.services import rules_in_force, working_days_left, working_days_since
from webapp.territories.models import Body
from webapp.territories.services import ladder

Found = list[tuple[LadderRung, RungStanding]] | list[tuple[Any, RungStanding]]


def bodies_on(territory_ids: list[int], now: datetime) -> dict[int, Body]:
    """The bodies that answer for some territories today."""
    today = local_date(now)
    query = select(Body).where(Body.territory_id.in_(territory_ids), Body.valid_from <= today)
    query = query.where((Body.valid_until.is_(None)) | (Body.valid_until >= today)).order_by(Body.valid_from)
    return {body.territory_id: body for body in db.session.scalars(query)}


def ladder_of(proposal: Proposal, now: datetime) -> Found:
    """The rungs with their standing; before publication as they would be frozen now."""
    found = standings(proposal.id)
    if found:
        return found
    rows = []
    steps = ladder(proposal.origin)
    for position, (territory, (terms, _row)) in enumerate(zip(steps, rules_in_force(steps, now), strict=True)):
        rung = SimpleNamespace(
            territory_id=territory.id,
            territory=territory,
            position=position,
            outcome="",
            spread_supports=terms.spread_supports,
            left_at=None,
            arrived_at=None,
        )
        wanted = threshold(terms, territory.population)
        rows.append((rung, RungStanding(wanted, 0, 0, terms.minimum_support_percent, terms.spread_places, 0, False)))
    return rows


def _state(rung: LadderRung, seat: int, proposal: Proposal) -> tuple[str, str]:
    if rung.position == seat:
        if proposal.stage in (Stage.ACCEPTED, Stage.IMPLEMENTING, Stage.DONE):
            return "accepted", words.stage_labels()[proposal.stage]
        if proposal.stage == Stage.DECLINED:
            return "declined", _("Declined")
        return "current", words.stage_labels()[proposal.stage]
    outcomes = {
        "silent": ("silent", _("Not answered in time")),
        "declined": ("declined", _("Declined")),
        "passed-up": ("passed", _("Passed up")),
        "handed-down": ("passed", _("Handed down")),
        "climbed": ("passed", _("Moved up by support")),
        "adopted": ("passed", _("Taken up above")),
        "accepted": ("accepted", _("Accepted")),
    }
    if rung.outcome in outcomes:
        return outcomes[rung.outcome]
    return ("passed", _("Passed")) if rung.position < seat else ("ahead", _("Still to come"))


def _rung_date(rung: LadderRung, proposal: Proposal, seat: int, now: datetime) -> str:
    if rung.position == seat and proposal.closed_at is None:
        return said_of_first(proposal, now)
    if rung.position == seat and proposal.stage == Stage.DONE and proposal.closed_at:
        return format_date(proposal.closed_at)  # the rung was left with the answer, long before the work was done
    moment = rung.left_at or rung.arrived_at
    return format_date(moment) if moment else ""


def ladder_for_page(
    proposal: Proposal, found: Found, bodies: dict[int, Body], reach: votes.Reach, now: datetime
) -> list[dict[str, Any]]:
    """Rungs for the ladder macro, lowest first; those whose bars the reader's own vote moves are marked for them."""
    mine = {place.id for place in reach.counts} if reach.is_counted else set()
    seat = seat_position(proposal, found)
    labels = words.level_labels()
    rungs = []
    for rung, support in found:
        state, state_label = _state(rung, seat, proposal)
        spread = ""
        if support.spread_places:
            spread = _(
                "Places with enough supporters (at least %(supports)d each): %(places)d of %(wanted)d",
                places=min(support.places, support.spread_places),
                wanted=support.spread_places,
                supports=rung.spread_supports,
            )
        rungs.append(
            {
                "territory": localized(rung.territory),
                "body": localized(bodies[rung.territory_id]) if rung.territory_id in bodies else "",
                "url": url_for("places.territory", kato=rung.territory.kato),
                "position": rung.territory.rung,
                "level_label": labels[rung.territory.rung],
                "state": state,
                "state_label": state_label,
                "date_label": _rung_date(rung, proposal, seat, now),
                "supports": support.supports,
                "opposes": support.opposes,
                "threshold": support.threshold,
                "percent": progress(support.supports, support.threshold) // 10,
                "spread_label": spread,
                "is_mine": rung.territory_id in mine,
            }
        )
    return rungs


def seat_position(proposal: Proposal, found: Found) -> int:
    """The rung that holds the proposal; a foreign seat (forwarded elsewhere) counts as the first."""
    return next((rung.position for rung, _s in found if rung.territory_id == proposal.seat_id), 0)


def _still(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and now < moment else None


def standing_of(
    proposal: Proposal, found: Found, bodies: dict[int, Body], reach: votes.Reach, now: datetime
) -> list[dict[str, str]]:
    """The four lines of a proposal."""
    seat = seat_position(proposal, found)
    stage = Stage(proposal.stage)
    above = found[seat + 1][0].territory_id if seat + 1 < len(found) else None
    votes_open = proposal.accepts_votes(now)
    return standing.lines(
        standing.Where(
            stage=stage,
            body=localized(bodies[proposal.seat_id]) if proposal.seat_id in bodies else localized(proposal.seat),
            above=localized(bodies[above]) if above in bodies else "",
            due_at=proposal.due_at,
            left=working_days_left(proposal.due_at, now) if proposal.due_at else 0,
            is_closed=proposal.closed_at is not None,
            overdue_since=proposal.overdue_at,
            late_by=working_days_since(proposal.overdue_at, now) if proposal.overdue_at else 0,
            is_silent=proposal.silent_at is not None,
            votes_open=votes_open,
            voters_part=votes.your_part(reach),
            appeal_until=_still(proposal.appeal_until, now)
            if stage in (Stage.DECLINED, Stage.REJECTED) and proposal.closed_at is None
            else None,
            support_until=proposal.closes_at if votes_open and above is not None else None,
        )
    )


def dossier(actor: Any, proposal: Proposal, now: datetime) -> dict[str, Any]:
    """The context of the page."""
    found = ladder_of(proposal, now)
    facts = timeline(proposal.id, facts_of_outages(proposal.submitted_at, proposal.closed_at or now))
    ids = (
        {rung.territory_id for rung, _s in found}
        | {proposal.seat_id}
        | {fact.territory_id for fact in facts if fact.territory_id}
    )
    bodies = bodies_on(sorted(ids), now)
    reach = votes.reach_of(actor, proposal, found, seat_position(proposal, found), now)
    return {
        "proposal": proposal,
        "stage_label": words.stage_labels()[proposal.stage],
        "sphere_label": words.sphere_labels().get(proposal.sphere, ""),
        "rungs": ladder_for_page(proposal, found, bodies, reach, now),
        "lines": standing_of(proposal, found, bodies, reach, now),
        "vote": votes.panel(actor, proposal, reach, now),
        "events": events(facts, bodies),
        "bodies": bodies,
        "today": local_date(now),
        "author_name": author_name(proposal),
        "author_url": url_for("public_organisations.show", key=proposal.organisation_id)
        if proposal.organisation_id
        else "",
        "number_of": format_number,
    }
