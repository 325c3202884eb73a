"""The benchmark: pages and votes as ratios to a bare page and a bare POST of the same run."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click
from flask import Flask, current_app, session
from flask.cli import with_appcontext
from flask_migrate import upgrade
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from webapp.benchmark.filling import MODERATOR, WAITING, fill, sign_everybody_in, token_of
from webapp.benchmark.load import ROOT, Request, measure, rounds, serving
from webapp.benchmark.strategy import fill_strategy
from webapp.commands.serving import server_command
from webapp.kernel.clock import now
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.people.models import User
from webapp.people.presence import TOKEN
from webapp.proposals.models import Proposal
from webapp.proposals.similarity import candidates

VOTES = 200_000
ROUNDS = 5
PAGES = 400
POSTS = 240
QUESTIONS = 40
#: Pages of the strategy in a round; each is some ten times as heavy as a page of a proposal.
STRATEGY = 60
CAUSES = ("", "no-programme", "no-report", "overdue")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Voters:
    """Signed-in residents with a token, as their browsers keep them; each vote is one that nobody has cast yet."""

    def __init__(self, app: Flask, proposals: int) -> None:
        self._chance = random.Random(7)  # noqa: S311 (the same order every time)
        self._proposals = proposals
        self._keys: dict[int, tuple[str, str]] = {}
        self._app = app
        self._people = list(db.session.scalars(select(User.id).order_by(User.id)))
        with unit_of_work():
            sign_everybody_in(self._people, now())
        rollback()
        self._done: set[tuple[int, int]] = set()

    def _passport(self, person: int) -> tuple[str, str]:
        if person not in self._keys:
            with self._app.app_context(), self._app.test_request_context():
                session.update({TOKEN: token_of(person)}, _user_id=str(person), _fresh=True)
                token = generate_csrf()
                signer = self._app.session_interface.get_signing_serializer(self._app)  # type: ignore[attr-defined]
                self._keys[person] = (f"saty={signer.dumps(dict(session))}", token)
        return self._keys[person]

    def votes(self, count: int) -> list[Request]:
        """So many POSTs to random proposals."""
        requests: list[Request] = []
        while len(requests) < count:
            person, proposal = self._chance.choice(self._people), self._chance.randint(1, self._proposals)
            if (person, proposal) in self._done:
                continue
            self._done.add((person, proposal))
            cookie, token = self._passport(person)
            body = urlencode({"csrf_token": token, "choice": "support"}).encode()
            requests.append(("POST", f"/proposals/{proposal}/vote", body, FORM | {"Cookie": cookie}))
        return requests

    def decisions(self, count: int) -> list[Request]:
        """A moderator who goes from one proposal to the next: where it is, and its page."""
        person = db.session.scalars(select(User.id).where(User.email == MODERATOR)).one()
        rollback()
        headers = {"Cookie": self._passport(person)[0]}
        keys = [self._chance.randint(self._proposals + 1, self._proposals + WAITING) for _turn in range(count // 2)]
        paths = (path for key in keys for path in (f"/desk/next?after={key}", f"/desk/{key}"))
        return [("GET", path, None, headers) for path in paths]


def _requests(chance: random.Random, proposals: int) -> dict[str, Callable[[], list[Request]]]:
    """What is asked for: the list in its orders and filters, proposals at random, and the same of the bare server."""
    lists = ("", "?sort=closest", "?sort=most", "?state=collecting", "?place=611000000", "?sphere=safety")

    def some() -> int:
        return chance.randint(1, proposals)

    return {
        "list": lambda: [("GET", f"/proposals{lists[turn % len(lists)]}", None, {}) for turn in range(PAGES)],
        "proposal": lambda: [("GET", f"/proposals/{some()}", None, {}) for _turn in range(PAGES)],
        "matrix": lambda: [("GET", f"/progress?page={1 + turn % 8}", None, {}) for turn in range(STRATEGY)],
        "hanging": lambda: [("GET", f"/hanging?cause={CAUSES[turn % 4]}", None, {}) for turn in range(STRATEGY)],
        "strategy": lambda: [("GET", "/strategy", None, {}) for _turn in range(STRATEGY)],
        "bare page": lambda: [("GET", f"/page/{some()}", None, {}) for _turn in range(PAGES)],
        "bare post": lambda: [("POST", f"/vote/{some()}", b"", FORM) for _turn in range(POSTS)],
    }


def measure_size(proposals: int, workers: int) -> dict[str, dict[str, float]]:
    """Everything in turn on the database of this process, served by processes of their own."""
    chance = random.Random(11)  # noqa: S311 (the same pages every time)
    ours, bare = free_port(), free_port()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    voters = Voters(app, proposals)
    with (
        serving(server_command(ours, workers), ours),
        serving(server_command(bare, workers, "webapp.benchmark.bare:app"), bare, BARE="1"),
    ):
        pages = _requests(chance, proposals)
        work: dict[str, Callable[[], tuple[float, list[float]]]] = {
            "bare page": lambda: measure(bare, pages["bare page"](), {200}),
            "list": lambda: measure(ours, pages["list"](), {200}),
            "proposal": lambda: measure(ours, pages["proposal"](), {200}),
            **{name: partial(_pages, ours, pages[name]) for name in ("matrix", "hanging", "strategy")},
            "bare post": lambda: measure(bare, pages["bare post"](), {303}),
            "vote": lambda: measure(ours, voters.votes(POSTS), {303}),
            "next on desk": lambda: measure(ours, voters.decisions(POSTS), {200, 303}),
            "similar": lambda: _ask_for_similar(chance, proposals),
        }
        rounds(work, 1)  # warm
        return rounds(work, ROUNDS)


def _pages(port: int, made: Callable[[], list[Request]]) -> tuple[float, list[float]]:
    return measure(port, made(), {200})


def _ask_for_similar(chance: random.Random, proposals: int) -> tuple[float, list[float]]:
    """How long it takes in this process to find proposals like a given one: title, text, place and sphere."""
    taken = []
    for _turn in range(QUESTIONS):
        asked = db.session.get_one(Proposal, chance.randint(1, proposals))
        title = asked.title[:-1] + "х"  # one slip, too
        began = time.perf_counter()
        candidates(title, asked.text, origin_id=asked.origin_id, sphere=asked.sphere, besides=asked.id)
        taken.append(time.perf_counter() - began)
    rollback()
    return QUESTIONS / sum(taken), taken


def _ratios(found: dict[str, dict[str, float]]) -> Iterator[tuple[str, dict[str, float], float | None]]:
    against = {"vote": "bare post"} | dict.fromkeys(("list", "proposal", "matrix", "hanging", "strategy"), "bare page")
    for name, numbers in found.items():
        base = against.get(name)
        yield name, numbers, round(numbers["per_second"] / found[base]["per_second"], 2) if base else None


@click.command("bench-size", hidden=True)
@click.argument("proposals", type=int)
@click.argument("workers", type=int)
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def bench_size(proposals: int, workers: int, output: Path) -> None:
    """Fill the database of this process and measure it; `bench` starts one such process for each size."""
    upgrade()
    fill(proposals, min(VOTES, proposals * 20), now())
    fill_strategy(now())
    rollback()
    output.write_text(json.dumps(measure_size(proposals, workers)), encoding="utf-8")
    db.session.remove()
    db.engine.dispose()


@click.command()
@click.option("--proposals", default="10000,1000,100000", help="Sizes to measure, one after another.")
@click.option("--workers", default=1, help="Processes of each server; the client needs a core of its own.")
@click.option(
    "--database-url", default="", help="An empty PostgreSQL database; SQLite in a temporary folder otherwise."
)
@click.option("--output", default="bench.json", type=click.Path(dir_okay=False, path_type=Path))
def bench(proposals: str, workers: int, database_url: str, output: Path) -> None:
    """Measure list, proposal page and vote against a bare page and a bare POST; print a table, write JSON."""
    results: dict[str, Any] = {}
    for size in [int(part) for part in proposals.split(",")]:
        with tempfile.TemporaryDirectory(prefix="saty-bench-") as folder:
            settings = {
                "DATABASE_URL": database_url or f"sqlite:///{folder}/bench.sqlite3",
                "INSTANCE_PATH": folder,
                "RATE_LIMITS": "off",
                "SECRET_KEY": "bench",
            }
            answer = Path(folder) / "found.json"
            command = [sys.executable, "-m", "flask", "--app", "wsgi", "bench-size", str(size), str(workers)]
            subprocess.run([*command, str(answer)], cwd=ROOT, env=os.environ | settings, check=True)
            found = json.loads(answer.read_text(encoding="utf-8"))
        results[str(size)] = {name: numbers | {"ratio": ratio} for name, numbers, ratio in _ratios(found)}
        _print(size, results[str(size)])
    _print_flatness(results)
    output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    click.echo(f"Written to {output}.")


def _print(size: int, found: dict[str, dict[str, float]]) -> None:
    click.echo(f"\n{size:,} proposals, {min(VOTES, size * 20):,} votes")
    click.echo(f"  {'':<12} {'per second':>10} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'ratio':>7}")
    for name, row in found.items():
        ratio = f"{row['ratio']:.2f}" if row["ratio"] is not None else "1" if name.startswith("bare") else ""
        click.echo(
            f"  {name:<12} {row['per_second']:>10.1f} {row['p50_ms']:>8.2f} {row['p95_ms']:>8.2f} {row['p99_ms']:>8.2f} {ratio:>7}"
        )


def _print_flatness(results: dict[str, Any]) -> None:
    sizes = sorted(int(size) for size in results)
    if len(sizes) < 2:
        return
    low, high = str(sizes[0]), str(sizes[-1])
    click.echo(f"\nFrom {sizes[0]:,} to {sizes[-1]:,} proposals (time at p50; 1 is flat)")
    for name in ("list", "proposal", "vote", "next on desk", "similar"):
        click.echo(f"  {name:<12} {results[high][name]['p50_ms'] / results[low][name]['p50_ms']:>6.2f}")


COMMANDS = (bench, bench_size)
