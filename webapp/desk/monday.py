"""The officer's Monday: a few numbers, each of them a list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.answering.models import Answer
from webapp.desk.queue import Scope, counted_in
from webapp.desk.rules import Filters, Tab
from webapp.kernel.database import db, summed
from webapp.kernel.i18n import format_short_tenge, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage

CARRIED_OUT = (Stage.ACCEPTED.value, Stage.IMPLEMENTING.value)


def numbers(scope: Scope, counts: dict[Tab, int], now: datetime) -> list[dict[str, Any]]:
    """For an officer: what came up in a week, what is owed, late and waits below, and the money that was promised.

    Money is what the last accepting answers name for what is being carried out now, in whole tenge.
    """
    if not scope.answered:
        return []
    here = Proposal.seat_id.in_(scope.answered)
    last = select(func.max(Answer.id)).where(Answer.amount_tenge.is_not(None)).group_by(Answer.proposal_id)
    promised = (
        select(func.coalesce(summed(Answer.amount_tenge), 0))
        .join(Proposal, Proposal.id == Answer.proposal_id)
        .where(here, Proposal.stage.in_(CARRIED_OUT), Answer.id.in_(last))
    )
    fresh = Filters(tab=Tab.ANSWERS, came="week")
    counted = counted_in(scope, fresh, now)
    new, money = db.session.execute(select(counted.scalar_subquery(), promised.scalar_subquery())).one()
    due = counts.get(Tab.ANSWERS, 0)
    rows = [
        (new, _("came here within a week"), fresh),
        (due, ngettext("answer due", "answers due", due), Filters(tab=Tab.ANSWERS)),
        (counts.get(Tab.OVERDUE, 0), _("overdue"), Filters(tab=Tab.OVERDUE)),
    ]
    if scope.above:
        rows.append((counts.get(Tab.BELOW, 0), _("under review below"), Filters(tab=Tab.BELOW)))
    shown: list[dict[str, Any]] = [
        {"number": number, "label": label, "url": filters.url} for number, label, filters in rows
    ]
    works = Filters(tab=Tab.WORKS).url
    return [
        *shown,
        {"number": format_short_tenge(int(money)), "label": _("promised for what is being carried out"), "url": works},
    ]
