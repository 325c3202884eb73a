"""One command that starts everything: database, web server, worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import select

from webapp.access.rules import Role
from webapp.commands.loading import demo
from webapp.demo.services import PASSWORD
from webapp.kernel.clock import now
from webapp.kernel.database import db, is_sqlite, unit_of_work
from webapp.rulebook.models import RuleSet
from webapp.rulebook.services import adopt_preset
from webapp.territories.services import load_country

PEOPLE = (
    ("resident1@demo.example", "a resident of Turkistan"),
    ("business1@demo.example", "a business"),
    ("moderator@turkistan.demo.example", "moderator of the city"),
    ("officer@turkistan.demo.example", "officer of the city"),
    ("officer@turkistan-region.demo.example", "officer of the region"),
    ("officer@nation.demo.example", "officer of the Government"),
    ("operator@demo.example", Role.OPERATOR),
)


def server_command(port: int, workers: int = 2, target: str = "wsgi:app") -> list[str]:
    """Granian serving the WSGI application `target` on loopback.

    A worker that is still loading does not hear the signal to stop; without `--workers-kill-timeout`
    the server would wait for it for ever, and killing the server would leave the worker on the port.
    """
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--blocking-threads",
        "4",
        "--respawn-failed-workers",
        "--workers-kill-timeout",
        "5",
        "--no-ws",
        "--log-level",
        "error",
        target,
    ]


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:  # nosec B310 (loopback)
            return bool(answer.status == 200)
    except OSError:
        return False


def _is_taken(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    for process in processes:
        try:
            process.wait(timeout=8)
        except subprocess.TimeoutExpired:
            process.kill()


@click.command()
@click.option("--port", default=lambda: int(os.environ.get("PORT", "8000")), type=int)
@click.option("--with-demo/--without-demo", default=None, help="Usual everywhere but in production.")
@with_appcontext
@click.pass_context
def up(context: click.Context, port: int, with_demo: bool | None) -> None:
    """Bring the database up to date, load the demonstration once, serve, and run the worker beside it."""
    if _is_taken(port):
        raise click.ClickException(f"Port {port} is in use. Choose another one: make run PORT=8123")
    if with_demo is None:
        with_demo = not current_app.config["PRODUCTION"]
    if with_demo:
        context.invoke(demo)
    else:
        upgrade()
        _set_up()
    environment = os.environ | {"PORT": str(port)}
    processes = [
        subprocess.Popen(server_command(port), env=environment, start_new_session=True),
        subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "worker"], env=environment, start_new_session=True
        ),
    ]
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    for _turn in range(200):
        if stopping or _answers(port):
            break
        time.sleep(0.1)
    _print_address(port, with_demo)
    while not stopping and all(process.poll() is None for process in processes):
        time.sleep(0.2)
    died = [process.args for process in processes if process.poll() is not None] if not stopping else []
    _stop(processes)
    click.echo("Stopped. Everything is saved.")
    if died:
        raise click.ClickException(f"Stopped by itself: {died[0]}")


def _set_up() -> None:
    """The country, and rules for it, where there are none yet: enough for the first proposal."""
    with unit_of_work():
        load_country()
        if db.session.scalar(select(RuleSet.id).limit(1)) is None:
            adopt_preset("saty-default", now())


def _print_address(port: int, with_demo: bool) -> None:
    where = "SQLite in instance/" if is_sqlite() else "PostgreSQL"
    click.echo(f"\n  Saty is open at http://127.0.0.1:{port}   ({where}, Ctrl+C stops it)\n")
    if with_demo and not current_app.config["PRODUCTION"]:
        click.echo(f"  Sign in with the password {PASSWORD} as")
        for email, who in PEOPLE:
            click.echo(f"    {email:<40} {who}")
        click.echo("")


COMMANDS = (up,)
