"""Each proposal lives its life through the real verbs, at dates before today."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from webapp.answering.rules import Decision, Reply
from webapp.answering.services import appeal_decline, decide
from webapp.delivery.jobs import milestones as milestones_due
from webapp.delivery.reporting import Evidence, report_done
from webapp.delivery.rules import Step
from webapp.delivery.services import milestones_of
from webapp.demo.people import Cast
from webapp.escalation.services import rungs_of
from webapp.kernel.clock import LOCAL_ZONE, local_date
from webapp.kernel.database import db, unit_of_work
from webapp.moderation import services as moderation
from webapp.people.models import User
from webapp.proposals.due import settle
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.services import submit, withdraw
from webapp.territories.services import by_kato
from webapp.voting.services import cast_for_organisation, cast_vote

DAY = timedelta(days=1)
REPORT_KK = "Жұмыс қабылданды, актіге қол қойылды. Нысанды кез келген тұрғын көріп тексере алады."
REPORT_RU = "Работа принята, акт подписан. Любой житель может прийти и проверить."


@dataclass
class Stagehand:
    """What a scene works with; `at` is the present of the play."""

    cast: Cast
    text: dict[str, Any]
    number: int
    now: datetime
    chance: random.Random
    made: dict[str, int]

    @property
    def kato(self) -> str:
        """The origin."""
        return str(self.text["kato"])

    def author(self) -> User:
        """Who proposes."""
        if self.text["by"] == "organisation":
            wanted = [o for o in self.cast.organisations if o.home.kato == self.kato] or self.cast.organisations
            return self.cast.members[wanted[self.number % len(wanted)].id]
        people = self.cast.residents[self.kato]
        return people[self.number * 3 % len(people)]

    def propose(self, at: datetime) -> Proposal:
        """Draft and submit."""
        author = self.author()
        origin = by_kato(self.kato)
        draft = Draft(
            token=f"demo-{self.number}",
            author_id=author.id,
            title=self.text["title"],
            text=self.text["text"],
            lang=self.text["lang"],
            origin_id=origin.id if origin else None,
            place=self.text["place"],
            sphere=self.text["sphere"],
            funding=self.text["funding"],
            created_at=at,
            expires_at=at + 30 * DAY,
            wants_submission=False,
        )
        if self.text["by"] == "organisation" and author.memberships:
            draft.organisation_id = author.memberships[0].organisation_id
        db.session.add(draft)
        db.session.flush()
        draft.origin = origin
        proposal = submit(author, draft, at)
        self.made[self.text["key"]] = proposal.id
        return proposal

    def publish(self, at: datetime) -> Proposal:
        """Submit, and publish a day later."""
        proposal = self.propose(at - DAY)
        moderation.publish(self.cast.moderators[self.kato], proposal, at)
        return proposal

    def vote(self, proposal: Proposal, supports: dict[str, int], at: datetime, against: int = 0) -> None:
        """So many supports from each home, spread over some days, and a few votes against."""
        voters = [user for kato, count in supports.items() for user in self._some(kato, count)]
        home = self.cast.residents[self.kato]
        opponents = [u for u in reversed(home) if u not in voters][:against]
        for turn, user in enumerate(voters + opponents):
            if not proposal.accepts_votes(at) or user.id == proposal.author_id:
                continue
            cast_vote(user, proposal, "oppose" if user in opponents else "support", at + timedelta(minutes=11 * turn))
        for organisation in self.chance.sample(self.cast.organisations, self.chance.randint(0, 4)):
            member = self.cast.members[organisation.id]
            choice = "support" if self.chance.random() < 0.8 else "oppose"
            if proposal.accepts_votes(at):
                cast_for_organisation(member, organisation, proposal, choice, at)

    def _some(self, kato: str, count: int) -> list[User]:
        people = self.cast.residents[kato]
        shift = self.number % len(people)
        return (people[shift:] + people[:shift])[: min(count, len(people))]

    def officer(self, proposal: Proposal) -> User:
        """Who answers where the proposal is now."""
        return self.cast.officers[proposal.seat.kato]

    def reply(self, decision: Decision) -> Reply:
        """The written answer."""
        text = self.text
        return Reply(
            decision,
            text["answer_kk"],
            text["answer_ru"],
            text.get("body_kk", ""),
            text.get("body_ru", ""),
            text.get("source", ""),
            text.get("amount_tenge"),
        )

    def steps(self, begins: date) -> list[Step]:
        """The written milestones, one after another."""
        steps = []
        for milestone in self.text["milestones"]:
            due = begins + timedelta(days=int(milestone["days"]))
            steps.append(Step(milestone["title_kk"], milestone["title_ru"], begins, due))
            begins = due
        return steps


def _collecting(hand: Stagehand, days: int, supports: int, against: int = 1) -> Proposal:
    proposal = hand.publish(hand.now - days * DAY)
    hand.vote(proposal, {hand.kato: supports}, hand.now - (days - 1) * DAY, against)
    return proposal


def _small(hand: Stagehand, wanted: int) -> int:
    """Fewer supports where few invented residents live, so that thresholds stay unreached."""
    return min(wanted, len(hand.cast.residents[hand.kato]) - 3)


def _in_review(hand: Stagehand, days: int) -> Proposal:
    """At the threshold of the city; where too few people are invented, neighbours in the country helped nothing: only homes count."""
    proposal = hand.publish(hand.now - (days + 12) * DAY)
    rung = rungs_of(proposal)[0]
    people = len(hand.cast.residents[hand.kato])
    if people <= rung.threshold:  # a town of few invented people: its rule asks for fewer
        rung.threshold = max(3, people - 4)
        db.session.flush()
    hand.vote(proposal, {hand.kato: rung.threshold + 2}, hand.now - days * DAY, 2)
    return proposal


def _due_silence(hand: Stagehand, proposal: Proposal) -> None:
    """The term passes without an answer."""
    due = proposal.due_at
    assert due is not None
    settle(proposal, due + timedelta(seconds=30))


REGION_HELP = {
    "611000000": {"611000000": 30, "612000000": 20},
    "612000000": {"612000000": 34, "611000000": 16},
    "101000000": {"101000000": 36, "103600000": 9},
    "750000000": {},
}
NATION_HELP = {"750000000": 50, "710000000": 30, "790000000": 22, "101000000": 14}


def review_region(hand: Stagehand) -> Proposal:
    """Support in two cities of the region."""
    proposal = _in_review(hand, 9)
    hand.vote(proposal, REGION_HELP[hand.kato], hand.now - 6 * DAY, 1)
    return proposal


def review_nation(hand: Stagehand) -> Proposal:
    """Support in several regions."""
    proposal = _in_review(hand, 14)
    hand.vote(proposal, REGION_HELP[hand.kato], hand.now - 11 * DAY, 1)
    hand.vote(proposal, NATION_HELP, hand.now - 8 * DAY, 3)
    return proposal


def silent_city(hand: Stagehand) -> Proposal:
    """The akimat did not answer; the region has it."""
    proposal = _in_review(hand, 26)
    _due_silence(hand, proposal)
    return proposal


def silent_nation(hand: Stagehand) -> Proposal:
    """Nobody answered, up to the top, where it hangs."""
    proposal = _in_review(hand, 80)
    for _rung in range(3):
        _due_silence(hand, proposal)
    return proposal


def declined(hand: Stagehand) -> Proposal:
    """A refusal with reasons."""
    proposal = _in_review(hand, 10)
    decide(hand.officer(proposal), proposal, hand.reply(Decision.DECLINE), hand.now - 3 * DAY)
    return proposal


def declined_appealed(hand: Stagehand) -> Proposal:
    """A refusal, and the author's appeal."""
    proposal = _in_review(hand, 14)
    decide(hand.officer(proposal), proposal, hand.reply(Decision.DECLINE), hand.now - 6 * DAY)
    note = "Жауапта құрылыс құны ғана айтылған, ал қауіпсіздік туралы бір сөз жоқ. Облыс қайта қарасын."
    appeal_decline(hand.author(), proposal, note, hand.now - 4 * DAY)
    return proposal


def passed_up(hand: Stagehand) -> Proposal:
    """Beyond the city."""
    proposal = _in_review(hand, 9)
    decide(hand.officer(proposal), proposal, hand.reply(Decision.PASS_UP), hand.now - 4 * DAY)
    return proposal


def handed_down(hand: Stagehand) -> Proposal:
    """Climbed to the region, which hands it down with a mandate."""
    proposal = review_region(hand)
    due_on = local_date(hand.now) + timedelta(days=14)
    decide(
        hand.officer(proposal),
        proposal,
        hand.reply(Decision.HAND_DOWN),
        hand.now - 2 * DAY,
        target_position=0,
        due_on=due_on,
    )
    return proposal


def _accept(hand: Stagehand, days: int, decision: Decision, begins_in: int) -> Proposal:
    proposal = _in_review(hand, days + 8)
    at = hand.now - days * DAY
    decide(
        hand.officer(proposal),
        proposal,
        hand.reply(decision),
        at,
        steps=hand.steps(local_date(at) + timedelta(days=begins_in)),
    )
    return proposal


def implementing(hand: Stagehand) -> Proposal:
    """Accepted a while ago; the first milestone is done."""
    proposal = _accept(hand, 50, Decision.ACCEPT, 5)
    return _work(hand, proposal, done=1)


def done(hand: Stagehand) -> Proposal:
    """Everything is reported done."""
    proposal = _accept(hand, 160, Decision.ACCEPT, 5)
    return _work(hand, proposal, done=99)


def _work(hand: Stagehand, proposal: Proposal, done: int) -> Proposal:
    begins = proposal.due_at
    assert begins is not None
    settle(proposal, min(begins + timedelta(seconds=1), hand.now))
    for milestone in milestones_of(proposal.id)[:done]:
        ready = datetime.combine(milestone.due_on, begins.timetz(), tzinfo=begins.tzinfo) - DAY
        said = Evidence(REPORT_KK, REPORT_RU)
        report_done(hand.officer(proposal), milestone, said, min(ready, hand.now - timedelta(hours=2)))
    return proposal


def submitted(hand: Stagehand) -> Proposal:
    """Just sent."""
    return hand.propose(hand.now - timedelta(hours=3 + hand.number % 20))


def returned(hand: Stagehand) -> Proposal:
    """A question to the author."""
    proposal = hand.propose(hand.now - 2 * DAY)
    question = hand.text["question_kk" if hand.text["lang"] == "kk" else "question_ru"]
    moderation.ask(hand.cast.moderators[hand.kato], proposal, question, hand.now - DAY)
    return proposal


def rejected(hand: Stagehand) -> Proposal:
    """Not published, with a reason."""
    proposal = hand.propose(hand.now - 3 * DAY)
    moderator, words = hand.cast.moderators[hand.kato], (hand.text["note_kk"], hand.text["note_ru"])
    moderation.reject(moderator, proposal, hand.text["rejection"], hand.now - 2 * DAY, *words)
    return proposal


def merged(hand: Stagehand) -> Proposal:
    """The same had been proposed."""
    proposal = hand.propose(hand.now - 2 * DAY)
    into = db.session.get_one(Proposal, hand.made[hand.text["into"]])
    moderation.merge(hand.cast.moderators[hand.kato], proposal, into, hand.now - DAY)
    return proposal


def withdrawn(hand: Stagehand) -> Proposal:
    """The author took it back."""
    proposal = hand.publish(hand.now - 20 * DAY)
    withdraw(hand.author(), proposal, hand.now - 15 * DAY)
    return proposal


def unsupported(hand: Stagehand) -> Proposal:
    """The window passed."""
    proposal = hand.publish(hand.now - 110 * DAY)
    hand.vote(proposal, {hand.kato: _small(hand, 6)}, hand.now - 100 * DAY, 2)
    assert proposal.due_at is not None
    settle(proposal, proposal.due_at + timedelta(seconds=30))
    return proposal


def _close(hand: Stagehand) -> Proposal:
    proposal = hand.publish(hand.now - 21 * DAY)
    threshold = rungs_of(proposal)[0].threshold
    hand.vote(proposal, {hand.kato: _small(hand, threshold - 1 - hand.number % 3)}, hand.now - 20 * DAY, 1)
    return proposal


SCENES: dict[str, Callable[[Stagehand], Proposal]] = {
    "submitted": submitted,
    "returned": returned,
    "rejected": rejected,
    "merged": merged,
    "withdrawn": withdrawn,
    "unsupported": unsupported,
    "collecting_new": lambda hand: _collecting(hand, 2 + hand.number % 3, _small(hand, 1 + hand.number % 5), 0),
    "collecting": lambda hand: _collecting(hand, 10 + hand.number % 15, _small(hand, 5 + hand.number % 9)),
    "collecting_close": _close,
    "review_city": lambda hand: _in_review(hand, 2 + hand.number % 8),
    "silent_city": silent_city,
    "review_region": review_region,
    "review_nation": review_nation,
    "silent_nation": silent_nation,
    "declined": declined,
    "declined_appealed": declined_appealed,
    "passed_up": passed_up,
    "handed_down": handed_down,
    "accepted": lambda hand: _accept(hand, 4, Decision.ACCEPT, 20),
    "accepted_part": lambda hand: _accept(hand, 6, Decision.ACCEPT_PART, 25),
    "implementing": implementing,
    "done": done,
}


#: How many days ago a proposal of each fate was sent, roughly: the oldest is played first and gets the lowest number.
AGES = {
    "done": 169, "unsupported": 111, "silent_nation": 93, "implementing": 59, "silent_city": 39, "declined_appealed": 27,
    "review_nation": 26, "declined": 23, "review_region": 21, "handed_down": 21, "passed_up": 21, "withdrawn": 20.5,
    "collecting_close": 20, "accepted_part": 19, "accepted": 17, "review_city": 16, "collecting": 14, "collecting_new": 4,
    "rejected": 3, "returned": 2.5, "merged": 2, "submitted": 1,
}  # fmt: skip
OFFICE_HOUR = 17


def last_office_hour(now: datetime) -> datetime:
    """The last end of an office day in Kazakhstan: nobody publishes or answers at night."""
    local = now.astimezone(LOCAL_ZONE)
    evening = local.replace(hour=OFFICE_HOUR, minute=0, second=0, microsecond=0)
    return (evening if evening <= local else evening - DAY).astimezone(UTC)


def play(texts: list[dict[str, Any]], cast: Cast, now: datetime) -> dict[str, int]:
    """Play every proposal, each in a transaction of its own, the oldest first; returns their ids by name."""
    chance = random.Random(5714)  # noqa: S311 (the same demonstration every time)
    made: dict[str, int] = {}
    for number, text in sorted(enumerate(texts), key=lambda entry: (-AGES[entry[1]["fate"]], entry[0])):
        with unit_of_work():
            evening = last_office_hour(now) - timedelta(minutes=number * 37 % 420)
            hand = Stagehand(cast, text, number, evening, chance, made)
            SCENES[text["fate"]](hand)
    _check_nothing_is_due(now)
    return made


def _check_nothing_is_due(now: datetime) -> None:
    """Dates that have passed between the scenes act as they would have."""
    milestones_due(now)
