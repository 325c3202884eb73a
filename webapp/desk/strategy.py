"""What a body owes in its strategy: promises and offers to answer, milestones that are due, what hangs, drafts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response
from flask_login import current_user, login_required
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp.access.permissions import Permission
from webapp.access.rules import Role
from webapp.access.services import granted_territories, require
from webapp.cascade.words import level_labels, url_of
from webapp.delivery.models import Milestone
from webapp.hanging.models import HangingCase
from webapp.hanging.words import cause_labels, names
from webapp.kernel.clock import local_date, now
from webapp.kernel.database import db
from webapp.kernel.htmx import render
from webapp.offers import services as offers
from webapp.offers.choices import forms
from webapp.offers.models import Offer
from webapp.resources.commitments import is_waiting, waiting_for
from webapp.resources.models import Commitment
from webapp.strategies.models import Measure
from webapp.strategies.reading import drafts_of
from webapp.strategies.versions import level_of
from webapp.strategies.wording import said

bp = Blueprint("desk_strategy", __name__)
#: Milestones that are due so soon are shown.
AHEAD = timedelta(days=30)
SHOWN = 50


@bp.get("/desk/strategy")
@login_required
def index() -> Response:
    """For officers: everything that waits for their body, the next due first."""
    moment = now()
    require(current_user, Permission.SEE_DESK, None, moment)
    places = [place.id for place in granted_territories(current_user, Role.OFFICER, moment)]
    labels = level_labels()
    return render(
        "desk/strategy.html",
        promises=waiting_for(places) if places else [],
        offers=offers.waiting_for(places) if places else [],
        numbers=duties(places, moment),
        shown=SHOWN,
        forms=forms(),
        milestones=_milestones(places, moment),
        hanging=_hanging(places),
        drafts=[(said(one), url_of(one), labels[level_of(one)]) for one in drafts_of(places)] if places else [],
        today=local_date(moment),
        moment=moment,
        said=said,
        active="desk",
    )


def duties(places: list[int], moment: datetime) -> dict[str, int]:
    """How much of each kind waits for some bodies, in one query: the rows of the page, however many are shown."""
    if not places:
        return dict.fromkeys(("promises", "offers", "milestones", "hanging"), 0)
    parts = {
        "promises": _counted(Commitment, *is_waiting(places)),
        "offers": _counted(Offer, *offers.is_waiting(places)),
        "milestones": _counted(Milestone, *_due(places, moment)),
        "hanging": _counted(HangingCase, *_hangs(places)),
    }
    row = db.session.execute(select(*(part.label(name) for name, part in parts.items()))).one()
    return {name: int(number) for name, number in row._mapping.items()}


def _counted(model: Any, *where: Any) -> Any:
    return select(func.count()).select_from(model).where(*where).scalar_subquery()


def _due(places: list[int], moment: datetime) -> tuple[Any, ...]:
    open_ones = select(Measure.id).where(Measure.territory_id.in_(places), Measure.closed_at.is_(None))
    is_soon = Milestone.due_on <= local_date(moment + AHEAD)
    return (Milestone.measure_id.in_(open_ones), Milestone.done_at.is_(None), is_soon)


def _hangs(places: list[int]) -> tuple[Any, ...]:
    return (HangingCase.ended_at.is_(None), HangingCase.territory_id.in_(places))


def _milestones(places: list[int], moment: datetime) -> list[Milestone]:
    query = select(Milestone).where(*_due(places, moment)).options(joinedload(Milestone.measure))
    return list(db.session.scalars(query.order_by(Milestone.due_on, Milestone.id).limit(SHOWN)))


def _hanging(places: list[int]) -> list[dict[str, Any]]:
    query = select(HangingCase).where(*_hangs(places))
    found = list(db.session.scalars(query.order_by(HangingCase.since, HangingCase.id).limit(SHOWN)))
    called, labels = names((case.level, case.subject_id) for case in found), cause_labels()
    rows = []
    for case in found:
        title, lang, url = called.get((case.level, case.subject_id), ("", "ru", "/strategy"))
        rows.append({"title": title, "lang": lang, "url": url, "label": labels[case.cause], "since": case.since})
    return rows
