"""A proposal, thousands of residents, two attempts each, in several processes; and what must be true afterwards."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text, update

from tests.conftest import MONDAY
from tests.factories import World, published
from tests.race.browsers import application, passport, post, settle
from tests.race.crew import Crew
from webapp.escalation.models import LadderRung, Tally
from webapp.escalation.tallies import remember_progress
from webapp.journal.models import Fact
from webapp.kernel.database import db, is_sqlite, rollback, unit_of_work
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.voting.models import Vote
from webapp.voting.services import recount

CITY, REGION, NATION = "611000000", "610000000", "000000000"
THREADS = 4
FAR = 1_000_000
#: The database itself writes down every step of a proposal; the journal under test is not its own witness.
_SEEN = "INSERT INTO witness VALUES (OLD.stage, OLD.seat_id, NEW.stage, NEW.seat_id);"
_TABLE = "CREATE TABLE witness (stage text, seat_id integer, new_stage text, new_seat_id integer)"
_ON_SQLITE = (
    _TABLE,
    f"CREATE TRIGGER witness AFTER UPDATE OF stage, seat_id ON proposal BEGIN {_SEEN} END",
)
_ON_POSTGRESQL = (
    _TABLE,
    f"CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_SEEN} RETURN NULL; END $$",
    "CREATE TRIGGER witness AFTER UPDATE OF stage, seat_id ON proposal FOR EACH ROW EXECUTE FUNCTION witness()",
)


@dataclass(frozen=True)
class Election:
    """One proposal, who votes on it, and how many supports bring it to the city and then to the region."""

    key: int
    residents: list[int]
    city: int
    region: int

    @property
    def attempts(self) -> list[int]:
        """Everybody tries twice, in a fixed order: half of the second tries follow at once, half of them later.

        Hands are dealt in turns, so a try that follows at once is made by another process.
        """
        chance = random.Random(2026)
        order = chance.sample(self.residents, len(self.residents))
        tries = [(float(place), person) for place, person in enumerate(order)]
        tries += [(place + chance.choice([0.5, chance.uniform(0, len(order))]), person) for place, person in tries]
        return [person for _place, person in sorted(tries)]


def open_election(world: World, residents: int, city: int, region: int) -> Election:
    """All residents live in the city, so their votes count on three rungs; the nation is out of reach."""
    with unit_of_work():
        proposal = published(world, MONDAY)
        for position, threshold in enumerate((city, region, FAR)):
            rung = (LadderRung.proposal_id == proposal.id, LadderRung.position == position)
            db.session.execute(update(LadderRung).where(*rung).values(threshold=threshold, spread_places=0))
        remember_progress(proposal)
        election = Election(proposal.id, settle(residents, CITY, MONDAY), city, region)
        for statement in _ON_SQLITE if is_sqlite() else _ON_POSTGRESQL:
            db.session.execute(text(statement))
    return election


def hold(crew: Crew, election: Election, processes: int, *where: Any) -> Counter[tuple[int, str]]:
    """Everybody votes at once; returns how often which answer came."""
    attempts = election.attempts
    tasks = ((voting, election.key, attempts[number::processes], *where) for number in range(processes))
    return sum(crew.at_once(*tasks, seconds=900), Counter())


def voting(
    key: int, hand: list[int], url: str, folder: str, make: Any, threads: int = THREADS
) -> Callable[[], Counter[tuple[int, str]]]:
    """One process of the election: it takes its hand with several threads."""
    app = application(url, folder, make)
    holders = {person: passport(app, person) for person in set(hand)}

    def vote(people: list[int]) -> Counter[tuple[int, str]]:
        answers: Counter[tuple[int, str]] = Counter()
        for person in people:
            answer = post(app, f"/proposals/{key}/vote", holders[person], choice="support")
            answers[answer.status, answer.location] += 1
        return answers

    def act() -> Counter[tuple[int, str]]:
        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(vote, [hand[number::threads] for number in range(threads)]), Counter())

    return act


def complaints(election: Election, answers: Counter[tuple[int, str]]) -> dict[str, str]:
    """What is not as it must be, by name: "4711 instead of 5000"."""
    rollback()
    key, everybody = election.key, len(election.residents)
    proposal = db.session.get_one(Proposal, key)
    place = dict(db.session.execute(select(Territory.kato, Territory.id)).all())
    findings = [
        ("answers", dict(answers), {(303, f"/proposals/{key}"): 2 * everybody}),
        ("votes", _count(Vote.proposal_id == key), everybody),
        ("supports", (proposal.supports, proposal.opposes), (everybody, 0)),
        ("tallies", _tallies(key), dict.fromkeys((CITY, REGION, NATION), (everybody, 0))),
        (
            "escalations",
            escalations(key),
            [("threshold:reached", place[CITY], election.city), ("proposal:climbed", place[REGION], election.region)],
        ),
        (
            "steps",
            [tuple(row) for row in db.session.execute(text("SELECT * FROM witness"))],
            [("collecting", place[CITY], "review", place[CITY]), ("review", place[CITY], "review", place[REGION])],
        ),
        ("marks", _marks(key), [CITY, REGION]),
        ("seat", (proposal.stage, proposal.seat.kato), ("review", REGION)),
    ]
    with unit_of_work():
        findings.append(("recount", recount(MONDAY), []))
    return {name: f"{found} instead of {wanted}" for name, found, wanted in findings if found != wanted}


def _count(*where: Any) -> int:
    return db.session.scalar(select(func.count()).where(*where)) or 0


def _tallies(key: int) -> dict[str, tuple[int, int]]:
    query = select(Territory.kato, Tally.supports, Tally.opposes).join(Territory, Territory.id == Tally.territory_id)
    return {row.kato: (row.supports, row.opposes) for row in db.session.execute(query.where(Tally.proposal_id == key))}


def escalations(key: int) -> list[tuple[str, int | None, Any]]:
    """The facts that support has moved the proposal: verb, territory, number of supports."""
    verbs = ("threshold:reached", "proposal:climbed")
    query = select(Fact).where(Fact.proposal_id == key, Fact.verb.in_(verbs)).order_by(Fact.id)
    return [(fact.verb, fact.territory_id, fact.facts.get("supports")) for fact in db.session.scalars(query)]


def _marks(key: int) -> list[str]:
    query = select(Territory.kato).join(LadderRung, LadderRung.territory_id == Territory.id)
    reached = query.where(LadderRung.proposal_id == key, LadderRung.reached_at.is_not(None))
    return list(db.session.scalars(reached.order_by(LadderRung.position)))
