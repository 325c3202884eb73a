"""Text from outside, brought into one normal form."""

from __future__ import annotations

import unicodedata

#: control, surrogate, format and private characters have no place in a text; the joiner of scripts stays
_INVISIBLE = frozenset({"Cc", "Cs", "Cf", "Co"})


def tidy(text: str | None) -> str:
    """One normal form, no invisible controls, no blanks around; line ends are \\n."""
    normal = unicodedata.normalize("NFC", text or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in normal if c in "\n\t\u200d" or unicodedata.category(c) not in _INVISIBLE)
    return "".join(kept).strip()
