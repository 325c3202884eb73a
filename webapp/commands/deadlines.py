"""The worker, one tick of it, the recount and the journal's seal."""

from __future__ import annotations

import signal
import threading
from datetime import datetime

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from webapp.journal.services import verify
from webapp.kernel.clock import EARLIEST, LOCAL_ZONE, day_in_years, local_date, now
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.jobs import Heartbeat, jobs
from webapp.proposals.models import Proposal
from webapp.proposals.terms import differs, index_anew
from webapp.voting.recounting import recount_all

PAUSE_SECONDS = 2.0
#: Proposals that are looked at in one transaction.
AT_ONCE = 500


def _ensure_set_up() -> None:
    """One sentence for an empty database, before every job says it in its own way."""
    db.session.scalar(select(Heartbeat.name).limit(1))
    rollback()


@click.command()
@with_appcontext
def worker() -> None:
    """Act on due dates, send mail, seal the journal, until it is told to stop."""
    _ensure_set_up()
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_args: stop.set())
    while not stop.is_set():
        jobs.run(now(), everything=False)
        stop.wait(PAUSE_SECONDS)


def as_moment(typed: str) -> datetime:
    """A moment that an operator typed, in Kazakhstan's time unless it names a zone."""
    try:
        at = datetime.fromisoformat(typed)
    except ValueError as error:
        raise click.BadParameter(f"{typed!r} is not a moment like 2026-12-14T18:00.") from error
    at = at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)
    if not EARLIEST.year < at.year <= day_in_years(30, local_date(now())).year:
        raise click.BadParameter(f"{typed!r} is not in the years of this country, nor in the next thirty.")
    return at


@click.command()
@click.option(
    "--at",
    "moment",
    help="Play this moment: 2026-12-14 or 2026-12-14T18:00 (Kazakhstan's time unless it says otherwise).",
)
@with_appcontext
def tick(moment: str | None) -> None:
    """Act on everything that is due, once."""
    at = as_moment(moment) if moment else now()
    _ensure_set_up()
    done = jobs.run(at, played=moment is not None)
    for name, count in done.items():
        click.echo(f"{name}: {'failed, see the log' if count < 0 else count}")
    if any(count < 0 for count in done.values()):
        raise SystemExit(1)


@click.command()
@with_appcontext
def recount() -> None:
    """Count all votes anew, in parts, while people vote; correct and report what differs."""
    _ensure_set_up()
    wrong = recount_all(now())
    click.echo(f"{len(wrong)} proposals corrected{': ' + ', '.join(map(str, wrong[:20])) if wrong else ''}")


@click.command()
@with_appcontext
def reindex() -> None:
    """Write the index of words anew, by which proposals are found; report where it held anything else."""
    last, wrong = 0, 0
    while True:
        with unit_of_work():
            query = select(Proposal).where(Proposal.id > last).order_by(Proposal.id).limit(AT_ONCE)
            found = list(db.session.scalars(query))
            for proposal in filter(differs, found):
                index_anew(proposal)
                wrong += 1
            last = found[-1].id if found else last
            db.session.expunge_all()
        if not found:
            break
    click.echo(f"{wrong} proposals were found by other words than theirs, and are not any more.")


@click.command("verify-journal")
@with_appcontext
def verify_journal() -> None:
    """Check the seal of every fact in the journal."""
    count, broken = verify()
    rollback()
    if broken:
        raise click.ClickException(f"{len(broken)} of {count} facts do not fit their seal, the first is {broken[0]}.")
    click.echo(f"{count} facts, every seal holds.")


COMMANDS = (worker, tick, recount, reindex, verify_journal)
