"""What looks like one hand behind many accounts. Findings are suspicions with their numbers; a person decides.

A network may carry a whole village: mobile operators put thousands of people behind one address. So
a network is compared with itself and with everybody else in the same hour, never with a fixed number
alone: a good cause that is shared everywhere lifts all networks, a robot lifts one.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from math import sqrt
from typing import NamedTuple


class Kind(StrEnum):
    """Why accounts are listed."""

    BURST = "network-burst"
    SAME_MINUTE = "same-minute"
    MAILBOX = "one-mailbox"
    NUMBERED = "numbered-names"
    VOTES = "vote-burst"


class Severity(IntEnum):
    """How far from chance it is."""

    WATCH = 1
    SUSPICIOUS = 2
    STRONG = 3


class Account(NamedTuple):
    """An account with the network in which it was made, if that is still known."""

    id: int
    email: str
    created_at: datetime
    network: str | None


class Ballot(NamedTuple):
    """A vote with the network it came from."""

    voter_id: int
    proposal_id: int
    choice: int
    at: datetime
    network: str | None


class Finding(NamedTuple):
    """One suspicion: its kind, a name that stays while it grows, its accounts, numbers and hours.

    `numbers` go into the sentence; `by_hour` counts accounts (or votes) by the hour, in UTC.
    """

    kind: Kind
    key: str
    severity: Severity
    accounts: tuple[int, ...]
    numbers: dict[str, int | str]
    by_hour: tuple[tuple[datetime, int], ...]


HOUR = 3600.0
MINUTE = 60.0
#: The least that is looked at in a network that was never seen before.
BURST_FLOOR = 20
MINUTE_FLOOR = 6
VOTES_FLOOR = 40
#: Times the threshold from which chance is out of the question.
STRONG_FROM = 3.0
#: Addresses of one mailbox: two may be a couple, three are no accident, ten are a machine.
MAILBOX_SUSPICIOUS = 3
MAILBOX_STRONG = 10
#: Numbered names made within a day, without larger gaps than this.
RUN_SHORT = 5
RUN_SUSPICIOUS = 8
RUN_STRONG = 20
RUN_GAP = 2
#: Of votes that go one way.
ONE_WAY_PERCENT = 95

_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
_YANDEX = re.compile(r"(?:ya\.ru|yandex\.(?:ru|kz|com|by|uz))")
_NUMBER = re.compile(r"(\d{1,9})(?!.*\d)")


def canonical_email(email: str) -> str:
    """The mailbox behind an address: case, tags (`name+tag@`), dots of Gmail, doubles of Yandex, names of domains.

    Two spellings that reach one mailbox give one text. It never serves for sending.
    """
    text = unicodedata.normalize("NFKC", email).strip().casefold()
    local, _at, domain = text.rpartition("@")
    domain = domain.strip().rstrip(".")
    with suppress(UnicodeError):  # no such domain can exist; it stays as it is written
        domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    if local.split("+", 1)[0]:
        local = local.split("+", 1)[0]
    if domain in _DOTLESS:
        local, domain = local.replace(".", "") or local, "gmail.com"
    elif _YANDEX.fullmatch(domain):
        local, domain = local.replace(".", "-"), "yandex.ru"
    return f"{local}@{domain}"


def numbered_stem(email: str) -> tuple[str, int] | None:
    """What an address is without its last number, and that number: `ivan07@mail.kz` is `ivan#@mail.kz` and 7."""
    local, _at, domain = canonical_email(email).rpartition("@")
    found = _NUMBER.search(local)
    if found is None:
        return None
    return f"{local[: found.start()]}#{local[found.end() :]}@{domain}", int(found.group(1))


class Hot(NamedTuple):
    """A stretch of a network's moments, first and last position, with its fullest window against the threshold."""

    first: int
    last: int
    fullest: int
    threshold: float


def hot_stretches(own: Sequence[float], everybody: Sequence[float], span: float, floor: int) -> list[Hot]:
    """Where more came from one network within `span` seconds than it and the rest of the country explain.

    `own` and `everybody` are sorted seconds; `own` is part of `everybody`. Expected is the larger of what
    this network usually has in such a span, and what it should have by its usual share of what all
    others did at the same time. The threshold is the floor, twice the expected and four standard
    deviations of a Poisson number. The window itself is never part of what is usual.
    """
    if len(own) < floor:
        return []
    others = len(everybody) - len(own)
    spans = max(1.0, (everybody[-1] - everybody[0]) / span)
    found: list[Hot] = []
    low = 0
    for high, end in enumerate(own):
        while own[low] <= end - span:
            low += 1
        inside = high - low + 1
        if inside < floor:
            continue
        rest = len(own) - inside
        around = bisect_right(everybody, end) - bisect_right(everybody, end - span) - inside
        expected = max(rest / spans, rest / others * around if others else 0.0)
        threshold = floor + 2 * expected + 4 * sqrt(expected)
        if inside < threshold:
            continue
        if found and low <= found[-1].last:
            before = found.pop()
            best = max(before[2:], (inside, threshold), key=lambda pair: pair[0] / pair[1])
            found.append(Hot(before.first, high, *best))
        else:
            found.append(Hot(low, high, inside, threshold))
    return found


def _hours(moments: Iterable[datetime]) -> tuple[tuple[datetime, int], ...]:
    numbers = Counter(m.astimezone(UTC).replace(minute=0, second=0, microsecond=0) for m in moments)
    return tuple(sorted(numbers.items()))


def _name(*parts: object) -> str:
    """A short name of a finding for forms and addresses; it tells nothing."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:12]


def _severity(hot: Hot) -> Severity:
    return Severity.STRONG if hot.fullest >= STRONG_FROM * hot.threshold else Severity.SUSPICIOUS


def bursts(accounts: Sequence[Account]) -> Iterator[Finding]:
    """Accounts that one network made faster than it and the country explain: within an hour, within a minute."""
    known = sorted((a for a in accounts if a.network), key=lambda a: (a.created_at, a.id))
    everybody = [a.created_at.timestamp() for a in known]
    by_network: dict[str, list[Account]] = defaultdict(list)
    for account in known:
        by_network[account.network or ""].append(account)
    for kind, span, floor in ((Kind.BURST, HOUR, BURST_FLOOR), (Kind.SAME_MINUTE, MINUTE, MINUTE_FLOOR)):
        for network, group in by_network.items():
            own = [a.created_at.timestamp() for a in group]
            for hot in hot_stretches(own, everybody, span, floor):
                some = group[hot.first : hot.last + 1]
                numbers: dict[str, int | str] = {
                    "accounts": len(some),
                    "fullest": hot.fullest,
                    "usual": round(hot.threshold),
                    "network": network[:4],
                }
                key = _name(kind, network, some[0].id)
                ids = tuple(a.id for a in some)
                yield Finding(kind, key, _severity(hot), ids, numbers, _hours(a.created_at for a in some))


def one_mailbox(accounts: Sequence[Account]) -> Iterator[Finding]:
    """Accounts whose addresses reach one mailbox."""
    boxes: dict[str, list[Account]] = defaultdict(list)
    for account in accounts:
        boxes[canonical_email(account.email)].append(account)
    for box, group in boxes.items():
        if len(group) < 2:
            continue
        group.sort(key=lambda a: a.id)
        severity = (
            Severity.STRONG
            if len(group) >= MAILBOX_STRONG
            else Severity.SUSPICIOUS
            if len(group) >= MAILBOX_SUSPICIOUS
            else Severity.WATCH
        )
        ids = tuple(a.id for a in group)
        hours = _hours(a.created_at for a in group)
        yield Finding(
            Kind.MAILBOX, _name(Kind.MAILBOX, box), severity, ids, {"accounts": len(group), "mailbox": box}, hours
        )


def numbered_names(accounts: Sequence[Account]) -> Iterator[Finding]:
    """Accounts made within a day whose addresses count on: ivan01, ivan02, ivan03 ...

    Years of birth are numbers too, and a common name has many; only numbers that follow each other,
    made within one day, are listed. Days overlap by half, so that midnight hides nothing.
    """
    stems: dict[str, list[tuple[int, Account]]] = defaultdict(list)
    for account in accounts:
        stem = numbered_stem(account.email)
        if stem is not None:
            stems[stem[0]].append((stem[1], account))
    for stem_text, group in stems.items():
        if len(group) < RUN_SHORT:
            continue
        taken: dict[int, tuple[int, Account]] = {}
        for day in _half_days(group):
            for run in _runs(day):
                if len({number for number, _a in run}) >= RUN_SHORT:
                    taken |= {account.id: (number, account) for number, account in run}
        if taken:
            yield _numbered(stem_text, sorted(taken.values(), key=lambda pair: (pair[0], pair[1].id)))


def _half_days(group: list[tuple[int, Account]]) -> Iterator[list[tuple[int, Account]]]:
    half = 12 * HOUR
    buckets: dict[int, list[tuple[int, Account]]] = defaultdict(list)
    for entry in group:
        place = int(entry[1].created_at.timestamp() // half)
        buckets[place].append(entry)
        buckets[place - 1].append(entry)
    return (bucket for bucket in buckets.values() if len(bucket) >= RUN_SHORT)


def _runs(entries: list[tuple[int, Account]]) -> Iterator[list[tuple[int, Account]]]:
    run: list[tuple[int, Account]] = []
    for entry in sorted(entries, key=lambda pair: (pair[0], pair[1].id)):
        if run and entry[0] - run[-1][0] > RUN_GAP:
            yield run
            run = []
        run.append(entry)
    if run:
        yield run


def _numbered(stem: str, found: list[tuple[int, Account]]) -> Finding:
    count = len(found)
    severity = (
        Severity.STRONG if count >= RUN_STRONG else Severity.SUSPICIOUS if count >= RUN_SUSPICIOUS else Severity.WATCH
    )
    numbers: dict[str, int | str] = {"accounts": count, "stem": stem, "first": found[0][0], "last": found[-1][0]}
    ids = tuple(sorted(account.id for _n, account in found))
    return Finding(
        Kind.NUMBERED,
        _name(Kind.NUMBERED, stem),
        severity,
        ids,
        numbers,
        _hours(account.created_at for _n, account in found),
    )


def vote_bursts(ballots: Sequence[Ballot]) -> Iterator[Finding]:
    """Votes on one proposal that one network cast faster than it and the country explain.

    When they do not go one way they are only something to watch: people who live or study together
    disagree, a robot does not.
    """
    everybody: dict[int, list[float]] = defaultdict(list)
    groups: dict[tuple[int, str], list[Ballot]] = defaultdict(list)
    for ballot in sorted((b for b in ballots if b.network), key=lambda b: (b.at, b.voter_id, b.proposal_id)):
        everybody[ballot.proposal_id].append(ballot.at.timestamp())
        groups[ballot.proposal_id, ballot.network or ""].append(ballot)
    for (proposal_id, network), group in groups.items():
        own = [b.at.timestamp() for b in group]
        for hot in hot_stretches(own, everybody[proposal_id], HOUR, VOTES_FLOOR):
            some = group[hot.first : hot.last + 1]
            (_choice, most) = Counter(b.choice for b in some).most_common(1)[0]
            percent = most * 100 // len(some)
            severity = _severity(hot) if percent >= ONE_WAY_PERCENT else Severity.WATCH
            numbers: dict[str, int | str] = {
                "votes": len(some),
                "fullest": hot.fullest,
                "usual": round(hot.threshold),
                "proposal": proposal_id,
                "percent": percent,
                "network": network[:4],
            }
            key = _name(Kind.VOTES, proposal_id, network, some[0].voter_id)
            ids = tuple(sorted({b.voter_id for b in some}))
            yield Finding(Kind.VOTES, key, severity, ids, numbers, _hours(b.at for b in some))


def all_findings(accounts: Sequence[Account], ballots: Sequence[Ballot]) -> list[Finding]:
    """Every suspicion, the strongest and largest first; the same for any order of the rows."""
    accounts = sorted(accounts, key=lambda a: a.id)
    found = [*bursts(accounts), *one_mailbox(accounts), *numbered_names(accounts), *vote_bursts(ballots)]
    return sorted(found, key=lambda f: (-f.severity, -len(f.accounts), f.kind, f.key))


def digest(account_ids: Iterable[int]) -> str:
    """One text for one set of accounts: what was shown is what is set aside, or the operator looks again."""
    return hashlib.sha256(",".join(map(str, sorted(set(account_ids)))).encode()).hexdigest()[:16]
