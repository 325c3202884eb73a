"""The real server, and people who vote on it without a pause while its workers are killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlencode

import psutil
from flask import Flask

from tests.conftest import ROOT
from tests.race.browsers import FORM, passport
from webapp.commands.serving import server_command

#: Bounds for a machine that has ten other things to do; on an idle one it is a tenth of each.
PATIENCE_SECONDS = 120
STOP_SECONDS = 30


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(is_so: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something, but not for ever."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"after {seconds} seconds still not: {what}"
        time.sleep(0.01)


def answers(port: int) -> bool:
    """Whether the server is up."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False


@contextmanager
def serving(url: str, folder: Path, port: int, workers: int, **more: str) -> Iterator[psutil.Process]:
    """The server as `make run` starts it, on its way up; in the end it and its workers are stopped, by their ids."""
    settings = {
        "DATABASE_URL": url,
        "INSTANCE_PATH": str(folder),
        "SECRET_KEY": "tests",
        "MAIL_BACKEND": "memory",
    } | more
    with (folder / "server.log").open("wb") as log:
        command = server_command(port, workers)
        started = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | settings, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield psutil.Process(started.pid)
    finally:
        started.terminate()
        with suppress(subprocess.TimeoutExpired):
            started.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)  # its own session: the server, and workers that it left behind
        started.wait(STOP_SECONDS)


def workers_of(server: psutil.Process) -> list[psutil.Process]:
    """The processes that answer requests, the oldest first."""
    return sorted(filter(lives, server.children()), key=lambda child: child.create_time())


def lives(process: psutil.Process) -> bool:
    """Whether it still runs; one that its parent has not buried yet does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def kill_a_worker(server: psutil.Process, count: int) -> None:
    """As the kernel does it when memory runs out: no goodbye. The oldest, because granian gives up on one that
    dies twice within 5.5 seconds; returns when another one is there."""
    victim = workers_of(server)[0]
    victim.kill()
    until(lambda: not lives(victim), PATIENCE_SECONDS, "the worker is dead")
    until(lambda: len(workers_of(server)) == count, PATIENCE_SECONDS, "another worker has taken its place")


class Load:
    """Residents who come one after another through several doors; each votes once, whatever the answer is."""

    def __init__(self, app: Flask, port: int, key: int) -> None:
        self._app, self._port, self._page = app, port, f"/proposals/{key}"
        self._stop = Event()
        self.acknowledged: list[int] = []
        self.unanswered: list[int] = []
        self.refused: list[tuple[int, str]] = []

    @contextmanager
    def going_on(self, people: list[int], doors: int, pause: float) -> Iterator[None]:
        """The load goes on while the block lasts."""
        threads = [Thread(target=self.vote, args=(people[door::doors], pause)) for door in range(doors)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(PATIENCE_SECONDS)
        self._stop.clear()

    def vote(self, people: list[int], pause: float = 0.0) -> None:
        """One door: one connection, opened again when the server breaks it."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        for person in people:
            if not self._is_open(connection):
                break
            try:
                self._vote(connection, person)
            except (OSError, HTTPException):
                self.unanswered.append(person)
                connection.close()
            time.sleep(pause)
        connection.close()

    def _is_open(self, connection: HTTPConnection) -> bool:
        """Nobody has voted before the door is open; while all workers are on their way, people wait outside."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not self._stop.is_set() and time.monotonic() < end:
            try:
                if connection.sock is None:
                    connection.connect()
                return True
            except OSError:
                time.sleep(0.05)
        return False

    def _vote(self, connection: HTTPConnection, person: int) -> None:
        holder = passport(self._app, person)
        body = urlencode({"csrf_token": holder.token, "choice": "support"})
        connection.request("POST", f"{self._page}/vote", body, {"Cookie": holder.cookie, "Content-Type": FORM})
        answer = connection.getresponse()
        text = answer.read().decode()
        if (answer.status, answer.headers["Location"]) == (303, self._page):
            self.acknowledged.append(person)
        else:
            self.refused.append((answer.status, text))
