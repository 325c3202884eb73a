"""Copying a measure to another city, writing down what was learned, and reading the lineage with its results."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.delivery.models import JudgingRound, Milestone
from webapp.delivery.reporting import counts_of_measures
from webapp.journal.verbs import Verb
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import all_written
from webapp.people.models import User
from webapp.replicating.rules import Node, makes_cycle, origin_of, tree
from webapp.resources.rules import Sums
from webapp.resources.services import sums_of
from webapp.strategies.models import Measure, Programme
from webapp.strategies.rules import Level
from webapp.strategies.services import begin
from webapp.strategies.versions import tell
from webapp.territories.models import Territory


def replicate(
    actor: User,
    original: Measure,
    territory: Territory,
    content: Mapping[str, Any],
    now: datetime,
    programme: Programme | None = None,
) -> Measure:
    """A draft of the actor's own city that repeats a measure of another one, in its own words.

    Raises `NotAllowed`, `Conflict` where there is nothing to learn from, `Invalid` at a field.
    """
    if not original.is_public:
        raise Conflict(_("Only a published measure can be done in another city."))
    if original.territory_id == territory.id:
        raise Conflict(_("This city does it already."))
    copy: Measure = begin(actor, Level.MEASURE, territory, content, now, parent=programme)
    if makes_cycle(parents(), copy.id, original.id):
        raise Conflict(_("This would make a circle: that measure was learned from yours."))
    copy.replicated_from_id = original.id
    db.session.flush()
    return copy


def write_lessons(actor: User, measure: Measure, kk: str, ru: str, now: datetime) -> None:
    """What the city has learned, for those who do it after it. `measure` must be locked."""
    require(actor, Permission.EDIT_STRATEGY, measure, now)
    if not measure.is_public:
        raise Conflict(_("It is not published yet."))
    if not all_written(kk, ru):
        raise Invalid(_("Write in Kazakh and in Russian."), "lessons_kk")
    if (kk, ru) == (measure.lessons_kk, measure.lessons_ru):
        return
    measure.lessons_kk, measure.lessons_ru = kk, ru
    tell(Verb.MEASURE_LESSONS, measure, now, actor, lessons_kk=kk, lessons_ru=ru)


def parents() -> dict[int, int]:
    """Which measure repeats which, of all there are, in one query."""
    query = select(Measure.id, Measure.replicated_from_id).where(Measure.replicated_from_id.is_not(None))
    return {child: parent for child, parent in db.session.execute(query) if parent is not None}


@dataclass(frozen=True)
class Result:
    """A measure with what came of it. Money in whole tenge; judgements are those of its proposals' supporters."""

    measure: Measure
    done: int
    promised: int
    sums: Sums
    yes: int
    partly: int
    no: int

    @property
    def judged(self) -> int:
        """How many supporters have judged."""
        return self.yes + self.partly + self.no


def results(keys: Collection[int]) -> dict[int, Result]:
    """Published measures among some, with their results side by side, in four queries."""
    query = select(Measure).where(Measure.id.in_(keys), Measure.published_at.is_not(None))
    found = list(db.session.scalars(query))
    counts, sums = counts_of_measures(keys), sums_of(Measure, keys)
    judged = _judged(keys)
    return {
        one.id: Result(one, *counts.get(one.id, (0, 0)), sums[one.id], *judged.get(one.id, (0, 0, 0))) for one in found
    }


def _judged(keys: Collection[int]) -> dict[int, tuple[int, int, int]]:
    """Closed judgements of the proposals that are part of some measures."""
    pairs = (
        select(Milestone.measure_id, Milestone.proposal_id).where(Milestone.measure_id.in_(keys)).distinct().subquery()
    )
    query = (
        select(pairs.c.measure_id, *(func.sum(getattr(JudgingRound, name)) for name in ("yes", "partly", "no")))
        .join(JudgingRound, JudgingRound.proposal_id == pairs.c.proposal_id)
        .where(JudgingRound.closed_at.is_not(None))
        .group_by(pairs.c.measure_id)
    )
    return {key: (int(yes), int(partly), int(no)) for key, yes, partly, no in db.session.execute(query)}


def lineage(measure: Measure) -> tuple[list[Node], dict[int, Result]]:
    """The whole tree that a measure belongs to, from the first city outward, without drafts; with results."""
    known = parents()
    nodes = tree(known, origin_of(known, measure.id))
    found = results([node.key for node in nodes])
    return [node for node in nodes if node.key in found], found


def network(at_most: int = 200) -> tuple[list[tuple[Measure, Measure]], dict[int, Result]]:
    """Published measures that repeat another: (the copy, what it repeats), the newest first; with results."""
    known = parents()
    found = results({*known, *known.values()})
    pairs = [
        (found[child].measure, found[parent].measure)
        for child, parent in known.items()
        if child in found and parent in found
    ]
    pairs.sort(key=lambda pair: -pair[0].id)
    return pairs[:at_most], found
