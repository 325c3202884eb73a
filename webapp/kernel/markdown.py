"""What people typed, as they typed it: lines stay lines, and three marks mean something.

Typing is not Markdown: "2*3*4", "7. May", a paragraph set in by a tab or a line of hyphens have to come out
as they went in. So only what the hint under the field promises is read (docs/adr/0027-typed-words.md): two
asterisks on both sides of words make them bold, "- " at the start of a line makes a list, and an address
that begins with http:// or https:// can be followed.
"""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from markupsafe import Markup, escape

_TAGS = {"p", "br", "strong", "ul", "li", "a"}
_ITEM = re.compile(r"(\s*)- +(\S.*)")
#: Two asterisks stand outside at a blank, a sign or an end, and inside at a word; so "2**3**4" is no mark.
_BOLD = re.compile(r"(?<![\w*])\*\*(?=[^\s*])((?:[^*]|\*(?!\*))+)(?<=[^\s*])\*\*(?![\w*])")
_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)
#: What ends a sentence does not belong to the address before it.
_AFTER = ".,;:!?'…"
_SET_IN = 2


def _plain(text: str) -> Markup:
    """A piece without marks, with its addresses as links."""
    made, end = Markup(), 0
    for found in _ADDRESS.finditer(text):
        address = _without_end(found.group())
        made += escape(text[end : found.start()])
        made += Markup('<a href="{0}">{0}</a>').format(address)
        end = found.start() + len(address)
    return made + escape(text[end:])


def _without_end(address: str) -> str:
    while address and (
        address[-1] in _AFTER
        or (address[-1] == ")" and address.count(")") > address.count("("))
        or address.endswith("**")
    ):
        address = address.removesuffix("**") if address.endswith("**") else address[:-1]
    return address


def _line(text: str) -> Markup:
    made, end = Markup(), 0
    for found in _BOLD.finditer(text):
        made += _plain(text[end : found.start()]) + Markup("<strong>{}</strong>").format(_plain(found.group(1)))
        end = found.end()
    return made + _plain(text[end:])


def _set_in(line: str) -> tuple[str, str]:
    """How far a line is set in, as signs that a page does not swallow, and the line itself."""
    bare = line.lstrip()
    return "\u00a0" * len(line[: len(line) - len(bare)].replace("\t", "    ")), bare


def _paragraph(lines: list[str]) -> Markup:
    """Lines that stand together; how far each is set in stays, too."""
    written = [margin + _line(bare) for margin, bare in map(_set_in, lines)]
    return Markup("<p>{}</p>\n").format(Markup("<br>\n").join(written))


def _items(items: list[tuple[int, str]]) -> Markup:
    """A list; what is set in further than its first line belongs to the line above it."""
    first, made, number = items[0][0], Markup(), 0
    while number < len(items):
        end = number + 1
        while end < len(items) and items[end][0] >= first + _SET_IN:
            end += 1
        below = _items(items[number + 1 : end]) if end > number + 1 else ""
        made += Markup("<li>{}{}</li>\n").format(_line(items[number][1]), below)
        number = end
    return Markup("<ul>\n{}</ul>\n").format(made)


@lru_cache(maxsize=2048)
def render_markdown(text: str) -> Markup:
    """Safe HTML of a text: every line, and the three marks."""
    made, lines, items = Markup(), list[str](), list[tuple[int, str]]()

    def close() -> None:
        nonlocal made
        made += _items(items) if items else _paragraph(lines) if lines else ""
        lines.clear()
        items.clear()

    for line in text.rstrip().split("\n"):
        item = _ITEM.fullmatch(line.rstrip())
        if (lines and (item or not line.strip())) or (items and not item):
            close()
        if item:
            items.append((len(item.group(1).replace("\t", "    ")), item.group(2)))
        elif line.strip():
            lines.append(line.rstrip())
    close()
    clean = nh3.clean(
        str(made),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="nofollow ugc noopener noreferrer",
    )
    return Markup(clean)  # nosec B704  # noqa: S704 (cleaned by nh3 in the line above)


def typed_lines(text: str | None) -> Markup:
    """A text of several lines that has no marks: escaped, every line stays one, and stays set in."""
    return Markup("<br>\n").join(margin + escape(bare) for margin, bare in map(_set_in, (text or "").split("\n")))
