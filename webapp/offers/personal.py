"""Who of an organisation has made an offer, and who of a body has marked a stage as passed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.offers.models import Offer, OfferStage
from webapp.people.models import User
from webapp.people.traces import emptied, let_go, moment, rows_of

TRACES = (emptied(Offer.by_id, "offers_for_organisations"), emptied(OfferStage.by_id, "offer_stages"))


def stored(user: User) -> dict[str, Any]:
    """The offers that they sent, the stages that they marked."""
    return {
        "offers_for_organisations": [
            {"offer": row.id, "organisation": row.organisation_id, "summary": row.summary, "at": moment(row.made_at)}
            for row in rows_of(Offer.by_id, user)
        ],
        "offer_stages": [
            {"offer": row.offer_id, "stage": row.stage, "done_on": row.done_on.isoformat(), "document": row.document}
            for row in rows_of(OfferStage.by_id, user)
        ],
    }


def forget(user: User, _now: datetime) -> None:
    """An offer stays that of its organisation, a stage that of its offer."""
    let_go(TRACES, user)
