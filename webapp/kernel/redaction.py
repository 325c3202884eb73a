"""Numbers of persons stay out of logs, whoever wrote the line: ours, a library's, or the text of an error."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

#: Twelve digits on their own, also in groups as people write them: an IIN or something that could be one.
_TWELVE = re.compile(r"(?<!\d)\d(?:[ \u00a0-]?\d){11}(?!\d)")
INSTEAD = "[12 digits]"
#: What we write ourselves into every line; nothing of a person is in it.
_OURS = frozenset({"timestamp", "level"})


def redacted(value: Any) -> Any:
    """The same value without a number that could be a person's; texts inside lists and mappings too."""
    if isinstance(value, str):
        return _TWELVE.sub(INSTEAD, value)
    if isinstance(value, int) and not isinstance(value, bool) and 10**11 <= abs(value) < 10**12:
        return INSTEAD
    if isinstance(value, dict):
        return {redacted(key): redacted(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(inner) for inner in value]
    return value


def without_numbers(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog; stands after the one that writes an exception down as text."""
    return {key: value if key in _OURS else redacted(value) for key, value in event.items()}


def redact_standard_logs() -> None:
    """Every record of Python's own logging is made without such numbers, once for the whole process."""
    make = logging.getLogRecordFactory()
    if getattr(make, "redacts", False):
        return

    def record(*args: Any, **named: Any) -> logging.LogRecord:
        made = make(*args, **named)
        try:
            said = made.getMessage()
        except (TypeError, ValueError):  # the line is wrong by itself; logging complains about it later
            return made
        clean = redacted(said)
        if clean != said:
            made.msg, made.args = clean, ()
        if made.exc_info and made.exc_info[1] is not None and made.exc_text is None:
            made.exc_text = redacted(logging.Formatter().formatException(made.exc_info))
        return made

    record.redacts = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(record)
