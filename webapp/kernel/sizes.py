"""How much a form may hold, from the one table in `webapp/config.py`: for the lock, the refusal and the hint on the page."""

from __future__ import annotations

from flask import current_app, request

from webapp.config import FILES

#: More fields than any form of this site has; they are counted before anything is read as a form.
MOST_PARTS = 1000


def read_at_most() -> int:
    """So many bytes of a body are read here. Where a file may come, more than it may have: the words beside it are kept."""
    name = "FILE_READ_LENGTH" if request.endpoint in FILES else "MAX_CONTENT_LENGTH"
    return int(current_app.config[name])


def megabytes(endpoint: str | None = None) -> str:
    """What fits, in megabytes: the file of this address, or else the form."""
    name = FILES.get(endpoint or request.endpoint or "", "MAX_CONTENT_LENGTH")
    return f"{int(current_app.config[name]) / 2**20:g}"
