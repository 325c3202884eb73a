"""A test of the test: voting as it is usually written. The checks of the election must not let it pass.

Plain Flask and the driver's own deferred transactions; counters are read, added to in Python and written back;
the threshold is compared in Python and nothing guards the step that follows. One visitor at a time it is right
in everything, which the test asserts too: what it does wrong, it does wrong because of the others.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from flask import Flask, redirect, session
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from tests.conftest import MONDAY
from webapp.escalation.models import LadderRung, Tally
from webapp.journal.models import Fact
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.voting.models import SUPPORT, Vote


def make_naive_app(url: str, _folder: Path, window: float = 0.01) -> Flask:
    """The address, the cookie and the tables are those of the real application.

    `window` seconds pass between reading and writing, so that a fast machine loses votes too.
    """
    app = Flask(__name__)
    app.config.update(SECRET_KEY="tests", SESSION_COOKIE_NAME="saty")
    app.logger.disabled = True  # its error pages are what the test is after
    engine = create_engine(url)

    @app.post("/proposals/<int:key>/vote")
    def vote(key: int) -> Response:
        """What fails is an error page, as in the real application."""
        with Session(engine) as database:
            _vote(database, key, int(session["_user_id"]), window)
            database.commit()
        return redirect(f"/proposals/{key}", 303)

    app.extensions["naive"] = engine
    return app


def _vote(database: Session, key: int, voter_id: int, window: float) -> None:
    voter = database.get_one(User, voter_id)
    if database.get(Vote, (key, voter_id)) is not None:
        return
    proposal = database.get_one(Proposal, key)
    rungs = database.scalars(select(LadderRung).where(LadderRung.proposal_id == key).order_by(LadderRung.position))
    ladder = rungs.all()
    tallies = {row.territory_id: row for row in database.scalars(select(Tally).where(Tally.proposal_id == key))}
    time.sleep(window)
    database.add(Vote(proposal_id=key, voter_id=voter_id, choice=SUPPORT, home_id=voter.home_id, at=MONDAY))
    proposal.supports = proposal.supports + 1
    for rung in ladder:
        if rung.territory_id not in tallies:
            tallies[rung.territory_id] = Tally(proposal_id=key, territory_id=rung.territory_id, supports=0)
            database.add(tallies[rung.territory_id])
        tally = tallies[rung.territory_id]
        tally.supports = tally.supports + 1
    _climb(database, proposal, ladder, tallies)


def _climb(database: Session, proposal: Proposal, ladder: Sequence[LadderRung], tallies: dict[int, Tally]) -> None:
    position = next(rung.position for rung in ladder if rung.territory_id == proposal.seat_id)
    is_new = proposal.stage == "collecting"
    target = ladder[position if is_new else min(position + 1, len(ladder) - 1)]
    supports = tallies[target.territory_id].supports
    if supports < target.threshold:
        return
    if is_new:
        proposal.stage = "review"
    else:
        proposal.seat_id = target.territory_id
    target.reached_at = MONDAY
    database.add(
        Fact(
            at=MONDAY,
            verb="threshold:reached" if is_new else "proposal:climbed",
            subject_type="proposal",
            subject_id=proposal.id,
            proposal_id=proposal.id,
            territory_id=target.territory_id,
            facts={"supports": supports},
            public=True,
            told=False,
        )
    )
