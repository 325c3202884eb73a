"""What somebody is typing is saved on the server while they type, and stands in the form again when they come back.

A form of an account is kept in `people/waiting_forms.py` until it is sent. Whose it is says the sealed mark on its page,
so it is saved also when the sign-in has ended meanwhile, and shown to nobody else who sits down at the same device.
"""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, g, jsonify, redirect, request, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from webapp.access.predicates import Reason
from webapp.access.services import sentence
from webapp.kernel.clock import now
from webapp.kernel.errors import NotAllowed
from webapp.kernel.i18n import format_clock
from webapp.kernel.security import csrf, limiter, safe_next
from webapp.kernel.typed import all_shown, begun_as, came_from_here, fits, kept_form, sent, typed_fields
from webapp.people.waiting_forms import FIELD, WaitingForm, keep_typed, typed_of

bp = Blueprint("typing", __name__)
_NAME = re.compile(r"[0-9a-f]{32}")
#: Once in ten seconds, at each field that is left, and on the way out: of five pages at once.
LIMIT = "120 per minute"


def typed_here() -> MultiDict[str, str] | None:
    """What whoever is signed in has typed at this address and not sent; what the address itself says is chosen anew."""
    if not current_user.is_authenticated:
        return None
    if "typed_rows" not in g:
        g.typed_rows = typed_of(current_user.id, request.path)
    if not g.typed_rows:
        return None
    return MultiDict((name, value) for name, value in g.typed_rows[0].fields if name not in request.args)


def typed_form(action: str) -> Markup:
    """The attributes of a form whose words are kept while they are typed; nothing for somebody without an account."""
    if not current_user.is_authenticated or "kept_form" in g:
        return Markup()
    row = _row_of_page(action)
    name = row.name if row else secrets.token_hex(16)
    address = f"/typed/{name}?{urlencode({'path': action, 'page': _page(action)})}"
    return kept_form(address, row.state if row else "", name)


def _row_of_page(action: str) -> WaitingForm | None:
    """The row that this page goes on with: of a form that came back, or of what was typed earlier."""
    if request.method == "POST":
        name = sent().get(FIELD, "")
        return next((row for row in typed_of(current_user.id, action) if row.name == name), None)
    return next((row for row in g.get("typed_rows", []) if row.path == action), None)


def _page(action: str) -> str:
    return request.full_path.rstrip("?") if request.method == "GET" and request.path == action else action


def restored() -> list[tuple[WaitingForm, list[tuple[str, str]]]]:
    """What was typed at this address earlier: the first stands in the form, others beside it, with their words."""
    if "kept_form" not in g:
        return []
    return [(row, all_shown((str(n), str(v)) for n, v in row.fields)) for row in g.get("typed_rows", [])]


def _account() -> str:
    return f"typing:{begun_as() or request.remote_addr}"


@bp.post("/typed/<name>")
@csrf.exempt
@limiter.limit(LIMIT, key_func=_account)
def save(name: str) -> Response:
    """Save what is being typed, as it is. A key that is over stops nothing; a page that is not ours may not."""
    if not came_from_here():
        abort(400)
    path, page = (safe_next(request.args.get(key), "") for key in ("path", "page"))
    signed_in = current_user.id if current_user.is_authenticated else None
    whose, fields = begun_as() or signed_in, typed_fields()
    if whose is None:
        raise NotAllowed(sentence(Reason.SIGN_IN))
    if not _NAME.fullmatch(name):
        abort(404)
    if not path:
        return Response(status=204)
    if not fits(fields):
        abort(413)
    row = keep_typed(whose, name, path, fields, request.args.get("seen", ""), now())
    if row is None:
        abort(403)
    if request.args.get("to"):  # a button of another language, without JavaScript
        return redirect(url_for("places.language", to=request.args["to"], next=page or path), 303)
    address = f"/typed/{row.name}?{urlencode({'path': path, 'page': page or path})}"
    return jsonify(at=format_clock(row.at), seen=row.state, save=address, name=row.name)
