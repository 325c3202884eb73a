"""A server in a process of its own, and a client that asks it one thing after another through a few connections."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parent.parent.parent
CONNECTIONS = 4
#: A request of the client: method, path, body, headers.
Request = tuple[str, str, bytes | None, dict[str, str]]


@contextmanager
def serving(command: Sequence[str], port: int, **settings: str) -> Iterator[None]:
    """The server that `command` starts on `port`, until the block is left."""
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, start_new_session=True)
    try:
        _wait(port)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(port: int) -> None:
    for _turn in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/static/none", timeout=2).close()  # nosec B310 (loopback)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"No server has come up on port {port}.")


def measure(port: int, requests: Sequence[Request], wanted: set[int]) -> tuple[float, list[float]]:
    """Requests per second and the seconds of each; raises RuntimeError on any other status than `wanted`."""
    spent: list[float] = []
    faults: list[str] = []

    def ask(share: Sequence[Request]) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        for method, path, body, headers in share:
            begun = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            spent.append(time.perf_counter() - begun)
            if answer.status not in wanted:
                faults.append(f"{method} {path}: {answer.status}")
        connection.close()

    threads = [Thread(target=ask, args=(requests[turn::CONNECTIONS],)) for turn in range(CONNECTIONS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = time.perf_counter() - begun
    if faults:
        raise RuntimeError(f"{len(faults)} answers were not as expected, the first: {faults[0]}")
    return len(spent) / whole, spent


def percentile(spent: Sequence[float], share: float) -> float:
    """Milliseconds that this share of the requests stayed under."""
    ordered = sorted(spent)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def rounds(what: dict[str, Callable[[], tuple[float, list[float]]]], count: int) -> dict[str, dict[str, float]]:
    """Measure several things in turn, `count` times, so that a noisy moment meets all of them; medians of the rates."""
    rates: dict[str, list[float]] = {name: [] for name in what}
    times: dict[str, list[float]] = {name: [] for name in what}
    for _turn in range(count):
        for name, work in what.items():
            rate, spent = work()
            rates[name].append(rate)
            times[name] += spent
    return {
        name: {
            "per_second": round(sorted(rates[name])[len(rates[name]) // 2], 1),
            **{f"p{share}_ms": round(percentile(times[name], share / 100), 2) for share in (50, 95, 99)},
        }
        for name in what
    }
