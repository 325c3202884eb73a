"""People's Markdown: no raw HTML goes in, and only an allow-list comes out."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(["image"])
_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote", "code", "pre", "h3", "h4", "hr"}


@lru_cache(maxsize=2048)
def render_markdown(text: str) -> Markup:
    """Safe HTML of a text; headings start at the third level, links are marked as foreign."""
    html = _parser.render(text)
    for level in (1, 2):
        html = html.replace(f"<h{level}>", "<h3>").replace(f"</h{level}>", "</h3>")
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow ugc noopener noreferrer",
    )
    return Markup(clean)  # nosec B704  # noqa: S704 (cleaned by nh3 in the line above)
