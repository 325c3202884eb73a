"""The shell around every page: who this is and where they may go, the languages, the messages."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, get_flashed_messages, has_request_context, session
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from webapp.access.permissions import Permission
from webapp.access.predicates import Reason
from webapp.access.services import refusal
from webapp.kernel import outage
from webapp.kernel.clock import now
from webapp.kernel.errors import SENTENCES_OF_THE_SITE
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import language_links
from webapp.people.presence import TOKEN

#: Files of `templates/_ui/` whose macros are functions of their arguments and the language alone: no token, no request,
#: no user. The same card or icon is then rendered once, not a thousand times a minute.
PURE = frozenset({"hanging", "icon", "ladder", "places", "proposal", "status"})


def _shell() -> dict[str, Any]:
    """What the layout needs on every page; mails are written without a request and need none of it."""
    if not has_request_context():
        return {}
    return {"nav": _nav(), "language_links": language_links(), "flashes": _flashes(), "oob": False}


def _flashes() -> list[tuple[str, str]]:
    return get_flashed_messages(with_categories=True) if "_flashes" in session else []


def _nav() -> dict[str, Any]:
    """The head of the page. Without a database nobody can be asked who this is; any other error is a bug, and shows."""
    is_known = outage.noted() is None
    try:
        signed_in = TOKEN in session and current_user.is_authenticated
        name = current_user.public_name if signed_in else ""
        # who owes the second step sees the ways too: each of them leads to setting it up
        shown = (None, Reason.SECOND_STEP)
        staff = signed_in and refusal(current_user, Permission.SEE_DESK, None, now()) in shown
        gives = staff and refusal(current_user, Permission.SEE_STAFF, None, now()) in shown
    except SQLAlchemyError:
        signed_in, name, staff, gives, is_known = False, "", False, False, False
    return {
        "is_known": is_known and outage.noted() is None,  # whether anybody could be asked who this is
        "signed_in": signed_in,
        "name": name,
        "is_staff": staff,
        "gives_roles": gives,
        "active": g.get("active", ""),
    }


def _no_such_page() -> str:
    return _("The address may be mistyped, or the page has moved. The list of proposals is a good place to start.")


def init_shell(app: Flask) -> None:
    """Put the shell around every page, the pages of problems too."""
    app.context_processor(_shell)
    SENTENCES_OF_THE_SITE[404] = _no_such_page
