"""When a text may stand in the place of another one: nothing that is filled in is lost or made up, nothing is markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from webapp.kernel.kazakh import Case

PLACEHOLDER = re.compile(r"%\(([a-z_]+)\)([sd])")
#: A per cent sign that is neither a placeholder nor written twice would break the text when it is filled in.
_STRAY = re.compile(r"%(?!%|\([a-z_]+\)[sd])")
_MARK = re.compile(r"\{([^{}]*)\}")
_AFTER_A_PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]\{(" + "|".join(Case) + r")\}")
#: Russian names have one form beside the first: the genitive of places.
MARKS = {"kk": frozenset(Case), "ru": frozenset({Case.GEN}), "en": frozenset()}


class Fault(StrEnum):
    """Why a text cannot be said."""

    UNKNOWN = "unknown"
    FORM = "form"
    PLACEHOLDERS = "placeholders"
    PER_CENT = "per_cent"
    MARK = "mark"
    MARKUP = "markup"


def fault_of(sources: Sequence[str], text: str, lang: str) -> Fault | None:
    """What is wrong with a text that is to be said for the English `sources` (one, or singular and plural).

    The placeholders are those of one of them; a singular may leave out its number.
    """
    allowed = [set(PLACEHOLDER.findall(source)) for source in sources]
    found = set(PLACEHOLDER.findall(text))
    names = {name for name, _kind in found}
    if found not in allowed and not (len(sources) > 1 and names < {name for name, _kind in set().union(*allowed)}):
        return Fault.PLACEHOLDERS
    bare = text.replace("%%", "")
    if _STRAY.search(bare) and any(PLACEHOLDER.search(source) or "%%" in source for source in sources):
        return Fault.PER_CENT
    placed = _AFTER_A_PLACEHOLDER.findall(text)
    if len(_MARK.findall(text)) != len(placed) or not set(placed) <= MARKS[lang]:
        return Fault.MARK
    if any(sign in text and not any(sign in source for source in sources) for sign in "<>"):
        return Fault.MARKUP
    return None
