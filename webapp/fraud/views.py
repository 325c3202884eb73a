"""The list of suspicions, the dry run, and the checks with the way back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.fraud import services
from webapp.fraud.forms import CheckForm
from webapp.fraud.models import Quarantine
from webapp.fraud.returning import LONGEST_WAIT
from webapp.fraud.returning import release as release_votes
from webapp.fraud.rules import Finding, digest
from webapp.fraud.words import kind_labels, reason, severity_labels
from webapp.kernel.clock import now
from webapp.kernel.confirmation import confirmed_lately
from webapp.kernel.database import db
from webapp.kernel.htmx import render
from webapp.kernel.i18n import format_date, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.kernel.loading import load
from webapp.kernel.security import limiter, safe_next
from webapp.kernel.text import whole_number
from webapp.people.presence import person
from webapp.people.rules import CONFIRMATION
from webapp.proposals.models import Proposal

bp = Blueprint("fraud", __name__)
SHOWN = 100
PEOPLE_SHOWN = 200


@bp.get("/fraud-desk")
@login_required
def index() -> Response:
    """What looks like one hand behind many accounts, and the checks so far."""
    require(current_user, Permission.SEE_FRAUD_DESK, None, now())
    found = services.findings(now())
    rows = [_row(finding) for finding in found[:SHOWN]]
    return render("fraud/index.html", active="desk", rows=rows, more=len(found) - len(rows), checks=services.checks())


def _row(finding: Finding) -> dict[str, Any]:
    key = finding.numbers.get("proposal")
    peak = max(number for _hour, number in finding.by_hour)
    return {
        "key": finding.key,
        "kind": kind_labels()[finding.kind],
        "severity": int(finding.severity),
        "severity_label": severity_labels()[finding.severity],
        "reason": reason(finding),
        "proposal": db.session.get(Proposal, key) if isinstance(key, int) else None,
        "accounts": len(finding.accounts),
        "hours": [
            {"at": hour, "count": number, "percent": number * 100 // peak} for hour, number in finding.by_hour[-24:]
        ],
    }


@bp.get("/fraud-desk/dry-run")
@login_required
def dry_run() -> Response:
    """What would happen to the ticked ones; nothing does."""
    require(current_user, Permission.SET_VOTES_ASIDE, None, now())
    return _dry_run_page(request.args.getlist("finding"), CheckForm(formdata=None))


def _dry_run_page(keys: list[str], form: CheckForm, status: int = 200, has_changed: bool = False) -> Response:
    ticked = services.chosen(services.findings(now()), keys)
    if not ticked:
        flash(
            _("Select at least one line. A line that has disappeared is being checked already, or has become old."),
            "warning",
        )
        return redirect(url_for("fraud.index"), 303)
    accounts = services.accounts_of(ticked)
    return render(
        "fraud/dry_run.html",
        status=status,
        active="desk",
        form=form,
        rows=[_row(finding) for finding in ticked],
        plan=services.plan(accounts),
        digest=digest(accounts),
        has_changed=has_changed,
    )


@bp.post("/fraud-desk/checks")
@login_required
@confirmed_lately(CONFIRMATION)
def create() -> Response:
    """Set the votes aside, exactly those that the dry run has shown."""
    require(current_user, Permission.SET_VOTES_ASIDE, None, now())
    form, keys = CheckForm(), request.form.getlist("finding")
    ticked = services.chosen(services.findings(now()), keys)
    accounts = services.accounts_of(ticked)
    if not form.validate():
        return _dry_run_page(keys, form, 422)
    if digest(accounts) != request.form.get("digest"):
        return _dry_run_page(keys, form, 409, has_changed=True)
    row = services.set_aside(current_user, accounts, [f.kind.value for f in ticked], form.note.data, now())
    flash(
        ngettext("%(num)d vote is set aside.", "%(num)d votes are set aside.", row.votes)
        + " "
        + _("It is on record in public, without names."),
        "success",
    )
    return redirect(url_for("fraud.show", key=row.id), 303)


def _check(key: int, lock: bool = False) -> Quarantine:
    return load(Quarantine, key, lock)


@bp.get("/fraud-desk/checks/<key:key>")
@login_required
def show(key: int) -> Response:
    """One check: its numbers, its accounts, and giving the votes back."""
    require(current_user, Permission.SEE_FRAUD_DESK, None, now())
    row = _check(key)
    people = services.people_of(row, PEOPLE_SHOWN + 1)
    labels = kind_labels()
    return render(
        "fraud/show.html",
        active="desk",
        check=row,
        kinds=[labels[kind] for kind in row.kinds.split(",") if kind in labels],
        people=people[:PEOPLE_SHOWN],
        is_more=len(people) > PEOPLE_SHOWN,
    )


@bp.post("/fraud-desk/checks/<key:key>/release")
@login_required
@confirmed_lately(CONFIRMATION)
def release(key: int) -> Response:
    """Give the votes back: all of them, or those of the ticked accounts."""
    require(current_user, Permission.SET_VOTES_ASIDE, None, now())
    row = _check(key, lock=True)
    ticked = None
    if request.form.get("what") != "all":
        raw = request.form.getlist("account")
        ticked = [number for word in raw if (number := whole_number(word)) is not None]
    done = release_votes(current_user, row, now(), ticked)
    if done.waiting:
        said = ngettext(
            "Decided for %(num)d account. Its votes are counted again together with those of others, on %(date)s at the latest.",
            "Decided for %(num)d accounts. Their votes are counted again together with those of others, on %(date)s at the latest.",
            done.waiting,
            date=format_date(now() + LONGEST_WAIT),
        )
    else:
        said = ngettext("%(num)d vote is counted again.", "%(num)d votes are counted again.", done.votes)
    flash(said, "success")
    return redirect(url_for("fraud.show", key=key), 303)


@bp.post("/my/votes/check")
@login_required
@limiter.limit("10 per hour", key_func=lambda: f"ask-for-a-look:{current_user.get_id()}")
def ask() -> Response:
    """Somebody whose votes are set aside asks to be looked at first."""
    services.ask_for_a_look(person(), now())
    flash(_("The operator sees that you ask, and looks at your votes before others."), "success")
    return redirect(safe_next(request.form.get("next"), url_for("portal.my")), 303)
