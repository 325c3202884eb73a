"""Where the writers of one process wait for their turn at a file of SQLite."""

from __future__ import annotations

import threading

from sqlalchemy.exc import OperationalError

BUSY_TIMEOUT_SECONDS = 15


class WriteGate:
    """One writer at a time per process.

    SQLite's busy handler is unfair: with 48 threads the longest wait was 2.4 s. Threads of one
    process queue here instead, so that only processes compete for the file.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = threading.local()

    def enter(self) -> None:
        """Wait for the turn; a second entry of the same thread is a no-op."""
        if getattr(self._held, "yes", False):
            return
        if not self._lock.acquire(timeout=BUSY_TIMEOUT_SECONDS):
            raise OperationalError("BEGIN IMMEDIATE", None, TimeoutError("database is locked"))
        self._held.yes = True

    def leave(self) -> None:
        """Let the next writer in; harmless when not inside."""
        if getattr(self._held, "yes", False):
            self._held.yes = False
            self._lock.release()
