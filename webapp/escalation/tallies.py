"""Counting: one vote is one change in every territory that contains the voter's home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import case, func, select, text
from sqlalchemy.orm import aliased, joinedload

from webapp.escalation import rules
from webapp.escalation.models import LadderRung, Tally
from webapp.kernel.database import db
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.territories.models import Territory

COLUMNS = ("supports", "opposes", "organisation_supports", "organisation_opposes")
#: The hot path speaks SQL: both databases understand the same words, and no number is computed in Python.
_ADD = text(
    "INSERT INTO tally (proposal_id, territory_id, supports, opposes, organisation_supports, organisation_opposes) "
    "VALUES (:proposal, :territory, :supports, :opposes, :organisation_supports, :organisation_opposes) "
    "ON CONFLICT (proposal_id, territory_id) DO UPDATE SET supports = tally.supports + excluded.supports, "
    "opposes = tally.opposes + excluded.opposes, "
    "organisation_supports = tally.organisation_supports + excluded.organisation_supports, "
    "organisation_opposes = tally.organisation_opposes + excluded.organisation_opposes"
)
_SUMS = ", ".join(f"{column} = {column} + :{column}" for column in COLUMNS)
_CHANGE = text(f"UPDATE tally SET {_SUMS} WHERE proposal_id = :proposal AND territory_id = :territory")  # nosec B608  # noqa: S608 (constants)
_ON_PROPOSAL = text(f"UPDATE proposal SET {_SUMS} WHERE id = :proposal")  # nosec B608  # noqa: S608 (constants)
_FOOTINGS = text(
    "SELECT r.id, r.territory_id, r.position, r.threshold, COALESCE(t.supports, 0) AS supports, COALESCE(t.opposes, 0) AS opposes, "
    "r.minimum_support_percent, r.spread_places, CASE WHEN r.reached_at IS NULL THEN 0 ELSE 1 END AS reached, "
    "CASE WHEN r.spread_places = 0 THEN 0 ELSE (SELECT count(*) FROM tally ct JOIN territory c ON c.id = ct.territory_id "
    "WHERE ct.proposal_id = r.proposal_id AND c.parent_id = r.territory_id AND ct.supports >= r.spread_supports) END AS places "
    "FROM ladder_rung r LEFT JOIN tally t ON t.proposal_id = r.proposal_id AND t.territory_id = r.territory_id "
    "WHERE r.proposal_id = :proposal ORDER BY r.position"
)
_PROGRESS = text(
    "UPDATE proposal SET progress = :progress, next_supports = :supports, next_threshold = :threshold, next_territory_id = :territory WHERE id = :proposal"
)
_rungs_of_home: dict[tuple[int, str], tuple[int, ...]] = {}


@dataclass(frozen=True)
class Delta:
    """A change of tallies: all numbers 0 or more, or all 0 or less."""

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
    # a check constraint would refuse the negative half of an upsert; what is taken back has a row already
    statement = _CHANGE if min(changes.values()) < 0 else _ADD
    connection = db.session.connection()
    for territory_id in rungs_of_home(home):
        connection.execute(statement, {"proposal": proposal.id, "territory": territory_id, **changes})
    connection.execute(_ON_PROPOSAL, {"proposal": proposal.id, **changes})


def shift(proposal_id: int, changes: Mapping[int, Sequence[int]], total: Sequence[int]) -> None:
    """Add what the recount found missing (or take away what was too much), by territory and on the proposal, in SQL."""
    connection = db.session.connection()
    for territory_id, numbers in sorted(changes.items()):
        for statement, part in ((_ADD, [max(n, 0) for n in numbers]), (_CHANGE, [min(n, 0) for n in numbers])):
            if any(part):
                where = {"proposal": proposal_id, "territory": territory_id}
                connection.execute(statement, where | dict(zip(COLUMNS, part, strict=True)))
    connection.execute(_ON_PROPOSAL, {"proposal": proposal_id} | dict(zip(COLUMNS, total, strict=True)))


class Footing(NamedTuple):
    """A rung of a proposal with its support as it is in the database now."""

    rung_id: int
    territory_id: int
    position: int
    standing: rules.RungStanding


def footings(proposal_id: int) -> list[Footing]:
    """The rungs of a proposal, lowest first."""
    return [
        Footing(
            row.id,
            row.territory_id,
            row.position,
            rules.RungStanding(
                row.threshold,
                row.supports,
                row.opposes,
                row.minimum_support_percent,
                row.spread_places,
                row.places,
                bool(row.reached),
            ),
        )
        for row in db.session.connection().execute(_FOOTINGS, {"proposal": proposal_id})
    ]


def standings(proposal_id: int) -> list[tuple[LadderRung, rules.RungStanding]]:
    """The same with the whole rows, for pages and decisions, in one query."""
    inside, own = aliased(Tally), aliased(Tally)
    reached = (
        select(func.count())
        .select_from(inside)
        .join(Territory, Territory.id == inside.territory_id)
        .where(
            inside.proposal_id == LadderRung.proposal_id,
            Territory.parent_id == LadderRung.territory_id,
            inside.supports >= LadderRung.spread_supports,
        )
        .correlate(LadderRung)
        .scalar_subquery()
    )
    query = (
        select(
            LadderRung,
            func.coalesce(own.supports, 0),
            func.coalesce(own.opposes, 0),
            case((LadderRung.spread_places == 0, 0), else_=reached),
        )
        .outerjoin(own, (own.proposal_id == LadderRung.proposal_id) & (own.territory_id == LadderRung.territory_id))
        .where(LadderRung.proposal_id == proposal_id)
        .options(joinedload(LadderRung.territory))
        .order_by(LadderRung.position)
        .execution_options(populate_existing=True)
    )
    return [
        (
            rung,
            rules.RungStanding(
                rung.threshold,
                supports,
                opposes,
                rung.minimum_support_percent,
                rung.spread_places,
                places,
                rung.reached_at is not None,
            ),
        )
        for rung, supports, opposes, places in db.session.execute(query)
    ]


def remember_progress(proposal: Proposal, found: list[Footing] | None = None) -> None:
    """Keep the way to the next threshold on the proposal, for lists to show and sort by."""
    db.session.flush()
    found = footings(proposal.id) if found is None else found
    seat = next((footing.position for footing in found if footing.territory_id == proposal.seat_id), 0)
    target = rules.next_target(Stage(proposal.stage), seat, len(found))
    supports = threshold = 0
    territory = None
    if target is not None:
        _id, territory, _position, standing = found[target]
        supports, threshold = standing.supports, standing.threshold
    done = rules.progress(supports, threshold) if target is not None else 0
    values = {
        "proposal": proposal.id,
        "progress": done,
        "supports": supports,
        "threshold": threshold,
        "territory": territory,
    }
    db.session.connection().execute(_PROGRESS, values)
