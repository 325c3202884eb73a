"""A page and its fragments come from one template; a fragment is a block of it."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, make_response, request
from flask import render_template as render_page
from jinja2_fragments.flask import render_blocks


def wants_fragment() -> bool:
    """Whether HTMX asks for a part: not for a boosted page, not for its history."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and not headers.get("HX-Boosted")
        and not headers.get("HX-History-Restore-Request")
    )


def render(
    template: str, fragments: dict[str, tuple[str, ...]] | None = None, status: int = 200, **context: Any
) -> Response:
    """The page, or for HTMX the blocks that belong to the element it wants to replace.

    `fragments` maps the id of the target element to block names; the first block replaces the
    target, the others carry `data-hx-swap-oob` (they see `oob=True`).
    """
    g.active = context.get("active", "")
    blocks = (fragments or {}).get(request.headers.get("HX-Target", "")) if wants_fragment() else None
    if blocks:
        html = render_blocks(template, list(blocks), oob=True, **context)
    else:
        html = render_page(template, oob=False, **context)
    response = make_response(html, status)
    response.vary.update(["HX-Request", "HX-Target", "Cookie", "Accept-Language"])
    response.headers.setdefault("Cache-Control", "private, no-cache")
    if "not_understood" in g:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def static_url(name: str) -> str:
    """The address of a static file, changing when the file changes, so that it may be cached for a year."""
    versions: dict[str, str] = current_app.extensions["static_versions"]
    return f"/static/{name}?v={versions.get(name, '0')}"
