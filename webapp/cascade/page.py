"""What the pages of directions, programmes and measures show, gathered in at most a dozen queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import granted_territories, refusal
from webapp.cascade.models import Serving
from webapp.cascade.services import came_up, line_above
from webapp.cascade.words import PLURAL_OF, level_labels, source_labels, step, url_of
from webapp.delivery.page import plan
from webapp.delivery.reporting import counts_of_measures
from webapp.delivery.services import milestones_of_measure
from webapp.kernel.i18n import localized
from webapp.proposals.choices import spheres, stages
from webapp.proposals.models import Proposal
from webapp.resources.commitments import commitments_of, wanted
from webapp.resources.rules import Kind, Sums, total
from webapp.resources.services import sums_of, sums_of_programmes
from webapp.strategies.models import Direction, Measure, Programme
from webapp.strategies.reading import (
    AT_MOST,
    adapting,
    count_copies,
    count_measures,
    found_measure,
    measures,
    programmes,
)
from webapp.strategies.rules import Level
from webapp.strategies.services import homes
from webapp.strategies.versions import Subject, indicators_of, level_of
from webapp.strategies.wording import said


def sources_of(sums: Sums) -> list[dict[str, Any]]:
    """A row of the table of money for each source that has something."""
    labels = source_labels()
    return [
        {"label": labels[source], **{kind.value: sums.of(kind, source) for kind in Kind}} for source in sums.sources
    ]


def frame(actor: Any, subject: Subject, now: datetime) -> dict[str, Any]:
    """What all pages of the three levels share."""
    level = level_of(subject)
    above = line_above(subject)
    return {
        "subject": subject,
        "level": level.value,
        "level_label": level_labels()[level.value],
        "plural": PLURAL_OF[level],
        "title": said(subject),
        "owner": said(subject, "owner"),
        "sphere_label": spheres().get(subject.sphere, ""),
        "line": [step(one, one is subject) for one in above],
        "may_edit": refusal(actor, Permission.EDIT_STRATEGY, subject, now) is None,
        "said": said,
        "stages": stages(),
        "moment": now,
        "active": "strategy",
    }


def rows_of_proposals(found: list[tuple[Proposal, Serving]]) -> list[dict[str, Any]]:
    """What came up from below, as rows."""
    return [
        {
            "title": proposal.title,
            "lang": proposal.shown_lang,
            "url": url_for("portal.proposal", key=proposal.id),
            "place": localized(proposal.origin),
            "stage": proposal.stage,
            "supports": proposal.supports,
            "begot": serving.begot,
        }
        for proposal, serving in found
    ]


def row_of_measure(measure: Measure, sums: Sums, progress: tuple[int, int]) -> dict[str, Any]:
    """A measure in a list."""
    title = said(measure)
    return {
        "title": title.text,
        "lang": title.lang,
        "url": url_of(measure),
        "place": localized(measure.territory),
        "owner": said(measure, "owner"),
        "done": progress[0],
        "promised": progress[1],
        "planned": sums.planned,
        "spent": sums.spent,
        "ended": measure.closed_at is not None,
    }


def direction_page(actor: Any, direction: Direction, now: datetime) -> dict[str, Any]:
    """Its indicators, what each region has made of it, and proposals that serve it."""
    below, owed = programmes(direction.id), adapting()
    keys = [one.id for one in below]
    sums = sums_of_programmes(keys)
    counts = count_measures(keys)
    found, count = came_up(directions=[direction.id], programmes=keys)
    open_places = {one.territory.kato for one in below if one.closed_at is None}
    mine = [place for place in homes(actor, Level.PROGRAMME, now) if place.kato not in open_places]
    return {
        **frame(actor, direction, now),
        "indicators": indicators_of(direction),
        "programmes": [
            {
                "place": localized(one.territory),
                "title": said(one),
                "url": url_of(one),
                "measures": counts.get(one.id, 0),
                "owner": said(one, "owner"),
                "sums": sums[one.id],
                "ended": one.closed_at is not None,
            }
            for one in below
        ],
        "at_most": AT_MOST,
        "missing": [localized(place) for place in owed if place.kato not in open_places],
        "wanted": len(owed),
        "sums": total(sums.values()),
        "adaptable": mine if direction.is_open else [],
        "proposals": rows_of_proposals(found),
        "proposals_count": count,
    }


def programme_page(actor: Any, programme: Programme, now: datetime) -> dict[str, Any]:
    """What of the direction it takes, its money, the measures of its cities, and proposals that serve it."""
    under = measures(programme.id)
    keys = [one.id for one in under]
    sums = sums_of(Measure, keys)
    progress = counts_of_measures(keys)
    found, count = came_up(programmes=[programme.id])
    cities = [place for place in homes(actor, Level.MEASURE, now) if programme.territory.contains(place)]
    return {
        **frame(actor, programme, now),
        "indicators": indicators_of(programme),
        "choices": [(name, said(programme, name)) for name in ("adopted", "altered", "left_out")],
        "measures": [row_of_measure(one, sums[one.id], progress.get(one.id, (0, 0))) for one in under],
        "at_most": AT_MOST,
        "sums": sums_of_programmes([programme.id])[programme.id],
        "undertaking": cities if programme.is_open else [],
        "proposals": rows_of_proposals(found),
        "proposals_count": count,
    }


def measure_page(actor: Any, measure: Measure, now: datetime) -> dict[str, Any]:
    """Its plan, its money and who gave it, and the proposals that it was made of."""
    sums = sums_of(Measure, [measure.id])[measure.id]
    found, count = came_up(measures=[measure.id])
    return {
        **frame(actor, measure, now),
        "sums": sums,
        "promises": commitments_of([measure.id]),
        "plan": plan(actor, milestones_of_measure(measure.id), now, measure.is_open),
        "givers": givers(actor, measure, now) if measure.is_open else [],
        "teacher": found_measure(measure.replicated_from_id),
        "copies": count_copies(measure.id),
        "may_copy": any(place.id != measure.territory_id for place in homes(actor, Level.MEASURE, now)),
        "proposals": rows_of_proposals(found),
        "proposals_count": count,
    }


def givers(actor: Any, measure: Measure, now: datetime) -> list[Any]:
    """Territories for which the actor may promise money to the city of a measure."""
    if not actor.is_authenticated:
        return []
    places = granted_territories(actor, Role.OFFICER, now)
    return [
        place for place in places if refusal(actor, Permission.MAKE_COMMITMENT, wanted(measure, place), now) is None
    ]
