"""Dead letters on the page of the operator: mails that could not be sent in twelve attempts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.kernel.clock import now
from webapp.kernel.database import LARGEST_KEY
from webapp.kernel.dead_letters import dead_letters, give_up, send_again
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import ngettext
from webapp.kernel.refused import how_many_refused

bp = Blueprint("mail_desk", __name__)


def kinds() -> dict[str, str]:
    """What a mail is about, by the first word of its key."""
    return {
        "fact": _("Notification about a proposal"),
        "digest": _("Weekly mail"),
        "email-code": _("Code"),
        "password": _("Change of a password"),
    }


@bp.get("/ops/mail")
@login_required
def index() -> Response:
    """What was not sent: since when, why, and to which host. Neither address nor text: a code might stand there."""
    require(current_user, Permission.SEE_DEAD_LETTERS, None, now())
    rows, count = dead_letters()
    return render(
        "notifications/dead_letters.html",
        active="desk",
        rows=[_row(row) for row in rows],
        count=count,
        refused=how_many_refused(),
    )


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": kinds().get(row.dedup_key.partition(":")[0], _("Other mail")),
        "host": row.to.rpartition("@")[2],
        "created_at": row.created_at,
        "failed_at": row.failed_at,
        "error": row.error,
    }


@bp.post("/ops/mail/again")
@login_required
def again() -> Response:
    """Send all of them again, after the mail server is back."""
    require(current_user, Permission.SEE_DEAD_LETTERS, None, now())
    count = send_again(now())
    flash(ngettext("%(num)d mail is sent again.", "%(num)d mails are sent again.", count), "success")
    return redirect(url_for("mail_desk.index"), 303)


def _said(count: int, words: str) -> Response:
    flash(words if count else _("A colleague has decided about this mail already."), "success" if count else "info")
    return redirect(url_for("mail_desk.index"), 303)


@bp.post("/ops/mail/<int:key>/again")
@login_required
def one_again(key: int) -> Response:
    """Send one of them again."""
    require(current_user, Permission.SEE_DEAD_LETTERS, None, now())
    count = send_again(now(), key) if key <= LARGEST_KEY else 0
    return _said(count, _("The mail is sent again."))


@bp.post("/ops/mail/<int:key>/giving-up")
@login_required
def leave(key: int) -> Response:
    """Give one of them up."""
    require(current_user, Permission.SEE_DEAD_LETTERS, None, now())
    count = give_up(now(), key) if key <= LARGEST_KEY else 0
    return _said(count, _("The mail will not be sent again."))
