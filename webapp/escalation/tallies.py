"""Counting: one vote is one change in every territory that contains the voter's home."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from webapp.escalation import rules
from webapp.escalation.models import LadderRung, Tally
from webapp.kernel.database import db, insert
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.territories.models import Territory

COLUMNS = ("supports", "opposes", "organisation_supports", "organisation_opposes")
_rungs_of_home: dict[tuple[int, str], tuple[int, ...]] = {}


@dataclass(frozen=True)
class Delta:
    """A change of tallies, each number -1, 0 or 1."""

    supports: int = 0
    opposes: int = 0
    organisation_supports: int = 0
    organisation_opposes: int = 0


def rungs_of_home(home: Territory) -> tuple[int, ...]:
    """Ids of the territories in which a vote from this home counts, the nation first.

    The order is the same for everybody, so that two voters never wait for each other.
    """
    key = (home.id, home.path)
    known = _rungs_of_home.get(key)
    if known is None:
        ids = db.session.scalars(select(Territory.id).where(Territory.id.in_(home.ancestor_ids), Territory.rung != ""))
        known = _rungs_of_home[key] = tuple(sorted(ids))
    return known


def count(proposal: Proposal, home: Territory, delta: Delta) -> None:
    """Add a change to the tallies of the home's territories and to the proposal, in SQL."""
    changes = {column: getattr(delta, column) for column in COLUMNS}
    changed = {column: value for column, value in changes.items() if value}
    for column, value in changed.items():
        if value < 0:  # a check constraint would refuse the negative half of an upsert
            break
    else:
        rows = [{"proposal_id": proposal.id, "territory_id": key, **changes} for key in rungs_of_home(home)]
        statement = insert(Tally).values(rows)
        table = Tally.__table__.c
        sums = {column: table[column] + statement.excluded[column] for column in changed}
        db.session.execute(statement.on_conflict_do_update(index_elements=["proposal_id", "territory_id"], set_=sums))
        _count_on_proposal(proposal, changed)
        return
    for key in rungs_of_home(home):
        sums = {column: getattr(Tally, column) + value for column, value in changed.items()}
        where = (Tally.proposal_id == proposal.id, Tally.territory_id == key)
        db.session.execute(update(Tally).where(*where).values(sums).execution_options(synchronize_session=False))
    _count_on_proposal(proposal, changed)


def _count_on_proposal(proposal: Proposal, changed: dict[str, int]) -> None:
    sums = {column: getattr(Proposal, column) + value for column, value in changed.items()}
    statement = update(Proposal).where(Proposal.id == proposal.id).values(sums)
    db.session.execute(statement.execution_options(synchronize_session=False))


def standings(proposal_id: int) -> list[tuple[LadderRung, rules.RungStanding]]:
    """The rungs of a proposal, lowest first, with their support as it is in the database."""
    child, child_tally = aliased(Territory), aliased(Tally)
    places = (
        select(func.count())
        .select_from(child_tally)
        .join(child, child.id == child_tally.territory_id)
        .where(
            child_tally.proposal_id == LadderRung.proposal_id,
            child.parent_id == LadderRung.territory_id,
            child_tally.supports >= LadderRung.spread_supports,
            LadderRung.spread_places > 0,
        )
        .correlate(LadderRung)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(LadderRung, func.coalesce(Tally.supports, 0), func.coalesce(Tally.opposes, 0), places)
        .outerjoin(Tally, (Tally.proposal_id == LadderRung.proposal_id) & (Tally.territory_id == LadderRung.territory_id))
        .where(LadderRung.proposal_id == proposal_id)
        .order_by(LadderRung.position)
        .execution_options(populate_existing=True)
    )
    return [
        (
            rung,
            rules.RungStanding(
                threshold=rung.threshold,
                supports=supports,
                opposes=opposes,
                minimum_support_percent=rung.minimum_support_percent,
                spread_places=rung.spread_places,
                places=places,
                reached=rung.reached_at is not None,
            ),
        )
        for rung, supports, opposes, places in rows
    ]


def remember_progress(proposal: Proposal, rungs: list[tuple[LadderRung, rules.RungStanding]]) -> None:
    """Keep the way to the next threshold on the proposal, for lists to show and sort by."""
    seat = next((row.position for row, _standing in rungs if row.territory_id == proposal.seat_id), 0)
    target = rules.next_target(Stage(proposal.stage), seat, len(rungs))
    if target is None:
        changes = {"progress": 0, "next_supports": 0, "next_threshold": 0, "next_territory_id": None}
    else:
        row, standing = rungs[target]
        done = rules.progress(standing.supports, standing.threshold)
        changes = {
            "progress": done,
            "next_supports": standing.supports,
            "next_threshold": standing.threshold,
            "next_territory_id": row.territory_id,
        }
    statement = update(Proposal).where(Proposal.id == proposal.id).values(changes)
    db.session.execute(statement.execution_options(synchronize_session=False))
