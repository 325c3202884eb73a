"""How much a form may hold: for the lock, the refusal and the hint on the page. The numbers stand in `webapp/config.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

View = TypeVar("View", bound=Callable[..., Any])

#: More fields than any form of this site has; they are counted before anything is read as a form.
MOST_PARTS = 1000


def takes_file(setting: str) -> Callable[[View], View]:
    """Mark a view: its form brings a file beside the text, and the setting of this name says how large it may be."""

    def mark(view: View) -> View:
        view.takes_file = setting  # type: ignore[attr-defined]  # what wraps the view afterwards carries the mark on
        return view

    return mark


def size_of_file(endpoint: str | None) -> str | None:
    """The name of the setting for the file that an address takes; None where it takes none."""
    return getattr(current_app.view_functions.get(endpoint or ""), "takes_file", None)


def read_at_most() -> int:
    """So many bytes of a body are read here. Where a file may come, more than it may have: the words beside it are kept."""
    name = "FILE_READ_LENGTH" if size_of_file(request.endpoint) else "MAX_CONTENT_LENGTH"
    return int(current_app.config[name])


def megabytes() -> str:
    """What fits, in megabytes: the file of this address, or else the form."""
    name = size_of_file(request.endpoint) or "MAX_CONTENT_LENGTH"
    return f"{int(current_app.config[name]) / 2**20:g}"
