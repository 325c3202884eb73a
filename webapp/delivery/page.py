"""Milestones with their evidence, and the judging of a result, as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import url_for

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.delivery.choices import judgements
from webapp.delivery.forms import JudgementForm
from webapp.delivery.judging import judgement_of, may_judge, reasons_of, rounds_of, tally
from webapp.delivery.models import JudgingRound, Milestone
from webapp.delivery.reporting import reports_of
from webapp.delivery.rules import Outcome
from webapp.kernel.clock import local_date
from webapp.photos.services import shown
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage


def plan(actor: Any, milestones: Sequence[Milestone], now: datetime, active: bool) -> dict[str, Any]:
    """Rows for the macro, and how far it is; one query for the reports. `active` says whether it is being carried out."""
    reports = reports_of([one.id for one in milestones])
    may = bool(
        active
        and milestones
        and actor.is_authenticated
        and refusal(actor, Permission.REPORT, milestones[0], now) is None
    )
    rows = [_row(one, reports.get(one.id, []), now) for one in milestones]
    return {"rows": rows, "may_report": may, "reported": sum(row["is_done"] for row in rows), "promised": len(rows)}


def _row(one: Milestone, reports: Sequence[Any], now: datetime) -> dict[str, Any]:
    return {
        "milestone": one,
        "is_done": one.done_at is not None,
        "is_late": one.done_at is None and one.due_on < local_date(now),
        "promised_on": one.promised_on,
        "first_missed": one.first_missed_at is not None,
        "is_begun": any(report.outcome == Outcome.PARTLY.value for report in reports),
        "reports": [
            {
                "report": report,
                "is_bare": not report.reopened
                and report.outcome != Outcome.LATER.value
                and not (report.document or report.link or report.photo),
                "is_early": report.outcome in (Outcome.DONE.value, Outcome.PARTLY.value)
                and not report.reopened
                and local_date(report.at) < one.starts_on,
                "photo": shown(report.photo, url_for("photo.show", name=report.photo.name)) if report.photo else None,
            }
            for report in reports
        ],
    }


def judging(actor: Any, proposal: Proposal, now: datetime, form: JudgementForm | None = None) -> dict[str, Any] | None:
    """The rounds with their results, and the form for whoever is asked now; None where nobody was asked yet."""
    if proposal.stage not in (Stage.DONE, Stage.IMPLEMENTING):
        return None
    rounds = rounds_of(proposal.id)
    if not rounds:
        return None
    last = rounds[-1]
    is_open = last.closed_at is None and last.closes_at > now
    asked = is_open and actor.is_authenticated and may_judge(actor, proposal.id)
    said = judgement_of(actor, last) if asked else None
    form = form or JudgementForm(formdata=None, obj=said)
    form.choice.choices = judgements()
    return {
        "rounds": [_round(one, tally(one) if one.closed_at is None else None) for one in rounds],
        "open": last if is_open else None,
        "asked": asked,
        "said": judgements()[said.choice] if said else "",
        "form": form,
        "reasons": reasons_of(last),
        "labels": judgements(),
    }


def _round(one: JudgingRound, counted: dict[str, int] | None) -> dict[str, Any]:
    counts = counted or {"yes": one.yes, "partly": one.partly, "no": one.no}
    return {"round": one, "counts": counts, "total": sum(counts.values())}
