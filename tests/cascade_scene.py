"""Directions, programmes, measures and money of the scene: made by their verbs, in the words of the scene."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from tests.factories import World
from webapp.cascade.services import place
from webapp.delivery.rules import Step
from webapp.delivery.services import milestones_of_measure, plan_measure
from webapp.kernel.database import db, locked
from webapp.offers import services as offers
from webapp.offers.models import Offer
from webapp.offers.rules import Form
from webapp.people.models import Organisation, User
from webapp.proposals.models import Proposal
from webapp.replicating.services import replicate, write_lessons
from webapp.resources import commitments
from webapp.resources.commitments import Promise
from webapp.resources.rules import Kind, Source
from webapp.resources.services import Said, enter
from webapp.strategies import services
from webapp.strategies.rules import Level, Measured
from webapp.territories.services import by_kato, nation

CITY, REGION, NEIGHBOUR = "611000000", "610000000", "612000000"
DAY = timedelta(days=1)
BUDGET = 10_000_000


def content(words: Callable[[str, int], str], level: Level) -> dict[str, Any]:
    """Every text that a level has, and a term."""
    texts = {
        f"{name}_{code}": words(f"{level} {name}", limit)
        for name, limit in (("title", 200), ("text", 8000), ("owner", 200))
        for code in ("kk", "ru")
    }
    found: dict[str, Any] = {**texts, "title_en": words(f"{level} title", 200), "sphere": "safety"}
    found |= {"starts_on": date(2026, 11, 1), "ends_on": date(2028, 12, 31)}
    if level is Level.PROGRAMME:
        names = ("adopted", "altered", "left_out")
        found |= {f"{name}_{code}": words(f"{name}", 4000) for name in names for code in ("kk", "ru")}
    return found | ({"budget_tenge": BUDGET} if level is Level.MEASURE else {"goals": "16.7"})


def build_cascade(ids: dict[str, Any], words: Callable[[str, int], str], at: datetime) -> None:
    """Fill `ids` with a direction, a programme, measures in two cities, drafts of each, and promises."""
    world = World.read()

    def made(name: str, level: Level, officer: Any, home: Any, parent: Any = None, published: bool = True) -> Any:
        subject = services.begin(officer, level, home, content(words, level), at, parent=parent)
        if published:
            services.publish(officer, subject, at)
            services.change(
                officer, subject, {"text_ru": words("text", 900)}, at, words("note", 500), words("note", 500)
            )
        ids[name] = subject.id
        return subject

    indicator = Measured(
        words("indicator", 200),
        words("indicator", 200),
        words("unit", 40),
        words("unit", 40),
        *(Decimal("1.5"), 2025, Decimal(90), 2029),
    )
    direction = made("direction", Level.DIRECTION, world.nation_officer, nation())
    services.count(world.nation_officer, direction, [indicator], at, words("note", 500), words("note", 500))
    made("direction draft", Level.DIRECTION, world.nation_officer, nation(), published=False)
    region, city = by_kato(REGION), by_kato(CITY)
    programme = made("programme", Level.PROGRAMME, world.region_officer, region, direction)
    made("programme draft", Level.PROGRAMME, world.region_officer, region, direction, published=False)
    measure = made("measure", Level.MEASURE, world.officer, city, programme)
    made("measure draft", Level.MEASURE, world.officer, city, programme, published=False)
    steps = [Step(words("milestone", 200), words("milestone", 200), at.date(), at.date() + 90 * DAY)]
    plan_measure(world.officer, measure, steps, at)
    ids["measure milestone"] = milestones_of_measure(measure.id)[0].id
    write_lessons(world.officer, measure, words("lessons", 4000), words("lessons", 4000), at)
    kentau = db.session.scalars(select(User).where(User.email == "officer-kentau@scene.example")).one()
    copy = replicate(kentau, measure, by_kato(NEIGHBOUR), content(words, Level.MEASURE), at, programme)
    services.publish(kentau, copy, at)
    ids["copy"] = copy.id
    _money(ids, words, world, programme, measure, at)
    _offers(ids, words, world, measure, at)
    proposal = locked(Proposal, ids["review"])
    place(world.moderator, proposal, measure, at)
    services.end(
        world.officer,
        made("ended measure", Level.MEASURE, world.officer, city, programme),
        words("reason", 2000),
        words("reason", 2000),
        at,
    )
    db.session.flush()


def _money(
    ids: dict[str, Any], words: Callable[[str, int], str], world: World, programme: Any, measure: Any, at: datetime
) -> None:
    today = at.date()
    reasons = (words("reason", 2000), words("reason", 2000))
    for owner, officer in ((programme, world.region_officer), (measure, world.officer)):
        said = Said(Kind.PLANNED, Source.CITY, 2 * BUDGET, today, words("document", 200), *reasons)
        enter(officer, owner, said, at)
    promise = Promise(
        1_000_000,
        Source.REGIONAL,
        words("condition", 2000),
        words("condition", 2000),
        words("document", 200),
        today + 90 * DAY,
        *reasons,
    )
    made = [
        commitments.commit_money(world.region_officer, measure, by_kato(REGION), promise, at) for _number in range(3)
    ]
    commitments.refuse(world.officer, made[0], *reasons, at)
    commitments.accept(world.officer, made[1], at)
    ids["commitment"] = made[2].id


def _offers(ids: dict[str, Any], words: Callable[[str, int], str], world: World, measure: Any, at: datetime) -> None:
    """One that everybody reads, taken up, with a stage; and one that only officers and its organisation read."""
    organisation = db.session.get(Organisation, ids["organisation verified"])
    owner = db.session.get(User, ids["user owner"])
    for name, thing in {"offer": measure, "quiet offer": db.session.get(Proposal, ids["review"])}.items():
        said = offers.Said(Form.PPP, 7, words("offer", 4000), words("conditions", 4000), b"%PDF-1.7\n%%EOF")
        ids[name] = offers.make(owner, organisation, thing, said, at).id
    found = db.session.get(Offer, ids["offer"])
    offers.answer(world.officer, found, True, words("answer", 4000), words("answer", 4000), at)
    offers.agree(owner, found, False, at)
    offers.pass_stage(world.officer, found, "task", at.date(), words("document", 200), at)
