"""How much the long tests do: enough to catch a fault in `make test`, all of it in `make soak`."""

from __future__ import annotations

import os
from typing import TypeVar

SOAK = bool(os.environ.get("SATY_SOAK"))
Size = TypeVar("Size")


def size(usual: Size, soak: Size) -> Size:
    """The size of a test in the run at hand."""
    return soak if SOAK else usual
