"""What programs ask every site for: where they may look, and its mark."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request, send_from_directory

bp = Blueprint("machines", __name__)
#: Pages of persons, of staff and of forms: nothing there is for a search.
PRIVATE = ("/my", "/desk", "/staff", "/drafts/", "/kept", "/sign-in", "/sign-up", "/feeds/", "/calendars/", "/language")


@bp.get("/robots.txt")
def robots() -> Response:
    """Everything public may be searched (RFC 9309)."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), "Allow: /", ""]
    response = Response("\n".join(lines), mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@bp.get("/favicon.ico")
@bp.get("/apple-touch-icon.png")
def mark() -> Response:
    """The mark of the site, for programs that ask for it without having read a page."""
    name = "favicon.ico" if request.path.endswith(".ico") else "icon-180.png"
    kind = "image/vnd.microsoft.icon" if name.endswith(".ico") else "image/png"
    response = send_from_directory(f"{current_app.static_folder}/img", name, mimetype=kind)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
