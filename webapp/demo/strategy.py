"""Directions, programmes, measures, their money and one replication tree, played through the real verbs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from webapp.cascade.services import become_measure, place
from webapp.delivery.jobs import miss_of_measures
from webapp.delivery.judging import close_rounds, judge, rounds_of
from webapp.delivery.models import Milestone
from webapp.delivery.reporting import Evidence, report_done
from webapp.delivery.rules import Step
from webapp.delivery.services import milestones_of_measure, plan_measure
from webapp.demo.people import Cast
from webapp.hanging.services import keep_cases
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, locked, unit_of_work
from webapp.offers import services as offers
from webapp.offers.rules import Form
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.replicating.services import replicate, write_lessons
from webapp.resources import commitments
from webapp.resources.rules import Kind, Source
from webapp.resources.services import Said, enter
from webapp.strategies import services
from webapp.strategies.models import Measure, Programme
from webapp.strategies.rules import Level, Measured
from webapp.territories.services import by_kato
from webapp.voting.models import SUPPORT, Vote

HERE = Path(__file__).resolve().parent
DAY = timedelta(days=1)
NATION = "000000000"
REPORT = Evidence(
    "Жұмыс қабылданды, актіге қол қойылды. Нысанды кез келген тұрғын көріп тексере алады.",
    "Работа принята, акт подписан. Любой житель может прийти и проверить.",
    "Акт",
)
CONDITION = ("Жоба-смета құжаты бекітілген соң", "После утверждения проектно-сметной документации")
REFUSAL = ("Шартты биыл орындау мүмкін емес.", "Условие в этом году выполнить нельзя.")
OWN_REASON = ("Өзгеріс кеңесте қаралды.", "Изменение рассмотрено на совете.")
LATER = ("Мерзім нақтыланды", "Уточнён срок")


class Play:
    """What the scenes share: who acts, when, and what there is already."""

    def __init__(self, cast: Cast, now: datetime) -> None:
        self.cast, self.now = cast, now
        self.made: dict[str, Any] = {}

    def officer(self, kato: str) -> User:
        """Who answers for a territory."""
        return self.cast.officers[kato]

    def at(self, days_ago: float) -> datetime:
        """So many days before now."""
        return self.now - timedelta(days=days_ago)


def build_strategy(cast: Cast, now: datetime, keys: dict[str, int]) -> None:
    """Everything relative to `now`; `keys` are the proposals of the demonstration by name."""
    told = json.loads((HERE / "strategy.json").read_text(encoding="utf-8"))
    play = Play(cast, now)
    for entry in sorted(told["directions"], key=lambda entry: -entry["days_ago"]):
        with unit_of_work():
            _direction(play, entry)
    for entry in sorted(told["programmes"], key=lambda entry: -entry["days_ago"]):
        with unit_of_work():
            _programme(play, entry)
    for entry in sorted(told["measures"], key=lambda entry: -entry["days_ago"]):
        with unit_of_work():
            _measure(play, entry, keys)
    with unit_of_work():
        _served(play, keys)
        _offered(play)
    _judged(now)
    _hung(now)


def _words(entry: dict[str, Any], at: datetime, months: int) -> dict[str, Any]:
    names = ("title_kk", "title_ru", "title_en", "text_kk", "text_ru", "sphere", "goals")
    found = {name: entry[name] for name in names if name in entry}
    owner = entry.get("owner") or (entry["owner_kk"], entry["owner_ru"])
    found |= {"owner_kk": owner[0], "owner_ru": owner[1]}
    return found | {"starts_on": local_date(at), "ends_on": local_date(at) + timedelta(days=30 * months)}


def _direction(play: Play, entry: dict[str, Any]) -> None:
    officer, at = play.officer(NATION), play.at(entry["days_ago"])
    direction = services.begin(officer, Level.DIRECTION, _place(NATION), _words(entry, at, 48), at)
    rows = [
        Measured(*row[:4], Decimal(row[4].replace(",", ".")), row[5], Decimal(row[6].replace(",", ".")), row[7])
        for row in entry["indicators"]
    ]
    services.count(officer, direction, rows, at)
    services.publish(officer, direction, at)
    play.made[entry["key"]] = direction


def _place(kato: str) -> Any:
    territory = by_kato(kato)
    assert territory is not None
    return territory


def _again(play: Play, key: str) -> Any:
    """Something made before, of this session."""
    made = play.made[key]
    return db.session.get_one(type(made), made.id)


def _programme(play: Play, entry: dict[str, Any]) -> None:
    officer, at = play.officer(entry["kato"]), play.at(entry["days_ago"])
    content = _words(entry, at, entry["months"])
    for name in ("adopted", "altered", "left_out"):
        content |= {f"{name}_kk": entry[name][0], f"{name}_ru": entry[name][1]}
    direction = _again(play, entry["direction"])
    programme = services.begin(
        officer, Level.PROGRAMME, _place(entry["kato"]), content | {"sphere": direction.sphere}, at, parent=direction
    )
    services.publish(officer, programme, at)
    for number, (source, amount) in enumerate(entry["money"], start=1):
        document = f"№ {number}, {local_date(at):%d.%m.%Y}"
        enter(officer, programme, Said(Kind.PLANNED, Source(source), amount, local_date(at), document), at)
    if entry["key"] == "tr-streets":
        later = {"ends_on": programme.ends_on + timedelta(days=90)}
        services.change(officer, programme, later, at + 60 * DAY, *LATER)
    play.made[entry["key"]] = programme


def _measure(play: Play, entry: dict[str, Any], keys: dict[str, int]) -> None:
    officer, at = play.officer(entry["kato"]), play.at(entry["days_ago"])
    programme: Programme = _again(play, entry["programme"])
    if entry.get("proposal"):
        proposal = locked(Proposal, keys[entry["proposal"]])
        assert proposal is not None
        measure = become_measure(officer, proposal, (entry["title_kk"], entry["title_ru"]), programme, at)
    else:
        measure = _undertaken(play, entry, programme, officer, at)
    play.made[entry["key"]] = measure
    _spend(play, entry, measure, officer, at)
    if entry.get("promise"):
        _promise(play, measure, programme, entry["promise"], at + 7 * DAY)
    if entry.get("lessons"):
        write_lessons(officer, measure, *entry["lessons"], play.at(85))


def _undertaken(play: Play, entry: dict[str, Any], programme: Programme, officer: User, at: datetime) -> Measure:
    last = max((step[2] for step in entry["steps"]), default=90)
    content = _words(entry, at, 12) | {"sphere": programme.sphere, "budget_tenge": entry["budget"]}
    content["ends_on"] = local_date(play.now) + timedelta(days=max(last, 5) + 5)
    if entry["key"] == "bus":
        content["ends_on"] = local_date(play.now) - 10 * DAY  # beyond its term
    if entry.get("from"):
        measure = replicate(officer, _again(play, entry["from"]), _place(entry["kato"]), content, at, programme)
    else:
        measure = services.begin(officer, Level.MEASURE, _place(entry["kato"]), content, at, parent=programme)
    services.publish(officer, measure, at)
    steps = []
    for kk, ru, due, _reported in entry["steps"]:
        due_on = local_date(play.now) + timedelta(days=due)
        steps.append(Step(kk, ru, min(local_date(at), due_on), due_on))
    if steps:
        plan_measure(officer, measure, steps, at)
    for milestone, (_kk, _ru, due, reported) in zip(milestones_of_measure(measure.id), entry["steps"], strict=True):
        if reported:
            report_done(officer, milestone, REPORT, play.at(-due + 2))
    return measure


def _spend(play: Play, entry: dict[str, Any], measure: Measure, officer: User, at: datetime) -> None:
    rows = list(entry["money"])
    if entry.get("spent"):  # a proposal brought its plan with it
        planned = measure.budget_tenge or 0
        rows += [["committed", "city_budget", planned], ["spent", "city_budget", int(planned * entry["spent"])]]
    for number, (kind, source, amount) in enumerate(rows, start=1):
        day = local_date(at) + timedelta(days=number)
        reason = OWN_REASON if entry.get("spent") else ("", "")
        said = Said(Kind(kind), Source(source), amount, day, f"№ {number}, {day:%d.%m.%Y}", *reason)
        enter(officer, measure, said, at + number * DAY)


def _promise(play: Play, measure: Measure, programme: Programme, wanted: list[Any], at: datetime) -> None:
    source, amount, answer = wanted
    giver = _place(NATION) if source == "republican_budget" else programme.territory
    due_on = max(local_date(play.now) + 60 * DAY, local_date(at) + 90 * DAY)
    said = commitments.Promise(amount, Source(source), *CONDITION, "№ 112", due_on, *OWN_REASON)
    made = commitments.commit_money(play.officer(giver.kato), measure, giver, said, at)
    city = play.officer(measure.territory.kato)
    if answer is True:
        commitments.accept(city, made, at + 5 * DAY)
    elif answer is False:
        commitments.refuse(city, made, *REFUSAL, at + 9 * DAY)


def _served(play: Play, keys: dict[str, int]) -> None:
    """Proposals that serve something, as their moderators have confirmed."""
    for name, key in (
        ("turkistan-school-crossing", "crossings"),
        ("turkistan-bus-boards", "tr-transport"),
        ("kentau-turkistan-bus", "bus"),
        ("semey-stove-smoke", "abai-air"),
        ("almaty-air-standard", "air"),
        ("kyzylorda-water-leaks", "kyz-water"),
        ("turkistan-craft-market", "market"),
    ):
        proposal = locked(Proposal, keys[name])
        if proposal is not None and proposal.seat.kato in play.cast.moderators:
            moderator = play.cast.moderators[proposal.seat.kato]
            place(moderator, proposal, _again(play, key), play.at(1))


def _offered(play: Play) -> None:
    """Two offers for one measure, side by side: one public, one that only officers read."""
    measure = _again(play, "lighting")
    for organisation, form, amount, summary, conditions, is_public in (
        (1, Form.OWN_FUNDS, 9_000_000, "Жиырма шамды өз қаражатымызға қоямыз.", "Атымыз жазылған тақтайша.", True),
        (2, Form.PPP, 140_000_000, "Жарықты салып, он жыл күтеміз; төлем үнемделген токтан.", "Он жылдық шарт.", False),
    ):
        found = play.cast.organisations[organisation]
        member = play.cast.members[found.id]
        said = offers.Said(form, amount, summary, conditions)
        offer = offers.make(member, found, measure, said, play.at(6))
        if is_public:
            offers.agree(member, offer, False, play.at(5))


def _judged(now: datetime) -> None:
    """Supporters of what is done have their say, in every round that has begun."""
    for _round in range(3):
        with unit_of_work():
            for proposal in db.session.scalars(select(Proposal).where(Proposal.stage == "done")):
                rounds = rounds_of(proposal.id)
                if rounds and rounds[-1].closed_at is None:
                    _say(proposal, min(now, rounds[-1].opened_at + 5 * DAY))
        if not close_rounds(now):
            return


def _say(proposal: Proposal, at: datetime) -> None:
    supporters = (
        select(User)
        .join(Vote, Vote.voter_id == User.id)
        .where(Vote.proposal_id == proposal.id, Vote.choice == SUPPORT, Vote.quarantine_id.is_(None))
    )
    for number, person in enumerate(db.session.scalars(supporters.order_by(User.id).limit(14))):
        choice = "no" if number % 7 == 5 else "partly" if number % 4 == 3 else "yes"
        reason = "Есік әлі тар." if choice == "no" else ""
        judge(person, proposal, choice, reason, at)


def _hung(now: datetime) -> None:
    """What hung in each month of the past half-year, so that there is a history to look at."""
    for months in range(6, 0, -1):
        keep_cases(now - timedelta(days=30 * months))
    miss_of_measures(now)
    keep_cases(now)
    with unit_of_work():
        assert db.session.scalar(select(Milestone.id).limit(1)) is not None
