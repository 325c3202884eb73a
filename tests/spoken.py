"""Whether days, numbers and names stand in the right case on a page or in a mail; asked of every page that a test opens."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from tools.wording import Fault, count_faults, nouns_of, page_faults

ROOT = Path(__file__).resolve().parent.parent
#: What people write in a field, and what no reader sees.
SILENT = {"script", "style", "textarea", "option"}

#: Between digits a no-break space belongs to the number.
_BLANKS = re.compile(r"(?<!\d)\u00a0|\u00a0(?!\d)|[^\S\u00a0]+")


@cache
def counted() -> dict[str, set[tuple[str, str, str]]]:
    """Russian nouns that the interface counts."""
    with (ROOT / "translations" / "ru" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return nouns_of(read_po(file, locale="ru"))


def faults_of(texts: Iterable[str], lang: str) -> list[Fault]:
    """What is wrong in some texts, each taken for itself: what stands beside another one is no sentence with it."""
    found = []
    for text in texts:
        said = _BLANKS.sub(" ", text)
        found += page_faults(said, lang)
        found += count_faults(said, counted()) if lang == "ru" else []
    return found


def on_page(tree: Any) -> list[Fault]:
    """What is wrong on a page, in the language that it says it is in."""
    lang = tree.get("lang") or ""
    if lang not in {"kk", "ru"}:
        return []
    return faults_of(
        (
            text
            for element in tree.iter()
            if isinstance(element.tag, str) and element.tag not in SILENT
            for text in (element.text, element.tail, element.get("title"), element.get("aria-label"))
            if text and text.strip()
        ),
        lang,
    )
