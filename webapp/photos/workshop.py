"""Where a file becomes a picture: a program of its own, one at a time in a process, with little time and memory."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.photos.rules import PhotoFault, Picture, fault_of

PROGRAM = Path(__file__).with_name("making.py")
#: Seconds: the program may wait for a processor beside the five that it may use; a request may wait for its turn.
LONGEST, PATIENCE = 20, 3
_turn = threading.Semaphore(1)


def remade(sent: bytes) -> Picture | PhotoFault:
    """A file as a small WebP of new pixels, or why it is none. Raises `Conflict` while many others are being made.

    What the bytes tell is asked first: a file that would cost much costs nothing.
    """
    fault = fault_of(sent)
    if fault is not None:
        return fault
    if not _turn.acquire(timeout=PATIENCE):
        raise Conflict(_("Many photos are being sent just now. Send yours again in a minute."), "photo")
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM)], input=sent, capture_output=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return PhotoFault.TOO_MUCH_WORK
    finally:
        _turn.release()
    return _answer(done.returncode, done.stdout)


def _answer(code: int, said: bytes) -> Picture | PhotoFault:
    if code < 0:  # ended by a signal: its time was over
        return PhotoFault.TOO_MUCH_WORK
    head, line_end, data = said.partition(b"\n")
    if line_end and code == 0:
        width, height = head.split()
        return Picture(data, int(width), int(height))
    word = said.decode("ascii", "replace")
    return PhotoFault(word) if word in set(PhotoFault) else PhotoFault.NO_PHOTO
