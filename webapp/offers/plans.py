"""Business plans: files outside the database, so many bytes an organisation, gone with an offer that is taken back."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, select

from webapp.kernel import files
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.errors import Invalid
from webapp.kernel.i18n import gettext as _
from webapp.offers.models import BusinessPlan, Offer
from webapp.offers.rules import PLAN_MAX, PLANS_MAX, PlanFault, plan_fault


def ensure_fits(organisation_id: int, data: bytes) -> None:
    """Raise `Invalid` at the field `plan` for what is no plan, or more than an organisation may keep here."""
    fault = plan_fault(data)
    if fault is not None:
        raise Invalid(_sentence(fault), "plan")
    kept = select(func.coalesce(func.sum(BusinessPlan.size), 0)).join(Offer, Offer.id == BusinessPlan.offer_id)
    if (db.session.scalar(kept.where(Offer.organisation_id == organisation_id)) or 0) + len(data) > PLANS_MAX:
        raise Invalid(
            _(
                "Your organisation keeps %(size)d MB of business plans here already. Take an offer back that has ended.",
                size=PLANS_MAX // 2**20,
            ),
            "plan",
        )


def _sentence(fault: PlanFault) -> str:
    return {
        PlanFault.TOO_HEAVY: _("The business plan is larger than %(size)d MB.", size=PLAN_MAX // 2**20),
        PlanFault.NO_PDF: _("Send the business plan as a PDF."),
    }[fault]


def keep(offer: Offer, data: bytes, now: datetime) -> None:
    """Write the file, then its row."""
    plan = BusinessPlan(
        offer_id=offer.id,
        name=secrets.token_hex(16),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        at=now,
    )
    files.write(path_of(plan), data)
    db.session.add(plan)


def plan_of(offer: Offer) -> BusinessPlan | None:
    """The plan of an offer; None where there is none, or its file was not restored with the database."""
    plan = db.session.get(BusinessPlan, offer.id)
    return plan if plan is not None and path_of(plan).is_file() else None


def path_of(plan: BusinessPlan) -> Path:
    """Where its file lies."""
    return files.path_of(plan.name, ".pdf")


def remove(offer: Offer) -> None:
    """Delete the plan of an offer, and its file when that is durable."""
    plan = db.session.get(BusinessPlan, offer.id)
    if plan is not None:
        files.remove(path_of(plan))
        db.session.execute(delete(BusinessPlan).where(BusinessPlan.offer_id == offer.id))


def forget_stray_plans(now: datetime) -> int:
    """The job: files whose row is gone go too."""
    with unit_of_work():
        known = set(db.session.scalars(select(BusinessPlan.name)))
    rollback()
    return files.forget_strays(known, ".pdf", now)
