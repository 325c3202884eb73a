"""A country full of proposals and votes, written in bulk: a benchmark wants the size, not the history."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice, product
from typing import Any, TypeVar

from sqlalchemy import insert, select, text

from webapp.access.rules import Role
from webapp.access.services import give_role
from webapp.escalation.models import LadderRung, Tally
from webapp.journal.models import Fact
from webapp.kernel.database import db, unit_of_work
from webapp.people.models import SignIn, User
from webapp.people.sign_ins import token_key
from webapp.proposals.models import Proposal, ProposalTerm
from webapp.proposals.rules import SPHERES, talon_number
from webapp.proposals.terms import TITLE_WEIGHT, terms_of
from webapp.rulebook.models import RuleSet
from webapp.rulebook.services import adopt_preset
from webapp.territories.models import Territory
from webapp.territories.services import by_kato, ladder, load_country, nation
from webapp.voting.models import Vote

RESIDENTS = 4000
#: Proposals that wait for a moderator, besides those that are asked for.
WAITING = 400
MODERATOR = "moderator@bench.example"
HOMES = ("611000000", "612000000", "750000000", "710000000", "790000000", "101000000", "351000000", "431000000")
FAR_AWAY = 1_000_000
WORDS = [
    "жарық",
    "көше",
    "аула",
    "саябақ",
    "мектеп",
    "аялдама",
    "автобус",
    "су",
    "жылу",
    "жол",
    "өткел",
    "алаң",
    "бала",
    "қоқыс",
    "ағаш",
    "велосипед",
    "көпір",
    "базар",
    "двор",
    "свет",
    "вода",
    "тепло",
    "остановка",
    "школа",
    "парк",
    "дорога",
    "мост",
    "рынок",
    "мусор",
    "дерево",
    "площадка",
    "переход",
    "больница",
    "очередь",
]
#: Words that few proposals have, as names of streets and places are: 4,000 of them.
RARE = ["".join(letters) for letters in product("бдзкмнпрст", "аеиоу", "лнрт", "аеиу", "бкмст")]
Item = TypeVar("Item")
#: What one proposal has in the journal.
VERBS = ("proposal:submitted", "proposal:published")


def fill(proposals: int, votes: int, now: datetime) -> None:
    """The schema must be there. Thresholds are out of reach, so that nothing climbs while it is measured."""
    chance = random.Random(2026)  # noqa: S311 (the same country every time)
    with unit_of_work():
        load_country()
        adopt_preset("demo", now - timedelta(days=400))
        homes = [by_kato(kato) for kato in HOMES]
        rungs = {home.id: ladder(home) for home in homes if home is not None}
        people = _residents(chance, list(rungs), now)
        rules = dict(db.session.execute(select(RuleSet.rung, RuleSet.id)).all())
    for numbers in batched(range(1, proposals + 1), 10_000):
        with unit_of_work():
            _propose(chance, numbers, rungs, rules, people, now)
    for pairs in batched(_pairs(proposals, votes, people), 20_000):
        with unit_of_work():
            rows = [{"proposal_id": p, "voter_id": v, "choice": 1, "home_id": h, "at": now} for p, v, h in pairs]
            db.session.execute(insert(Vote), rows)
    with unit_of_work():
        _count(proposals)
    with unit_of_work():
        _wait(chance, proposals, rungs, people, now)
    with unit_of_work():
        key = "integer primary key" if db.engine.dialect.name == "sqlite" else "bigserial primary key"
        db.session.execute(text(f"CREATE TABLE bare_vote (id {key}, proposal_id integer, voter bigint)"))
        db.session.execute(text("CREATE TABLE bare_count (id integer primary key, supports integer)"))
        db.session.execute(text("INSERT INTO bare_count SELECT id, 0 FROM proposal"))
        db.session.execute(text("ANALYZE"))


def batched(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """Pieces of at most `size`."""
    rest = iter(items)
    while piece := tuple(islice(rest, size)):
        yield piece


def _residents(chance: random.Random, homes: list[int], now: datetime) -> list[tuple[int, int]]:
    shared = {
        "password_hash": "", "surname": "Сейітов", "lang": "kk", "shows_full_name": False, "created_at": now,
        "email_confirmed_at": now, "verified_at": now,
    }  # fmt: skip
    rows = [
        shared
        | {
            "email": f"resident{number}@bench.example",
            "given_name": "Олжас",
            "person_key": f"key {number}",
            "home_id": chance.choice(homes),
        }
        for number in range(RESIDENTS)
    ]
    db.session.execute(insert(User), rows)
    return [(key, home) for key, home in db.session.execute(select(User.id, User.home_id).order_by(User.id))]


def _propose(
    chance: random.Random,
    numbers: tuple[int, ...],
    rungs: dict[int, list[Territory]],
    rules: dict[str, int],
    people: list[tuple[int, int]],
    now: datetime,
) -> None:
    rows: dict[Any, list[dict[str, Any]]] = {Proposal: [], LadderRung: [], Fact: [], ProposalTerm: []}
    for number in numbers:
        origin = chance.choice(list(rungs))
        steps = rungs[origin]
        at = now - timedelta(minutes=number)
        due = now + timedelta(days=90)
        title = " ".join([*chance.sample(WORDS, 5), chance.choice(RARE)])
        body = "\n\n".join(" ".join(chance.choices(WORDS, k=40)) + "." for _paragraph in range(3))
        rows[Proposal].append(
            {
                "id": number, "number": talon_number(steps[0].kato, at.year, number), "title": title.capitalize(),
                "text": body, "lang": "kk", "sphere": chance.choice(SPHERES), "author_id": chance.choice(people)[0],
                "origin_id": origin, "seat_id": origin, "stage": "collecting", "due_at": due, "closes_at": due,
                "submitted_at": at, "published_at": at, "withdraw_below": 10, "next_territory_id": origin,
                "next_threshold": FAR_AWAY,
            }
        )  # fmt: skip
        for term in terms_of(title):
            rows[ProposalTerm].append({"term": term, "proposal_id": number, "weight": TITLE_WEIGHT})
        for term in terms_of(body) - terms_of(title):
            rows[ProposalTerm].append({"term": term, "proposal_id": number, "weight": 1})
        for position, step in enumerate(steps):
            rows[LadderRung].append(
                {
                    "proposal_id": number, "territory_id": step.id, "position": position,
                    "rule_set_id": rules[step.rung], "threshold": FAR_AWAY, "minimum_support_percent": 50,
                    "spread_places": position * 2, "spread_supports": 10, "answer_working_days": 15,
                    "appeal_working_days": 15, "cause": "", "outcome": "",
                }
            )  # fmt: skip
        for verb in VERBS:
            rows[Fact].append(
                {
                    "at": at, "verb": verb, "subject_type": "Proposal", "subject_id": number, "proposal_id": number,
                    "territory_id": origin, "public": True, "told": True, "actor_id": None,
                    "facts": {"number": "x", "closes_at": due.isoformat()},
                }
            )  # fmt: skip
    for model, values in rows.items():
        db.session.execute(insert(model.__table__), values)


def _wait(
    chance: random.Random,
    proposals: int,
    rungs: dict[int, list[Territory]],
    people: list[tuple[int, int]],
    now: datetime,
) -> None:
    """A moderator of the whole country, and what lies on that desk: numbers behind those of the others."""
    moderator = User(email=MODERATOR, password_hash="", given_name="Ерлан", surname="Қалиев", lang="kk", created_at=now)
    moderator.email_confirmed_at, moderator.shows_full_name = now, False
    db.session.add(moderator)
    db.session.flush()
    give_role(moderator, Role.MODERATOR, nation(), now - timedelta(days=1))
    rows = [
        {
            "id": number, "number": f"W-{number}", "title": " ".join(chance.sample(WORDS, 5)).capitalize(), "lang": "kk",
            "text": " ".join(chance.choices(WORDS, k=80)), "author_id": chance.choice(people)[0], "stage": "submitted",
            "origin_id": (origin := chance.choice(list(rungs))), "seat_id": origin, "submitted_at": now,
            "due_at": now + timedelta(hours=number % 96 + 1), "withdraw_below": 10,
        }
        for number in range(proposals + 1, proposals + WAITING + 1)
    ]  # fmt: skip
    db.session.execute(insert(Proposal.__table__), rows)


def _pairs(proposals: int, votes: int, people: list[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Who votes on what: the same number on each proposal, everybody at most once."""
    each = max(1, votes // proposals)
    for number in range(1, proposals + 1):
        for turn in range(each):
            voter, home = people[(number * 37 + turn) % len(people)]
            yield number, voter, home


def _count(proposals: int) -> None:
    """Tallies as the votes are, by SQL."""
    db.session.execute(
        text(
            "INSERT INTO tally (proposal_id, territory_id, supports, opposes, organisation_supports, organisation_opposes) "
            "SELECT v.proposal_id, a.id, count(*), 0, 0, 0 FROM vote v JOIN territory h ON h.id = v.home_id "
            "JOIN territory a ON a.rung <> '' AND h.path LIKE a.path || '%' GROUP BY v.proposal_id, a.id"
        )
    )
    db.session.execute(
        text("UPDATE proposal SET supports = (SELECT count(*) FROM vote WHERE vote.proposal_id = proposal.id)")
    )
    db.session.execute(text("UPDATE proposal SET next_supports = supports, progress = id % 1000"))
    assert db.session.scalar(select(db.func.count()).select_from(Tally)) or not proposals


def token_of(person: int) -> str:
    """The token of a person's browser, in a database that is thrown away."""
    return f"browser of {person}"


def sign_everybody_in(people: list[int], moment: datetime) -> None:
    """A sign-in for each, without typing passwords."""
    shared = {"is_staff": False, "browser": "", "created_at": moment, "seen_at": moment}
    for start in range(0, len(people), 2000):
        rows = [
            {"user_id": key, "token_key": token_key(token_of(key)), **shared} for key in people[start : start + 2000]
        ]
        db.session.execute(insert(SignIn), rows)
