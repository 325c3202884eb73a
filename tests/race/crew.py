"""Several real processes that do something at the same moment."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

#: Long enough for every process to hear of it, short enough to repeat a race many times.
NOTICE_SECONDS = 0.01
_spawn = get_context("spawn")  # a fork would inherit connections and locks of the test


class Crew:
    """Processes that live as long as the test session: an application takes two seconds to import.

    They are started when a race first needs so many.
    """

    def __init__(self) -> None:
        self._members: list[tuple[Any, Any]] = []

    def _grow(self, size: int) -> None:
        while len(self._members) < size:
            ours, theirs = _spawn.Pipe()
            process = _spawn.Process(target=_serve, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self._members.append((process, ours))

    def at_once(self, *tasks: tuple[Any, ...], seconds: float = 120) -> list[Any]:
        """Run tasks `(prepare, *arguments)`, each in a process of its own; returns what they return.

        `prepare(*arguments)` answers with the act itself; when all are prepared, all acts begin at
        one moment of the clock that the processes share. A crew in which one fails is let go.
        """
        self._grow(len(tasks))
        until = time.monotonic() + seconds
        pipes = [pipe for _process, pipe in self._members[: len(tasks)]]
        try:
            for pipe, task in zip(pipes, tasks, strict=True):
                pipe.send(task)
            _answers(pipes, until)
            start = time.monotonic() + NOTICE_SECONDS
            for pipe in pipes:
                pipe.send(start)
            return _answers(pipes, until)
        except BaseException:
            self.close()
            raise

    def all_at_once(self, prepare: Callable[[], Callable[[], Any]]) -> None:
        """All that have been started do the same."""
        self.at_once(*[(prepare,)] * len(self._members))

    def close(self) -> None:
        """Stop these processes and no others."""
        for process, pipe in self._members:
            pipe.close()
            process.terminate()
        for process, _pipe in self._members:
            process.join(5)
            if process.is_alive():
                process.kill()
        self._members.clear()


def _answers(pipes: list[Any], until: float) -> list[Any]:
    values = []
    for pipe in pipes:
        assert pipe.poll(max(0.0, until - time.monotonic())), "a process did not answer in time"
        done, value = pipe.recv()
        assert done, value
        values.append(value)
    return values


def _serve(pipe: Any) -> None:
    while True:
        try:
            prepare, *arguments = pipe.recv()
        except EOFError:
            return
        try:
            act: Callable[[], Any] = prepare(*arguments)
            pipe.send((True, None))
            _wait_for(pipe.recv())
            pipe.send((True, act()))
        except EOFError:
            return
        except Exception:
            pipe.send((False, traceback.format_exc()))


def _wait_for(moment: float) -> None:
    while time.monotonic() < moment:
        pass  # a sleep would wake up each process at another moment
